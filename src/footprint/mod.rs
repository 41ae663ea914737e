//! How much memory rows take: what budgets of storage are reckoned with.
//!
//! The size of the rows themselves is known; what they own elsewhere is estimated by *serialising
//! into a counter*, which needs nothing of a type but what [`Data`] asks for anyway and allocates
//! nothing. A value is measured as the bytes it takes in place and the bytes it owns on the heap:
//!
//! | value | in place | on the heap |
//! | --- | --- | --- |
//! | number, `bool`, `char` | its size | 0 |
//! | string, bytes | 24 | its length + 16 |
//! | sequence, set | 24 | its elements + 16 |
//! | map | 24 | 1.5 × its entries + 16 |
//! | tuple, struct, variant | its fields, aligned | what they own |
//!
//! Rows that need no drop own nothing, which is known when compiling. Of many rows 256 are measured,
//! evenly spread, and of long sequences 64 elements, 16 of sequences in sequences. Spare capacity is
//! not seen. What stands behind an `Arc` or a `Box` counts as owned, once for each handle.

mod counter;
mod measure;

use std::mem::needs_drop;

use serde::ser::Serialize;

use crate::data::Data;

use counter::Counter;
use measure::Sample;

/// Rows measured of many.
const SAMPLED_ROWS: usize = 256;

/// Returns the bytes of memory that rows take, with what they own.
#[inline]
pub(crate) fn of_rows<T: Data>(rows: &[T]) -> usize {
    let own = size_of_val(rows);
    if !needs_drop::<T>() {
        return own;
    }
    let stride = rows.len().div_ceil(SAMPLED_ROWS).max(1);
    let mut sample = Sample::default();
    for row in rows.iter().step_by(stride) {
        sample.heap += heap_of(row);
        sample.taken += 1;
    }
    own + sample.heap_of_all(rows.len())
}

/// Returns the bytes that one row owns elsewhere.
#[inline]
pub(crate) fn heap_of<T: Serialize + ?Sized>(row: &T) -> usize {
    if !needs_drop::<T>() {
        return 0;
    }
    let measure = Counter::default().measure(row);
    // What does not fit into the row stands behind a pointer in it.
    measure.heap + measure.inline.saturating_sub(size_of_val(row))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde::{Deserialize, Serialize, Serializer};

    use super::counter::SAMPLED_ELEMENTS;
    use super::*;

    fn is_within_a_tenth(estimate: usize, truth: usize) {
        let error = estimate.abs_diff(truth) as f64 / truth as f64;
        assert!(error < 0.1, "estimated {estimate}, in truth {truth}");
    }

    #[test]
    fn rows_of_numbers_are_their_length_times_their_size() {
        assert_eq!(of_rows(&vec![(1_u64, 2.0_f64, 3_u8); 1000]), 24_000);
        assert_eq!(of_rows(&[Some(1_u32), None]), 16);
        assert_eq!(of_rows(&[[1_u16; 32]; 3]), 192);
        assert_eq!(of_rows(&[(); 3]), 0);
        assert_eq!(of_rows::<String>(&[]), 0);
    }

    #[test]
    fn what_rows_own_is_within_a_tenth_of_the_truth() {
        let strings: Vec<_> = (0..5000).map(|n| "x".repeat(n % 200)).collect();
        let truth = strings.iter().map(|row| 24 + 16 + row.len()).sum();
        is_within_a_tenth(of_rows(&strings), truth);

        let nested: Vec<Vec<u32>> = (0..3000).map(|n| vec![1; n / 10]).collect();
        let truth = nested.iter().map(|row| 24 + 16 + 4 * row.len()).sum();
        is_within_a_tenth(of_rows(&nested), truth);
        // The same inside one row, where only its elements show their sizes.
        is_within_a_tenth(heap_of(&nested), truth);

        let pairs = vec![vec![(1_u8, 2_u32, 3_u64); 1000]];
        is_within_a_tenth(of_rows(&pairs), 24 + 16 + 16 * 1000);
    }

    #[test]
    fn of_a_large_block_behind_an_arc_only_a_few_elements_are_measured() {
        /// Counts how often it is looked at.
        struct Seen<'a>(&'a AtomicUsize);
        impl Serialize for Seen<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.fetch_add(1, Ordering::Relaxed);
                serializer.serialize_f64(1.0)
            }
        }
        let looks = AtomicUsize::new(0);
        let elements: Vec<_> = (0..1_000_000).map(|_| Seen(&looks)).collect();
        is_within_a_tenth(heap_of(&Arc::new(elements)), 8_000_000);
        assert!(
            (1..=2 * SAMPLED_ELEMENTS[0]).contains(&looks.load(Ordering::Relaxed)),
            "{looks:?}"
        );
    }

    #[derive(Clone, Serialize, Deserialize)]
    enum Shape {
        Nothing,
        Named(String),
        Pair(u32, Vec<u8>),
        Fields { text: String, number: Option<u16> },
    }

    #[derive(Clone, Serialize, Deserialize)]
    struct Record {
        id: u64,
        shapes: Vec<Shape>,
        table: HashMap<u32, String>,
        next: Option<Box<Record>>,
    }

    #[test]
    fn structs_variants_and_options_own_what_their_fields_own() {
        assert_eq!(heap_of(&Shape::Nothing), 0);
        assert_eq!(heap_of(&Shape::Named("four".to_owned())), 4 + 16);
        assert_eq!(heap_of(&Shape::Pair(1, vec![0; 10])), 10 + 16);
        let shape = Shape::Fields { text: "x".repeat(9), number: Some(1) };
        assert_eq!(heap_of(&shape), 9 + 16);
        let record = Record {
            id: 1,
            shapes: vec![Shape::Named("x".repeat(100)); 100],
            table: HashMap::new(),
            next: None,
        };
        is_within_a_tenth(heap_of(&record), 16 + 100 * (size_of::<Shape>() + 116));
        let outer = Record { id: 2, shapes: vec![], table: HashMap::new(), next: None };
        let outer = Record { next: Some(Box::new(record.clone())), ..outer };
        assert!(heap_of(&outer) > heap_of(&record));
    }

    #[test]
    fn maps_count_their_entries_and_some_room() {
        let map: BTreeMap<u64, u64> = (0..10_000).map(|n| (n, n)).collect();
        let bytes = heap_of(&map);
        assert!((160_000..320_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn a_long_chain_of_boxes_is_cut_off_rather_than_followed() {
        let empty = Record { id: 0, shapes: vec![], table: HashMap::new(), next: None };
        let chain = (0..2000).fold(empty.clone(), |next, id| Record {
            id,
            next: Some(Box::new(next)),
            ..empty.clone()
        });
        assert!(heap_of(&chain) > 1000);
    }

    #[test]
    fn elements_that_arrive_one_by_one_are_counted_too() {
        struct OneByOne(usize);
        impl Serialize for OneByOne {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeSeq;
                let mut seq = serializer.serialize_seq(None)?;
                (0..self.0).try_for_each(|n| seq.serialize_element(&(n as u32)))?;
                seq.end()
            }
        }
        let row = Box::new(OneByOne(1000));
        assert_eq!(heap_of(&row), 4000 + 16 + 24 - 8);
    }
}
