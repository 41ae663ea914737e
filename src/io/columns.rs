//! Edges in columns with types, of formats that hand over batches of Arrow.
//!
//! Ids are columns of whole numbers, names columns of text, weights numbers of any kind, all plain
//! or by dictionary. A column of weights that are not wanted may be of any type. Errors tell the row, from 1, as the line, and the column by its place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema, SchemaRef};

use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Edge, VertexId};
use crate::input::{Split, input_files};
use crate::rdd::Context;

use super::column_faults::{WrongCell, damaged, guarded};
use super::column_values::{ids_in, is_number, is_text, is_whole, values_of, weights_in};
use super::fields::{A_WEIGHT, AN_ID, quoted};
use super::graph_input::GraphInput;
use super::keys::{Key, Keys};
use super::named::open_named;
use super::read_options::ReadOptions;

const NO_WEIGHTS: &str =
    "no weights, since the first file has none (--unit-weights leaves them out)";

/// A file of a columnar format, as its head describes it.
pub(super) struct ColumnFile<R> {
    pub(super) path: PathBuf,
    pub(super) schema: SchemaRef,
    /// Which rows a task reads: the first, and the one after the last.
    pub(super) rows: Vec<(u64, u64)>,
    pub(super) reader: R,
}

/// Takes a batch of columns; breaks when nobody reads on.
pub(super) type TakeBatch<'a> = dyn FnMut(&RecordBatch) -> Result<ControlFlow<()>, WrongCell> + 'a;

/// Reads a file's rows.
pub(super) trait ReadColumns: Send + Sync + 'static {
    /// Hands over some of the columns, in their order in the file, of the rows of a split.
    fn read(&self, split: &Split, columns: &[usize], take: &mut TakeBatch<'_>) -> Result<()>;
}

