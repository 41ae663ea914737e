//! Edges as batches of Arrow, for formats of columns.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::error::{Error, Result};
use crate::rdd::Rdd;

use super::graph_input::GraphInput;
use super::names::Names;

/// Returns the columns of a graph's edges: ids are `UInt64`, names `Utf8`, weights `Float64`.
pub(super) fn schema_of(graph: &GraphInput) -> SchemaRef {
    let end = if graph.names.is_some() { DataType::Utf8 } else { DataType::UInt64 };
    let mut fields =
        vec![Field::new("source", end.clone(), false), Field::new("target", end, false)];
    if graph.is_weighted() {
        fields.push(Field::new("weight", DataType::Float64, false));
    }
    Arc::new(Schema::new(fields))
}

/// The columns of a partition: sources, targets and, where there are any, weights.
type Columns = (Vec<u64>, Vec<u64>, Vec<f64>);

/// Hands over the edges, a batch for each partition that has any.
pub(super) fn put_batches(
    graph: &GraphInput,
    mut put: impl FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let schema = schema_of(graph);
    let names = graph.names.as_deref();
    let columns: Rdd<Columns> = graph.edges_with_weights().map_partitions(|edges| {
        let mut columns = Columns::default();
        for (source, target, weight) in edges {
            columns.0.push(source);
            columns.1.push(target);
            columns.2.extend(weight);
        }
        [columns]
    });
    for columns in columns.to_local_iterator()? {
        let (sources, targets, weights) = columns?;
        if sources.is_empty() {
            continue;
        }
        let mut arrays = vec![ends(sources, names), ends(targets, names)];
        if graph.is_weighted() {
            arrays.push(Arc::new(Float64Array::from(weights)));
        }
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays);
        put(&batch.map_err(|error| Error::internal(format!("a batch of edges: {error}")))?)?;
    }
    Ok(())
}

fn ends(ids: Vec<u64>, names: Option<&Names>) -> ArrayRef {
    let Some(names) = names else { return Arc::new(UInt64Array::from(ids)) };
    let mut column = StringBuilder::new();
    ids.iter().for_each(|id| column.append_value(names.name(*id).unwrap_or_default()));
    Arc::new(column.finish())
}
