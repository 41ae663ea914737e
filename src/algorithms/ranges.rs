//! Checks of numbers that callers set, with messages that name the parameter.

use crate::error::{Error, Result};

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
