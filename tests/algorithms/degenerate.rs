//! Every algorithm of the registry on graphs at the edge of what is one, and on weights that are
//! none: results and errors are those of `degenerate.txt`, in every number of partitions.
//!
//! An algorithm without a place in that file fails here. With `SUPERSTEP_BLESS=1` in the
//! environment the file is written anew, to be read by somebody who knows what is right.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use superstep::algorithms::{ALGORITHMS, Algorithm, Arguments, Cell, Table, Values, Weights};
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

use crate::multigraph::{Multigraph, PARTITIONS};

/// Arguments of the algorithms that need some, or say more with some.
fn arguments(algorithm: &str) -> &'static [&'static [(&'static str, &'static str)]] {
    match algorithm {
        "als" => &[&[("rank", "1"), ("iterations", "4")]],
        "bfs" => &[&[("source", "1"), ("parents", "")]],
        "eigenvector" | "hits" | "pagerank" => &[&[("iterations", "12")]],
        "k-truss" => &[&[("k", "3")]],
        "landmarks" => &[&[("landmarks", "1,2")]],
        "motifs" => &[&[("pattern", "(a)-[]->(b)")], &[("pattern", "(a); !(a)-[]->()")]],
        "personalized-pagerank" => &[&[("sources", "1"), ("iterations", "12")]],
        "random-walks" => &[&[("steps", "3")]],
        "sssp" => &[&[("source", "1")]],
        "triangles" => &[&[], &[("total", "")]],
        _ => &[&[]],
    }
}

/// Graphs that need no weights, with names.
fn graphs() -> Vec<(&'static str, Multigraph)> {
    vec![
        ("no vertex", Multigraph::default()),
        ("one vertex", Multigraph::default().with_vertices([1])),
        ("a self-loop only", Multigraph::directed(&[(1, 1)])),
        ("an undirected self-loop only", Multigraph::undirected(&[(1, 1)])),
        ("two components", Multigraph::undirected(&[(1, 2), (2, 3), (1, 3), (8, 9)])),
        ("two components, directed", Multigraph::directed(&[(1, 2), (3, 2), (8, 9)])),
    ]
}

/// Graphs with weights that may be too small, too alike, or no weights.
fn weighted_graphs() -> Vec<(&'static str, Multigraph)> {
    let path = |weight| Multigraph::weighted(&[(1, 2, 1.0), (3, 2, weight)]);
    let square = [(1, 2, 2.0), (2, 3, 2.0), (3, 4, 2.0), (1, 4, 2.0)];
    let zeros = [(1, 2, 0.0), (2, 3, 0.0), (1, 3, 0.0)];
    vec![
        ("weights of zero", Multigraph::weighted(&zeros).both_ways()),
        ("weights of zero, directed", path(0.0)),
        ("equal weights", Multigraph::weighted(&square).both_ways()),
        ("equal weights, directed", path(1.0)),
        ("a negative weight", path(-1.0)),
        ("NaN as a weight", path(f64::NAN)),
        ("an infinite weight", path(f64::INFINITY)),
    ]
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Missing => "-".to_owned(),
        Cell::Integer(value) => value.to_string(),
        // Sums in another order may differ in the last digits.
        Cell::Float(value) if value.abs() < 5e-7 => "0.0".to_owned(),
        Cell::Float(value) => {
            let rounded: f64 = format!("{value:.6}").parse().unwrap();
            format!("{rounded:?}")
        }
        Cell::Ids(ids) => format!("{ids:?}"),
        other => format!("{other:?}"),
    }
}

/// The rows and the figures of a result in a line.
fn line(table: &Table) -> Result<String> {
    let pairs = |rows: Vec<(u64, u64)>| {
        rows.into_iter().map(|(id, value)| vec![Cell::Integer(id), Cell::Integer(value)]).collect()
    };
    let rows: Vec<Vec<Cell>> = match &table.values {
        Values::Float(rows) => {
            let rows = rows.collect()?.into_iter();
            rows.map(|(id, value)| vec![Cell::Integer(id), Cell::Float(value)]).collect()
        }
        Values::Integer(rows) | Values::Id(rows) => pairs(rows.collect()?),
        Values::Rows(rows, _) => rows.collect()?,
        _ => Vec::new(),
    };
    let mut rows: Vec<String> =
        rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" ")).collect();
    if table.keys > 1 || table.keys == table.columns.len() {
        // Edges and matches have no order of their own.
        rows.sort_unstable();
    }
    let mut line = if rows.is_empty() { "no rows".to_owned() } else { rows.join(", ") };
    for (name, value) in &table.figures {
        write!(line, "; {name} {}", cell(value)).unwrap();
    }
    Ok(line)
}

