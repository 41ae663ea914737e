//! The command as a person uses it: the built binary, its output, its messages, its exit codes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use superstep::algorithms::{ALGORITHMS, Algorithm};
use superstep::storage::StorageLevel;
use tempfile::TempDir;

mod support;

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_superstep"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    command().args(arguments).output().unwrap()
}

/// Runs a command line without quotes or escapes.
fn shell(line: &str) -> Output {
    run(line.split_whitespace())
}

fn run_with_input(line: &str, input: &[u8]) -> Output {
    let mut child = command()
        .args(line.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The output of a command that succeeds.
fn success(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
    out(output)
}

/// The message of a command that fails with a code and prints nothing else.
fn failure(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{}", err(output));
    assert_eq!(out(output), "");
    let message = err(output);
    assert!(message.starts_with("error: "), "{message}");
    message
}

fn folder_with(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn rows(text: &str) -> Vec<(u64, &str)> {
    let row = |line: &'_ str| line.split_once('\t').map(|(id, _)| id.parse::<u64>().unwrap());
    text.lines().map(|line| (row(line).unwrap(), line.split_once('\t').unwrap().1)).collect()
}

const DATASETS: [(&str, &str); 6] = [
    ("karate", "--undirected"),
    ("florentine", "--undirected"),
    ("davis", "--undirected"),
    ("les-miserables", "--undirected"),
    ("eleven-pages", "--directed"),
    ("odd-web", "--directed"),
];

fn golden(dataset: &str, value: &str) -> String {
    fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("datasets/golden/{dataset}.{value}.tsv")),
    )
    .unwrap()
}

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
fn policies_drop_loops_and_duplicates() {
    let (_folder, path) = folder_with("g.txt", "1 2\n1 2\n2 2\n2 1\n");
    let path = path.display();
    for (options, expected) in [
        ("", "2 vertices, 4 edges (0 dropped)"),
        ("--drop-self-loops", "2 vertices, 3 edges (1 dropped)"),
        ("--drop-duplicates", "2 vertices, 3 edges (1 dropped)"),
        ("--drop-self-loops --drop-duplicates", "2 vertices, 2 edges (2 dropped)"),
        ("--undirected", "2 vertices, 7 edges, both directions counted (0 dropped)"),
    ] {
        let output = shell(&format!("run connected-components {options} {path}"));
        assert_eq!(success(&output), "1\t1\n2\t1\n");
        assert!(err(&output).starts_with(expected), "{options}: {}", err(&output));
    }
}

#[test]
fn standard_input_is_read_like_a_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/odd-web.txt");
    let bytes = fs::read(path).unwrap();
    let expected = golden("odd-web", "components");
    for input in [bytes.clone(), gzip(&bytes)] {
        let output = run_with_input("run connected-components -", &input);
        assert_eq!(success(&output), expected);
    }
    let message = failure(&run_with_input("run pagerank -", b"1 2\n3\n"), 3);
    assert!(message.starts_with("error: <stdin>:2:2: found end of line, expected "), "{message}");
    let message = failure(&run_with_input("run pagerank -", &gzip(b"1 2\n")[..20]), 4);
    assert!(message.starts_with("error: <stdin>: cannot decompress: "), "{message}");
}

#[test]
fn malformed_lines_exit_with_3_and_their_place() {
    for (text, place, found) in [
        ("1 2\n3 x\n", "2:3", "\"x\""),
        ("# c\n\n1\n", "3:2", "end of line"),
        ("1 2\n1 18446744073709551616\n", "2:3", "\"18446744073709551616\""),
        ("1 2\n-1 2\n", "2:1", "\"-1\""),
    ] {
        for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
            let (_folder, path) = folder_with("bad.txt", bytes);
            let path = path.display();
            let message = failure(&shell(&format!("run connected-components {path}")), 3);
            let expected = format!("error: {path}:{place}: found {found}, expected ");
            assert!(message.starts_with(&expected), "{message}");
            assert_eq!(message.lines().count(), 1, "{message}");
        }
    }
}

