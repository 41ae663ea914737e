//! Files that are wrong: each is refused with its place, in the words of `malformed.txt`.
//!
//! The files are made of good ones by putting something else for each field in turn. With
//! `SUPERSTEP_BLESS=1` in the environment the words are written anew.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use superstep::graph::Graph;
use superstep::io::{ReadOptions, find_format};
use superstep::{ErrorKind, Result};

use super::{edges, fault, file, open, weighted};

/// Good files: format, whether weights are read, whether vertices have names, text.
pub(super) const GOOD: &[(&str, bool, &str)] = &[
    ("edge-list", false, "# c\n1 2\n3,4\n5\t6 x\n"),
    ("edge-list", true, "1 2 0.5\n3 4 1e3\n"),
    (
        "matrix-market",
        true,
        "%%MatrixMarket matrix coordinate real general\n3 3 2\n1 2 0.5\n3 1 2\n",
    ),
    (
        "matrix-market",
        false,
        "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n",
    ),
    ("matrix-market", true, "%%MatrixMarket matrix array integer general\n2 2\n1\n0\n2\n3\n"),
    ("metis", false, "3 2\n2\n1 3\n2\n"),
    ("metis", true, "2 1 11\n7 2 5\n8 1 5\n"),
    ("dimacs", true, "p sp 3 2\na 1 2 5\na 3 1 2\n"),
    ("dimacs", false, "p edge 3 2\ne 1 2\ne 3 1\n"),
    ("adjacency-list", false, "1 2 3\n4\n"),
    ("webgraph-ascii", false, "3\n1 2\n\n0\n"),
    ("konect", true, "% asym weighted\n% 2 3 3\n1 2 0.5\n3 1 2\n"),
    ("konect", false, "% bip unweighted\n% 2 2 3\n1 2\n2 3\n"),
    ("groups", false, "1 2 3\n3 4\n"),
    #[cfg(feature = "ndjson")]
    ("ndjson", false, "{\"source\": 1 , \"target\": 2 }\n{\"src\": 3 , \"to\": 4 }\n"),
    #[cfg(feature = "ndjson")]
    ("ndjson", true, "{\"source\": 1 , \"target\": 2 , \"weight\": 0.5 }\n"),
    (
        "tntp",
        true,
        "<NUMBER OF NODES> 3\n<NUMBER OF LINKS> 1\n<END OF METADATA>\n~ a b c d\n1 2 9 0.5 ;\n",
    ),
    ("ligra", true, "WeightedAdjacencyGraph\n3\n2\n0\n1\n1\n1\n2\n5\n6\n"),
];

/// What is put for a field.
const WRONG: &[&str] =
    &["", "x", "-1", "0", "99", "18446744073709551616", "1.5", "NaN", "1 1", "\u{0}", "é"];

/// Where the fields of a text are.
fn fields(text: &str) -> Vec<std::ops::Range<usize>> {
    let blank = |c: char| c.is_whitespace() || c == ',';
    let mut fields = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        match (start, blank(c)) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                fields.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    fields
}

fn read(path: &Path, options: &ReadOptions) -> Result<u64> {
    let input = open(path, options)?;
    if options.weighted {
        input.weighted_graph(Graph::builder()).map(|graph| graph.edge_count())
    } else {
        input.plain_graph(Graph::builder()).map(|graph| graph.edge_count())
    }
}

#[test]
fn a_file_with_something_else_for_a_field_is_refused_in_the_words_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph");
    let mut said = String::new();
    let mut refused = 0;
    for (format, weighted, good) in GOOD {
        let options = ReadOptions {
            format: find_format(format),
            weighted: *weighted,
            ..ReadOptions::default()
        };
        for range in fields(good) {
            for wrong in WRONG {
                let text = format!("{}{wrong}{}", &good[..range.start], &good[range.end..]);
                fs::write(&path, &text).unwrap();
                let Err(error) = read(&path, &options) else { continue };
                let what = format!("{format} {text:?}");
                // What the format cannot have been asked for is no fault of the file.
                if matches!(error.kind(), ErrorKind::Argument(_)) {
                    continue;
                }
                assert!(matches!(error.kind(), ErrorKind::Input { .. }), "{what}: {error}");
                let message = error.to_string();
                let message = message.strip_prefix(&format!("{}:", path.display()));
                let message = message.unwrap_or_else(|| panic!("{what}: {error}"));
                writeln!(said, "{what}\n    {message}").unwrap();
                refused += 1;
            }
        }
    }
    assert!(refused >= 300, "{refused} files");
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/malformed.txt");
    if std::env::var_os("SUPERSTEP_BLESS").is_some() {
        fs::write(&record, &said).unwrap();
    }
    let recorded = fs::read_to_string(&record).unwrap_or_default().replace("\r\n", "\n");
    for (found, expected) in said.lines().zip(recorded.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(said.lines().count(), recorded.lines().count());
}

#[test]
fn every_file_cut_short_is_read_or_refused_with_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph");
    for (format, weighted, good) in GOOD {
        let options = ReadOptions {
            format: find_format(format),
            weighted: *weighted,
            ..ReadOptions::default()
        };
        for length in 0..good.len() {
            fs::write(&path, &good[..length]).unwrap();
            if let Err(error) = read(&path, &options) {
                let kind = error.kind();
                let known = matches!(kind, ErrorKind::Input { .. } | ErrorKind::Argument(_));
                assert!(known, "{format} {:?}: {error}", &good[..length]);
            }
        }
    }
}

