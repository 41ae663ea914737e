//! Rows against expected rows.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::graph::VertexId;

/// By how much of the expected value a float may differ.
pub const EPSILON: f64 = 1e-4;

/// The largest float as C++ prints it, which stands for no path in some results.
const LARGEST_PRINTED: f64 = 1.79769e308;

/// How many differences are told one by one.
const EXAMPLES: usize = 5;

/// When two results count as the same. Either way the same vertices have to be there, once each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Equal values.
    Exact,
    /// Labels that divide the vertices alike, whatever they are.
    Equivalence,
    /// Values that differ by at most [`EPSILON`] of the expected one; 0 and infinite ones are equal
    /// to themselves only.
    Epsilon,
}

impl Rule {
    const NAMES: [(&str, Rule); 3] =
        [("exact", Self::Exact), ("equivalence", Self::Equivalence), ("epsilon", Self::Epsilon)];

    /// Kernels by the names of Graphalytics and those of this library.
    const KERNELS: [(&str, Rule); 11] = [
        ("bfs", Self::Exact),
        ("pr", Self::Epsilon),
        ("pagerank", Self::Epsilon),
        ("wcc", Self::Equivalence),
        ("connected-components", Self::Equivalence),
        ("strongly-connected-components", Self::Equivalence),
        ("cdlp", Self::Exact),
        ("label-propagation", Self::Exact),
        ("lcc", Self::Epsilon),
        ("clustering-coefficient", Self::Epsilon),
        ("sssp", Self::Epsilon),
    ];

    /// Returns the rule for a kernel, by its name in Graphalytics or in this library.
    #[must_use]
    pub fn of_kernel(name: &str) -> Option<Self> {
        Self::KERNELS.iter().find(|(kernel, _)| *kernel == name).map(|(_, rule)| *rule)
    }

    /// Returns the names of the kernels that have a rule.
    pub fn kernels() -> impl Iterator<Item = &'static str> {
        Self::KERNELS.iter().map(|(name, _)| *name)
    }
}

impl FromStr for Rule {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, rule)| *rule).ok_or_else(|| {
            Error::argument(format!("{name:?} is not one of exact, equivalence, epsilon"))
        })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::NAMES.iter().find(|(_, rule)| rule == self);
        f.write_str(found.map_or("", |(name, _)| name))
    }
}

/// How a result compares with an expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// The rule.
    pub rule: Rule,
    /// Rows that were expected.
    pub expected: u64,
    /// Rows that are missing, too many, or have another value than expected.
    pub wrong: u64,
    /// The first of these, in words.
    pub examples: Vec<String>,
}

impl Comparison {
    /// True when nothing is wrong.
    #[must_use]
    pub fn is_match(&self) -> bool {
        self.wrong == 0
    }

    fn note(&mut self, example: impl FnOnce() -> String) {
        self.wrong += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(example());
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_match() {
            return write!(f, "{} rows match ({})", self.expected, self.rule);
        }
        write!(f, "{} wrong, {} expected ({})", self.wrong, self.expected, self.rule)?;
        self.examples.iter().try_for_each(|example| write!(f, "\n  {example}"))?;
        let more = self.wrong - self.examples.len() as u64;
        if more > 0 { write!(f, "\n  and {more} more") } else { Ok(()) }
    }
}

/// A value that rules can compare.
pub trait Comparable: Copy + fmt::Display {
    /// The value for [`Rule::Exact`] and [`Rule::Equivalence`].
    fn bits(self) -> u64;
    /// The value for [`Rule::Epsilon`].
    fn number(self) -> f64;
}

impl Comparable for u64 {
    fn bits(self) -> u64 {
        self
    }

    fn number(self) -> f64 {
        self as f64
    }
}

impl Comparable for f64 {
    fn bits(self) -> u64 {
        // Zeros of either sign are the same.
        (self + 0.0).to_bits()
    }

    fn number(self) -> f64 {
        if self.abs() >= LARGEST_PRINTED { f64::INFINITY.copysign(self) } else { self }
    }
}

