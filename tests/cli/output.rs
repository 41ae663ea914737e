//! Where output goes: files, pipes, reports, the summary.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{
    command, err, failure, folder_with, names_in, rows, run_with_input, shell, success,
};

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
        for line in [&["--help"][..], &["--version"], &["run", "pagerank", "--help"]] {
            let full = fs::File::options().write(true).open("/dev/full").unwrap();
            let message = failure(&command().args(line).stdout(full).output().unwrap(), 4);
            assert!(message.starts_with("error: <stdout>: cannot write: No space"), "{message}");
        }
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
fn a_report_counts_what_policies_did() {
    let (folder, path) = folder_with("g.txt", "1 2 3\n1 2 4\n2 2 1\nx\n2 3 1\n9 1 1\n");
    let vertices = folder.path().join("vertices.txt");
    fs::write(&vertices, "1\n2\n3\n").unwrap();
    let report = folder.path().join("run.json");
    let policies = |options: &str| -> Value {
        let line = format!("run connected-components -q {options} --report");
        success(&shell(&format!("{line} {} {}", report.display(), path.display())));
        let text = fs::read_to_string(&report).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["policies"].clone()
    };
    let skip = "--on-error skip";
    assert_eq!(policies(skip), json!({"lines_skipped": 1}));
    assert_eq!(
        policies(&format!("{skip} --drop-self-loops --drop-duplicates")),
        json!({"lines_skipped": 1, "self_loops_dropped": 1, "duplicates_dropped": 1})
    );
    assert_eq!(
        policies(&format!("{skip} --undirected --drop-duplicates")),
        json!({"lines_skipped": 1, "duplicates_dropped": 2})
    );
    let known = format!("--drop-unknown --vertices {}", vertices.display());
    assert_eq!(
        policies(&format!("{skip} {known} --merge-duplicates sum")),
        json!({"lines_skipped": 1, "unknown_vertices_dropped": 1, "edges_merged": 1})
    );
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
fn a_summary_is_printed_unless_quiet() {
    let output = shell("run pagerank --undirected datasets/karate.txt");
    let text = err(&output);
    assert!(text.starts_with("34 vertices, 156 edges, both directions counted (0 dropped), "));
    assert!(text.contains("supersteps, converged\nload 0."), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
    // No escape sequences: a pipe is no terminal.
    assert!(!text.contains('\u{1b}'), "{text}");
    assert_eq!(err(&shell("run pagerank -q --undirected datasets/karate.txt")), "");
}

#[test]
fn a_summary_says_in_words_how_a_run_ended() {
    // On a path, the scores of two steps go on swinging.
    let swinging = b"1\t2\n";
    for (options, words) in [
        ("eigenvector", ", not converged within 10,000 iterations\n"),
        ("eigenvector --iterations 20", ", not converged within the 20 iterations asked for\n"),
        ("pagerank", ", converged\n"),
        ("pagerank --iterations 1", ", stopped after the 1 iteration asked for\n"),
        (
            "pagerank --iterations 1 --tolerance 1e-9",
            ", not converged within the 1 iteration asked for\n",
        ),
        ("als --unit-weights --iterations 2", ", stopped after the 2 iterations asked for\n"),
        ("connected-components", ", converged\n"),
        ("degrees", "2 vertices, 1 edge (0 dropped)\n"),
        ("landmarks --landmarks 1", "2 vertices, 1 edge (0 dropped)\n"),
    ] {
        let output = run_with_input(&format!("run {options} -"), swinging);
        let text = err(&output);
        assert!(text.contains(words), "{options}: {text}");
    }
}

#[test]
fn verbose_runs_tell_of_each_superstep() {
    let line = "run pagerank --iterations 3 --undirected datasets/karate.txt";
    let output = shell(&format!("{line} -v"));
    let text = err(&output);
    for superstep in 0..4 {
        let expected = format!("superstep {superstep}: 34 active vertices, ");
        assert_eq!(text.matches(&expected).count(), 1, "{text}");
    }
    assert!(text.contains("78 edges read: ") && text.contains("stage 0: "), "{text}");
    assert_eq!(success(&output), success(&shell(line)));
    let message = failure(&shell(&format!("{line} -v -q")), 2);
    assert_eq!(message, "error: --quiet cannot be used with --verbose\n");
    // What only undoes a setting is in nobody's way.
    assert!(err(&shell(&format!("{line} -v --quiet=false"))).contains("superstep 3: "));
}
