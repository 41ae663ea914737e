//! What holds for every family, and the shape of each.

use std::collections::HashSet;

use super::*;

fn made(name: &str, arguments: &[(&str, &str)]) -> Result<Box<dyn Generator>> {
    let family = FAMILIES.iter().find(|family| family.name() == name).unwrap();
    let mut given = Arguments::default();
    arguments.iter().for_each(|(name, value)| given.set(*name, *value));
    family.make(&given)
}

/// One graph of each family, of several blocks.
fn samples() -> Vec<(&'static str, Box<dyn Generator>, u64)> {
    let sample = |name, arguments: &[(&str, &str)], checksum| {
        (name, made(name, arguments).unwrap(), checksum)
    };
    let many = ("vertices", "100000");
    // A checksum changes only with its generator, and then the changelog must say so.
    vec![
        sample("barabasi-albert", &[many, ("attach", "3"), ("seed", "1")], 3_125_817_172),
        sample("chain", &[many], 1_932_672_764),
        sample("clique", &[("vertices", "700")], 1_745_145_944),
        sample("erdos-renyi", &[many, ("probability", "3e-5"), ("seed", "1")], 2_569_811_655),
        sample("grid", &[("rows", "300"), ("columns", "200")], 1_497_071_619),
        sample("kronecker", &[("scale", "14"), ("seed", "1")], 4_011_677_499),
        sample("log-normal", &[("vertices", "3000"), ("seed", "1")], 770_427_013),
        sample("star", &[many], 3_308_177_015),
        sample("tree", &[many, ("arity", "3")], 2_427_355_165),
        sample("watts-strogatz", &[many, ("seed", "1")], 1_332_855_185),
    ]
}

fn all_edges(graph: &dyn Generator) -> Vec<(u64, u64)> {
    (0..graph.block_count()).flat_map(|block| graph.edges(block)).collect()
}

fn text(graph: &dyn Generator, threads: usize) -> Vec<u8> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut out = Vec::new();
    pool.install(|| write_edge_list(graph, &mut out)).unwrap();
    out
}

#[test]
fn a_seed_always_gives_the_same_bytes_on_any_number_of_threads() {
    let samples = samples();
    let names: Vec<_> = samples.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, FAMILIES.iter().map(|family| family.name()).collect::<Vec<_>>());
    let mut found = Vec::new();
    for (name, graph, expected) in &samples {
        let one = text(&**graph, 1);
        assert!(graph.block_count() > 1, "{name}");
        assert!(one == text(&**graph, 3), "{name}");
        let mut crc = crc32fast::Hasher::new();
        crc.update(&one);
        found.push((*name, u64::from(crc.finalize()), *expected));
    }
    assert!(found.iter().all(|(_, found, expected)| found == expected), "{found:#?}");
}

#[test]
fn seeds_give_different_graphs() {
    for family in FAMILIES
        .iter()
        .filter(|family| family.parameters().iter().any(|parameter| parameter.name == "seed"))
    {
        let graph = |seed| {
            let mut arguments = vec![("seed", seed)];
            for parameter in family.parameters().iter().filter(|one| one.default.is_empty()) {
                match parameter.name {
                    "vertices" => arguments.push(("vertices", "1000")),
                    "probability" => arguments.push(("probability", "0.01")),
                    "attach" | "scale" => arguments.push((parameter.name, "5")),
                    _ => {}
                }
            }
            all_edges(&*made(family.name(), &arguments).unwrap())
        };
        assert_ne!(graph("1"), graph("2"), "{}", family.name());
    }
}

#[test]
fn ids_lie_below_the_number_of_vertices_and_edges_are_as_many_as_said() {
    for (name, graph, _) in samples() {
        let edges = all_edges(&*graph);
        let vertices = graph.vertex_count();
        assert!(edges.iter().all(|&(a, b)| a < vertices && b < vertices), "{name}");
        let (found, expected) = (edges.len() as f64, graph.expected_edges() as f64);
        if graph.describe().contains(" edges") {
            assert_eq!(found, expected, "{name}");
        } else {
            assert!((found / expected - 1.0).abs() < 0.1, "{name}: {found}, expected {expected}");
        }
        assert!(graph.edges(graph.block_count()).is_empty(), "{name}");
        assert!(graph.edges(u64::MAX).is_empty(), "{name}");
    }
}

