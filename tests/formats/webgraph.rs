//! Compressed graphs of `WebGraph`: written here by a small encoder, read back, and damaged.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_oneof};
use proptest::{prop_assert, prop_assert_eq, proptest};
use superstep::graph::Graph;
use superstep::io::{ReadOptions, detect_format, find_format};
use superstep::{ErrorKind, Result};

use super::{counts, edges_of, open};

/// Bits, the first of each byte on top.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn binary(&mut self, value: u64, bits: u32) {
        self.0.extend((0..bits).rev().map(|bit| value >> bit & 1 == 1));
    }

    fn number(&mut self, value: u64, code: Code) {
        match code {
            Code::Unary => {
                self.0.extend((0..value).map(|_| false));
                self.0.push(true);
            }
            Code::Gamma => {
                let length = (value + 1).ilog2();
                self.number(u64::from(length), Code::Unary);
                self.binary(value + 1, length);
            }
            Code::Delta => {
                let length = (value + 1).ilog2();
                self.number(u64::from(length), Code::Gamma);
                self.binary(value + 1, length);
            }
            Code::Zeta(step) => {
                let part = (value + 1).ilog2() / step;
                let least = 1 << (part * step);
                self.number(u64::from(part), Code::Unary);
                // A minimal binary code of least << step minus least numbers.
                let (rest, few) = (value + 1 - least, (least << step) - least);
                let length = part * step + step;
                let short = (1 << length) - few;
                if rest < short {
                    self.binary(rest, length - 1);
                } else {
                    self.binary(rest + short, length);
                }
            }
            Code::Nibble => {
                let digits = (value.checked_ilog2().unwrap_or(0) / 3) as u64;
                for digit in (0..=digits).rev() {
                    self.binary(u64::from(digit == 0), 1);
                    self.binary(value >> (3 * digit) & 7, 3);
                }
            }
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            (0..8).fold(0, |all, at| all << 1 | u8::from(bits.get(at) == Some(&true)))
        };
        self.0.chunks(8).map(byte).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Code {
    Unary,
    Gamma,
    Delta,
    Zeta(u32),
    Nibble,
}

/// How a graph is encoded.
#[derive(Debug, Clone)]
struct Encoder {
    window: usize,
    /// 0 for none.
    least_interval: u64,
    outdegrees: Code,
    references: Code,
    block_counts: Code,
    blocks: Code,
    residuals: Code,
}

const USUAL: Encoder = Encoder {
    window: 7,
    least_interval: 4,
    outdegrees: Code::Gamma,
    references: Code::Unary,
    block_counts: Code::Gamma,
    blocks: Code::Gamma,
    residuals: Code::Zeta(3),
};

/// The distance of a number from another one, with the sign in the lowest bit.
fn distance(from: u64, to: u64) -> u64 {
    if to >= from { (to - from) * 2 } else { (from - to) * 2 - 1 }
}

fn has(list: &[u64], target: u64) -> bool {
    list.binary_search(&target).is_ok()
}

impl Encoder {
    fn encode(&self, lists: &[Vec<u64>]) -> Bits {
        let mut bits = Bits::default();
        for (vertex, list) in lists.iter().enumerate() {
            bits.number(list.len() as u64, self.outdegrees);
            if list.is_empty() {
                continue;
            }
            let mut extra = list.clone();
            if self.window > 0 {
                // The list before that has the most in common, the nearest of several.
                let common = |back: &usize| {
                    lists[vertex - back].iter().filter(|other| has(list, **other)).count()
                };
                let best = (1..=self.window.min(vertex)).rev().max_by_key(common);
                let best = best.filter(|back| common(back) > 0).unwrap_or(0);
                bits.number(best as u64, self.references);
                if best > 0 {
                    let earlier = &lists[vertex - best];
                    self.put_blocks(&mut bits, earlier, list);
                    extra.retain(|target| !has(earlier, *target));
                }
            }
            if !extra.is_empty() {
                self.put_extra(&mut bits, vertex as u64, &extra);
            }
        }
        bits
    }

    fn put_blocks(&self, bits: &mut Bits, earlier: &[u64], list: &[u64]) {
        let mut lengths = vec![0];
        let mut copying = true;
        for target in earlier {
            if has(list, *target) != copying {
                copying = !copying;
                lengths.push(0);
            }
            *lengths.last_mut().unwrap() += 1;
        }
        // The last block follows from the others.
        lengths.pop();
        bits.number(lengths.len() as u64, self.block_counts);
        for (place, length) in lengths.iter().enumerate() {
            bits.number(length - u64::from(place > 0), self.blocks);
        }
    }

    fn put_extra(&self, bits: &mut Bits, vertex: u64, extra: &[u64]) {
        let mut intervals: Vec<(u64, u64)> = Vec::new();
        let mut residuals = Vec::new();
        let runs = extra.chunk_by(|one, next| one + 1 == *next);
        for run in runs {
            if self.least_interval > 0 && run.len() as u64 >= self.least_interval {
                intervals.push((run[0], run.len() as u64));
            } else {
                residuals.extend_from_slice(run);
            }
        }
        if self.least_interval > 0 {
            bits.number(intervals.len() as u64, Code::Gamma);
            let mut end = None;
            for (first, length) in intervals {
                let left = end.map_or_else(|| distance(vertex, first), |end| first - end - 1);
                bits.number(left, Code::Gamma);
                bits.number(length - self.least_interval, Code::Gamma);
                end = Some(first + length);
            }
        }
        let mut last = None;
        for target in residuals {
            let gap = last.map_or_else(|| distance(vertex, target), |last| target - last - 1);
            bits.number(gap, self.residuals);
            last = Some(target);
        }
    }

    fn properties(&self, lists: &[Vec<u64>]) -> String {
        let name = |code| match code {
            Code::Unary => "UNARY",
            Code::Gamma => "GAMMA",
            Code::Delta => "DELTA",
            Code::Zeta(_) => "ZETA",
            Code::Nibble => "NIBBLE",
        };
        let flags: Vec<_> = [
            ("OUTDEGREES", self.outdegrees),
            ("REFERENCES", self.references),
            ("BLOCK_COUNT", self.block_counts),
            ("BLOCKS", self.blocks),
            ("RESIDUALS", self.residuals),
        ]
        .into_iter()
        .map(|(part, code)| format!("{part}_{}", name(code)))
        .collect();
        let step = if let Code::Zeta(step) = self.residuals { step } else { 3 };
        let arcs: usize = lists.iter().map(Vec::len).sum();
        format!(
            "#BVGraph properties\nversion=0\ngraphclass=it.unimi.dsi.webgraph.BVGraph\nnodes={}\narcs={arcs}\n\
             windowsize={}\nminintervallength={}\nzetak={step}\ncompressionflags={}\n",
            lists.len(),
            self.window,
            self.least_interval,
            flags.join(" | ")
        )
    }
}

/// Good files in several codes, by name, the one to open first.
pub(super) fn samples() -> Vec<Vec<(String, Vec<u8>)>> {
    let other = Encoder {
        window: 1,
        least_interval: 2,
        outdegrees: Code::Delta,
        references: Code::Gamma,
        block_counts: Code::Unary,
        blocks: Code::Delta,
        residuals: Code::Nibble,
    };
    let lists: Vec<Vec<u64>> = (0..40_u64)
        .map(|vertex| (0..40).filter(|target| target * (vertex / 3) % 7 < 3).collect())
        .collect();
    [USUAL, other]
        .map(|encoder| {
            vec![
                ("g.graph".to_owned(), encoder.encode(&lists).bytes()),
                ("g.properties".to_owned(), encoder.properties(&lists).into_bytes()),
            ]
        })
        .into()
}

/// A folder with the two files of a graph.
struct Files {
    folder: tempfile::TempDir,
    graph: PathBuf,
}

fn files(properties: &str, graph: &[u8]) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.graph");
    fs::write(folder.path().join("g.properties"), properties).unwrap();
    fs::write(&path, graph).unwrap();
    Files { folder, graph: path }
}

