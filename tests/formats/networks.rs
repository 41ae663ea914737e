//! Street networks, and graphs of the GAP suite and of Ligra.

use superstep::Result;
use superstep::io::{Column, ReadOptions, find_format};

use super::datasets::datasets;
use super::{counts, edges, edges_of, fault, file, open, weighted};

fn plain() -> ReadOptions {
    ReadOptions::default()
}

const STREETS: &str = "<NUMBER OF ZONES> 2\t\n<NUMBER OF NODES> 5\n<NUMBER OF LINKS> 3\n\
                       <FIRST THRU NODE> 1\n<END OF METADATA>\n\n\
                       ~\tinit_node\tterm_node\tcapacity\tlength\tFree Flow Time\tb\t;\n\
                       \t1\t3\t100\t0.5\t2\t0.15\t;\n\t3\t4\t100\t1.25\t0\t0.15;\n 4 1 9 3 1 0 ;\n";

#[test]
fn streets_have_lengths_or_what_is_asked_for() -> Result<()> {
    let lengths = [(1, 3, 0.5), (3, 4, 1.25), (4, 1, 3.0)];
    assert_eq!(edges("net.tntp", STREETS, &weighted())?, lengths);
    // How it begins tells the format.
    assert_eq!(edges("net.txt", STREETS, &weighted())?, lengths);
    for column in ["free_flow_time", "Free Flow Time", "5"] {
        let options = ReadOptions { weight_column: Some(column.parse()?), ..weighted() };
        let times = [(1, 3, 2.0), (3, 4, 0.0), (4, 1, 1.0)];
        assert_eq!(edges("net.tntp", STREETS, &options)?, times, "{column}");
    }
    // Nodes without links are vertices.
    let list = file("net.tntp", STREETS);
    assert_eq!(counts(&list.path, &plain())?, (5, 3, Some(true)));
    let other = ReadOptions { weight_column: Some(Column::Name("toll".to_owned())), ..weighted() };
    let error = open(&list.path, &other).unwrap_err().to_string();
    assert!(error.starts_with("there is no column \"toll\", but init_node, term_node"), "{error}");
    Ok(())
}

#[test]
fn streets_that_do_not_add_up_are_refused() {
    let with = |from: &str, to: &str| fault("net.tntp", STREETS.replace(from, to), &weighted());
    assert_eq!(with("LINKS> 3", "LINKS> 4"), "11:1: found 3 links, expected 4 of them");
    assert_eq!(with("NODES> 5", "NODES> 3"), "9:4: found \"4\", expected a vertex from 1 to 3");
    assert_eq!(
        with("0.5", "far"),
        "8:10: found \"far\", expected a weight, a number other than NaN"
    );
    assert_eq!(
        with("<END OF METADATA>", "<THE END>"),
        "8:2: found \"1\", expected metadata such as <NUMBER OF NODES> 24"
    );
    assert_eq!(
        with("<NUMBER OF NODES> 5\n", ""),
        "10:1: found end of file, expected a line <NUMBER OF NODES> before"
    );
}

#[test]
fn the_public_street_networks_have_their_links() -> Result<()> {
    let Some(folder) = datasets("the_public_street_networks") else { return Ok(()) };
    let folder = folder.join("roads-tntp");
    for (name, nodes, links) in [
        ("ChicagoRegional_net.tntp.gz", 12_982, 39_018),
        ("Philadelphia_net.tntp.gz", 13_389, 40_003),
        ("Sydney_net.tntp.gz", 33_113, 75_379),
    ] {
        assert_eq!(counts(&folder.join(name), &plain())?, (nodes, links, Some(true)), "{name}");
        let found = edges_of(&open(&folder.join(name), &weighted())?)?;
        assert!(found.iter().all(|(_, _, length)| *length >= 0.0), "{name}");
        assert!(found.iter().any(|(_, _, length)| length.fract() > 0.0), "{name}");
    }
    Ok(())
}

