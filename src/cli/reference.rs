//! `superstep reference`: the pages of the manual that are made from the code, as Markdown.
//!
//! Hidden: it is for those who change the command, and `docs/` holds what it writes. A test
//! compares the two.

use std::collections::BTreeSet;
use std::fmt::Write;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};
use superstep::Result;
use superstep::algorithms::{ALGORITHMS, Algorithm, Arguments, Parameter, Weights, find};
use superstep::graph::generate::FAMILIES;
use superstep::io::FORMATS;
use superstep::validation::can_verify;

use super::destination::Destination;
use super::parameters::{example, example_value};
use super::sinks::SINKS;

pub(super) fn command() -> Command {
    Command::new("reference")
        .hide(true)
        .about("Writes a page of the manual that is made from the code, as Markdown")
        .after_help("Examples:\n  superstep reference command > docs/command.md")
        .arg(
            Arg::new("PAGE")
                .value_name("PAGE")
                .required(true)
                .value_parser(PossibleValuesParser::new(["command", "algorithms", "formats"]))
                .help("The page"),
        )
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let page = match matches.get_one::<String>("PAGE").map(String::as_str) {
        Some("algorithms") => algorithms(),
        Some("formats") => formats(),
        _ => reference(super::command()),
    };
    let mut out = Destination::open(None)?;
    out.put(page.as_bytes())?;
    out.finish()
}

/// What stands at the head of each page.
fn head(page: &str, title: &str) -> String {
    format!("<!-- Made by `superstep reference {page}`; do not edit. -->\n\n# {title}\n\n")
}

/// The reference of the command.
fn reference(mut command: Command) -> String {
    command.build();
    let mut text = head("command", "The command");
    text.push_str(
        "Only data goes to standard output, so that it can be piped; progress and messages go to \
         standard error. Exit codes: 0 done, 1 the job failed, 2 wrong usage, 3 bad input data, 4 \
         input, output or spilling failed, 5 a resource limit, 129 hung up, 130 interrupted, 143 \
         terminated.\n",
    );
    for subcommand in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        let name = subcommand.get_name();
        if name == "help" {
            continue;
        }
        let about = subcommand.get_about().map(ToString::to_string).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## superstep {name}\n\n{about}.\n");
        let kinds: Vec<&Command> =
            subcommand.get_subcommands().filter(|one| one.get_name() != "help").collect();
        if kinds.is_empty() {
            options(&mut text, &mut subcommand.get_arguments());
        } else {
            shared(&mut text, subcommand, &kinds);
        }
        if let Some(examples) = subcommand.get_after_help() {
            let _ = write!(text, "\n```text\n{examples}\n```\n");
        }
    }
    text
}

/// The kinds of a subcommand with what each alone has, and the options that they share.
fn shared(text: &mut String, subcommand: &Command, kinds: &[&Command]) {
    let place = match subcommand.get_name() {
        "generate" => "Graphs",
        "run" | "bench" | "estimate" => {
            "Algorithms; [their parameters](algorithms.md) are options, too"
        }
        _ => "Subcommands",
    };
    let _ = write!(text, "\n{place}:\n\n");
    for kind in kinds {
        let about = kind.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "- `{}`: {about}", kind.get_name());
    }
    let own = |kind: &Command| own_parameters(subcommand.get_name(), kind.get_name());
    if subcommand.get_name() == "generate" {
        for kind in kinds {
            let _ = write!(text, "\n### {}\n", kind.get_name());
            parameters(text, own(kind));
        }
        text.push_str("\n### Options of all graphs\n");
    }
    let mut seen = BTreeSet::new();
    let common = kinds.iter().flat_map(|kind| {
        let own: Vec<_> = own(kind).iter().map(|parameter| parameter.name).collect();
        kind.get_arguments().filter(move |option| !own.contains(&option.get_id().as_str()))
    });
    let mut common = common.filter(|option| seen.insert(option.get_id().to_string()));
    options(text, &mut common);
}

/// The parameters of an algorithm or a generator, which only its own subcommand has.
fn own_parameters(subcommand: &str, kind: &str) -> &'static [Parameter] {
    match subcommand {
        "generate" => {
            let family = FAMILIES.iter().find(|family| family.name() == kind);
            family.map(|family| family.parameters()).unwrap_or_default()
        }
        _ => find(kind).map(<dyn Algorithm>::parameters).unwrap_or_default(),
    }
}

/// A table of options.
fn options(text: &mut String, arguments: &mut dyn Iterator<Item = &Arg>) {
    let shown = arguments.filter(|one| !["help", "version"].contains(&one.get_id().as_str()));
    let rows: Vec<String> = shown.map(row).collect();
    if !rows.is_empty() {
        let _ = write!(text, "\n| option | what it does |\n|---|---|\n{}", rows.concat());
    }
}