impl Files {
    /// What reading them fails with, without the names of folders.
    fn error(&self) -> String {
        let error = counts(&self.graph, &ReadOptions::default()).expect_err("the file is wrong");
        let kind = error.kind();
        assert!(matches!(kind, ErrorKind::Input { .. } | ErrorKind::BinaryInput { .. }), "{error}");
        error.to_string().replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn arcs(lists: &[Vec<u64>]) -> Vec<(u64, u64, f64)> {
    let arcs =
        (0..).zip(lists).flat_map(|(vertex, list)| list.iter().map(move |t| (vertex, *t, 1.0)));
    arcs.collect()
}

/// The example of the paper, from its vertex 15 on, with the vertices before.
fn example() -> Vec<Vec<u64>> {
    let mut lists = vec![Vec::new(); 3035];
    lists[15] = vec![13, 15, 16, 17, 18, 19, 23, 24, 203, 315, 1034];
    lists[16] = vec![15, 16, 17, 22, 23, 24, 315, 316, 317, 3034 - 1];
    lists[18] = vec![13, 15, 16, 17, 50];
    lists
}

#[test]
fn the_example_of_the_paper_is_read_by_either_of_its_files() -> Result<()> {
    let lists = example();
    let files = files(&USUAL.properties(&lists), &USUAL.encode(&lists).bytes());
    for path in [&files.graph, &files.folder.path().join("g.properties")] {
        assert_eq!(detect_format(&[path])?.name(), "webgraph");
        let input = open(path, &ReadOptions::default())?;
        assert_eq!(edges_of(&input)?, arcs(&lists));
        let graph = input.plain_graph(Graph::builder())?;
        assert_eq!((graph.vertex_count(), graph.edge_count()), (3035, 26));
        assert_eq!(input.directed, Some(true));
    }
    Ok(())
}

#[test]
fn a_graph_file_without_properties_of_webgraph_is_one_of_metis() -> Result<()> {
    let other = files("graph.g.directed = true\n", b"2 1\n2\n1\n");
    assert_eq!(detect_format(&[&other.graph])?.name(), "metis");
    assert_eq!(counts(&other.graph, &ReadOptions::default())?, (2, 1, Some(false)));
    let alone = super::file("g.graph", "2 1\n2\n1\n");
    let asked = ReadOptions { format: find_format("webgraph"), ..ReadOptions::default() };
    let error = open(&alone.path, &asked).unwrap_err().to_string();
    assert!(error.contains("g.properties: cannot read: "), "{error}");
    Ok(())
}

#[test]
fn graphs_of_nothing_and_of_vertices_without_arcs_are_read() -> Result<()> {
    for count in [0, 1, 100] {
        let lists = vec![Vec::new(); count];
        let files = files(&USUAL.properties(&lists), &USUAL.encode(&lists).bytes());
        let found = counts(&files.graph, &ReadOptions::default())?;
        assert_eq!(found, (count as u64, 0, Some(true)));
    }
    Ok(())
}

#[test]
fn a_graph_of_several_parts_has_the_same_edges_in_one_pass_and_in_many() -> Result<()> {
    // More than a million arcs, most of them copied.
    let count = 21_000_u64;
    let lists: Vec<Vec<u64>> = (0..count)
        .map(|vertex| {
            let mut list: Vec<u64> =
                (0..52).map(|k| (vertex / 20 * 20 + k * k * 7) % count).collect();
            list.push(vertex);
            list.sort_unstable();
            list.dedup();
            list
        })
        .collect();
    let files = files(&USUAL.properties(&lists), &USUAL.encode(&lists).bytes());
    let input = open(&files.graph, &ReadOptions::default())?;
    let superstep::io::Edges::Plain(edges) = &input.edges else { panic!("weights") };
    assert_eq!(edges.partition_count(), 2);
    let found: Vec<(u64, u64)> =
        edges.collect()?.into_iter().map(|edge| (edge.source, edge.target)).collect();
    let expected: Vec<_> =
        arcs(&lists).into_iter().map(|(source, target, _)| (source, target)).collect();
    assert_eq!(found.len(), expected.len());
    assert!(found == expected);
    Ok(())
}

#[test]
fn properties_that_are_wrong_or_foreign_are_refused_with_their_line() {
    let lists = example();
    let good = USUAL.properties(&lists);
    let bytes = USUAL.encode(&lists).bytes();
    let bits = bytes.len() * 8;
    let wrong = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        files(&good.replace(from, to), &bytes).error()
    };
    assert_eq!(
        wrong("dsi.webgraph.BVGraph", "dsi.webgraph.EFGraph"),
        "g.properties:3:1: found \"it.unimi.dsi.webgraph.EFGraph\", expected it.unimi.dsi.webgraph.BVGraph"
    );
    assert_eq!(
        wrong("version=0", "version=1"),
        "g.properties:2:1: found \"1\", expected version = a number from 0 to 0"
    );
    assert_eq!(
        wrong("nodes=3035\n", ""),
        "g.properties:9:1: found end of file, expected nodes = a number from 0 to 4294967295"
    );
    assert_eq!(
        wrong("nodes=3035", "nodes=999999"),
        format!(
            "g.properties:4:1: found \"999999\", expected at most {bits}, the number of bits of the .graph file"
        )
    );
    assert_eq!(
        wrong("arcs=26", "arcs=-1"),
        "g.properties:5:1: found \"-1\", expected arcs = a number from 0 to 9211225"
    );
    assert_eq!(
        wrong("windowsize=7", "windowsize=1000"),
        "g.properties:6:1: found \"1000\", expected windowsize = a number from 0 to 255"
    );
    assert_eq!(
        wrong("RESIDUALS_ZETA", "RESIDUALS_GOLOMB"),
        "g.properties:9:1: found \"RESIDUALS_GOLOMB\", expected flags such as OUTDEGREES_DELTA or RESIDUALS_ZETA, with | between"
    );
    assert_eq!(
        wrong("version=0", "endianness=little"),
        "g.properties:2:1: found \"little\", expected big"
    );
}

#[test]
fn a_graph_file_that_is_cut_short_or_does_not_add_up_names_the_vertex() {
    let lists = example();
    let (good, bits) = (USUAL.properties(&lists), USUAL.encode(&lists));
    let (bytes, end) = (bits.bytes(), bits.0.len() / 8);
    assert_eq!(
        files(&good.replace("nodes=3035", "nodes=60"), &bytes[..10]).error(),
        "g.graph: byte 1, the successors of vertex 15: found successor 203, expected a vertex below 60"
    );
    let cut = bytes.len() - 1;
    let few = good.replace("nodes=3035", "nodes=3030");
    let error = files(&few, &bytes[..cut - 375]).error();
    assert!(error.contains("expected at most "), "{error}");
    assert_eq!(
        files(&good.replace("nodes=3035", "nodes=40"), &bytes[..5]).error(),
        "g.graph: byte 1, the successors of vertex 15: found the end of the file, expected more bits"
    );
    assert_eq!(
        files(&good.replace("arcs=26", "arcs=25"), &bytes).error(),
        "g.graph: byte 18, the successors of vertex 18: found 26 arcs, expected 25, as the properties say"
    );
    assert_eq!(
        files(&good.replace("arcs=26", "arcs=27"), &bytes).error(),
        format!(
            "g.graph: byte {end}, after the last vertex: found 26 arcs, expected 27, as the properties say"
        )
    );
    // One vertex with an interval and a residual in it.
    let mut twice = Bits::default();
    for number in [5, 0, 1, 0, 0, 0] {
        twice.number(number, Code::Gamma);
    }
    twice.number(2, Code::Gamma);
    let encoder = Encoder { window: 1, references: Code::Gamma, residuals: Code::Gamma, ..USUAL };
    let properties = encoder.properties(&[vec![0, 1, 2, 3, 4]]).replace("nodes=1", "nodes=9");
    assert_eq!(
        files(&properties, &twice.bytes()).error(),
        "g.graph: byte 0, the successors of vertex 0: found successor 0 again, expected each successor once"
    );
}

#[test]
fn copies_of_copies_do_not_fill_the_memory() {
    // A vertex with all others as an interval, and as many lists that are the same again: a bit or
    // three each, and four billion arcs, of which the properties do not speak.
    let count = 65_536_u64;
    let lists: Vec<Vec<u64>> = vec![(0..count).collect(); 2];
    let mut bits = USUAL.encode(&lists);
    for _ in 2..count {
        bits.number(count, Code::Gamma);
        bits.number(1, Code::Unary);
        bits.number(0, Code::Gamma);
    }
    let properties = USUAL.properties(&lists).replace("nodes=2", &format!("nodes={count}"));
    let error = files(&properties, &bits.bytes()).error();
    assert!(error.contains("vertex 2: found 196608 arcs, expected 131072"), "{error}");
}

fn encoders() -> impl Strategy<Value = Encoder> {
    let part = prop_oneof![Just(Code::Unary), Just(Code::Gamma), Just(Code::Delta)];
    let outdegrees = prop_oneof![Just(Code::Gamma), Just(Code::Delta)];
    let residuals = prop_oneof![
        Just(Code::Gamma),
        Just(Code::Delta),
        Just(Code::Nibble),
        (1..6_u32).prop_map(Code::Zeta)
    ];
    let least = prop_oneof![Just(0_u64), 2..6_u64];
    (0..9_usize, least, outdegrees, [part.clone(), part.clone(), part], residuals).prop_map(
        |(window, least_interval, outdegrees, [references, block_counts, blocks], residuals)| {
            Encoder {
                window,
                least_interval,
                outdegrees,
                references,
                block_counts,
                blocks,
                residuals,
            }
        },
    )
}

/// Lists that have runs, and much in common with those before.
fn lists() -> impl Strategy<Value = Vec<Vec<u64>>> {
    let list = prop::collection::vec((any::<u16>(), 1..12_u64), 0..5);
    prop::collection::vec((list, any::<u8>()), 1..60).prop_map(|rows| {
        let count = rows.len() as u64;
        let mut lists: Vec<Vec<u64>> = Vec::new();
        for (runs, kept) in rows {
            let mut list: Vec<u64> = runs
                .into_iter()
                .flat_map(|(first, length)| {
                    let first = u64::from(first) % count;
                    first..(first + length).min(count)
                })
                .collect();
            if let Some(last) = lists.last() {
                list.extend(last.iter().filter(|target| *target % 8 < u64::from(kept % 9)));
            }
            list.sort_unstable();
            list.dedup();
            lists.push(list);
        }
        lists
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_encoded_in_any_codes_is_read_back(lists in lists(), encoder in encoders()) {
        let files = files(&encoder.properties(&lists), &encoder.encode(&lists).bytes());
        let input = open(&files.graph, &ReadOptions::default()).unwrap();
        prop_assert_eq!(edges_of(&input).unwrap(), arcs(&lists));
    }

    #[test]
    fn damaged_bits_are_read_as_a_graph_or_refused_with_their_vertex(
        lists in lists(),
        encoder in encoders(),
        flips in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bits = encoder.encode(&lists);
        for flip in flips {
            let at = flip.index(bits.0.len());
            bits.0[at] = !bits.0[at];
        }
        let mut bytes = bits.bytes();
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()) + 1);
        }
        let files = files(&encoder.properties(&lists), &bytes);
        match counts(&files.graph, &ReadOptions::default()) {
            Ok((vertices, ..)) => prop_assert_eq!(vertices, lists.len() as u64),
            Err(error) => {
                let known =
                    matches!(error.kind(), ErrorKind::Input { .. } | ErrorKind::BinaryInput { .. });
                prop_assert!(known, "{}", error);
            }
        }
    }
}
