//! Graphs as the LDBC Graphalytics benchmark publishes them.
//!
//! A graph is three files: `<name>.properties` says which the others are, whether edges are
//! directed, and with which parameters each algorithm runs; the vertex file has an id a line,
//! isolated vertices included; the edge file has `source target [weight]` lines, an undirected edge
//! once. A reference output is `<name>-<ALGORITHM>` beside them, `id value` lines.
//!
//! Source: LDBC Graphalytics specification 1.0, sections 2.2 and 4.1.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::graph::{Graph, GraphBuilder};
use crate::rdd::Context;

use super::format::{Format, only_path};
use super::graph_input::GraphInput;
use super::properties::{entries, wrong_entry};
use super::read_options::ReadOptions;
use super::{edge_list, vertex_list, weighted_edge_list};

/// What the properties file of a Graphalytics graph says, and the way to its graph.
///
/// ```no_run
/// use superstep::io::GraphalyticsGraph;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(0)?;
/// let described = GraphalyticsGraph::open("example-directed.properties")?;
/// let graph = described.load(&ctx, Graph::builder())?;
/// let source = described.parameter::<u64>("bfs.source-vertex")?;
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct GraphalyticsGraph {
    path: PathBuf,
    name: String,
    /// What follows `graph.<name>.` in a key.
    properties: BTreeMap<String, String>,
    directed: bool,
    weighted: bool,
}

/// The key that every description has, after the graph's name.
const VERTEX_FILE: &str = "vertex-file";

impl GraphalyticsGraph {
    /// Reads a properties file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when it cannot be read;
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) when it does not name a graph
    /// or says neither `true` nor `false` for `directed`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|error| Error::io(path, "read", error))?;
        let entries = entries(&text);
        let name = entries.iter().find_map(|(_, key, _)| {
            let name = key.strip_prefix("graph.")?.strip_suffix(VERTEX_FILE)?.strip_suffix('.')?;
            Some(name.to_owned())
        });
        let Some(name) = name else {
            let lines = text.lines().count() as u64 + 1;
            return Err(wrong_entry(
                path,
                lines,
                "end of file",
                "graph.<name>.vertex-file = <file>",
            ));
        };
        let prefix = format!("graph.{name}.");
        let own = entries.iter().filter_map(|(line, key, value)| {
            Some((key.strip_prefix(&prefix)?.to_owned(), (*line, (*value).to_owned())))
        });
        let own: BTreeMap<String, (u64, String)> = own.collect();
        let directed = match own.get("directed") {
            Some((_, value)) if value == "true" => true,
            Some((_, value)) if value == "false" => false,
            Some((line, value)) => {
                return Err(wrong_entry(path, *line, &format!("{value:?}"), "true or false"));
            }
            None => {
                let expected = format!("{prefix}directed = true or false");
                return Err(wrong_entry(
                    path,
                    text.lines().count() as u64 + 1,
                    "end of file",
                    &expected,
                ));
            }
        };
        // The weight is the third column; other properties of edges would follow.
        let names = own.get("edge-properties.names").map(|(_, value)| value.as_str());
        let first = names.unwrap_or_default().split(',').next().unwrap_or_default().trim();
        let weight = own.get("sssp.weight-property");
        if let Some((line, weight)) = weight
            && weight != first
        {
            let expected = "the name of the first edge property: weights are read from column 3";
            return Err(wrong_entry(path, *line, &format!("{weight:?}"), expected));
        }
        let weighted = !first.is_empty();
        let properties = own.into_iter().map(|(key, (_, value))| (key, value)).collect();
        Ok(Self { path: path.to_owned(), name, properties, directed, weighted })
    }

    /// Returns the graph's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True when edges go one way.
    #[must_use]
    pub fn is_directed(&self) -> bool {
        self.directed
    }

    /// True when edges have weights.
    #[must_use]
    pub fn is_weighted(&self) -> bool {
        self.weighted
    }

    /// Returns the algorithms that the file lists, such as `bfs` and `cdlp`, in its order.
    #[must_use]
    pub fn algorithms(&self) -> Vec<&str> {
        let listed = self.property("algorithms").unwrap_or_default().split(',');
        listed.map(str::trim).filter(|name| !name.is_empty()).collect()
    }

    /// Returns a property of the graph, by what follows `graph.<name>.` in its key.
    #[must_use]
    pub fn property(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(String::as_str)
    }

    /// Returns a property as a value.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when the file does not have it or it is not such a value.
    pub fn parameter<T: FromStr>(&self, key: &str) -> Result<T> {
        let full = format!("graph.{}.{key}", self.name);
        let Some(value) = self.property(key) else {
            let path = self.path.display();
            return Err(Error::argument(format!("{path}: there is no {full}")));
        };
        value.parse().map_err(|_| {
            let path = self.path.display();
            Error::argument(format!("{path}: {full} = {value} is not such a value"))
        })
    }

    /// Returns where the reference output of an algorithm would be, which need not exist.
    #[must_use]
    pub fn reference(&self, algorithm: &str) -> PathBuf {
        self.path.with_file_name(format!("{}-{}", self.name, algorithm.to_uppercase()))
    }

    /// Loads the graph without weights. The builder says all but the direction of the edges.
    ///
    /// # Errors
    /// As [`GraphBuilder::parts`] and [`edge_list`].
    pub fn load(&self, context: &Context, builder: GraphBuilder) -> Result<Graph> {
        let vertices = vertex_list(context, self.file(VERTEX_FILE)?)?;
        let edges = edge_list(context, self.file("edge-file")?)?;
        builder.undirected(!self.directed).parts(&vertices, &edges)
    }

    /// Loads the graph with the weights of its edges.
    ///
    /// # Errors
    /// As [`load`](Self::load), and for an edge without a weight.
    pub fn load_weighted(
        &self,
        context: &Context,
        builder: GraphBuilder,
    ) -> Result<Graph<(), f64>> {
        let vertices = vertex_list(context, self.file(VERTEX_FILE)?)?;
        let edges = weighted_edge_list(context, self.file("edge-file")?)?;
        builder.undirected(!self.directed).parts(&vertices, &edges)
    }

    /// A file that the properties name, beside them.
    fn file(&self, key: &str) -> Result<PathBuf> {
        let name: PathBuf = self.parameter(key)?;
        Ok(self.path.parent().unwrap_or(Path::new("")).join(name))
    }
}

