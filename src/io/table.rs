//! Edge lists as tables: columns by number or name, any delimiter, quotes, names for ids.
//!
//! [`edge_lists`](super::edge_lists) is several times as fast and serves where nothing of this is
//! asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::graph::Edge;
use crate::input::{DEFAULT_SPLIT_BYTES, Split, input_error, input_files, plan_splits};
use crate::rdd::Context;

use super::bad_lines::BadLines;
use super::edge_lines::{LINE_ENDS, lone_return};
use super::fields::{
    A_WEIGHT, AN_ID, Fault, Line, expected_weight, quoted, read_lines, read_most_lines, weight_of,
    whole_number,
};
use super::graph_input::GraphInput;
use super::keys::{Key, Keys};
use super::names::Names;
use super::read_options::{Column, ReadOptions};
use super::write::{Put, push_weight};

/// Opens lists as the options say.
pub(super) fn open_table(
    context: &Context,
    paths: &[&Path],
    options: &ReadOptions,
) -> Result<GraphInput> {
    let table = Arc::new(Table::describe(paths, options)?);
    let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
    if options.names {
        return open_names(context, splits, table, options.weighted);
    }
    Ok(if options.weighted {
        GraphInput::new(context.parsed_splits("table", splits, move |split, rows| {
            table.read(split, |line, cells| {
                let (source, target) = ids(line, cells)?;
                Ok(rows.push(Edge::new(source, target, weight(line, cells)?)))
            })
        }))
    } else {
        GraphInput::new(context.parsed_splits("table", splits, move |split, rows| {
            table.read(split, |line, cells| Ok(rows.push(Edge::from(ids(line, cells)?))))
        }))
    })
}

/// Opens lists whose vertices have names: numbers them, then reads the edges.
fn open_names(
    context: &Context,
    splits: Vec<Split>,
    table: Arc<Table>,
    weighted: bool,
) -> Result<GraphInput> {
    let parts = splits.len().max(1);
    let lines = Arc::clone(&table);
    let ends = context.parsed_splits("names", splits.clone(), move |split, rows| {
        lines.read(split, |line, cells| {
            let (source, target) = names(line, cells)?;
            if rows.push(source.into_owned()).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            Ok(rows.push(target.into_owned()))
        })
    });
    let all = Arc::new(Names::new(ends.distinct(parts).collect()?)?);
    let numbers = Arc::clone(&all);
    let number = move |name: &str| {
        let changed = || Fault::new(0, "a name that was there when the names were numbered");
        numbers.id(name).ok_or_else(changed)
    };
    let mut input = if weighted {
        GraphInput::new(context.parsed_splits("named_table", splits, move |split, rows| {
            table.read(split, |line, cells| {
                let (source, target) = names(line, cells)?;
                let weight = weight(line, cells)?;
                Ok(rows.push(Edge::new(number(&source)?, number(&target)?, weight)))
            })
        }))
    } else {
        GraphInput::new(context.parsed_splits("named_table", splits, move |split, rows| {
            table.read(split, |line, cells| {
                let (source, target) = names(line, cells)?;
                Ok(rows.push(Edge::from((number(&source)?, number(&target)?))))
            })
        }))
    };
    input.names = Some(all);
    Ok(input)
}

/// What stands between columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiter {
    /// Any number of spaces and tabs.
    Blanks,
    /// This byte.
    Byte(u8),
}

impl Delimiter {
    /// Tells it from a line: of tab, comma, semicolon and bar the first that is there, else blanks.
    fn of(line: &[u8]) -> Self {
        let bytes = [b'\t', b',', b';', b'|'];
        let there = bytes.into_iter().find(|byte| line.contains(byte));
        there.map_or(Self::Blanks, Self::Byte)
    }
}

/// A field of a line, and where it starts.
#[derive(Debug, Clone)]
struct Cell<'a> {
    at: usize,
    text: Cow<'a, [u8]>,
}

/// The source, the target and the weight of a line, as far as it has them.
type Cells<'a> = [Option<Cell<'a>>; 3];

