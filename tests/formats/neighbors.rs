//! Formats whose lines are lists of neighbours or groups, and the edges of DIMACS and KONECT.

use superstep::Result;
use superstep::graph::Graph;
use superstep::io::{ReadOptions, find_format};

use super::{counts, edges, fault, file, open, weighted};

fn named(format: &str) -> ReadOptions {
    ReadOptions { format: find_format(format), ..ReadOptions::default() }
}

#[test]
fn metis_has_a_line_for_each_vertex_and_each_edge_twice() -> Result<()> {
    let text = "% c\n4 2\n2\n% c\n1 3\n2\n\n";
    let plain = ReadOptions::default();
    assert_eq!(edges("g.graph", text, &plain)?, [(1, 2, 1.0), (2, 3, 1.0)]);
    assert_eq!(counts(&file("g.graph", text).path, &plain)?, (4, 2, Some(false)));
    Ok(())
}

#[test]
fn metis_has_weights_of_edges_and_of_vertices_as_its_first_line_says() -> Result<()> {
    for text in [
        "2 1 1\n2 0.5\n1 0.5\n",
        "2 1 011 2\n7 8 2 0.5\n7 8 1 0.5\n",
        "2 1 111 1\n9 7 2 0.5\n9 7 1 0.5\n",
        "2 1 101\n9 2 0.5\n9 1 0.5\n",
    ] {
        assert_eq!(edges("g.graph", text, &weighted())?, [(1, 2, 0.5)], "{text}");
    }
    assert_eq!(edges("g.graph", "2 1 10\n5 2\n5 1\n", &ReadOptions::default())?, [(1, 2, 1.0)]);
    Ok(())
}

#[test]
fn metis_that_does_not_add_up_is_refused() {
    let wrong = |text: &str| fault("g.graph", text, &ReadOptions::default());
    assert_eq!(
        wrong("% only\n"),
        "2:1: found end of file, expected a line of the numbers of vertices and edges"
    );
    assert_eq!(
        wrong("2 1 2\n"),
        "1:5: found \"2\", expected up to three digits 0 and 1: vertex sizes, vertex weights, edge weights"
    );
    assert_eq!(wrong("2 1\n3\n1\n"), "2:1: found \"3\", expected a vertex from 1 to 2");
    assert_eq!(wrong("3 1\n2\n1\n"), "4:1: found 2 lines of vertices, expected 3 of them");
    assert_eq!(
        wrong("2 1\n2\n1\n1\n"),
        "4:1: found \"1\", expected end of file after the lines of all vertices"
    );
    assert_eq!(
        wrong("3 1\n2\n3\n\n"),
        "5:1: found an edge that only one of its ends lists, expected each edge in the lines of both ends"
    );
    assert_eq!(
        wrong("2 2\n2\n1\n"),
        "4:1: found 2 neighbours, expected twice the 2 edges of the first line"
    );
}

#[test]
fn dimacs_has_arcs_with_weights_or_edges_without() -> Result<()> {
    let arcs = "c x\np sp 3 2\na 1 2 5\nc y\na 2 1 2.5\n";
    assert_eq!(edges("g.gr", arcs, &weighted())?, [(1, 2, 5.0), (2, 1, 2.5)]);
    assert_eq!(counts(&file("g.gr", arcs).path, &weighted())?, (3, 2, Some(true)));
    // Without a problem line, vertices are those that lines name.
    assert_eq!(counts(&file("g.gr", "a 0 7 1\n").path, &weighted())?, (2, 1, Some(true)));
    let edges = "p edge 3 1\ne 1 3\n";
    assert_eq!(counts(&file("g.col", edges).path, &ReadOptions::default())?, (3, 1, Some(false)));
    let wrong = |text: &str| fault("g.gr", text, &ReadOptions::default());
    assert_eq!(
        wrong("p sp 2 1\nb 1 2 3\n"),
        "2:1: found \"b\", expected an arc, `a source target weight`"
    );
    assert_eq!(wrong("p sp 2 1\na 1 3 3\n"), "2:5: found \"3\", expected a vertex from 1 to 2");
    assert_eq!(
        wrong("p sp 2 2\na 1 2 3\n"),
        "3:1: found 1 arcs, expected 2 of them, as the problem line says"
    );
    assert_eq!(wrong("p max 2 2\n"), "1:3: found \"max\", expected sp, edge or col");
    Ok(())
}

