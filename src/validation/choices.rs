//! Orders, colours and sets of vertices: what neighbors may and may not have in common.

use super::run::{Run, Verdict};

/// Colours: no two neighbors have the same, and every vertex has neighbors of all smaller ones, as
/// taking the first free colour leaves it.
pub(super) fn coloring(run: &Run<'_>) -> Verdict {
    let colors = run.ordered_wholes()?;
    for (vertex, neighbors) in run.graph.simple().into_iter().enumerate() {
        let mut around: Vec<u64> = neighbors.iter().map(|other| colors[*other as usize]).collect();
        around.sort_unstable();
        around.dedup();
        let first_free = (0..).zip(&around).take_while(|(free, color)| free == *color).count();
        if colors[vertex] != first_free as u64 {
            return run.wrong(
                vertex,
                colors[vertex],
                format!("{first_free}, the first that is free"),
            );
        }
    }
    run.figure_is("colors", colors.iter().max().map_or(0, |most| most + 1))
}

/// An independent set: no two members are neighbors, and every other vertex has one as a neighbor.
pub(super) fn independent_set(run: &Run<'_>) -> Verdict {
    let members = run.ordered_wholes()?;
    for (vertex, neighbors) in run.graph.simple().into_iter().enumerate() {
        let beside = neighbors.iter().filter(|other| members[**other as usize] == 1).count();
        let expected = u64::from(beside == 0);
        if members[vertex] != expected {
            let why = format!("{expected}: {beside} of its neighbors are members");
            return run.wrong(vertex, members[vertex], why);
        }
    }
    Ok(())
}

/// Levels: every vertex is one level above the highest from which an edge leads to it, and on level 0
/// without one.
pub(super) fn levels(run: &Run<'_>) -> Verdict {
    let levels = run.ordered_wholes()?;
    let mut expected = vec![0; levels.len()];
    run.graph.for_each_arc(|from, to, _| {
        expected[to] = levels[from].saturating_add(1).max(expected[to]);
    });
    run.same(&levels, &expected)
}
