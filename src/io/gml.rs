//! Graphs in the Graph Modelling Language, as igraph, Gephi and `NetworkX` write it.
//!
//! `graph [ directed 1 node [ id 3 label "x" ] edge [ source 3 target 3 weight 0.5 ] ]`: keys with
//! numbers, quoted texts or lists. Everything else that a node, an edge or the graph says is
//! skipped; edges may come before their nodes. The weight is what is called so, or else `value`.
//!
//! Source: M. Himsolt, "GML: a portable graph file format", 1997.

use std::path::Path;

use crate::error::Result;
use crate::input::{Split, read_all};
use crate::rdd::Context;

use super::document::{Document, Misfit};
use super::fields::{expected_weight, quoted, weight_of, whole_number};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::{Column, ReadOptions};
use super::single_file::only_file;

/// GML files.
pub(super) struct GmlFormat;

impl Format for GmlFormat {
    fn name(&self) -> &'static str {
        "gml"
    }

    fn summary(&self) -> &'static str {
        "The Graph Modelling Language: graph [ node [ id 1 ] edge [ source 1 target 1 ] ]"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gml"]
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
        let text = read_all(&file)?;
        let weights: Vec<&[u8]> = match &options.weight_column {
            Some(Column::Name(name)) => vec![name.as_bytes()],
            _ => vec![b"weight", b"value"],
        };
        let document = Parser { text: &text, at: 0, weights }.document();
        let misfit = |misfit: Misfit| match Split::whole(&file) {
            Ok(file) => misfit.in_file(&file),
            Err(error) => error,
        };
        document.map_err(misfit)?.into_input(context, (options.weighted, options.names))
    }
}

