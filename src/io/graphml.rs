//! Graphs in GraphML, the XML format of igraph, Gephi, yEd and `NetworkX`.
//!
//! `<node id="…"/>` and `<edge source="…" target="…"/>` in one `<graph edgedefault="…">`; of the data
//! that `<key>`s describe, the weight of edges and the label or name of nodes are read. Edges may come
//! before their nodes. Hyperedges, ports, graphs within nodes, and graphs in which some edges go one
//! way and some both are refused. No entity is expanded but the five of XML.
//!
//! Source: U. Brandes et al., "GraphML progress report", 2002; <http://graphml.graphdrawing.org>.

use std::collections::BTreeMap;
use std::path::Path;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::Result;
use crate::input::{Split, read_all, without_mark};
use crate::rdd::Context;

use super::document::{Document, Misfit};
use super::fields::{expected_weight, quoted, weight_of};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::{Column, ReadOptions};
use super::single_file::only_file;

/// GraphML files.
pub(super) struct GraphMlFormat;

impl Format for GraphMlFormat {
    fn name(&self) -> &'static str {
        "graphml"
    }

    fn summary(&self) -> &'static str {
        "GraphML, the XML format of igraph, Gephi, yEd and NetworkX"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["graphml", "xml"]
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        let text = without_mark(beginning).trim_ascii_start();
        text.starts_with(b"<graphml")
            || (text.starts_with(b"<?xml") && memchr::memmem::find(text, b"<graphml").is_some())
    }

    fn can_have_names(&self) -> bool {
        true
    }

    fn knows_names(&self) -> bool {
        true
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let file = only_file(self, paths)?;
        let bytes = read_all(&file)?;
        let weight = match &options.weight_column {
            Some(Column::Name(name)) => name.as_str(),
            _ => "weight",
        };
        let document = read(&bytes, weight).map_err(|misfit| match Split::whole(&file) {
            Ok(file) => misfit.in_file(&file),
            Err(error) => error,
        })?;
        document.into_input(context, (options.weighted, options.names))
    }
}