/// The line of a run that may fail; a failure has to be the fault of what was given.
fn said(run: Result<Table>) -> Result<String> {
    match run {
        Ok(table) => line(&table),
        Err(error) => {
            let kind = error.kind();
            let given = matches!(
                kind,
                ErrorKind::Argument(_)
                    | ErrorKind::UnknownVertex { .. }
                    | ErrorKind::UnsuitableGraph { .. }
            );
            assert!(given, "{error:?}");
            Ok(format!("error: {error}"))
        }
    }
}

/// Runs an algorithm on a graph in every number of partitions, and returns the line that all have.
fn everywhere(what: &str, run: impl Fn(usize) -> Result<Table>) -> Result<String> {
    let first = said(run(PARTITIONS[0]))?;
    for partitions in &PARTITIONS[1..] {
        assert_eq!(said(run(*partitions))?, first, "{what}, {partitions} partitions");
    }
    Ok(first)
}

/// Checks that a result has the columns that were told before.
fn checked(algorithm: &dyn Algorithm, arguments: &Arguments, run: Result<Table>) -> Result<Table> {
    algorithm.check(arguments)?;
    if let (Ok(table), Some(shape)) = (&run, algorithm.shape(arguments)) {
        assert_eq!(table.columns, shape.columns, "{}", algorithm.name());
        let has_rows = !matches!(table.values, Values::None);
        assert_eq!(has_rows, !shape.columns.is_empty(), "{}", algorithm.name());
        assert!(!has_rows || table.keys == shape.keys, "{}", algorithm.name());
    }
    run
}

/// What an algorithm makes of all the graphs.
fn report(ctx: &Context, algorithm: &dyn Algorithm) -> Result<String> {
    let mut report = String::new();
    for words in arguments(algorithm.name()) {
        let mut arguments = Arguments::default();
        let mut heading = algorithm.name().to_owned();
        for (name, value) in *words {
            arguments.set(*name, *value);
            write!(heading, " --{name} {value}").unwrap();
        }
        writeln!(report, "{}", heading.trim_end()).unwrap();
        for (name, graph) in graphs() {
            let what = format!("{heading}: {name}");
            let line = everywhere(&what, |partitions| {
                let run = algorithm.run(&graph.build(ctx, partitions)?, &arguments);
                checked(algorithm, &arguments, run)
            })?;
            let weighted = algorithm.run_weighted(&graph.build_weighted(ctx, 2)?, &arguments);
            // Lengths are floats where edges were counted.
            let whole = |line: &str| line.replace(".0", "");
            assert_eq!(whole(&said(weighted)?), whole(&line), "{what}: weights of 1");
            writeln!(report, "    {name}: {line}").unwrap();
        }
        for (name, graph) in weighted_graphs() {
            let what = format!("{heading}: {name}");
            if algorithm.weights() == Weights::Ignored {
                let weighted = algorithm.run_weighted(&graph.build_weighted(ctx, 2)?, &arguments);
                let plain = algorithm.run(&graph.build(ctx, 2)?, &arguments);
                assert_eq!(said(weighted)?, said(plain)?, "{what}: weights are ignored");
                continue;
            }
            let line = everywhere(&what, |partitions| {
                algorithm.run_weighted(&graph.build_weighted(ctx, partitions)?, &arguments)
            })?;
            writeln!(report, "    {name}: {line}").unwrap();
        }
    }
    Ok(report)
}

#[test]
fn every_algorithm_has_its_results_and_errors_on_degenerate_graphs_and_weights() -> Result<()> {
    let ctx = Context::local(2)?;
    let mut found = String::new();
    for algorithm in ALGORITHMS {
        found += &report(&ctx, *algorithm)?;
    }
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/algorithms/degenerate.txt");
    if std::env::var_os("SUPERSTEP_BLESS").is_some() {
        fs::write(&record, &found).unwrap();
    }
    let recorded = fs::read_to_string(&record).unwrap_or_default().replace("\r\n", "\n");
    let mut heading = "";
    for (found, expected) in found.lines().zip(recorded.lines()) {
        heading = if found.starts_with(' ') { heading } else { found };
        assert_eq!(found, expected, "{heading}");
    }
    assert_eq!(found.lines().count(), recorded.lines().count());
    Ok(())
}
