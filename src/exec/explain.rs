//! Drawing a lineage.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use super::node::{Dependency, Node};

/// Draws a lineage: one line a node with partitions, partitioner and storage level, its parents
/// below. A chain of single parents keeps its indentation, so that the drawing of a long lineage
/// stays narrow; several parents are indented, and those behind a shuffle are marked with `+-`. A
/// node that several children share is drawn once and referred to afterwards.
pub(crate) fn explain(root: Arc<dyn Node>) -> String {
    let mut text = String::new();
    let mut drawn = HashSet::new();
    let mut pending = vec![(root, 0, false)];
    while let Some((node, mut indent, shuffled)) = pending.pop() {
        let core = node.core();
        let mark = if shuffled { "+- " } else { "" };
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "{:indent$}{mark}{}: {} partitions",
            "",
            core.label(),
            core.partition_count
        );
        if let Some(partitioning) = &core.partitioning {
            let _ = write!(text, ", {partitioning:?}");
        }
        let level = core.level();
        if level.is_persistent() {
            let held = core.runtime.store.holdings(core.owner()).entries;
            let _ = write!(text, ", {level} ({held} of {} cached)", core.partition_count);
        }
        if !drawn.insert(core.id) {
            text.push_str(" (see above)\n");
            continue;
        }
        text.push('\n');
        let dependencies = node.dependencies();
        indent += mark.len();
        if dependencies.len() > 1 {
            indent += 2;
        }
        for dependency in dependencies.into_iter().rev() {
            pending.push(match dependency {
                Dependency::Narrow(parent) => (parent, indent, false),
                Dependency::Shuffle(shuffle) => (shuffle.parent(), indent, true),
            });
        }
    }
    text
}
