//! Writers: what is written reads back as the same graph.

use std::fs;

use superstep::graph::{Edge, Graph};
use superstep::io::{FORMATS, GraphInput, ReadOptions, WriteOptions, find_format, open_graph};
use superstep::{Error, Result};

use super::{context, edges_of, file, open};

type Edges = Vec<(u64, u64, f64)>;

/// Four vertices, one without edges, a loop, and weights of odd shapes.
fn graph(weighted: bool, directed: bool) -> GraphInput {
    let ctx = context();
    let edges = [(1, 2, 0.1), (3, 1, -2.0), (3, 3, 1e300), (2, 3, f64::INFINITY), (1, 3, 5.0)];
    let mut input = if weighted {
        GraphInput::new(ctx.parallelize(edges.map(|(s, t, w)| Edge::new(s, t, w)), 3))
    } else {
        GraphInput::new(ctx.parallelize(edges.map(|(s, t, _)| Edge::from((s, t))), 3))
    };
    input.directed = Some(directed);
    input.with_vertices(ctx.parallelize((1..=4).map(|id| (id, ())), 2))
}

fn written(graph: &GraphInput, format: &str, options: &WriteOptions) -> Result<String> {
    Ok(String::from_utf8(bytes_of(graph, format, options)?).unwrap())
}

fn bytes_of(graph: &GraphInput, format: &str, options: &WriteOptions) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    find_format(format).expect("a format").write(graph, options, &mut |piece| {
        text.extend_from_slice(&piece);
        Ok(())
    })?;
    Ok(text)
}

/// Both directions of edges that go both ways.
fn all(input: &GraphInput) -> Result<Edges> {
    let edges = edges_of(input)?;
    let turned = edges.iter().filter(|(s, t, _)| input.is_undirected() && s != t);
    let mut all: Edges = turned.map(|(s, t, w)| (*t, *s, *w)).chain(edges.clone()).collect();
    all.sort_by(|a, b| a.partial_cmp(b).unwrap());
    Ok(all)
}

#[test]
fn every_format_reads_back_what_it_wrote() -> Result<()> {
    let formats: Vec<_> = FORMATS.iter().filter(|format| format.can_write()).collect();
    assert!(formats.len() >= 7, "{}", formats.len());
    let mut pairs = 0;
    for format in formats {
        for (weighted, directed) in [(true, true), (true, false), (false, true), (false, false)] {
            let graph = graph(weighted, directed);
            let bytes = match bytes_of(&graph, format.name(), &WriteOptions::default()) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let error = error.to_string();
                    assert!(
                        error.contains("has no place for weights")
                            || error.contains("holds edges that go both ways"),
                        "{error}"
                    );
                    continue;
                }
            };
            pairs += 1;
            let text = String::from_utf8_lossy(&bytes);
            let options = ReadOptions {
                format: Some(*format),
                weighted,
                // What a list does not say.
                directed: (!text.contains("sym")).then_some(directed || format.name() == "dimacs"),
                ..ReadOptions::default()
            };
            let found = file("graph", &bytes);
            let found = open(&found.path, &options)
                .and_then(|input| all(&input))
                .unwrap_or_else(|error| panic!("{}: {error}\n{text}", format.name()));
            let name = format.name();
            let twice = !directed && matches!(name, "adjacency-list" | "webgraph-ascii");
            let mut expected = all(&graph)?;
            if twice {
                // Read as edges that go both ways, each is there from both ends.
                let loops = |edge: &&(u64, u64, f64)| edge.0 != edge.1;
                let more: Edges = expected.iter().filter(loops).copied().collect();
                expected.extend(more);
                expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
            }
            assert_eq!(
                found, expected,
                "{name}, weighted {weighted}, directed {directed}:\n{text}"
            );
        }
    }
    assert!(pairs >= 16, "{pairs}");
    Ok(())
}

#[test]
fn texts_are_as_other_programs_expect_them() -> Result<()> {
    let plain = WriteOptions::default();
    let weighted = graph(true, true);
    assert_eq!(
        written(&weighted, "matrix-market", &plain)?,
        "%%MatrixMarket matrix coordinate real general\n4 4 5\n\
         1 2 0.1\n3 1 -2\n3 3 1e300\n2 3 inf\n1 3 5\n"
    );
    let both = graph(false, false);
    assert_eq!(
        written(&both, "matrix-market", &plain)?,
        "%%MatrixMarket matrix coordinate pattern symmetric\n4 4 5\n2 1\n3 1\n3 3\n3 2\n3 1\n"
    );
    assert_eq!(written(&both, "metis", &plain)?, "4 5\n2 3 3\n1 3\n1 1 2 3\n\n");
    assert_eq!(written(&graph(false, true), "webgraph-ascii", &plain)?, "5\n\n2 3\n3\n1 3\n\n");
    assert_eq!(
        written(&graph(false, true), "konect", &plain)?,
        "% asym unweighted\n% 5 4 4\n1 2\n3 1\n3 3\n2 3\n1 3\n"
    );
    let comma = WriteOptions { delimiter: Some(b',') };
    assert_eq!(
        written(&weighted, "edge-list", &comma)?,
        "1,2,0.1\n3,1,-2\n3,3,1e300\n2,3,inf\n1,3,5\n"
    );
    Ok(())
}

