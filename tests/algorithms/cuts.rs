//! Bridges.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::Result;
use superstep::algorithms::bridges;
use superstep::prelude::*;

use crate::multigraph::{
    Multigraph, any_multigraph, bipartite, clique, cycle, degenerate, grid, path, star,
};
use crate::public_graphs::public_graph;

type Pairs = Vec<(u64, u64)>;

fn cuts(graph: &Graph) -> Result<Pairs> {
    bridges(graph)?.collect()
}

/// The number of components, by following the edges but one.
fn components(neighbors: &[Vec<usize>], edge: (usize, usize)) -> usize {
    let mut seen = vec![false; neighbors.len()];
    let mut count = 0;
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

/// Leaves out each edge in turn.
fn twin(graph: &Multigraph) -> Pairs {
    let neighbors = graph.simple();
    let whole = components(&neighbors, (usize::MAX, usize::MAX));
    let edges = neighbors.iter().enumerate();
    let edges = edges.flat_map(|(a, others)| others.iter().map(move |b| (a, *b)));
    let bridges = edges.filter(|(a, b)| a < b && components(&neighbors, (*a, *b)) > whole);
    bridges.map(|(a, b)| (graph.ids[a], graph.ids[b])).collect()
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
fn in_a_tree_all_edges_are_bridges() -> Result<()> {
    assert_eq!(path(30).same(cuts)?, (1..30).map(|v| (v - 1, v)).collect::<Vec<_>>());
    assert_eq!(star(9).same(cuts)?.len(), 9);
    Ok(())
}

#[test]
fn cycles_cliques_and_grids_have_none() -> Result<()> {
    for graph in [cycle(3), cycle(20), clique(8), bipartite(3, 4), grid(5, 4)] {
        assert_eq!(graph.same(cuts)?, []);
    }
    Ok(())
}

#[test]
fn an_edge_between_two_rings_is_a_bridge() -> Result<()> {
    let shared = Multigraph::undirected(&[(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)]);
    assert_eq!(shared.same(cuts)?, []);
    let joined = Multigraph::undirected(&[(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 3)]);
    assert_eq!(joined.same(cuts)?, [(2, 3)]);
    // Parallel edges count as one.
    let twice = Multigraph::directed(&[(1, 2), (2, 1), (1, 2)]);
    assert_eq!(twice.same(cuts)?, [(1, 2)]);
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
fn depth_first(neighbors: &[Vec<usize>]) -> Vec<(usize, usize)> {
    let count = neighbors.len();
    let (mut number, mut low) = (vec![usize::MAX; count], vec![0; count]);
    let (mut bridges, mut next) = (Vec::new(), 0);
    for root in 0..count {
        if number[root] != usize::MAX {
            continue;
        }
        (number[root], low[root], next) = (next, next, next + 1);
        let mut stack = vec![(root, usize::MAX, 0)];
        while let Some((vertex, parent, at)) = stack.last_mut() {
            let (vertex, parent) = (*vertex, *parent);
            if let Some(other) = neighbors[vertex].get(*at) {
                *at += 1;
                if number[*other] == usize::MAX {
                    (number[*other], low[*other], next) = (next, next, next + 1);
                    stack.push((*other, vertex, 0));
                } else if *other != parent {
                    low[vertex] = low[vertex].min(number[*other]);
                }
                continue;
            }
            stack.pop();
            if parent == usize::MAX {
                continue;
            }
            low[parent] = low[parent].min(low[vertex]);
            if low[vertex] > number[parent] {
                bridges.push((vertex.min(parent), vertex.max(parent)));
            }
        }
    }
    bridges.sort_unstable();
    bridges
}

#[test]
fn cuts_of_public_graphs_are_those_of_a_depth_first_search() -> Result<()> {
    for name in ["ca-GrQc", "wiki-Vote", "rome99", "bremen_dist"] {
        let Some(public) = public_graph(name)? else { continue };
        let edges = public.graph.edges().collect()?;
        let edges: Vec<_> = edges.iter().map(|edge| (edge.source, edge.target)).collect();
        let graph = Multigraph::undirected(&edges);
        let edges =
            depth_first(&graph.simple()).into_iter().map(|(a, b)| (graph.ids[a], graph.ids[b]));
        assert_eq!(cuts(&public.graph)?, edges.collect::<Vec<_>>(), "{name}");
    }
    Ok(())
}