/// Graphs with a properties file, which is what is opened.
pub(super) struct GraphalyticsFormat;

impl Format for GraphalyticsFormat {
    fn name(&self) -> &'static str {
        "graphalytics"
    }

    fn summary(&self) -> &'static str {
        "A graph of LDBC Graphalytics by its .properties file, which names the .v and .e files"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["properties"]
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let graph = GraphalyticsGraph::open(only_path(self, paths)?)?;
        let edges = graph.file("edge-file")?;
        let mut input = if options.weighted && graph.weighted {
            GraphInput::new(weighted_edge_list(context, edges)?)
        } else {
            GraphInput::new(edge_list(context, edges)?)
        };
        input.vertices = Some(vertex_list(context, graph.file(VERTEX_FILE)?)?);
        input.directed = Some(graph.directed);
        Ok(input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIANGLE: &str = "\
# a triangle
graph.tri.vertex-file = tri.v
graph.tri.edge-file = tri.e
graph.tri.directed = false
graph.tri.edge-properties.names = weight
graph.tri.algorithms = bfs, sssp
graph.tri.bfs.source-vertex = 18446744073709551615
graph.other.directed = true
";

    fn folder(properties: &str, vertices: &str, edges: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("tri.properties", properties), ("tri.v", vertices), ("tri.e", edges)]
        {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn open(folder: &tempfile::TempDir) -> Result<GraphalyticsGraph> {
        GraphalyticsGraph::open(folder.path().join("tri.properties"))
    }

    #[test]
    fn a_graph_is_what_its_three_files_say() -> Result<()> {
        let folder =
            folder(TRIANGLE, "1\n2\r\n\n3\n18446744073709551615", "1 2 0.5\n2 3 1e1\n1 3 0\n");
        let described = open(&folder)?;
        assert_eq!((described.name(), described.algorithms()), ("tri", vec!["bfs", "sssp"]));
        assert_eq!(described.parameter::<u64>("bfs.source-vertex")?, u64::MAX);
        assert!(described.is_weighted() && !described.is_directed());
        assert_eq!(described.reference("bfs").file_name().unwrap(), "tri-BFS");
        let ctx = Context::local(2)?;
        let graph = described.load(&ctx, Graph::builder().partitions(2))?;
        assert_eq!((graph.vertex_count(), graph.edge_count()), (4, 6));
        let weighted = described.load_weighted(&ctx, Graph::builder())?;
        assert!(weighted.is_undirected());
        assert_eq!(weighted.edges().map(|edge| edge.value).sum()?, 21.0);
        Ok(())
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_with_its_place() -> Result<()> {
        let shown = |properties: &str| open(&folder(properties, "", "")).unwrap_err().to_string();
        assert!(shown("").contains("tri.properties:1:1: found end of file, expected graph.<name>"));
        let maybe = shown(&TRIANGLE.replace("= false", "= maybe"));
        assert!(maybe.contains("tri.properties:4:1: found \"maybe\", expected true or false"));
        let other = format!("{TRIANGLE}graph.tri.sssp.weight-property = cost\n");
        assert!(shown(&other).contains(":9:1: found \"cost\""));

        let described = open(&folder(TRIANGLE, "", ""))?;
        let missing = described.parameter::<u64>("sssp.source-vertex").unwrap_err().to_string();
        assert!(missing.ends_with("there is no graph.tri.sssp.source-vertex"), "{missing}");
        let ctx = Context::local(1)?;
        let load = |vertices, edges| {
            let folder = folder(TRIANGLE, vertices, edges);
            open(&folder)?.load_weighted(&ctx, Graph::builder()).map(|_| String::new())
        };
        let words = load("1\n 2x\n", "").unwrap_err().to_string();
        assert!(words.contains("tri.v:2:2: found \"2x\", expected a vertex id"), "{words}");
        let unknown = load("1\n", "1 2 3\n").unwrap_err().to_string();
        assert!(unknown.contains("an edge names vertex 2"), "{unknown}");
        let bare = load("1\n2\n", "1 2\n").unwrap_err().to_string();
        assert!(bare.contains("tri.e:1:4: found end of line, expected a weight"), "{bare}");
        Ok(())
    }
}
