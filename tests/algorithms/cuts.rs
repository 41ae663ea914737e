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

type Pairs = Vec<(u64, u64)>;

fn cuts(graph: &Graph) -> Result<(Pairs, Vec<u64>)> {
    let points = articulation_points(graph)?.filter(|(_, is_one)| *is_one).keys();
    Ok((bridges(graph)?.collect()?, points.collect()?))
}

/// The number of components among the vertices but one, by following the edges but one.
fn components(neighbors: &[Vec<usize>], without: Option<usize>, edge: (usize, usize)) -> usize {
    let mut seen = vec![false; neighbors.len()];
    without.iter().for_each(|vertex| seen[*vertex] = true);
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

/// Leaves out each edge and each vertex in turn.
fn twin(graph: &Multigraph) -> (Pairs, Vec<u64>) {
    let neighbors = graph.simple();
    let none = (usize::MAX, usize::MAX);
    let whole = components(&neighbors, None, none);
    let edges = neighbors.iter().enumerate();
    let edges = edges.flat_map(|(a, others)| others.iter().map(move |b| (a, *b)));
    let bridges = edges
        .filter(|(a, b)| a < b && components(&neighbors, None, (*a, *b)) > whole)
        .map(|(a, b)| (graph.ids[a], graph.ids[b]));
    // An isolated vertex was a component of its own.
    let points = (0..graph.count()).filter(|v| components(&neighbors, Some(*v), none) > whole);
    (bridges.collect(), points.map(|v| graph.ids[v]).collect())
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
fn in_a_tree_all_edges_are_bridges_and_all_but_leaves_articulation_points() -> Result<()> {
    let (edges, points) = path(30).same(cuts)?;
    assert_eq!(edges, (1..30).map(|v| (v - 1, v)).collect::<Vec<_>>());
    assert_eq!(points, (1..29).collect::<Vec<_>>());
    let (edges, points) = star(9).same(cuts)?;
    assert_eq!((edges.len(), points), (9, vec![0]));
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
fn two_rings_that_share_a_vertex_fall_apart_there_and_by_an_edge_at_both_ends() -> Result<()> {
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
fn degenerate_graphs_have_cuts() -> Result<()> {
    for (name, graph) in degenerate() {
        assert_eq!(graph.same(cuts)?, twin(&graph), "{name}");
    }
    Ok(())
}

/// Hopcroft and Tarjan's depth-first search, with a stack of its own.
fn depth_first(neighbors: &[Vec<usize>]) -> (Vec<(usize, usize)>, Vec<usize>) {
    let count = neighbors.len();
    let (mut number, mut low) = (vec![usize::MAX; count], vec![0; count]);
    let (mut bridges, mut points, mut next) = (Vec::new(), vec![false; count], 0);
    for root in 0..count {
        if number[root] != usize::MAX {
            continue;
        }
        let mut children = 0;
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
            children += usize::from(parent == root);
            points[parent] |= parent != root && low[vertex] >= number[parent];
            if low[vertex] > number[parent] {
                bridges.push((vertex.min(parent), vertex.max(parent)));
            }
        }
        points[root] = children > 1;
    }
    bridges.sort_unstable();
    (bridges, (0..count).filter(|v| points[*v]).collect())
}

#[test]
fn cuts_of_public_graphs_are_those_of_a_depth_first_search() -> Result<()> {
    for name in ["ca-GrQc", "wiki-Vote", "rome99", "bremen_dist"] {
        let Some(public) = public_graph(name)? else { continue };
        let edges = public.graph.edges().collect()?;
        let edges: Vec<_> = edges.iter().map(|edge| (edge.source, edge.target)).collect();
        let graph = Multigraph::undirected(&edges);
        let (edges, points) = depth_first(&graph.simple());
        let edges = edges.into_iter().map(|(a, b)| (graph.ids[a], graph.ids[b]));
        let points = points.into_iter().map(|vertex| graph.ids[vertex]);
        assert_eq!(cuts(&public.graph)?, (edges.collect(), points.collect()), "{name}");
    }
    Ok(())
}
