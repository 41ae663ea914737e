//! Which vertices have no edges, told while the edges are read for something else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Edge, VertexId};
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

    /// Sets the bit of an id, where it has one.
    fn set(&self, words: &[AtomicU64], id: VertexId) {
        let place = match &self.ids {
            Ids::From(first) => id.checked_sub(*first),
            Ids::Among(ids) => ids.binary_search(&id).ok().map(|place| place as u64),
        };
        let Some(place) = place else { return };
        let word = usize::try_from(place / 64).ok().and_then(|index| words.get(index));
        let bit = 1 << (place % 64);
        if let Some(word) = word
            && word.load(Ordering::Relaxed) & bit == 0
        {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }
}

impl GraphInput {
    /// Watches which of the vertices the edges meet whenever they are read; `None` where the
    /// vertices are those that edges name. Reads the vertices.
    ///
    /// # Errors
    /// For what is wrong in the files.
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
        vertices.map(move |(id, ())| listing.set(&listing.listed, id)).count()?;
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
        watch.set(&watch.met, edge.source);
        watch.set(&watch.met, edge.target);
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
            (vec![], 0),
            (vec![1, 2, 3], 0),
            (vec![3, 1, 2, 9, 9, 70, 70], 2),
            (vec![0, far], 2),
            (vec![far, 1, 1 << 40, 1 << 40, 7], 3),
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
        assert!(GraphInput::new(edges).watched()?.1.is_none());
        Ok(())
    }
}
