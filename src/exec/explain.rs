//! Drawing a lineage: its stages, what of it is kept, and what the next action would compute.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use crate::storage::Holdings;

use super::node::{Dependency, Node, NodeCore};

/// Draws a lineage: one line a node with its stage, partitions, partitioner, storage level, and
/// how many partitions an action would compute now; its parents below. A chain of single parents
/// keeps its indentation, so that the drawing of a long lineage stays narrow; several parents are
/// indented, and those behind a shuffle are marked with `+-`. A node that several children share is
/// drawn once and referred to afterwards.
pub(crate) fn explain(root: Arc<dyn Node>) -> String {
    let plan = Plan::of(&root);
    let mut text = String::new();
    let mut drawn = HashSet::new();
    let mut pending = vec![(root, 0, plan.stages.len(), None)];
    while let Some((node, mut indent, stage, outputs)) = pending.pop() {
        let core = node.core();
        let mark = if outputs.is_some() { "+- " } else { "" };
        // Writing to a String does not fail.
        let _ = write!(text, "{:indent$}{mark}[{stage}] ", "");
        let _ = write!(text, "{}: {} partitions", core.label(), core.partition_count);
        if let Some(partitioning) = &core.partitioning {
            let _ = write!(text, ", {partitioning:?}");
        }
        if let Some(detail) = node.detail() {
            let _ = write!(text, ", {detail}");
        }
        write_kept(&mut text, core);
        if !drawn.insert(core.id) {
            text.push_str(" (see above)\n");
            continue;
        }
        if let Some((there, maps)) = outputs
            && there > 0
        {
            let _ = write!(text, ", {there} of {maps} shuffle outputs there");
        }
        match plan.computed(core.id) {
            0 => text.push_str(", nothing to compute\n"),
            count => {
                let _ = writeln!(text, ", computes {count}");
            }
        }
        let dependencies = node.dependencies();
        indent += mark.len();
        if dependencies.len() > 1 {
            indent += 2;
        }
        for dependency in dependencies.into_iter().rev() {
            pending.push(match dependency {
                Dependency::Narrow(parent) => (parent, indent, stage, None),
                Dependency::Shuffle(shuffle) => {
                    let (id, maps) = (shuffle.core().id, shuffle.core().maps);
                    let missing = core.runtime.missing_outputs(&*shuffle).len();
                    let stage = plan.stages.get(&id).copied().unwrap_or_default();
                    (shuffle.parent(), indent, stage, Some((maps - missing, maps)))
                }
            });
        }
    }
    text
}

/// Writes the level and what is kept.
fn write_kept(text: &mut String, core: &NodeCore) {
    let level = core.level();
    if !level.is_persistent() {
        return;
    }
    let Holdings { entries, on_disk, bytes } = core.runtime.store.holdings(core.owner());
    let _ = write!(text, ", {level} ({entries} of {} cached", core.partition_count);
    if on_disk > 0 {
        let _ = write!(text, ", {on_disk} on disk");
    }
    if bytes > 0 {
        let _ = write!(text, ", {bytes} bytes in memory");
    }
    text.push(')');
}

/// What the next action on a node would run.
struct Plan {
    /// The stage of each shuffle's map side, in the order in which they run; the result stage comes
    /// after them.
    stages: HashMap<usize, usize>,
    /// The partitions of each node that would be computed.
    computed: HashMap<usize, HashSet<usize>>,
}

impl Plan {
    fn of(root: &Arc<dyn Node>) -> Self {
        let mut plan = Self { stages: HashMap::new(), computed: HashMap::new() };
        plan.number_stages(root);
        plan.find_computed(root);
        plan
    }

    fn computed(&self, node: usize) -> usize {
        self.computed.get(&node).map_or(0, HashSet::len)
    }

    /// Numbers the map stages, those that others read from first.
    fn number_stages(&mut self, root: &Arc<dyn Node>) {
        enum Step {
            Enter(Arc<dyn Node>),
            Number(usize),
        }
        let mut seen = HashSet::new();
        let mut pending = vec![Step::Enter(Arc::clone(root))];
        while let Some(step) = pending.pop() {
            let node = match step {
                Step::Enter(node) => node,
                Step::Number(shuffle) => {
                    let next = self.stages.len();
                    self.stages.entry(shuffle).or_insert(next);
                    continue;
                }
            };
            if !seen.insert(node.core().id) {
                continue;
            }
            for dependency in node.dependencies().into_iter().rev() {
                match dependency {
                    Dependency::Narrow(parent) => pending.push(Step::Enter(parent)),
                    Dependency::Shuffle(shuffle) => {
                        pending.push(Step::Number(shuffle.core().id));
                        pending.push(Step::Enter(shuffle.parent()));
                    }
                }
            }
        }
    }

    /// Follows what is needed up the lineage, as far as it is not kept.
    fn find_computed(&mut self, root: &Arc<dyn Node>) {
        let all = |count: usize| (0..count).collect::<Vec<_>>();
        let mut pending = vec![(Arc::clone(root), all(root.core().partition_count))];
        while let Some((node, needed)) = pending.pop() {
            let core = node.core();
            let missing = core.runtime.store.missing(core.owner(), core.partition_count);
            let computed = self.computed.entry(core.id).or_default();
            let kept = core.level().is_persistent();
            let new: Vec<_> = needed
                .into_iter()
                .filter(|partition| !kept || missing.binary_search(partition).is_ok())
                .filter(|partition| computed.insert(*partition))
                .collect();
            if new.is_empty() {
                continue;
            }
            for dependency in node.dependencies() {
                match dependency {
                    Dependency::Narrow(parent) => {
                        let count = parent.core().partition_count;
                        // Where partitions do not correspond one to one, any may be needed.
                        let same = count == core.partition_count;
                        let needed = if same { new.clone() } else { all(count) };
                        pending.push((parent, needed));
                    }
                    Dependency::Shuffle(shuffle) => {
                        let missing = core.runtime.missing_outputs(&*shuffle);
                        pending.push((shuffle.parent(), missing));
                    }
                }
            }
        }
    }
}
