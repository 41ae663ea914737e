//! Learn how the result of an algorithm joins with other data: clans of Florentine families.
//!
//! `cargo run --example connected_components`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use superstep::algorithms::connected_components;
use superstep::prelude::*;

fn main() -> superstep::Result<()> {
    let ctx = Context::local(0)?;
    let names = ["Medici", "Strozzi", "Albizzi", "Pazzi", "Salviati", "Pucci"];
    let families = ctx.parallelize((1..).zip(names.map(str::to_owned)), 2);
    let marriages = [(1, 3), (5, 4), (1, 5)].map(Edge::from);

    // The Pucci and the Strozzi married nobody here, but are vertices all the same.
    let graph =
        Graph::builder().undirected(true).parts(&families, &ctx.parallelize(marriages, 1))?;
    let clans = connected_components(&graph)?;

    // Both sides have the vertex id as their key.
    let members = clans.join(&families, 2).map(|(_, (clan, name))| (clan, name));
    let mut clans = members.group_by_key(2).collect()?;
    clans.sort();
    for (clan, mut names) in clans {
        names.sort();
        println!("clan {clan}: {}", names.join(", "));
    }
    Ok(())
}