fn row(argument: &Arg) -> String {
    let mut name = match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("--{long}"),
        (Some(short), None) => format!("-{short}"),
        (None, None) => String::new(),
    };
    if is_switch(argument) && argument.get_action().takes_values() {
        name.push_str("[=BOOL]");
    } else if argument.get_action().takes_values() {
        for value in argument.get_value_names().unwrap_or_default() {
            let gap = if name.is_empty() { "" } else { " " };
            let _ = write!(name, "{gap}{value}");
        }
    }
    let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let choices = argument.get_possible_values();
    if !choices.is_empty() && !is_switch(argument) {
        let names: Vec<_> =
            choices.iter().map(|choice| format!("`{}`", choice.get_name())).collect();
        let _ = write!(help, ". One of {}", names.join(", "));
    }
    format!("| `{}` | {} |\n", cell(&name), cell(&help))
}

/// True for an option that is true when it is given.
fn is_switch(argument: &Arg) -> bool {
    !argument.get_action().takes_values() || argument.get_default_values() == ["false"]
}

/// Text that does not end a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The catalogue of algorithms.
fn algorithms() -> String {
    let mut text = head("algorithms", "Algorithms");
    text.push_str(
        "Each runs as `superstep run NAME GRAPH`, and in Rust through the registry, \
         `superstep::algorithms::find(\"NAME\")`, or the typed call in `superstep::algorithms`. Its \
         documentation says what it computes, with which messages, and where it comes from.\n\n\
         | name | what it computes |\n|---|---|\n",
    );
    for algorithm in ALGORITHMS {
        let (name, summary) = (algorithm.name(), cell(algorithm.summary()));
        let _ = writeln!(text, "| [`{name}`](#{name}) | {summary} |");
    }
    for algorithm in ALGORITHMS {
        let _ = write!(text, "\n## {}\n\n{}.", algorithm.name(), algorithm.summary());
        text.push_str(match algorithm.weights() {
            Weights::Ignored => " Weights play no part.",
            Weights::Optional => " Takes weights of edges with `--weighted`.",
            Weights::Needed => " Takes weights of edges; with `--unit-weights` each is 1.",
        });
        if can_verify(algorithm.name()) {
            text.push_str(" `--verify` checks the result.");
        }
        text.push('\n');
        columns(&mut text, *algorithm);
        parameters(&mut text, algorithm.parameters());
    }
    text
}

/// The columns of a result, with the arguments of the example where some are required.
fn columns(text: &mut String, algorithm: &dyn Algorithm) {
    let mut arguments = Arguments::default();
    for parameter in algorithm.parameters().iter().filter(|parameter| parameter.is_required()) {
        arguments.set(parameter.name, example_value(parameter));
    }
    let Some(shape) = algorithm.shape(&arguments) else { return };
    if shape.columns.is_empty() {
        text.push_str("\nThe result is figures: names and values.\n");
        return;
    }
    let with = example(algorithm.parameters());
    let with = if shape.columns.iter().any(|name| name.ends_with(" 1")) && !with.is_empty() {
        format!(", with `{}`", with.trim_start())
    } else {
        String::new()
    };
    let names: Vec<_> = shape.columns.iter().map(|name| format!("`{name}`")).collect();
    let _ = write!(text, "\nColumns{with}: {}.\n", names.join(", "));
}

/// A table of parameters.
fn parameters(text: &mut String, parameters: &[Parameter]) {
    if parameters.is_empty() {
        return;
    }
    text.push_str("\n| parameter | what it does | default |\n|---|---|---|\n");
    for parameter in parameters {
        let name = format!("--{} {}", parameter.name, parameter.value);
        let mut help = parameter.help.to_owned();
        if !parameter.choices.is_empty() {
            let names: Vec<_> = parameter.choices.iter().map(|one| format!("`{one}`")).collect();
            let _ = write!(help, ". One of {}", names.join(", "));
        }
        let is_needed = parameter.default.is_empty() && !parameter.value.is_empty();
        let default = if is_needed { "none: it has to be given" } else { parameter.default };
        let (help, default) = (cell(&help), cell(default));
        let _ = writeln!(text, "| `{}` | {help} | {default} |", cell(name.trim_end()));
    }
}

