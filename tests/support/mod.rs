//! What several test files need: public graphs with expected outputs, and comparisons.

#[allow(dead_code, reason = "not every test file has jobs")]
pub(crate) mod jobs;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use superstep::{Error, Result};

/// Returns a folder of the public datasets that are kept beside the project, or `None`, with a
/// line on why the test is skipped, where they are not.
pub(crate) fn public_dataset(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/datasets");
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no {} (public graphs are kept apart)", folder.display());
    None
}

/// Reads a text file, decompressing `.gz`.
pub(crate) fn lines(path: &Path) -> Result<Vec<String>> {
    let file = File::open(path).map_err(|error| Error::io(path, "open", error))?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let lines = BufReader::new(reader).lines().collect::<std::io::Result<_>>();
    lines.map_err(|error| Error::io(path, "read", error))
}

/// Reads `id value` lines.
pub(crate) fn expected<T: std::str::FromStr>(path: &Path) -> Result<Vec<(u64, T)>> {
    let rows = lines(path)?.into_iter().filter(|line| !line.starts_with('#'));
    let parse = |line: String| {
        let mut fields = line.split_whitespace();
        let id = fields.next().and_then(|field| field.parse().ok());
        let value = fields.next().and_then(|field| field.parse().ok());
        id.zip(value).ok_or_else(|| Error::user(format!("{}: bad line {line}", path.display())))
    };
    let mut rows: Vec<(u64, T)> = rows.map(parse).collect::<Result<_>>()?;
    rows.sort_by_key(|(id, _)| *id);
    Ok(rows)
}

/// Asserts equal ids and values within a relative tolerance.
pub(crate) fn assert_close(
    found: &[(u64, f64)],
    expected: &[(u64, f64)],
    tolerance: f64,
    what: &str,
) {
    assert_eq!(found.len(), expected.len(), "{what}: number of vertices");
    for ((id, found), (expected_id, expected)) in found.iter().zip(expected) {
        assert_eq!(id, expected_id, "{what}: ids");
        let error = (found - expected).abs() / expected.abs();
        assert!(error <= tolerance, "{what}: vertex {id}: {found}, expected {expected}");
    }
}

/// Asserts that two labelings divide the vertices alike.
pub(crate) fn assert_same_partition(found: &[(u64, u64)], expected: &[(u64, u64)], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: number of vertices");
    let (mut there, mut back) = (HashMap::new(), HashMap::new());
    for ((id, found), (expected_id, expected)) in found.iter().zip(expected) {
        assert_eq!(id, expected_id, "{what}: ids");
        assert_eq!(there.entry(*found).or_insert(*expected), expected, "{what}: vertex {id}");
        assert_eq!(back.entry(*expected).or_insert(*found), found, "{what}: vertex {id}");
    }
}