/// Something that was begun and not ended.
enum Open {
    Node { at: u64, id: String, label: Option<String> },
    Edge { at: u64, source: String, target: String, weight: Option<f64> },
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Use {
    Weight,
    Label,
}

fn read(bytes: &[u8], weight: &str) -> Result<Document, Misfit> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Misfit::new(error.valid_up_to() as u64, "bytes that are not UTF-8", "UTF-8")
    })?;
    let mut reader = Reader::from_str(text);
    let mut document = Document::default();
    let mut graph = State::default();
    loop {
        let at = reader.buffer_position();
        let event = reader
            .read_event()
            .map_err(|error| Misfit::new(reader.error_position(), error.to_string(), "XML"))?;
        match event {
            Event::Eof => break,
            Event::Start(tag) => graph.begin(&mut document, at, &tag, weight)?,
            Event::Empty(tag) => {
                graph.begin(&mut document, at, &tag, weight)?;
                graph.end(&mut document, tag.local_name().as_ref())?;
            }
            Event::End(tag) => graph.end(&mut document, tag.local_name().as_ref())?,
            Event::Text(text) => graph.text.push_str(&text.xml10_content()),
            Event::CData(text) => graph.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => match &*entity.xml10_content() {
                "amp" => graph.text.push('&'),
                "lt" => graph.text.push('<'),
                "gt" => graph.text.push('>'),
                "apos" => graph.text.push('\''),
                "quot" => graph.text.push('"'),
                other => match entity.resolve_char_ref() {
                    Ok(Some(character)) => graph.text.push(character),
                    _ => return Err(Misfit::new(at, quoted(other.as_bytes()), "an entity of XML")),
                },
            },
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    if !graph.seen {
        return Err(Misfit::new(bytes.len() as u64, "end of file", "<graph …>"));
    }
    if graph.inside {
        return Err(Misfit::new(bytes.len() as u64, "end of file", "</graph>"));
    }
    for (at, source, target, weight) in graph.edges {
        document.edge(at, [&source, &target], weight.or(graph.usual_weight))?;
    }
    Ok(document)
}

/// Where in a file the reader is.
#[derive(Default)]
struct State {
    seen: bool,
    inside: bool,
    keys: BTreeMap<String, Use>,
    /// What the key is for that is being described, and where its default began.
    key: Option<Use>,
    default_at: u64,
    /// The weight of edges that do not say theirs.
    usual_weight: Option<f64>,
    open: Option<Open>,
    /// The key of the data that is being read, and where it began.
    data: Option<(u64, Use)>,
    text: String,
    edges: Vec<(u64, String, String, Option<f64>)>,
}

impl State {
    fn begin(
        &mut self,
        document: &mut Document,
        at: u64,
        tag: &BytesStart<'_>,
        weight: &str,
    ) -> Result<(), Misfit> {
        let attribute = |name: &str| attribute(at, tag, name);
        let needed = |name: &str| {
            let missing =
                || Misfit::new(at, format!("<{}> without {name}", tag.name().as_ref()), name);
            attribute(name)?.ok_or_else(missing)
        };
        match tag.local_name().as_ref() {
            "default" => {
                self.text.clear();
                self.default_at = at;
            }
            "key" => {
                self.key = None;
                let (whose, name) = (attribute("for")?, attribute("attr.name")?);
                let name = name.unwrap_or_default();
                let kind = match whose.as_deref() {
                    Some("edge" | "all") | None if name == weight => Use::Weight,
                    Some("node" | "all") | None if name == "label" || name == "name" => Use::Label,
                    _ => return Ok(()),
                };
                self.keys.insert(needed("id")?, kind);
                self.key = Some(kind);
            }
            "graph" if self.seen => {
                return Err(Misfit::new(at, "another <graph>", "one graph in a file"));
            }
            "graph" => {
                document.directed = direction(at, &needed("edgedefault")?)?;
                (self.seen, self.inside) = (true, true);
            }
            "node" if self.inside => {
                self.open = Some(Open::Node { at, id: needed("id")?, label: None });
            }
            "edge" if self.inside => {
                if let Some(directed) = attribute("directed")?
                    && (directed == "true") != document.directed
                {
                    let found = "an edge that goes another way than the graph says";
                    return Err(Misfit::new(at, found, "edges that all go one way or both"));
                }
                let (source, target) = (needed("source")?, needed("target")?);
                self.open = Some(Open::Edge { at, source, target, weight: None });
            }
            "hyperedge" => return Err(Misfit::new(at, "a hyperedge", "edges of two ends")),
            "data" => {
                self.text.clear();
                let key = needed("key")?;
                self.data = self.keys.get(&key).map(|kind| (at, *kind));
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, document: &mut Document, tag: &str) -> Result<(), Misfit> {
        match tag {
            "graph" => self.inside = false,
            "default" if self.key == Some(Use::Weight) => {
                self.usual_weight = Some(weight_in(self.default_at, &self.text)?);
            }
            "key" => self.key = None,
            "data" => {
                let text = std::mem::take(&mut self.text);
                match (self.data.take(), &mut self.open) {
                    (Some((at, Use::Weight)), Some(Open::Edge { weight, .. })) => {
                        *weight = Some(weight_in(at, &text)?);
                    }
                    (Some((_, Use::Label)), Some(Open::Node { label, .. })) => *label = Some(text),
                    _ => {}
                }
            }
            "node" | "edge" => match self.open.take() {
                Some(Open::Node { at, id, label }) => document.node(at, id, label)?,
                Some(Open::Edge { at, source, target, weight }) => {
                    self.edges.push((at, source, target, weight));
                }
                None => {}
            },
            _ => {}
        }
        Ok(())
    }
}

fn weight_in(at: u64, text: &str) -> Result<f64, Misfit> {
    let number = text.trim().as_bytes();
    let wrong = || Misfit::new(at, quoted(number), expected_weight(number));
    weight_of(number).ok_or_else(wrong)
}

fn direction(at: u64, text: &str) -> Result<bool, Misfit> {
    match text {
        "directed" => Ok(true),
        "undirected" => Ok(false),
        other => Err(Misfit::new(at, quoted(other.as_bytes()), "directed or undirected")),
    }
}

/// Returns an attribute of a tag.
fn attribute(at: u64, tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Misfit> {
    let wrong = |reason: String| Misfit::new(at, reason, "attributes of XML");
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| wrong(error.to_string()))?;
        if attribute.key.local_name().as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| wrong(error.to_string()))?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}
