//! The rows of a result, in its order or by their values, encoded partition by partition.

use std::cmp::Ordering;
use std::sync::Arc;

use superstep::algorithms::bfs::UNREACHABLE;
use superstep::algorithms::{Cell, Table, Values};
use superstep::graph::VertexId;
use superstep::rdd::Rdd;
use superstep::{Data, Error, Result};

use super::sinks::{Columns, Sink};

/// Encoded rows of one partition after the other.
pub(super) type Pieces = Box<dyn Iterator<Item = Result<Vec<u8>>>>;

/// Returns a result in its order, or the `top` rows with the largest values, as pieces for a sink.
pub(super) fn pieces(
    table: &Table,
    columns: &Columns,
    sink: &'static dyn Sink,
    top: Option<usize>,
) -> Result<Pieces> {
    let ranks = !matches!(table.values, Values::None) && table.columns.len() > table.keys;
    if top.is_some() && !ranks {
        return Err(unranked());
    }
    match &table.values {
        Values::Float(rows) => of_rows(rows, columns, sink, top),
        Values::Integer(rows) | Values::Id(rows) => of_rows(rows, columns, sink, top),
        Values::Rows(rows, _) => of_rows(rows, columns, sink, top),
        Values::None => {
            let figures = table.figures.iter();
            let rows = figures.map(|(name, value)| vec![Cell::Text(name.clone()), value.clone()]);
            let piece = encode(sink, columns, rows).map_err(Error::user);
            Ok(Box::new(std::iter::once(piece)))
        }
        _ => Err(Error::user("the command line cannot write values of this type")),
    }
}

/// What `--top` of a result is without values.
pub(super) fn unranked() -> Error {
    Error::argument("--top: the result has no values to rank rows by")
}

fn of_rows<R: Row>(
    rows: &Rdd<R>,
    columns: &Columns,
    sink: &'static dyn Sink,
    top: Option<usize>,
) -> Result<Pieces> {
    if let Some(count) = top {
        let keys = columns.keys;
        let best = largest(rows, count, move |a, b| R::descending(a, b, keys))?;
        let piece = encode(sink, columns, best.into_iter()).map_err(Error::user);
        return Ok(Box::new(std::iter::once(piece)));
    }
    let columns = Arc::new(columns.clone());
    let pieces = rows.map_partitions(move |rows| [encode(sink, &columns, rows)]);
    let pieces = pieces.to_local_iterator()?;
    Ok(Box::new(pieces.map(|piece| piece.and_then(|piece| piece.map_err(Error::user)))))
}

/// Returns rows as a piece, or why there is none.
fn encode<R: Row>(
    sink: &dyn Sink,
    columns: &Columns,
    rows: impl Iterator<Item = R>,
) -> Result<Vec<u8>, String> {
    let mut encoder = sink.encoder(columns);
    rows.for_each(|row| row.show(|cells| encoder.push(cells)));
    encoder.finish()
}

/// A row of a result.
trait Row: Data {
    /// Shows it as cells.
    fn show(self, see: impl FnOnce(&[Cell]));

    /// An order without equals: by the column after the keys, the largest first, and then what no path
    /// reaches and what has no value; of equal ones by the keys.
    fn descending(a: &Self, b: &Self, keys: usize) -> Ordering;
}

impl Row for (VertexId, f64) {
    fn show(self, see: impl FnOnce(&[Cell])) {
        see(&[Cell::Integer(self.0), Cell::Float(self.1)]);
    }

    fn descending(a: &Self, b: &Self, _: usize) -> Ordering {
        let unreached = (a.1 == f64::INFINITY).cmp(&(b.1 == f64::INFINITY));
        unreached.then(b.1.total_cmp(&a.1)).then(a.0.cmp(&b.0))
    }
}

impl Row for (VertexId, u64) {
    fn show(self, see: impl FnOnce(&[Cell])) {
        see(&[Cell::Integer(self.0), Cell::Integer(self.1)]);
    }

    fn descending(a: &Self, b: &Self, _: usize) -> Ordering {
        let unreached = (a.1 == UNREACHABLE).cmp(&(b.1 == UNREACHABLE));
        unreached.then(b.1.cmp(&a.1)).then(a.0.cmp(&b.0))
    }
}

impl Row for Vec<Cell> {
    fn show(self, see: impl FnOnce(&[Cell])) {
        see(&self);
    }

    fn descending(a: &Self, b: &Self, keys: usize) -> Ordering {
        let value = |row: &[Cell]| row.get(keys).cloned().unwrap_or(Cell::Missing);
        let ids = || a.iter().zip(b).take(keys).map(|(a, b)| compare_cells(a, b));
        let (first, second) = (value(a), value(b));
        is_unreached(&first)
            .cmp(&is_unreached(&second))
            .then_with(|| compare_cells(&second, &first))
            .then_with(|| ids().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
    }
}

/// True for a distance where no path leads.
fn is_unreached(cell: &Cell) -> bool {
    *cell == Cell::Integer(UNREACHABLE) || *cell == Cell::Float(f64::INFINITY)
}

fn compare_cells(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Float(a), Cell::Float(b)) => a.total_cmp(b),
        (Cell::Ids(a), Cell::Ids(b)) => a.len().cmp(&b.len()),
        (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Whole numbers by size, others before them.
fn rank(cell: &Cell) -> (u8, u64) {
    match cell {
        Cell::Missing => (0, 0),
        Cell::Integer(value) => (2, *value),
        _ => (1, 0),
    }
}

/// Returns the first rows in an order in which no two are equal.
fn largest<R: Data>(
    rows: &Rdd<R>,
    count: usize,
    order: impl Fn(&R, &R) -> Ordering + Copy + Send + Sync + 'static,
) -> Result<Vec<R>> {
    let best = rows.map_partitions(move |rows| {
        let mut best = Vec::new();
        rows.for_each(|row| {
            best.push(row);
            // Twice as many as wanted, so that each cut drops half of what it looks at.
            if best.len() >= count.saturating_mul(2) {
                cut(&mut best, count, order);
            }
        });
        cut(&mut best, count, order);
        best
    });
    let mut best = best.collect()?;
    cut(&mut best, count, order);
    best.sort_unstable_by(order);
    Ok(best)
}

fn cut<R>(rows: &mut Vec<R>, count: usize, order: impl Fn(&R, &R) -> Ordering) {
    if rows.len() > count {
        rows.select_nth_unstable_by(count, order);
        rows.truncate(count);
    }
}

#[cfg(test)]
mod tests {
    use superstep::rdd::Context;

    use super::*;

    #[test]
    fn the_largest_come_first_and_ties_by_id() -> Result<()> {
        let ctx = Context::local(2)?;
        let values = [0.5, f64::NAN, 2.0, 0.5, -1.0, f64::INFINITY, 0.5, -0.0, 0.0];
        let rows: Vec<(u64, f64)> = (0..).zip(values).collect();
        for partitions in [1, 2, 3, 9] {
            let rdd = ctx.parallelize(rows.clone(), partitions);
            for count in [1, 2, 4, 9, 10, usize::MAX] {
                let best = largest(&rdd, count, |a, b| Row::descending(a, b, 1))?;
                let ids: Vec<_> = best.into_iter().map(|(id, _)| id).collect();
                let all = [1, 2, 0, 3, 6, 8, 7, 4, 5];
                assert_eq!(ids, all[..count.min(9)]);
            }
        }
        Ok(())
    }
}
