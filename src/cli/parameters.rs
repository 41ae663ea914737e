//! The options for parameters of a registry, and what was given for them.

use std::collections::BTreeMap;

use clap::builder::{PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use superstep::algorithms::{Arguments, Parameter};

/// The option for a parameter of an algorithm or a generator.
pub(super) fn parameter_argument(parameter: &Parameter) -> Arg {
    let mut help = parameter.help.to_owned();
    if !parameter.default.is_empty() {
        help.push_str(&format!(" [default: {}]", parameter.default));
    }
    let argument = Arg::new(parameter.name).long(parameter.name).help(help);
    if parameter.value.is_empty() {
        return argument.action(ArgAction::SetTrue);
    }
    argument
        .value_name(parameter.value)
        .allow_negative_numbers(true)
        .value_parser(parameter_parser(parameter))
}

/// Checks what can be told from the kind of value, so that a slip shows before the input is read.
/// The algorithm checks the rest.
fn parameter_parser(parameter: &Parameter) -> ValueParser {
    if !parameter.choices.is_empty() {
        return PossibleValuesParser::new(parameter.choices).into();
    }
    match parameter.value {
        // Whether ids are numbers is told by another option.
        "COUNT" | "SEED" => value_parser!(u64).into(),
        "FRACTION" => ValueParser::new(fraction),
        "CHANGE" | "NUMBER" => value_parser!(f64).into(),
        _ => ValueParser::string(),
    }
}

fn fraction(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        Ok(_) => Err("not from 0 to 1".to_owned()),
        Err(error) => Err(format!("{error}")),
    }
}

/// Returns the values of parameters, for the report and for what they are of: it knows the
/// defaults of those that are not given.
pub(super) fn chosen(
    parameters: &[Parameter],
    matches: &ArgMatches,
) -> (BTreeMap<&'static str, String>, Arguments) {
    let mut arguments = Arguments::default();
    let mut shown = BTreeMap::new();
    for parameter in parameters {
        if parameter.value.is_empty() {
            let set = matches.get_flag(parameter.name);
            if set {
                arguments.set(parameter.name, "");
            }
            shown.insert(parameter.name, set.to_string());
            continue;
        }
        let given = matches.get_raw(parameter.name).and_then(|mut values| values.next());
        let value = given.map(|value| value.to_string_lossy().into_owned());
        if let Some(value) = &value {
            arguments.set(parameter.name, value.as_str());
        }
        shown.insert(parameter.name, value.unwrap_or_else(|| parameter.default.to_owned()));
    }
    (shown, arguments)
}
