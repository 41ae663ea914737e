//! The one seam between one process and many: blocks change hands here and nowhere else.
//!
//! Every process runs the same program. A shuffle is a *collective*: all processes call
//! [`Exchange::exchange`] for the same shuffle, in program order, each with the blocks its map
//! tasks made, and each gets the blocks of the partitions it owns. Blocks arrive ordered by map
//! partition, so what a reducer reads does not depend on the backend; the determinism promise
//! rests on that.

mod local;

use std::fmt;

use crate::error::Result;
use crate::storage::Block;

pub(crate) use local::LocalExchange;

/// A shuffle output on its way from a map task to a reduce partition.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    /// The map task that made it.
    pub(crate) map: usize,
    /// The partition it is for.
    pub(crate) reduce: usize,
    /// The rows.
    pub(crate) block: Block,
}

/// Moves blocks between the processes of a job.
pub(crate) trait Exchange: Send + Sync + fmt::Debug {
    /// This process's number, from 0.
    fn index(&self) -> usize;

    /// How many processes there are.
    fn peers(&self) -> usize;

    /// The process that computes and keeps `partition` of `partition_count`: contiguous ranges.
    fn owner(&self, partition: usize, partition_count: usize) -> usize {
        partition * self.peers() / partition_count.max(1)
    }

    /// Delivers each parcel to the process that owns its reduce partition, and returns what was
    /// delivered here, by map task and then by reduce partition.
    fn exchange(&self, reduce_partitions: usize, outgoing: Vec<Parcel>) -> Result<Vec<Parcel>>;
}

#[cfg(test)]
pub(crate) mod conformance {
    //! What every backend must do, as one body of tests.

    use super::{Block, Exchange, Parcel};

    /// Runs the body over one backend of a single process.
    pub(crate) fn single_process(exchange: &dyn Exchange) {
        assert_eq!((exchange.index(), exchange.peers()), (0, 1));
        assert!((0..5).all(|partition| exchange.owner(partition, 5) == 0));
        let parcels = [(1, 1), (0, 1), (1, 0), (0, 0)].map(|(map, reduce)| Parcel {
            map,
            reduce,
            block: Block::from_rows(vec![(map, reduce)]),
        });
        let delivered = exchange.exchange(2, parcels.to_vec()).unwrap();
        let order: Vec<_> = delivered.iter().map(|parcel| (parcel.map, parcel.reduce)).collect();
        assert_eq!(order, [(0, 0), (0, 1), (1, 0), (1, 1)]);
        for parcel in &delivered {
            let rows = parcel.block.rows::<(usize, usize)>().unwrap();
            assert_eq!(*rows, [(parcel.map, parcel.reduce)]);
        }
        assert!(exchange.exchange(3, Vec::new()).unwrap().is_empty());
    }
}
