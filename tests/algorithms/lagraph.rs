//! What LAGraph's own tests expect of its matrices. Betweenness, triangles, label propagation and
//! clustering coefficients are in the files of these algorithms.

use std::path::{Path, PathBuf};

use serde_json::Value;
use superstep::Result;
use superstep::algorithms::{
    connected_components, k_core, k_truss, page_rank, strongly_connected_components, truss_numbers,
};
use superstep::prelude::*;

use crate::matrix_market::matrix;
use crate::multigraph::{Multigraph, assert_near};
use crate::support::public_dataset;

fn expected(set: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(set.join("expected.json")).unwrap()).unwrap()
}

/// A matrix by its name, which may be packed; some are named and not there.
fn file(set: &Path, name: &str) -> Option<PathBuf> {
    [set.join(name), set.join(format!("{name}.gz"))].into_iter().find(|file| file.is_file())
}

/// A number and a file in each row of a table.
fn rows(table: &Value) -> Vec<(u64, String)> {
    let word = |value: &Value| match value {
        Value::String(text) => text.trim_matches(['"', ',']).to_owned(),
        number => number.as_f64().unwrap().to_string(),
    };
    let rows = table.as_array().unwrap().iter();
    rows.map(|row| (word(&row[0]).parse().unwrap(), word(&row[1]))).collect()
}

/// Values in id order from 0.
fn numbers(values: &Value) -> Vec<(u64, f64)> {
    let values = values.as_array().unwrap().iter();
    (0..).zip(values).map(|(id, value)| (id, value.as_f64().unwrap())).collect()
}

#[test]
fn matrices_have_as_many_components_as_lagraph_finds() -> Result<()> {
    let Some(set) = public_dataset("lagraph-data") else { return Ok(()) };
    let mut checked = 0;
    for (count, name) in rows(&expected(&set)["connected_components_count"]) {
        let Some(file) = file(&set, &name) else { continue };
        let labels = matrix(&file)?.same(|graph| connected_components(graph)?.collect())?;
        let roots = labels.iter().filter(|(id, label)| id == label).count();
        assert_eq!(roots as u64, count, "{name}");
        checked += 1;
    }
    assert_eq!(checked, 9);
    Ok(())
}

#[test]
fn ranks_of_matrices_are_those_of_lagraph() -> Result<()> {
    let Some(set) = public_dataset("lagraph-data") else { return Ok(()) };
    for name in ["karate", "west0067", "ldbc-directed-example"] {
        let golden =
            numbers(&expected(&set)["pagerank"][format!("{}_rank", name.replace('-', "_"))]);
        let ranks = |graph: &Graph| page_rank(graph).tolerance(1e-14).run()?.states().collect();
        let found = matrix(&set.join(format!("{name}.mtx")))?.close(ranks)?;
        // LAGraph ends once an iteration changes less than 1e-4.
        assert_near(&found, &golden, 1e-4, name);
    }
    Ok(())
}

#[test]
fn the_largest_cores_are_those_of_lagraph() -> Result<()> {
    let Some(set) = public_dataset("lagraph-data") else { return Ok(()) };
    let golden = rows(&expected(&set)["AllKCore"]["tables"]);
    assert_eq!(golden.len(), 2);
    for (largest, name) in golden {
        let found = matrix(&set.join(&name))?.same(|graph| k_core(graph)?.states().collect())?;
        assert_eq!(found.iter().map(|(_, core)| u64::from(*core)).max(), Some(largest), "{name}");
    }
    Ok(())
}

#[test]
fn the_strong_components_of_a_covering_are_those_of_lagraph() -> Result<()> {
    let Some(set) = public_dataset("lagraph-data") else { return Ok(()) };
    let golden = numbers(&expected(&set)["scc"]["arrays"]["scc_cover"]);
    let golden: Vec<_> = golden.into_iter().map(|(id, label)| (id, label as u64)).collect();
    let graph = matrix(&set.join("cover.mtx"))?;
    let found = graph.same(|graph| strongly_connected_components(graph)?.labels().collect())?;
    assert_eq!(found, golden);
    Ok(())
}

#[test]
fn the_trusses_of_three_hold_the_triangles_that_lagraph_counts_in_them() -> Result<()> {
    let Some(set) = public_dataset("lagraph-data") else { return Ok(()) };
    let golden = rows(&expected(&set)["AllKtruss"]["tables"]);
    assert_eq!(golden.len(), 9);
    for (count, name) in golden {
        let graph = matrix(&file(&set, &name).unwrap())?;
        // Small ones in every number of partitions.
        let edges = if graph.edges.len() < 10_000 {
            let truss = graph.same(|graph| k_truss(graph, 3)?.edges().collect())?;
            let numbers = graph.same(|graph| truss_numbers(graph)?.collect())?;
            let at_least_three = numbers.into_iter().filter(|(_, truss)| *truss >= 3);
            assert!(at_least_three.map(|(edge, _)| edge).eq(truss.iter().copied()), "{name}");
            truss
        } else {
            let ctx = Context::local(2)?;
            k_truss(&graph.build(&ctx, 3)?, 3)?.edges().collect()?
        };
        assert_eq!(triangles(&Multigraph::undirected(&edges)), count, "{name}");
    }
    Ok(())
}

/// Triangles of a simple graph, by looking each wedge of neighbors in order up.
fn triangles(graph: &Multigraph) -> u64 {
    let neighbors = graph.simple();
    let larger = |v: usize| neighbors[v].iter().copied().filter(move |other| *other > v);
    let closed = |a: usize| larger(a).flat_map(move |b| larger(b).map(move |c| (a, c)));
    let all = (0..neighbors.len()).flat_map(closed);
    all.filter(|(a, c)| neighbors[*a].binary_search(c).is_ok()).count() as u64
}
