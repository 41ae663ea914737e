//! Which vertices have no edges, and which edges have no vertices, told while the edges are read for
//! something else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Edge, VertexId};
use crate::raise::raise;
use crate::rdd::Rdd;

use super::graph_input::{Edges, GraphInput};

/// How many ids there may be for a vertex where each id has its bits.
const DENSE_IDS: u64 = 32;

/// Tells how many vertices no edge has met so far.
///
/// Takes two bits for each id from the least to the largest, or 8 bytes for each vertex where ids
/// are sparse. Handles are cheap to clone and see the same.
#[derive(Debug, Clone)]
pub struct Isolated(Arc<Watch>);

#[derive(Debug)]
struct Watch {
    ids: Ids,
    /// A bit for each vertex.
    listed: Vec<AtomicU64>,
    /// A bit for each end of an edge.
    met: Vec<AtomicU64>,
}

/// Where the bits of ids are.
#[derive(Debug)]
enum Ids {
    /// From that of this id on.
    From(VertexId),
    /// At the id's place among these.
    Among(Vec<VertexId>),
}

impl Isolated {
    /// Returns how many vertices no edge has met, which is final once all edges have been read.
    #[must_use]
    pub fn count(&self) -> u64 {
        let words = self.0.listed.iter().zip(&self.0.met);
        let alone = words.map(|(listed, met)| {
            let alone = listed.load(Ordering::Relaxed) & !met.load(Ordering::Relaxed);
            u64::from(alone.count_ones())
        });
        alone.sum()
    }
}

impl Watch {
    fn new(ids: Ids, bits: u64) -> Result<Self> {
        let too_many = |_| Error::argument("too many vertices");
        let words = usize::try_from(bits.div_ceil(64)).map_err(too_many)?;
        let zeros = || (0..words).map(|_| AtomicU64::new(0)).collect();
        Ok(Self { ids, listed: zeros(), met: zeros() })
    }

    /// Where the bit of an id is: which word, and the bit within it.
    fn place(&self, id: VertexId) -> Option<(usize, u64)> {
        let place = match &self.ids {
            Ids::From(first) => id.checked_sub(*first)?,
            Ids::Among(ids) => ids.binary_search(&id).ok()? as u64,
        };
        let word = usize::try_from(place / 64).ok().filter(|word| *word < self.listed.len())?;
        Some((word, 1 << (place % 64)))
    }

    /// Notes that a vertex is there.
    fn list(&self, id: VertexId) {
        if let Some((word, bit)) = self.place(id) {
            set(&self.listed, word, bit);
        }
    }

    /// Notes that a vertex, which has to be there, has an edge.
    fn meet(&self, id: VertexId) {
        let place = self.place(id);
        match place.filter(|(word, bit)| self.listed[*word].load(Ordering::Relaxed) & bit != 0) {
            Some((word, bit)) => set(&self.met, word, bit),
            None => raise(ErrorKind::UnknownVertex { what: "an edge", id: id.to_string() }.into()),
        }
    }
}

/// Sets a bit, which mostly is set already.
fn set(words: &[AtomicU64], word: usize, bit: u64) {
    if words[word].load(Ordering::Relaxed) & bit == 0 {
        words[word].fetch_or(bit, Ordering::Relaxed);
    }
}

