//! Where the columns of each list are, as the options and the first lines say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::input::{Split, input_error, input_files};
use crate::io::bad_lines::BadLines;
use crate::io::edge_lines::{LINE_ENDS, lone_return};
use crate::io::fields::{Fault, Line, quoted, read_lines, read_most_lines};
use crate::io::keys::{Key, Keys};
use crate::io::read_options::{Column, ReadOptions};

use super::cells::{Cell, Cells, Delimiter, ids, split_cells};

/// How lists are laid out.
#[derive(Debug)]
pub(super) struct Table {
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
    pub(super) fn describe(paths: &[&Path], options: &ReadOptions) -> Result<Self> {
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
    pub(super) fn read(
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

/// Returns whether the beginning of a file shows a table: fields in quotes or between semicolons or
/// bars, or a header whose names say that the columns are others than the first ones.
pub(super) fn begins_table(paths: &[&Path]) -> Result<bool> {
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
