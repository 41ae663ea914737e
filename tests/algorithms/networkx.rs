//! Results that NetworkX computed of the graphs in `datasets/`, for all algorithms that it has with
//! the same definition: `datasets/golden/networkx.jsonl`, made by `networkx_cases.py` beside it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use superstep::Result;
use superstep::algorithms::{ALGORITHMS, Arguments, Cell, Table, Values, find};
use superstep::io::{edge_list, weighted_edge_list};
use superstep::prelude::*;

use crate::multigraph::PARTITIONS;

/// Algorithms without a case, and what confirms their results instead.
const WITHOUT: [&str; 7] = [
    // The loss of factors, and that ratings of low rank are found again.
    "als",
    // Any coloring without conflicts in which no color could be smaller.
    "coloring",
    // LDBC's and LAGraph's labels: NetworkX changes one label after another.
    "label-propagation",
    // Modularities of sequential implementations.
    "leiden",
    "louvain",
    // Any independent set that nothing could be added to.
    "maximal-independent-set",
    // Shares of steps, which are drawn at random.
    "random-walks",
];

fn dataset(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets").join(name)
}

fn run(ctx: &Context, case: &Value, partitions: usize) -> Result<Table> {
    let told = |name: &str| case[name].as_bool().unwrap();
    let file = dataset(&format!("{}.txt", case["graph"].as_str().unwrap()));
    let algorithm = find(case["algorithm"].as_str().unwrap()).unwrap();
    let mut arguments = Arguments::default();
    for (name, value) in case["arguments"].as_object().unwrap() {
        arguments.set(name, value.as_str().unwrap());
    }
    let builder = Graph::builder().undirected(!told("directed")).partitions(partitions);
    if told("weighted") {
        algorithm.run_weighted(&builder.edges(&weighted_edge_list(ctx, file)?)?, &arguments)
    } else {
        algorithm.run(&builder.edges(&edge_list(ctx, file)?)?, &arguments)
    }
}

fn rows(table: &Table) -> Result<Vec<Vec<Cell>>> {
    Ok(match &table.values {
        Values::Float(rows) => {
            rows.collect()?.into_iter().map(|(id, value)| vec![id.into(), value.into()]).collect()
        }
        Values::Integer(rows) | Values::Id(rows) => {
            rows.collect()?.into_iter().map(|(id, value)| vec![id.into(), value.into()]).collect()
        }
        Values::Rows(rows, _) => rows.collect()?,
        _ => Vec::new(),
    })
}

/// Whether a cell is what NetworkX found, within 1e-9 of the larger of the value and 1.
fn agrees(found: &Cell, expected: &Value) -> bool {
    let near = |found: f64| {
        let expected = expected.as_f64();
        expected.is_some_and(|expected| (found - expected).abs() <= 1e-9 * expected.abs().max(1.0))
    };
    match found {
        Cell::Missing => expected.is_null(),
        // Ids may be larger than what an `f64` tells apart.
        Cell::Integer(found) if expected.is_u64() => expected.as_u64() == Some(*found),
        Cell::Integer(found) => near(*found as f64),
        Cell::Float(found) => near(*found),
        _ => false,
    }
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn check(table: &Table, case: &Value, what: &str) -> Result<()> {
    if let Some(figures) = case["figures"].as_object() {
        for (name, expected) in figures {
            let found = table.figures.iter().find(|(known, _)| known == name);
            let (_, found) = found.unwrap_or_else(|| panic!("{what}: no figure is called {name}"));
            assert!(agrees(found, expected), "{what}: {name} {found:?}, expected {expected}");
        }
        return Ok(());
    }
    let mut found = rows(table)?;
    if case["algorithm"] == "motifs" {
        // Matches come in no order.
        let number = |cell: &Cell| match cell {
            Cell::Integer(id) => *id,
            other => panic!("{what}: {other:?}"),
        };
        found.sort_by_key(|row| row.iter().map(number).collect::<Vec<_>>());
    }
    let expected = case["rows"].as_array().unwrap();
    assert_eq!(found.len(), expected.len(), "{what}: number of rows");
    for (found, expected) in found.iter().zip(expected) {
        let expected = expected.as_array().unwrap();
        let same = found.len() == expected.len()
            && found.iter().zip(expected).all(|(found, expected)| agrees(found, expected));
        assert!(same, "{what}: {found:?}, expected {expected:?}");
    }
    Ok(())
}

#[test]
fn results_on_the_shipped_graphs_are_those_of_networkx_for_any_partitions() -> Result<()> {
    let text = std::fs::read_to_string(dataset("golden/networkx.jsonl")).unwrap();
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ctx = Context::local(2)?;
    for case in &cases {
        for partitions in PARTITIONS {
            let what = format!(
                "{} {} on {}, {partitions} partitions",
                case["algorithm"], case["arguments"], case["graph"]
            );
            check(&run(&ctx, case, partitions)?, case, &what)?;
        }
    }
    let with: BTreeSet<_> = cases.iter().map(|case| case["algorithm"].as_str().unwrap()).collect();
    let without = ALGORITHMS.iter().map(|known| known.name()).filter(|name| !with.contains(name));
    assert_eq!(without.collect::<Vec<_>>(), WITHOUT);
    Ok(())
}