/// How lists are laid out.
#[derive(Debug)]
struct Table {
    /// Of each file that is not empty.
    layouts: BTreeMap<PathBuf, Layout>,
    bad_lines: Option<BadLines>,
    /// Names are taken with the blanks around them.
    names: bool,
}

/// How a list is laid out.
#[derive(Debug, Clone, Copy)]
struct Layout {
    delimiter: Delimiter,
    source: usize,
    target: usize,
    weight: Option<usize>,
    /// Where the lines after a header start.
    start: u64,
}

/// The first list of several, which the others are like.
struct First {
    layout: Layout,
    /// Its header, if it has one.
    header: Option<Vec<u8>>,
    /// Which of source, target and weight are found by a name in the header.
    names: [Option<String>; 3],
}

impl Table {
    fn describe(paths: &[&Path], options: &ReadOptions) -> Result<Self> {
        let mut first: Option<First> = None;
        let mut layouts = BTreeMap::new();
        for path in paths {
            for file in input_files(path)? {
                let whole = Split::whole(&file)?;
                let Some(begin) = Begin::read(&whole)? else { continue };
                let layout = match &first {
                    Some(first) => first.layout_like_it(&whole, &begin, options)?,
                    None => first.insert(First::describe(&whole, &begin, options)?).layout,
                };
                layouts.insert(file, layout);
            }
        }
        Ok(Self { layouts, bad_lines: options.bad_lines.clone(), names: options.names })
    }

    /// Hands over the lines with an edge that a split owns.
    fn read(
        &self,
        split: &Split,
        mut each: impl FnMut(&[u8], &Cells<'_>) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<()> {
        let Some(layout) = self.layouts.get(&split.path) else { return Ok(()) };
        read_most_lines(split, self.bad_lines.as_ref(), |line| {
            if line.offset < layout.start || is_skipped(line) {
                return Ok(ControlFlow::Continue(()));
            }
            each(line.bytes, &layout.cells(line.bytes, self.names))
        })
    }
}

impl Layout {
    /// True when a line has ids where they should be.
    fn has_ids(&self, line: &[u8]) -> bool {
        ids(line, &self.cells(line, false)).is_ok()
    }

    /// Cuts a line; names are taken with the blanks around them.
    fn cells<'a>(&self, line: &'a [u8], names: bool) -> Cells<'a> {
        let mut cells = [None, None, None];
        let last = self.source.max(self.target).max(self.weight.unwrap_or_default());
        for (index, mut cell) in split_cells(line, self.delimiter).take(last + 1).enumerate() {
            if !names || self.weight == Some(index) {
                let before = cell.text.len() - cell.text.trim_ascii_start().len();
                cell.at += before;
                cell.text = match cell.text {
                    Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
                    Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_vec()),
                };
            }
            if self.weight == Some(index) {
                cells[2] = Some(cell.clone());
            }
            if index == self.source {
                cells[0] = Some(cell);
            } else if index == self.target {
                cells[1] = Some(cell);
            }
        }
        cells
    }
}

impl First {
    /// Describes a list: columns with names are found in its header.
    fn describe(file: &Split, begin: &Begin, options: &ReadOptions) -> Result<Self> {
        let delimiter = match options.delimiter {
            Some(b' ') => Delimiter::Blanks,
            Some(byte) => Delimiter::Byte(byte),
            None => Delimiter::of(&begin.line),
        };
        let columns = [&options.source_column, &options.target_column, &options.weight_column];
        let named = |column: &Option<Column>| match column {
            Some(Column::Name(name)) => Some(name.clone()),
            _ => None,
        };
        let mut names = columns.map(named);
        let chosen = columns.into_iter().any(Option::is_some);
        let may_begin = options.header.unwrap_or(!options.names);
        if !chosen && may_begin {
            names = usual_names(&begin.line, delimiter).unwrap_or(names);
        }
        let mut places = [0, 1, 2];
        for ((place, column), name) in places.iter_mut().zip(columns).zip(&names) {
            if let Some(name) = name {
                *place = begin.place(file, delimiter, name)?;
            } else if let Some(Column::Number(number)) = column {
                *place = number.saturating_sub(1);
            }
        }
        let [source, target, weight] = places;
        if source == target {
            return Err(Error::argument("source and target are the same column"));
        }
        let weight = options.weighted.then_some(weight);
        let mut layout = Layout { delimiter, source, target, weight, start: 0 };
        let has_names = names.iter().any(Option::is_some);
        let is_header = has_names
            || options.header.unwrap_or_else(|| !options.names && begin.has_words(&layout));
        if is_header {
            layout.start = begin.next;
        }
        Ok(Self { layout, header: is_header.then(|| begin.line.clone()), names })
    }

