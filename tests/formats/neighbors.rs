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
        "2:1: found an edge that only one of its ends lists, expected each edge in the lines of both \
         ends (or --directed)"
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
    // The edges are counted where the second line does; those of `positive` also by their weights.
    let short = "3:1: found 1 edges, expected 5 of them, as the second line says";
    assert_eq!(
        fault("g.konect", "% sym unweighted\n% 5 2 2\n1 2", &plain).replace("3:4", "3:1"),
        short
    );
    let short = "4:1: found 1 edges, expected 5 of them, as the second line says";
    for head in ["% bip unweighted\n% 5 2 2", "% asym weighted\n% 5", "% sym positive\n% 5 2 2"] {
        assert_eq!(fault("g.konect", format!("{head}\n1 2 4\n"), &plain), short, "{head}");
    }
    for good in [
        "% sym positive\n% 1 2 2\n1 2 4\n",
        "% sym positive\n% 4 2 2\n1 2 4\n",
        "% sym dynamic\n% 1 2 2\n1 2 1 7\n1 2 -1 9\n",
    ] {
        edges("g.konect", good, &plain)?;
    }
    let many = "1 2\n".repeat(5 << 20);
    let message = fault("g.konect", format!("% sym unweighted\n% 5 2 2\n{many}"), &plain);
    assert!(
        message.ends_with("found 5242880 edges, expected 5 of them, as the second line says"),
        "{message}"
    );
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

#[test]
fn the_line_of_a_hub_may_be_of_any_length() -> Result<()> {
    const LEAVES: u64 = 150_000;
    let leaves = || (2..=LEAVES).map(|leaf| leaf.to_string());
    let hub: Vec<String> = leaves().collect();
    let plain = ReadOptions::default();
    let wide = 1_u64 << 60;
    let far: Vec<String> = (2..=LEAVES).map(|leaf| (wide + leaf).to_string()).collect();
    let text = format!("7 8\n1 {}\n\n9 {}", far.join(" "), far.join("\t"));
    let found = edges("g.adj", &text, &plain)?;
    assert_eq!(found.len() as u64, 2 * (LEAVES - 1) + 1);
    for source in [1, 9] {
        let targets = found.iter().filter(|edge| edge.0 == source).map(|edge| edge.1.to_string());
        assert!(targets.eq(far.iter().cloned()), "{source}");
    }
    let wrong = format!("7 8\n1 {}\n", far.join(" ").replace(&far[140_000], "x"));
    let column = wrong.find('x').unwrap() - 3;
    assert!(column > 5 << 19, "{column}");
    let message = fault("g.adj", &wrong, &plain);
    assert!(
        message.starts_with(&format!("2:{column}: found \"x\", expected a vertex")),
        "{message}"
    );
    // A comment may be as long.
    assert_eq!(edges("g.adj", format!("# {}\n1 2\n", far.join(" ")), &plain)?, [(1, 2, 1.0)]);

    let rows: Vec<String> =
        (0..=LEAVES).map(|id| if id == 1 { hub.join(" ") } else { String::new() }).collect();
    let text = format!("{}\n{}\n", LEAVES + 1, rows.join("\n"));
    let expected: Vec<_> = (2..=LEAVES).map(|leaf| (1, leaf, 1.0)).collect();
    assert_eq!(edges("g.graph-txt", text, &plain)?, expected);

    let hub: Vec<String> = leaves().map(|leaf| format!("{leaf}  {leaf}.25")).collect();
    let rows: Vec<String> = leaves().map(|leaf| format!("7 1 {leaf}.25")).collect();
    let head = format!("{LEAVES} {} 11\n", LEAVES - 1);
    let text = format!("{head}9 {}\n{}\n", hub.join(" "), rows.join("\n"));
    let expected: Vec<_> = (2..=LEAVES).map(|leaf| (1, leaf, leaf as f64 + 0.25)).collect();
    assert_eq!(edges("g.graph", text, &weighted())?, expected);
    Ok(())
}

#[test]
fn metis_with_other_weights_at_the_other_ends_is_refused_where_weights_are_wanted() -> Result<()> {
    let text = "3 3 1\n2 5 3 1\n1 6  3 2\n2 2 1 1\n";
    assert_eq!(
        fault("g.graph", text, &weighted()),
        "2:1: found an edge to 2 with the weight 5, expected the weight that the line of vertex 2 \
         has for it"
    );
    let plain = ReadOptions::default();
    assert_eq!(edges("g.graph", text, &plain)?, [(1, 2, 1.0), (1, 3, 1.0), (2, 3, 1.0)]);
    let one_way = ReadOptions { directed: Some(true), ..weighted() };
    assert_eq!(edges("g.graph", text, &one_way)?.len(), 6);
    // The same in other words, and loops and doubled edges in another order.
    let same = "2 4 1\n1 7 2 0.5 2 0 1 8\n1 -0.0 1 5e-1\n";
    assert_eq!(edges("g.graph", same, &weighted())?.len(), 4);
    let weights = "3:5: found an edge to 2 with the weight 1, expected the weight";
    let message = fault("g.graph", "% c\n2 2 1\n2 2 2 1\n1 2 1 2\n", &weighted());
    assert!(message.starts_with(weights), "{message}");
    Ok(())
}

#[test]
fn metis_of_edges_that_go_one_way_may_list_them_at_one_end_as_gap_has_them() -> Result<()> {
    let one_way = ReadOptions { directed: Some(true), ..ReadOptions::default() };
    let expected = [(1, 2, 1.0), (1, 3, 1.0), (3, 2, 1.0)];
    // The number of arcs, and GAP's format that has nothing to say.
    for head in ["3 3", "3 3 0", "3 3 100"] {
        let text = format!("{head}\n2 3\n\n2\n");
        assert_eq!(edges("g.graph", &text, &one_way)?, expected, "{head}");
        assert_eq!(counts(&file("g.graph", &text).path, &one_way)?, (3, 3, Some(true)));
    }
    let message = fault("g.graph", "3 3\n2 3\n\n2\n", &ReadOptions::default());
    assert_eq!(
        message,
        "2:1: found an edge that only one of its ends lists, expected each edge in the lines of both \
         ends (or --directed)"
    );
    // With sizes, where the number says so.
    assert_eq!(edges("g.graph", "3 3 100\n7 2 3\n\n7 2\n", &one_way)?, expected);
    assert_eq!(edges("g.graph", "2 1 100\n7 2\n7 1\n", &one_way)?, [(1, 2, 1.0), (2, 1, 1.0)]);
    assert_eq!(
        fault("g.graph", "3 2\n2 3\n\n2\n", &one_way),
        "5:1: found 3 neighbours, expected the 2 edges of the first line, or twice as many"
    );
    Ok(())
}
