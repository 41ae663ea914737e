//! `superstep convert`: a graph from one format to another.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use superstep::graph::{GRAPH_FILE_EXTENSION, Graph};
use superstep::io::{
    FORMATS, Format, GraphInput, Merge, WriteOptions, detect_format, find_format, format_of_name,
};
use superstep::rdd::Context;
use superstep::{Error, Result};

use super::compression::Compression;
use super::engine::{self, threads_argument};
use super::graph_source::{self, Opened};
use super::input::Input;
use super::output::Output;
use super::outputs::check_outputs;
use super::progress::Progress;
use super::run::quiet_argument;
use super::{interrupt, say};

pub(super) fn command() -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    Command::new("convert")
        .about("Writes a graph in another format")
        .after_help(
            "Examples:\n  superstep convert web.mtx web.tsv.gz\n  \
             superstep convert --weighted roads.csv roads.gr\n  \
             superstep convert --undirected part-*.gz graph.ssg\n  \
             superstep convert --names --renumber --undirected packages.tsv packages.graph",
        )
        .arg(graph_source::input_argument())
        .arg(
            Arg::new("output")
                .value_name("OUTPUT")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("Where to write, in the format and the compression of its extension, or - for stdout"),
        )
        .next_help_heading("Graph")
        .args(graph_source::arguments())
        .arg(flag("weighted").help("Read the weights of edge lists; other formats say themselves whether they have any"))
        .arg(flag("unit-weights").conflicts_with("weighted").help("Leave weights out"))
        .arg(flag("renumber").help("Number the vertices anew, without gaps, in the order of their ids"))
        .arg(threads_argument())
        .next_help_heading("Format")
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("NAME")
                .hide_possible_values(true)
                .value_parser(PossibleValuesParser::new(written_formats().map(PossibleValue::new)))
                .help("The output's format [default: by its extension]"),
        )
        .args(graph_source::format_arguments())
        .next_help_heading("Memory and faults")
        .args(engine::arguments())
        .next_help_heading("Output")
        .arg(quiet_argument())
}

/// The names of formats that graphs are written in.
fn written_formats() -> impl Iterator<Item = &'static str> {
    let text = FORMATS.iter().filter(|format| format.can_write()).map(|format| format.name());
    text.chain([GRAPH_FILE_EXTENSION])
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    check_outputs(matches)?;
    let path = matches.get_one::<PathBuf>("output").cloned().unwrap_or_default();
    let format = output_format(&path, matches)?;
    let compression = Compression::of_name(&path);
    if let (Some(compression), false) = (compression, format.can_be_compressed()) {
        let (name, extension) = (format.name(), compression.extension());
        let reason = format!("a graph in the format {name} is not compressed as .{extension}");
        return Err(Error::argument(reason));
    }
    let to_stdout = path == Path::new("-");
    let out = Output::open((!to_stdout).then_some(path.as_path()), compression)?;
    let progress = Progress::new(matches.get_flag("quiet") || out.is_terminal());
    progress.wait("opening input");
    let inputs = matches.get_many::<PathBuf>("input").unwrap_or_default();
    let inputs: Vec<Input> = inputs.map(|path| Input::open(path)).collect::<Result<_>>()?;
    let run = || convert(matches, &inputs, format, &path, out, &progress);
    let ran = engine::within_timeout(matches, run);
    progress.clear();
    ran.map_err(|error| inputs.iter().fold(error, |error, input| input.rename(error)))
}

/// Returns the format to write.
fn output_format(path: &Path, matches: &ArgMatches) -> Result<&'static dyn Format> {
    let asked = matches.get_one::<String>("to");
    let format = asked.map_or_else(|| format_of_name(path), |name| find_format(name));
    let names = || written_formats().collect::<Vec<_>>().join(", ");
    match format {
        Some(format) if format.can_write() || format.name() == GRAPH_FILE_EXTENSION => Ok(format),
        Some(format) => {
            let name = format.name();
            Err(Error::argument(format!(
                "graphs are not written in the format {name}, but in {}",
                names()
            )))
        }
        None => {
            let shown = path.display();
            Err(Error::argument(format!(
                "{shown}: the extension tells no format; --to takes {}",
                names()
            )))
        }
    }
}

fn convert(
    matches: &ArgMatches,
    inputs: &[Input],
    format: &'static dyn Format,
    path: &Path,
    mut out: Output,
    progress: &Progress,
) -> Result<()> {
    let context = engine::configure(Context::builder(), matches, progress)?.build()?;
    let _noted = interrupt::note_context(&context);
    progress.read("converting", inputs.iter().map(Input::path));
    let mut opened = open(&context, inputs, matches)?;
    if matches.get_flag("drop-self-loops") {
        opened.change(
            "self_loops_dropped",
            "self-loops left out",
            GraphInput::without_self_loops,
        )?;
    }
    if matches.get_flag("drop-duplicates") {
        opened.change("duplicates_dropped", "duplicates left out", |input| {
            input.merged(Merge::First)
        })?;
    }
    // A graph that is saved is built before, and checked then.
    let is_saved = format.name() == GRAPH_FILE_EXTENSION;
    let mut isolated = None;
    if !is_saved {
        (opened.input, isolated) = opened.input.clone().watched()?;
    }
    if format.has_place_for_vertices() || matches.get_flag("quiet") {
        isolated = None;
    }
    if matches.get_flag("renumber") {
        opened.input = opened.input.clone().renumbered(format.first_id())?;
    }
    if is_saved {
        save(&opened, matches, path, &mut out)?;
    } else {
        let options = WriteOptions { delimiter: delimiter(path) };
        format.write(&opened.input, &options, &mut |piece| out.put(&piece))?;
    }
    out.finish()?;
    progress.clear();
    opened.tell(matches)?;
    if let Some(count @ 1..) = isolated.map(|isolated| isolated.count()) {
        say(&format!(
            "note: a list of edges has no place for vertices without any, of which there are {count}\n"
        ));
    }
    Ok(())
}

/// Opens the input, with weights where it has them and they are wanted.
fn open(context: &Context, inputs: &[Input], matches: &ArgMatches) -> Result<Opened> {
    let asked = matches.get_flag("weighted") || matches.contains_id("weight-column");
    let mut options = graph_source::read_options(matches, asked);
    if !asked && !matches.get_flag("unit-weights") {
        let paths: Vec<&Path> = inputs.iter().map(Input::path).collect();
        let format = options.format.map_or_else(|| detect_format(&paths), Ok)?;
        let named_so = paths.iter().all(|path| has_extension(path, "wel"));
        options.weighted = named_so || format.knows_weights();
        options.weights_optional = !named_so;
    }
    Opened::open(context, inputs, matches, &options)
}

/// Saves a built graph.
fn save(opened: &Opened, matches: &ArgMatches, path: &Path, out: &mut Output) -> Result<()> {
    let builder = graph_source::partitions(matches, Graph::builder());
    opened.input.save_to(builder, &mut *out, path)?;
    out.flush().map_err(|error| out.failed(error))
}

/// The byte between columns that a list's name asks for.
fn delimiter(path: &Path) -> Option<u8> {
    if has_extension(path, "csv") {
        Some(b',')
    } else if has_extension(path, "el") || has_extension(path, "wel") {
        Some(b' ')
    } else {
        None
    }
}

/// True when a file's name has an extension, be it below that of a compression.
fn has_extension(path: &Path, extension: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.split('.').skip(1).any(|part| part.eq_ignore_ascii_case(extension))
}
