//! `superstep validate` and `superstep graphalytics`.

use std::fs;
use std::path::Path;

use crate::program::{command, err, failure, out, run, success};
use crate::support;

#[test]
fn a_result_is_validated_by_the_rule_of_its_kernel() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (one, two) = (file("one", "1\t5\n2\t5\n3\t6\n"), file("two", "3 0\n2 1\r\n\n1 1\n"));
    let validate = |kernel: &str, a: &str, b: &str| run(["validate", kernel, a, b]);
    assert_eq!(success(&validate("wcc", &one, &two)), "3 rows match (equivalence)\n");
    let message = failure(&validate("wcc", &one, &file("d", "1 10\n2 6\n3 10\n")), 1);
    let apart = "vertex 2: found the same label as at vertex 1, 5, but expected others, 6 here and 10 there";
    let joined = "vertex 3: found another label than at vertex 1, 6 here and 5 there, but expected the same, 10";
    assert!(message.contains(apart) && message.contains(joined), "{message}");
    fs::write(folder.path().join("e"), b"PAR1\xff\xfe").unwrap();
    let message = failure(&validate("pr", &folder.path().join("e").display().to_string(), &two), 3);
    assert!(
        message.contains("e: byte 4, rows of a result: found bytes that are not UTF-8"),
        "{message}"
    );
    let message = failure(&validate("bfs", &one, &two), 1);
    assert!(message.contains("3 wrong, 3 expected (exact)"), "{message}");
    assert!(message.contains("vertex 1: found 5, expected 1"), "{message}");
    let (found, expected) = (file("a", "1 1.00005\n2 inf\n"), file("b", "1 1e0\n2 Infinity\n"));
    assert_eq!(success(&validate("sssp", &found, &expected)), "2 rows match (epsilon)\n");
    let message = failure(&validate("exact", &found, &expected), 3);
    assert!(message.contains("a:1:3: found \"1.00005\", expected a whole number"), "{message}");
    let message = failure(&validate("lcc", &found, &file("c", "1\n")), 3);
    assert!(message.contains("c:1:2: found end of line, expected a number"), "{message}");
}

#[test]
fn the_kernels_of_graphalytics_run_with_the_parameters_of_a_file() {
    let Some(set) = support::public_dataset("graphalytics-example") else { return };
    let results = tempfile::tempdir().unwrap();
    for (name, edges, vertices) in
        [("example-directed", 17.0, 10.0), ("example-undirected", 12.0, 9.0)]
    {
        let properties = set.join(format!("{name}.properties"));
        let output = command()
            .args(["graphalytics", "--threads", "2", "-o"])
            .args([results.path(), &properties])
            .output()
            .unwrap();
        let text = success(&output);
        let mut lines = text.lines();
        let header = "#kernel\tload_s\tprocessing_s\tmakespan_s\teps\tevps\tresult";
        assert_eq!(lines.next(), Some(header));
        for (line, kernel) in lines.by_ref().zip(["bfs", "cdlp", "lcc", "pr", "sssp", "wcc"]) {
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!((fields[0], fields[6]), (kernel, "match"), "{line}");
            let number = |at: usize| fields[at].parse::<f64>().unwrap();
            assert!((number(3) - number(1) - number(2)).abs() < 2e-6, "{line}");
            // Rates are rounded to a tenth, seconds to a millionth.
            for (column, counted) in [(4, edges), (5, edges + vertices)] {
                let rate = counted / number(2);
                assert!((number(column) - rate).abs() <= 0.06 + 0.01 * rate, "{line}");
            }
        }
        assert_eq!(lines.next(), None);
        let own = results.path().join(format!("{name}-SSSP"));
        let reference = set.join(format!("{name}-SSSP"));
        let arguments = [Path::new("validate"), Path::new("sssp"), &own, &reference];
        success(&run(arguments));
        assert!(err(&output).contains(&format!("{name}: {vertices} vertices, {edges} edges")));
    }
}

#[test]
fn a_wrong_reference_output_fails_the_benchmark() {
    let folder = tempfile::tempdir().unwrap();
    let properties = "graph.g.vertex-file = g.v\ngraph.g.edge-file = g.e\ngraph.g.directed = true\n\
                      graph.g.algorithms = bfs, dance, wcc\ngraph.g.bfs.source-vertex = 1\n";
    for (name, text) in [
        ("g.properties", properties),
        ("g.v", "1\n2\n3\n"),
        ("g.e", "1 2\n"),
        ("g-BFS", "1 0\n2 2\n3 9223372036854775807\n"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = run([Path::new("graphalytics"), &folder.path().join("g.properties")]);
    assert_eq!(output.status.code(), Some(1));
    let rows: Vec<_> =
        out(&output).lines().map(|line| line.rsplit('\t').next().unwrap().to_owned()).collect();
    assert_eq!(rows, ["result", "wrong", "no reference"]);
    let message = err(&output);
    assert!(message.contains("warning: there is no kernel dance"), "{message}");
    assert!(message.contains("bfs: 1 wrong, 3 expected (exact)\n  vertex 2: found 1, expected 2"));
}
