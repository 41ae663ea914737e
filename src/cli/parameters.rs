//! The options for parameters of a registry, and what was given for them.

use std::collections::BTreeMap;

use clap::builder::{PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use superstep::algorithms::{Arguments, Parameter, Weights};

/// The option for a parameter of an algorithm or a generator.
pub(super) fn parameter_argument(parameter: &Parameter) -> Arg {
    let mut help = parameter.help.to_owned();
    if !parameter.default.is_empty() {
        help.push_str(&format!(" [default: {}]", parameter.default));
    }
    let argument =
        Arg::new(parameter.name).long(parameter.name).required(parameter.is_required()).help(help);
    if parameter.value.is_empty() {
        return argument.action(ArgAction::SetTrue);
    }
    argument
        .value_name(parameter.value)
        .allow_negative_numbers(true)
        .value_parser(parameter_parser(parameter))
}

/// An option that is false unless it is given. As settings may say that it is true, `=false` is
/// there to say that it is not.
pub(super) fn switch(name: &'static str) -> Arg {
    Arg::new(name)
        .value_name("BOOL")
        .num_args(0..=1)
        .require_equals(true)
        .value_parser(value_parser!(bool))
        .default_missing_value("true")
        .default_value("false")
        .hide_default_value(true)
        .hide_possible_values(true)
}

/// Checks what can be told from the kind of value, so that a slip shows before the input is read.
/// The algorithm checks the rest.
fn parameter_parser(parameter: &Parameter) -> ValueParser {
    if !parameter.choices.is_empty() {
        return PossibleValuesParser::new(parameter.choices).into();
    }
    match parameter.value {
        // Whether ids are numbers is told by another option.
        "COUNT" | "SEED" => whole_number::<u64>(0, u64::MAX),
        "FRACTION" => ValueParser::new(fraction),
        "CHANGE" | "NUMBER" => value_parser!(f64).into(),
        _ => ValueParser::string(),
    }
}

/// A parser of whole numbers of a range, which says the range where a text is none of them.
pub(super) fn whole_number<T>(least: u64, most: u64) -> ValueParser
where
    T: TryFrom<u64> + Clone + Send + Sync + 'static,
{
    ValueParser::new(move |text: &str| {
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| format!("expected a whole number from {least} to {most}"))
    })
}

/// The options of the parameters that have to be given, for an example, each after a blank.
pub(super) fn example(parameters: &[Parameter]) -> String {
    let required = parameters.iter().filter(|parameter| parameter.is_required());
    let option = |parameter: &Parameter| {
        let value = example_value(parameter);
        // Shells read parentheses.
        let quote = if value.contains('(') { "\"" } else { "" };
        format!(" --{} {quote}{value}{quote}", parameter.name)
    };
    required.map(option).collect()
}

/// A value of a parameter, for an example.
pub(super) fn example_value(parameter: &Parameter) -> &'static str {
    match parameter.value {
        "ID" => "1",
        "IDS" => "1,2",
        "PATTERN" => "(a)-[]->(b)",
        _ => "3",
    }
}

/// The name of a graph in an example: one with weights, where they are needed.
pub(super) fn example_graph(weights: Weights) -> &'static str {
    if weights == Weights::Needed { "weighted.txt" } else { "graph.txt" }
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
