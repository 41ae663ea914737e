//! What is left when the weakest are taken away, one after another.

use std::collections::BTreeMap;

use super::run::{Broken, Run, Verdict, broken, whole};

/// Core numbers: those of taking away a vertex of the smallest degree again and again (Matula and
/// Beck).
pub(super) fn k_core(run: &Run<'_>) -> Verdict {
    let neighbors = run.graph.simple();
    let mut degrees: Vec<usize> = neighbors.iter().map(Vec::len).collect();
    let mut by_degree = vec![Vec::new(); degrees.iter().max().map_or(0, |most| most + 1)];
    degrees.iter().enumerate().for_each(|(vertex, degree)| by_degree[*degree].push(vertex));
    let mut cores = vec![u64::MAX; neighbors.len()];
    let mut k = 0;
    while k < by_degree.len() {
        let Some(vertex) = by_degree[k].pop() else {
            k += 1;
            continue;
        };
        if cores[vertex] != u64::MAX || degrees[vertex] > k {
            continue;
        }
        cores[vertex] = k as u64;
        for other in neighbors[vertex].iter().map(|other| *other as usize) {
            if cores[other] == u64::MAX && degrees[other] > k {
                degrees[other] -= 1;
                by_degree[degrees[other]].push(other);
            }
        }
    }
    run.same(&run.ordered_wholes()?, &cores)
}

/// A truss: its edges are those whose truss numbers are at least k.
pub(super) fn k_truss(run: &Run<'_>) -> Verdict {
    let Some(k) = run.arguments.get::<u64>("k")? else {
        return broken("it is not told which truss it is");
    };
    let found = edges(run)?;
    let numbers = truss_numbers(&run.graph.simple());
    let expected: Vec<_> =
        numbers.into_iter().filter(|(_, number)| *number >= k).map(|(ends, _)| ends).collect();
    let found: Vec<_> = found.into_iter().map(|(ends, _)| ends).collect();
    same_edges(run, &found, &expected)
}

/// Truss numbers: those of taking away an edge in the fewest triangles again and again (Wang and
/// Cheng).
pub(super) fn truss_numbers_of_all(run: &Run<'_>) -> Verdict {
    let found = edges(run)?;
    let expected: Vec<_> = truss_numbers(&run.graph.simple()).into_iter().collect();
    let ends = |rows: &[(Ends, u64)]| rows.iter().map(|(ends, _)| *ends).collect::<Vec<_>>();
    same_edges(run, &ends(&found), &ends(&expected))?;
    let largest = expected.iter().map(|(_, number)| *number).max();
    run.figure_is("largest", largest.unwrap_or_default())?;
    match found.iter().zip(&expected).find(|(found, expected)| found != expected) {
        None => Ok(()),
        Some((((a, b), number), (_, expected))) => {
            let (a, b) = (run.graph.id(*a as usize), run.graph.id(*b as usize));
            broken(format!("the edge from {a} to {b} has {number}, expected {expected}"))
        }
    }
}

/// The places of an edge's ends, the smaller one first.
type Ends = (u32, u32);

/// The rows, of edges with their smaller ids first, in order; the third column where there is one.
fn edges(run: &Run<'_>) -> Verdict<Vec<(Ends, u64)>> {
    let mut edges = Vec::new();
    for row in run.rows()?.collect()? {
        let place = |column| run.graph.place(whole(row.get(column))?);
        let (Some(a), Some(b)) = (place(0), place(1)) else {
            return Err(Broken::Property("a row is not an edge of the graph".to_owned()));
        };
        edges.push(((a as u32, b as u32), whole(row.get(2)).unwrap_or_default()));
    }
    edges.sort_unstable();
    Ok(edges)
}

fn same_edges(run: &Run<'_>, found: &[Ends], expected: &[Ends]) -> Verdict {
    let shown = |(a, b): &Ends| {
        format!("the edge from {} to {}", run.graph.id(*a as usize), run.graph.id(*b as usize))
    };
    if let Some(row) = found.iter().find(|row| expected.binary_search(row).is_err()) {
        return broken(format!("{} is one row too many", shown(row)));
    }
    if let Some(row) = expected.iter().find(|row| found.binary_search(row).is_err()) {
        return broken(format!("{} is missing", shown(row)));
    }
    if found.len() == expected.len() { Ok(()) } else { broken("a row is there twice") }
}

/// The largest k for which each edge is in the k-truss.
fn truss_numbers(neighbors: &[Vec<u32>]) -> BTreeMap<Ends, u64> {
    let ends = |a: u32, b: u32| (a.min(b), a.max(b));
    let common = |(a, b): Ends| {
        let (a, b) = (&neighbors[a as usize], &neighbors[b as usize]);
        let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
        few.iter().copied().filter(|third| many.binary_search(third).is_ok())
    };
    let mut support = BTreeMap::new();
    for (a, others) in (0..).zip(neighbors) {
        for b in others.iter().filter(|b| a < **b) {
            support.insert((a, *b), common((a, *b)).count());
        }
    }
    let mut by_support = vec![Vec::new(); support.values().max().map_or(0, |most| most + 1)];
    support.iter().for_each(|(edge, count)| by_support[*count].push(*edge));
    let mut numbers = BTreeMap::new();
    let mut least = 0;
    while least < by_support.len() {
        let Some(edge) = by_support[least].pop() else {
            least += 1;
            continue;
        };
        if support.get(&edge).is_none_or(|count| *count > least) {
            continue;
        }
        support.remove(&edge);
        numbers.insert(edge, least as u64 + 2);
        for third in common(edge) {
            let sides = [ends(edge.0, third), ends(edge.1, third)];
            if sides.iter().all(|side| support.contains_key(side)) {
                for side in sides {
                    if let Some(count) = support.get_mut(&side)
                        && *count > least
                    {
                        *count -= 1;
                        by_support[*count].push(side);
                    }
                }
            }
        }
    }
    numbers
}