#[test]
fn adjacency_lists_begin_with_their_vertex_or_count_lines() -> Result<()> {
    let lists = "# c\n5 7 9\n7\n\n8\n";
    let plain = ReadOptions::default();
    assert_eq!(edges("g.adj", lists, &plain)?, [(5, 7, 1.0), (5, 9, 1.0)]);
    assert_eq!(counts(&file("g.adj", lists).path, &plain)?, (4, 2, None));
    let rows = "4\n1 2\n\n\n0 3\n";
    assert_eq!(
        edges("g.graph-txt", rows, &plain)?,
        [(0, 1, 1.0), (0, 2, 1.0), (3, 0, 1.0), (3, 3, 1.0)]
    );
    assert_eq!(counts(&file("g.graph-txt", rows).path, &plain)?, (4, 4, Some(true)));
    let wrong = |text: &str| fault("g.graph-txt", text, &plain);
    assert_eq!(
        wrong("3\n1\n\n"),
        "4:1: found 2 lines of successors, expected 3 of them, as the first line says"
    );
    assert_eq!(wrong("1\n1\n"), "2:1: found \"1\", expected a vertex below 1");
    assert_eq!(
        wrong("1\n0\n\n0\n"),
        "4:1: found \"0\", expected end of file after the lines of all vertices"
    );
    Ok(())
}

#[test]
fn konect_tells_the_direction_and_numbers_the_second_kind_after_the_first() -> Result<()> {
    let plain = ReadOptions::default();
    let one_way = "% asym weighted\n% 2 3 3\n1 2 0.5 1199\n2 1\n";
    assert_eq!(edges("out.g", one_way, &weighted())?, [(1, 2, 0.5), (2, 1, 1.0)]);
    assert_eq!(counts(&file("out.g", one_way).path, &plain)?, (3, 2, Some(true)));
    let two_kinds = "% bip unweighted\n% 2 2 3\n1 1\n2 3\n";
    assert_eq!(edges("out.g", two_kinds, &plain)?, [(1, 3, 1.0), (2, 5, 1.0)]);
    assert_eq!(counts(&file("out.g", two_kinds).path, &plain)?, (5, 2, Some(false)));
    assert_eq!(
        counts(&file("out.g", "% sym unweighted\n7 9\n").path, &plain)?,
        (2, 1, Some(false))
    );
    assert!(fault("g.konect", "% bip weighted\n1 1\n", &plain).contains("a second line"));
    assert_eq!(
        fault("g.konect", "1 2\n", &plain),
        "1:1: found \"1\", expected a first line such as `% sym unweighted`"
    );
    Ok(())
}

#[test]
fn groups_become_cliques_whose_edges_are_there_once() -> Result<()> {
    let text = " 0 1 2\n2 1\n3\n1 1\n";
    let found = edges("g.groups", text, &ReadOptions::default())?;
    assert_eq!(found, [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0)]);
    assert_eq!(counts(&file("g.dat", text).path, &named("groups"))?, (3, 3, Some(false)));
    Ok(())
}

#[test]
fn a_direction_that_is_asked_for_is_taken() -> Result<()> {
    let text = "2 1\n2\n1\n";
    let one_way = ReadOptions { directed: Some(true), ..ReadOptions::default() };
    let file = file("g.graph", text);
    let graph = open(&file.path, &one_way)?.plain_graph(Graph::builder())?;
    assert_eq!((graph.edge_count(), graph.is_undirected()), (2, false));
    Ok(())
}
