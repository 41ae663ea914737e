//! An order of the vertices that looks random and is the same in every run.

/// Mixes a number into another: a bijection of the 32-bit numbers for each seed.
///
/// Source: Wellons, *Prospecting for Hash Functions* (2018), lowbias32.
#[inline]
pub(super) fn shuffled(index: u32, seed: u64) -> u32 {
    // Near seeds must not only exchange near vertices.
    let mut bits = mix(index ^ mix((seed as u32).wrapping_add(0x9e37_79b9)));
    bits ^= (seed >> 32) as u32;
    mix(bits)
}

#[inline]
fn mix(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x7feb_352d);
    bits ^= bits >> 15;
    bits = bits.wrapping_mul(0x846c_a68b);
    bits ^ bits >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_vertices_share_a_place_and_seeds_give_different_orders() {
        let places = |seed| (0..100_000).map(move |index| shuffled(index, seed));
        for seed in [0, 1, 1 << 40, u64::MAX] {
            let mut all: Vec<u32> = places(seed).collect();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), 100_000);
        }
        assert!(places(0).zip(places(1)).filter(|(a, b)| a == b).count() < 10);
        assert!(places(0).zip(places(1 << 32)).filter(|(a, b)| a == b).count() < 10);
    }
}
