//! What is done to edges before a graph is built of them.

use superstep::graph::Graph;
use superstep::io::{GraphInput, Merge, ReadOptions};
use superstep::{ErrorKind, Result};

use super::{context, edges_of, file, open, weighted};

fn input(text: &str, directed: bool) -> Result<GraphInput> {
    let list = file("g.txt", text);
    let mut input = open(&list.path, &ReadOptions { directed: Some(directed), ..weighted() })?;
    // The file goes with the folder.
    let edges = context().parallelize(
        edges_of(&input)?.into_iter().map(|(s, t, w)| superstep::graph::Edge::new(s, t, w)),
        2,
    );
    input.edges = edges.into();
    Ok(input)
}

const TEXT: &str = "1 2 3\n2 1 5\n1 2 -1\n3 3 7\n";

#[test]
fn duplicates_are_merged_by_sum_least_or_largest_weight() -> Result<()> {
    for (merge, one_way, both) in
        [(Merge::Sum, 2.0, 7.0), (Merge::Min, -1.0, -1.0), (Merge::Max, 3.0, 5.0)]
    {
        let (merged, fewer) = input(TEXT, true)?.merged(merge)?;
        assert_eq!(edges_of(&merged)?, [(1, 2, one_way), (2, 1, 5.0), (3, 3, 7.0)]);
        assert_eq!(fewer, 1);
        let (merged, fewer) = input(TEXT, false)?.merged(merge)?;
        assert_eq!((edges_of(&merged)?, fewer), (vec![(1, 2, both), (3, 3, 7.0)], 2));
    }
    let error = input("1 2 inf\n1 2 -inf\n", true)?.merged(Merge::Sum).unwrap_err();
    assert_eq!(error.to_string(), "the weights from 1 to 2 have no sum");
    assert!(matches!(error.kind(), ErrorKind::UnsuitableGraph { .. }));
    Ok(())
}

#[test]
fn loops_and_unknown_vertices_are_left_out_and_counted() -> Result<()> {
    let (rest, fewer) = input(TEXT, true)?.without_self_loops()?;
    assert_eq!((edges_of(&rest)?.len(), fewer), (3, 1));
    let known = context().parallelize([1, 2, 9].map(|id| (id, ())), 1);
    let (rest, fewer) = input(TEXT, true)?.with_vertices(known).without_unknown_vertices()?;
    assert_eq!((edges_of(&rest)?.len(), fewer), (3, 1));
    assert_eq!(rest.plain_graph(Graph::builder())?.vertex_count(), 3);
    Ok(())
}

#[test]
fn edges_turn_around_and_vertices_get_numbers_without_gaps() -> Result<()> {
    let turned = input("7 9 1\n9 40 2\n", true)?.reversed();
    assert_eq!(edges_of(&turned)?, [(9, 7, 1.0), (40, 9, 2.0)]);
    assert_eq!(edges_of(&turned.clone().renumbered(1)?)?, [(2, 1, 1.0), (3, 2, 2.0)]);
    let all = context().parallelize([8, 7, 9, 40].map(|id| (id, ())), 1);
    let numbered = turned.with_vertices(all).renumbered(0)?;
    assert_eq!(edges_of(&numbered)?, [(2, 0, 1.0), (3, 2, 2.0)]);
    assert_eq!(numbered.plain_graph(Graph::builder())?.vertex_count(), 4);
    Ok(())
}
