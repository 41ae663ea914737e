//! Learn how RDDs work: transformations describe, actions compute, shuffles bring keys together.
//!
//! `cargo run --example word_count [FILE]`, by default on `datasets/README.md`.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use superstep::prelude::*;

fn main() -> superstep::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "datasets/README.md".to_owned());
    let ctx = Context::local(0)?;

    // Lazy: nothing is read yet.
    let words = ctx.text_file(&path)?.flat_map(|line| {
        let words = line.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>()
    });

    // The one shuffle: counts are added up per partition first, then per word. The result is used
    // twice and, being cached, computed once.
    let counts = words.map(|word| (word, 1_u64)).reduce_by_key(|a, b| a + b, 4).cache()?;
    println!("{} different words", counts.count()?);

    let mut common = counts.filter(|(_, count)| *count > 5).collect()?;
    common.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (word, count) in common.iter().take(5) {
        println!("{count:>4} {word}");
    }
    Ok(())
}
