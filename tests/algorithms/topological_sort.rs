//! Topological orders and the cycles in their way.

use proptest::test_runner::Config;
use proptest::{prop_assert, prop_assert_eq, proptest};
use superstep::algorithms::topological_sort;
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

use crate::multigraph::{Multigraph, any_multigraph, clique, degenerate, path};

type Levels = Vec<(u64, Option<u32>)>;

fn sorted(graph: &Graph) -> Result<(Levels, Option<Vec<u64>>)> {
    let sorted = topological_sort(graph)?;
    Ok((sorted.outcome().states().collect()?, sorted.cycle().map(<[u64]>::to_vec)))
}

/// Longest paths, by going over all edges as often as there are vertices; those that still grow
/// then are without end.
fn twin(graph: &Multigraph) -> Levels {
    let arcs = graph.arcs();
    let mut levels = vec![0; graph.count()];
    let relax = |levels: &mut Vec<u32>| {
        for (from, to) in arcs.iter().enumerate() {
            for (to, _) in to {
                levels[*to] = levels[*to].max(levels[from].saturating_add(1));
            }
        }
    };
    (0..graph.count()).for_each(|_| relax(&mut levels));
    // What is longer than any path is fed by a cycle; so is what it leads to.
    for _ in 0..=graph.count() {
        let endless = |level: &mut u32| {
            if *level >= graph.count() as u32 {
                *level = u32::MAX;
            }
        };
        levels.iter_mut().for_each(endless);
        relax(&mut levels);
    }
    let levels: Vec<_> =
        levels.iter().map(|level| (*level != u32::MAX).then_some(*level)).collect();
    graph.labelled(&levels)
}

/// Asserts that a cycle goes along edges, without a vertex twice, from its smallest id.
fn check_cycle(graph: &Multigraph, cycle: &[u64]) {
    let arcs = graph.arcs();
    for (place, from) in cycle.iter().enumerate() {
        let to = graph.index(cycle[(place + 1) % cycle.len()]);
        let from = graph.index(*from);
        assert!(arcs[from].iter().any(|(target, _)| *target == to), "{cycle:?} in {graph:?}");
    }
    let mut once = cycle.to_vec();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), cycle.len());
    assert_eq!(once[0], cycle[0]);
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn levels_are_longest_paths_and_cycles_are_reported(graph in any_multigraph()) {
        let (levels, cycle) = graph.same(sorted)?;
        prop_assert_eq!(&levels, &twin(&graph));
        prop_assert_eq!(cycle.is_some(), levels.iter().any(|(_, level)| level.is_none()));
        cycle.iter().for_each(|cycle| check_cycle(&graph, cycle));
    }

    #[test]
    fn without_cycles_every_edge_leads_to_a_later_vertex(mut graph in any_multigraph()) {
        graph.undirected = false;
        graph.edges.retain(|(source, target, _)| source < target);
        let order = graph.same(|graph| topological_sort(graph)?.order()?.collect())?;
        let mut ids = order.clone();
        ids.sort_unstable();
        prop_assert_eq!(&ids, &graph.ids);
        let place = |id| order.iter().position(|other| *other == id);
        prop_assert!(graph.edges.iter().all(|(source, target, _)| place(*source) < place(*target)));
    }
}

#[test]
fn a_row_of_vertices_has_a_level_each_and_ties_are_in_id_order() -> Result<()> {
    let row = Multigraph { undirected: false, ..path(20) };
    let (levels, cycle) = row.same(sorted)?;
    assert!(levels.iter().all(|(id, level)| *level == Some(*id as u32)));
    assert_eq!(cycle, None);
    let fan = Multigraph::directed(&[(9, 3), (9, 1), (9, 2), (2, 5)]);
    assert_eq!(fan.same(|g| topological_sort(g)?.order()?.collect())?, [9, 1, 2, 3, 5]);
    let ordered = Multigraph { undirected: false, ..clique(8) };
    assert_eq!(ordered.same(|g| topological_sort(g)?.order()?.collect())?, ordered.ids);
    Ok(())
}

#[test]
fn a_cycle_behind_a_long_way_in_is_found_and_named() -> Result<()> {
    let mut edges: Vec<_> = (100..160).map(|v| (v, v + 1)).collect();
    edges.extend([(160, 7), (7, 30), (30, 12), (12, 7), (12, 50), (50, 51)]);
    let graph = Multigraph::directed(&edges);
    let (levels, cycle) = graph.same(sorted)?;
    assert_eq!(cycle.as_deref(), Some(&[7, 30, 12][..]));
    let stuck: Vec<_> = levels.iter().filter(|(_, level)| level.is_none()).collect();
    assert_eq!(stuck.len(), 5);
    graph.same(|graph| {
        let error = topological_sort(graph)?.order().unwrap_err();
        let ErrorKind::UnsuitableGraph { vertices, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(vertices, &[7, 30, 12, 7]);
        let message = error.to_string();
        assert!(message.ends_with("a cycle of length 3, 7 -> 30 -> 12 -> 7"), "{message}");
        Ok(())
    })
}

#[test]
fn degenerate_graphs_are_sorted_or_their_self_loops_reported() -> Result<()> {
    for (name, graph) in degenerate() {
        let (levels, cycle) = graph.same(sorted)?;
        assert_eq!(levels, twin(&graph), "{name}");
        cycle.iter().for_each(|cycle| check_cycle(&graph, cycle));
    }
    let (_, cycle) = Multigraph::directed(&[(1, 5), (5, 5)]).same(sorted)?;
    assert_eq!(cycle, Some(vec![5]));
    Ok(())
}
