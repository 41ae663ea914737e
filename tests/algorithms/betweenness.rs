//! Betweenness centrality.
//!
//! All shortest paths of the larger graphs take some minutes:
//! `cargo test --features full --test algorithms -- --ignored`

use std::collections::VecDeque;

use proptest::proptest;
use superstep::algorithms::{betweenness, betweenness_weighted};
use superstep::io::edge_list;
use superstep::prelude::*;
use superstep::{Error, Result};

use crate::multigraph::{
    Multigraph, any_multigraph, assert_values, clique, cycle, degenerate, path, star,
};
use crate::support::{expected, lines, public_dataset};

fn check(small: &Multigraph, scores: &[f64]) -> Result<()> {
    small.same(|graph| {
        assert_values(&betweenness(graph).run()?.states().collect()?, scores, 1e-12);
        Ok(())
    })
}

#[test]
fn the_centre_of_a_star_is_between_all_pairs() -> Result<()> {
    let mut scores = vec![0.0; 7];
    scores[0] = 15.0;
    check(&star(6), &scores)
}

#[test]
fn on_a_path_it_is_the_product_of_both_sides() -> Result<()> {
    let scores: Vec<_> = (0..40).map(|v| (v * (39 - v)) as f64).collect();
    check(&path(40), &scores)
}

#[test]
fn on_an_even_cycle_opposite_vertices_have_two_shortest_paths() -> Result<()> {
    // Of 2k vertices: (k-1)²/2 each.
    check(&cycle(8), &[4.5; 8])
}

#[test]
fn in_a_clique_nobody_is_between() -> Result<()> {
    check(&clique(6), &[0.0; 6])
}

#[test]
fn parallel_edges_count_as_paths_of_their_own() -> Result<()> {
    // 0 to 3: two paths by way of 1, one by way of 2.
    let small = Multigraph::numbered(4, [(0, 1), (0, 1), (1, 3), (0, 2), (2, 3)]);
    check(&small, &[0.0, 2.0 / 3.0, 1.0 / 3.0, 0.0])
}

#[test]
fn degenerate_graphs_have_scores() -> Result<()> {
    for (_, small) in degenerate() {
        let scale = if small.undirected { 0.5 } else { 1.0 };
        let all: Vec<_> = (0..small.count()).collect();
        let scores: Vec<_> = twin(&small, &all).iter().map(|score| score * scale).collect();
        check(&small, &scores)?;
    }
    Ok(())
}

