//! Settings from files and the environment, completions and manual pages.

use std::fs;
use std::process::Output;

use crate::program::{command, err, failure, folder_with, names_in, shell, success};

/// Runs with a file of settings and variables.
fn with(line: &str, file: &str, variables: &[(&str, &str)]) -> Output {
    let (_folder, path) = folder_with("config.toml", file);
    let mut command = command();
    command.env("SUPERSTEP_CONFIG", &path).envs(variables.iter().copied());
    command.args(line.split_whitespace()).output().unwrap()
}

#[test]
fn options_go_before_the_environment_and_that_before_the_file() {
    let file = "threads = 2\nmemory = \"64MiB\"\nquiet = true\n";
    let variables = [("SUPERSTEP_MEMORY", "128MiB"), ("SUPERSTEP_TIMEOUT", "1h")];
    let text = success(&with("config --timeout 2h", file, &variables));
    let expected = [
        "threads\t2\tfile ",
        "memory\t128MiB\tenvironment SUPERSTEP_MEMORY\n",
        "storage-level\tMEMORY_AND_DISK\tdefault\n",
        "timeout\t2h\toption --timeout\n",
        "quiet\ttrue\tfile ",
        "speculation\tfalse\tdefault\n",
    ];
    for expected in expected {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(text.contains("config.toml:1\n") && text.contains("config.toml:3\n"), "{text}");
}

#[test]
fn settings_hold_for_runs() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run.json");
    let line = format!("run pagerank datasets/karate.txt --report {}", report.display());
    let file = "threads = 3\nquiet = true\nstorage-level = \"disk_only\"\n";
    let output = with(&line, file, &[]);
    success(&output);
    assert_eq!(err(&output), "");
    let json = fs::read_to_string(&report).unwrap();
    assert!(json.contains("\"threads\": 3") && json.contains("\"DISK_ONLY\""), "{json}");
    success(&with(&format!("{line} --threads 2"), file, &[]));
    let json = fs::read_to_string(&report).unwrap();
    assert!(json.contains("\"threads\": 2"), "{json}");
}

#[test]
fn wrong_settings_are_told_with_their_place_and_help_is_there_nevertheless() {
    let message = failure(&with("run pagerank datasets/karate.txt", "thread = 2\n", &[]), 3);
    assert!(
        message.contains("config.toml:1:1: found \"thread\", expected a setting:"),
        "{message}"
    );
    let message = failure(&with("info datasets/karate.txt", "memory = \"lots\"\n", &[]), 3);
    assert!(
        message.contains("config.toml:1:10: found \"lots\", expected a value of --memory"),
        "{message}"
    );
    let message = failure(&with("info datasets/karate.txt", "", &[("SUPERSTEP_THREADS", "x")]), 2);
    assert!(message.contains("SUPERSTEP_THREADS: found \"x\", expected a value of"), "{message}");
    assert!(success(&with("run --help", "thread = 2\n", &[])).contains("Usage: superstep run"));
    let mut command = command();
    let output = command
        .env("SUPERSTEP_CONFIG", "no/such.toml")
        .args(["info", "datasets/karate.txt"])
        .output();
    let message = failure(&output.unwrap(), 4);
    assert!(message.starts_with("error: no/such.toml: cannot read"), "{message}");
}

#[test]
fn what_needs_no_settings_is_not_stopped_by_wrong_ones() {
    for line in [
        "algorithms",
        "completions bash",
        "man",
        "reference formats",
        "validate pr datasets/golden/davis.pagerank.tsv datasets/golden/davis.pagerank.tsv",
    ] {
        success(&with(line, "thread = 2\n", &[("SUPERSTEP_MEMORY", "lots")]));
    }
}

#[test]
fn an_option_undoes_what_a_setting_says() {
    let line = "run pagerank --undirected datasets/karate.txt";
    let file = "quiet = true\nspeculation = true\n";
    assert_eq!(err(&with(line, file, &[])), "");
    let loud = with(&format!("{line} --quiet=false --speculation=false"), file, &[]);
    assert!(err(&loud).contains("34 vertices"), "{}", err(&loud));
    let text = success(&with("config --quiet=false --speculation", file, &[]));
    assert!(text.contains("quiet\tfalse\toption --quiet\n"), "{text}");
    assert!(text.contains("speculation\ttrue\toption --speculation\n"), "{text}");
    let message = failure(&with(&format!("{line} --quiet=no"), "", &[]), 2);
    assert!(message.contains("--quiet"), "{message}");
}

#[test]
fn shells_get_completions() {
    for shell_name in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = success(&shell(&format!("completions {shell_name}")));
        assert!(script.contains("connected-components"), "{shell_name}");
        assert!(!script.contains("made from the code"), "{shell_name}: a hidden subcommand");
        assert!(!script.contains("superstep__help__subcmd__reference"), "{shell_name}");
    }
    failure(&shell("completions basic"), 2);
}

#[test]
fn each_subcommand_has_a_manual_page() {
    let page = success(&shell("man"));
    assert!(page.contains(".TH superstep 1"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    success(&shell(&format!("man --output-dir {}", folder.path().join("man1").display())));
    let names = names_in(&folder.path().join("man1"));
    for name in ["superstep.1", "superstep-run.1", "superstep-run-pagerank.1", "superstep-info.1"] {
        assert!(names.contains(name), "{names:?}");
    }
    let page = fs::read_to_string(folder.path().join("man1/superstep-run-pagerank.1")).unwrap();
    assert!(page.contains("damping"), "{page}");
}

#[test]
fn a_bench_tells_the_time_of_each_run() {
    let output = shell("bench pagerank --iterations 3 --repeats 4 --warm-up 0 datasets/karate.txt");
    let text = success(&output);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("#run\tseconds\tsupersteps"));
    for run in 1..=4 {
        let fields: Vec<&str> = lines.next().unwrap().split('\t').collect();
        assert_eq!((fields[0], fields[2]), (run.to_string().as_str(), "4"));
        assert!(fields[1].parse::<f64>().unwrap() > 0.0);
    }
    assert_eq!(lines.next(), None);
    assert!(err(&output).starts_with("median 0."), "{}", err(&output));
    failure(&shell("bench pagerank --repeats 0 datasets/karate.txt"), 2);
}
