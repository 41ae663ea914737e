//! The public graphs that igraph's results were computed on, where they are there.

use std::path::PathBuf;

use superstep::io::edge_list;
use superstep::prelude::*;
use superstep::{Error, Result};

use crate::support::{lines, public_dataset};

/// A graph and the folder with igraph's results.
pub(crate) struct PublicGraph {
    pub(crate) name: &'static str,
    pub(crate) graph: Graph,
    pub(crate) golden: PathBuf,
    /// Keeps the threads of the graph.
    _context: Context,
}

/// Names of the folders of igraph's results; the last one is the largest by far.
pub(crate) const NAMES: [&str; 8] = [
    "wiki-Vote",
    "email-Enron",
    "ca-GrQc",
    "email-Eu-core",
    "facebook",
    "rome99",
    "bremen_dist",
    "cnr-2000",
];

/// Reads a graph by the name of its folder, or says why it is skipped.
pub(crate) fn public_graph(name: &'static str) -> Result<Option<PublicGraph>> {
    let (set, file) = match name {
        "wiki-Vote" => ("snap-wiki-Vote", "Wiki-Vote.txt"),
        "email-Enron" => ("snap-email-Enron", "Email-Enron.txt.gz"),
        "ca-GrQc" => ("snap-ca-GrQc", "ca-GrQc.txt.gz"),
        "email-Eu-core" => ("snap-email-Eu-core", "email-Eu-core.txt"),
        "facebook" => ("snap-facebook", "facebook_combined.txt"),
        "rome99" => ("roads-rome99", "rome99.gr"),
        "bremen_dist" => ("roads-fast_paths", "bremen_dist.gr.gz"),
        "cnr-2000" => ("law-cnr-2000", "cnr-2000.graph-txt.gz"),
        _ => return Err(Error::user(format!("no public graph is called {name}"))),
    };
    let golden = public_dataset(&format!("oracle-igraph/{name}"));
    let (Some(set), Some(golden)) = (public_dataset(set), golden) else { return Ok(None) };
    let file = set.join(file);
    let context = Context::local(2)?;
    let graph = match name {
        "rome99" | "bremen_dist" => {
            let arcs = lines(&file)?.into_iter().filter_map(|line| {
                let ends = line.strip_prefix("a ")?.split(' ');
                let ends: Vec<u64> = ends.filter_map(|field| field.parse().ok()).collect();
                Some(Edge::from((ends[0], ends[1])))
            });
            Graph::from_edges(&context.parallelize(arcs.collect::<Vec<_>>(), 4))?
        }
        "cnr-2000" => {
            // The first line is the number of vertices, line i + 1 the successors of i.
            let rows = lines(&file)?;
            let vertices: u64 = rows[0].trim().parse().map_err(Error::user)?;
            let edges = (0..vertices).zip(&rows[1..]).flat_map(|(source, row)| {
                let targets = row.split_whitespace().filter_map(|target| target.parse().ok());
                targets.map(move |target: u64| Edge::from((source, target)))
            });
            let edges = context.parallelize(edges.collect::<Vec<_>>(), 8);
            let ids = context.parallelize((0..vertices).map(|id| (id, ())), 4);
            Graph::from_parts(&ids, &edges)?
        }
        _ => {
            let builder = Graph::builder().undirected(name == "facebook");
            builder.edges(&edge_list(&context, file)?)?
        }
    };
    Ok(Some(PublicGraph { name, graph, golden, _context: context }))
}