#[test]
fn adjacency_graphs_are_read_with_and_without_weights() -> Result<()> {
    let plain_graph = "AdjacencyGraph\n4\n3\n0\n2\n2\n3\n1\n3\n0\n";
    assert_eq!(edges("g.adj.txt", plain_graph, &plain())?, [(0, 1, 1.0), (0, 3, 1.0), (2, 0, 1.0)]);
    let list = file("g.ligra", plain_graph);
    assert_eq!(counts(&list.path, &plain())?, (4, 3, None));
    let graph = "WeightedAdjacencyGraph\n4\n3\n0\n2\n2\n3\n1\n3\n0\n5\n-6\n0.5\n";
    let expected = [(0, 1, 5.0), (0, 3, -6.0), (2, 0, 0.5)];
    assert_eq!(edges("g.ligra", graph, &weighted())?, expected);
    assert_eq!(edges("g.ligra", graph, &plain())?.len(), 3);
    // Vertices without edges at either end, and numbers that share lines.
    let graph = "AdjacencyGraph 5 2\n0 0 1 1 2\n4 1\n";
    assert_eq!(edges("g.ligra", graph, &plain())?, [(1, 4, 1.0), (3, 1, 1.0)]);
    assert_eq!(edges("g.ligra", "AdjacencyGraph\n0\n0\n", &plain())?, []);
    Ok(())
}

#[test]
fn long_adjacency_graphs_are_read_in_splits() -> Result<()> {
    // A ring with chords, larger than a split.
    let vertices = 1_000_000_u64;
    let mut text = format!("AdjacencyGraph\n{vertices}\n{}\n", 2 * vertices);
    (0..vertices).for_each(|vertex| text.push_str(&format!("{}\n", 2 * vertex)));
    (0..vertices).for_each(|vertex| {
        let next = (vertex + 1) % vertices;
        text.push_str(&format!("{next}\n{}\n", vertex * 7 % vertices));
    });
    assert!(text.len() > 17 << 20);
    let found = edges("g.ligra", text, &plain())?;
    let mut expected: Vec<_> = (0..vertices)
        .flat_map(|vertex| {
            [(vertex, (vertex + 1) % vertices, 1.0), (vertex, vertex * 7 % vertices, 1.0)]
        })
        .collect();
    expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert!(found == expected);
    Ok(())
}

#[test]
fn adjacency_graphs_that_do_not_add_up_are_refused() {
    let refused = |text: &str| fault("g.ligra", text, &plain());
    let head = "AdjacencyGraph\n2\n2\n";
    assert_eq!(
        refused(&format!("{head}0\n1\n1\n")),
        "7:1: found 5 numbers, expected 6 for 2 vertices, 2 edges"
    );
    assert_eq!(
        refused(&format!("{head}0\n3\n1\n0\n")),
        "5:1: found \"3\", expected a number of edges up to 2"
    );
    assert_eq!(
        refused(&format!("{head}1\n2\n1\n0\n")),
        "4:1: found \"1\", expected numbers from 0 on that do not fall"
    );
    assert_eq!(
        refused("AdjacencyGraph\n3\n2\n0\n2\n1\n1\n0\n"),
        "6:1: found \"1\", expected numbers from 0 on that do not fall"
    );
    assert_eq!(
        refused(&format!("{head}0\n1\n1\n2\n")),
        "7:1: found \"2\", expected a vertex from 0 to 1"
    );
    let options = ReadOptions { format: find_format("ligra"), ..plain() };
    assert_eq!(
        fault("g.txt", "Graph\n1\n0\n0\n", &options),
        "1:1: found \"Graph\", expected AdjacencyGraph or WeightedAdjacencyGraph"
    );
}

/// A serialized graph as GAP's converter writes it.
fn serialized(directed: bool, lists: &[&[(i32, i32)]], weighted: bool) -> Vec<u8> {
    let listed: usize = lists.iter().map(|list| list.len()).sum();
    let mut bytes = vec![u8::from(directed)];
    bytes.extend_from_slice(&(listed as i64).to_le_bytes());
    bytes.extend_from_slice(&(lists.len() as i64).to_le_bytes());
    let mut turned = vec![Vec::new(); lists.len()];
    for (source, list) in lists.iter().enumerate() {
        list.iter()
            .for_each(|(target, weight)| turned[*target as usize].push((source as i32, *weight)));
    }
    let forward: Vec<Vec<(i32, i32)>> = lists.iter().map(|list| list.to_vec()).collect();
    for lists in if directed { vec![forward, turned] } else { vec![forward] } {
        let mut start = 0_i64;
        bytes.extend_from_slice(&start.to_le_bytes());
        for list in &lists {
            start += list.len() as i64;
            bytes.extend_from_slice(&start.to_le_bytes());
        }
        for (target, weight) in lists.iter().flatten() {
            bytes.extend_from_slice(&target.to_le_bytes());
            if weighted {
                bytes.extend_from_slice(&weight.to_le_bytes());
            }
        }
    }
    bytes
}

