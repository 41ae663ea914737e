use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::{Just, Strategy, prop};
use proptest::{prop_assert_eq, prop_oneof, proptest};

use super::*;
use crate::error::ErrorKind;
use crate::input::{MAX_LINE_BYTES, read_lines};

type Edges = Vec<(u64, u64)>;

fn edges_of(path: &Path, split_bytes: u64) -> Result<Edges> {
    let mut edges = Vec::new();
    for split in plan_splits(&[path], split_bytes)? {
        read_edges(&split, |source, target| {
            edges.push((source, target));
            ControlFlow::Continue(())
        })?;
    }
    Ok(edges)
}

fn lines_of(path: &Path, split_bytes: u64) -> Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    for split in plan_splits(&[path], split_bytes)? {
        read_lines(&split, |line| {
            lines.push(line.to_vec());
            ControlFlow::Continue(())
        })?;
    }
    Ok(lines)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn file(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("graph.txt");
    fs::write(&path, bytes).unwrap();
    path
}

/// The folder of public graphs, where it is at hand.
fn datasets(test: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/datasets");
    if !path.is_dir() {
        println!("skipped {test}: {} is absent", path.display());
        return None;
    }
    Some(path)
}

fn place(error: &crate::Error) -> (u64, u64, &str) {
    match error.kind() {
        ErrorKind::Input { line, column, found, .. } => (*line, *column, found),
        _ => panic!("not an input error: {error}"),
    }
}

#[test]
fn the_odd_files_are_read_or_refused_with_their_place() -> Result<()> {
    let Some(folder) = datasets("the_odd_files") else {
        return Ok(());
    };
    let quirk = |name: &str| folder.join("quirks").join(name);
    for size in [1, 2, 3, 5, 7, 16, DEFAULT_SPLIT_BYTES] {
        let edges = |name| edges_of(&quirk(name), size);
        let circle = [(1, 2), (2, 3), (3, 1)];
        assert_eq!(edges("crlf_mixed.txt")?, circle);
        assert_eq!(edges("no_final_newline.txt")?, circle);
        assert_eq!(edges("weights.csv")?, circle);
        assert_eq!(edges("utf8_bom.txt")?, [(1, 2), (2, 3)]);
        assert_eq!(edges("dup_loop.txt")?, [(1, 2), (1, 2), (2, 1), (3, 3)]);
        assert_eq!(edges("empty.txt")?, []);
        assert_eq!(edges("only_comments.txt")?, []);
        assert_eq!(
            edges("ids_64bit.txt")?,
            [(9_223_372_036_854_775_807, u64::MAX), (4_294_967_296, 1)]
        );
        let error = edges("bad_short_line.txt").unwrap_err();
        assert_eq!(place(&error), (2, 2, "end of line"));
        let error = edges("bad_token.txt").unwrap_err();
        assert_eq!(place(&error), (2, 3, "\"x\""));
        assert!(error.to_string().ends_with(
            "bad_token.txt:2:3: found \"x\", \
             expected a target id from 0 to 18446744073709551615"
        ));
    }
    let mut weights = Vec::new();
    for split in plan_splits(&[quirk("weights.csv")], 4)? {
        read_weighted_edges(&split, |_, _, weight| {
            weights.push(weight);
            ControlFlow::Continue(())
        })?;
    }
    assert_eq!(weights, [0.5, -1.5e-3, f64::INFINITY]);
    Ok(())
}