    /// Describes a further list. It has a header of its own, perhaps with the columns elsewhere, or
    /// none.
    fn layout_like_it(&self, file: &Split, begin: &Begin, options: &ReadOptions) -> Result<Layout> {
        let mut layout = Layout { start: 0, ..self.layout };
        if let Delimiter::Byte(byte) = layout.delimiter
            && options.delimiter.is_none()
            && !begin.line.contains(&byte)
        {
            layout.delimiter = Delimiter::of(&begin.line);
        }
        let Some(header) = &self.header else {
            if options.header.is_none() && !options.names && begin.has_words(&layout) {
                layout.start = begin.next;
            }
            return Ok(layout);
        };
        let is_data = !options.names && layout.has_ids(&begin.line);
        if *header == begin.line {
            layout.start = begin.next;
        } else if !is_data && self.names.iter().any(Option::is_some) {
            let [source, target, weight] = &self.names;
            let place = |name: &Option<String>, place| match name {
                Some(name) => begin.place(file, layout.delimiter, name),
                None => Ok(place),
            };
            layout.source = place(source, layout.source)?;
            layout.target = place(target, layout.target)?;
            layout.weight = layout.weight.map(|known| place(weight, known)).transpose()?;
            layout.start = begin.next;
        } else if options.names {
            // Nothing tells a name from the name of a column.
            let expected = format!("the header of the first file, {}", quoted(header));
            return Err(input_error(file, begin.offset, 1, quoted(&begin.line), expected));
        } else if !is_data {
            layout.start = begin.next;
        }
        Ok(layout)
    }
}

/// The names of the columns of a header that has a usual one for the source and one for the target.
fn usual_names(line: &[u8], delimiter: Delimiter) -> Option<[Option<String>; 3]> {
    let cells: Vec<_> = split_cells(line, delimiter)
        .map(|cell| String::from_utf8_lossy(cell.text.trim_ascii()).into_owned())
        .collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let keys = Keys::of(&ReadOptions::default());
    let name = |key: &Key| key.find(&cells).map(|place| cells[place].to_owned());
    Some([Some(name(&keys.source)?), Some(name(&keys.target)?), name(&keys.weight)])
}

/// True for a line without an edge.
fn is_skipped(line: Line<'_>) -> bool {
    line.bytes.is_empty()
        || matches!(line.bytes.trim_ascii_start().first(), Some(b'#' | b'%'))
        || (line.bytes.trim_ascii().is_empty() && !line.bytes.contains(&b'\t'))
}

/// The first line of a file that is neither empty nor a comment.
struct Begin {
    line: Vec<u8>,
    offset: u64,
    next: u64,
}

impl Begin {
    fn read(file: &Split) -> Result<Option<Self>> {
        let mut begin = None;
        read_lines(file, |line| {
            if let Some(at) = lone_return(line.bytes) {
                return Err(Fault::new(at, LINE_ENDS).found(quoted(b"\r")));
            }
            if is_skipped(line) {
                return Ok(ControlFlow::Continue(()));
            }
            begin = Some(Self { line: line.bytes.to_vec(), offset: line.offset, next: line.next });
            Ok(ControlFlow::Break(()))
        })?;
        Ok(begin)
    }