#[test]
fn what_cannot_be_read_exits_with_4_and_its_path() {
    let message = failure(&shell("run pagerank no/such/file.txt"), 4);
    assert_eq!(
        message,
        "error: no/such/file.txt: cannot open: No such file or directory (os error 2)\n"
    );
    let whole = gzip("1 2\n".repeat(100).as_bytes());
    let mut corrupt = whole.clone();
    corrupt[12] ^= 0xff;
    for (bytes, reason) in [
        (&whole[..whole.len() / 2], "the gzip file is cut short"),
        (corrupt.as_slice(), "the gzip file is corrupt"),
    ] {
        let (_folder, path) = folder_with("bad.gz", bytes);
        let message = failure(&shell(&format!("run pagerank {}", path.display())), 4);
        let expected = format!("error: {}: cannot decompress: {reason}", path.display());
        assert!(message.starts_with(&expected), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn what_cannot_be_written_exits_with_4_and_its_path() {
    for target in ["no/such/folder/out.tsv", "datasets"] {
        for line in ["run pagerank datasets/karate.txt -o", "generate kronecker --scale 2 -o"] {
            let message = failure(&shell(&format!("{line} {target}")), 4);
            assert!(message.starts_with(&format!("error: {target}: cannot ")), "{message}");
            assert!(!message.contains(".superstep-"), "{message}");
        }
    }
    if cfg!(target_os = "linux") {
        let message = failure(&shell("run pagerank datasets/karate.txt -o /dev/full"), 4);
        assert!(message.starts_with("error: /dev/full: cannot write: No space left"), "{message}");
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command()
            .args(["run", "pagerank", "datasets/karate.txt"])
            .stdout(full)
            .output()
            .unwrap();
        let message = failure(&output, 4);
        assert!(message.starts_with("error: <stdout>: cannot write: "), "{message}");
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    for line in [
        "run pagerank",
        "run pagerank datasets/karate.txt --damping 1.5",
        "run pagerank datasets/karate.txt --damping much",
        "run pagerank datasets/karate.txt --tolerance -1",
        "run pagerank datasets/karate.txt --iterations -1",
        "run pagerank datasets/karate.txt --variant best",
        "run pagerank datasets/karate.txt --top 0",
        "run pagerank datasets/karate.txt --partitions 0",
        "run pagerank datasets/karate.txt --directed --undirected",
        "run pagerank datasets/karate.txt -o x --report x",
        "run connected-components datasets/karate.txt --damping 0.5",
        "generate kronecker --scale 40",
        "generate kronecker",
        "frobnicate",
    ] {
        let output = shell(line);
        failure(&output, 2);
    }
    assert!(!Path::new(env!("CARGO_MANIFEST_DIR")).join("x").exists());
}

#[test]
fn typing_errors_get_a_suggestion() {
    let message = failure(&shell("run pagernk datasets/karate.txt"), 2);
    assert!(message.contains("similar subcommand exists: 'pagerank'"), "{message}");
    let message = failure(&shell("run pagerank --dampin 0.5 datasets/karate.txt"), 2);
    assert!(message.contains("similar argument exists: '--damping'"), "{message}");
}

/// Arguments for the parameters that have no default.
#[expect(clippy::panic, reason = "a test fails by panicking")]
fn needed_arguments(algorithm: &dyn Algorithm) -> String {
    let parameters = algorithm.parameters().iter();
    let needed = parameters.filter(|parameter| parameter.default.starts_with("none: it has to"));
    let arguments = needed.map(|parameter| match parameter.name {
        "source" => "--source 1",
        "k" => "--k 3",
        "pattern" => "--pattern (a)-[]->(b)",
        "sources" => "--sources 1",
        "landmarks" => "--landmarks 1",
        name => panic!("what is needed for --{name}?"),
    });
    arguments.collect::<Vec<_>>().join(" ")
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

#[test]
fn a_folder_is_read_as_one_graph() {
    let (folder, _) = folder_with("part-0", "1 2\n");
    fs::write(folder.path().join("part-1"), gzip(b"2 3\n7 8\n")).unwrap();
    fs::write(folder.path().join("_SUCCESS"), "").unwrap();
    let output = shell(&format!("run connected-components {}", folder.path().display()));
    assert_eq!(success(&output), "1\t1\n2\t1\n3\t1\n7\t7\n8\t7\n");
}

#[test]
fn several_inputs_are_read_as_one_graph() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "src,dst\n1,2\n").unwrap();
    fs::write(folder.path().join("b.gz"), gzip(b"src,dst\n2,3\n9,8\n")).unwrap();
    let paths = ["a.csv", "b.gz"].map(|name| folder.path().join(name));
    let mut line = vec![OsStr::new("run"), OsStr::new("connected-components")];
    line.extend(paths.iter().map(|path| path.as_os_str()));
    assert_eq!(success(&run(line)), "1\t1\n2\t1\n3\t1\n8\t8\n9\t8\n");
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
fn a_reader_that_goes_away_is_no_failure() {
    for line in [
        "generate kronecker --scale 16",
        "run pagerank --iterations 1 -q -",
        "algorithms",
        "--help",
    ] {
        let mut child = command()
            .args(line.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        if line.ends_with('-') {
            // A result of some megabytes, more than a pipe holds.
            let chain: String = (0..200_000).map(|id| format!("{id} {}\n", id + 1)).collect();
            input.write_all(chain.as_bytes()).unwrap();
        }
        drop(input);
        let mut first = String::new();
        // As `head -1` does: one line is read, then the pipe is closed.
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(first.ends_with('\n'), "{line}");
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!(errors, "", "{line}");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{line}");
    }
}

#[test]
fn a_report_holds_the_figures_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let (report, result) = (folder.path().join("run.json"), folder.path().join("ranks.tsv"));
    let output = command()
        .args(["run", "pagerank", "datasets/odd-web.txt", "--iterations", "4", "--threads", "2"])
        .args(["--partitions", "3", "--drop-self-loops", "-q", "-o"])
        .args([&result, Path::new("--report"), &report])
        .output()
        .unwrap();
    assert_eq!(success(&output), "");
    assert_eq!(err(&output), "");
    assert_eq!(rows(&fs::read_to_string(&result).unwrap()).len(), 16);
    let report: Value = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
    for (field, expected) in [
        ("version", Value::from(env!("CARGO_PKG_VERSION"))),
        ("algorithm", "pagerank".into()),
        ("input", "datasets/odd-web.txt".into()),
        ("threads", 2.into()),
        ("partitions", 3.into()),
        ("directed", true.into()),
        ("vertices", 16.into()),
        ("edges", 23.into()),
        ("dropped_edges", 1.into()),
        ("input_edges", 24.into()),
        ("stop_reason", "max_supersteps".into()),
    ] {
        assert_eq!(report[field], expected, "{field}");
    }
    assert_eq!(report["parameters"]["iterations"], "4");
    assert_eq!(report["parameters"]["damping"], "0.85");
    for field in ["load_seconds", "build_seconds", "processing_seconds", "write_seconds"] {
        let seconds = report[field].as_f64().unwrap();
        assert!(seconds > 0.0 && seconds < 60.0, "{field} {seconds}");
    }
    if cfg!(target_os = "linux") {
        assert!(report["peak_rss_bytes"].as_u64().unwrap() > 1 << 20);
    }
    let supersteps = report["supersteps"].as_array().unwrap();
    assert_eq!(supersteps.len(), 5);
    for (index, step) in supersteps.iter().enumerate() {
        assert_eq!(
            (step["index"].as_u64(), step["active"].as_u64()),
            (Some(index as u64), Some(16))
        );
        assert_eq!(step["messages"], if index < 4 { 23 } else { 0 });
        assert!(step["seconds"].as_f64().unwrap() >= 0.0);
    }
    let names = ["ranks.tsv", "run.json"].map(str::to_owned);
    assert_eq!(names_in(folder.path()), names.into());
}

#[test]
fn a_file_is_replaced_only_by_a_whole_one() {
    let (folder, bad) = folder_with("bad.txt", "1 2\nx\n");
    let target = folder.path().join("ranks.tsv");
    fs::write(&target, "old").unwrap();
    let report = folder.path().join("run.json");
    let execute = |input: &Path| {
        command()
            .args(["run", "pagerank"])
            .args([input, Path::new("-o"), &target, Path::new("--report"), &report])
            .output()
            .unwrap()
    };
    failure(&execute(&bad), 3);
    assert_eq!(fs::read_to_string(&target).unwrap(), "old");
    assert_eq!(names_in(folder.path()), ["bad.txt", "ranks.tsv"].map(str::to_owned).into());

    success(&execute(Path::new("datasets/karate.txt")));
    assert_eq!(rows(&fs::read_to_string(&target).unwrap()).len(), 34);
    let names = ["bad.txt", "ranks.tsv", "run.json"].map(str::to_owned);
    assert_eq!(names_in(folder.path()), names.into());
}

#[cfg(unix)]
#[test]
fn files_are_made_as_others_are() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("usual"), "").unwrap();
    fs::write(at("real"), "old").unwrap();
    symlink("real", at("link")).unwrap();
    for name in ["new", "link"] {
        let line = format!("generate kronecker --scale 3 -o {}", at(name).display());
        success(&shell(&line));
    }
    let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode();
    assert_eq!(mode("new"), mode("usual"));
    assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
    assert_eq!(fs::read(at("real")).unwrap(), fs::read(at("new")).unwrap());
}

#[test]
fn the_generator_gives_the_same_bytes_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.txt");
    let options = "generate kronecker --scale 13 --edge-factor 9 --seed 5";
    let first = success(&shell(options));
    assert_eq!(first.lines().count(), 1 + (9 << 13));
    for threads in [1, 2, 3] {
        let line = format!("{options} --threads {threads} -o {}", path.display());
        assert_eq!(success(&shell(&line)), "");
        assert!(fs::read_to_string(&path).unwrap() == first, "{threads} threads");
    }
    let other = success(&shell("generate kronecker --scale 13 --edge-factor 9 --seed 6"));
    assert!(other != first);
    assert_eq!(names_in(folder.path()), ["g.txt".to_owned()].into());
}

#[test]
fn the_registry_is_listed_and_offered() {
    let text = success(&shell("algorithms"));
    let run_help = success(&shell("run --help"));
    for algorithm in ALGORITHMS {
        let name = algorithm.name();
        assert!(text.contains(&format!("{name}\n    {}", algorithm.summary())), "{text}");
        assert!(run_help.contains(name), "{run_help}");
        let help = success(&run(["run", name, "--help"]));
        for parameter in algorithm.parameters() {
            let end = if parameter.value.is_empty() { "\n" } else { " " };
            let option = format!("--{}{end}", parameter.name);
            assert!(text.contains(&option) && help.contains(&option), "{help}");
            for choice in parameter.choices {
                assert!(text.contains(choice) && help.contains(choice), "{help}");
            }
        }
    }
}

#[test]
fn help_has_examples() {
    for line in [
        "--help",
        "-h",
        "run --help",
        "run pagerank --help",
        "run connected-components -h",
        "algorithms --help",
        "generate --help",
        "generate kronecker --help",
        "validate --help",
        "graphalytics --help",
    ] {
        let text = success(&shell(line));
        assert!(text.contains("Examples:\n  superstep "), "{line}: {text}");
    }
    let version = success(&shell("--version"));
    assert_eq!(version, format!("superstep {}\n", env!("CARGO_PKG_VERSION")));

    // Without arguments the help is the message.
    let output = run::<&str>([]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""));
    assert_eq!(err(&output).matches("\n  superstep ").count(), 3, "{}", err(&output));
}