#[test]
fn normalized_scores_of_a_star_are_one_and_zero() -> Result<()> {
    for small in [star(4), Multigraph::numbered(5, (1..5).flat_map(|v| [(0, v), (v, 0)]))] {
        small.same(|graph| {
            let scores = betweenness(graph).normalized(true).run()?.states().collect()?;
            assert_values(&scores, &[1.0, 0.0, 0.0, 0.0, 0.0], 1e-12);
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn sources_that_are_missing_or_none_are_errors_that_say_so() -> Result<()> {
    let graph = star(4).build(&Context::local(1)?, 2)?;
    let message = |run: superstep::Result<_>| run.map(|_| ()).unwrap_err().to_string();
    assert!(message(betweenness(&graph).sources([]).run()).contains("at least one source"));
    assert!(message(betweenness(&graph).sources([99]).run()).contains("99"));
    assert!(message(betweenness(&graph).samples(0, 1).run()).contains("expected at least 1"));
    Ok(())
}

#[test]
fn samples_of_all_vertices_are_exact_and_fewer_come_close() -> Result<()> {
    let edges = (0..60).flat_map(|v| [(v, (v + 1) % 60), (v, v * 7 % 60)]);
    let small = Multigraph::numbered(60, edges).both_ways();
    small.same(|graph| {
        let exact = betweenness(graph).run()?.states().collect()?;
        let all = betweenness(graph).samples(60, 5).run()?.states().collect()?;
        assert_eq!(exact, all);
        let total = |scores: &[(u64, f64)]| scores.iter().map(|(_, score)| score).sum::<f64>();
        let some = betweenness(graph).samples(30, 5).run()?.states().collect()?;
        let again = betweenness(graph).samples(30, 5).run()?.states().collect()?;
        assert_eq!(some, again);
        assert!((total(&some) / total(&exact) - 1.0).abs() < 0.2);
        Ok(())
    })
}

/// Brandes' algorithm as in his paper: from one source after the other, with a stack.
fn twin(small: &Multigraph, sources: &[usize]) -> Vec<f64> {
    let targets = small.targets();
    let mut scores = vec![0.0; small.count()];
    for source in sources {
        let mut paths = vec![0.0; small.count()];
        let mut level = vec![usize::MAX; small.count()];
        let mut before = vec![Vec::new(); small.count()];
        (paths[*source], level[*source]) = (1.0, 0);
        let (mut queue, mut stack) = (VecDeque::from([*source]), Vec::new());
        while let Some(v) = queue.pop_front() {
            stack.push(v);
            for w in &targets[v] {
                if level[*w] == usize::MAX {
                    level[*w] = level[v] + 1;
                    queue.push_back(*w);
                }
                if level[*w] == level[v] + 1 {
                    paths[*w] += paths[v];
                    before[*w].push(v);
                }
            }
        }
        let mut dependency = vec![0.0; small.count()];
        while let Some(w) = stack.pop() {
            for v in &before[w] {
                dependency[*v] += paths[*v] / paths[w] * (1.0 + dependency[w]);
            }
            if w != *source {
                scores[w] += dependency[w];
            }
        }
    }
    scores
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(24))]

    #[test]
    fn it_agrees_with_a_search_from_one_source_after_the_other(small in any_multigraph()) {
        let scale = if small.undirected { 0.5 } else { 1.0 };
        let all: Vec<_> = (0..small.count()).collect();
        let scores: Vec<_> = twin(&small, &all).iter().map(|score| score * scale).collect();
        check(&small, &scores)?;
        if small.count() > 0 {
            let some = [small.count() / 2, small.count() - 1, small.count() / 2];
            let scores = twin(&small, &if small.count() / 2 == small.count() - 1 {
                vec![small.count() / 2]
            } else {
                vec![small.count() / 2, small.count() - 1]
            });
            small.same(|graph| {
                let run = betweenness(graph).sources(some.map(|place| small.ids[place])).run()?;
                assert_values(&run.states().collect()?, &scores, 1e-12);
                Ok(())
            })?;
        }
    }
}

/// The definition: for every source and target, the part of the shortest paths that pass through.
fn weighted_twin(small: &Multigraph) -> Vec<f64> {
    let (arcs, count) = (small.arcs(), small.count());
    let mut distances = vec![vec![f64::INFINITY; count]; count];
    let mut paths = vec![vec![0.0; count]; count];
    for source in 0..count {
        // Dijkstra's, with a look at everybody.
        (distances[source][source], paths[source][source]) = (0.0, 1.0);
        let mut open: Vec<_> = (0..count).collect();
        while let Some(at) = (0..open.len())
            .min_by(|a, b| distances[source][open[*a]].total_cmp(&distances[source][open[*b]]))
        {
            let u = open.swap_remove(at);
            for (v, length) in &arcs[u] {
                let distance = distances[source][u] + length;
                if distance < distances[source][*v] {
                    (distances[source][*v], paths[source][*v]) = (distance, 0.0);
                }
                if distance == distances[source][*v] && distance.is_finite() {
                    paths[source][*v] += paths[source][u];
                }
            }
        }
    }
    let through = |v: usize| {
        let pairs = (0..count).flat_map(|s| (0..count).map(move |t| (s, t)));
        let pairs = pairs.filter(|(s, t)| s != t && *s != v && *t != v && paths[*s][*t] > 0.0);
        let part = |(s, t): (usize, usize)| {
            let on = distances[s][v] + distances[v][t] == distances[s][t];
            if on { paths[s][v] * paths[v][t] / paths[s][t] } else { 0.0 }
        };
        pairs.map(part).sum::<f64>() * if small.undirected { 0.5 } else { 1.0 }
    };
    (0..count).map(through).collect()
}

fn check_weighted(small: &Multigraph) -> Result<()> {
    let found =
        small.close_weighted(|graph| betweenness_weighted(graph).run()?.states().collect())?;
    assert_values(&found, &weighted_twin(small), 1e-10);
    Ok(())
}

#[test]
fn lengths_decide_which_paths_are_short() -> Result<()> {
    // Around by way of 1 and 2 is as long as the direct edge, by way of 3 it is longer.
    let edges = [(0, 1, 1.0), (1, 2, 1.5), (2, 4, 0.5), (0, 4, 3.0), (0, 3, 1.0), (3, 4, 2.5)];
    let small = Multigraph::weighted(&edges);
    let found =
        small.close_weighted(|graph| betweenness_weighted(graph).run()?.states().collect())?;
    assert_values(&found, &[0.0, 1.5, 1.5, 0.0, 0.0], 1e-12);
    check_weighted(&small)?;
    degenerate()
        .iter()
        .filter(|(_, small)| small.edges.iter().all(|edge| edge.2 > 0.0))
        .try_for_each(|(_, small)| check_weighted(small))
}

#[test]
fn lengths_that_are_zero_negative_or_no_numbers_are_refused() -> Result<()> {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let small = Multigraph::weighted(&[(1, 2, 1.0), (2, 3, bad)]);
        let graph = small.build_weighted(&Context::local(1)?, 2)?;
        let error = betweenness_weighted(&graph).run().unwrap_err().to_string();
        assert!(error.contains("from 2 to 3") && error.contains("above 0"), "{error}");
    }
    let small = Multigraph::weighted(&[(1, 2, 1.0), (2, 3, 1e308), (3, 1, 1e308)]);
    let graph = small.build_weighted(&Context::local(1)?, 2)?;
    let error = betweenness_weighted(&graph).run().unwrap_err().to_string();
    let expected = "the edge from 2 to 3 has the length ";
    assert!(error.starts_with(expected) && error.ends_with("so that sums are finite"), "{error}");
    Ok(())
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(4))]

    #[test]
    fn with_lengths_it_agrees_with_its_definition(small in any_multigraph()) {
        let mut small = small;
        small.edges.iter_mut().for_each(|(_, _, length)| *length += 0.5);
        check_weighted(&small)?;
    }
}

