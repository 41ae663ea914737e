//! The joins that find the places that look like a pattern, a term at a time.

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Edge, Graph, VertexId};
use crate::rdd::Rdd;

use super::motif_pattern::Term;
use super::motifs::{Match, Motifs};

/// Edges by a key, placed where joins want them.
type Keyed<K, E> = Option<Rdd<(K, Edge<E>)>>;

/// The joins of a pattern.
pub(super) struct Search<'a, V: 'static, E: 'static> {
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
    pub(super) fn new(graph: &'a Graph<V, E>) -> Self {
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

    pub(super) fn run(mut self, terms: Vec<Term>) -> Result<Motifs<E>> {
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
