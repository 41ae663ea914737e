//! One process: blocks are handed over as they are, without encoding or copying.

use crate::error::Result;

use super::{Exchange, Parcel};

/// The exchange of a context that runs alone.
#[derive(Debug, Default)]
pub(crate) struct LocalExchange;

impl Exchange for LocalExchange {
    fn index(&self) -> usize {
        0
    }

    fn peers(&self) -> usize {
        1
    }

    fn exchange(&self, _reduce_partitions: usize, mut parcels: Vec<Parcel>) -> Result<Vec<Parcel>> {
        parcels.sort_by_key(|parcel| (parcel.map, parcel.reduce));
        Ok(parcels)
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance;
    use super::LocalExchange;

    #[test]
    fn the_local_exchange_delivers_every_parcel_in_order() {
        conformance::single_process(&LocalExchange);
    }
}
