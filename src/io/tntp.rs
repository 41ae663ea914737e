//! Networks of streets as the collection *Transportation Networks for Research* has them.
//!
//! Lines `<NUMBER OF NODES> 24` and others up to `<END OF METADATA>`, a line of the columns' names
//! after a `~`, then a line for each link, which goes one way: its ends, from 1, and numbers, up to a
//! `;`. The weight is the column `length`, or the one that the options name, such as
//! `free_flow_time`; without names it is the fourth, where lengths stand.
//!
//! Source: <https://github.com/bstabler/TransportationNetworks>.

use std::ops::ControlFlow;
use std::path::Path;

use crate::error::{Error, Result};
use crate::graph::Edge;
use crate::input::Split;
use crate::rdd::Context;

use super::fields::{Fields, Line, error_at_end, read_lines};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::{Column, ReadOptions};
use super::single_file::{file_splits, only_file, vertex_range};

const NODES: &str = "NUMBER OF NODES";
const LINKS: &str = "NUMBER OF LINKS";
const END: &str = "END OF METADATA";

/// Where lengths stand, from 0, in files that do not name their columns.
const LENGTH: usize = 3;

/// Networks of links.
pub(super) struct TntpFormat;

impl Format for TntpFormat {
    fn name(&self) -> &'static str {
        "tntp"
    }

    fn summary(&self) -> &'static str {
        "Street networks of Transportation Networks for Research; weights are lengths, or `--weight-column free_flow_time`"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["tntp"]
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        let first = beginning.trim_ascii_start();
        [NODES, LINKS, "NUMBER OF ZONES"].iter().any(|tag| {
            first.strip_prefix(b"<").is_some_and(|rest| rest.starts_with(tag.as_bytes()))
        })
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let file = only_file(self, paths)?;
        let head = Head::read(&Split::whole(&file)?, options)?;
        let splits = file_splits(&file)?;
        let links = context.parsed_splits("links", splits.clone(), move |split, counts| {
            let mut count = 0_u64;
            head.each(split, |_, _, _| {
                count += 1;
                ControlFlow::Continue(())
            })?;
            let _last = counts.push(count);
            Ok(())
        });
        let found = links.fold(0, |a, b| a + b)?;
        if found != head.links {
            let (found, expected) = (format!("{found} links"), format!("{} of them", head.links));
            return Err(error_at_end(&file, found, expected));
        }
        let mut input = if options.weighted {
            GraphInput::new(context.parsed_splits("tntp", splits, move |split, rows| {
                head.each(split, |source, target, weight| {
                    rows.push(Edge::new(source, target, weight))
                })
            }))
        } else {
            GraphInput::new(context.parsed_splits("tntp", splits, move |split, rows| {
                head.each(split, |source, target, _| rows.push(Edge::from((source, target))))
            }))
        };
        input.vertices = Some(vertex_range(context, 1, head.nodes));
        input.directed = Some(true);
        Ok(input)
    }
}

/// What precedes the links.
#[derive(Debug, Clone, Copy)]
struct Head {
    nodes: u64,
    links: u64,
    /// The column of the weight, from 0.
    weight: usize,
    /// Where the metadata end.
    start: u64,
    weighted: bool,
}

impl Head {
    fn read(file: &Split, options: &ReadOptions) -> Result<Self> {
        let (mut nodes, mut links, mut start, mut names) = (None, None, None, None);
        read_lines(file, |line| {
            let text = line.bytes.trim_ascii();
            if start.is_none() {
                if let Some(mut fields) = after(&line, NODES) {
                    nodes = Some(fields.vertex_count("a number of nodes")?);
                } else if let Some(mut fields) = after(&line, LINKS) {
                    links = Some(fields.number("a number of links")?);
                } else if after(&line, END).is_some() {
                    start = Some(line.next);
                } else if !matches!(text.first(), None | Some(b'<' | b'~')) {
                    let fields = Fields::new(line.bytes);
                    return Err(fields.fault("metadata such as <NUMBER OF NODES> 24"));
                }
            } else if let Some(rest) = text.strip_prefix(b"~") {
                names = Some(Self::names(rest));
                return Ok(ControlFlow::Break(()));
            } else if !text.is_empty() {
                return Ok(ControlFlow::Break(()));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let lacks = |tag: &str| {
            let expected = format!("a line <{tag}> before");
            error_at_end(&file.path, "end of file".to_owned(), expected)
        };
        let weight = match (&options.weight_column, &names) {
            (Some(Column::Number(number)), _) => number.saturating_sub(1),
            (Some(Column::Name(name)), names) => {
                let names = names.clone().unwrap_or_default();
                let place = names.iter().position(|own| *own == folded(name));
                place.ok_or_else(|| {
                    let names = names.join(", ");
                    Error::argument(format!("there is no column {name:?}, but {names}"))
                })?
            }
            (None, Some(names)) => names.iter().position(|name| name == "length").unwrap_or(LENGTH),
            (None, None) => LENGTH,
        };
        Ok(Self {
            nodes: nodes.ok_or_else(|| lacks(NODES))?,
            links: links.ok_or_else(|| lacks(LINKS))?,
            start: start.ok_or_else(|| lacks(END))?,
            weight,
            weighted: options.weighted,
        })
    }

    /// The names of columns, of a line that may have blanks in them if there are tabs between.
    fn names(line: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(line).replace(';', " ");
        let tabs = text.trim().contains('\t');
        let names = text.split(|c: char| if tabs { c == '\t' } else { c.is_whitespace() });
        names.map(folded).filter(|name| !name.is_empty()).collect()
    }

    /// Hands over the links that a split owns; without weights each is 1.
    fn each(
        &self,
        split: &Split,
        mut each: impl FnMut(u64, u64, f64) -> ControlFlow<()>,
    ) -> Result<()> {
        read_lines(split, |line| {
            let text = line.bytes.trim_ascii_end();
            let text = text.strip_suffix(b";").unwrap_or(text).trim_ascii_end();
            let mut fields = Fields::new(text);
            if line.offset < self.start || matches!(fields.peek(), None | Some(b'~')) {
                return Ok(ControlFlow::Continue(()));
            }
            let source = fields.id_up_to(self.nodes)?;
            let target = fields.id_up_to(self.nodes)?;
            let mut weight = 1.0;
            if self.weighted {
                for _ in 2..self.weight {
                    fields.word();
                }
                weight = fields.weight()?;
            }
            Ok(each(source, target, weight))
        })
    }
}

/// Returns what follows a tag in a line that has it.
fn after<'a>(line: &Line<'a>, tag: &str) -> Option<Fields<'a>> {
    let text = std::str::from_utf8(line.bytes).ok()?;
    let place = text.find('<')? + 1;
    let end = place + text.get(place..)?.find('>')?;
    let is_it = text.get(place..end)?.trim().eq_ignore_ascii_case(tag);
    is_it.then(|| Fields::after(line.bytes, end + 1))
}

/// A name as options give it.
fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}