/// Compares with printed digits.
#[track_caller]
fn assert_printed(found: &[(u64, f64)], expected: &[(u64, f64)], within: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for ((id, found), (expected_id, expected)) in found.iter().zip(expected) {
        assert_eq!(id, expected_id, "{what}");
        let error = (found - expected).abs();
        assert!(error <= within * expected.abs().max(1e-9), "{what}: {id}: {found}, {expected}");
    }
}

fn against_igraph(graph: &Graph, oracle: &str) -> Result<()> {
    let Some(folder) = public_dataset("oracle-igraph") else { return Ok(()) };
    let kind = if graph.is_undirected() { "undirected" } else { "directed" };
    let file = folder.join(oracle).join(format!("BC-{kind}-exact.gz"));
    let scores = betweenness(graph).run()?.states().collect()?;
    assert_printed(&scores, &expected(&file)?, 1e-9, oracle);
    Ok(())
}

#[test]
fn email_eu_core_agrees_with_igraph() -> Result<()> {
    let Some(set) = public_dataset("snap-email-Eu-core") else { return Ok(()) };
    let edges = edge_list(&Context::local(2)?, set.join("email-Eu-core.txt"))?;
    against_igraph(&Graph::from_edges(&edges)?, "email-Eu-core")
}

#[test]
fn facebook_as_an_undirected_graph_agrees_with_igraph() -> Result<()> {
    let Some(set) = public_dataset("snap-facebook") else { return Ok(()) };
    let edges = edge_list(&Context::local(2)?, set.join("facebook_combined.txt"))?;
    against_igraph(&Graph::builder().undirected(true).edges(&edges)?, "facebook")
}

#[test]
#[ignore = "takes a minute; see the top of the file"]
fn wiki_vote_agrees_with_igraph() -> Result<()> {
    let Some(set) = public_dataset("snap-wiki-Vote") else { return Ok(()) };
    let edges = edge_list(&Context::local(2)?, set.join("Wiki-Vote.txt"))?;
    against_igraph(&Graph::from_edges(&edges)?, "wiki-Vote")
}

#[test]
#[ignore = "takes a minute; see the top of the file"]
fn the_roads_of_rome_with_their_parallel_arcs_agree_with_igraph() -> Result<()> {
    let Some(set) = public_dataset("roads-rome99") else { return Ok(()) };
    let mut edges = Vec::new();
    for line in lines(&set.join("rome99.gr"))? {
        if let Some(arc) = line.strip_prefix("a ") {
            let ends: Vec<u64> = arc.split(' ').flat_map(str::parse).collect();
            edges.push(Edge::from((ends[0], ends[1])));
        }
    }
    let edges = Context::local(2)?.parallelize(edges, 2);
    against_igraph(&Graph::from_edges(&edges)?, "rome99")
}

