//! Edges as objects of JSON, one a line: `{"source": 1, "target": 2, "weight": 0.5}`.
//!
//! The keys may also be `src` or `from`, and `dst` or `to`, or what the options say; others are
//! skipped. Ids are whole numbers; where the first object has strings, vertices have names, among
//! which a number is its digits. JSON has no infinities: as weights they are the strings `"inf"`
//! and `"-inf"`.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::Result;
use crate::graph::Edge;
use crate::input::{DEFAULT_SPLIT_BYTES, Split, input_files, plan_splits};
use crate::rdd::Context;

use super::bad_lines::BadLines;
use super::fields::{
    AN_ID, Fault, expected_weight, quoted, read_lines, read_most_lines, weight_of, whole_number,
};
use super::format::Format;
use super::graph_input::GraphInput;
use super::keys::Keys;
use super::named::open_named;
use super::names::Names;
use super::read_options::ReadOptions;
use super::write::{Put, WriteOptions, push_number, push_weight};

const NO_WEIGHT: &str = "no weight, since the first edge has none (--unit-weights leaves them out)";

const A_NAME: &str = "a name: a string or a whole number";

/// Lines of JSON.
pub(super) struct NdjsonFormat;

impl Format for NdjsonFormat {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn summary(&self) -> &'static str {
        "A JSON object for each edge, one a line, such as `{\"source\": 1, \"target\": 2, \"weight\": 0.5}`"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["ndjson", "jsonl"]
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        let object = beginning.trim_ascii_start().strip_prefix(b"{");
        object.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\""))
    }

    fn can_skip_lines(&self) -> bool {
        true
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
        let keys = Keys::of(options);
        keys.check_names(self.name())?;
        let objects = Objects { keys: Arc::new(keys), bad_lines: options.bad_lines.clone() };
        let first = objects.first(paths)?;
        let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
        let weights = match (options.weighted, first.has_weight) {
            (false, _) => Weights::Ignored,
            (true, true) => Weights::Read,
            (true, false) => Weights::Absent,
        };
        let weighted = weights == Weights::Read;
        let input = if options.names || first.has_names {
            open_named(context, splits, weighted, move |split, take| {
                objects.read(split, |line, object| {
                    let (source, target) = object.names(line)?;
                    Ok(take(&source, &target, object.weight_if(weights, line)?))
                })
            })?
        } else if weighted {
            GraphInput::new(context.parsed_splits("ndjson", splits, move |split, rows| {
                objects.read(split, |line, object| {
                    let (source, target) = object.ids(line)?;
                    Ok(rows.push(Edge::new(source, target, object.weight(line)?)))
                })
            }))
        } else {
            GraphInput::new(context.parsed_splits("ndjson", splits, move |split, rows| {
                objects.read(split, |line, object| {
                    let edge = Edge::from(object.ids(line)?);
                    object.weight_if(weights, line)?;
                    Ok(rows.push(edge))
                })
            }))
        };
        if weights == Weights::Absent && !options.weights_optional {
            // Before the graph is said to have no weights: none may be further on.
            input.plain_edges().count()?;
        }
        Ok(input)
    }

    fn can_write(&self) -> bool {
        true
    }

    fn has_place_for_vertices(&self) -> bool {
        false
    }

    fn first_id(&self) -> u64 {
        0
    }

    fn write(&self, graph: &GraphInput, _: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        let names = graph.names.clone();
        let texts = graph.edges_with_weights().map_partitions(move |rows| {
            let names = names.as_deref();
            let mut text = Vec::new();
            rows.for_each(|(source, target, weight)| {
                text.extend_from_slice(b"{\"source\":");
                push_end(&mut text, source, names);
                text.extend_from_slice(b",\"target\":");
                push_end(&mut text, target, names);
                if let Some(weight) = weight {
                    text.extend_from_slice(b",\"weight\":");
                    let quote: &[u8] = if weight.is_finite() { b"" } else { b"\"" };
                    text.extend_from_slice(quote);
                    push_weight(&mut text, weight);
                    text.extend_from_slice(quote);
                }
                text.extend_from_slice(b"}\n");
            });
            [text]
        });
        for text in texts.to_local_iterator()? {
            put(text?)?;
        }
        Ok(())
    }
}

/// Appends an end of an edge.
fn push_end(text: &mut Vec<u8>, id: u64, names: Option<&Names>) {
    match names {
        // Writing to memory cannot fail.
        Some(names) => drop(serde_json::to_writer(text, names.name(id).unwrap_or_default())),
        None => push_number(text, id),
    }
}

/// Reads objects.
#[derive(Debug, Clone)]
struct Objects {
    keys: Arc<Keys>,
    bad_lines: Option<BadLines>,
}

/// What the first object tells of the others.
#[derive(Debug, Clone, Copy, Default)]
struct First {
    has_names: bool,
    has_weight: bool,
}

/// What is made of the weights of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weights {
    /// They are not wanted.
    Ignored,
    /// Each object has one.
    Read,
    /// They are wanted, but the first object has none, so none may have one.
    Absent,
}

impl Objects {
    /// Looks at the first line that is an object.
    fn first(&self, paths: &[&Path]) -> Result<First> {
        for path in paths {
            for file in input_files(path)? {
                let mut first = None;
                read_lines(&Split::whole(&file)?, |line| {
                    if line.bytes.trim_ascii().is_empty() {
                        return Ok(ControlFlow::Continue(()));
                    }
                    let object = match self.parse(line.bytes) {
                        Ok(object) => object,
                        Err(_) if self.bad_lines.is_some() => {
                            return Ok(ControlFlow::Continue(()));
                        }
                        Err(fault) => return Err(fault),
                    };
                    let ends = [object.source, object.target];
                    let is_text = |end: &RawValue| end.get().starts_with('"');
                    first = Some(First {
                        has_names: ends.into_iter().flatten().any(is_text),
                        has_weight: object.weight.is_some(),
                    });
                    Ok(ControlFlow::Break(()))
                })?;
                if let Some(first) = first {
                    return Ok(first);
                }
            }
        }
        Ok(First::default())
    }

