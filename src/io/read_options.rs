//! How files are to be read.

use std::str::FromStr;

use crate::error::Error;

use super::bad_lines::BadLines;
use super::format::Format;

/// What can be said about files beside their content. A format takes what it has a use for.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The format; else it is told by content and name.
    pub format: Option<&'static dyn Format>,
    /// Whether weights are to be read.
    pub weighted: bool,
    /// Whether a graph without weights will do where weights are to be read; its edges are plain.
    pub weights_optional: bool,
    /// Whether edges go one way, whatever the files say.
    pub directed: Option<bool>,
    /// The column of the source; of lists the first.
    pub source_column: Option<Column>,
    /// The column of the target; of lists the second.
    pub target_column: Option<Column>,
    /// The column of the weight; of lists the third.
    pub weight_column: Option<Column>,
    /// The byte between columns, where it is not to be told from the first lines.
    pub delimiter: Option<u8>,
    /// Whether a list begins with a line of the columns' names; else it does where its first line
    /// begins with two words.
    pub header: Option<bool>,
    /// Whether vertices have names for ids; else they have numbers.
    pub names: bool,
    /// Where to note lines that are wrong, which then are left out; else the first is an error.
    pub bad_lines: Option<BadLines>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// By its place, from 1.
    Number(usize),
    /// By its name in the header.
    Name(String),
}

impl FromStr for Column {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.parse() {
            Ok(0) => Err(Error::argument("columns are counted from 1")),
            Ok(number) => Ok(Self::Number(number)),
            Err(_) if text.is_empty() => Err(Error::argument("a column is a number or a name")),
            Err(_) => Ok(Self::Name(text.to_owned())),
        }
    }
}
