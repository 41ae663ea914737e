//! What `run` computes, on its way through files and rows.

use std::collections::BTreeSet;
use std::fs;

use superstep::algorithms::ALGORITHMS;

use crate::program::{
    err, failure, folder_with, golden, needed_arguments, rows, run, shell, success,
};
use crate::support;

const DATASETS: [(&str, &str); 6] = [
    ("karate", "--undirected"),
    ("florentine", "--undirected"),
    ("davis", "--undirected"),
    ("les-miserables", "--undirected"),
    ("eleven-pages", "--directed"),
    ("odd-web", "--directed"),
];

#[test]
fn components_of_the_datasets_are_the_golden_ones() {
    for (dataset, direction) in DATASETS {
        for partitions in [1, 3] {
            let output = shell(&format!(
                "run connected-components {direction} --partitions {partitions} datasets/{dataset}.txt"
            ));
            assert_eq!(success(&output), golden(dataset, "components"), "{dataset}");
        }
    }
}

#[test]
fn ranks_of_the_datasets_are_the_golden_ones() {
    for (dataset, direction) in DATASETS {
        for partitions in [1, 3] {
            let output = shell(&format!(
                "run pagerank {direction} --tolerance 1e-14 --partitions {partitions} datasets/{dataset}.txt"
            ));
            let (found, golden) = (success(&output), golden(dataset, "pagerank"));
            let (found, golden) = (rows(&found), rows(&golden));
            assert_eq!(found.len(), golden.len(), "{dataset}");
            for ((id, rank), (golden_id, golden_rank)) in found.into_iter().zip(golden) {
                assert_eq!(id, golden_id, "{dataset}");
                let rank: f64 = rank.parse().unwrap();
                let expected: f64 = golden_rank.parse().unwrap();
                // The tolerance leaves an error of 1e-14 · .85 / .15, and sums differ in order.
                assert!((rank - expected).abs() < 1e-12, "{dataset} {id}: {rank} {expected}");
            }
        }
    }
}

#[test]
fn output_does_not_depend_on_threads() {
    let (_folder, path) = folder_with("g.txt", "");
    success(&shell(&format!(
        "generate kronecker --scale 12 --edge-factor 8 --seed 3 -q -o {}",
        path.display()
    )));
    for (algorithm, value) in [("pagerank", "--iterations 7"), ("connected-components", "")] {
        let outputs: BTreeSet<String> = [1, 2, 3, 4]
            .map(|threads| {
                let path = path.display();
                success(&shell(&format!(
                    "run {algorithm} {value} --partitions 5 --threads {threads} {path}"
                )))
            })
            .into();
        assert_eq!(outputs.len(), 1, "{algorithm}");
    }
}

#[test]
fn top_prints_the_largest_values_first() {
    let all = success(&shell("run pagerank --undirected -q datasets/karate.txt"));
    let mut expected = rows(&all);
    expected.sort_by(|a, b| {
        let value = |row: &(u64, &str)| row.1.parse::<f64>().unwrap();
        value(b).total_cmp(&value(a)).then(a.0.cmp(&b.0))
    });
    for count in [1, 5, 34, 35, 1_000_000] {
        let top = success(&shell(&format!(
            "run pagerank --undirected --partitions 4 --top {count} datasets/karate.txt"
        )));
        // Ranks of vertices in like places differ in the last bits with the partitions, so only
        // the count can tell beyond the first five.
        assert_eq!(rows(&top).len(), count.min(34));
        let ids = |rows: &[(u64, &str)]| rows.iter().map(|row| row.0).take(5).collect::<Vec<_>>();
        assert_eq!(ids(&rows(&top)), ids(&expected[..count.min(34)]));
    }
    // Components are equal: the ids decide.
    let top = success(&shell("run connected-components --top 3 datasets/karate.txt"));
    assert_eq!(top, "1\t1\n2\t1\n3\t1\n");
}

#[test]
fn weights_come_from_the_third_column_unless_each_is_one() {
    let (_folder, path) = folder_with("roads.txt", "1 2 4\n1 3 1.5\n3 2 2\n9 1 1\n");
    let path = path.display();
    let found = success(&shell(&format!("run sssp --source 1 -q {path}")));
    assert_eq!(found, "1\t0.0\n2\t3.5\n3\t1.5\n9\tinf\n");
    let found = success(&shell(&format!("run sssp --source 1 --unit-weights --verify -q {path}")));
    assert_eq!(found, "1\t0.0\n2\t1.0\n3\t1.0\n9\tinf\n");
    let found = success(&shell(&format!("run sssp --source 1 --header --top 1 -q {path}")));
    assert_eq!(found, "#id\tdistance\n2\t3.5\n");

    let message = failure(&shell(&format!("run sssp --source 1 --integer {path}")), 3);
    assert!(
        message.contains("the edge from 1 to 3 has the length 1.5: expected a whole number"),
        "{message}"
    );
    let (_folder, path) = folder_with("whole.txt", "1 2 4\n1 3 1\n3 2 2\n9 1 1\n");
    let found = success(&shell(&format!("run sssp --source 1 --integer -q {}", path.display())));
    assert_eq!(found, "1\t0\n2\t3\n3\t1\n9\t9223372036854775807\n");

    let (_folder, path) = folder_with("bare.txt", "1 2 4\n2 3\n");
    let message = failure(&shell(&format!("run sssp --source 1 {}", path.display())), 3);
    assert!(message.contains("bare.txt:2:4: found end of line, expected a weight"), "{message}");
    let (_folder, path) = folder_with("negative.txt", "1 2 4\n2 3 -1\n");
    let message = failure(&shell(&format!("run sssp --source 1 {}", path.display())), 3);
    assert!(
        message.contains("the edge from 2 to 3 has the length -1: expected a number of 0 or more"),
        "{message}"
    );
    let message = failure(&shell(&format!("run sssp {}", path.display())), 2);
    assert!(message.contains("--source <ID>"), "{message}");
}

