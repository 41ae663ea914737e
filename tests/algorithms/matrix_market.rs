//! The matrices that other libraries test with, as small multigraphs.

use std::path::Path;

use superstep::{Error, Result};

use crate::multigraph::Multigraph;
use crate::support::lines;

/// Reads a coordinate matrix: vertices are its rows and columns from 0; a symmetric one is an
/// undirected graph. Entries without a value have weight 1.
pub(crate) fn matrix(path: &Path) -> Result<Multigraph> {
    let lines = lines(path)?;
    let undirected = lines.first().is_some_and(|header| header.contains("symmetric"));
    let mut rows = lines.iter().filter(|line| !line.starts_with('%') && !line.trim().is_empty());
    let number = |field: Option<&str>| -> Result<u64> {
        field.unwrap_or_default().parse().map_err(Error::user)
    };
    let mut size = rows.next().map(|line| line.split_whitespace()).into_iter().flatten();
    let vertices = number(size.next())?.max(number(size.next())?);
    let edge = |line: &String| -> Result<(u64, u64, f64)> {
        let mut fields = line.split_whitespace();
        let (row, column) = (number(fields.next())?, number(fields.next())?);
        let weight = fields.next().map_or(Ok(1.0), str::parse).map_err(Error::user)?;
        Ok((row - 1, column - 1, weight))
    };
    let edges = rows.map(edge).collect::<Result<Vec<_>>>()?;
    Ok(Multigraph { undirected, ..Multigraph::weighted(&edges).with_vertices(0..vertices) })
}
