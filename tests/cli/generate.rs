//! `superstep generate`.

use std::fs;

use superstep::graph::generate::FAMILIES;

use crate::program::{failure, names_in, run, shell, success};

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
fn every_family_is_listed_and_its_example_makes_a_graph() {
    let folder = tempfile::tempdir().unwrap();
    let listed = success(&shell("generate --help"));
    for family in FAMILIES {
        let name = family.name();
        assert!(listed.contains(name) && listed.contains(family.summary()), "{listed}");
        let help = success(&run(["generate", name, "--help"]));
        for parameter in family.parameters() {
            assert!(help.contains(&format!("--{}", parameter.name)), "{help}");
        }
        let (_, example) = help.split_once("Examples:\n  superstep ").unwrap();
        let example = example.lines().next().unwrap().strip_suffix("-o g.txt").unwrap();
        let path = folder.path().join(name);
        success(&shell(&format!("{example} --quiet -o {}", path.display())));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# ") && text.lines().count() > 1, "{name}: {text}");
    }
}

#[test]
fn wrong_parameters_of_graphs_exit_with_2_and_say_what_is_right() {
    for (line, expected) in [
        ("tree", "--vertices <COUNT>"),
        ("chain --vertices -1", "invalid value '-1'"),
        ("erdos-renyi --vertices 5 --probability 1.5", "not from 0 to 1"),
        ("watts-strogatz --vertices 5 --neighbors 3", "an even number of neighbours"),
        ("barabasi-albert --vertices 5 --attach 5", "can be joined to 1 to 4 others, not 5"),
        ("kronecker --scale 40", "must lie in 1..=32, not be 40"),
    ] {
        let message = failure(&shell(&format!("generate {line}")), 2);
        assert!(message.contains(expected), "{line}: {message}");
    }
}