#[test]
fn regular_graphs_are_what_their_names_say() -> Result<()> {
    assert_eq!(Chain::new(4)?.edges(0), [(0, 1), (1, 2), (2, 3)]);
    assert_eq!(Star::new(4)?.edges(0), [(1, 0), (2, 0), (3, 0)]);
    assert_eq!(Tree::new(6, 2)?.edges(0), [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5)]);
    assert_eq!(Clique::new(4)?.edges(0), [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]);
    let grid = [(0, 1), (1, 2), (0, 3), (1, 4), (2, 5), (3, 4), (4, 5)];
    assert_eq!(Grid::new(2, 3)?.edges(0), grid);
    assert_eq!(Grid::new(3, 1)?.edges(0), [(0, 1), (1, 2)]);
    assert_eq!(Grid::new(1, 3)?.edges(0), [(0, 1), (1, 2)]);
    Ok(())
}

#[test]
fn graphs_without_edges_have_no_blocks() -> Result<()> {
    for count in [0, 1] {
        let vertices = count.to_string();
        for name in ["chain", "clique", "star", "tree"] {
            let graph = made(name, &[("vertices", &vertices)])?;
            assert_eq!((graph.block_count(), graph.vertex_count()), (0, count), "{name}");
        }
        assert_eq!(ErdosRenyi::new(count, 1.0)?.block_count(), 0);
        assert_eq!(WattsStrogatz::new(count, 0, 0.5)?.block_count(), 0);
    }
    assert_eq!(Grid::new(0, 9)?.block_count() + Grid::new(9, 0)?.block_count(), 0);
    assert_eq!(LogNormal::new(0)?.block_count(), 0);
    let none = ErdosRenyi::new(1000, 0.0)?;
    assert_eq!((none.block_count(), none.edges(0).len()), (0, 0));
    Ok(())
}

#[test]
fn the_largest_graphs_do_not_overflow() -> Result<()> {
    let most = MAX_VERTICES;
    let clique = Clique::new(most)?;
    let last = clique.edges(clique.block_count() - 1);
    assert_eq!(last.last(), Some(&(most - 1, most - 2)));
    let rare = ErdosRenyi::new(most, f64::MIN_POSITIVE)?.directed(true);
    assert!(rare.edges(0).is_empty());
    let grid = Grid::new(1 << 16, 1 << 16)?;
    assert_eq!(grid.edges(grid.block_count() - 1).last(), Some(&(most - 2, most - 1)));
    let ring = WattsStrogatz::new(most, 1 << 31, 0.0)?;
    assert_eq!(ring.edges(ring.block_count() - 1).last(), Some(&(most - 1, (1 << 30) - 1)));
    let grown = BarabasiAlbert::new(most, 1 << 20)?;
    let last = grown.edges(grown.block_count() - 1);
    assert!(last.iter().all(|&(source, target)| source == most - 1 && target < source));
    Ok(())
}

#[test]
fn arguments_out_of_range_are_refused() {
    let refused = |name, arguments: &[(&str, &str)]| {
        let error = made(name, arguments).unwrap_err();
        assert!(matches!(error.kind(), crate::ErrorKind::Argument(_)), "{error}");
        error.to_string()
    };
    for family in FAMILIES {
        let message = refused(family.name(), &[]);
        assert!(message.contains(&format!("{} needs --", family.name())), "{message}");
    }
    for name in ["chain", "clique", "star", "tree", "log-normal", "watts-strogatz"] {
        let message = refused(name, &[("vertices", "4294967297")]);
        assert!(message.contains("4294967296 vertices at most, not 4294967297"), "{message}");
    }
    let ten = ("vertices", "10");
    refused("tree", &[ten, ("arity", "0")]);
    refused("grid", &[("rows", "4294967296"), ("columns", "4294967296")]);
    refused("barabasi-albert", &[ten, ("attach", "0")]);
    refused("barabasi-albert", &[ten, ("attach", "10")]);
    refused("barabasi-albert", &[("vertices", "4294967296"), ("attach", "4294967295")]);
    for probability in ["-0.1", "1.1", "NaN", "much"] {
        refused("erdos-renyi", &[ten, ("probability", probability)]);
        refused("watts-strogatz", &[ten, ("rewire", probability)]);
    }
    refused("watts-strogatz", &[ten, ("neighbors", "3")]);
    refused("watts-strogatz", &[ten, ("neighbors", "10")]);
    refused("log-normal", &[ten]);
    refused("log-normal", &[ten, ("mu", "1"), ("sigma", "-1")]);
    refused("log-normal", &[ten, ("mu", "inf")]);
}