/// The formats of graphs.
fn formats() -> String {
    let mut text = head("formats", "Formats");
    text.push_str(
        "A graph's format is told by how its file begins or by what stands beside it, where the \
         format has a mark, or else by the file's extension; what nothing tells is an edge list. \
         `--format NAME` overrides all. [Public graphs](graph-files.md) says what the large \
         collections need. Files may be compressed with gzip, zstd or bzip2, whatever their names. Several files, \
         folders and patterns such as `part-*` make one graph; `-` is standard input.\n\n\
         | name | extensions | what it is |\n|---|---|---|\n",
    );
    for format in FORMATS {
        let extensions: Vec<_> =
            format.extensions().iter().map(|one| format!("`.{one}`")).collect();
        let summary = cell(format.summary());
        let _ = writeln!(text, "| `{}` | {} | {summary} |", format.name(), extensions.join(" "));
    }
    text.push_str(
        "\nParquet, Arrow, GAP's and WebGraph's files and superstep's own are read from many places \
         at once and cannot be compressed as a whole; `convert` refuses to write them so.\n",
    );
    text.push_str(
        "\n## Edge lists\n\nA line is an edge: source, target and perhaps a weight, between tabs, \
         blanks, commas or what `--delimiter` says. Lines that begin with `#` or `%` are comments. \
         `--source-column`, `--target-column` and `--weight-column` choose columns by number, from \
         1, or by their names in a first line; the usual names (`source`, `src`, `from`; `target`, `dst`, \
         `to`; `weight`) are found wherever they stand. Of several files each may have its own first \
         line. One tab, comma or delimiter ends a field, be it an empty one. Ids are any whole numbers below 2^64, however \
         sparse; with `--names` they are any text, and `--header-line yes` says that the first line has the names of \
         columns, which nothing else tells then. Fields may stand in quotes between commas, semicolons and \
         bars, not between tabs and blanks.\n\n\
         ## Columns with types\n\nIn Parquet, Arrow and lines of JSON the first of the usual names counts, in \
         the order above. Ids are integers or text, weights integers or floats of 32 or 64 bits. Parquet's \
         columns may be compressed by Snappy, LZ4, gzip or zstd.\n\n\
         ## Weights\n\nA weight is a decimal number of 64 bits (a double), or `inf` or `-inf` \
         spelled out; NaN, and a number that no double is large enough for, such as `1e400`, are \
         errors. A sum of weights, as by `--merge-duplicates sum`, may be infinite. In lines of JSON \
         the first object says whether edges have weights, of several files with columns the first \
         file; where weights are wanted, what disagrees is an error, so that none is lost \
         (`--unit-weights` leaves them out). Of METIS, an edge has the same weight at both ends.\n\n\
         ## Limits\n\nA line of edges has at most 1 MiB (1048576 bytes), in every format with an \
         edge, a group or an object a line; `--on-error skip` leaves longer ones out. A line of neighbours (`adjacency-list`, `metis`, \
         `webgraph-ascii`) may be of any length; only a field has at most 1 MiB. GML and GraphML are \
         read into memory as a whole. Zeros may follow the last stream of a compressed file, \
         anything else is an error.\n\n\
         ## Errors\n\nA file that does not follow its format ends the run with exit code 3 and the place: \
         `graph.txt:17:5: found \"x\", expected a vertex id`; of a compressed graph, the byte and the \
         vertex.\n",
    );
    results(&mut text);
    text
}

/// The forms of results.
fn results(text: &mut String) {
    text.push_str(
        "\n## Results\n\n`superstep run -o FILE` writes a result in the form of the file's \
         extension; `--output-format NAME` overrides it, and what nothing tells is `tsv`. Forms of \
         text are compressed for names that end with `.gz`, `.zst` or `.bz2`. A name that ends \
         with `/`, such as `ranks.parquet/`, or an empty directory gets a file for each partition, \
         `part-00000.parquet` and so on, and `_SUCCESS`.\n\n\
         | name | extensions | what it is |\n|---|---|---|\n",
    );
    for sink in SINKS {
        let extensions: Vec<_> = sink.extensions().iter().map(|one| format!("`.{one}`")).collect();
        let (name, extensions) = (sink.name(), extensions.join(" "));
        let _ = writeln!(text, "| `{name}` | {extensions} | {} |", cell(sink.summary()));
    }
    text.push_str(
        "\nIds and other whole numbers are unsigned and have 64 bits, numbers are doubles whose \
         text reads back the same bits, and `--names` makes ids words. What is missing, such as \
         the parent of a vertex that was not reached, is empty in `tsv` and `csv` and null in JSON \
         and columns. JSON has no number for infinities and what is no number: they are the \
         strings `\"inf\"`, `\"-inf\"` and `\"NaN\"`. A list of ids, such as a walk, has blanks \
         between them in lines, and is a list in JSON and columns.\n",
    );
}