#[test]
fn a_search_shows_parents_when_asked() {
    let (_folder, path) = folder_with("g.txt", "1 2\n1 3\n2 4\n3 4\n9 1\n");
    let path = path.display();
    let found = success(&shell(&format!("run bfs --source 1 --parents --verify -q {path}")));
    assert_eq!(found, "1\t0\t1\n2\t1\t1\n3\t1\t1\n4\t2\t2\n9\t9223372036854775807\t\n");
    let found = success(&shell(&format!("run bfs --source 1 --parents --top 2 -q {path}")));
    assert_eq!(found, "4\t2\t2\n2\t1\t1\n");
    // What no path reaches is not the farthest.
    for (algorithm, farthest) in [("bfs", "4\t2\n"), ("sssp --unit-weights", "4\t2.0\n")] {
        let line = format!("run {algorithm} --source 1 --top 9 -q {path}");
        let found = success(&shell(&line));
        assert!(found.starts_with(farthest), "{found}");
        assert!(found.lines().last().unwrap().starts_with("9\t"), "{found}");
    }
}

#[test]
fn the_public_graphs_come_out_as_igraph_has_them() {
    let sets = [
        ("snap-wiki-Vote/Wiki-Vote.txt", "wiki-Vote"),
        ("snap-email-Enron/Email-Enron.txt.gz", "email-Enron"),
        ("snap-ca-GrQc/ca-GrQc.txt.gz", "ca-GrQc"),
    ];
    for (file, folder) in sets {
        let Some(root) = support::public_dataset("") else { return };
        let file = root.join(file);
        let expected = root.join("oracle-igraph").join(folder);
        let found =
            |algorithm| success(&run(["run", algorithm, "-q", &file.display().to_string()]));
        let ranks = found("pagerank");
        let ranks = rows(&ranks).into_iter().map(|(id, rank)| (id, rank.parse().unwrap()));
        let igraph = support::expected(&expected.join("PR-converged.gz")).unwrap();
        support::assert_close(&ranks.collect::<Vec<_>>(), &igraph, 1e-9, folder);
        let labels = found("connected-components");
        let labels = rows(&labels).into_iter().map(|(id, label)| (id, label.parse().unwrap()));
        let igraph = support::expected(&expected.join("WCC-minid.gz")).unwrap();
        support::assert_same_partition(&labels.collect::<Vec<_>>(), &igraph, folder);
    }
}

#[test]
fn inputs_without_edges_give_no_rows() {
    let (folder, path) = folder_with("empty.txt", "");
    let comments = folder.path().join("comments.txt");
    fs::write(&comments, "# nothing\n\n").unwrap();
    let hollow = folder.path().join("hollow");
    fs::create_dir(&hollow).unwrap();
    for algorithm in ALGORITHMS {
        for input in [&path, &comments, &hollow] {
            for options in ["", "--undirected --top 3", "--partitions 3"] {
                let input = input.display();
                let needed = needed_arguments(*algorithm);
                let has_source = ["--source", "--landmarks"].iter().any(|of| needed.contains(of));
                let line = format!("run {} {input} {options} {needed}", algorithm.name());
                let output = shell(&line);
                // Edges, pairs and matches have nothing to be ranked by, and some results no rows.
                let reason = "the result has no values to rank rows by";
                if options.contains("--top") && err(&output).contains(reason) {
                    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
                    continue;
                }
                if algorithm.name() == "transitivity" {
                    assert_eq!(success(&output), "triangles\t0\nwedges\t0\ntransitivity\t\n");
                    continue;
                }
                if algorithm.name() == "diameter" {
                    let none = "diameter\t0\nat most\t0\nsearches\t0\n";
                    assert_eq!(success(&output), none);
                    continue;
                }
                if has_source {
                    // There is no vertex to start from.
                    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
                    assert!(
                        err(&output).contains(" 1: the graph has no such vertex"),
                        "{}",
                        err(&output)
                    );
                    continue;
                }
                assert_eq!(success(&output), "");
                let warning = format!("warning: {input} has no edges\n");
                assert!(err(&output).ends_with(&warning), "{}", err(&output));
            }
        }
    }
}