#[test]
fn a_gzip_file_cut_short_is_an_error_that_says_so() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let whole = gzip("1 2\n".repeat(1000).as_bytes());
    for cut in [3, 12, whole.len() / 2, whole.len() - 1] {
        let error = edges_of(&file(&folder, &whole[..cut]), 1).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { .. }));
        assert!(error.to_string().contains("the gzip file is cut short"), "{cut}: {error}");
        assert!(error.to_string().contains("graph.txt: cannot decompress"), "{cut}: {error}");
    }
    let mut corrupt = whole.clone();
    let crc = corrupt.len() - 6;
    corrupt[crc] ^= 1;
    let error = edges_of(&file(&folder, &corrupt), 1).unwrap_err();
    assert!(error.to_string().contains("the gzip file is corrupt"), "{error}");

    let Some(folder) = datasets("a_gzip_file_cut_short") else {
        return Ok(());
    };
    let path = folder.join("quirks/truncated-soc-Epinions1.txt.gz");
    let error = edges_of(&path, 1).unwrap_err();
    assert!(error.to_string().contains("the gzip file is cut short"), "{error}");
    Ok(())
}

#[test]
fn gzip_members_follow_one_another() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let members = [gzip(b"# two members\nsrc dst\n1 2\n3"), gzip(b" 4\n5 6")].concat();
    assert_eq!(edges_of(&file(&folder, &members), 1)?, [(1, 2), (3, 4), (5, 6)]);
    let bad = [gzip(b"1 2\n3 4\n"), gzip(b"\n5 six\n")].concat();
    assert_eq!(place(&edges_of(&file(&folder, &bad), 1).unwrap_err()), (4, 3, "\"six\""));
    Ok(())
}

#[test]
fn the_line_of_an_error_is_counted_from_the_file_start() {
    let folder = tempfile::tempdir().unwrap();
    for good in [0, 1, 2, 1000, 300_000] {
        let text = format!("{}7 y\n", "12345 67890\n".repeat(good));
        for bytes in [text.as_bytes(), &gzip(text.as_bytes())] {
            for size in [100_000, DEFAULT_SPLIT_BYTES] {
                let error = edges_of(&file(&folder, bytes), size).unwrap_err();
                assert_eq!(place(&error), (good as u64 + 1, 3, "\"y\""));
            }
        }
    }
}

#[test]
fn a_header_is_skipped_wherever_the_cuts_fall() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for text in ["src,dst\n1,2\n", "\u{feff}# c\r\n\n  % d\nsrc,dst\n1,2\n"] {
        for size in 1..40 {
            assert_eq!(edges_of(&file(&folder, text.as_bytes()), size)?, [(1, 2)], "{size}");
        }
    }
    let long = format!("{}src dst w\n1 2\n", "# a comment\n".repeat(200_000));
    for size in [500_000, DEFAULT_SPLIT_BYTES] {
        assert_eq!(edges_of(&file(&folder, long.as_bytes()), size)?, [(1, 2)]);
    }
    let second = "# c\nsrc,dst\nsrc,dst\n1,2\n";
    for size in 1..40 {
        let error = edges_of(&file(&folder, second.as_bytes()), size).unwrap_err();
        assert_eq!(place(&error), (3, 1, "\"src\""));
    }
    Ok(())
}

#[test]
fn a_line_that_never_ends_is_refused() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let endless = format!("1 2\n3 4 {}", "x".repeat(3 << 20));
    let fits = format!("1 2\r\n{}\r\n5 6", "y".repeat(MAX_LINE_BYTES));
    for size in [1000, 2 << 20, DEFAULT_SPLIT_BYTES] {
        for bytes in [endless.as_bytes(), &gzip(endless.as_bytes())] {
            let path = file(&folder, bytes);
            assert_eq!(place(&edges_of(&path, size).unwrap_err()).0, 2);
            assert_eq!(place(&lines_of(&path, size).unwrap_err()).0, 2);
        }
        let lines = lines_of(&file(&folder, fits.as_bytes()), size)?;
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [3, MAX_LINE_BYTES, 3]);
    }
    Ok(())
}

#[test]
fn a_file_that_shrank_is_an_error() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, b"1 2\n3 4\n5 6\n");
    let whole = plan_splits(&[&path], DEFAULT_SPLIT_BYTES)?.remove(0);
    let end = plan_splits(&[&path], 6)?.remove(1);
    for shorter in ["1 2\n3 4\n", "1 2\n3 4", "1 2", ""] {
        file(&folder, shorter.as_bytes());
        for split in [&whole, &end] {
            let error = read_lines(split, |_| ControlFlow::Continue(())).unwrap_err();
            assert!(error.to_string().contains("has become shorter"), "{error}");
        }
    }
    Ok(())
}

