//! Edge lists as tables: columns by number or name, any delimiter, quotes, names for ids.
//!
//! [`edge_lists`](super::edge_lists) is several times as fast and serves where nothing of this is
//! asked for.

mod cells;
mod layout;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::graph::Edge;
use crate::input::{DEFAULT_SPLIT_BYTES, Split, plan_splits};
use crate::rdd::Context;

use self::cells::{ids, names, weight};
use self::layout::{Table, begins_table};
use super::fields::Fault;
use super::graph_input::GraphInput;
use super::names::Names;
use super::read_options::ReadOptions;
use super::write::{Put, push_weight};

/// Opens lists as the options say.
pub(super) fn open_table(
    context: &Context,
    paths: &[&Path],
    options: &ReadOptions,
) -> Result<GraphInput> {
    let table = Arc::new(Table::describe(paths, options)?);
    let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
    if options.names {
        return open_names(context, splits, table, options.weighted);
    }
    Ok(if options.weighted {
        GraphInput::new(context.parsed_splits("table", splits, move |split, rows| {
            table.read(split, |line, cells| {
                let (source, target) = ids(line, cells)?;
                Ok(rows.push(Edge::new(source, target, weight(line, cells)?)))
            })
        }))
    } else {
        GraphInput::new(context.parsed_splits("table", splits, move |split, rows| {
            table.read(split, |line, cells| Ok(rows.push(Edge::from(ids(line, cells)?))))
        }))
    })
}

/// Opens lists whose vertices have names: numbers them, then reads the edges.
fn open_names(
    context: &Context,
    splits: Vec<Split>,
    table: Arc<Table>,
    weighted: bool,
) -> Result<GraphInput> {
    let parts = splits.len().max(1);
    let lines = Arc::clone(&table);
    let ends = context.parsed_splits("names", splits.clone(), move |split, rows| {
        lines.read(split, |line, cells| {
            let (source, target) = names(line, cells)?;
            if rows.push(source.into_owned()).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            Ok(rows.push(target.into_owned()))
        })
    });
    let all = Arc::new(Names::new(ends.distinct(parts).collect()?)?);
    let numbers = Arc::clone(&all);
    let number = move |name: &str| {
        let changed = || Fault::new(0, "a name that was there when the names were numbered");
        numbers.id(name).ok_or_else(changed)
    };
    let mut input = if weighted {
        GraphInput::new(context.parsed_splits("named_table", splits, move |split, rows| {
            table.read(split, |line, cells| {
                let (source, target) = names(line, cells)?;
                let weight = weight(line, cells)?;
                Ok(rows.push(Edge::new(number(&source)?, number(&target)?, weight)))
            })
        }))
    } else {
        GraphInput::new(context.parsed_splits("named_table", splits, move |split, rows| {
            table.read(split, |line, cells| {
                let (source, target) = names(line, cells)?;
                Ok(rows.push(Edge::from((number(&source)?, number(&target)?))))
            })
        }))
    };
    input.names = Some(all);
    Ok(input)
}

/// Returns whether the options ask for what only a table has, or the beginning of a file shows
/// it: fields in quotes or between semicolons or bars, or a header whose names say that the
/// columns are others than the first ones.
pub(super) fn is_table(paths: &[&Path], options: &ReadOptions) -> Result<bool> {
    Ok(asks_for_table(options) || begins_table(paths)?)
}

fn asks_for_table(options: &ReadOptions) -> bool {
    options.names
        || options.header.is_some()
        || options.delimiter.is_some()
        || options.source_column.is_some()
        || options.target_column.is_some()
        || (options.weighted && options.weight_column.is_some())
}

/// Writes edges between named vertices.
pub(super) fn put_named_edges(
    graph: &GraphInput,
    names: &Arc<Names>,
    delimiter: u8,
    put: &mut Put<'_>,
) -> Result<()> {
    let shared = Arc::clone(names);
    let name = move |text: &mut Vec<u8>, id: u64| {
        let name = shared.name(id).unwrap_or_default();
        let special = |byte: u8| byte == delimiter || byte == b'"' || byte == b'\r';
        if delimiter == b'\t' || !name.bytes().any(special) {
            text.extend_from_slice(name.as_bytes());
        } else {
            text.push(b'"');
            text.extend_from_slice(name.replace('"', "\"\"").as_bytes());
            text.push(b'"');
        }
    };
    if let Some(id) = (0..names.len() as u64).find(|id| !can_be_a_field(names, *id, delimiter)) {
        let name = names.name(id).unwrap_or_default();
        return Err(Error::argument(format!(
            "the name {name:?} cannot be a field of a list with such a delimiter"
        )));
    }
    let texts = graph.edges_with_weights().map_partitions(move |rows| {
        let mut text = Vec::new();
        rows.for_each(|(source, target, weight)| {
            name(&mut text, source);
            text.push(delimiter);
            name(&mut text, target);
            if let Some(weight) = weight {
                text.push(delimiter);
                push_weight(&mut text, weight);
            }
            text.push(b'\n');
        });
        [text]
    });
    for text in texts.to_local_iterator()? {
        put(text?)?;
    }
    Ok(())
}

/// True when a list with the delimiter that has the name in it reads back the same.
fn can_be_a_field(names: &Names, id: u64, delimiter: u8) -> bool {
    let name = names.name(id).unwrap_or_default();
    let begins_comment = name.trim_start().starts_with(['#', '%']);
    let breaks = name.contains('\n') || (delimiter == b'\t' && name.contains(['\t', '\r']));
    let blank = delimiter == b' ' && (name.is_empty() || name.contains([' ', '\t']));
    !begins_comment && !breaks && !blank
}