impl GraphInput {
    /// Watches which of the vertices the edges meet whenever they are read; `None` where the
    /// vertices are those that edges name. Reads the vertices. An edge of a vertex that is not among
    /// them is an error from where the edges are read,
    /// [`ErrorKind::UnknownVertex`](crate::ErrorKind::UnknownVertex).
    ///
    /// # Errors
    /// [`ErrorKind::DuplicateVertex`](crate::ErrorKind::DuplicateVertex) for an id that is listed more
    /// than once; otherwise for what is wrong in the files.
    pub fn watched(self) -> Result<(Self, Option<Isolated>)> {
        let Some(vertices) = &self.vertices else { return Ok((self, None)) };
        let (least, most, count) = vertices
            .map(|(id, ())| (id, id, 1_u64))
            .fold((u64::MAX, 0, 0), |a, b| (a.0.min(b.0), a.1.max(b.1), a.2 + b.2))?;
        let range = most.saturating_sub(least);
        let watch = if range / DENSE_IDS < count {
            Watch::new(Ids::From(least), range + 1)?
        } else {
            let mut ids = vertices.map(|(id, ())| id).collect()?;
            ids.sort_unstable();
            ids.dedup();
            let bits = ids.len() as u64;
            Watch::new(Ids::Among(ids), bits)?
        };
        let watch = Arc::new(watch);
        let listing = Arc::clone(&watch);
        vertices.map(move |(id, ())| listing.list(id)).count()?;
        let listed = watch.listed.iter().map(|word| word.load(Ordering::Relaxed).count_ones());
        if listed.map(u64::from).sum::<u64>() < count {
            let counts = vertices.map(|(id, ())| (id, 1_u64));
            let counts = counts.reduce_by_key(|a, b| a + b, vertices.partition_count().max(1));
            let twice = counts.filter(|(_, count)| *count > 1);
            let first = twice.fold((u64::MAX, 0), |a, b| if a.0 <= b.0 { a } else { b })?;
            return Err(ErrorKind::DuplicateVertex { id: first.0.to_string() }.into());
        }
        let edges = match &self.edges {
            Edges::Plain(edges) => Edges::Plain(watched(edges, &watch)),
            Edges::Weighted(edges) => Edges::Weighted(watched(edges, &watch)),
        };
        Ok((Self { edges, built: None, ..self }, Some(Isolated(watch))))
    }
}

fn watched<E: Data>(edges: &Rdd<Edge<E>>, watch: &Arc<Watch>) -> Rdd<Edge<E>> {
    let watch = Arc::clone(watch);
    edges.map(move |edge| {
        watch.meet(edge.source);
        watch.meet(edge.target);
        edge
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rdd::Context;

    #[test]
    fn vertices_that_no_edge_names_are_counted_once_wherever_their_ids_are() -> Result<()> {
        let ctx = Context::local(2)?;
        let far = u64::MAX;
        for (ids, alone) in [
            (vec![1, 2, 3, 5], 0),
            (vec![3, 1, 2, 5, 9, 70], 2),
            (vec![0, 1, 2, 3, 5, far], 2),
            (vec![far, 1, 1 << 40, 7, 2, 3, 5], 3),
        ] {
            let edges = ctx.parallelize([(1, 2), (3, 3), (5, 1)].map(Edge::from), 2);
            let vertices = ctx.parallelize(ids.clone().into_iter().map(|id| (id, ())), 2);
            let (input, isolated) = GraphInput::new(edges).with_vertices(vertices).watched()?;
            let isolated = isolated.unwrap();
            let Edges::Plain(edges) = &input.edges else { panic!("edges without weights") };
            assert_eq!(edges.collect()?.len(), 3);
            assert_eq!(isolated.count(), alone, "{ids:?}");
        }
        let edges = ctx.parallelize([(1, 2)].map(Edge::from), 1);
        assert!(GraphInput::new(edges.clone()).watched()?.1.is_none());
        let listed = |ids: &[u64]| {
            let vertices = ctx.parallelize(ids.iter().map(|id| (*id, ())).collect::<Vec<_>>(), 2);
            let (input, _) = GraphInput::new(edges.clone()).with_vertices(vertices).watched()?;
            input.plain_edges().collect()
        };
        assert_eq!(listed(&[1, 2])?.len(), 1);
        for (ids, words) in [
            (&[][..], "an edge names vertex 1,"),
            (&[1], "an edge names vertex 2,"),
            (&[1, 3], "an edge names vertex 2,"),
            (&[1, far], "an edge names vertex 2,"),
            (&[2, 7, 1, 7, 2], "vertex id 2 occurs more than once"),
        ] {
            let error = listed(ids).unwrap_err().to_string();
            assert!(error.contains(words), "{ids:?}: {error}");
        }
        Ok(())
    }
}
