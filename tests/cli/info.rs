//! `superstep info`.

use std::fs;

use serde_json::Value;

use crate::program::{err, failure, folder_with, shell, success};

#[test]
fn a_directed_graph_is_described() {
    let (folder, path) = folder_with("g.txt", "1 2\n2 1\n2 3\n2 3\n3 3\n8 9\n");
    let output = shell(&format!("info -q {}", path.display()));
    let text = success(&output);
    for line in [
        "directed\tyes",
        "vertices\t5",
        "edges\t6",
        "self-loops\t1",
        "duplicate edges\t1",
        "reciprocity\t0.5000",
        "isolated vertices\t0",
        "components\t2",
        "largest component\t3",
        "out-degree mean\t1.2000",
        "out-degree maximum\t3",
        "in-degree maximum\t3",
        "in-degree minimum\t0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert_eq!(err(&output), "");

    let plot = folder.path().join("degrees.svg");
    let line = format!("info -q --json --plot {} {}", plot.display(), path.display());
    let json: Value = serde_json::from_str(&success(&shell(&line))).unwrap();
    assert_eq!(json["out_degrees"]["counts"], serde_json::json!({"0": 1, "1": 3, "3": 1}));
    assert_eq!(json["largest_component"], 3);
    let svg = fs::read_to_string(plot).unwrap();
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"), "{svg}");
    // Degrees above 0: 1 and 3 going out, 1 and 3 coming in.
    assert_eq!(svg.matches("<circle ").count(), 4, "{svg}");
}

#[test]
fn an_undirected_graph_counts_each_edge_once() {
    let text = success(&shell("info -q --undirected datasets/karate.txt"));
    for line in ["edges\t78", "components\t1", "degree maximum\t17", "duplicate edges\t0"] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(!text.contains("reciprocity") && !text.contains("in-degree"), "{text}");
    let bars = text.lines().find(|line| line.starts_with("degree 0, 1, 2-3")).unwrap();
    assert_eq!(bars.split_once('\t').unwrap().1.chars().count(), 6, "{bars}");

    let (_folder, path) = folder_with("g.txt", "1 2\n1 2\n2 2\n5 5\n");
    let (_other, vertices) = folder_with("v.txt", "1\n2\n5\n7\n");
    let (path, vertices) = (path.display(), vertices.display());
    let text = success(&shell(&format!("info -q --undirected --vertices {vertices} {path}")));
    let expected = [
        "edges\t4",
        "self-loops\t2",
        "duplicate edges\t1",
        "components\t3",
        "isolated vertices\t1",
    ];
    for line in expected {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
}

#[test]
fn a_graph_without_edges_is_described_with_a_warning() {
    let (_folder, path) = folder_with("empty.txt", "");
    let output = shell(&format!("info {}", path.display()));
    assert!(success(&output).contains("\ncomponents\t0\nlargest component\t0\n"));
    assert_eq!(err(&output), format!("warning: {} has no edges\n", path.display()));
    let message = failure(&shell("info no/such/file"), 4);
    assert!(message.starts_with("error: no/such/file: cannot "), "{message}");
    failure(&shell("info datasets/karate.txt -o x --plot x"), 2);
}
