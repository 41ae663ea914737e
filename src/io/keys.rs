//! The names of columns with the ends and the weights of edges, where columns have names.

#[cfg(feature = "ndjson")]
use crate::error::{Error, Result};

use super::read_options::{Column, ReadOptions};

/// What tables of edges call their columns, in whatever case.
const SOURCE: &[&str] = &["source", "src", "from", ":start_id"];
const TARGET: &[&str] = &["target", "dst", "to", ":end_id"];
const WEIGHT: &[&str] = &["weight"];

/// A column that is looked for.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// By a name that was given.
    Named(String),
    /// By its place, from 0.
    At(usize),
    /// By the usual names.
    Usual(&'static [&'static str]),
}

/// The columns of edges.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) source: Key,
    pub(super) target: Key,
    pub(super) weight: Key,
}

impl Keys {
    /// Returns what the options ask for, else the usual names.
    pub(super) fn of(options: &ReadOptions) -> Self {
        let key = |given: &Option<Column>, usual| match given {
            Some(Column::Name(name)) => Key::Named(name.clone()),
            Some(Column::Number(number)) => Key::At(number.saturating_sub(1)),
            None => Key::Usual(usual),
        };
        Self {
            source: key(&options.source_column, SOURCE),
            target: key(&options.target_column, TARGET),
            weight: key(&options.weight_column, WEIGHT),
        }
    }

    /// Fails where a column is asked for by its place, which the format does not have.
    #[cfg(feature = "ndjson")]
    pub(super) fn check_names(&self, format: &str) -> Result<()> {
        let keys = [&self.source, &self.target, &self.weight];
        let place = keys.into_iter().find_map(|key| match key {
            Key::At(place) => Some(place),
            _ => None,
        });
        place.map_or(Ok(()), |place| {
            let number = place + 1;
            Err(Error::argument(format!(
                "columns of the format {format} have names, not numbers, such as {number}"
            )))
        })
    }
}

impl Key {
    /// Returns, for a column of this name, how many other names would be taken before it.
    #[cfg(feature = "ndjson")]
    pub(super) fn rank(&self, name: &str) -> Option<usize> {
        match self {
            Self::Named(own) => (own == name).then_some(0),
            Self::At(_) => None,
            Self::Usual(names) => names.iter().position(|usual| usual.eq_ignore_ascii_case(name)),
        }
    }

    /// Returns the column among others, by their names; of the usual names the first that is there.
    pub(super) fn find(&self, names: &[&str]) -> Option<usize> {
        let find = |wanted: &dyn Fn(&str) -> bool| names.iter().position(|name| wanted(name));
        match self {
            Self::Named(own) => find(&|name| name == own),
            Self::At(place) => (*place < names.len()).then_some(*place),
            Self::Usual(usual) => {
                usual.iter().find_map(|usual| find(&|name| name.eq_ignore_ascii_case(usual)))
            }
        }
    }

    /// Returns the column in words.
    #[cfg(feature = "parquet")]
    pub(super) fn words(&self) -> String {
        match self {
            Self::Named(name) => format!("{name:?}"),
            Self::At(place) => format!("number {}", place + 1),
            Self::Usual(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("{name:?}")).collect();
                names.join(" or ")
            }
        }
    }
}
