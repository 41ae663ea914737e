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
use crate::error::{Error, Result};
use crate::graph::{Edge, Graph, VertexId};
use crate::rdd::Rdd;

use super::registry::{Algorithm, Arguments, Parameter};
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
    vertex_names: Vec<String>,
    edge_names: Vec<String>,
    rows: Rdd<Match<E>>,
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
    /// edges, or when a term with `!` names an edge, or a vertex that no other term names.
    pub fn find(&self, pattern: &str) -> Result<Motifs<E>> {
        let terms = parse(pattern)?;
        check(&terms)?;
        Search::new(self).run(terms)
    }
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Vertex(String),
    Edge { negated: bool, source: Option<String>, name: Option<String>, target: Option<String> },
}

/// Reads a pattern from the left.
struct Reader<'a> {
    pattern: &'a str,
    /// The place of the next character, in bytes.
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.pattern[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Reads a word of the grammar if it is next.
    fn takes(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let next = self.rest().starts_with(word);
        self.at += if next { word.len() } else { 0 };
        next
    }

    fn expect(&mut self, word: &str) -> Result<()> {
        if self.takes(word) { Ok(()) } else { Err(self.unexpected(&format!("\"{word}\""))) }
    }

    fn unexpected(&self, expected: &str) -> Error {
        let column = self.pattern[..self.at].chars().count() + 1;
        let found = match self.rest().chars().next() {
            Some(next) => format!("\"{next}\""),
            None => "the end".to_owned(),
        };
        Error::argument(format!(
            "pattern {:?}, character {column}: found {found}, expected {expected}",
            self.pattern
        ))
    }

    fn name(&mut self) -> Option<String> {
        self.skip_blanks();
        let is_part = |(place, next): &(usize, char)| {
            *next == '_' || if *place == 0 { next.is_alphabetic() } else { next.is_alphanumeric() }
        };
        let name: String =
            self.rest().char_indices().take_while(is_part).map(|(_, next)| next).collect();
        self.at += name.len();
        (!name.is_empty()).then_some(name)
    }

    fn vertex(&mut self) -> Result<Option<String>> {
        self.expect("(")?;
        let name = self.name();
        if self.takes(")") { Ok(name) } else { Err(self.unexpected("a name or \")\"")) }
    }

    fn term(&mut self) -> Result<Term> {
        let negated = self.takes("!");
        let start = self.at;
        let source = self.vertex()?;
        if negated || self.takes("-") {
            if negated {
                self.expect("-")?;
            }
            self.expect("[")?;
            let name = self.name();
            self.expect("]")?;
            self.expect("->")?;
            let target = self.vertex()?;
            return Ok(Term::Edge { negated, source, name, target });
        }
        self.skip_blanks();
        match source {
            Some(name) => Ok(Term::Vertex(name)),
            None => {
                self.at = start;
                Err(self.unexpected("a vertex with a name or an edge, not a vertex without both"))
            }
        }
    }
}

fn parse(pattern: &str) -> Result<Vec<Term>> {
    let mut reader = Reader { pattern, at: 0 };
    let mut terms = vec![reader.term()?];
    while reader.takes(";") {
        reader.skip_blanks();
        if reader.rest().is_empty() {
            break;
        }
        terms.push(reader.term()?);
    }
    reader.skip_blanks();
    if reader.rest().is_empty() { Ok(terms) } else { Err(reader.unexpected("\";\" or the end")) }
}

/// Looks at the names of a pattern.
fn check(terms: &[Term]) -> Result<()> {
    let (mut vertices, mut edges) = (Vec::new(), Vec::new());
    for term in terms {
        match term {
            Term::Vertex(name) => vertices.push(name),
            Term::Edge { negated: false, source, name, target } => {
                vertices.extend(source.iter().chain(target));
                if let Some(name) = name {
                    if edges.contains(&name) {
                        return Err(Error::argument(format!("two edges have the name {name}")));
                    }
                    edges.push(name);
                }
            }
            Term::Edge { negated: true, .. } => {}
        }
    }
    if let Some(name) = edges.iter().find(|name| vertices.contains(name)) {
        return Err(Error::argument(format!("{name} is the name of a vertex and of an edge")));
    }
    for term in terms {
        let Term::Edge { negated: true, source, name, target } = term else { continue };
        if let Some(name) = name {
            return Err(Error::argument(format!(
                "a term with \"!\" names the edge {name}, which there must not be"
            )));
        }
        if source.is_none() && target.is_none() {
            return Err(Error::argument("a term with \"!\" has to name a vertex"));
        }
        if let Some(name) = source.iter().chain(target).find(|name| !vertices.contains(name)) {
            return Err(Error::argument(format!(
                "a term with \"!\" names the vertex {name}, which no other term does"
            )));
        }
    }
    Ok(())
}

