//! The public graphs: their counts as published, with the options that each needs, and what becomes
//! of every file.
//!
//! The largest of them is read with
//! `cargo test --release --features full --test formats actors`.

use std::path::{Path, PathBuf};

use superstep::graph::Graph;
use superstep::io::{BadLines, Column, ReadOptions, find_format};
use superstep::{ErrorKind, Result};

use super::{counts, open, weighted};

/// The folder of public graphs, where it is at hand.
pub(super) fn datasets(test: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/datasets");
    if !path.is_dir() {
        println!("skipped {test}: {} is absent", path.display());
        return None;
    }
    Some(path)
}

fn plain() -> ReadOptions {
    ReadOptions::default()
}

fn format(name: &str) -> ReadOptions {
    ReadOptions { format: find_format(name), ..plain() }
}

fn check(folder: &Path, rows: &[(&str, ReadOptions, (u64, u64, Option<bool>))]) -> Result<()> {
    for (name, options, expected) in rows {
        assert_eq!(counts(&folder.join(name), options)?, *expected, "{name}");
    }
    Ok(())
}

#[test]
fn lists_have_the_counts_of_the_table() -> Result<()> {
    let Some(folder) = datasets("lists_have_the_counts") else { return Ok(()) };
    let header = ReadOptions { header: Some(true), ..plain() };
    check(
        &folder,
        &[
            ("snap-wiki-Vote/*.txt*", plain(), (7_115, 103_689, None)),
            ("snap-email-Eu-core/*.txt*", plain(), (1_005, 25_571, None)),
            ("snap-facebook/*.txt*", plain(), (4_039, 88_234, None)),
            ("snap-ca-GrQc/*.txt*", plain(), (5_242, 28_980, None)),
            ("snap-as20/as20graph.txt", plain(), (6_474, 26_467, None)),
            ("snap-bitcoinotc/soc-sign-bitcoinotc.csv", weighted(), (5_881, 35_592, None)),
            ("snapdatasets-jl/arxiv-cit-hep-th.jlg", header.clone(), (27_770, 352_807, None)),
            ("snapdatasets-jl/astro-ph-cc1.jlg", header.clone(), (17_903, 197_031, None)),
            ("snapdatasets-jl/email-enron-cc1.jlg", header, (33_696, 180_811, None)),
            ("networkit-input/example.edgelist", plain(), (10, 20, None)),
            ("networkit-input/hamming6-4.edgelist", format("edge-list"), (64, 704, None)),
            ("networkit-input/johnson8-4-4.edgelist", format("edge-list"), (70, 1_855, None)),
        ],
    )
}

#[test]
fn the_lines_around_oregon1_are_left_out() -> Result<()> {
    let Some(folder) = datasets("the_lines_around_oregon1") else { return Ok(()) };
    let path = folder.join("snap-oregon1/oregon1_010331.txt");
    let error = counts(&path, &plain()).unwrap_err().to_string();
    assert!(error.contains("oregon1_010331.txt:1:6: found end of line"), "{error}");
    let bad = BadLines::default();
    let options = ReadOptions { bad_lines: Some(bad.clone()), ..plain() };
    assert_eq!(counts(&path, &options)?, (10_670, 44_004, None));
    assert_eq!(bad.count(), 2);
    Ok(())
}

#[test]
fn part_files_with_headers_are_one_graph_with_columns_by_name() -> Result<()> {
    let Some(folder) = datasets("part_files_with_headers") else { return Ok(()) };
    let name = |name: &str| Some(Column::Name(name.to_owned()));
    let options = ReadOptions {
        source_column: name("src"),
        target_column: name("dst"),
        weight_column: name("weight"),
        ..weighted()
    };
    let path = folder.join("twitter-gstest/twitter_e_*.gz");
    assert_eq!(counts(&path, &options)?, (81_306, 1_768_135, None));
    Ok(())
}