/// The deepest list within lists.
const DEEPEST: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    Word(&'a [u8]),
    Text(&'a [u8]),
    Open,
    Close,
    End,
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    weights: Vec<&'a [u8]>,
}

impl<'a> Parser<'a> {
    /// Returns the next token and where it is.
    fn next(&mut self) -> Result<(u64, Token<'a>), Misfit> {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += rest.len() - rest.trim_ascii_start().len();
            // A mark of the byte order, and comments.
            if self.at == 0 && rest.starts_with(b"\xef\xbb\xbf") {
                self.at = 3;
            } else if self.text.get(self.at) == Some(&b'#') {
                let rest = self.text.get(self.at..).unwrap_or_default();
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            } else {
                break;
            }
        }
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let (token, length) = match rest.first() {
            None => (Token::End, 0),
            Some(b'[') => (Token::Open, 1),
            Some(b']') => (Token::Close, 1),
            Some(b'"') => {
                let inside = rest.get(1..).unwrap_or_default();
                let Some(end) = memchr::memchr(b'"', inside) else {
                    return Err(Misfit::new(start as u64, "a text without an end", "a quote"));
                };
                (Token::Text(inside.get(..end).unwrap_or_default()), end + 2)
            }
            Some(_) => {
                let ends =
                    |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b'"');
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                (Token::Word(rest.get(..length).unwrap_or_default()), length)
            }
        };
        self.at += length;
        Ok((start as u64, token))
    }

    fn document(mut self) -> Result<Document, Misfit> {
        loop {
            match self.next()? {
                (_, Token::Word(key)) if key.eq_ignore_ascii_case(b"graph") => {
                    let (at, token) = self.next()?;
                    if token != Token::Open {
                        return Err(Misfit::new(at, shown(token), "graph [ … ]"));
                    }
                    let document = self.graph()?;
                    return self.end().map(|()| document);
                }
                // Such as Creator "…".
                (_, Token::Word(_)) => self.skip_value()?,
                (at, token) => return Err(Misfit::new(at, shown(token), "graph [ … ]")),
            }
        }
    }

    /// Reads what follows the graph, which is not another.
    fn end(&mut self) -> Result<(), Misfit> {
        loop {
            match self.next()? {
                (_, Token::End) => return Ok(()),
                (at, Token::Word(key)) if key.eq_ignore_ascii_case(b"graph") => {
                    return Err(Misfit::new(at, "another graph", "one graph in a file"));
                }
                (_, Token::Word(_)) => self.skip_value()?,
                (at, token) => return Err(Misfit::new(at, shown(token), "a key, or end of file")),
            }
        }
    }

    fn graph(&mut self) -> Result<Document, Misfit> {
        let mut document = Document::default();
        let mut edges = Vec::new();
        loop {
            let (at, key) = match self.next()? {
                (_, Token::Close) => break,
                (at, Token::Word(key)) => (at, key),
                (at, token) => {
                    return Err(Misfit::new(at, shown(token), "a key, or ] of the graph"));
                }
            };
            match key.to_ascii_lowercase().as_slice() {
                b"directed" => {
                    let (at, value) = self.next()?;
                    document.directed = match value {
                        Token::Word(b"1") => true,
                        Token::Word(b"0") => false,
                        other => return Err(Misfit::new(at, shown(other), "0 or 1")),
                    };
                }
                b"node" => {
                    let [id, label] = self.list([b"id", b"label"])?;
                    let Some((place, Token::Word(id))) = id else {
                        return Err(Misfit::new(
                            at,
                            "a node without an id",
                            "id and a whole number",
                        ));
                    };
                    if whole_number(id).is_none() {
                        return Err(Misfit::new(place, quoted(id), "a whole number"));
                    }
                    let label = label.and_then(|(_, label)| match label {
                        Token::Text(text) | Token::Word(text) => {
                            Some(decoded(&String::from_utf8_lossy(text)))
                        }
                        _ => None,
                    });
                    document.node(place, String::from_utf8_lossy(id).into_owned(), label)?;
                }
                b"edge" => {
                    let mut found = self.edge()?;
                    found.0 = at;
                    edges.push(found);
                }
                _ => self.skip_value()?,
            }
        }
        for (at, source, target, weight) in edges {
            document.edge(at, [&source, &target], weight)?;
        }
        Ok(document)
    }

    fn edge(&mut self) -> Result<(u64, String, String, Option<f64>), Misfit> {
        let weights = self.weights.clone();
        let first = weights.first().copied().unwrap_or_default();
        let second = weights.get(1).copied().unwrap_or_default();
        let start = self.at as u64;
        let [source, target, weight, other] = self.list([b"source", b"target", first, second])?;
        let end = |found, what: &str| match found {
            Some((_, Token::Word(id))) if whole_number(id).is_some() => {
                Ok(String::from_utf8_lossy(id).into_owned())
            }
            Some((at, token)) => Err(Misfit::new(at, shown(token), "a whole number")),
            None => Err(Misfit::new(start, format!("an edge without a {what}"), what)),
        };
        let (source, target) = (end(source, "source")?, end(target, "target")?);
        let weight = match weight.or(other) {
            Some((at, Token::Word(word) | Token::Text(word))) => {
                let wrong = || Misfit::new(at, quoted(word), expected_weight(word));
                Some(weight_of(word).ok_or_else(wrong)?)
            }
            _ => None,
        };
        Ok((start, source, target, weight))
    }

    /// Reads a list, and returns the values of some of its keys.
    fn list<const N: usize>(
        &mut self,
        keys: [&[u8]; N],
    ) -> Result<[Option<(u64, Token<'a>)>; N], Misfit> {
        let (at, token) = self.next()?;
        if token != Token::Open {
            return Err(Misfit::new(at, shown(token), "[ … ]"));
        }
        let mut values = [None; N];
        loop {
            match self.next()? {
                (_, Token::Close) => return Ok(values),
                (_, Token::Word(key)) => {
                    let place = keys
                        .iter()
                        .position(|known| !known.is_empty() && known.eq_ignore_ascii_case(key));
                    match place.and_then(|place| values.get_mut(place)) {
                        Some(value) => {
                            let (at, token) = self.next()?;
                            if !matches!(token, Token::Word(_) | Token::Text(_)) {
                                return Err(Misfit::new(at, shown(token), "a value"));
                            }
                            *value = Some((at, token));
                        }
                        None => self.skip_value()?,
                    }
                }
                (at, token) => return Err(Misfit::new(at, shown(token), "a key, or ]")),
            }
        }
    }

    /// Steps over the value of a key.
    fn skip_value(&mut self) -> Result<(), Misfit> {
        let mut depth = 0;
        loop {
            match self.next()? {
                (_, Token::Word(_) | Token::Text(_)) => {}
                (at, Token::Open) if depth == DEEPEST => {
                    return Err(Misfit::new(at, "a list deeper still", "lists less deep"));
                }
                (_, Token::Open) => depth += 1,
                (_, Token::Close) if depth > 0 => depth -= 1,
                (at, token) => return Err(Misfit::new(at, shown(token), "a value")),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// Replaces references to characters, by number or by one of the names that XML has, too; all others
/// stay as they are.
fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        decoded.push_str(before);
        let character = reference.split_once(';').and_then(|(name, after)| {
            let number = name.strip_prefix('#');
            let hexadecimal = number.and_then(|number| number.strip_prefix(['x', 'X']));
            let character = match (name, number, hexadecimal) {
                (_, _, Some(digits)) => {
                    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
                }
                (_, Some(digits), _) => digits.parse().ok().and_then(char::from_u32),
                ("amp", ..) => Some('&'),
                ("lt", ..) => Some('<'),
                ("gt", ..) => Some('>'),
                ("quot", ..) => Some('"'),
                ("apos", ..) => Some('\''),
                _ => None,
            };
            character.map(|character| (character, after))
        });
        match character {
            Some((character, after)) => {
                decoded.push(character);
                rest = after;
            }
            None => {
                decoded.push('&');
                rest = reference;
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn shown(token: Token<'_>) -> String {
    match token {
        Token::Word(word) | Token::Text(word) => quoted(word),
        Token::Open => "[".to_owned(),
        Token::Close => "]".to_owned(),
        Token::End => "end of file".to_owned(),
    }
}