#[test]
fn pairs_are_numbered_without_a_gap() {
    let mut pair = 0;
    for larger in 1..200 {
        for smaller in 0..larger {
            assert_eq!(clique::ends(pair), (larger, smaller));
            pair += 1;
        }
    }
    for larger in [1 << 20, (1 << 27) + 5, (1 << 32) - 1] {
        let first: u64 = larger * (larger - 1) / 2;
        assert_eq!(clique::ends(first), (larger, 0));
        assert_eq!(clique::ends(first - 1), (larger - 1, larger - 2));
    }
}

#[test]
fn pairs_are_joined_with_their_probability_and_once() -> Result<()> {
    for (directed, pairs) in [(false, 500.0 * 499.0 / 2.0), (true, 500.0 * 499.0)] {
        let edges = all_edges(&ErdosRenyi::new(500, 0.3)?.directed(directed).seed(4));
        let deviation = (pairs * 0.3 * 0.7_f64).sqrt();
        assert!((edges.len() as f64 - pairs * 0.3).abs() < 5.0 * deviation, "{}", edges.len());
        assert!(edges.iter().all(|(source, target)| source != target));
        assert_eq!(edges.iter().collect::<HashSet<_>>().len(), edges.len());
        // Each vertex has as many as the next.
        let mut degrees = vec![0_i32; 500];
        edges.iter().for_each(|&(a, b)| [a, b].iter().for_each(|&v| degrees[v as usize] += 1));
        let mean = 2.0 * edges.len() as f64 / 500.0;
        let far =
            degrees.iter().filter(|&&degree| (f64::from(degree) - mean).abs() > 5.0 * mean.sqrt());
        assert_eq!(far.count(), 0);
    }
    assert_eq!(all_edges(&ErdosRenyi::new(50, 1.0)?), all_edges(&Clique::new(50)?));
    assert_eq!(all_edges(&ErdosRenyi::new(50, 1.0)?.directed(true)).len(), 50 * 49);
    Ok(())
}

#[test]
fn a_grown_graph_has_a_power_law_of_degrees() -> Result<()> {
    let vertices = 50_000;
    let mut degrees = vec![0_u64; vertices];
    for (source, target) in all_edges(&BarabasiAlbert::new(vertices as u64, 4)?.seed(2)) {
        degrees[source as usize] += 1;
        degrees[target as usize] += 1;
    }
    assert!(degrees.iter().all(|&degree| degree >= 4));
    // P(degree >= k) = m(m + 1) / k(k + 1) for m edges a vertex (Bollobás et al., 2001).
    for least in [8_u64, 16, 32, 64] {
        let found = degrees.iter().filter(|&&degree| degree >= least).count() as f64;
        let expected = 20.0 / (least * (least + 1)) as f64 * vertices as f64;
        let deviation = expected.sqrt();
        assert!((found - expected).abs() < 6.0 * deviation + 5.0, "{least}: {found}, {expected}");
    }
    Ok(())
}

#[test]
fn edges_of_a_small_world_are_bent_with_their_probability() -> Result<()> {
    for rewire in [0.0, 0.2, 1.0] {
        let edges = all_edges(&WattsStrogatz::new(20_000, 10, rewire)?.seed(3));
        assert_eq!(edges.len(), 100_000);
        let near = |&&(a, b): &&(u64, u64)| (1..=5).contains(&((b + 20_000 - a) % 20_000));
        let bent = (edges.len() - edges.iter().filter(near).count()) as f64 / 100_000.0;
        assert!((bent - rewire).abs() < 0.01, "{rewire}: {bent}");
        assert!(edges.iter().all(|(source, target)| source != target));
    }
    Ok(())
}

#[test]
fn out_degrees_are_log_normal() -> Result<()> {
    let mut degrees = vec![0_u64; 20_000];
    let graph = LogNormal::new(20_000)?.degrees(2.0, 0.5)?.seed(5);
    all_edges(&graph).iter().for_each(|&(source, _)| degrees[source as usize] += 1);
    degrees.sort_unstable();
    // Quantiles of e^(2 + z/2), rounded down.
    for (quantile, expected) in [(3_173, 4), (10_000, 7), (16_827, 12)] {
        assert!(degrees[quantile].abs_diff(expected) <= 1, "{quantile}: {}", degrees[quantile]);
    }
    Ok(())
}
