//! Edges between vertices with names, of formats that hand over both.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::graph::Edge;
use crate::input::Split;
use crate::rdd::Context;

use super::graph_input::GraphInput;
use super::names::Names;

/// Takes a source, a target and a weight; breaks when nobody reads on.
pub(super) type TakeNamed<'a> = dyn FnMut(&str, &str, f64) -> ControlFlow<()> + 'a;

/// Numbers the names that the splits have, then reads the edges, which a split is read for twice.
pub(super) fn open_named(
    context: &Context,
    splits: Vec<Split>,
    weighted: bool,
    read: impl Fn(&Split, &mut TakeNamed<'_>) -> Result<()> + Clone + Send + Sync + 'static,
) -> Result<GraphInput> {
    let parts = splits.len().max(1);
    let ends_of = read.clone();
    let ends = context.parsed_splits("names", splits.clone(), move |split, rows| {
        ends_of(split, &mut |source, target, _| {
            if rows.push(source.to_owned()).is_break() {
                return ControlFlow::Break(());
            }
            rows.push(target.to_owned())
        })
    });
    let names = Arc::new(Names::new(ends.distinct(parts).collect()?)?);
    let numbers = Numbers { names: Arc::clone(&names), read };
    let mut input = if weighted {
        GraphInput::new(context.parsed_splits("named_edges", splits, move |split, rows| {
            numbers
                .each(split, |source, target, weight| rows.push(Edge::new(source, target, weight)))
        }))
    } else {
        GraphInput::new(context.parsed_splits("named_edges", splits, move |split, rows| {
            numbers.each(split, |source, target, _| rows.push(Edge::from((source, target))))
        }))
    };
    input.names = Some(names);
    Ok(input)
}

#[derive(Clone)]
struct Numbers<R> {
    names: Arc<Names>,
    read: R,
}

impl<R: Fn(&Split, &mut TakeNamed<'_>) -> Result<()>> Numbers<R> {
    /// Hands over the edges of a split by number.
    fn each(
        &self,
        split: &Split,
        mut each: impl FnMut(u64, u64, f64) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut has_changed = false;
        (self.read)(split, &mut |source, target, weight| match (
            self.names.id(source),
            self.names.id(target),
        ) {
            (Some(source), Some(target)) => each(source, target, weight),
            _ => {
                has_changed = true;
                ControlFlow::Break(())
            }
        })?;
        if has_changed {
            let path = split.path.display();
            return Err(Error::user(format!("{path}: the file was changed while it was read")));
        }
        Ok(())
    }
}
