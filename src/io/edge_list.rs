//! Edge lists as SNAP publishes them.
//!
//! [`edge_list`] reads `source target` lines, [`weighted_edge_list`] takes a number from the third
//! column. What a split owns comes in file order, and all splits of a file together give what the
//! file gives as one; a bad line is an error with its place in the file.

use std::ops::ControlFlow;
use std::path::Path;

use super::bad_lines::{BadLines, read_most};
use super::edge_lines::{LineError, Preamble, parse_edges, parse_vertices, parse_weighted_edges};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::table::{is_table, open_table, put_named_edges};
use super::write::{Put, WriteOptions, push_number, push_weight, put_edges};
use crate::error::Result;
use crate::graph::{Edge, VertexId};
use crate::input::{
    Chunk, DEFAULT_SPLIT_BYTES, Split, input_error, plan_splits, read_before, without_mark,
    without_return,
};
use crate::rdd::{Context, Rdd};

/// Returns the edges of an edge list: a file, or a directory whose files are read in the order of
/// their names.
///
/// A line is two ids (any `u64`) separated by tabs, spaces or a comma; further columns are ignored.
/// Lines that start with `#` or `%`, blank lines, a byte order mark, CRLF ends and a header of two
/// names before the first edge are skipped; the last line needs no end. Gzip is recognised by its
/// content, any number of members. Plain files are read in splits of 16 MiB, a partition each; a
/// compressed file is one partition and is decompressed as a stream.
///
/// ```
/// # use superstep::prelude::*;
/// # use superstep::io::edge_list;
/// let ctx = Context::local(2)?;
/// let edges = edge_list(&ctx, "datasets/karate.txt")?;
/// assert_eq!(edges.count()?, 78);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Io`](crate::ErrorKind::Io) when the path cannot be read. A malformed line is found
/// when the edges are computed, and then is [`ErrorKind::Input`](crate::ErrorKind::Input).
pub fn edge_list(context: &Context, path: impl AsRef<Path>) -> Result<Rdd<Edge>> {
    edge_lists(context, &[path])
}

/// Returns the edges of several edge lists, one after another; each as [`edge_list`].
///
/// # Errors
/// As [`edge_list`].
pub fn edge_lists<P: AsRef<Path>>(context: &Context, paths: &[P]) -> Result<Rdd<Edge>> {
    let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
    Ok(context.parsed_splits("edge_list", splits, |split, rows| {
        read_edges(split, |source, target| rows.push(Edge::from((source, target))))
    }))
}

/// Returns the edges of an edge list with the `f64` in their third column; the rest as
/// [`edge_list`].
///
/// # Errors
/// As [`edge_list`]; a missing, unreadable or NaN weight is a malformed line.
pub fn weighted_edge_list(context: &Context, path: impl AsRef<Path>) -> Result<Rdd<Edge<f64>>> {
    weighted_edge_lists(context, &[path])
}

/// Returns the edges of several weighted edge lists, one after another; each as
/// [`weighted_edge_list`].
///
/// # Errors
/// As [`weighted_edge_list`].
pub fn weighted_edge_lists<P: AsRef<Path>>(
    context: &Context,
    paths: &[P],
) -> Result<Rdd<Edge<f64>>> {
    let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
    Ok(context.parsed_splits("weighted_edge_list", splits, |split, rows| {
        read_weighted_edges(split, |source, target, weight| {
            rows.push(Edge::new(source, target, weight))
        })
    }))
}

/// Returns the ids in the first column of a file, such as the vertex files of Graphalytics, each
/// with nothing beside it, as [`GraphBuilder::parts`](crate::graph::GraphBuilder::parts) takes them.
///
/// Further columns, lines that start with `#` or `%`, and blank lines are skipped; the rest as
/// [`edge_list`].
///
/// # Errors
/// As [`edge_list`].
pub fn vertex_list(context: &Context, path: impl AsRef<Path>) -> Result<Rdd<(VertexId, ())>> {
    let splits = plan_splits(&[path], DEFAULT_SPLIT_BYTES)?;
    Ok(context.parsed_splits("vertex_list", splits, |split, rows| {
        read_parsed(split, None, |bytes, at_file_start| {
            parse_vertices(bytes, at_file_start, |id| rows.push((id, ())))
        })
    }))
}

/// Edge lists as text.
pub(super) struct EdgeListFormat;

