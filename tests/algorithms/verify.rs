//! Every algorithm of the registry has a check that accepts its results and no others.

use proptest::test_runner::Config;
use proptest::{prop_assert, proptest};
use superstep::algorithms::{
    ALGORITHMS, Algorithm, Arguments, Cell, Kind, Table, Values, Weights, find,
};
use superstep::prelude::*;
use superstep::validation::{can_verify, verify, verify_weighted};
use superstep::{Data, ErrorKind, Result};

use crate::multigraph::{Multigraph, any_multigraph_and_vertex, degenerate};

/// Arguments to try with an algorithm, `a` and `b` being ids of the graph.
fn arguments(algorithm: &str, a: u64, b: u64) -> Vec<Arguments> {
    let texts: &[&str] = match algorithm {
        "als" => &["rank=2 iterations=4", "rank=3 iterations=2 lambda=0.5"],
        "betweenness" => &["", "normalized", "sources=A,B", "samples=5 seed=3 normalized"],
        "bfs" => &["source=A", "source=A parents"],
        "closeness" => &["", "within-reach", "direction=in", "direction=both", "estimate=6"],
        "diameter" => &["", "ignore-directions", "searches=1"],
        "eigenvector" => &["iterations=40", "iterations=2"],
        "harmonic" => &["", "normalized", "direction=in", "direction=both", "estimate=12"],
        "hits" => &["iterations=40", "scale=squares iterations=3", "scale=largest iterations=9"],
        "k-truss" => &["k=2", "k=3", "k=4"],
        "katz" => &["", "normalized", "alpha=0.01 beta=2 iterations=5"],
        "label-propagation" => &["", "iterations=1"],
        "landmarks" => &["landmarks=A,B", "landmarks=B direction=in", "landmarks=A direction=both"],
        "leiden" | "louvain" => &["", "resolution=0.5 seed=4", "resolution=2"],
        "motifs" => &[
            "pattern=(a)-[e]->(b);(b)-[]->(c);!(c)-[]->(a)",
            "pattern=(a)-[]->(b);(b)-[f]->(a);(a)-[]->(a)",
            "pattern=(a);!(a)-[]->()",
            "pattern=(a)-[e]->();!()-[]->(a)",
        ],
        "pagerank" => &["", "variant=gap", "variant=graphx tolerance=1e-9"],
        "personalized-pagerank" => {
            &["sources=A", "sources=A,B", "sources=A,B each", "sources=B iterations=7"]
        }
        "random-walks" => &["steps=5", "steps=3 walks=2 p=0.5 q=2"],
        "sssp" => &["source=A", "source=B delta=0.5"],
        "triangles" => &["", "total"],
        _ => &[""],
    };
    let read = |text: &&str| {
        let mut arguments = Arguments::default();
        for word in text.split_whitespace() {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let ids = value.replace('A', &a.to_string()).replace('B', &b.to_string());
            arguments.set(name, ids);
        }
        arguments
    };
    texts.iter().map(read).collect()
}

/// A run, and what checks results against its graph.
struct Checked<'a> {
    algorithm: &'a dyn Algorithm,
    arguments: &'a Arguments,
    plain: Graph,
    weighted: Option<Graph<(), f64>>,
}

impl Checked<'_> {
    fn run(&self) -> Result<Table> {
        match &self.weighted {
            None => self.algorithm.run(&self.plain, self.arguments),
            Some(graph) => self.algorithm.run_weighted(graph, self.arguments),
        }
    }

    fn verify(&self, table: &Table) -> Result<()> {
        let name = self.algorithm.name();
        match &self.weighted {
            None => verify(name, &self.plain, self.arguments, table),
            Some(graph) => verify_weighted(name, graph, self.arguments, table),
        }
    }
}