/// Edges by a key, placed where joins want them.
type Keyed<K, E> = Option<Rdd<(K, Edge<E>)>>;

/// The joins of a pattern.
struct Search<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    partitions: usize,
    vertex_names: Vec<String>,
    edge_names: Vec<String>,
    rows: Option<Rdd<Match<E>>>,
    by_source: Keyed<VertexId, E>,
    by_target: Keyed<VertexId, E>,
    by_ends: Keyed<(VertexId, VertexId), E>,
}

impl<'a, V: Data, E: Data> Search<'a, V, E> {
    fn new(graph: &'a Graph<V, E>) -> Self {
        Self {
            graph,
            partitions: graph.partition_count(),
            vertex_names: Vec::new(),
            edge_names: Vec::new(),
            rows: None,
            by_source: None,
            by_target: None,
            by_ends: None,
        }
    }

    fn run(mut self, terms: Vec<Term>) -> Result<Motifs<E>> {
        let (negated, mut terms): (Vec<_>, Vec<_>) =
            terms.into_iter().partition(|term| matches!(term, Term::Edge { negated: true, .. }));
        while !terms.is_empty() {
            // The one with the most known ends; of several, the first.
            let known: Vec<_> = terms.iter().map(|term| self.known_ends(term)).collect();
            let most = known.iter().max().copied().unwrap_or_default();
            let next = known.iter().position(|known| *known == most).unwrap_or_default();
            match terms.remove(next) {
                Term::Vertex(name) => self.add_vertex(name),
                Term::Edge { source, name, target, .. } => self.add_edge(source, name, target),
            }
        }
        for term in negated {
            if let Term::Edge { source, target, .. } = term {
                self.subtract(source, target)?;
            }
        }
        let Self { vertex_names, edge_names, rows, .. } = self;
        let rows = rows.ok_or_else(|| Error::argument("a pattern needs a term without \"!\""))?;
        Ok(Motifs { vertex_names, edge_names, rows })
    }

    /// The place of a vertex in the matches so far.
    fn place(&self, name: Option<&String>) -> Option<usize> {
        self.vertex_names.iter().position(|known| Some(known) == name)
    }

    fn known_ends(&self, term: &Term) -> usize {
        match term {
            Term::Vertex(name) => usize::from(self.place(Some(name)).is_some()),
            Term::Edge { source, target, .. } => {
                let ends = [source, target].map(|end| self.place(end.as_ref()).is_some());
                ends.into_iter().map(usize::from).sum()
            }
        }
    }

    fn add_vertex(&mut self, name: String) {
        if self.place(Some(&name)).is_some() {
            return;
        }
        let vertices = self.graph.vertices().map(|(id, _)| id);
        self.rows = Some(match self.rows.take() {
            None => vertices.map(|id| Match { vertices: vec![id], edges: Vec::new() }),
            Some(rows) => rows.cartesian(&vertices).map(|(mut row, id)| {
                row.vertices.push(id);
                row
            }),
        });
        self.vertex_names.push(name);
    }

    fn add_edge(&mut self, source: Option<String>, name: Option<String>, target: Option<String>) {
        let (known_source, known_target) =
            (self.place(source.as_ref()), self.place(target.as_ref()));
        let is_loop = source.is_some() && source == target;
        let rows = self.rows.take();
        let joined: Rdd<(Match<E>, Edge<E>)> = match (rows, known_source, known_target) {
            (None, _, _) => self
                .graph
                .edges()
                .map(|edge| (Match { vertices: Vec::new(), edges: Vec::new() }, edge)),
            (Some(rows), Some(from), Some(to)) => {
                let keyed = rows.map(move |row| ((row.vertices[from], row.vertices[to]), row));
                keyed.join(&self.by_ends(), self.partitions).values()
            }
            (Some(rows), Some(from), None) => {
                let keyed = rows.map(move |row| (row.vertices[from], row));
                keyed.join(&self.by_source(), self.partitions).values()
            }
            (Some(rows), None, Some(to)) => {
                let keyed = rows.map(move |row| (row.vertices[to], row));
                keyed.join(&self.by_target(), self.partitions).values()
            }
            (Some(rows), None, None) => rows.cartesian(&self.graph.edges()),
        };
        let joined = match is_loop {
            true => joined.filter(|(_, edge)| edge.source == edge.target),
            false => joined,
        };
        let adds_source = source.is_some() && known_source.is_none();
        let adds_target = target.is_some() && known_target.is_none() && !is_loop;
        let adds_edge = name.is_some();
        self.rows = Some(joined.map(move |(mut row, edge)| {
            row.vertices.extend(adds_source.then_some(edge.source));
            row.vertices.extend(adds_target.then_some(edge.target));
            row.edges.extend(adds_edge.then_some(edge));
            row
        }));
        self.vertex_names.extend(source.filter(|_| adds_source));
        self.vertex_names.extend(target.filter(|_| adds_target));
        self.edge_names.extend(name);
    }

