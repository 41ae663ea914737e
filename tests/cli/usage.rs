//! Arguments, help and mistakes in them.

use std::path::Path;

use superstep::algorithms::ALGORITHMS;

use crate::program::{err, failure, out, run, shell, success};

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