    /// Returns which column has a name.
    fn place_of(&self, delimiter: Delimiter, name: &str) -> Option<usize> {
        let mut cells = split_cells(&self.line, delimiter);
        cells.position(|cell| cell.text.trim_ascii() == name.as_bytes())
    }

    /// Returns which column has a name, or fails.
    fn place(&self, file: &Split, delimiter: Delimiter, name: &str) -> Result<usize> {
        self.place_of(delimiter, name).ok_or_else(|| {
            let found = quoted(&self.line);
            input_error(file, self.offset, 1, found, format!("a column {name:?}"))
        })
    }

    /// True when words stand where ids should.
    fn has_words(&self, layout: &Layout) -> bool {
        let [source, target, _] = layout.cells(&self.line, false);
        let is_word = |cell: Option<Cell<'_>>| {
            let text = cell.map(|cell| cell.text.into_owned()).unwrap_or_default();
            let first = String::from_utf8_lossy(&text).chars().next();
            first.is_some_and(|first| first.is_alphabetic() || first == '_')
        };
        is_word(source) && is_word(target)
    }
}

/// Cuts a line at its delimiters. A field may stand in quotes, where a delimiter does not count and
/// two quotes are one, as in RFC 4180; it ends with its line.
fn split_cells(line: &[u8], delimiter: Delimiter) -> impl Iterator<Item = Cell<'_>> {
    let mut at = Some(0);
    std::iter::from_fn(move || {
        let mut start = at?;
        let byte = match delimiter {
            Delimiter::Byte(byte) => byte,
            Delimiter::Blanks => {
                let rest = line.get(start..)?;
                start += rest.len() - rest.trim_ascii_start().len();
                if start >= line.len() {
                    at = None;
                    return None;
                }
                let rest = line.get(start..)?;
                let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\t'));
                at = end.map(|end| start + end);
                let text = rest.get(..end.unwrap_or(rest.len()))?;
                return Some(Cell { at: start, text: Cow::Borrowed(text) });
            }
        };
        let rest = line.get(start..)?;
        if rest.first() == Some(&b'"') && byte != b'\t' {
            let (text, length) = unquoted(rest);
            let after = rest.get(length..)?;
            let end = after.iter().position(|found| *found == byte);
            at = end.map(|end| start + length + end + 1);
            return Some(Cell { at: start, text: Cow::Owned(text) });
        }
        let end = rest.iter().position(|found| *found == byte);
        at = end.map(|end| start + end + 1);
        let text = rest.get(..end.unwrap_or(rest.len()))?;
        Some(Cell { at: start, text: Cow::Borrowed(text) })
    })
}

/// Reads a field that begins with a quote, and returns its length with the quotes.
fn unquoted(field: &[u8]) -> (Vec<u8>, usize) {
    let mut text = Vec::new();
    let mut at = 1;
    while let Some(byte) = field.get(at) {
        at += 1;
        if *byte == b'"' {
            if field.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
        text.push(*byte);
    }
    (text, at)
}

fn cell<'a, 'b>(
    line: &[u8],
    cell: &'b Option<Cell<'a>>,
    expected: &'static str,
) -> Result<&'b Cell<'a>, Fault> {
    cell.as_ref().ok_or_else(|| Fault::new(line.len(), expected))
}

fn ids(line: &[u8], [source, target, _]: &Cells<'_>) -> Result<(u64, u64), Fault> {
    let id = |given| {
        let cell = cell(line, given, AN_ID)?;
        let wrong = || Fault::new(cell.at, AN_ID).found(quoted(&cell.text));
        whole_number(&cell.text).ok_or_else(wrong)
    };
    Ok((id(source)?, id(target)?))
}

fn weight(line: &[u8], [_, _, weight]: &Cells<'_>) -> Result<f64, Fault> {
    let cell = cell(line, weight, A_WEIGHT)?;
    let wrong = || Fault::new(cell.at, expected_weight(&cell.text)).found(quoted(&cell.text));
    weight_of(&cell.text).ok_or_else(wrong)
}

fn names<'a>(
    line: &[u8],
    [source, target, _]: &'a Cells<'_>,
) -> Result<(Cow<'a, str>, Cow<'a, str>), Fault> {
    let name = |given: &'a Option<Cell<'_>>, expected| {
        let cell = cell(line, given, expected)?;
        let text = std::str::from_utf8(&cell.text);
        text.map(Cow::Borrowed).map_err(|_| Fault::new(cell.at, "a name in UTF-8"))
    };
    Ok((name(source, "a source's name")?, name(target, "a target's name")?))
}

