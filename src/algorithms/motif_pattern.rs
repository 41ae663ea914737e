//! Patterns of [motifs](super::motifs), read from text by the grammar there.

use crate::error::{Error, Result};

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    Vertex(String),
    Edge { negated: bool, source: Option<String>, name: Option<String>, target: Option<String> },
}

/// Reads a pattern from the left.
struct Reader<'a> {
    pattern: &'a str,
    /// The place of the next character, in bytes.
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.pattern[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Reads a word of the grammar if it is next.
    fn takes(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let next = self.rest().starts_with(word);
        self.at += if next { word.len() } else { 0 };
        next
    }

    fn expect(&mut self, word: &str) -> Result<()> {
        if self.takes(word) { Ok(()) } else { Err(self.unexpected(&format!("\"{word}\""))) }
    }

    fn unexpected(&self, expected: &str) -> Error {
        let column = self.pattern[..self.at].chars().count() + 1;
        let found = match self.rest().chars().next() {
            Some(next) => format!("\"{next}\""),
            None => "the end".to_owned(),
        };
        Error::argument(format!(
            "pattern {:?}, character {column}: found {found}, expected {expected}",
            self.pattern
        ))
    }

    fn name(&mut self) -> Option<String> {
        self.skip_blanks();
        let is_part = |(place, next): &(usize, char)| {
            *next == '_' || if *place == 0 { next.is_alphabetic() } else { next.is_alphanumeric() }
        };
        let name: String =
            self.rest().char_indices().take_while(is_part).map(|(_, next)| next).collect();
        self.at += name.len();
        (!name.is_empty()).then_some(name)
    }

    fn vertex(&mut self) -> Result<Option<String>> {
        self.expect("(")?;
        let name = self.name();
        if self.takes(")") { Ok(name) } else { Err(self.unexpected("a name or \")\"")) }
    }

    fn term(&mut self) -> Result<Term> {
        let negated = self.takes("!");
        let start = self.at;
        let source = self.vertex()?;
        if negated || self.takes("-") {
            if negated {
                self.expect("-")?;
            }
            self.expect("[")?;
            let name = self.name();
            self.expect("]")?;
            self.expect("->")?;
            let target = self.vertex()?;
            return Ok(Term::Edge { negated, source, name, target });
        }
        self.skip_blanks();
        match source {
            Some(name) => Ok(Term::Vertex(name)),
            None => {
                self.at = start;
                Err(self.unexpected("a vertex with a name or an edge, not a vertex without both"))
            }
        }
    }
}

pub(super) fn parse(pattern: &str) -> Result<Vec<Term>> {
    let mut reader = Reader { pattern, at: 0 };
    let mut terms = vec![reader.term()?];
    while reader.takes(";") {
        reader.skip_blanks();
        if reader.rest().is_empty() {
            break;
        }
        terms.push(reader.term()?);
    }
    reader.skip_blanks();
    if reader.rest().is_empty() { Ok(terms) } else { Err(reader.unexpected("\";\" or the end")) }
}

/// Looks at the names of a pattern.
pub(super) fn check(terms: &[Term]) -> Result<()> {
    let (mut vertices, mut edges) = (Vec::new(), Vec::new());
    for term in terms {
        match term {
            Term::Vertex(name) => vertices.push(name),
            Term::Edge { negated: false, source, name, target } => {
                vertices.extend(source.iter().chain(target));
                if let Some(name) = name {
                    if edges.contains(&name) {
                        return Err(Error::argument(format!("two edges have the name {name}")));
                    }
                    edges.push(name);
                }
            }
            Term::Edge { negated: true, .. } => {}
        }
    }
    if let Some(name) = edges.iter().find(|name| vertices.contains(name)) {
        return Err(Error::argument(format!("{name} is the name of a vertex and of an edge")));
    }
    for term in terms {
        let Term::Edge { negated: true, source, name, target } = term else { continue };
        if let Some(name) = name {
            return Err(Error::argument(format!(
                "a term with \"!\" names the edge {name}, which there must not be"
            )));
        }
        if source.is_none() && target.is_none() {
            return Err(Error::argument("a term with \"!\" has to name a vertex"));
        }
        if let Some(name) = source.iter().chain(target).find(|name| !vertices.contains(name)) {
            return Err(Error::argument(format!(
                "a term with \"!\" names the vertex {name}, which no other term does"
            )));
        }
    }
    if vertices.is_empty() && edges.is_empty() {
        return Err(Error::argument(
            "a pattern has to name a vertex or an edge, such as (a)-[]->(b): what has no name is \
             not part of the result",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(negated: bool, source: &str, name: &str, target: &str) -> Term {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        Term::Edge { negated, source: named(source), name: named(name), target: named(target) }
    }

    #[test]
    fn patterns_are_read_with_and_without_names_and_blanks() -> Result<()> {
        let terms = [
            edge(false, "a", "e", "b"),
            edge(false, "b", "", ""),
            edge(true, "", "", "a"),
            Term::Vertex("_x1".to_owned()),
        ];
        assert_eq!(parse("(a)-[e]->(b);(b)-[]->();!()-[]->(a);(_x1)")?, terms);
        assert_eq!(parse(" ( a ) - [ e ] -> ( b ) ; (b)-[ ]->() ; ! ()-[]->(a) ;(_x1) ; ")?, terms);
        Ok(())
    }

    #[test]
    fn what_is_wrong_with_a_pattern_is_named_with_its_place() {
        for (pattern, expected) in [
            ("", "character 1: found the end, expected \"(\""),
            ("(a)-[e]->(b", "character 12: found the end, expected a name or \")\""),
            ("(a)-[e]-(b)", "character 8: found \"-\", expected \"->\""),
            ("(a)-(b)", "character 5: found \"(\", expected \"[\""),
            ("(a)-[1]->(b)", "character 6: found \"1\", expected \"]\""),
            ("(a) (b)", "character 5: found \"(\", expected \";\" or the end"),
            ("()", "character 1: found \"(\", expected a vertex with a name"),
            ("!(a)", "character 5: found the end, expected \"-\""),
            ("(ä)-[]->(b); x", "character 14: found \"x\", expected \"(\""),
        ] {
            let message = parse(pattern).unwrap_err().to_string();
            assert!(message.contains(expected), "{pattern}: {message}");
        }
    }
}
