//! Random numbers that depend on a seed and a place, not on what was drawn before.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::parameter::Parameter;

/// What makes one graph differ from the next.
pub(super) const SEED: Parameter = Parameter {
    name: "seed",
    value: "SEED",
    help: "Equal seeds give equal graphs, with any number of threads",
    default: "0",
    choices: &[],
};

/// Spreads a number over 64 bits: the finaliser of `SplitMix64` (Steele et al., OOPSLA 2014).
pub(super) fn mix(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

/// Returns the random numbers of a place: a block, a vertex.
pub(super) fn numbers(seed: u64, place: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(mix(mix(seed).wrapping_add(place)))
}

/// Makes of a random number one below `limit`, each as likely as the next within 2^-64 of `limit`.
#[inline]
pub(super) fn below(random: u64, limit: u64) -> u64 {
    ((u128::from(random) * u128::from(limit)) >> 64) as u64
}

/// Makes of a random number one above 0 and up to 1, evenly spread in steps of 2^-53.
#[inline]
pub(super) fn up_to_one(random: u64) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    ((random >> 11) + 1) as f64 * STEP
}

/// Draws from the standard normal distribution: Box and Muller's transform (1958).
///
/// The functions of `libm` are made of basic operations alone, so the bits are the same on every
/// machine; those of the standard library are the system's.
pub(super) fn normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    let radius = (-2.0 * libm::log(up_to_one(random.next_u64()))).sqrt();
    radius * libm::cos(std::f64::consts::TAU * up_to_one(random.next_u64()))
}