/// Returns whether the options ask for what only a table has, or the beginning of a file shows
/// it: fields in quotes or between semicolons or bars, or a header whose names say that the
/// columns are others than the first ones.
pub(super) fn is_table(paths: &[&Path], options: &ReadOptions) -> Result<bool> {
    Ok(asks_for_table(options) || begins_table(paths)?)
}

fn begins_table(paths: &[&Path]) -> Result<bool> {
    for path in paths {
        for file in input_files(path)? {
            let Some(begin) = Begin::read(&Split::whole(&file)?)? else { continue };
            let delimiter = Delimiter::of(&begin.line);
            let names = usual_names(&begin.line, delimiter);
            let places = names.map(|names| {
                names.map(|name| begin.place_of(delimiter, name.as_deref().unwrap_or_default()))
            });
            let elsewhere = places.is_some_and(|[source, target, weight]| {
                (source, target) != (Some(0), Some(1)) || weight.is_some_and(|place| place != 2)
            });
            let marked = [b'"', b';', b'|'].iter().any(|byte| begin.line.contains(byte));
            // As Neo4j has the names of columns.
            if elsewhere || marked || begin.line.starts_with(b":") {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn asks_for_table(options: &ReadOptions) -> bool {
    options.names
        || options.header.is_some()
        || options.delimiter.is_some()
        || options.source_column.is_some()
        || options.target_column.is_some()
        || (options.weighted && options.weight_column.is_some())
}

/// Writes edges between named vertices.
pub(super) fn put_named_edges(
    graph: &GraphInput,
    names: &Arc<Names>,
    delimiter: u8,
    put: &mut Put<'_>,
) -> Result<()> {
    let shared = Arc::clone(names);
    let name = move |text: &mut Vec<u8>, id: u64| {
        let name = shared.name(id).unwrap_or_default();
        let special = |byte: u8| byte == delimiter || byte == b'"' || byte == b'\r';
        if delimiter == b'\t' || !name.bytes().any(special) {
            text.extend_from_slice(name.as_bytes());
        } else {
            text.push(b'"');
            text.extend_from_slice(name.replace('"', "\"\"").as_bytes());
            text.push(b'"');
        }
    };
    if let Some(id) = (0..names.len() as u64).find(|id| !can_be_a_field(names, *id, delimiter)) {
        let name = names.name(id).unwrap_or_default();
        return Err(Error::argument(format!(
            "the name {name:?} cannot be a field of a list with such a delimiter"
        )));
    }
    let texts = graph.edges_with_weights().map_partitions(move |rows| {
        let mut text = Vec::new();
        rows.for_each(|(source, target, weight)| {
            name(&mut text, source);
            text.push(delimiter);
            name(&mut text, target);
            if let Some(weight) = weight {
                text.push(delimiter);
                push_weight(&mut text, weight);
            }
            text.push(b'\n');
        });
        [text]
    });
    for text in texts.to_local_iterator()? {
        put(text?)?;
    }
    Ok(())
}

/// True when a list with the delimiter that has the name in it reads back the same.
fn can_be_a_field(names: &Names, id: u64, delimiter: u8) -> bool {
    let name = names.name(id).unwrap_or_default();
    let begins_comment = name.trim_start().starts_with(['#', '%']);
    let breaks = name.contains('\n') || (delimiter == b'\t' && name.contains(['\t', '\r']));
    let blank = delimiter == b' ' && (name.is_empty() || name.contains([' ', '\t']));
    !begins_comment && !breaks && !blank
}
