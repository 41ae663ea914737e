//! A run as its check sees it: the graph, what was asked, and what was found.

use std::fmt;
use std::str::FromStr;

use crate::algorithms::{Arguments, Cell, Table, Values};
use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::rdd::Rdd;

use super::plain_graph::PlainGraph;

/// Why a check did not go through.
#[derive(Debug)]
pub(super) enum Broken {
    /// A property that does not hold, in words.
    Property(String),
    /// The rows could not be read.
    Failed(Error),
}

impl From<String> for Broken {
    fn from(property: String) -> Self {
        Self::Property(property)
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What a check says.
pub(super) type Verdict<T = ()> = Result<T, Broken>;

/// Says that a property does not hold.
pub(super) fn broken<T>(property: impl Into<String>) -> Verdict<T> {
    Err(Broken::Property(property.into()))
}

/// A run that is to be checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) graph: &'a PlainGraph,
    pub(super) arguments: &'a Arguments,
    pub(super) table: &'a Table,
}

impl Run<'_> {
    /// The value of an argument, or what holds without one.
    pub(super) fn argument<T: FromStr>(&self, name: &str, default: T) -> Result<T>
    where
        T::Err: fmt::Display,
    {
        Ok(self.arguments.get(name)?.unwrap_or(default))
    }

    /// The places of the vertices that an argument lists, or `None` without it.
    pub(super) fn places(&self, name: &str) -> Verdict<Option<Vec<usize>>> {
        let Some(ids) = self.arguments.list::<VertexId>(name)? else { return Ok(None) };
        let unknown = |id| Broken::Property(format!("the graph has no vertex {id}"));
        let places = ids.into_iter().map(|id| self.graph.place(id).ok_or_else(|| unknown(id)));
        Ok(Some(places.collect::<Verdict<_>>()?))
    }

    /// The rows of a result of whole numbers or ids.
    pub(super) fn wholes(&self) -> Result<Vec<(VertexId, u64)>> {
        match &self.table.values {
            Values::Integer(rows) | Values::Id(rows) => rows.collect(),
            _ => Err(Error::user("the result has no whole number for each vertex")),
        }
    }

    /// The rows of a result of numbers.
    pub(super) fn floats(&self) -> Result<Vec<(VertexId, f64)>> {
        match &self.table.values {
            Values::Float(rows) => rows.collect(),
            _ => Err(Error::user("the result has no number for each vertex")),
        }
    }

    /// The rows of a result of any other shape.
    pub(super) fn rows(&self) -> Result<&Rdd<Vec<Cell>>> {
        match &self.table.values {
            Values::Rows(rows, _) => Ok(rows),
            _ => Err(Error::user("the result has no rows of cells")),
        }
    }

    /// [`wholes`](Self::wholes) in the order of the vertices.
    pub(super) fn ordered_wholes(&self) -> Verdict<Vec<u64>> {
        Ok(self.graph.ordered(&self.wholes()?)?)
    }

    /// [`floats`](Self::floats) in the order of the vertices, all of which are finite.
    pub(super) fn ordered_floats(&self) -> Verdict<Vec<f64>> {
        let values = self.graph.ordered(&self.floats()?)?;
        self.all_finite(&values)?;
        Ok(values)
    }

    /// A column of rows that are about vertices, in the order of the vertices.
    pub(super) fn column<T: Copy>(
        &self,
        rows: &[Vec<Cell>],
        column: usize,
        value: impl Fn(Option<&Cell>) -> Option<T>,
    ) -> Verdict<Vec<T>> {
        let read = |row: &Vec<Cell>| Some((whole(row.first())?, value(row.get(column))?));
        let values: Option<Vec<_>> = rows.iter().map(read).collect();
        let Some(values) = values else {
            return broken(format!("column {} has a cell of another kind", column + 1));
        };
        Ok(self.graph.ordered(&values)?)
    }

