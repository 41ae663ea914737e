//! Bridges and articulation points.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::Result;
use superstep::algorithms::{articulation_points, bridges};
use superstep::prelude::*;

use crate::multigraph::{
    Multigraph, any_multigraph, bipartite, clique, cycle, degenerate, grid, path, star,
};
use crate::public_graphs::public_graph;

/// Bridges and articulation points.
type Cuts = (Vec<(u64, u64)>, Vec<u64>);

const NONE: usize = usize::MAX;

fn cuts(graph: &Graph) -> Result<Cuts> {
    Ok((bridges(graph)?.collect()?, articulation_points(graph)?.collect()?))
}

/// The number of components, by following the edges but one, around one vertex.
fn components(neighbors: &[Vec<usize>], edge: (usize, usize), without: usize) -> usize {
    let mut seen = vec![false; neighbors.len()];
    let mut count = 0;
    if without != NONE {
        seen[without] = true;
    }
    while let Some(start) = seen.iter().position(|seen| !seen) {
        count += 1;
        seen[start] = true;
        let mut open = vec![start];
        while let Some(vertex) = open.pop() {
            for next in &neighbors[vertex] {
                let ends = (vertex.min(*next), vertex.max(*next));
                if !seen[*next] && ends != edge {
                    seen[*next] = true;
                    open.push(*next);
                }
            }
        }
    }
    count
}

/// Leaves out each edge and each vertex in turn.
fn twin(graph: &Multigraph) -> Cuts {
    let neighbors = graph.simple();
    let whole = components(&neighbors, (NONE, NONE), NONE);
    let edges = neighbors.iter().enumerate();
    let edges = edges.flat_map(|(a, others)| others.iter().map(move |b| (a, *b)));
    let bridges = edges.filter(|(a, b)| a < b && components(&neighbors, (*a, *b), NONE) > whole);
    let points = (0..graph.count()).filter(|v| components(&neighbors, (NONE, NONE), *v) > whole);
    (
        bridges.map(|(a, b)| (graph.ids[a], graph.ids[b])).collect(),
        points.map(|vertex| graph.ids[vertex]).collect(),
    )
}

proptest! {
    #![proptest_config(Config { cases: 32, ..Config::default() })]

    #[test]
    fn cuts_are_what_the_graph_falls_apart_without(graph in any_multigraph()) {
        prop_assert_eq!(graph.same(cuts)?, twin(&graph));
    }

    #[test]
    fn cuts_of_sparse_graphs_are_what_they_fall_apart_without(mut graph in any_multigraph()) {
        let edges = graph.count() * 11 / 10;
        graph.edges.truncate(edges);
        prop_assert_eq!(graph.same(cuts)?, twin(&graph));
    }
}

#[test]
fn in_a_tree_all_edges_are_bridges_and_all_but_the_leaves_articulation_points() -> Result<()> {
    let bridges = (1..30).map(|v| (v - 1, v)).collect::<Vec<_>>();
    assert_eq!(path(30).same(cuts)?, (bridges, (1..29).collect()));
    let (bridges, points) = star(9).same(cuts)?;
    assert_eq!((bridges.len(), points), (9, vec![0]));
    Ok(())
}

#[test]
fn cycles_cliques_and_grids_have_none() -> Result<()> {
    for graph in [cycle(3), cycle(20), clique(8), bipartite(3, 4), grid(5, 4)] {
        assert_eq!(graph.same(cuts)?, (vec![], vec![]));
    }
    Ok(())
}

#[test]
fn rings_meet_at_an_articulation_point_or_at_the_ends_of_a_bridge() -> Result<()> {
    let shared = Multigraph::undirected(&[(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)]);
    assert_eq!(shared.same(cuts)?, (vec![], vec![2]));
    let joined = Multigraph::undirected(&[(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 3)]);
    assert_eq!(joined.same(cuts)?, (vec![(2, 3)], vec![2, 3]));
    // Parallel edges count as one.
    let twice = Multigraph::directed(&[(1, 2), (2, 1), (1, 2)]);
    assert_eq!(twice.same(cuts)?, (vec![(1, 2)], vec![]));
    Ok(())
}

#[test]
fn branches_that_only_a_cousin_leads_out_of_are_in_the_block_of_their_parent() -> Result<()> {
    // From 0: 1 and 2; below 1: 3 and 4, which are joined; 4 is joined to 2. Nothing but 4's edge
    // leads from the branch of 3 to the rest, so 1 and 4 hold 3, but neither alone.
    let ring = [(0, 1), (0, 2), (1, 3), (1, 4), (3, 4), (2, 4)];
    assert_eq!(Multigraph::undirected(&ring).same(cuts)?, (vec![], vec![]));
    // Without the way through 2, what is below 1 hangs on it.
    let hanging = [(0, 1), (0, 2), (1, 3), (1, 4), (3, 4)];
    assert_eq!(Multigraph::undirected(&hanging).same(cuts)?, (vec![(0, 1), (0, 2)], vec![0, 1]));
    Ok(())
}

#[test]
fn degenerate_graphs_have_cuts() -> Result<()> {
    for (name, graph) in degenerate() {
        assert_eq!(graph.same(cuts)?, twin(&graph), "{name}");
    }
    Ok(())
}

/// Hopcroft and Tarjan's depth-first search, with a stack of its own.
fn depth_first(graph: &Multigraph) -> Cuts {
    let neighbors = graph.simple();
    let count = neighbors.len();
    let (mut number, mut low) = (vec![NONE; count], vec![0; count]);
    let (mut bridges, mut points, mut next) = (Vec::new(), Vec::new(), 0);
    for root in 0..count {
        if number[root] != NONE {
            continue;
        }
        (number[root], low[root], next) = (next, next, next + 1);
        let mut children = 0;
        let mut stack = vec![(root, NONE, 0)];
        while let Some((vertex, parent, at)) = stack.last_mut() {
            let (vertex, parent) = (*vertex, *parent);
            if let Some(other) = neighbors[vertex].get(*at) {
                *at += 1;
                if number[*other] == NONE {
                    (number[*other], low[*other], next) = (next, next, next + 1);
                    stack.push((*other, vertex, 0));
                } else if *other != parent {
                    low[vertex] = low[vertex].min(number[*other]);
                }
                continue;
            }
            stack.pop();
            if parent == NONE {
                continue;
            }
            low[parent] = low[parent].min(low[vertex]);
            let (a, b) = (graph.ids[vertex], graph.ids[parent]);
            if low[vertex] > number[parent] {
                bridges.push((a.min(b), a.max(b)));
            }
            children += usize::from(parent == root);
            if parent != root && low[vertex] >= number[parent] {
                points.push(b);
            }
        }
        if children > 1 {
            points.push(graph.ids[root]);
        }
    }
    bridges.sort_unstable();
    points.sort_unstable();
    points.dedup();
    (bridges, points)
}

#[test]
fn cuts_of_public_graphs_are_those_of_a_depth_first_search() -> Result<()> {
    for name in ["ca-GrQc", "wiki-Vote", "rome99", "bremen_dist"] {
        let Some(public) = public_graph(name)? else { continue };
        let edges = public.graph.edges().collect()?;
        let edges: Vec<_> = edges.iter().map(|edge| (edge.source, edge.target)).collect();
        let found = cuts(&public.graph)?;
        assert_eq!(found, depth_first(&Multigraph::undirected(&edges)), "{name}");
        if name == "ca-GrQc" {
            // igraph 1.0 counts so many articulation points.
            assert_eq!(found.1.len(), 813);
        }
    }
    Ok(())
}
