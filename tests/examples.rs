//! The examples run and print what they should.
//!
//! `cargo test` builds them beside the tests; when only this file is asked for, and they are
//! missing, they are built here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::Command;

fn output_of(example: &str) -> String {
    let own = std::env::current_exe().unwrap();
    let profile = own.parent().and_then(|deps| deps.parent()).unwrap();
    let name = format!("{example}{}", std::env::consts::EXE_SUFFIX);
    let path: PathBuf = profile.join("examples").join(name);
    if !path.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--example", example]);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
        assert!(built.success(), "cargo build --example {example}");
    }
    let ran = Command::new(&path).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{example}: {errors}");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn word_count_counts_words() {
    let text = output_of("word_count");
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].ends_with(" different words"), "{text}");
    assert_eq!(lines.len(), 6, "{text}");
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/README.md");
    let readme = std::fs::read_to_string(readme).unwrap().to_lowercase();
    let of = readme.split(|c: char| !c.is_alphabetic()).filter(|word| *word == "of").count();
    assert!(lines.contains(&format!("{of:>4} of").as_str()), "{text}");
}

#[test]
fn pagerank_names_the_heads_of_the_club() {
    let text = output_of("pagerank");
    let (first, rest) = text.split_once('\n').unwrap();
    assert_eq!(first, "34 vertices, 156 directed edges");
    let (_, ranks) = rest.split_once('\n').unwrap();
    // As in datasets/golden/karate.pagerank.tsv.
    let expected = "  34 0.100919\n   1 0.096997\n  33 0.071693\n   3 0.057079\n   2 0.052877\n";
    assert_eq!(ranks, expected);
}

#[test]
fn connected_components_names_the_clans() {
    let expected = "clan 1: Albizzi, Medici, Pazzi, Salviati\nclan 2: Strozzi\nclan 6: Pucci\n";
    assert_eq!(output_of("connected_components"), expected);
}

#[test]
fn the_custom_program_finds_levels() {
    let expected = "\
superstep 0: reached 1
superstep 1: reached 2
superstep 2: reached 1
superstep 3: reached 0
stopped by the program
[(1, Some(0)), (2, Some(1)), (3, Some(2)), (4, Some(1)), (5, None)]
";
    assert_eq!(output_of("custom_program"), expected);
}