impl Format for EdgeListFormat {
    fn name(&self) -> &'static str {
        "edge-list"
    }

    fn summary(&self) -> &'static str {
        "A line for each edge: source, target and possibly weight, as SNAP and many others have it"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt", "tsv", "csv", "el", "wel", "edges", "edgelist"]
    }

    fn can_skip_lines(&self) -> bool {
        true
    }

    fn can_have_names(&self) -> bool {
        true
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        if is_table(paths, options)? {
            return open_table(context, paths, options);
        }
        let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
        let bad_lines = options.bad_lines.clone();
        Ok(if options.weighted {
            GraphInput::new(context.parsed_splits(
                "weighted_edge_list",
                splits,
                move |split, rows| {
                    read_parsed(split, bad_lines.as_ref(), |bytes, at_file_start| {
                        parse_weighted_edges(bytes, at_file_start, |source, target, weight| {
                            rows.push(Edge::new(source, target, weight))
                        })
                    })
                },
            ))
        } else {
            GraphInput::new(context.parsed_splits("edge_list", splits, move |split, rows| {
                read_parsed(split, bad_lines.as_ref(), |bytes, at_file_start| {
                    parse_edges(bytes, at_file_start, |source, target| {
                        rows.push(Edge::from((source, target)))
                    })
                })
            }))
        })
    }

    fn knows_weights(&self) -> bool {
        false
    }

    fn has_place_for_vertices(&self) -> bool {
        false
    }

    fn first_id(&self) -> VertexId {
        0
    }

    fn can_write(&self) -> bool {
        true
    }

    fn write(&self, graph: &GraphInput, options: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        let delimiter = options.delimiter.unwrap_or(b'\t');
        if let Some(names) = &graph.names {
            return put_named_edges(graph, names, delimiter, put);
        }
        let line = move |text: &mut Vec<u8>, source: u64, target: u64, weight: Option<f64>| {
            push_number(text, source);
            text.push(delimiter);
            push_number(text, target);
            if let Some(weight) = weight {
                text.push(delimiter);
                push_weight(text, weight);
            }
            text.push(b'\n');
        };
        put_edges(graph, false, line, put)
    }
}

/// Hands over the edges that a split owns.
fn read_edges(
    split: &Split,
    mut each: impl FnMut(VertexId, VertexId) -> ControlFlow<()>,
) -> Result<()> {
    read_parsed(split, None, |bytes, at_file_start| parse_edges(bytes, at_file_start, &mut each))
}

/// Hands over the edges that a split owns, with the weight in their third column.
fn read_weighted_edges(
    split: &Split,
    mut each: impl FnMut(VertexId, VertexId, f64) -> ControlFlow<()>,
) -> Result<()> {
    read_parsed(split, None, |bytes, at_file_start| {
        parse_weighted_edges(bytes, at_file_start, &mut each)
    })
}

/// Runs a parser over the chunks of a split. Where a note is taken of bad lines, they are left out.
fn read_parsed(
    split: &Split,
    bad_lines: Option<&BadLines>,
    mut parse: impl FnMut(&[u8], bool) -> Result<ControlFlow<()>, LineError>,
) -> Result<()> {
    read_most(split, bad_lines, |chunk| {
        let mut chunk = chunk;
        loop {
            let error = match parse(chunk.bytes, chunk.is_at_file_start()) {
                Ok(flow) => return Ok(flow),
                Err(error) => error,
            };
            let offset = chunk.offset + error.offset as u64;
            let rest = chunk.bytes.get(error.next..).unwrap_or_default();
            let after = Chunk { bytes: rest, offset: chunk.offset + error.next as u64, ..chunk };
            // A header is the first line after the comments, which may be longer than a chunk or
            // belong to the split before. The parser cannot see that, and stops at it.
            let is_header =
                error.names_columns && !chunk.is_at_file_start() && begins_data(split, offset)?;
            if !is_header {
                let Some(bad_lines) = bad_lines else {
                    return Err(line_error(split, chunk, error));
                };
                let text = chunk.bytes.get(error.offset..error.next).unwrap_or_default();
                let text = without_return(text.strip_suffix(b"\n").unwrap_or(text));
                let place = (offset, error.column);
                bad_lines.note(split, place, (error.found, error.expected), text)?;
            }
            chunk = after;
        }
    })?;
    Ok(())
}

/// True when only comments and blank lines precede the line that starts at `offset`.
fn begins_data(split: &Split, offset: u64) -> Result<bool> {
    let mut preamble = Preamble::default();
    let mut at_file_start = true;
    let mut begins = true;
    read_before(split, offset, |bytes| {
        let bytes = if at_file_start { without_mark(bytes) } else { bytes };
        at_file_start = false;
        begins = preamble.goes_on(bytes);
        if begins { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(begins)
}

/// Gives a parser's error its place in the file.
fn line_error(split: &Split, chunk: Chunk<'_>, error: LineError) -> crate::Error {
    let offset = chunk.offset + error.offset as u64;
    input_error(split, offset, error.column, error.found, error.expected)
}

#[cfg(test)]
mod tests {
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
        let edge = ("[0-9]{1,19}", "( |\t|,| , |   )", "[0-9]{1,19}", "(| 7|,x y|\t)").prop_map(
            |(source, separator, target, rest)| format!("{source}{separator}{target}{rest}"),
        );
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
}
