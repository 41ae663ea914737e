//! Messages that each vertex looks up as it computes, at the sources of its edges: for programs
//! that merge late, in supersteps in which everybody sent. Nothing is stored on the way.

use crate::graph::{Bits, ByTarget};

use super::super::combiner::Combiner;
use super::super::plan::Path;
use super::super::program::VertexProgram;
use super::Mail;

/// What was sent to a partition, where it can be looked up.
pub(in crate::pregel) struct Lookup<'m, P: VertexProgram> {
    mail: &'m Mail<'m, P>,
    /// The edges by target, for each of the program's directions.
    ways: Vec<&'m ByTarget<P::Edge>>,
    /// What the vertices of each partition sent, by local id.
    values: Vec<&'m [P::Message]>,
}

impl<'m, P: VertexProgram> Lookup<'m, P> {
    /// `None` unless all vertices with neighbours sent, and the edges are there by target.
    pub(super) fn of(mail: &'m Mail<'m, P>) -> Option<Self> {
        if !P::Combiner::LATE || mail.path != Path::Pull || mail.delivered_within {
            return None;
        }
        let ways = mail.ways.iter().map(|way| way.edges.by_target.as_deref());
        let values = mail.outboxes.iter().map(|outbox| match outbox.is_silent() {
            true => outbox.complete.then_some(&[][..]),
            false => outbox.dense().filter(|_| outbox.complete),
        });
        Some(Self {
            mail,
            ways: ways.collect::<Option<_>>()?,
            values: values.collect::<Option<_>>()?,
        })
    }

    /// The vertices that received something: whoever edges lead to.
    pub(super) fn received(&self, received: &mut Bits) {
        for way in self.mail.ways {
            let entered = way.edges.block.grid.entered.words();
            received.words_mut().iter_mut().zip(entered).for_each(|(all, own)| *all |= own);
        }
    }

    /// The messages to a vertex, in the order of merging.
    #[inline]
    pub(in crate::pregel) fn messages(&self, local: usize) -> impl Iterator<Item = P::Message> {
        // There are two directions at most.
        self.along(0, local).chain(self.along(1, local))
    }

    #[inline]
    fn along(&self, way: usize, local: usize) -> impl Iterator<Item = P::Message> {
        let edges = self.ways.get(way).map(|edges| {
            let places = edges.places(local);
            (&edges.sources[places.clone()], &edges.values[places])
        });
        let (sources, edges) = edges.unwrap_or_default();
        let Mail { program, layout, .. } = self.mail;
        sources.iter().zip(edges).filter_map(move |(source, edge)| {
            let (partition, local) = layout.place(*source);
            let message = self.values.get(partition)?.get(local as usize)?;
            Some(program.along(message, edge))
        })
    }
}