#[test]
fn a_line_of_ten_megabytes_is_refused_in_every_format() {
    for (format, ..) in GOOD {
        let options = ReadOptions { format: find_format(format), ..ReadOptions::default() };
        let message = fault("graph", "1".repeat(10 << 20), &options);
        let what = if *format == "adjacency-list" { "field" } else { "line" };
        let found = format!("1:1: found a {what} of 10");
        let expected = format!("expected {what}s of at most 1048576 bytes");
        assert!(message.starts_with(&found), "{format}: {message}");
        assert!(message.ends_with(&expected), "{format}: {message}");
    }
}

#[test]
fn ten_megabytes_of_junk_in_a_list_of_neighbours_are_refused_at_the_first_wrong_field() {
    let junk = ["x 1 ".repeat(3 << 20), " ".repeat(10 << 20) + "x", "1".repeat(10 << 20)];
    let expected = [
        ("adjacency-list", "", "1:1: found \"x\", expected a vertex id from 0 to"),
        ("webgraph-ascii", "1\n", "2:1: found \"x\", expected a vertex id from 0 to"),
        ("metis", "1 1\n", "2:1: found \"x\", expected a vertex from 1 to 1"),
    ];
    for (format, head, first) in expected {
        let options = ReadOptions { format: find_format(format), ..ReadOptions::default() };
        let wrong = |line: &str| fault("graph", format!("{head}{line}"), &options);
        let message = wrong(&junk[0]);
        assert!(message.starts_with(first), "{format}: {message}");
        let message = wrong(&junk[1]);
        let place = first.replace(":1: ", ":10485761: ");
        assert!(message.starts_with(&place), "{format}: {message}");
        let message = wrong(&junk[2]);
        assert!(message.contains(":1: found a field of 10"), "{format}: {message}");
        assert!(message.ends_with("expected fields of at most 1048576 bytes"), "{message}");
    }
}

#[test]
fn a_weight_that_no_double_is_large_enough_for_is_refused_in_every_format() -> Result<()> {
    let large = "found \"1e400\", expected a weight, a number of at most 1.7976931348623157e308";
    let files = [
        ("edge-list", "1 2 @\n", "1:5"),
        ("matrix-market", "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 2 @\n", "3:5"),
        ("matrix-market", "%%MatrixMarket matrix array real general\n1 1\n@\n", "3:1"),
        ("metis", "2 1 1\n2 @\n1 @\n", "2:3"),
        ("dimacs", "p sp 2 1\na 1 2 @\n", "2:7"),
        ("konect", "% asym weighted\n% 1 2 2\n1 2 @\n", "3:5"),
        ("ligra", "WeightedAdjacencyGraph\n2\n1\n0\n1\n1\n@\n", "7:1"),
        ("tntp", "<NUMBER OF NODES> 2\n<NUMBER OF LINKS> 1\n<END OF METADATA>\n1 2 9 @ ;\n", "4:7"),
        (
            "gml",
            "graph [ node [ id 1 ]\nnode [ id 2 ]\nedge [ source 1 target 2 weight @ ] ]\n",
            "3:33",
        ),
        #[cfg(feature = "ndjson")]
        ("ndjson", "{\"source\":1,\"target\":2,\"weight\":@}\n", "1:33"),
        #[cfg(feature = "graphml")]
        (
            "graphml",
            "<graphml><key id=\"w\" for=\"edge\" attr.name=\"weight\"/>\n\
             <graph edgedefault=\"directed\"><node id=\"1\"/><node id=\"2\"/>\n\
             <edge source=\"1\" target=\"2\">\n<data key=\"w\">@</data></edge></graph></graphml>\n",
            "4:1",
        ),
    ];
    for (format, text, place) in files {
        let options = ReadOptions { format: find_format(format), ..weighted() };
        assert_eq!(
            fault("graph", text.replace('@', "1e400"), &options),
            format!("{place}: {large}")
        );
        let message = fault("graph", text.replace('@', "-1e309"), &options);
        assert!(message.contains(&large.replace("1e400", "-1e309")), "{format}: {message}");
        for good in ["1.7976931348623157e308", "inf"] {
            let quoted = if format == "ndjson" && good == "inf" { "\"inf\"" } else { good };
            let found = edges("graph", text.replace('@', quoted), &options)?;
            assert_eq!(
                found[0].2.to_string(),
                good.parse::<f64>().unwrap().to_string(),
                "{format}"
            );
        }
    }
    // Also where columns are chosen.
    let options = ReadOptions { weight_column: "1".parse().ok(), ..weighted() };
    let options = ReadOptions { source_column: "3".parse().ok(), ..options };
    assert_eq!(fault("g.csv", "1e400,2,3\n", &options), format!("1:1: {large}"));
    Ok(())
}

#[test]
fn an_archive_of_endless_zeros_is_refused_at_its_first_line() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..256 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 300_000);
    let message = fault("graph.txt", bomb, &ReadOptions::default());
    assert!(message.starts_with("1:1: found a line of 10"), "{message}");
}

#[test]
fn marks_zeros_and_foreign_bytes_have_their_place() {
    assert_eq!(
        fault("g.txt", "\u{feff}1 2\n1\u{0} 3\n", &ReadOptions::default()),
        "2:1: found \"1\\0\", expected a source id from 0 to 18446744073709551615"
    );
    assert_eq!(
        fault("g.txt", b"1 2 \xff\xfe\n", &weighted()),
        "1:5: found \"\u{fffd}\u{fffd}\", expected a weight, a number other than NaN"
    );
    let matrix = "\u{feff}%%MatrixMarket matrix coordinate pattern general\n1 1 1\n1 1\n";
    let options = ReadOptions { format: find_format("matrix-market"), ..ReadOptions::default() };
    assert_eq!(read(&file("m.mtx", matrix).path, &options).unwrap(), 1);
}
