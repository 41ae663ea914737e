//! Seeded generators of graphs.
//!
//! A generator is a function of its parameters and seed alone: it gives the same edges on every
//! machine, with any number of threads. Edges come in blocks that can be made in any order, so a
//! task can make its share, and nothing larger than a block is held.

mod kronecker;
mod lines;

pub use kronecker::{BLOCK_EDGES, DEFAULT_EDGE_FACTOR, Kronecker, KroneckerBlock, MAX_SCALE};
