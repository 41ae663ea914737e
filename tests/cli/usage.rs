//! Arguments, help and mistakes in them.

use std::path::Path;

use superstep::algorithms::{ALGORITHMS, Parameter};

use crate::program::{err, failure, gzip, out, run, shell, success};

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

#[test]
fn wrong_values_of_options_exit_with_2_and_say_what_is_right() {
    for (options, parts) in [
        ("--memory lots", ["'lots' for '--memory <SIZE>'", ""]),
        ("--memory 0", ["expected a size of memory, such as 64MiB or 2GB", ""]),
        ("--memory 50%", ["expected a size of memory, such as 64MiB or 2GB", ""]),
        ("--top -1", ["'-1' for '--top <COUNT>'", "expected a whole number from 1"]),
        (
            "--threads -1",
            ["'-1' for '--threads <COUNT>'", "expected a whole number from 0 to 1024"],
        ),
        ("--timeout -1s", ["'-1s' for '--timeout <DURATION>'", "not negative"]),
        (
            "--iterations 99999999999999999999",
            ["expected a whole number from 0 to 18446744073709551615", ""],
        ),
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
fn parameters_that_have_to_be_given_are_in_the_usage() {
    for (name, option) in
        [("bfs", "--source <ID>"), ("k-truss", "--k <COUNT>"), ("motifs", "--pattern <PATTERN>")]
    {
        let help = success(&run(["run", name, "--help"]));
        let usage = help.lines().find(|line| line.starts_with("Usage:")).unwrap();
        assert!(usage.contains(option), "{usage}");
        let message = failure(&run(["run", name, "datasets/karate.txt"]), 2);
        assert!(message.contains("required arguments were not provided"), "{message}");
        // The estimate does not depend on them.
        success(&run(["estimate", name, "datasets/karate.txt"]));
    }
}

#[test]
#[cfg(unix)]
fn the_examples_of_the_help_work_as_they_stand() {
    use std::fs;
    use std::process::Command;

    // Each vertex has edges one way only, as factorization needs.
    let weighted = "1 11 1.5\n1 12 2\n2 11 1\n2 12 3\n3 12 1\n";
    let plain: String =
        weighted.lines().map(|line| line.rsplit_once(' ').unwrap().0.to_owned() + "\n").collect();
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in
        [("graph.txt", &plain[..]), ("graph.txt.gz", &plain), ("weighted.txt", weighted)]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    for (name, text) in [
        ("web.mtx", "%%MatrixMarket matrix coordinate pattern general\n2 2 1\n1 2\n"),
        ("roads.csv", weighted),
        ("web.txt", &plain),
        ("packages.tsv", "a b\tc\nc\td\n"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    for name in ["part-1.gz", "part-2.gz", "friends.csv.gz"] {
        fs::write(folder.path().join(name), gzip(plain.as_bytes())).unwrap();
    }
    let binary = env!("CARGO_BIN_EXE_superstep");
    let check = |command: &[&str]| {
        let help = success(&run(command.iter().chain(&["--help"])));
        let examples = help.split_once("Examples:\n").unwrap().1;
        let lines = examples.lines().take_while(|line| line.starts_with("  superstep "));
        // What other programs do with it is theirs.
        let lines = lines.map(|line| line.split(" | ").next().unwrap_or_default());
        let script: Vec<_> =
            lines.map(|line| line.replacen("superstep", &format!("'{binary}'"), 1)).collect();
        assert!(!script.is_empty(), "{help}");
        let mut shell = Command::new("sh");
        shell.current_dir(folder.path()).args(["-ec", &script.join("\n")]);
        success(&shell.output().unwrap());
    };
    check(&["convert"]);
    check(&["info"]);
    for algorithm in ALGORITHMS {
        let name = algorithm.name();
        check(&["run", name]);
        if algorithm.parameters().iter().any(Parameter::is_required) {
            check(&["bench", name]);
            check(&["estimate", name]);
        }
    }
}

#[test]
fn mistakes_in_arguments_are_told_before_the_graph_is_read() {
    // There is no such graph, so what is told first is what was looked at first.
    for (line, part) in [
        ("bridges --top 2", "--top: the result has no values to rank rows by"),
        ("diameter --top 2", "--top: the result has no values to rank rows by"),
        ("hits --output-format graphalytics", "this result id, hub, authority"),
        ("bfs --source 1 --parents --output-format graphalytics", "this result id, depth, parent"),
        ("pagerank --tolerance 0", "tolerance 0: expected a number above 0"),
        ("hits --tolerance 0", "tolerance 0"),
        ("eigenvector --tolerance -1", "tolerance -1"),
        ("katz --beta 0", "beta 0"),
        ("personalized-pagerank --sources 1 --tolerance 0", "tolerance 0"),
        ("k-truss --k 0", "k is 0, and a truss needs 2 or more"),
        ("k-truss --k 5000000000", "expected at most 4294967295"),
        ("sssp --source 1 --delta 0", "a bucket width of 0 is not positive"),
        ("als --rank 0", "rank 0: expected at least 1"),
        ("als --lambda 0", "lambda 0"),
        ("motifs --pattern (a)-(b)", "character 5: found \"(\", expected \"[\""),
        ("motifs --pattern ()-[]->()", "has to name a vertex or an edge"),
        ("betweenness --sources 1,2 --samples 3", "--sources and --samples exclude each other"),
        ("betweenness --samples 0", "samples 0"),
        ("closeness --estimate 99", "precision 99: expected a number from 4 to 16"),
        ("harmonic --estimate 1", "precision 1"),
        ("louvain --resolution 0", "resolution 0"),
        ("leiden --tolerance 2", "tolerance 2"),
        ("random-walks --p 0", "p 0"),
        ("diameter --searches 0", "searches 0"),
    ] {
        let message = failure(&shell(&format!("run {line} no/such/graph.txt")), 2);
        assert!(message.contains(part), "{line}: {message}");
        if !line.contains("--top") && !line.contains("--output-format") {
            let message = failure(&shell(&format!("bench {line} no/such/graph.txt")), 2);
            assert!(message.contains(part), "{line}: {message}");
        }
    }
}

#[test]
fn the_names_that_others_use_are_understood() {
    for (alias, name) in [
        ("run pr", "run pagerank"),
        ("run wcc", "run connected-components"),
        ("run cdlp", "run label-propagation"),
        ("run lcc", "run clustering-coefficient"),
    ] {
        let result = |name: &str| success(&shell(&format!("{name} datasets/karate.txt")));
        assert_eq!(result(alias), result(name), "{alias}");
    }
    let rmat = success(&shell("generate rmat --scale 3"));
    assert_eq!(rmat, success(&shell("generate kronecker --scale 3")));
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