/// Good files, by their names.
pub(super) fn samples() -> [(&'static str, Vec<u8>); 3] {
    let lists: [&[(i32, i32)]; 4] = [&[(1, 5), (3, -6)], &[], &[(0, 7)], &[(3, 1)]];
    let both: [&[(i32, i32)]; 3] = [&[(1, 5), (2, 6)], &[(0, 5)], &[(0, 6)]];
    [
        ("g.wsg", serialized(true, &lists, true)),
        ("g.sg", serialized(true, &lists, false)),
        ("g.sg", serialized(false, &both, false)),
    ]
}

#[test]
fn serialized_graphs_of_gap_are_read() -> Result<()> {
    let one_way: [&[(i32, i32)]; 4] = [&[(1, 5), (3, -6)], &[], &[(0, 7)], &[]];
    let expected = [(0, 1, 5.0), (0, 3, -6.0), (2, 0, 7.0)];
    let graph = serialized(true, &one_way, true);
    assert_eq!(edges("g.wsg", &graph, &weighted())?, expected);
    assert_eq!(edges("g.wsg", &graph, &plain())?, expected.map(|(s, t, _)| (s, t, 1.0)));
    let list = file("g.sg", serialized(true, &one_way, false));
    assert_eq!(counts(&list.path, &plain())?, (4, 3, Some(true)));
    let error = open(&list.path, &weighted()).unwrap_err().to_string();
    assert!(error.ends_with("the graph has no weights"), "{error}");
    // Edges that go both ways are listed from both ends, and are one each.
    let both: [&[(i32, i32)]; 3] = [&[(1, 5), (2, 6)], &[(0, 5)], &[(0, 6)]];
    let list = file("g.sg", serialized(false, &both, false));
    assert_eq!(counts(&list.path, &plain())?, (3, 2, Some(false)));
    assert_eq!(edges_of(&open(&list.path, &plain())?)?, [(0, 1, 1.0), (0, 2, 1.0)]);
    assert_eq!(edges("g.sg", serialized(true, &[], false), &plain())?, []);
    Ok(())
}

#[test]
fn serialized_graphs_that_are_damaged_are_refused_with_the_byte() {
    let lists: [&[(i32, i32)]; 3] = [&[(1, 5), (2, 6)], &[(0, 5)], &[]];
    let good = serialized(true, &lists, false);
    let changed = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        fault("g.sg", bytes, &plain())
    };
    assert_eq!(
        changed(0, 2),
        "byte 0, the head: found the byte 2, expected 0 or 1, for edges that go both ways or one"
    );
    assert_eq!(
        changed(8, 0x80),
        "byte 1, the head: found -9223372036854775805 edges and 3 vertices, expected no more than 2^48 edges and 2147483647 vertices"
    );
    assert_eq!(
        changed(1, 4),
        "byte 105, the end: found 105 bytes, expected 113 or, with weights, 145 for 3 vertices and 4 edges"
    );
    assert_eq!(
        changed(17, 1),
        "byte 17, the beginnings: found 1, expected where edges begin, from 0 to 3"
    );
    assert_eq!(
        changed(25, 9),
        "byte 25, the beginnings: found 9, expected where edges begin, from 0 to 3"
    );
    assert_eq!(changed(41, 2), "byte 41, the beginnings: found 2, expected 3, the number of edges");
    assert_eq!(
        changed(53, 3),
        "byte 53, the edges of vertex 0: found 3, expected a vertex from 0 to 2"
    );
    for length in 0..good.len() {
        let message = fault("g.sg", &good[..length], &plain());
        assert!(message.starts_with("byte "), "{length}: {message}");
    }
}
