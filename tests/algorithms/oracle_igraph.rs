//! Eight public graphs, and what igraph computed of them.

use std::path::{Path, PathBuf};

use superstep::algorithms::{bfs, clustering_coefficient, shortest_paths};
use superstep::io::edge_list;
use superstep::prelude::*;
use superstep::{Error, Result};

use crate::multigraph::assert_near;
use crate::support::{expected, lines, public_dataset};

/// A graph with the folder of its results.
pub(crate) struct Oracle {
    pub(crate) name: &'static str,
    pub(crate) folder: PathBuf,
    /// As the results take it; edges without weights have 1.
    pub(crate) graph: Graph<(), f64>,
    /// Every edge going both ways: what results of the simple undirected graph are of.
    pub(crate) undirected: Graph,
    /// The vertex from which searches start.
    pub(crate) source: u64,
}

/// The folder in `oracle-igraph` and the file of each graph.
const GRAPHS: [(&str, &str); 8] = [
    ("bremen_dist", "roads-fast_paths/bremen_dist.gr.gz"),
    ("ca-GrQc", "snap-ca-GrQc/ca-GrQc.txt.gz"),
    ("cnr-2000", "law-cnr-2000/cnr-2000.graph-txt.gz"),
    ("email-Enron", "snap-email-Enron/Email-Enron.txt.gz"),
    ("email-Eu-core", "snap-email-Eu-core/email-Eu-core.txt"),
    ("facebook", "snap-facebook/facebook_combined.txt"),
    ("rome99", "roads-rome99/rome99.gr"),
    ("wiki-Vote", "snap-wiki-Vote/Wiki-Vote.txt"),
];

/// Runs something on each of the graphs; nothing where they are not at hand.
pub(crate) fn for_each_oracle(mut run: impl FnMut(&Oracle) -> Result<()>) -> Result<()> {
    let Some(root) = public_dataset("oracle-igraph") else { return Ok(()) };
    let ctx = Context::local(2)?;
    for (name, file) in GRAPHS {
        let folder = root.join(name);
        let summary = std::fs::read_to_string(folder.join("summary.json")).unwrap();
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        let file = root.join("..").join(file);
        let (vertices, edges) = match file.to_string_lossy().as_ref() {
            file if file.contains("graph-txt") => adjacency(&ctx, Path::new(file))?,
            file if file.contains(".gr") => (None, arcs(&ctx, Path::new(file))?),
            file => (None, edge_list(&ctx, file)?.map(|e| Edge::new(e.source, e.target, 1.0))),
        };
        let directed = summary["directed"].as_bool().unwrap();
        let build = |undirected: bool| {
            let builder = Graph::builder().undirected(undirected);
            match &vertices {
                Some(vertices) => builder.parts(vertices, &edges),
                None => builder.edges(&edges),
            }
        };
        let graph = build(!directed)?;
        assert_eq!(Some(graph.vertex_count()), summary["V"].as_u64(), "{name}");
        let undirected = build(true)?.structure()?;
        let source = summary["source"].as_u64().unwrap();
        run(&Oracle { name, folder, graph, undirected, source })?;
    }
    Ok(())
}

type Parsed = (Option<Rdd<(u64, ())>>, Rdd<Edge<f64>>);

/// Reads ASCII adjacency: the number of vertices, then the successors of each a line.
fn adjacency(ctx: &Context, file: &Path) -> Result<Parsed> {
    let rows = lines(file)?;
    let count: u64 = rows[0].trim().parse().map_err(Error::user)?;
    let mut edges = Vec::new();
    for (source, row) in (0..count).zip(&rows[1..]) {
        for target in row.split_whitespace() {
            edges.push(Edge::new(source, target.parse().map_err(Error::user)?, 1.0));
        }
    }
    let vertices = ctx.parallelize((0..count).map(|id| (id, ())), 4);
    Ok((Some(vertices), ctx.parallelize(edges, 8)))
}

/// Reads `a source target length` lines.
fn arcs(ctx: &Context, file: &Path) -> Result<Rdd<Edge<f64>>> {
    let arcs = lines(file)?.into_iter().filter_map(|line| {
        let mut fields = line.strip_prefix("a ")?.split_whitespace();
        let (source, target) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Edge::new(source, target, fields.next()?.parse().ok()?))
    });
    Ok(ctx.parallelize(arcs.collect::<Vec<_>>(), 4))
}

#[test]
fn searches_reach_what_those_of_igraph_reach() -> Result<()> {
    for_each_oracle(|oracle| {
        let reached = bfs(&oracle.graph, oracle.source).run()?.states().collect()?;
        let depths: Vec<(u64, i64)> = reached
            .into_iter()
            .map(|(id, reached)| (id, reached.depth().map_or(-1, i64::from)))
            .collect();
        assert!(depths == expected::<i64>(&oracle.folder.join("BFS.gz"))?, "{}", oracle.name);
        let golden = oracle.folder.join("SSSP.gz");
        if golden.is_file() {
            let found = shortest_paths(&oracle.graph, oracle.source).run()?.states().collect()?;
            let unreached = |distance: f64| if distance < 0.0 { f64::INFINITY } else { distance };
            let golden = expected::<f64>(&golden)?;
            let golden: Vec<_> = golden.into_iter().map(|(id, d)| (id, unreached(d))).collect();
            assert_near(&found, &golden, 1e-12, oracle.name);
        }
        Ok(())
    })
}

#[test]
fn clustering_coefficients_are_those_of_igraph() -> Result<()> {
    for_each_oracle(|oracle| {
        let found = clustering_coefficient(&oracle.undirected).run()?.states().collect()?;
        let golden = expected::<f64>(&oracle.folder.join("LCC-undirected-simple.gz"))?;
        // Where a vertex has fewer than two neighbors, igraph has no number.
        let zero = |value: f64| if value > 0.0 { value } else { 0.0 };
        let golden: Vec<_> = golden.into_iter().map(|(id, value)| (id, zero(value))).collect();
        assert_near(&found, &golden, 1e-12, oracle.name);
        Ok(())
    })
}