#[test]
fn a_summary_is_printed_unless_quiet() {
    let output = shell("run pagerank --undirected datasets/karate.txt");
    let text = err(&output);
    assert!(text.starts_with("34 vertices, 156 edges, both directions counted (0 dropped), "));
    assert!(text.contains("stopped by the program\nload 0."), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
    // No escape sequences: a pipe is no terminal.
    assert!(!text.contains('\u{1b}'), "{text}");
    assert_eq!(err(&shell("run pagerank -q --undirected datasets/karate.txt")), "");
}

/// A graph that takes some megabytes in memory.
fn kronecker(folder: &Path) -> PathBuf {
    let path = folder.join("kronecker.txt");
    let options = "generate kronecker --scale 16 --edge-factor 8 --seed 5 -q -o";
    success(&run(options.split_whitespace().map(OsStr::new).chain([path.as_os_str()])));
    path
}

#[test]
fn memory_levels_speculation_and_faults_change_no_byte() {
    let (folder, spill) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (graph, report) = (kronecker(folder.path()), folder.path().join("run.json"));
    let levels = StorageLevel::ALL.iter().filter(|(_, level)| level.is_persistent());
    let mut options: Vec<String> =
        levels.map(|(name, _)| format!("--storage-level {name}")).collect();
    options.extend(
        [
            "--storage-level memory_only --memory 1MiB",
            "--memory 1MiB",
            "--memory 3MB --threads 3",
            "--memory 1MiB --chaos seed=1,rate=0.3",
            "--speculation",
            "--timeout 1h",
            "--chaos seed=7",
            "--chaos rate=0.5,seed=18446744073709551615 --speculation --storage-level DISK_ONLY",
        ]
        .map(str::to_owned),
    );
    for algorithm in ["pagerank --iterations 4", "connected-components --undirected"] {
        let line = format!("run {algorithm} --partitions 6 {}", graph.display());
        let plain = success(&shell(&line));
        for options in &options {
            let (spill, report) = (spill.path(), report.display());
            let options = format!("{options} --spill-dir {} --report {report}", spill.display());
            let output = shell(&format!("{line} {options}"));
            assert!(success(&output) == plain, "{algorithm} {options}");
            let report = fs::read_to_string(folder.path().join("run.json")).unwrap();
            let report: Value = serde_json::from_str(&report).unwrap();
            if options.contains("1MiB") {
                assert_eq!(report["memory_budget_bytes"], 1 << 20);
                assert!(report["spilled_bytes"].as_u64().unwrap() > 0, "{options}");
                assert!(err(&output).contains("spilled to disk with a budget of 1"), "{options}");
            }
            if options.contains("DISK_ONLY") {
                assert!(report["storage_level"].as_str().unwrap().starts_with("DISK_ONLY"));
                assert!(report["spilled_bytes"].as_u64().unwrap() > 0, "{options}");
            }
            if options.contains("chaos") {
                assert!(err(&output).contains(" faults injected, "), "{}", err(&output));
                let faults = report["injected_faults"].as_object().unwrap();
                assert!(faults.values().any(|count| count.as_u64() > Some(0)), "{options}");
            }
            assert_eq!(names_in(spill), BTreeSet::new(), "{options}");
        }
    }
}

#[test]
fn wrong_values_of_options_exit_with_2_and_say_what_is_right() {
    for (options, parts) in [
        ("--memory lots", ["'lots' for '--memory <SIZE>'", ""]),
        ("--memory 0", ["not a size of memory", ""]),
        ("--memory 5parsecs", ["--memory", ""]),
        ("--storage-level MEMORY", ["similar value", "MEMORY_ONLY"]),
        ("--storage-level NONE", ["possible values", "MEMORY_AND_DISK_SER_2"]),
        ("--timeout soon", ["'soon' for '--timeout <DURATION>'", ""]),
        ("--timeout 5", ["--timeout", "time unit needed"]),
        ("--chaos 7", ["7 is not understood", "expected seed=N[,rate=R]"]),
        ("--chaos seed=1,rate=2", ["2 is no rate from 0 to 1", "expected seed=N[,rate=R]"]),
        ("--chaos rate=0.1", ["there is no seed", "expected seed=N[,rate=R]"]),
        ("--memry 1MiB", ["a similar argument exists: '--memory'", ""]),
        ("--spil-dir x", ["a similar argument exists: '--spill-dir'", ""]),
        ("--speculate", ["a similar argument exists: '--speculation'", ""]),
    ] {
        let message = failure(&shell(&format!("run pagerank datasets/karate.txt {options}")), 2);
        for part in parts {
            assert!(message.contains(part), "{options}: {message}");
        }
    }
}

#[test]
fn a_folder_that_cannot_be_spilled_to_exits_with_4_and_its_path() {
    let line = "run pagerank datasets/karate.txt --storage-level DISK_ONLY --spill-dir no/such";
    let message = failure(&shell(line), 4);
    assert!(message.contains("no/such: cannot create a directory in"), "{message}");
}

#[test]
fn a_run_that_takes_too_long_exits_with_5_and_leaves_nothing() {
    let (folder, spill) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for options in ["", "--storage-level DISK_ONLY", "--chaos seed=3 --speculation"] {
        let line = format!(
            "run pagerank datasets/karate.txt --iterations 100000000 --timeout 200ms {options} \
             --spill-dir {} -o {}",
            spill.path().display(),
            folder.path().join("ranks.tsv").display()
        );
        let message = failure(&shell(&line), 5);
        assert_eq!(message, "error: the job was cancelled: it took longer than 200ms\n");
        assert_eq!(names_in(folder.path()), BTreeSet::new(), "{options}");
        assert_eq!(names_in(spill.path()), BTreeSet::new(), "{options}");
    }
    for line in ["--help", "run --help"] {
        assert!(success(&shell(line)).contains("superstep "), "{line}");
    }
    let help = success(&shell("--help"));
    assert!(help.contains("5 a resource limit (out of time), 130 interrupted"), "{help}");
}

#[cfg(unix)]
mod signals {
    use std::process::Child;
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    const SIGNALS: [(Signal, i32, &str); 2] =
        [(Signal::INT, 130, "interrupted"), (Signal::TERM, 143, "terminated")];

    fn start(arguments: &[&OsStr]) -> Child {
        let mut command = command();
        command.args(arguments).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Waits until something can be seen of a program that runs.
    fn wait_until(child: &mut Child, seen: impl Fn() -> bool) {
        let start = Instant::now();
        while !seen() {
            assert!(child.try_wait().unwrap().is_none(), "the program has ended");
            assert!(start.elapsed() < Duration::from_secs(60), "nothing is seen");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends a signal and returns the exit code and what the program said.
    fn end(child: Child, signal: Signal) -> (Option<i32>, String) {
        let sent = Instant::now();
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        eprintln!("{signal:?}: ended after {:?}", sent.elapsed());
        (output.status.code(), err(&output))
    }

    fn ends_well(
        arguments: &[&OsStr],
        folders: [&Path; 2],
        moment: &str,
        wait: impl Fn(&mut Child),
    ) {
        for (signal, code, reason) in SIGNALS {
            let mut child = start(arguments);
            wait(&mut child);
            let (found, message) = end(child, signal);
            assert_eq!(found, Some(code), "{moment}: {message}");
            assert!(message.contains(reason), "{moment}: {message}");
            for folder in folders {
                assert_eq!(names_in(folder), BTreeSet::new(), "{moment}");
            }
        }
    }

    /// The names of all that a program has spilled now.
    fn spilled(folder: &Path) -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        // A folder may go while it is looked at.
        let inside = entries.filter_map(|entry| fs::read_dir(entry.unwrap().path()).ok());
        inside.flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_run_that_is_signalled_leaves_nothing_whenever_that_is() {
        let (folder, spill) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = folder.path().join("ranks.tsv");
        let folders = [folder.path(), spill.path()];
        let mut line: Vec<&OsStr> =
            "run pagerank --iterations 100000000 --storage-level DISK_ONLY -q"
                .split_whitespace()
                .map(OsStr::new)
                .collect();
        line.extend([OsStr::new("--spill-dir"), spill.path().as_os_str()]);
        line.extend([OsStr::new("-o"), target.as_os_str()]);

        // The input does not end: standard input stays open.
        let waiting: Vec<_> = line.iter().copied().chain([OsStr::new("-")]).collect();
        ends_well(&waiting, folders, "reading", |child| {
            child.stdin.as_mut().unwrap().write_all(b"1 2\n").unwrap();
            wait_until(child, || !names_in(folder.path()).is_empty());
        });
        // So many different files were seen: while the graph is built, and in its supersteps.
        line.push(OsStr::new("datasets/karate.txt"));
        for files in [1, 3, 30] {
            ends_well(&line, folders, &format!("{files} files"), |child| {
                let seen = std::cell::RefCell::new(BTreeSet::new());
                wait_until(child, || {
                    seen.borrow_mut().extend(spilled(spill.path()));
                    seen.borrow().len() >= files
                });
            });
        }
        // What was there before stays.
        fs::write(&target, "old").unwrap();
        let mut child = start(&line);
        wait_until(&mut child, || !spilled(spill.path()).is_empty());
        assert_eq!(end(child, Signal::INT).0, Some(130));
        assert_eq!(fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(names_in(folder.path()).len(), 1);
    }

    #[test]
    fn output_that_is_signalled_does_not_appear() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("graph.txt");
        let mut line: Vec<&OsStr> =
            "generate kronecker --scale 26 -q".split_whitespace().map(OsStr::new).collect();
        let endless = line.clone();
        line.extend([OsStr::new("-o"), target.as_os_str()]);
        for least in [1, 1 << 20] {
            ends_well(&line, [folder.path(); 2], &format!("{least} bytes"), |child| {
                wait_until(child, || {
                    let entries = fs::read_dir(folder.path()).unwrap();
                    entries.flatten().any(|entry| entry.metadata().unwrap().len() >= least)
                });
            });
        }
        // Nobody reads on: the pipe is full.
        for (signal, code, reason) in SIGNALS {
            let mut child = start(&endless);
            let mut out = BufReader::new(child.stdout.take().unwrap());
            out.read_line(&mut String::new()).unwrap();
            let (found, message) = end(child, signal);
            assert_eq!(found, Some(code), "{message}");
            assert!(message.contains(reason), "{message}");
        }
    }
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
    assert_eq!(found, "#id\tdistance\n9\tinf\n");

    let message = failure(&shell(&format!("run sssp --source 1 --integer {path}")), 2);
    assert!(message.contains("--integer: the edge from 1 to 3 has the length 1.5"), "{message}");
    let (_folder, path) = folder_with("whole.txt", "1 2 4\n1 3 1\n3 2 2\n9 1 1\n");
    let found = success(&shell(&format!("run sssp --source 1 --integer -q {}", path.display())));
    assert_eq!(found, "1\t0\n2\t3\n3\t1\n9\t9223372036854775807\n");

    let (_folder, path) = folder_with("bare.txt", "1 2 4\n2 3\n");
    let message = failure(&shell(&format!("run sssp --source 1 {}", path.display())), 3);
    assert!(message.contains("bare.txt:2:4: found end of line, expected a weight"), "{message}");
    let (_folder, path) = folder_with("negative.txt", "1 2 4\n2 3 -1\n");
    let message = failure(&shell(&format!("run sssp --source 1 {}", path.display())), 2);
    assert!(message.contains("an edge has the length -1"), "{message}");
    let message = failure(&shell(&format!("run sssp {}", path.display())), 2);
    assert!(message.contains("sssp needs --source ID"), "{message}");
}

#[test]
fn vertices_without_edges_are_part_of_the_graph_when_a_file_names_them() {
    let (_folder, edges) = folder_with("edges.txt", "5 3\n");
    let (_other, vertices) = folder_with("vertices.txt", "3\n5\n4\n");
    let (edges, vertices) = (edges.display(), vertices.display());
    let line = format!("run connected-components -q --vertices {vertices} {edges}");
    assert_eq!(success(&shell(&line)), "3\t3\n4\t4\n5\t3\n");
    let line = format!("run sssp --source 4 --unit-weights -q --vertices {vertices} {edges}");
    assert_eq!(success(&shell(&line)), "3\tinf\n4\t0.0\n5\tinf\n");
    let (_third, few) = folder_with("few.txt", "3\n");
    let line = format!("run bfs --source 3 --vertices {} {edges}", few.display());
    assert!(failure(&shell(&line), 1).contains("an edge names vertex 5"));
}

#[test]
fn a_search_shows_parents_when_asked() {
    let (_folder, path) = folder_with("g.txt", "1 2\n1 3\n2 4\n3 4\n9 1\n");
    let path = path.display();
    let found = success(&shell(&format!("run bfs --source 1 --parents --verify -q {path}")));
    assert_eq!(found, "1\t0\t1\n2\t1\t1\n3\t1\t1\n4\t2\t2\n9\t9223372036854775807\t\n");
    let found = success(&shell(&format!("run bfs --source 1 --parents --top 2 -q {path}")));
    assert_eq!(found, "9\t9223372036854775807\t\n4\t2\t2\n");
}

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
