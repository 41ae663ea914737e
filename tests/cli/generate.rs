//! `superstep generate`.

use std::fs;

use crate::program::{names_in, shell, success};

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
