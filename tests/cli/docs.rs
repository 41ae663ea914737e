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

/// What a heading is called in links.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_to_files_and_headings_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut links = 0;
    for path in pages.chain(["README.md", "CHANGELOG.md"].map(|name| root.join(name))) {
        let text = fs::read_to_string(&path).unwrap();
        // What stands between fences is code.
        let prose: String = text.split("```").step_by(2).collect();
        for link in prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.starts_with("http") || link.contains(' ') {
                continue;
            }
            links += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
            assert!(target.exists(), "{}: {link}", path.display());
            if !heading.is_empty() {
                let target = fs::read_to_string(&target).unwrap();
                let mut headings = target.lines().filter(|line| line.starts_with('#'));
                let found = headings.any(|line| anchor(line.trim_start_matches('#')) == heading);
                assert!(found, "{}: {link}", path.display());
            }
        }
    }
    assert!(links > 20, "{links}");
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
