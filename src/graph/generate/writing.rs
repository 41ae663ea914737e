//! Generated graphs as edge lists.

use std::io::{self, Write};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::Generator;
use super::lines::push_edge_line;

/// Blocks of text made for each thread between two writes.
const BLOCKS_PER_THREAD: u64 = 2;

/// Writes a graph as an edge list: a `#` line that says what it is, then `source<TAB>target` lines.
///
/// Blocks are made on the threads of the rayon pool that the call runs in, and written in order,
/// while the next ones are made; memory is a few blocks a thread. The bytes do not depend on the
/// number of threads.
///
/// # Errors
///
/// The first error of `out`, as it is: a caller may want to take a broken pipe for success.
pub fn write_edge_list(generator: &dyn Generator, out: &mut (impl Write + Send)) -> io::Result<()> {
    writeln!(out, "# {}", generator.describe())?;
    let blocks = generator.block_count();
    let threads = rayon::current_num_threads() as u64;
    let step = threads.saturating_mul(BLOCKS_PER_THREAD);
    // A digit too many is a few bytes too many.
    let line_bytes = 2 * (generator.vertex_count().max(1).ilog10() as usize + 2);
    let mut next = 0;
    let mut ready: Vec<Vec<u8>> = Vec::new();
    while next < blocks || !ready.is_empty() {
        let end = next.saturating_add(step).min(blocks);
        let (written, made) = rayon::join(
            || ready.iter().try_for_each(|text| out.write_all(text)),
            || {
                (next..end)
                    .into_par_iter()
                    .map(|block| text(generator, block, line_bytes))
                    .collect()
            },
        );
        written?;
        ready = made;
        next = end;
    }
    out.flush()
}

fn text(generator: &dyn Generator, block: u64, line_bytes: usize) -> Vec<u8> {
    let edges = generator.edges(block);
    let mut text = Vec::with_capacity(edges.len() * line_bytes);
    for (source, target) in edges {
        push_edge_line(&mut text, source, target);
    }
    text
}