#[test]
fn packages_have_names_with_spaces_and_one_has_none() -> Result<()> {
    let Some(folder) = datasets("packages_have_names") else { return Ok(()) };
    let path = folder.join("npm-2017/npm-deps.tsv.gz");
    let options = ReadOptions { names: true, ..plain() };
    assert_eq!(counts(&path, &options)?, (257_075, 926_384, None));
    let names = open(&path, &options)?.names.expect("names");
    assert_eq!((names.name(0), names.id("    tinytim").is_some()), (Some(""), true));
    let strings = folder.join("cugraph-datasets/karate_str.mtx");
    let options = ReadOptions { format: find_format("edge-list"), ..options };
    assert_eq!(counts(&strings, &options)?, (34, 78, None));
    Ok(())
}

#[test]
fn ids_below_zero_are_refused_and_can_be_names() -> Result<()> {
    let Some(folder) = datasets("ids_below_zero") else { return Ok(()) };
    let path = folder.join("cugraph-datasets/negative-vertex-id.csv");
    let error = counts(&path, &plain()).unwrap_err().to_string();
    assert!(error.contains("negative-vertex-id.csv:1:1: found \"-1\", expected a source id"));
    let options = ReadOptions { names: true, ..plain() };
    assert_eq!(counts(&path, &options)?, (3, 3, None));
    Ok(())
}

#[test]
fn neighbours_have_the_counts_of_their_first_lines() -> Result<()> {
    let Some(folder) = datasets("neighbours_have_the_counts") else { return Ok(()) };
    let both = Some(false);
    check(
        &folder,
        &[
            ("networkit-input/4elt.graph", plain(), (15_606, 45_878, both)),
            ("networkit-input/PGPgiantcompo.graph", plain(), (10_680, 24_316, both)),
            ("networkit-input/airfoil1.graph", plain(), (4_253, 12_289, both)),
            ("networkit-input/astro-ph.graph.gz", plain(), (16_706, 121_251, both)),
            ("networkit-input/celegans_metabolic.graph", plain(), (453, 2_025, both)),
            ("networkit-input/hep-th.graph", plain(), (8_361, 15_751, both)),
            ("networkit-input/jazz.graph", plain(), (198, 2_742, both)),
            ("networkit-input/karate.graph", plain(), (34, 78, both)),
            ("networkit-input/lesmis.graph", weighted(), (77, 254, both)),
            ("networkit-input/polblogs.graph", plain(), (1_490, 16_715, both)),
            ("networkit-input/power.graph", plain(), (4_941, 6_594, both)),
            ("networkit-input/tiny_01.graph", plain(), (7, 11, both)),
            ("networkit-input/tiny_02.graph", weighted(), (7, 11, both)),
            ("networkit-input/wave.graph.bz2", plain(), (156_317, 1_059_331, both)),
            ("networkit-input/wing.graph.gz", plain(), (62_032, 121_544, both)),
            ("kahip-examples/delaunay_n15.graph.gz", plain(), (32_768, 98_274, both)),
            ("law-cnr-2000/cnr-2000.graph-txt.gz", plain(), (325_557, 3_216_152, Some(true))),
            ("networkit-input/foodweb-baydry.konect", weighted(), (128, 2_137, Some(true))),
        ],
    )
}

#[test]
fn the_compressed_web_graph_has_the_arcs_of_its_text() -> Result<()> {
    let Some(folder) = datasets("the_compressed_web_graph") else { return Ok(()) };
    let folder = folder.join("law-cnr-2000");
    let expected = (325_557, 3_216_152, Some(true));
    for name in ["cnr-2000.graph", "cnr-2000.properties"] {
        assert_eq!(counts(&folder.join(name), &plain())?, expected, "{name}");
    }
    // The text numbers the same pages in another order: their degrees are the same.
    let degrees = |name: &str| -> Result<Vec<(u32, u32)>> {
        let graph = open(&folder.join(name), &plain())?.plain_graph(Graph::builder())?;
        let (leaving, entering) = (graph.out_degrees().collect()?, graph.in_degrees().collect()?);
        let mut both: Vec<_> = leaving.iter().zip(&entering).map(|(l, e)| (l.1, e.1)).collect();
        both.sort_unstable();
        Ok(both)
    };
    assert!(degrees("cnr-2000.graph")? == degrees("cnr-2000.graph-txt.gz")?);
    Ok(())
}

