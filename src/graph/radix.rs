//! Sorting numbers by counting: digit by digit, without comparing any two.

/// Fewer keys than this are sorted by comparing.
const FEW_KEYS: usize = 256;
/// The bits that one pass of sorting looks at, so that its counters stay in the nearest cache.
const DIGIT_BITS: u32 = 11;

/// A number that is sorted by some of its bits.
pub(super) trait Key: Copy + Ord + Default + Send + Sync + 'static {
    fn new(key: u64) -> Self;
    fn get(self) -> u64;
}

macro_rules! key {
    ($int:ty) => {
        impl Key for $int {
            #[inline(always)]
            fn new(key: u64) -> Self {
                key as $int
            }

            #[inline(always)]
            fn get(self) -> u64 {
                self.into()
            }
        }
    };
}

key!(u32);
key!(u64);

/// Sorts by the `bits` from bit `low` on. What stands below them must ascend among equals.
///
/// Counts, then deals, from the least significant digit up.
pub(super) fn sort_keys<K: Key>(keys: &mut Vec<K>, spare: &mut Vec<K>, low: u32, bits: u32) {
    if keys.len() < FEW_KEYS || u32::try_from(keys.len()).is_err() {
        keys.sort_unstable();
        return;
    }
    let passes = bits.div_ceil(DIGIT_BITS).max(1);
    let width = bits.div_ceil(passes);
    spare.clear();
    spare.resize(keys.len(), K::default());
    for pass in 0..passes {
        let digit = |key: K| {
            let digit = key.get() >> (low + pass * width) & ((1 << width) - 1);
            digit as usize & ((1 << DIGIT_BITS) - 1)
        };
        let mut next = [0_u32; 1 << DIGIT_BITS];
        for key in &*keys {
            next[digit(*key)] += 1;
        }
        let mut before = 0;
        for count in &mut next {
            before += std::mem::replace(count, before);
        }
        for key in &*keys {
            let place = &mut next[digit(*key)];
            spare[*place as usize] = *key;
            *place += 1;
        }
        std::mem::swap(keys, spare);
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngCore, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn keys_are_sorted_whatever_their_number_and_width() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
        for length in [0, 1, 255, 256, 257, 5000] {
            for bits in [1, 7, 11, 12, 22, 23, 32, 50] {
                let mut keys: Vec<u64> =
                    (0..length).map(|_| random.next_u64() & ((1 << bits) - 1)).collect();
                let mut sorted = keys.clone();
                sorted.sort_unstable();
                sort_keys(&mut keys, &mut Vec::new(), 0, bits);
                assert_eq!(keys, sorted);
            }
        }
    }

    #[test]
    fn what_stands_below_the_key_keeps_its_order() {
        let mut keys: Vec<u64> = (0..3000).map(|n| (n * 7919 % 13) << 32 | n).collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        sort_keys(&mut keys, &mut Vec::new(), 32, 4);
        assert_eq!(keys, sorted);
    }
}
