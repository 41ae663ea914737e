//! What can be set by name: the parameters of algorithms and generators, and arguments for them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Something that can be set.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The name, a long option on the command line.
    pub name: &'static str,
    /// What its value is. The command line checks some kinds itself: `COUNT`, `ID` and `SEED`
    /// (`u64`), `IDS` (`u64`s between commas), `FRACTION` (0 to 1), `CHANGE` and `NUMBER` (`f64`).
    /// Empty for a flag: it has no value, and [`Arguments::is_set`] tells whether it was given.
    pub value: &'static str,
    /// What it does, with unit and range.
    pub help: &'static str,
    /// What holds when it is not set, in words or as a value.
    pub default: &'static str,
    /// The allowed values, when they are few; else empty.
    pub choices: &'static [&'static str],
}

impl Parameter {
    /// True for what has to be set: there is no default.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.default.starts_with("none: it has to be given")
    }
}

/// Arguments by parameter name, as text.
#[derive(Debug, Clone, Default)]
pub struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// Sets an argument.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// True when the argument was given.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns an argument as a value, or `None` when it is not set.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when the text is not such a value.
    pub fn get<T: FromStr>(&self, name: &str) -> Result<Option<T>>
    where
        T::Err: fmt::Display,
    {
        self.0.get(name).map(|text| parsed(name, text)).transpose()
    }

    /// Returns an argument that has no default; `owner` is what needs it, for the message.
    ///
    /// # Errors
    /// As [`get`](Self::get), and [`ErrorKind::Argument`](crate::ErrorKind::Argument) when it is
    /// not set.
    pub fn required<T: FromStr>(&self, owner: &str, parameter: &Parameter) -> Result<T>
    where
        T::Err: fmt::Display,
    {
        let Parameter { name, value, .. } = parameter;
        let missing = || Error::argument(format!("{owner} needs --{name} {value}"));
        self.get(name)?.ok_or_else(missing)
    }

    /// Returns the values between the commas of an argument, in their order, or `None` when it is
    /// not set.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn list<T: FromStr>(&self, name: &str) -> Result<Option<Vec<T>>>
    where
        T::Err: fmt::Display,
    {
        let list = |text: &String| text.split(',').map(|item| parsed(name, item.trim())).collect();
        self.0.get(name).map(list).transpose()
    }
}

fn parsed<T: FromStr>(name: &str, text: &str) -> Result<T>
where
    T::Err: fmt::Display,
{
    text.parse().map_err(|error| {
        // All digits and yet no number of this type: it is too large.
        let is_whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let most = u64::MAX.checked_shr(u64::BITS.saturating_sub(8 * size_of::<T>() as u32));
        Error::argument(match most {
            Some(most) if is_whole => format!("--{name} {text}: expected at most {most}"),
            _ => format!("--{name} {text}: {error}"),
        })
    })
}