#[test]
fn gap_s_graphs_are_read_as_arcs_where_that_is_what_they_are() -> Result<()> {
    let Some(folder) = datasets("gap_s_graphs") else { return Ok(()) };
    let arcs = ReadOptions { directed: Some(true), ..plain() };
    check(
        &folder.join("gapbs-test/graphs"),
        &[
            ("4.el", plain(), (13, 256, None)),
            ("4.wel", weighted(), (13, 256, None)),
            ("4.gr", weighted(), (14, 256, Some(true))),
            ("4.mtx", plain(), (14, 256, Some(true))),
            ("4w.mtx", weighted(), (14, 256, Some(true))),
            ("4w.graph", ReadOptions { weighted: true, ..arcs.clone() }, (14, 53, Some(true))),
            // It says that sizes of vertices precede the neighbours, and has none.
            ("4.graph", arcs, (14, 53, Some(true))),
        ],
    )
}

#[test]
fn roads_have_the_counts_of_the_table() -> Result<()> {
    let Some(folder) = datasets("roads_have_the_counts") else { return Ok(()) };
    for (name, vertices, arcs) in [
        ("roads-rome99/rome99.gr", 3_353, 8_870),
        ("roads-fast_paths/bremen_dist.gr.gz", 40_461, 86_475),
        ("roads-fast_paths/graph_23rd.gr", 0, 0),
        ("roads-fast_paths/graph_ballard.gr", 0, 0),
    ] {
        let found = counts(&folder.join(name), &weighted())?;
        assert_eq!(found.2, Some(true), "{name}");
        if vertices > 0 {
            assert_eq!((found.0, found.1), (vertices, arcs), "{name}");
        }
    }
    Ok(())
}

#[test]
fn matrices_have_the_counts_of_their_sizes_and_mangled_ones_are_refused() -> Result<()> {
    let Some(folder) = datasets("matrices_have_the_counts") else { return Ok(()) };
    check(
        &folder,
        &[
            ("lagraph-data/A.mtx", plain(), (7, 15, Some(false))),
            ("lagraph-data/LFAT5.mtx", weighted(), (14, 30, Some(false))),
            ("lagraph-data/bcsstk13.mtx.gz", weighted(), (2_003, 42_943, Some(false))),
            ("lagraph-data/cover.mtx", weighted(), (7, 12, Some(true))),
            ("lagraph-data/cryg2500.mtx", weighted(), (2_500, 12_349, Some(true))),
            ("lagraph-data/full.mtx", weighted(), (3, 9, Some(true))),
            ("lagraph-data/jagmesh7.mtx", plain(), (1_138, 4_294, Some(false))),
            ("lagraph-data/karate.mtx", plain(), (34, 78, Some(false))),
            ("lagraph-data/ldbc-directed-example.mtx", weighted(), (10, 17, Some(true))),
            ("lagraph-data/west0067.mtx", weighted(), (67, 294, Some(true))),
            ("networkit-input/GD01_b.mtx", plain(), (18, 37, Some(true))),
            ("networkit-input/chesapeake.mtx", plain(), (39, 170, Some(false))),
        ],
    )?;
    // No matrix in spite of its name: a list of edges, with vertices of none at its end.
    let path = folder.join("cugraph-datasets/karate_mod.mtx");
    let error = counts(&path, &plain()).unwrap_err().to_string();
    assert!(error.contains("karate_mod.mtx:1:1: found \"2\", expected %%MatrixMarket"), "{error}");
    let error = counts(&path, &format("edge-list")).unwrap_err().to_string();
    assert!(error.contains("karate_mod.mtx:79:3: found end of line"), "{error}");
    let bad = BadLines::default();
    let skip = ReadOptions { bad_lines: Some(bad.clone()), ..format("edge-list") };
    assert_eq!((counts(&path, &skip)?, bad.count()), ((34, 78, None), 3));
    for number in 1..=10 {
        let path = folder.join(format!("lagraph-data/mangled{number}.mtx"));
        let error = counts(&path, &plain()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Input { .. }), "{number}: {error}");
    }
    let error = counts(&folder.join("lagraph-data/empty.mtx"), &plain()).unwrap_err().to_string();
    assert!(error.ends_with("empty.mtx:4:1: found 3 rows and 4 columns, expected a square matrix, whose rows and columns are the vertices"), "{error}");
    Ok(())
}