/// Compares rows with expected rows, each in any order.
///
/// ```
/// use superstep::validation::{Rule, compare};
///
/// let components = vec![(3, 1_u64), (1, 1), (2, 2)];
/// let others = vec![(1, 7), (2, 9), (3, 7)];
/// assert!(compare(Rule::Equivalence, components.clone(), others.clone()).is_match());
/// let exact = compare(Rule::Exact, components, others);
/// assert_eq!(exact.examples[0], "vertex 1: found 1, expected 7");
/// ```
#[must_use]
pub fn compare<T: Comparable>(
    rule: Rule,
    mut found: Vec<(VertexId, T)>,
    mut expected: Vec<(VertexId, T)>,
) -> Comparison {
    found.sort_by_key(|(id, _)| *id);
    expected.sort_by_key(|(id, _)| *id);
    let mut comparison =
        Comparison { rule, expected: expected.len() as u64, wrong: 0, examples: Vec::new() };
    let (mut there, mut back) = (HashMap::new(), HashMap::new());
    // The last vertex that both have.
    let mut matched = None;
    let (mut found, mut expected) = (found.into_iter().peekable(), expected.into_iter().peekable());
    loop {
        let next = match (found.peek(), expected.peek()) {
            (None, None) => return comparison,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
        };
        match next {
            std::cmp::Ordering::Less => {
                let id = found.next().map_or(0, |(id, _)| id);
                comparison.note(|| format!("vertex {id}: one row too many"));
            }
            std::cmp::Ordering::Greater => {
                let id = expected.next().map_or(0, |(id, _)| id);
                comparison.note(|| match matched {
                    Some(last) if last == id => format!("vertex {id}: expected in one row more"),
                    _ => format!("vertex {id}: missing"),
                });
            }
            std::cmp::Ordering::Equal => {
                let (Some((id, own)), Some((_, other))) = (found.next(), expected.next()) else {
                    return comparison;
                };
                matched = Some(id);
                match rule {
                    Rule::Exact if own.bits() == other.bits() => {}
                    Rule::Epsilon if is_close(own.number(), other.number()) => {}
                    Rule::Exact | Rule::Epsilon => {
                        comparison.note(|| format!("vertex {id}: found {own}, expected {other}"));
                    }
                    Rule::Equivalence => {
                        let (label, like) = *there.entry(own.bits()).or_insert((other, id));
                        let (own_label, first) = *back.entry(other.bits()).or_insert((own, id));
                        if label.bits() != other.bits() {
                            comparison.note(|| {
                                format!(
                                    "vertex {id}: found the same label as at vertex {like}, {own}, \
                                     but expected others, {other} here and {label} there"
                                )
                            });
                        } else if own_label.bits() != own.bits() {
                            comparison.note(|| {
                                format!(
                                    "vertex {id}: found another label than at vertex {first}, \
                                     {own} here and {own_label} there, but expected the same, {other}"
                                )
                            });
                        }
                    }
                }
            }
        }
    }
}

fn is_close(found: f64, expected: f64) -> bool {
    let close = (found - expected).abs() <= EPSILON * expected.abs();
    found == expected || close && found.is_finite() && expected.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(rule: Rule, found: &[(u64, f64)], expected: &[(u64, f64)]) -> u64 {
        compare(rule, found.to_vec(), expected.to_vec()).wrong
    }

    #[test]
    fn floats_match_within_a_share_of_the_expected_value() {
        let inf = f64::INFINITY;
        for (found, expected, matches) in [
            (1.0001, 1.0, true),
            (1.0002, 1.0, false),
            (-1.0001, -1.0, true),
            (inf, inf, true),
            (1e300, inf, false),
            (inf, 1e300, false),
            (inf, -inf, false),
            (0.0, 0.0, true),
            (-0.0, 0.0, true),
            (1e-300, 0.0, false),
            (f64::NAN, 1.0, false),
            (f64::NAN, f64::NAN, false),
        ] {
            let found_wrong = wrong(Rule::Epsilon, &[(1, found)], &[(1, expected)]);
            assert_eq!(found_wrong == 0, matches, "{found} {expected}");
        }
    }

    #[test]
    fn rows_that_are_missing_or_too_many_are_wrong_under_every_rule() {
        for rule in [Rule::Exact, Rule::Equivalence, Rule::Epsilon] {
            let expected = [(1, 1.0), (2, 1.0), (3, 1.0)];
            assert_eq!(wrong(rule, &[(3, 1.0), (2, 1.0), (1, 1.0)], &expected), 0);
            assert_eq!(wrong(rule, &[(1, 1.0), (3, 1.0)], &expected), 1);
            assert_eq!(wrong(rule, &[(1, 1.0), (2, 1.0), (2, 1.0), (3, 1.0)], &expected), 1);
            assert_eq!(wrong(rule, &[(9, 1.0), (1, 1.0), (2, 1.0)], &expected), 2);
            assert_eq!(wrong(rule, &[], &[]), 0);
        }
        let twice = compare(Rule::Exact, vec![(3, 1_u64)], vec![(3, 1), (3, 1), (4, 1)]);
        assert_eq!(twice.examples, ["vertex 3: expected in one row more", "vertex 4: missing"]);
    }

    #[test]
    fn labels_are_equivalent_only_if_they_divide_alike_both_ways() {
        let halves = [(1, 1.0), (2, 1.0), (3, 2.0), (4, 2.0)];
        let swapped = [(1, 2.0), (2, 2.0), (3, 1.0), (4, 1.0)];
        assert_eq!(wrong(Rule::Equivalence, &halves, &swapped), 0);
        assert_ne!(wrong(Rule::Exact, &halves, &swapped), 0);
        let whole = [(1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0)];
        assert_ne!(wrong(Rule::Equivalence, &halves, &whole), 0);
        assert_ne!(wrong(Rule::Equivalence, &whole, &halves), 0);
    }
}