    /// Leaves the matches for which there is no such edge.
    fn subtract(&mut self, source: Option<String>, target: Option<String>) -> Result<()> {
        let ends = (self.place(source.as_ref()), self.place(target.as_ref()));
        let rows = self.rows.take();
        let rows = rows.ok_or_else(|| Error::argument("a pattern needs a term without \"!\""))?;
        self.rows = Some(match ends {
            (Some(from), Some(to)) => {
                let keyed = rows.map(move |row| ((row.vertices[from], row.vertices[to]), row));
                keyed.subtract_by_key(&self.by_ends(), self.partitions).values()
            }
            (Some(from), None) => {
                let keyed = rows.map(move |row| (row.vertices[from], row));
                keyed.subtract_by_key(&self.by_source(), self.partitions).values()
            }
            (None, Some(to)) => {
                let keyed = rows.map(move |row| (row.vertices[to], row));
                keyed.subtract_by_key(&self.by_target(), self.partitions).values()
            }
            (None, None) => return Err(Error::argument("a term with \"!\" has to name a vertex")),
        });
        Ok(())
    }

    fn by_source(&mut self) -> Rdd<(VertexId, Edge<E>)> {
        let (graph, partitions) = (self.graph, self.partitions);
        let place = || graph.edges().key_by(|edge| edge.source).partition_by(partitions);
        self.by_source.get_or_insert_with(place).clone()
    }

    fn by_target(&mut self) -> Rdd<(VertexId, Edge<E>)> {
        let (graph, partitions) = (self.graph, self.partitions);
        let place = || graph.edges().key_by(|edge| edge.target).partition_by(partitions);
        self.by_target.get_or_insert_with(place).clone()
    }

    fn by_ends(&mut self) -> Rdd<((VertexId, VertexId), Edge<E>)> {
        let (graph, partitions) = (self.graph, self.partitions);
        let ends = |edge: &Edge<E>| (edge.source, edge.target);
        let place = || graph.edges().key_by(ends).partition_by(partitions);
        self.by_ends.get_or_insert_with(place).clone()
    }
}

/// What to look for.
const PATTERN: Parameter = Parameter {
    name: "pattern",
    value: "PATTERN",
    help: "What to look for, such as \"(a)-[e]->(b); (b)-[]->(c); !(c)-[]->(a)\"",
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

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(negated: bool, source: &str, name: &str, target: &str) -> Term {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        Term::Edge { negated, source: named(source), name: named(name), target: named(target) }
    }

    #[test]
    fn patterns_are_read_with_and_without_names_and_blanks() -> Result<()> {
        let terms = [
            edge(false, "a", "e", "b"),
            edge(false, "b", "", ""),
            edge(true, "", "", "a"),
            Term::Vertex("_x1".to_owned()),
        ];
        assert_eq!(parse("(a)-[e]->(b);(b)-[]->();!()-[]->(a);(_x1)")?, terms);
        assert_eq!(parse(" ( a ) - [ e ] -> ( b ) ; (b)-[ ]->() ; ! ()-[]->(a) ;(_x1) ; ")?, terms);
        Ok(())
    }

    #[test]
    fn what_is_wrong_with_a_pattern_is_named_with_its_place() {
        for (pattern, expected) in [
            ("", "character 1: found the end, expected \"(\""),
            ("(a)-[e]->(b", "character 12: found the end, expected a name or \")\""),
            ("(a)-[e]-(b)", "character 8: found \"-\", expected \"->\""),
            ("(a)-(b)", "character 5: found \"(\", expected \"[\""),
            ("(a)-[1]->(b)", "character 6: found \"1\", expected \"]\""),
            ("(a) (b)", "character 5: found \"(\", expected \";\" or the end"),
            ("()", "character 1: found \"(\", expected a vertex with a name"),
            ("!(a)", "character 5: found the end, expected \"-\""),
            ("(ä)-[]->(b); x", "character 14: found \"x\", expected \"(\""),
        ] {
            let message = parse(pattern).unwrap_err().to_string();
            assert!(message.contains(expected), "{pattern}: {message}");
        }
    }
}
