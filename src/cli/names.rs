//! Vertices with names: from names to ids in what the user says, and back in results.

use std::sync::Arc;

use clap::ArgMatches;
use superstep::algorithms::{Algorithm, Arguments, Cell, Kind, Table, Values};
use superstep::io::Names;
use superstep::{Error, ErrorKind, Result};

/// Checks the ids among the arguments of an algorithm where vertices have numbers, so that a slip
/// shows before the input is read.
pub(super) fn check_ids(algorithm: &dyn Algorithm, matches: &ArgMatches) -> Result<()> {
    for parameter in algorithm.parameters() {
        let (name, kind) = (parameter.name, parameter.value);
        if !is_id(kind) {
            continue;
        }
        let Some(text) = matches.get_one::<String>(name) else { continue };
        for id in parts(kind, text) {
            let parsed: Result<u64, _> = id.parse();
            parsed.map_err(|error| {
                Error::argument(format!(
                    "invalid value '{text}' for '--{name} <{kind}>': {id:?} is not an id: {error}"
                ))
            })?;
        }
    }
    Ok(())
}

/// Puts numbers for the names among the arguments of an algorithm.
pub(super) fn numbered(
    algorithm: &dyn Algorithm,
    arguments: &Arguments,
    names: &Names,
) -> Result<Arguments> {
    let mut numbered = arguments.clone();
    for parameter in algorithm.parameters().iter().filter(|parameter| is_id(parameter.value)) {
        let Some(text) = arguments.get::<String>(parameter.name)? else { continue };
        let ids = parts(parameter.value, &text).map(|name| {
            let id = names.id(name).map(|id| id.to_string());
            id.ok_or_else(|| {
                Error::argument(format!("--{}: no vertex has the name {name:?}", parameter.name))
            })
        });
        numbered.set(parameter.name, ids.collect::<Result<Vec<_>>>()?.join(","));
    }
    Ok(numbered)
}

fn is_id(kind: &str) -> bool {
    matches!(kind, "ID" | "IDS")
}

/// The ids of an argument; of a list those between commas.
fn parts<'a>(kind: &str, text: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
    let separator = if kind == "IDS" { ',' } else { '\0' };
    text.split(separator).map(move |id| if separator == ',' { id.trim() } else { id })
}

/// Returns a result with names for ids.
pub(super) fn named(table: &Table, names: &Arc<Names>) -> Table {
    let names = Arc::clone(names);
    let name = move |id: u64| Cell::Text(names.name(id).unwrap_or_default().to_owned());
    let values = match &table.values {
        Values::Float(rows) => Values::Rows(
            rows.map(move |(id, value)| vec![name(id), value.into()]),
            vec![Kind::Text, Kind::Float],
        ),
        Values::Integer(rows) => Values::Rows(
            rows.map(move |(id, value)| vec![name(id), value.into()]),
            vec![Kind::Text, Kind::Integer],
        ),
        Values::Id(rows) => Values::Rows(
            rows.map(move |(id, other)| vec![name(id), name(other)]),
            vec![Kind::Text, Kind::Text],
        ),
        Values::Rows(rows, _) => {
            let kinds = table.kinds();
            let are = kinds.clone();
            let cells = rows.map(move |row| {
                let cells = row.into_iter().zip(are.iter().chain(std::iter::repeat(&Kind::Text)));
                let cells = cells.map(|(cell, kind)| match (cell, kind) {
                    (Cell::Integer(id), Kind::Id) => name(id),
                    (Cell::Ids(ids), _) => {
                        let words = ids.into_iter().map(|id| match name(id) {
                            Cell::Text(word) => word,
                            _ => String::new(),
                        });
                        Cell::Text(words.collect::<Vec<_>>().join(" "))
                    }
                    (cell, _) => cell,
                });
                cells.collect::<Vec<_>>()
            });
            let kinds = kinds.into_iter().map(|kind| match kind {
                Kind::Id | Kind::Ids => Kind::Text,
                other => other,
            });
            Values::Rows(cells, kinds.collect())
        }
        other => other.clone(),
    };
    let mut named = table.clone();
    named.values = values;
    named
}

/// Puts names for the ids in an error about a graph.
pub(super) fn named_error(error: Error, names: &Names) -> Error {
    let ErrorKind::UnsuitableGraph { reason, vertices } = error.kind() else { return error };
    let (mut text, mut rest) = (String::new(), reason.as_str());
    for id in vertices {
        let Some((before, after)) = rest.split_once("{}") else { break };
        text.push_str(&format!("{before}{:?}", names.name(*id).unwrap_or_default()));
        rest = after;
    }
    Error::unsuitable_graph(text + rest, [])
}
