//! Memory, faults and time.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use superstep::storage::StorageLevel;

use crate::program::{err, failure, kronecker, names_in, shell, success};

#[test]
fn memory_levels_speculation_and_faults_change_no_byte() {
    let (folder, spill) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (graph, report) = (kronecker(folder.path()), folder.path().join("run.json"));
    let levels = StorageLevel::ALL.iter().filter(|(_, level)| level.is_persistent());
    let levels: Vec<String> = levels.map(|(name, _)| format!("--storage-level {name}")).collect();
    let others = [
        "--storage-level memory_only --memory 1MiB",
        "--memory 1MiB",
        "--memory 3MB --threads 3",
        "--memory 1MiB --chaos seed=1,rate=0.3",
        "--speculation",
        "--timeout 1h",
        "--chaos seed=7",
        "--chaos rate=0.5,seed=18446744073709551615 --speculation --storage-level DISK_ONLY",
    ];
    let all: Vec<&str> = levels.iter().map(String::as_str).chain(others).collect();
    for (algorithm, options) in
        [("pagerank --iterations 4", &all[..]), ("connected-components --undirected", &others)]
    {
        let line = format!("run {algorithm} --partitions 6 {}", graph.display());
        let plain = success(&shell(&line));
        for options in options {
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
    assert!(
        help.contains("5 a resource limit (out of time), 129 hung up, 130 interrupted"),
        "{help}"
    );
}
