//! Checks of the values of edges, whose errors name the edge.

use std::sync::Arc;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{EdgeBlock, Graph, VertexId};

/// Checks that an algorithm can use the values of all edges. The error names the first edge of
/// which it cannot: `name` is what its value is, and `expected` what it should have been.
pub(super) fn check_weights<V, E>(
    graph: &Graph<V, E>,
    name: &str,
    expected: &str,
    is_good: impl Fn(f64) -> bool + Clone + Send + Sync + 'static,
) -> Result<()>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    let each = is_good.clone();
    let good = graph.edges.flat_map_ref("weights", None, move |block: &Arc<EdgeBlock<E>>| {
        [block.values.iter().all(|value| each((*value).into()))]
    });
    if good.fold(true, |a, b| a && b)? {
        return Ok(());
    }
    let bad = graph.edges().filter(move |edge| !is_good(edge.value.into()));
    let bad = bad.map(|edge| -> Found { Some((edge.source, edge.target, edge.value.into())) });
    match bad.fold(None, first)? {
        Some((source, target, value)) => Err(Error::unsuitable_graph(
            format!("the edge from {{}} to {{}} has the {name} {value}: expected {expected}"),
            [source, target],
        )),
        None => Ok(()),
    }
}

/// Checks that up to `count` finite values, none of them negative, add up to something finite. The
/// error names the first edge whose value is too large for that.
pub(super) fn check_sums<V, E>(graph: &Graph<V, E>, name: &str, count: u64) -> Result<()>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    let most = f64::MAX / count.max(1) as f64;
    if graph.lengths()?.total <= most {
        return Ok(());
    }
    let expected = format!("at most {most:e}, so that sums are finite");
    check_weights(graph, name, &expected, move |value| value <= most || value.is_infinite())
}

/// Source, target, value.
type Found = Option<(VertexId, VertexId, f64)>;

/// The edge with the smaller ends, so that the error is the same however edges are divided.
fn first(a: Found, b: Found) -> Found {
    match (a, b) {
        (Some(a), Some(b)) => Some(if (b.0, b.1) < (a.0, a.1) { b } else { a }),
        (a, b) => a.or(b),
    }
}
