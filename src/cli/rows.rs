//! Results as lines of columns with tabs between them, `id<TAB>value` mostly.
//!
//! Partitions are formatted side by side and written in order, a window of them at a time, so
//! that memory does not grow with the graph. A row takes some 50 to 60 ns (4 million rows in 0.2 s,
//! November 2026, virtual machine, one core).

use std::cmp::Ordering;

use superstep::algorithms::{Cell, Table, Values};
use superstep::graph::VertexId;
use superstep::rdd::Rdd;
use superstep::{Data, Error, Result};

use super::destination::Destination;

/// A value of a row.
trait Value: Data + Copy {
    /// A total order, also of floats.
    fn compare(&self, other: &Self) -> Ordering;

    /// Appends the value as text that reads back the same.
    fn push(self, text: &mut Vec<u8>);
}

impl Value for f64 {
    fn compare(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }

    fn push(self, text: &mut Vec<u8>) {
        text.extend_from_slice(zmij::Buffer::new().format(self).as_bytes());
    }
}

impl Value for u64 {
    fn compare(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn push(self, text: &mut Vec<u8>) {
        text.extend_from_slice(itoa::Buffer::new().format(self).as_bytes());
    }
}

/// Writes a result in its order, or the `top` rows with the largest values.
pub(super) fn write(
    table: &Table,
    header: bool,
    top: Option<usize>,
    out: &mut Destination,
) -> Result<()> {
    let ranks = !matches!(table.values, Values::None) && table.columns.len() > table.keys;
    if top.is_some() && !ranks {
        return Err(Error::argument("--top: the result has no values to rank rows by"));
    }
    if header {
        out.put(format!("#{}\n", table.columns.join("\t")).as_bytes())?;
    }
    match &table.values {
        Values::Float(rows) => write_rows(rows, top, out),
        Values::Integer(rows) | Values::Id(rows) => write_rows(rows, top, out),
        Values::Rows(rows, _) => write_cells(rows, table.keys, top, out),
        Values::None => {
            let mut text = Vec::new();
            for (name, value) in &table.figures {
                push_cells(&[Cell::Text(name.clone()), value.clone()], &mut text);
            }
            out.put(&text)
        }
        _ => Err(Error::user("the command line cannot print values of this type")),
    }
}

fn write_cells(
    rows: &Rdd<Vec<Cell>>,
    keys: usize,
    top: Option<usize>,
    out: &mut Destination,
) -> Result<()> {
    if let Some(count) = top {
        let best = largest(rows, count, move |a, b| descending_cells(a, b, keys))?;
        let mut text = Vec::new();
        best.iter().for_each(|row| push_cells(row, &mut text));
        return out.put(&text);
    }
    let texts = rows.map_partitions(|rows| {
        let mut text = Vec::new();
        rows.for_each(|row| push_cells(&row, &mut text));
        [text]
    });
    for part in texts.to_local_iterator()? {
        out.put(&part?)?;
    }
    Ok(())
}

/// Appends a row as a line.
fn push_cells(row: &[Cell], text: &mut Vec<u8>) {
    for (column, cell) in row.iter().enumerate() {
        if column > 0 {
            text.push(b'\t');
        }
        push_cell(cell, text);
    }
    text.push(b'\n');
}

fn push_cell(cell: &Cell, text: &mut Vec<u8>) {
    match cell {
        Cell::Integer(value) => value.push(text),
        Cell::Float(value) => value.push(text),
        Cell::Ids(ids) => {
            for (place, id) in ids.iter().enumerate() {
                if place > 0 {
                    text.push(b' ');
                }
                id.push(text);
            }
        }
        Cell::Text(word) => text.extend_from_slice(word.as_bytes()),
        // Missing, and what this does not know.
        _ => {}
    }
}

/// Returns a cell's text, for people.
pub(super) fn shown(cell: &Cell) -> String {
    let mut text = Vec::new();
    push_cell(cell, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Orders rows by the column after the keys, the largest first and those without a value last, and
/// of equal ones by the keys.
fn descending_cells(a: &[Cell], b: &[Cell], keys: usize) -> Ordering {
    let value = |row: &[Cell]| row.get(keys).cloned().unwrap_or(Cell::Missing);
    let ids = |row: &[Cell]| row.iter().take(keys).map(rank).collect::<Vec<_>>();
    let (first, second) = (value(a), value(b));
    compare_cells(&second, &first).then_with(|| ids(a).cmp(&ids(b)))
}

fn compare_cells(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Float(a), Cell::Float(b)) => a.compare(b),
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

fn write_rows<V: Value>(
    rows: &Rdd<(VertexId, V)>,
    top: Option<usize>,
    out: &mut Destination,
) -> Result<()> {
    if let Some(count) = top {
        return out.put(&text(largest(rows, count, descending)?.into_iter()));
    }
    for part in rows.map_partitions(|rows| [text(rows)]).to_local_iterator()? {
        out.put(&part?)?;
    }
    Ok(())
}

fn text<V: Value>(rows: impl Iterator<Item = (VertexId, V)>) -> Vec<u8> {
    let mut text = Vec::new();
    rows.for_each(|(id, value)| {
        id.push(&mut text);
        text.push(b'\t');
        value.push(&mut text);
        text.push(b'\n');
    });
    text
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

/// The largest value first; of equal ones the smaller id.
fn descending<V: Value>(a: &(VertexId, V), b: &(VertexId, V)) -> Ordering {
    b.1.compare(&a.1).then(a.0.cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use superstep::rdd::Context;

    use super::*;

    fn shown(value: f64) -> String {
        let mut text = Vec::new();
        value.push(&mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn floats_read_back_the_same_bits() {
        let mut bits = 1_u64;
        for _ in 0..10_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let value = f64::from_bits(bits);
            if !value.is_nan() {
                assert_eq!(shown(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
            }
        }
        assert_eq!([0.1, -0.0, 1e300, f64::INFINITY].map(shown), ["0.1", "-0.0", "1e+300", "inf"]);
        assert_eq!(shown(f64::NAN), "NaN");
    }

    #[test]
    fn the_largest_come_first_and_ties_by_id() -> Result<()> {
        let ctx = Context::local(2)?;
        let values = [0.5, f64::NAN, 2.0, 0.5, -1.0, f64::INFINITY, 0.5, -0.0, 0.0];
        let rows: Vec<(u64, f64)> = (0..).zip(values).collect();
        for partitions in [1, 2, 3, 9] {
            let rdd = ctx.parallelize(rows.clone(), partitions);
            for count in [1, 2, 4, 9, 10, usize::MAX] {
                let best = largest(&rdd, count, descending)?;
                let ids: Vec<_> = best.into_iter().map(|(id, _)| id).collect();
                let all = [1, 5, 2, 0, 3, 6, 8, 7, 4];
                assert_eq!(ids, all[..count.min(9)]);
            }
        }
        Ok(())
    }
}