    /// A column of numbers, all of which are finite.
    pub(super) fn float_column(&self, rows: &[Vec<Cell>], column: usize) -> Verdict<Vec<f64>> {
        let values = self.column(rows, column, float)?;
        self.all_finite(&values)?;
        Ok(values)
    }

    fn all_finite(&self, values: &[f64]) -> Verdict {
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(vertex) => self.wrong(vertex, values[vertex], "a finite number"),
        }
    }

    /// Says that a vertex has another value than it should.
    pub(super) fn wrong<T>(
        &self,
        vertex: usize,
        found: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Verdict<T> {
        let id = self.graph.id(vertex);
        broken(format!("vertex {id} has {found}, expected {expected}"))
    }

    /// Checks values against those that were computed again.
    pub(super) fn same<T: PartialEq + fmt::Display>(&self, found: &[T], expected: &[T]) -> Verdict {
        match (0..found.len()).find(|vertex| found[*vertex] != expected[*vertex]) {
            None => Ok(()),
            Some(vertex) => self.wrong(vertex, &found[vertex], &expected[vertex]),
        }
    }

    /// Checks numbers against those that were computed again, which may differ by a share of the
    /// expected one, and of `least` where that is smaller.
    pub(super) fn near(
        &self,
        found: &[f64],
        expected: &[f64],
        tolerance: f64,
        least: f64,
    ) -> Verdict {
        let is_right = |vertex: usize| {
            let allowed = tolerance * expected[vertex].abs().max(least);
            is_near(found[vertex], expected[vertex], allowed)
        };
        match (0..found.len()).find(|vertex| !is_right(*vertex)) {
            None => Ok(()),
            Some(vertex) => self.wrong(vertex, found[vertex], expected[vertex]),
        }
    }

    /// A figure of the result.
    pub(super) fn figure(&self, name: &str) -> Option<&Cell> {
        self.table.figures.iter().find(|(known, _)| known == name).map(|(_, cell)| cell)
    }

    /// Checks a figure that is a whole number.
    pub(super) fn figure_is(&self, name: &str, expected: u64) -> Verdict {
        match self.figure(name) {
            Some(Cell::Integer(found)) if *found == expected => Ok(()),
            found => broken(format!("{name} is {}, expected {expected}", shown(found))),
        }
    }

    /// Checks a figure that is a number, or missing where there is nothing to say.
    pub(super) fn figure_near(&self, name: &str, expected: Option<f64>, tolerance: f64) -> Verdict {
        let is_near = match (self.figure(name), expected) {
            (Some(Cell::Missing), None) => true,
            (Some(Cell::Float(found)), Some(expected)) => {
                is_near(*found, expected, tolerance * expected.abs().max(1.0))
            }
            _ => false,
        };
        if is_near {
            return Ok(());
        }
        let expected = expected.map_or(Cell::Missing, Cell::Float);
        let (found, expected) = (shown(self.figure(name)), shown(Some(&expected)));
        broken(format!("{name} is {found}, expected {expected}"))
    }
}

/// Tells whether a number is off by what is allowed at most. Nothing is near to what is infinite.
fn is_near(found: f64, expected: f64, allowed: f64) -> bool {
    found == expected || (allowed.is_finite() && (found - expected).abs() <= allowed)
}

/// A figure for people.
fn shown(figure: Option<&Cell>) -> String {
    match figure {
        Some(Cell::Integer(value)) => value.to_string(),
        Some(Cell::Float(value)) => format!("{value:?}"),
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Ids(ids)) => format!("{ids:?}"),
        _ => "nothing".to_owned(),
    }
}

/// A cell that is a whole number.
pub(super) fn whole(cell: Option<&Cell>) -> Option<u64> {
    match cell {
        Some(Cell::Integer(value)) => Some(*value),
        _ => None,
    }
}

/// A cell that is a number.
pub(super) fn float(cell: Option<&Cell>) -> Option<f64> {
    match cell {
        Some(Cell::Float(value)) => Some(*value),
        _ => None,
    }
}