/// The vertices and edges of a graph in GraphML, numbered from 0 in the file's order.
fn graphml(path: &std::path::Path) -> Result<(Vec<String>, Vec<(usize, usize)>)> {
    let text = lines(path)?.join("\n");
    let attribute = |tag: &str, name: &str| -> Result<String> {
        let (_, rest) = tag.split_once(&format!(" {name}=\"")).ok_or_else(|| Error::user(name))?;
        Ok(rest.split('"').next().unwrap_or_default().to_owned())
    };
    let mut names = Vec::new();
    let mut edges = Vec::new();
    let mut places = std::collections::HashMap::new();
    for tag in text.split('<') {
        if tag.starts_with("node ") {
            let name = attribute(tag, "id")?;
            places.insert(name.clone(), names.len());
            names.push(name);
        } else if tag.starts_with("edge ") {
            edges.push((places[&attribute(tag, "source")?], places[&attribute(tag, "target")?]));
        }
    }
    Ok((names, edges))
}

/// Normalised scores that a student project published with its graphs.
fn against_networkx(name: &str) -> Result<()> {
    let Some(set) = public_dataset("betweenness-knightjulius") else { return Ok(()) };
    let (names, edges) = graphml(&set.join(format!("{name}.graphml.gz")))?;
    let ctx = Context::local(2)?;
    let vertices = ctx.parallelize((0..names.len() as u64).map(|id| (id, ())), 2);
    let edges = edges.into_iter().map(|(u, v)| Edge::from((u as u64, v as u64)));
    let builder = Graph::builder().undirected(true);
    let graph = builder.parts(&vertices, &ctx.parallelize(edges, 2))?;
    let mut expected = Vec::new();
    for line in lines(&set.join(format!("betweenness_centrality_{name}.txt")))?.iter().skip(1) {
        let (node, score) = line.split_once('\t').ok_or_else(|| Error::user(line))?;
        let place = names.iter().position(|name| name == node);
        let place = place.ok_or_else(|| Error::user(node))? as u64;
        expected.push((place, score.parse().map_err(Error::user)?));
    }
    expected.sort_by_key(|(place, _)| *place);
    let scores = betweenness(&graph).normalized(true).run()?.states().collect()?;
    assert_printed(&scores, &expected, 1e-9, name);
    Ok(())
}

#[test]
#[ignore = "takes a minute; see the top of the file"]
fn undirected_roads_agree_with_networkx() -> Result<()> {
    against_networkx("Road")
}

#[test]
#[ignore = "takes a minute; see the top of the file"]
fn a_crawl_agrees_with_networkx() -> Result<()> {
    against_networkx("Crawl")
}

/// The off-diagonal entries of a coordinate matrix, from 0; of a symmetric one both ways.
fn matrix(path: &std::path::Path) -> Result<(u64, Vec<(u64, u64)>)> {
    let rows = lines(path)?;
    let symmetric = rows[0].ends_with("symmetric");
    let mut rows = rows
        .iter()
        .filter(|row| !row.starts_with('%'))
        .map(|row| row.split_whitespace().take(2).flat_map(str::parse).collect::<Vec<u64>>());
    let size = rows.next().map_or(0, |size| size[0]);
    let entries = rows.flat_map(|row| {
        let (i, j) = (row[0] - 1, row[1] - 1);
        let both = symmetric && i != j;
        [(i, j)].into_iter().chain(both.then_some((j, i)))
    });
    Ok((size, entries.collect()))
}

#[test]
fn matrices_agree_with_lagraph_from_its_four_sources() -> Result<()> {
    let Some(set) = public_dataset("lagraph-data") else { return Ok(()) };
    let text = lines(&set.join("expected.json"))?.concat();
    let json: serde_json::Value = serde_json::from_str(&text).map_err(Error::user)?;
    let numbers = |name: String| -> Vec<f64> {
        let values = json["betweenness"][name].as_array().cloned().unwrap_or_default();
        values.iter().filter_map(serde_json::Value::as_f64).collect()
    };
    let ctx = Context::local(2)?;
    for name in ["karate", "west0067"] {
        let (size, entries) = matrix(&set.join(format!("{name}.mtx")))?;
        let vertices = ctx.parallelize((0..size).map(|id| (id, ())), 2);
        let edges = ctx.parallelize(entries.into_iter().map(Edge::from), 2);
        let graph = Graph::from_parts(&vertices, &edges)?;
        let sources = numbers(format!("{name}_sources")).into_iter().map(|id| id as u64);
        let scores = betweenness(&graph).sources(sources).run()?.states().collect()?;
        let expected = (0..).zip(numbers(format!("{name}_bc"))).collect::<Vec<_>>();
        // Six digits are given.
        assert_printed(&scores, &expected, 1e-5, name);
    }
    Ok(())
}