#[test]
fn names_are_written_and_read_back_whatever_they_hold() -> Result<()> {
    let text = "b c\ta, \"d\"\na, \"d\"\t\n";
    let options = ReadOptions { names: true, ..ReadOptions::default() };
    let list = file("g.tsv", text);
    let input = open(&list.path, &options)?;
    assert_eq!(written(&input, "edge-list", &WriteOptions::default())?, text);
    let comma = written(&input, "edge-list", &WriteOptions { delimiter: Some(b',') })?;
    assert_eq!(comma, "b c,\"a, \"\"d\"\"\"\n\"a, \"\"d\"\"\",\n");
    let list = file("g.csv", &comma);
    let again = open(&list.path, &ReadOptions { delimiter: Some(b','), ..options })?;
    assert_eq!((again.names.clone(), edges_of(&again)?), (input.names.clone(), edges_of(&input)?));
    let error = written(&input, "edge-list", &WriteOptions { delimiter: Some(b' ') }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the name \"\" cannot be a field of a list with such a delimiter"
    );
    let error = written(&input, "metis", &WriteOptions::default()).unwrap_err().to_string();
    assert!(error.starts_with("the format metis holds edges that go both ways"), "{error}");
    let error = written(&input, "matrix-market", &WriteOptions::default()).unwrap_err().to_string();
    assert!(error.contains("names, which the format matrix-market has no place for"), "{error}");
    Ok(())
}

#[cfg(feature = "full")]
#[test]
fn names_are_kept_by_formats_of_objects_and_columns() -> Result<()> {
    let options = ReadOptions { names: true, ..ReadOptions::default() };
    let list = file("g.tsv", "b c\ta, \"d\"\na, \"d\"\t\n\u{e9}\tb c\n");
    let input = open(&list.path, &options)?;
    for format in ["ndjson", "parquet", "arrow"] {
        let bytes = bytes_of(&input, format, &WriteOptions::default())?;
        // That they are names is told by the file.
        let options = ReadOptions { format: find_format(format), ..ReadOptions::default() };
        let list = file("graph", bytes);
        let again = open(&list.path, &options)?;
        assert_eq!(again.names, input.names, "{format}");
        assert_eq!(edges_of(&again)?, edges_of(&input)?, "{format}");
    }
    Ok(())
}

#[cfg(feature = "full")]
#[test]
fn columns_of_many_rows_are_written_piece_by_piece() -> Result<()> {
    let ctx = context();
    let edges = (0..1_500_000_u64).map(|id| Edge::new(id, id * 7 % 1_000_003, id as f64 / 8.0));
    let graph = GraphInput::new(ctx.parallelize(edges, 9));
    let expected = edges_of(&graph)?;
    for format in ["parquet", "arrow"] {
        let list = file("graph", bytes_of(&graph, format, &WriteOptions::default())?);
        let options = ReadOptions { weighted: true, ..ReadOptions::default() };
        let again = open(&list.path, &options)?;
        assert!(edges_of(&again)? == expected, "{format}");
    }
    Ok(())
}

#[test]
fn ids_that_a_format_cannot_have_are_refused_with_a_way_out() -> Result<()> {
    let ctx = context();
    let zero = GraphInput::new(ctx.parallelize([(0, 5)].map(Edge::from), 1));
    let shown = |error: Error| error.to_string();
    let error = written(&zero, "dimacs", &WriteOptions::default()).map_err(shown).unwrap_err();
    assert_eq!(error, "vertex 0: the format dimacs counts vertices from 1; --renumber does so");
    let beyond = GraphInput::new(ctx.parallelize([(1, 1_000_000_000_000)].map(Edge::from), 1));
    let error = written(&beyond, "dimacs", &WriteOptions::default()).map_err(shown).unwrap_err();
    assert!(error.contains("more than 4294967295 are not read; --renumber"), "{error}");
    let far = GraphInput::new(ctx.parallelize([(1, 4_000_000_000)].map(Edge::from), 1));
    let error =
        written(&far, "webgraph-ascii", &WriteOptions::default()).map_err(shown).unwrap_err();
    assert!(error.contains("has a line for each id up to 4000000001; --renumber"), "{error}");
    let text = written(&far.renumbered(0)?, "webgraph-ascii", &WriteOptions::default())?;
    assert_eq!(text, "2\n1\n\n");
    Ok(())
}

#[test]
fn long_rows_and_many_rows_are_written_piece_by_piece() -> Result<()> {
    let ctx = context();
    let star = (1..60_000).map(|leaf| Edge::from((0, leaf)));
    let graph = GraphInput::new(
        ctx.parallelize(star.chain((1..60_000).map(|leaf| Edge::from((leaf, 0)))), 4),
    );
    let text = written(&graph, "webgraph-ascii", &WriteOptions::default())?;
    let list = file("g.graph-txt", &text);
    assert_eq!(edges_of(&open(&list.path, &ReadOptions::default())?)?, edges_of(&graph)?);
    Ok(())
}

#[test]
fn saved_graphs_are_a_format_like_others() -> Result<()> {
    let ctx = context();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.ssg");
    graph(true, false).weighted_graph(Graph::builder())?.save(&path)?;
    let renamed = folder.path().join("g.txt");
    fs::copy(&path, &renamed).unwrap();
    for path in [&path, &renamed] {
        let weighted = ReadOptions { weighted: true, ..ReadOptions::default() };
        let input = open_graph(&ctx, &[path], &weighted)?;
        assert_eq!(input.directed, Some(false));
        let found = input.weighted_graph(Graph::builder())?;
        assert_eq!((found.vertex_count(), found.edge_count()), (4, 9));
        assert_eq!(all(&input)?, all(&graph(true, false))?);
        // Built again where the builder asks for something else.
        let fewer = superstep::graph::SelfLoops::Drop;
        assert_eq!(input.plain_graph(Graph::builder().self_loops(fewer))?.edge_count(), 8);
    }
    Ok(())
}