/// Opens files as one graph: `describe` reads the head of each, which should be `expected`.
pub(super) fn open_columns<R: ReadColumns>(
    context: &Context,
    paths: &[&Path],
    options: &ReadOptions,
    expected: &str,
    describe: fn(&Path) -> Result<ColumnFile<R>>,
) -> Result<GraphInput> {
    let mut files = Vec::new();
    for path in paths {
        for file in input_files(path)? {
            files.push(guarded(&file, 0, expected, || describe(&file))?);
        }
    }
    let keys = Keys::of(options);
    let mut described = BTreeMap::new();
    let mut splits = Vec::new();
    let mut weighted = options.weighted;
    let mut named = options.names;
    for (place, file) in files.into_iter().enumerate() {
        let layout = Layout::of(&file.path, &file.schema, &keys)?;
        if place == 0 && options.weight_column.is_none() {
            // Of others, each has what the first has.
            weighted &= layout.weight.is_some();
        }
        match &layout.weight {
            None if weighted => {
                return Err(missing(&file.path, &file.schema, &keys.weight, "weights"));
            }
            Some((place, name)) if options.weighted && !weighted => {
                return Err(at_column(
                    &file.path,
                    *place,
                    format!("a column {name:?}"),
                    NO_WEIGHTS,
                ));
            }
            Some((place, _)) if weighted => {
                check(&file.path, &file.schema, *place, is_number, "numbers")?;
            }
            _ => {}
        }
        named |= layout.has_names(&file.schema);
        splits.extend(file.rows.into_iter().map(|(start, end)| Split {
            path: file.path.clone(),
            start,
            end,
            compression: None,
        }));
        let layout = if weighted { layout } else { Layout { weight: None, ..layout } };
        described.insert(file.path, (layout, file.reader));
    }
    let files = Files(Arc::new(described));
    if named {
        return open_named(context, splits, weighted, move |split, take| {
            files.read(split, |layout, batch| {
                let (source, target) = (layout.names(batch, 0)?, layout.names(batch, 1)?);
                let weights = layout.weights(batch)?;
                for row in 0..batch.num_rows() {
                    let weight = weights.as_ref().and_then(|all| all.get(row)).copied();
                    let (source, target) = (source.at(row)?, target.at(row)?);
                    if take(&source, &target, weight.unwrap_or(1.0)).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            })
        });
    }
    Ok(if weighted {
        GraphInput::new(context.parsed_splits("columns", splits, move |split, rows| {
            files.read(split, |layout, batch| {
                let (source, target) = (layout.ids(batch, 0)?, layout.ids(batch, 1)?);
                let weights = layout.weights(batch)?.unwrap_or_default();
                for ((source, target), weight) in source.into_iter().zip(target).zip(weights) {
                    if rows.push(Edge::new(source, target, weight)).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            })
        }))
    } else {
        GraphInput::new(context.parsed_splits("columns", splits, move |split, rows| {
            files.read(split, |layout, batch| {
                let (source, target) = (layout.ids(batch, 0)?, layout.ids(batch, 1)?);
                for edge in source.into_iter().zip(target) {
                    if rows.push(Edge::from(edge)).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            })
        }))
    })
}

/// Files by their paths, and where edges stand in each.
struct Files<R>(Arc<BTreeMap<PathBuf, (Layout, R)>>);

impl<R> Clone for Files<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R: ReadColumns> Files<R> {
    fn read(
        &self,
        split: &Split,
        mut each: impl FnMut(&Layout, &RecordBatch) -> Result<ControlFlow<()>, WrongCell>,
    ) -> Result<()> {
        let Some((layout, reader)) = self.0.get(&split.path) else { return Ok(()) };
        reader.read(split, &layout.columns(), &mut |batch| each(layout, batch))
    }
}

/// The columns of a file that hold edges: source and target, by place and name.
#[derive(Debug, Clone)]
struct Layout {
    ends: [(usize, String); 2],
    weight: Option<(usize, String)>,
}

impl Layout {
    fn of(path: &Path, schema: &Schema, keys: &Keys) -> Result<Self> {
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let find = |key: &Key, what| {
            let place = key.find(&names).ok_or_else(|| missing(path, schema, key, what))?;
            Ok::<_, Error>((place, names.get(place).copied().unwrap_or_default().to_owned()))
        };
        let ends = [find(&keys.source, "sources")?, find(&keys.target, "targets")?];
        if ends[0].0 == ends[1].0 {
            return Err(Error::argument("source and target are the same column"));
        }
        for (place, _) in &ends {
            check(path, schema, *place, is_whole, "whole numbers or text")?;
        }
        let weight = match &keys.weight {
            Key::Usual(_) => keys.weight.find(&names).map(|place| (place, names[place].to_owned())),
            key => Some(find(key, "weights")?),
        };
        Ok(Self { ends, weight })
    }

    /// True when vertices have names for ids.
    fn has_names(&self, schema: &Schema) -> bool {
        self.ends.iter().any(|(place, _)| is_text(schema.field(*place).data_type()))
    }

    /// The places of the columns, in their order.
    fn columns(&self) -> Vec<usize> {
        let all = self.ends.iter().chain(&self.weight);
        let mut places: Vec<usize> = all.map(|(place, _)| *place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    fn column<'a>(&self, batch: &'a RecordBatch, place: usize) -> &'a ArrayRef {
        let before = self.columns().iter().filter(|other| **other < place).count();
        batch.column(before)
    }

    /// The ids at one of the ends.
    fn ids(&self, batch: &RecordBatch, end: usize) -> Result<Vec<VertexId>, WrongCell> {
        let column = &self.ends[end];
        let array = self.column(batch, column.0);
        let wrong = |row, found| wrong(row, column, found, AN_ID);
        if let Some(row) = (array.null_count() > 0).then(|| first_null(array)).flatten() {
            return Err(wrong(row, "null".to_owned()));
        }
        values_of(array, ids_in).map_err(|(row, found)| wrong(row, found))
    }

    /// The names at one of the ends.
    fn names<'a>(&'a self, batch: &RecordBatch, end: usize) -> Result<NamesOf<'a>, WrongCell> {
        let column = &self.ends[end];
        let array = Arc::clone(self.column(batch, column.0));
        let numbers = (!is_text(array.data_type())).then(|| self.ids(batch, end)).transpose()?;
        let dictionary = array.as_any_dictionary_opt().map(|dictionary| {
            let is_empty = dictionary.values().is_empty();
            let keys = if is_empty { Vec::new() } else { dictionary.normalized_keys() };
            (keys, Arc::clone(dictionary.values()))
        });
        Ok(NamesOf { column, array, numbers, dictionary })
    }

    /// The weights, where they are read.
    fn weights(&self, batch: &RecordBatch) -> Result<Option<Vec<f64>>, WrongCell> {
        let Some(column) = &self.weight else { return Ok(None) };
        let array = self.column(batch, column.0);
        let wrong = |row, found| wrong(row, column, found, A_WEIGHT);
        if let Some(row) = (array.null_count() > 0).then(|| first_null(array)).flatten() {
            return Err(wrong(row, "null".to_owned()));
        }
        let weights = values_of(array, weights_in).map_err(|(row, found)| wrong(row, found))?;
        match weights.iter().position(|weight| weight.is_nan()) {
            Some(row) => Err(wrong(row, "NaN".to_owned())),
            None => Ok(Some(weights)),
        }
    }
}

/// A column of names.
struct NamesOf<'a> {
    column: &'a (usize, String),
    array: ArrayRef,
    /// What the column has if it is whole numbers.
    numbers: Option<Vec<VertexId>>,
    /// The place of each row's name among the names, where names stand in a dictionary.
    dictionary: Option<(Vec<usize>, ArrayRef)>,
}

