//! Random walks.

use crate::algorithms::Cell;

use super::run::{Run, Verdict, broken};

/// Walks: as many as asked for from every vertex, each step along an edge, and none shorter than asked
/// for unless no edge leaves where it ends. How often they go where is not looked at.
pub(super) fn random_walks(run: &Run<'_>) -> Verdict {
    let walks = run.argument("walks", 1_u64)?;
    let steps = run.argument("steps", 80_usize)?;
    let count = run.graph.vertex_count();
    let targets = |vertex: usize| {
        let mut targets: Vec<u32> = run.graph.arcs(vertex).iter().map(|(to, _)| *to).collect();
        targets.sort_unstable();
        targets
    };
    let targets: Vec<_> = (0..count).map(targets).collect();
    let mut started = vec![0; count];
    for row in run.rows()?.to_local_iterator()? {
        let row = row?;
        let [Cell::Integer(start), Cell::Ids(ids)] = &row[..] else {
            return broken("a row is not a start and a walk");
        };
        let places: Option<Vec<usize>> = ids.iter().map(|id| run.graph.place(*id)).collect();
        let Some(places) = places else {
            return broken(format!("a walk from {start} visits what is no vertex"));
        };
        let (Some(first), Some(last)) = (places.first(), places.last()) else {
            return broken(format!("a walk from {start} is empty"));
        };
        if ids.first() != Some(start) {
            return broken(format!("a walk from {start} starts elsewhere"));
        }
        started[*first] += 1;
        let leaps = places
            .windows(2)
            .find(|step| targets[step[0]].binary_search(&(step[1] as u32)).is_err());
        if let Some(step) = leaps {
            let (from, to) = (run.graph.id(step[0]), run.graph.id(step[1]));
            return broken(format!(
                "a walk from {start} steps from {from} to {to} without an edge"
            ));
        }
        let taken = places.len() - 1;
        if taken > steps || taken < steps && !targets[*last].is_empty() {
            return broken(format!("a walk from {start} has {taken} steps, expected {steps}"));
        }
    }
    run.same(&started, &vec![walks; count])
}
