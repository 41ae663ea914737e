//! Triangles and transitivity.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::Result;
use superstep::algorithms::{transitivity, triangles};
use superstep::io::edge_list;
use superstep::prelude::*;

use crate::multigraph::{
    Multigraph, any_multigraph, bipartite, clique, cycle, degenerate, grid, star,
};
use crate::public_graphs::{NAMES, public_graph};
use crate::support::{expected, lines, public_dataset};

fn at_vertices(graph: &Graph) -> Result<Vec<(u64, u64)>> {
    triangles(graph).run()?.states().collect()
}

/// Every three vertices.
fn twin(graph: &Multigraph) -> Vec<(u64, u64)> {
    let neighbors = graph.simple();
    let mut counts = vec![0; graph.count()];
    for a in 0..graph.count() {
        for b in a + 1..graph.count() {
            for c in b + 1..graph.count() {
                let edge = |x: usize, y: usize| neighbors[x].contains(&y);
                if edge(a, b) && edge(b, c) && edge(a, c) {
                    [a, b, c].iter().for_each(|corner| counts[*corner] += 1);
                }
            }
        }
    }
    graph.labelled(&counts)
}

/// Pairs of neighbours of every vertex.
fn wedges(graph: &Multigraph) -> u128 {
    graph.simple().iter().map(|n| (n.len() * n.len().saturating_sub(1) / 2) as u128).sum()
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn triangles_are_those_among_all_threes_of_vertices(graph in any_multigraph()) {
        let found = graph.same(at_vertices)?;
        prop_assert_eq!(&found, &twin(&graph));
        let total = found.iter().map(|(_, count)| count).sum::<u64>() / 3;
        prop_assert_eq!(graph.same(|graph| triangles(graph).count())?, total);
        let ratio = graph.same(transitivity)?;
        prop_assert_eq!((ratio.triangles, ratio.wedges), (total, wedges(&graph)));
    }
}

#[test]
fn every_three_vertices_of_a_clique_are_a_triangle() -> Result<()> {
    let found = clique(12).same(at_vertices)?;
    assert!(found.iter().all(|(_, count)| *count == 11 * 10 / 2), "{found:?}");
    assert_eq!(clique(12).same(|graph| triangles(graph).count())?, 220);
    assert_eq!(clique(12).same(transitivity)?.ratio(), Some(1.0));
    Ok(())
}

#[test]
fn bipartite_graphs_grids_stars_and_long_cycles_have_no_triangles() -> Result<()> {
    for graph in [bipartite(5, 8), grid(6, 5), star(30), cycle(4), cycle(9)] {
        assert!(graph.same(at_vertices)?.iter().all(|(_, count)| *count == 0));
        assert_eq!(graph.same(transitivity)?.ratio(), Some(0.0));
    }
    assert_eq!(cycle(3).same(|graph| triangles(graph).count())?, 1);
    Ok(())
}

#[test]
fn degenerate_graphs_have_their_triangles() -> Result<()> {
    for (name, graph) in degenerate() {
        assert_eq!(graph.same(at_vertices)?, twin(&graph), "{name}");
        let ratio = graph.same(transitivity)?;
        assert_eq!(ratio.wedges, wedges(&graph), "{name}");
        assert_eq!(ratio.ratio().is_none(), ratio.wedges == 0, "{name}");
    }
    Ok(())
}

#[test]
fn triangles_of_public_graphs_are_igraphs() -> Result<()> {
    for name in NAMES {
        let Some(public) = public_graph(name)? else { continue };
        let golden: Vec<(u64, u64)> = expected(&public.golden.join("TRI-undirected-simple.gz"))?;
        assert_eq!(at_vertices(&public.graph)?, golden, "{}", public.name);
        let total = golden.iter().map(|(_, count)| count).sum::<u64>() / 3;
        assert_eq!(triangles(&public.graph).count()?, total, "{}", public.name);
    }
    Ok(())
}

#[test]
fn triangles_of_lagraphs_matrices_are_lagraphs() -> Result<()> {
    let Some(set) = public_dataset("lagraph-data") else { return Ok(()) };
    let text = lines(&set.join("expected.json"))?.join("\n");
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ctx = Context::local(2)?;
    let mut checked = 0;
    for row in golden["triangle_count"].as_array().unwrap() {
        let (count, name) = (row[0].as_f64().unwrap(), row[1].as_str().unwrap());
        let file = [set.join(name), set.join(format!("{name}.gz"))];
        let Some(file) = file.iter().find(|file| file.exists()) else { continue };
        // Comments, one line of sizes, then a row and a column a line.
        let rows = lines(file)?.into_iter().filter(|line| !line.starts_with('%')).skip(1);
        let edges = rows.filter_map(|line| {
            let mut ends = line.split_whitespace().map_while(|field| field.parse::<u64>().ok());
            Some(Edge::from((ends.next()?, ends.next()?)))
        });
        let graph = Graph::from_edges(&ctx.parallelize(edges.collect::<Vec<_>>(), 3))?;
        assert_eq!(triangles(&graph).count()? as f64, count, "{name}");
        checked += 1;
    }
    assert_eq!(checked, 9);
    Ok(())
}

#[test]
fn triangles_of_snap_graphs_are_the_published_ones() -> Result<()> {
    let ctx = Context::local(2)?;
    for (set, file, count) in [
        ("snap-p2p-Gnutella-small", "p2p-Gnutella04.txt", 934),
        ("snap-p2p-Gnutella-small", "p2p-Gnutella05.txt", 1_112),
        ("snap-p2p-Gnutella-small", "p2p-Gnutella08.txt", 2_383),
        ("snap-p2p-Gnutella-small", "p2p-Gnutella09.txt", 2_354),
    ] {
        let Some(set) = public_dataset(set) else { continue };
        let graph = Graph::from_edges(&edge_list(&ctx, set.join(file))?)?;
        assert_eq!(triangles(&graph).count()?, count, "{file}");
    }
    Ok(())
}