    /// Hands over the objects that a split owns.
    fn read(
        &self,
        split: &Split,
        mut each: impl FnMut(&[u8], &Object<'_>) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<()> {
        read_most_lines(split, self.bad_lines.as_ref(), |line| {
            if line.bytes.trim_ascii().is_empty() {
                return Ok(ControlFlow::Continue(()));
            }
            each(line.bytes, &self.parse(line.bytes)?)
        })
    }

    fn parse<'a>(&self, line: &'a [u8]) -> Result<Object<'a>, Fault> {
        let mut json = serde_json::Deserializer::from_slice(line);
        let object = ObjectOf(&self.keys).deserialize(&mut json);
        let ended = object.and_then(|object| json.end().map(|()| object));
        ended.map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            let expected = format!("an object of JSON ({reason})");
            Fault::new(error.column().saturating_sub(1).min(line.len()), expected)
        })
    }
}

/// An edge as it stands in a line.
#[derive(Debug)]
struct Object<'a> {
    source: Option<&'a RawValue>,
    target: Option<&'a RawValue>,
    weight: Option<&'a RawValue>,
}

/// A value of a line, and where it starts.
fn value<'a>(
    line: &[u8],
    value: Option<&'a RawValue>,
    what: &str,
) -> Result<(&'a str, usize), Fault> {
    match value {
        Some(value) => {
            let text = value.get();
            Ok((text, text.as_ptr().addr().saturating_sub(line.as_ptr().addr())))
        }
        None => {
            let end = line.trim_ascii_end().len().saturating_sub(1);
            Err(Fault::new(end, format!("a key of a {what}")))
        }
    }
}

impl<'a> Object<'a> {
    fn ids(&self, line: &[u8]) -> Result<(u64, u64), Fault> {
        let id = |end, what| {
            let (text, at) = value(line, end, what)?;
            let wrong = || Fault::new(at, AN_ID).found(quoted(text.as_bytes()));
            whole_number(text.as_bytes()).ok_or_else(wrong)
        };
        Ok((id(self.source, "source")?, id(self.target, "target")?))
    }

    fn names(&self, line: &[u8]) -> Result<(Cow<'a, str>, Cow<'a, str>), Fault> {
        let name = |end, what| {
            let (text, at) = value(line, end, what)?;
            if whole_number(text.as_bytes()).is_some() {
                return Ok(Cow::Borrowed(text));
            }
            let word: Result<String, _> = serde_json::from_str(text);
            let wrong = |_| Fault::new(at, A_NAME).found(quoted(text.as_bytes()));
            word.map(Cow::Owned).map_err(wrong)
        };
        Ok((name(self.source, "source")?, name(self.target, "target")?))
    }

    /// The weight where it is read, else 1.
    fn weight_if(&self, weights: Weights, line: &[u8]) -> Result<f64, Fault> {
        match weights {
            Weights::Read => self.weight(line),
            Weights::Absent if self.weight.is_some() => {
                let (text, at) = value(line, self.weight, "weight")?;
                let found = format!("a weight, {}", quoted(text.as_bytes()));
                Err(Fault::new(at, NO_WEIGHT).found(found))
            }
            Weights::Ignored | Weights::Absent => Ok(1.0),
        }
    }

    fn weight(&self, line: &[u8]) -> Result<f64, Fault> {
        let (text, at) = value(line, self.weight, "weight")?;
        let word = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let weight = match word {
            Some(word) => weight_of(word.as_bytes()).filter(|weight| weight.is_infinite()),
            None => weight_of(text.as_bytes()),
        };
        let wrong = || Fault::new(at, expected_weight(text.as_bytes()));
        weight.ok_or_else(|| wrong().found(quoted(text.as_bytes())))
    }
}

/// Reads an object of an edge.
struct ObjectOf<'k>(&'k Keys);

impl<'a> DeserializeSeed<'a> for ObjectOf<'_> {
    type Value = Object<'a>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Object<'a>, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for ObjectOf<'_> {
    type Value = Object<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Object<'a>, M::Error> {
        let (mut values, mut ranks) = ([None; 3], [usize::MAX; 3]);
        while let Some(key) = map.next_key_seed(KeyOf(self.0))? {
            let Some((which, rank)) = key else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = Some(map.next_value()?);
            // Of several usual names the first counts, wherever it stands.
            if let (Some(place), Some(best)) = (values.get_mut(which), ranks.get_mut(which))
                && rank <= *best
            {
                (*place, *best) = (value, rank);
            }
        }
        let [source, target, weight] = values;
        Ok(Object { source, target, weight })
    }
}

/// Reads a key: which of source, target and weight its value is, and how well its name is known.
struct KeyOf<'k>(&'k Keys);

impl<'a> DeserializeSeed<'a> for KeyOf<'_> {
    type Value = Option<(usize, usize)>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyOf<'_> {
    type Value = Option<(usize, usize)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let keys = [&self.0.source, &self.0.target, &self.0.weight];
        let mut places = keys.into_iter().enumerate();
        Ok(places.find_map(|(place, known)| Some((place, known.rank(key)?))))
    }
}