impl NamesOf<'_> {
    fn at(&self, row: usize) -> Result<Cow<'_, str>, WrongCell> {
        if let Some(numbers) = &self.numbers {
            return Ok(Cow::Owned(numbers.get(row).copied().unwrap_or_default().to_string()));
        }
        let text = match &self.dictionary {
            _ if self.array.is_null(row) => None,
            None => text_at(&self.array, row),
            Some((keys, values)) => keys
                .get(row)
                .filter(|key| values.is_valid(**key))
                .and_then(|key| text_at(values, *key)),
        };
        let null = || wrong(row, self.column, "null".to_owned(), "a name");
        text.map(Cow::Borrowed).ok_or_else(null)
    }
}

fn text_at(array: &ArrayRef, row: usize) -> Option<&str> {
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().value(row)),
        DataType::Utf8View => Some(array.as_string_view().value(row)),
        _ => None,
    }
}

fn wrong(row: usize, column: &(usize, String), found: String, expected: &'static str) -> WrongCell {
    WrongCell { row, column: column.clone(), found, expected }
}

fn first_null(array: &ArrayRef) -> Option<usize> {
    (0..array.len()).find(|row| array.is_null(*row))
}

/// Fails for a column of another type.
fn check(
    path: &Path,
    schema: &Schema,
    place: usize,
    is_good: fn(&DataType) -> bool,
    expected: &str,
) -> Result<()> {
    let field = schema.field(place);
    if is_good(field.data_type()) {
        return Ok(());
    }
    let found = format!("the column {:?} of the type {}", field.name(), field.data_type());
    Err(at_column(path, place, found, expected))
}

/// Makes an error of a column.
fn at_column(path: &Path, place: usize, found: String, expected: &str) -> Error {
    ErrorKind::Input {
        path: path.display().to_string(),
        line: 1,
        column: place as u64 + 1,
        found,
        expected: expected.to_owned(),
    }
    .into()
}

/// Makes an error of a column that is not there.
fn missing(path: &Path, schema: &Schema, key: &Key, what: &str) -> Error {
    let names = schema.fields().iter().map(|field| quoted(field.name().as_bytes()));
    let names = names.take(20).collect::<Vec<_>>().join(", ");
    let found = if names.is_empty() { "no columns".to_owned() } else { format!("columns {names}") };
    damaged(path, 0, found, &format!("a column of {what}: {}", key.words()))
}
