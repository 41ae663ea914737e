//! Motifs.

use std::collections::BTreeMap;

use crate::graph::VertexId;

use super::run::{Broken, Run, Verdict, broken, whole};

/// A term of a pattern; a vertex by itself has no target.
#[derive(Debug, Clone, Copy)]
struct Term<'a> {
    source: &'a str,
    edge: &'a str,
    target: Option<&'a str>,
}

/// Edges of the graph by their ends.
#[derive(Debug)]
struct Edges {
    all: Vec<(VertexId, VertexId)>,
    out: BTreeMap<VertexId, Vec<VertexId>>,
    back: BTreeMap<VertexId, Vec<VertexId>>,
}

impl Edges {
    /// The edges between ends, as far as these are known.
    fn between(
        &self,
        source: Option<VertexId>,
        target: Option<VertexId>,
    ) -> Vec<(VertexId, VertexId)> {
        match (source, target) {
            (Some(from), to) => {
                let targets = self.out.get(&from).into_iter().flatten();
                let fits = targets.filter(|other| to.is_none_or(|to| to == **other));
                fits.map(|to| (from, *to)).collect()
            }
            (None, Some(to)) => {
                self.back.get(&to).into_iter().flatten().map(|from| (*from, to)).collect()
            }
            (None, None) => self.all.clone(),
        }
    }
}

/// What names stand for: a vertex, or the two ends of an edge.
type Bound<'a> = BTreeMap<&'a str, (VertexId, VertexId)>;

/// Matches: those that trying all edges for one term after another finds.
pub(super) fn motifs(run: &Run<'_>) -> Verdict {
    let pattern = run.argument("pattern", String::new())?;
    let (mut terms, mut negated) = (Vec::new(), Vec::new());
    for text in pattern.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        match text.strip_prefix('!') {
            Some(text) => negated.push(term(text)?),
            None => terms.push(term(text)?),
        }
    }
    let graph = run.graph;
    let mut edges = Edges { all: Vec::new(), out: BTreeMap::new(), back: BTreeMap::new() };
    graph.for_each_arc(|from, to, _| {
        let (from, to) = (graph.id(from), graph.id(to));
        edges.all.push((from, to));
        edges.out.entry(from).or_default().push(to);
        edges.back.entry(to).or_default().push(from);
    });
    let ids: Vec<VertexId> = (0..graph.vertex_count()).map(|vertex| graph.id(vertex)).collect();
    let mut expected = Vec::new();
    let holds = |bound: &Bound<'_>| {
        negated.iter().all(|term| {
            let end = |name: &str| bound.get(name).map(|(id, _)| *id);
            edges.between(end(term.source), term.target.and_then(end)).is_empty()
        })
    };
    let columns = &run.table.columns;
    look(&terms, &ids, &edges, &mut Bound::new(), &mut |bound| {
        if holds(bound) {
            let cells = columns.iter().map(|column| match column.split_once('.') {
                None => bound.get(column.as_str()).map(|(id, _)| *id),
                Some((edge, "source")) => bound.get(edge).map(|(source, _)| *source),
                Some((edge, _)) => bound.get(edge).map(|(_, target)| *target),
            });
            expected.push(cells.collect::<Option<Vec<VertexId>>>());
        }
    });
    let mut found = Vec::new();
    for row in run.rows()?.collect()? {
        found.push(row.iter().map(|cell| whole(Some(cell))).collect::<Option<Vec<VertexId>>>());
    }
    found.sort_unstable();
    expected.sort_unstable();
    match found.iter().zip(&expected).find(|(found, expected)| found != expected) {
        Some((found, expected)) => {
            let (found, expected) = (shown(found.as_ref()), shown(expected.as_ref()));
            broken(format!("the match {found} where {expected} comes next"))
        }
        None if found.len() != expected.len() => {
            broken(format!("{} matches, expected {}", found.len(), expected.len()))
        }
        None => Ok(()),
    }
}

fn shown(row: Option<&Vec<VertexId>>) -> String {
    format!("{:?}", row.map(Vec::as_slice).unwrap_or_default())
}

/// Takes a term of a pattern that was read before apart.
fn term(text: &str) -> Verdict<Term<'_>> {
    let missing = || Broken::Property(format!("{text:?} is no term"));
    let (source, rest) = between(text, '(', ')').ok_or_else(missing)?;
    let Some((edge, rest)) = between(rest, '[', ']') else {
        return Ok(Term { source, edge: "", target: None });
    };
    let (target, _) = between(rest, '(', ')').ok_or_else(missing)?;
    Ok(Term { source, edge, target: Some(target) })
}

/// What stands between two brackets, and what comes after them.
fn between(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once(open)?;
    let (name, rest) = rest.split_once(close)?;
    Some((name.trim(), rest))
}

/// Binds the names of one term after another, those first whose ends are known.
fn look<'a>(
    terms: &[Term<'a>],
    ids: &[VertexId],
    edges: &Edges,
    bound: &mut Bound<'a>,
    each: &mut impl FnMut(&Bound<'a>),
) {
    let known = |name: &str| usize::from(bound.contains_key(name));
    let known = |term: &Term<'_>| known(term.source) + term.target.map_or(0, known);
    let next = (0..terms.len()).max_by_key(|at| known(&terms[*at]));
    let Some(next) = next else { return each(bound) };
    let term = terms[next];
    let rest: Vec<Term<'a>> =
        (0..terms.len()).filter(|at| *at != next).map(|at| terms[at]).collect();
    let before = bound.clone();
    let end = |bound: &Bound<'_>, name: &str| bound.get(name).map(|(id, _)| *id);
    let Some(target) = term.target else {
        let choices = match end(bound, term.source) {
            Some(id) => vec![id],
            None => ids.to_vec(),
        };
        for id in choices {
            bound.insert(term.source, (id, id));
            look(&rest, ids, edges, bound, each);
            bound.clone_from(&before);
        }
        return;
    };
    for (from, to) in edges.between(end(bound, term.source), end(bound, target)) {
        if !term.source.is_empty() && term.source == target && from != to {
            continue;
        }
        for (name, value) in
            [(term.source, (from, from)), (target, (to, to)), (term.edge, (from, to))]
        {
            if !name.is_empty() {
                bound.insert(name, value);
            }
        }
        look(&rest, ids, edges, bound, each);
        bound.clone_from(&before);
    }
}
