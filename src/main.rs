//! The `superstep` command.
fn main() {}