#[test]
fn documents_have_the_counts_of_the_table() -> Result<()> {
    let Some(folder) = datasets("documents_have_the_counts") else { return Ok(()) };
    check(
        &folder,
        &[
            ("networkit-input/looptest1.gml", plain(), (9, 12, Some(false))),
            ("networkit-input/looptest2.gml", plain(), (9, 14, Some(false))),
        ],
    )?;
    #[cfg(feature = "graphml")]
    check(
        &folder.join("betweenness-knightjulius"),
        &[
            ("Road.graphml.gz", plain(), (3_353, 4_831, Some(false))),
            ("Crawl.graphml.gz", plain(), (9_435, 28_726, Some(false))),
        ],
    )?;
    Ok(())
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes without optimization")]
fn actors_of_the_same_films_are_neighbours() -> Result<()> {
    let Some(folder) = datasets("actors_of_the_same_films") else { return Ok(()) };
    let found = counts(&folder.join("nd-actors/actor.dat.gz"), &format("groups"))?;
    assert_eq!(found, (382_219, 15_038_083, Some(false)));
    Ok(())
}

/// What files that are no graphs have in their paths.
const NO_GRAPHS: &[&str] = &[
    "PROVENANCE.md",
    "README.md",
    "betweenness_centrality_",
    "cugraph-datasets/ref/",
    "cugraph-golden/",
    "expected.json",
    "gapbs-test/reference/",
    "graphalytics-example/example-directed-",
    "graphalytics-example/example-undirected-",
    "oracle-igraph/",
    "published-stats/",
    ".scc",
    // Vertices, and results.
    "example-directed.v",
    "example-undirected.v",
    "twitter.v",
    "twitter_v_",
    "twitter.r4",
    "twitter-sssp",
    // In a test of its own.
    "nd-actors/",
];

/// How a file is read that is not what its name and content say.
fn options_of(path: &str) -> ReadOptions {
    let skip = || ReadOptions { bad_lines: Some(BadLines::default()), ..plain() };
    match path {
        _ if path.ends_with(".jlg") => ReadOptions { header: Some(true), ..plain() },
        _ if path.starts_with("npm-2017/") => ReadOptions { names: true, ..plain() },
        _ if path.ends_with("alphabet.edgelist") => ReadOptions { names: true, ..plain() },
        _ if path.ends_with("karate_str.mtx") => ReadOptions { names: true, ..format("edge-list") },
        _ if path.starts_with("snap-oregon1/") => skip(),
        _ if path.ends_with("karate_mod.mtx") => format("edge-list"),
        _ if path.contains("/twitter_e_") => {
            let name = |name: &str| Some(Column::Name(name.to_owned()));
            ReadOptions { source_column: name("src"), target_column: name("dst"), ..plain() }
        }
        _ => plain(),
    }
}

/// All files of a folder and those in it, by their paths from `root`.
fn files_in(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_in(root, &path, files);
        } else {
            files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn every_file_is_read_or_refused_as_on_record() -> Result<()> {
    let Some(root) = datasets("every_file_is_read_or_refused") else { return Ok(()) };
    let mut files = Vec::new();
    files_in(&root, &root, &mut files);
    files.retain(|file| !NO_GRAPHS.iter().any(|part| file.contains(part)));
    files.sort();
    let mut said = String::new();
    for file in files {
        let path = root.join(&file);
        let input = open(&path, &options_of(&file));
        let count = input.and_then(|input| match &input.edges {
            superstep::io::Edges::Plain(edges) => edges.count(),
            superstep::io::Edges::Weighted(edges) => edges.count(),
        });
        let line = match count {
            Ok(edges) => format!("{file}: {edges} edges\n"),
            Err(error) => {
                let kind = error.kind();
                let known = matches!(kind, ErrorKind::Input { .. } | ErrorKind::Io { .. });
                assert!(known, "{file}: {error}");
                error.to_string().replace(&format!("{}/", root.display()), "") + "\n"
            }
        };
        said.push_str(&line);
    }
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/datasets.txt");
    if std::env::var_os("SUPERSTEP_BLESS").is_some() {
        std::fs::write(&record, &said).unwrap();
    }
    let recorded = std::fs::read_to_string(&record).unwrap_or_default();
    for (found, expected) in said.lines().zip(recorded.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(said.lines().count(), recorded.lines().count());
    Ok(())
}
