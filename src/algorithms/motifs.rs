//! Motifs: all places in a graph that look like a small pattern, such as
//! `(a)-[e]->(b); (b)-[]->(c); !(c)-[]->(a)`.
//!
//! ```text
//! pattern  = term (";" term)*
//! term     = vertex | "!"? vertex "-[" name? "]->" vertex
//! vertex   = "(" name? ")"
//! name     = letters, digits and "_", beginning with a letter or "_"
//! ```
//!
//! A match gives every name a vertex or an edge so that all terms hold; the same name is the same
//! vertex, and different names may be. A term with `!` holds where there is no such edge. What has
//! no name may be anything, and is not part of the result; where it can be several things, the match
//! comes several times, as does a match by parallel edges. In an undirected graph every edge goes both
//! ways.
//!
//! This is no vertex program but a chain of RDD joins: a term whose ends are both known, or one of
//! them, joins the matches so far with the edges by these ends; a term that shares no name with
//! what came before multiplies the matches by the edges, so such terms come last. A term with `!`
//! subtracts.
//!
//! - **Rows**: 16 bytes in place, 8 for each named vertex and 16 for each named edge, and its value.
//! - **Cost**: for each term one shuffle of the matches so far, and for each of the ways in which terms
//!   look edges up (by source, by target, by both) one shuffle of the edges. Nothing is computed
//!   until rows are read, and rows can be read as a stream.
//! - **Source**: Dave, Jindal, Li, Xin, Gonzalez, Zaharia, *GraphFrames: An Integrated API for Mixing
//!   Graph and Relational Queries* (GRADES 2016), section 3; GraphFrames, `Pattern.scala`, for the
//!   grammar.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Edge, Graph, VertexId};
use crate::rdd::Rdd;

use super::motif_joins::Search;
use super::motif_pattern::{Term, check, parse};
use super::registry::{Algorithm, Arguments, Memory, Parameter};
use super::table::{Cell, Kind, Table, Values};

/// A match: what the names of a pattern stand for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Match<E = ()> {
    /// A vertex for each of [`Motifs::vertex_names`].
    pub vertices: Vec<VertexId>,
    /// An edge for each of [`Motifs::edge_names`].
    pub edges: Vec<Edge<E>>,
}

/// The matches of a pattern in a graph.
#[must_use = "matches are lazy and nothing is computed until they are read"]
pub struct Motifs<E: 'static = ()> {
    pub(super) vertex_names: Vec<String>,
    pub(super) edge_names: Vec<String>,
    pub(super) rows: Rdd<Match<E>>,
}

impl<E> fmt::Debug for Motifs<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Motifs")
            .field("vertices", &self.vertex_names)
            .field("edges", &self.edge_names)
            .finish_non_exhaustive()
    }
}

impl<E: Data> Motifs<E> {
    /// Returns the names of vertices, in the order in which terms without `!` are looked up, which
    /// is the order of the pattern but for terms that had to wait for others.
    #[must_use]
    pub fn vertex_names(&self) -> &[String] {
        &self.vertex_names
    }

    /// Returns the names of edges, in the same order.
    #[must_use]
    pub fn edge_names(&self) -> &[String] {
        &self.edge_names
    }

    /// Returns the matches, in no order that means anything but the same in every run.
    pub fn rows(&self) -> Rdd<Match<E>> {
        self.rows.clone()
    }
}

impl<V: Data, E: Data> Graph<V, E> {
    /// Finds the places in the graph that look like a pattern; see [the module](self) for what
    /// patterns say.
    ///
    /// ```
    /// use superstep::prelude::*;
    ///
    /// let ctx = Context::local(2)?;
    /// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (2, 5)].map(Edge::from), 2);
    /// let graph = Graph::from_edges(&edges)?;
    /// // Two steps that are not the beginning of a ring of three.
    /// let found = graph.find("(a)-[e]->(b); (b)-[]->(c); !(c)-[]->(a)")?;
    /// assert_eq!(found.vertex_names(), ["a", "b", "c"]);
    /// let rows = found.rows().collect()?;
    /// assert_eq!(rows.len(), 1);
    /// assert_eq!((&rows[0].vertices[..], rows[0].edges[0]), (&[1, 2, 5][..], Edge::from((1, 2))));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument), with the place, for a pattern that
    /// does not follow the grammar; with the name, when it is that of a vertex and of an edge or of two
    /// edges, when a term with `!` names an edge, or a vertex that no other term names, or when
    /// nothing has a name.
    pub fn find(&self, pattern: &str) -> Result<Motifs<E>> {
        Search::new(self).run(checked(pattern)?)
    }
}

/// The terms of a pattern with nothing wrong in it.
fn checked(pattern: &str) -> Result<Vec<Term>> {
    let terms = parse(pattern)?;
    check(&terms)?;
    Ok(terms)
}

/// What to look for.
const PATTERN: Parameter = Parameter {
    name: "pattern",
    value: "PATTERN",
    help: "What to look for, such as \"(a)-[e]->(b); (b)-[]->(c); !(c)-[]->(a)\"; a column for each named vertex, and two for each named edge, such as e.source and e.target",
    default: "none: it has to be given",
    choices: &[],
};

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "motifs"
    }

    fn summary(&self) -> &'static str {
        "All places in the graph that look like a pattern of vertices and edges"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[PATTERN]
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 400, edge: 400 }
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        checked(&arguments.required::<String>(self.name(), &PATTERN)?).map(drop)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let pattern: String = arguments.required(self.name(), &PATTERN)?;
        let found = graph.find(&pattern)?;
        let ends = found
            .edge_names
            .iter()
            .flat_map(|name| [format!("{name}.source"), format!("{name}.target")]);
        let columns: Vec<String> = found.vertex_names.iter().cloned().chain(ends).collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let rows = found.rows.map(|row| {
            let ends = row.edges.iter().flat_map(|edge| [edge.source, edge.target]);
            row.vertices.iter().copied().chain(ends).map(Cell::from).collect::<Vec<_>>()
        });
        Ok(Table::without_run(&columns, Values::Rows(rows, vec![Kind::Id; columns.len()]))
            .keyed_by(columns.len()))
    }
}