/// The runs of all algorithms on a graph, with and without weights.
fn each_run(
    ctx: &Context,
    graph: &Multigraph,
    (a, b): (u64, u64),
    mut each: impl FnMut(&Checked<'_>) -> Result<()>,
) -> Result<()> {
    for algorithm in ALGORITHMS.iter().copied() {
        for arguments in arguments(algorithm.name(), a, b) {
            let mut graph = graph.clone();
            if matches!(algorithm.name(), "als" | "svd-plus-plus") {
                // Users are one side and items the other.
                graph.undirected = false;
                graph.edges.iter_mut().for_each(|edge| edge.1 += 1);
                graph = graph.clone().with_vertices(graph.edges.iter().map(|edge| edge.1));
            }
            // Betweenness needs lengths above 0.
            graph.edges.iter_mut().for_each(|edge| edge.2 += 0.5);
            let plain = graph.build(ctx, 3)?;
            let mut checked = Checked { algorithm, arguments: &arguments, plain, weighted: None };
            each(&checked)?;
            if algorithm.weights() != Weights::Ignored {
                checked.weighted = Some(graph.build_weighted(ctx, 2)?);
                each(&checked)?;
            }
        }
    }
    Ok(())
}

fn changed(cell: &Cell) -> Cell {
    match cell {
        Cell::Integer(value) => Cell::Integer(value + 1),
        Cell::Float(value) if value.is_finite() => Cell::Float(value * 1.01 + 0.001),
        Cell::Ids(ids) => Cell::Ids(ids.iter().chain(ids.last()).copied().collect()),
        Cell::Missing => Cell::Integer(0),
        _ => Cell::Float(0.75),
    }
}

/// Results that differ from a right one in a single row.
fn with_wrong_rows(ctx: &Context, table: &Table, at: usize) -> Result<Vec<Table>> {
    fn both<T: Data + Clone>(
        ctx: &Context,
        rows: &Rdd<T>,
        at: usize,
        change: impl Fn(&mut T),
    ) -> Result<Vec<Rdd<T>>> {
        let mut rows = rows.collect()?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let at = at % rows.len();
        let mut missing = rows.clone();
        missing.remove(at);
        change(&mut rows[at]);
        Ok(vec![ctx.parallelize(rows, 2), ctx.parallelize(missing, 2)])
    }
    let values: Vec<Values> = match &table.values {
        Values::Float(rows) => {
            let change = |row: &mut (u64, f64)| {
                row.1 = if row.1.is_finite() { row.1 * 1.01 + 0.001 } else { 0.25 };
            };
            both(ctx, rows, at, change)?.into_iter().map(Values::Float).collect()
        }
        Values::Integer(rows) | Values::Id(rows) => {
            both(ctx, rows, at, |row| row.1 += 1)?.into_iter().map(Values::Integer).collect()
        }
        Values::Rows(rows, kinds) => {
            let change = |row: &mut Vec<Cell>| {
                if let Some(last) = row.last_mut() {
                    *last = changed(last);
                }
            };
            let rows = both(ctx, rows, at, change)?.into_iter();
            rows.map(|rows| Values::Rows(rows, kinds.clone())).collect()
        }
        _ => Vec::new(),
    };
    Ok(values
        .into_iter()
        .map(|values| {
            let mut table = table.clone();
            table.values = values;
            table
        })
        .collect())
}

/// Results that differ from a right one in a figure that says something of the graph.
fn with_wrong_figures(table: &Table) -> Vec<(String, Table)> {
    let how = ["levels", "sweeps", "searches", "at most", "iterations"];
    let told = |name: &str| !how.contains(&name);
    let figures = table.figures.iter().enumerate().filter(|(_, (name, _))| told(name));
    figures
        .map(|(at, (name, cell))| {
            let mut table = table.clone();
            // By so much that no bound is below it.
            table.figures[at].1 = match cell {
                Cell::Integer(value) => Cell::Integer(value + 1000),
                other => changed(other),
            };
            (name.clone(), table)
        })
        .collect()
}

proptest! {
    #![proptest_config(Config { cases: 2, ..Config::default() })]

    #[test]
    fn every_result_is_accepted_and_with_one_row_or_figure_changed_it_is_not(
        (multigraph, source) in any_multigraph_and_vertex(),
        at in 0_usize..64,
    ) {
        let ctx = Context::local(2)?;
        let other = multigraph.ids[at % multigraph.count()];
        each_run(&ctx, &multigraph, (source, other), |checked| {
            let (name, arguments) = (checked.algorithm.name(), checked.arguments);
            let table = match checked.run() {
                Ok(table) => table,
                Err(error) => {
                    return match error.kind() {
                        // Such as no order in a graph with a cycle.
                        ErrorKind::UnsuitableGraph { .. } | ErrorKind::Argument(_) => Ok(()),
                        _ => Err(error),
                    };
                }
            };
            let fine = checked.verify(&table);
            assert!(fine.is_ok(), "{name} {arguments:?}: {fine:?}");
            // Estimates may be off, and what has no ratings has no factors.
            if arguments.is_set("estimate") || table.figures.iter().any(|(name, _)| name == "rmse") {
                return Ok(());
            }
            for wrong in with_wrong_rows(&ctx, &table, at)? {
                let error = checked.verify(&wrong).expect_err(name).to_string();
                assert!(error.contains(&format!("{name} is not right: ")), "{error}");
            }
            for (figure, wrong) in with_wrong_figures(&table) {
                assert!(checked.verify(&wrong).is_err(), "{name} {arguments:?}: {figure}");
            }
            Ok(())
        })?;
        prop_assert!(true);
    }
}

#[test]
fn results_of_degenerate_graphs_are_accepted() -> Result<()> {
    let ctx = Context::local(2)?;
    for (graph_name, graph) in degenerate() {
        let source = graph.ids.first().copied().unwrap_or_default();
        each_run(&ctx, &graph, (source, source), |checked| {
            if let Ok(table) = checked.run() {
                let fine = checked.verify(&table);
                assert!(fine.is_ok(), "{graph_name}: {} {fine:?}", checked.algorithm.name());
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn every_algorithm_of_the_registry_can_be_verified() {
    let missing = ALGORITHMS.iter().map(|known| known.name()).filter(|name| !can_verify(name));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(!can_verify("nothing"));
}

/// Checks rows that somebody made up.
fn made_up(
    algorithm: &str,
    graph: &Multigraph,
    arguments: &[(&str, &str)],
    columns: &[&str],
    rows: &[Vec<Cell>],
) -> Result<()> {
    let ctx = Context::local(1)?;
    let mut set = Arguments::default();
    arguments.iter().for_each(|(name, value)| set.set(*name, *value));
    let kinds = vec![Kind::Integer; columns.len()];
    let rows = Values::Rows(ctx.parallelize(rows.to_vec(), 1), kinds);
    let table = Table::without_run(columns, rows);
    verify_weighted(algorithm, &graph.build_weighted(&ctx, 2)?, &set, &table)
}

#[test]
fn a_forest_that_is_not_the_lightest_is_not_minimal() -> Result<()> {
    let graph = Multigraph::weighted(&[(1, 2, 1.0), (2, 3, 1.0), (1, 3, 2.0)]);
    let edge = |a: u64, b: u64, weight: f64| vec![Cell::from(a), Cell::from(b), Cell::from(weight)];
    let check = |rows: &[Vec<Cell>]| {
        let columns = ["source", "target", "weight"];
        made_up("minimum-spanning-forest", &graph, &[], &columns, rows).unwrap_err().to_string()
    };
    let error = check(&[edge(1, 2, 1.0), edge(1, 3, 2.0)]);
    assert!(error.contains("an edge of weight 2 where one of 1 would do"), "{error}");
    let error = check(&[edge(1, 2, 1.0), edge(2, 3, 1.0), edge(1, 3, 2.0)]);
    assert!(error.contains("the edge from 1 to 3 closes a cycle"), "{error}");
    let error = check(&[edge(1, 2, 1.0)]);
    assert!(error.contains("2 trees for 1 components"), "{error}");
    let error = check(&[edge(1, 2, 0.5)]);
    assert!(error.contains("between 1 and 2 there is no edge of the weight 0.5"), "{error}");
    Ok(())
}

#[test]
fn a_forest_may_be_infinitely_heavy() -> Result<()> {
    let graph = Multigraph::weighted(&[(1, 2, f64::INFINITY), (2, 3, 1.0)]);
    let graph = graph.build_weighted(&Context::local(1)?, 2)?;
    let (known, set) = (find("minimum-spanning-forest").unwrap(), Arguments::default());
    let mut table = known.run_weighted(&graph, &set)?;
    verify_weighted(known.name(), &graph, &set, &table)?;
    let weight = table.figures.iter_mut().find(|(name, _)| name == "weight").unwrap();
    weight.1 = Cell::Float(7.0);
    let error = verify_weighted(known.name(), &graph, &set, &table).unwrap_err().to_string();
    assert!(error.ends_with("weight is 7.0, expected inf"), "{error}");
    Ok(())
}

#[test]
fn a_walk_that_leaps_or_stops_early_is_not_one() -> Result<()> {
    let graph = Multigraph::directed(&[(1, 2), (2, 3)]);
    let check = |walk: &[u64]| {
        let rows: Vec<_> = [walk, &[2, 3], &[3]]
            .iter()
            .map(|walk| vec![Cell::from(walk[0]), Cell::from(walk.to_vec())])
            .collect();
        made_up("random-walks", &graph, &[("steps", "2")], &["start", "walk"], &rows)
    };
    assert!(check(&[1, 2, 3]).is_ok());
    for (walk, expected) in [
        (&[1, 3][..], "steps from 1 to 3 without an edge"),
        (&[1, 2], "has 1 steps, expected 2"),
        (&[1, 2, 3, 3], "steps from 3 to 3 without an edge"),
        (&[1, 7], "visits what is no vertex"),
        (&[2, 3], "vertex 1 has 0, expected 1"),
    ] {
        let error = check(walk).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    Ok(())
}

#[test]
fn components_that_cannot_reach_one_another_are_not_strong() -> Result<()> {
    let ctx = Context::local(1)?;
    let graph = Multigraph::directed(&[(1, 2), (2, 3), (3, 2)]).build(&ctx, 2)?;
    let check = |labels: [u64; 3]| {
        let labels = ctx.parallelize((1..).zip(labels).collect::<Vec<_>>(), 1);
        let table = Table::without_run(&["id", "component"], Values::Id(labels));
        verify("strongly-connected-components", &graph, &Arguments::default(), &table)
    };
    assert!(check([1, 2, 2]).is_ok());
    for wrong in [[1, 1, 1], [1, 2, 3], [1, 3, 3]] {
        assert!(check(wrong).is_err(), "{wrong:?}");
    }
    Ok(())
}

#[test]
fn an_estimate_may_overlook_a_few_vertices_and_not_all_of_many() -> Result<()> {
    let ctx = Context::local(2)?;
    let mut arguments = Arguments::default();
    arguments.set("estimate", "4");
    // With 16 registers, hashes of neighbors collide in some of so many pairs.
    let pairs: Vec<_> = (0..64).map(|pair| (2 * pair, 2 * pair + 1)).collect();
    let star: Vec<_> = (1..64).map(|leaf| (0, leaf)).collect();
    for name in ["closeness", "harmonic"] {
        let graph = Multigraph::undirected(&pairs).build(&ctx, 2)?;
        let table = find(name).unwrap().run(&graph, &arguments)?;
        let Values::Float(scores) = &table.values else { panic!("{name} gives scores") };
        let unseen = scores.collect()?.iter().filter(|(_, score)| *score == 0.0).count();
        assert!(unseen > 0, "{name} overlooks nobody");
        verify(name, &graph, &arguments, &table)?;

        let graph = Multigraph::undirected(&star).build(&ctx, 2)?;
        let mut table = find(name).unwrap().run(&graph, &arguments)?;
        verify(name, &graph, &arguments, &table)?;
        let Values::Float(scores) = &table.values else { panic!("{name} gives scores") };
        let scores = scores.collect()?;
        // Eight deviations and three vertices are less than twentyfold.
        for factor in [0.0, 0.05, 20.0] {
            let mut scores = scores.clone();
            scores[0].1 *= factor;
            table.values = Values::Float(ctx.parallelize(scores, 2));
            assert!(verify(name, &graph, &arguments, &table).is_err(), "{name} times {factor}");
        }
    }
    Ok(())
}

#[test]
fn an_unknown_algorithm_cannot_be_verified() -> Result<()> {
    let ctx = Context::local(1)?;
    let graph = Multigraph::directed(&[(1, 2)]).build(&ctx, 1)?;
    let degrees = find("degrees").unwrap().run(&graph, &Arguments::default())?;
    let error = verify("nothing", &graph, &Arguments::default(), &degrees).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{error}");
    Ok(())
}
