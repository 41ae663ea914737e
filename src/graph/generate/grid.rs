//! Grids: vertices in rows and columns, like crossings of streets.

use super::{Family, Generator, MAX_VERTICES, numbered_block, numbered_blocks};
use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::parameter::Parameter;

/// A grid: edges go from each vertex to the next of its row and to the next of its column. The
/// vertex in row r and column c is `r · columns + c`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Grid {
    rows: u64,
    columns: u64,
}

impl Grid {
    /// Makes a grid.
    ///
    /// # Errors
    ///
    /// An [`Argument`](crate::ErrorKind::Argument) error for more than
    /// [`MAX_VERTICES`](super::MAX_VERTICES).
    pub fn new(rows: u64, columns: u64) -> Result<Self> {
        if rows.checked_mul(columns).is_none_or(|vertices| vertices > MAX_VERTICES) {
            return Err(Error::argument(format!(
                "there can be {MAX_VERTICES} vertices at most, not {rows} times {columns}"
            )));
        }
        Ok(Self { rows, columns })
    }

    /// Returns the number of edges.
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        let Self { rows, columns } = self;
        rows * columns.saturating_sub(1) + columns * rows.saturating_sub(1)
    }

    /// Row by row: the edges within a row, then those to the next.
    fn edge(&self, number: u64) -> (VertexId, VertexId) {
        let columns = self.columns;
        let (row, place) = (number / (2 * columns - 1), number % (2 * columns - 1));
        let first = row * columns;
        match place.checked_sub(columns - 1) {
            None => (first + place, first + place + 1),
            Some(column) => (first + column, first + column + columns),
        }
    }
}

impl Generator for Grid {
    fn describe(&self) -> String {
        format!(
            "Grid: {} rows {} columns, {} vertices, {} edges, directed",
            self.rows,
            self.columns,
            self.vertex_count(),
            self.edge_count()
        )
    }

    fn vertex_count(&self) -> u64 {
        self.rows * self.columns
    }

    fn expected_edges(&self) -> u64 {
        self.edge_count()
    }

    fn block_count(&self) -> u64 {
        numbered_blocks(self.edge_count())
    }

    fn edges(&self, block: u64) -> Vec<(VertexId, VertexId)> {
        numbered_block(self.edge_count(), block, |number| self.edge(number))
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "grid",
    summary: "Vertices in rows and columns, each joined to the next of both",
    parameters: &[
        Parameter {
            name: "rows",
            value: "COUNT",
            help: "Number of rows",
            default: "",
            choices: &[],
        },
        Parameter {
            name: "columns",
            value: "COUNT",
            help: "Vertices in a row",
            default: "",
            choices: &[],
        },
    ],
    make: |family, arguments| {
        let rows = family.required(arguments, "rows")?;
        Ok(Box::new(Grid::new(rows, family.required(arguments, "columns")?)?))
    },
};
