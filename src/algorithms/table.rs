//! Results as the registry hands them on: rows of any shape with names for their columns.
//!
//! A result is an RDD, so that it is written as a stream however big it is. The three shapes of one
//! value a vertex keep their types; all others are rows of [`Cell`]s, made by [`Values::rows`] from
//! an RDD of tuples or by [`Table::of_vectors`].

use std::iter;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::graph::VertexId;
use crate::pregel::{Outcome, SuperstepStats};
use crate::rdd::Rdd;
use crate::stop::StopReason;

/// A result, and how it was reached.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Table {
    /// The names of the columns, those that say what a row is about first.
    pub columns: Vec<String>,
    /// How many columns say what a row is about: 1 where a row is a vertex, 2 where it is an edge
    /// or a pair of vertices. Rows are ranked by the column after them.
    pub keys: usize,
    /// The rows; where a row is a vertex, in id order.
    pub values: Values,
    /// Numbers about the result as a whole, such as a modularity.
    pub figures: Vec<(String, Cell)>,
    /// Why the run ended, the last of several.
    pub stop_reason: StopReason,
    /// The supersteps that ran, of several runs one after another.
    pub supersteps: Vec<SuperstepStats>,
}

/// The rows of a [`Table`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Values {
    /// Numbers, printed with as many digits as it takes to read back the same bits.
    Float(Rdd<(VertexId, f64)>),
    /// Whole numbers.
    Integer(Rdd<(VertexId, u64)>),
    /// Ids of vertices.
    Id(Rdd<(VertexId, VertexId)>),
    /// Rows of any other shape, as many cells each as there are columns, and what the cells of each
    /// column are.
    Rows(Rdd<Vec<Cell>>, Vec<Kind>),
    /// Nothing but the figures.
    None,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cell {
    /// No value, such as the parent of a vertex that was not reached. Printed as nothing.
    Missing,
    /// A whole number, or an id.
    Integer(u64),
    /// A number.
    Float(f64),
    /// Ids in order, such as a path. Printed with blanks between them.
    Ids(Vec<VertexId>),
    /// A word.
    Text(String),
}

/// What the cells of a column are, where they are not [missing](Cell::Missing).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// [`Cell::Integer`]s that are ids of vertices.
    Id,
    /// [`Cell::Integer`]s of any other meaning.
    Integer,
    /// [`Cell::Float`]s.
    Float,
    /// [`Cell::Ids`].
    Ids,
    /// [`Cell::Text`]s.
    Text,
}

/// What can be a cell: numbers, lists of ids, words, and these where they may be missing.
pub trait Value: Into<Cell> {
    /// What a column of them holds.
    const KIND: Kind;
}

macro_rules! values {
    ($($type:ty: $kind:ident),+) => {
        $(impl Value for $type {
            const KIND: Kind = Kind::$kind;
        })+
    };
}

values!(u64: Integer, u32: Integer, f64: Float, Vec<VertexId>: Ids, String: Text);

impl<T: Value> Value for Option<T> {
    const KIND: Kind = T::KIND;
}

impl From<u64> for Cell {
    fn from(value: u64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Cell {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<Vec<VertexId>> for Cell {
    fn from(ids: Vec<VertexId>) -> Self {
        Self::Ids(ids)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, T::into)
    }
}

/// What can be a row of a table: tuples of what can be cells.
pub trait Row: Data {
    /// Turns it into cells.
    fn cells(self) -> Vec<Cell>;

    /// Returns what the cells of each column are.
    fn kinds() -> Vec<Kind>;
}

macro_rules! rows {
    ($(($($name:ident)+))+) => {
        $(impl<$($name: Data + Value),+> Row for ($($name,)+) {
            fn cells(self) -> Vec<Cell> {
                #[expect(non_snake_case, reason = "a variable for each type, of its name")]
                let ($($name,)+) = self;
                vec![$($name.into()),+]
            }

            fn kinds() -> Vec<Kind> {
                vec![$($name::KIND),+]
            }
        })+
    };
}

rows!((A)(A B)(A B C)(A B C D)(A B C D E)(A B C D E F));

impl Values {
    /// Makes rows of any shape of tuples.
    #[must_use]
    pub fn rows<R: Row>(rows: &Rdd<R>) -> Self {
        Self::Rows(rows.map(R::cells), R::kinds())
    }
}

impl Table {
    /// Makes a table of rows that are about vertices and the run behind them.
    #[must_use]
    pub fn new<S, A>(columns: &[&str], values: Values, outcome: &Outcome<S, A>) -> Self {
        Self::without_run(columns, values).with_run(outcome)
    }

    /// Makes a table of rows that are about vertices and came about without a vertex program; the
    /// runs that there were can be [added](Self::with_run).
    #[must_use]
    pub fn without_run(columns: &[&str], values: Values) -> Self {
        Self {
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            keys: 1,
            values,
            figures: Vec::new(),
            stop_reason: StopReason::Converged,
            supersteps: Vec::new(),
        }
    }

    /// Makes a table of rows of an id and as many values as there are names for them.
    #[must_use]
    pub fn of_vectors<V: Data + Value>(
        names: impl IntoIterator<Item = String>,
        rows: &Rdd<(VertexId, Vec<V>)>,
    ) -> Self {
        let rows = rows.map(|(id, values)| {
            let values = values.into_iter().map(V::into);
            iter::once(Cell::Integer(id)).chain(values).collect()
        });
        let columns: Vec<_> = iter::once("id".to_owned()).chain(names).collect();
        let values = iter::repeat_n(V::KIND, columns.len() - 1);
        let kinds = iter::once(Kind::Id).chain(values).collect();
        Self { columns, ..Self::without_run(&[], Values::Rows(rows, kinds)) }
    }

    /// Adds a run that led to the result.
    #[must_use]
    pub fn with_run<S, A>(mut self, outcome: &Outcome<S, A>) -> Self {
        self.stop_reason = outcome.stop_reason();
        self.supersteps.extend_from_slice(outcome.supersteps());
        self
    }

    /// Adds the supersteps of runs that led to the result.
    #[must_use]
    pub fn with_supersteps(mut self, supersteps: &[SuperstepStats]) -> Self {
        self.supersteps.extend_from_slice(supersteps);
        self
    }

    /// Returns what the cells of each column are; whole numbers that say what a row is about are
    /// ids.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        let kinds = match &self.values {
            Values::Float(_) => vec![Kind::Id, Kind::Float],
            Values::Integer(_) => vec![Kind::Id, Kind::Integer],
            Values::Id(_) => vec![Kind::Id, Kind::Id],
            Values::Rows(_, kinds) => kinds.clone(),
            Values::None => Vec::new(),
        };
        let is_id = |place: usize, kind| place < self.keys && kind == Kind::Integer;
        let kinds = kinds.into_iter().enumerate();
        kinds.map(|(place, kind)| if is_id(place, kind) { Kind::Id } else { kind }).collect()
    }

    /// Sets how many of the columns say what a row is about.
    #[must_use]
    pub fn keyed_by(mut self, keys: usize) -> Self {
        self.keys = keys;
        self
    }

    /// Adds a number about the result as a whole.
    #[must_use]
    pub fn figure(mut self, name: &str, value: impl Into<Cell>) -> Self {
        self.figures.push((name.to_owned(), value.into()));
        self
    }
}