#[test]
fn reading_stops_when_the_closure_breaks() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, format!("{}bad\n", "1 2\n".repeat(600_000)).as_bytes());
    let split = &plan_splits(&[&path], DEFAULT_SPLIT_BYTES)?[0];
    let mut seen = 0;
    read_edges(split, |_, _| {
        seen += 1;
        if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    assert_eq!(seen, 3);
    read_lines(split, |_| {
        seen += 1;
        ControlFlow::Break(())
    })?;
    assert_eq!(seen, 4);
    Ok(())
}

#[test]
fn public_graphs_have_as_many_edges_as_published() -> Result<()> {
    let Some(folder) = datasets("public_graphs") else {
        return Ok(());
    };
    for (name, count) in [
        ("snap-email-Enron/Email-Enron.txt.gz", 367_662),
        ("snap-email-Eu-core/email-Eu-core.txt", 25_571),
        ("snap-bitcoinotc/soc-sign-bitcoinotc.csv", 35_592),
    ] {
        for size in [10_000, DEFAULT_SPLIT_BYTES] {
            assert_eq!(edges_of(&folder.join(name), size)?.len(), count, "{name}");
        }
    }
    Ok(())
}

#[test]
fn the_shipped_graphs_have_the_counts_of_their_headers() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets");
    let mut graphs = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let edges = edges_of(&path, 100)?;
        let ids: BTreeSet<_> =
            edges.iter().flat_map(|&(source, target)| [source, target]).collect();
        let counts = format!("Nodes: {} Edges: {}", ids.len(), edges.len());
        assert!(fs::read_to_string(&path).unwrap().contains(&counts), "{}", path.display());

        let name = path.file_stem().unwrap().to_str().unwrap();
        for value in ["pagerank", "components"] {
            let golden = path.with_file_name(format!("golden/{name}.{value}.tsv"));
            let golden = fs::read_to_string(golden).unwrap();
            let named = golden.lines().map(|line| line.split_once('\t').unwrap().0.parse());
            assert!(named.eq(ids.iter().map(|&id| Ok(id))), "{name}.{value}");
        }
        graphs += 1;
    }
    assert_eq!(graphs, 6);
    Ok(())
}

/// A line of an edge list with its end, in one of many shapes.
fn any_line() -> impl Strategy<Value = String> {
    let edge = ("[0-9]{1,19}", "( |\t|,| , |   )", "[0-9]{1,19}", "(| 7|,x y|\t)")
        .prop_map(|(source, separator, target, rest)| format!("{source}{separator}{target}{rest}"));
    let line = prop_oneof![
        4 => edge,
        1 => "[#%][a-z ]{0,9}",
        1 => "[ \t]{0,3}",
    ];
    (line, prop_oneof![Just("\n"), Just("\r\n")]).prop_map(|(line, end)| line + end)
}

proptest! {
    #[test]
    fn splits_of_any_size_give_what_the_whole_file_gives(
        lines in prop::collection::vec(any_line(), 0..12),
        mark: bool,
        ended: bool,
    ) {
        let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
        text.push_str(&lines.concat());
        if !ended {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, text.as_bytes());
        let whole = edges_of(&path, DEFAULT_SPLIT_BYTES)?;
        let whole_lines = lines_of(&path, DEFAULT_SPLIT_BYTES)?;
        for size in 1..=text.len() as u64 {
            prop_assert_eq!(&edges_of(&path, size)?, &whole);
            prop_assert_eq!(&lines_of(&path, size)?, &whole_lines);
        }
        let zipped = file(&folder, &gzip(text.as_bytes()));
        prop_assert_eq!(&edges_of(&zipped, 1)?, &whole);
        prop_assert_eq!(&lines_of(&zipped, 1)?, &whole_lines);
    }
}
