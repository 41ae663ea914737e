//! `superstep estimate`, beside what runs really take.

use std::fs;

use serde_json::Value;
use superstep::algorithms::ALGORITHMS;

use crate::program::{err, failure, folder_with, needed_arguments, shell, success};

/// The figures of an estimate: vertices, edges, minimum, maximum.
fn estimate(line: &str) -> [u64; 4] {
    let text = success(&shell(&format!("estimate {line} -q")));
    let figure = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_once('\t').unwrap().1.parse().unwrap()
    };
    ["vertices\t", "edges\t", "minimum\t", "maximum\t"].map(figure)
}

#[test]
fn an_estimate_counts_what_is_in_the_input() {
    let [vertices, edges, least, most] = estimate("pagerank --undirected datasets/karate.txt");
    assert_eq!((vertices, edges), (34, 156));
    assert!(least < most, "{least} {most}");
    let (_folder, vertices) = folder_with("v.txt", "1\n2\n3\n4\n5\n");
    let (_other, path) = folder_with("g.txt", "1 2\n2 3\n");
    let line = format!("bfs --source 1 --vertices {} {}", vertices.display(), path.display());
    assert_eq!(estimate(&line)[..2], [5, 2]);
    let (_folder, path) = folder_with("bad.txt", "1 2\nx\n");
    let message = failure(&shell(&format!("estimate pagerank {}", path.display())), 3);
    assert!(message.contains("bad.txt:2:1: found"), "{message}");
}

#[test]
fn the_true_peak_lies_within_the_estimate() {
    let graphs = ["kronecker --scale 12", "chain --vertices 3000"];
    matrix(&graphs, &["txt"], &["2"], &["pagerank", "bfs", "triangles"]);
}

/// To be run of what users run:
/// `cargo test --release --features full --test cli true_peaks -- --ignored --nocapture`.
#[test]
#[ignore = "takes an hour: every algorithm on several graphs in several formats"]
fn the_true_peaks_of_all_algorithms_lie_within_the_estimates() {
    let graphs = [
        "kronecker --scale 14",
        "kronecker --scale 16 --edge-factor 4",
        "erdos-renyi --vertices 50000 --probability 0.0002",
        "grid --rows 300 --columns 300",
        "star --vertices 100000",
    ];
    let names: Vec<_> = ALGORITHMS.iter().map(|algorithm| algorithm.name()).collect();
    matrix(&graphs, &["txt", "mtx.gz", "ssg"], &["1", "2"], &names);
}

/// Runs algorithms on graphs and compares; one of twenty may lie outside. Tells how wide the
/// estimates are.
fn matrix(graphs: &[&str], formats: &[&str], threads: &[&str], names: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run.json");
    let (mut ratios, mut outside) = (Vec::new(), Vec::new());
    for graph_line in graphs {
        let text = folder.path().join("graph.txt");
        success(&shell(&format!("generate {graph_line} -q -o {}", text.display())));
        for format in formats {
            let graph = folder.path().join(format!("graph.{format}"));
            if *format != "txt" {
                let (from, to) = (text.display(), graph.display());
                success(&shell(&format!("convert {from} {to} --renumber -q")));
            }
            for (algorithm, threads) in ALGORITHMS
                .iter()
                .filter(|one| names.contains(&one.name()))
                .flat_map(|one| threads.iter().map(move |threads| (*one, threads)))
            {
                let needed = needed_arguments(algorithm);
                let weights = match algorithm.weights() {
                    superstep::algorithms::Weights::Needed => "--unit-weights",
                    _ => "",
                };
                let line = format!(
                    "{} --threads {threads} {needed} {weights} {}",
                    algorithm.name(),
                    graph.display()
                );
                let run = format!(
                    "run {line} --timeout 5min -q -o /dev/null --report {}",
                    report.display()
                );
                let output = shell(&run);
                if !output.status.success() {
                    // A cycle in the way of an order, or too much to compute here.
                    eprintln!("left out: {run}: {}", err(&output));
                    continue;
                }
                let report: Value =
                    serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
                let Some(peak) = report["peak_rss_bytes"].as_u64() else { return };
                let [.., least, most] = estimate(&line);
                eprintln!("{graph_line}, {line}: {least} <= {peak} <= {most}");
                ratios.push(most as f64 / least as f64);
                if !(least..=most).contains(&peak) {
                    outside.push(format!("{line}: {peak} is not in {least}..={most}"));
                }
            }
        }
    }
    ratios.sort_by(f64::total_cmp);
    let runs = ratios.len();
    assert!(runs > 0, "no run");
    eprintln!(
        "{runs} runs, {} outside; the most is {:.1} times the least in the median, {:.1} at worst",
        outside.len(),
        ratios[runs / 2],
        ratios[runs - 1]
    );
    assert!(outside.len() * 20 <= runs, "{runs} runs: {outside:#?}");
}
