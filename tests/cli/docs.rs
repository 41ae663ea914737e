//! The manual beside what the program says of itself.

use std::fs;
use std::path::Path;

use superstep::algorithms::find;

use crate::program::{shell, success};

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

#[test]
fn the_pages_that_are_made_from_the_code_are_as_it_is_now() {
    for name in ["command", "algorithms", "formats"] {
        let made = success(&shell(&format!("reference {name}")));
        assert!(
            made == page(&format!("{name}.md")),
            "docs/{name}.md is not what the code says; run\n  \
             cargo run --features full -- reference {name} > docs/{name}.md"
        );
    }
}

#[test]
fn every_page_is_in_the_summary_and_there() {
    let summary = page("SUMMARY.md");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") && name != "SUMMARY.md" {
            assert!(summary.contains(&format!("({name})")), "{name}");
        }
    }
    for link in summary.split("](").skip(1) {
        page(link.split(')').next().unwrap());
    }
}

#[test]
fn the_commands_of_the_manual_exist() {
    for name in ["start.md", "tuning.md", "from-networkx.md", "from-graphx.md", "tutorial.md"] {
        let text = page(name);
        for after in text.split("run ").skip(1).filter(|after| !after.starts_with("-")) {
            let word = after.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap();
            let is_command = text.contains(&format!("superstep run {word} "))
                || text.contains(&format!("`run {word}"));
            assert!(!is_command || word.is_empty() || find(word).is_some(), "{name}: run {word}");
        }
    }
}
