//! Checks of numbers that callers set, with messages that name the parameter.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

use super::registry::Arguments;

/// Checks an argument by a rule, if it was given; the rule is told its name.
pub(super) fn given<T: FromStr>(
    arguments: &Arguments,
    name: &str,
    rule: impl FnOnce(&str, T) -> Result<()>,
) -> Result<()>
where
    T::Err: fmt::Display,
{
    arguments.get(name)?.map_or(Ok(()), |value| rule(name, value))
}

/// Checks that a number is more than 0 and finite.
pub(super) fn positive(name: &str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::argument(format!("{name} {value}: expected a number above 0")))
}

/// Checks that a number is from 0 to 1.
pub(super) fn fraction(name: &str, value: f64) -> Result<()> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::argument(format!("{name} {value}: expected a number from 0 to 1")))
}

/// Checks that a count is at least 1.
pub(super) fn at_least_one(name: &str, value: usize) -> Result<()> {
    if value > 0 {
        return Ok(());
    }
    Err(Error::argument(format!("{name} 0: expected at least 1")))
}
