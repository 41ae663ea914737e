//! Vertices that messages create.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::exec::guard;
use crate::graph::{Bits, VertexBlock, VertexId};
use crate::rdd::Rdd;

use super::blocks::{GraphBlocks, with_partition};
use super::generation::{Generation, Summary};
use super::held::Held;
use super::outbox::Outbox;
use super::program::{Seed, VertexProgram};
use super::run::Pregel;
use super::states::States;
use super::step::GenerationOf;

impl<P: VertexProgram> Pregel<P> {
    /// Adds the vertices that messages named and that do not exist yet, as one more partition of
    /// blocks and of the generation.
    pub(super) fn create(
        &self,
        blocks: Rdd<GraphBlocks<P::Edge>>,
        generation: Rdd<GenerationOf<P>>,
        created: &mut BTreeSet<VertexId>,
        vertex_count: u64,
    ) -> Result<(Rdd<GraphBlocks<P::Edge>>, Rdd<GenerationOf<P>>)> {
        let named = generation.flat_map(|generation| {
            let ids: BTreeSet<_> =
                generation.outbox.strangers().iter().map(|(id, _)| *id).collect();
            ids
        });
        let new: BTreeSet<_> =
            named.collect()?.into_iter().filter(|id| !created.contains(id)).collect();
        if new.is_empty() {
            return Ok((blocks, generation));
        }
        let too_many = || Error::argument("messages created more vertices than 2^32 - 1 in all");
        let first = u32::try_from(vertex_count).map_err(|_| too_many())?;
        first
            .checked_add(u32::try_from(new.len()).map_err(|_| too_many())?)
            .ok_or_else(too_many)?;
        let total = vertex_count + new.len() as u64;
        let ids: Vec<_> = new.iter().copied().collect();
        let seed = |local: usize| {
            let (out_degree, in_degree) = (0, 0);
            let index = first + local as u32;
            Seed { id: ids[local], index, out_degree, in_degree, vertex_count: total }
        };
        let states = || States::new(ids.len(), |local| self.program.init(&seed(local)));
        let added = Generation {
            states: Arc::new(guard("init", states)?),
            halted: Arc::new(Bits::new(new.len())),
            settled: Arc::new(Bits::new(if P::SETTLES { new.len() } else { 0 })),
            held: Arc::new(Held::default()),
            outbox: Arc::new(Outbox::silent(new.len(), true)),
            summary: Summary::default(),
        };
        let degrees = vec![0; new.len()];
        let block = VertexBlock::new(first, ids, degrees.clone(), degrees);
        created.extend(new);
        let level = self.level(&blocks);
        Ok((
            with_partition(&blocks, (Arc::new(block), Vec::new(), 0), level)?,
            with_partition(&generation, added, level)?,
        ))
    }
}
