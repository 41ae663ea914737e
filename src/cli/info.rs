//! `superstep info`: what a graph is like, before anything is run on it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use indicatif::HumanCount;
use serde::Serialize;
use superstep::algorithms::{connected_components, reciprocity};
use superstep::event::Event;
use superstep::graph::Graph;
use superstep::rdd::{Context, Rdd};
use superstep::{Error, Result};

use super::engine::{self, threads_argument};
use super::graph_source::{self, Loaded};
use super::input::Input;
use super::output::Output;
use super::outputs::check_outputs;
use super::progress::Progress;
use super::run::{output_argument, progress_for, quiet_argument, verbose_argument};
use super::{degree_plot, interrupt, say};

pub(super) fn command() -> Command {
    let examples = "\
Examples:
  superstep info web.txt
  superstep info --undirected friends.csv.gz --plot degrees.svg
  superstep info --json web.txt | jq .components";
    Command::new("info")
        .about("Tells what a graph is like: its size, degrees, components, loops and duplicates")
        .after_help(examples)
        .arg(graph_source::input_argument())
        .next_help_heading("Graph")
        .args(graph_source::arguments())
        .arg(threads_argument())
        .next_help_heading("Format")
        .args(graph_source::format_arguments())
        .next_help_heading("Memory and faults")
        .args(engine::arguments())
        .next_help_heading("Output")
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Write JSON, with how many vertices have each degree"),
        )
        .arg(
            Arg::new("plot")
                .long("plot")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Draw how many vertices have each degree, to an SVG file"),
        )
        .arg(output_argument())
        .arg(quiet_argument())
        .arg(verbose_argument())
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let file = |name| matches.get_one::<PathBuf>(name).map(PathBuf::as_path);
    check_outputs(matches)?;
    // Opened first: a mistake here should not cost the reading.
    let mut out = Output::of_name(file("output"))?;
    let plot = file("plot").map(|path| Output::of_name(Some(path))).transpose()?;

    let progress = progress_for(matches)?;
    progress.wait("opening input");
    let inputs = matches.get_many::<PathBuf>("input").unwrap_or_default();
    let inputs: Vec<Input> = inputs.map(|path| Input::open(path)).collect::<Result<_>>()?;
    let looked = engine::within_timeout(matches, || look(&inputs, matches, &progress));
    progress.clear();
    let info =
        looked.map_err(|error| inputs.iter().fold(error, |error, input| input.rename(error)))?;

    if let Some(mut plot) = plot {
        plot.put(degree_plot::svg(&info.plots()).as_bytes())?;
        plot.finish()?;
    }
    let text = if matches.get_flag("json") {
        let json = serde_json::to_string_pretty(&info);
        format!("{}\n", json.map_err(|error| Error::user(format!("the figures: {error}")))?)
    } else {
        lines(&info.rows(), out.is_terminal())
    };
    out.put(text.as_bytes())?;
    out.finish()?;
    if info.vertices == 0 && !matches.get_flag("quiet") {
        say(&format!("warning: {} has no edges\n", info.input));
    }
    Ok(())
}

/// Loads the graph and counts.
fn look(inputs: &[Input], matches: &ArgMatches, progress: &Progress) -> Result<Info> {
    let read = Arc::new(OnceLock::new());
    let told = Arc::clone(&read);
    let context = Context::builder().listener(move |event: &Event| {
        if let Event::EdgesRead { edges, .. } = event {
            // A graph reads its edges once.
            let _ = told.set(*edges);
        }
    });
    let context = engine::configure(context, matches, progress)?.build()?;
    let _noted = interrupt::note_context(&context);
    progress.read("loading", inputs.iter().map(Input::path));
    let graph = match Loaded::open(&context, inputs, matches, false)? {
        Loaded::Plain(graph) => graph,
        Loaded::Weighted(graph) => graph.structure()?,
    };
    let input = inputs.iter().map(Input::name).collect::<Vec<_>>().join(" ");

    progress.wait("counting degrees");
    let out_degrees = Degrees::of(&graph.out_degrees())?;
    let in_degrees =
        if graph.is_undirected() { None } else { Some(Degrees::of(&graph.in_degrees())?) };
    let isolated = graph.out_degrees().zip(&graph.in_degrees())?;
    let isolated = isolated.filter(|((_, out), (_, into))| *out == 0 && *into == 0).count()?;
    let loops = graph.edges().filter(|edge| edge.source == edge.target).map(|edge| edge.source);
    let self_loops = loops.count()?;
    let with_loops = loops.distinct(graph.partition_count()).count()?;
    let answered = reciprocity(&graph)?;
    // Of an undirected graph each edge is there in both directions, but a self-loop is there once.
    let both = if graph.is_undirected() { 2 } else { 1 };
    let edges = (graph.edge_count() - self_loops) / both + self_loops;
    let others = (graph.edge_count() - self_loops - answered.edges) / both;
    let components = Components::of(&graph)?;
    Ok(Info {
        input,
        directed: !graph.is_undirected(),
        vertices: graph.vertex_count(),
        edges,
        // What is built already, or made of other edges, has dropped nothing.
        dropped_edges: match graph.dropped_edges() {
            0 => 0,
            _ => read.get().map_or(0, |read| read.saturating_sub(edges)),
        },
        self_loops,
        duplicate_edges: others + self_loops - with_loops,
        reciprocity: if graph.is_undirected() { None } else { answered.ratio() },
        isolated_vertices: isolated,
        components: components.count,
        largest_component: components.largest,
        out_degrees,
        in_degrees,
    })
}

/// What a graph is like.
#[derive(Serialize)]
struct Info {
    input: String,
    directed: bool,
    vertices: u64,
    /// Edges as they were read and kept: an undirected one counts once.
    edges: u64,
    /// Edges that were read and not kept, counted likewise.
    dropped_edges: u64,
    self_loops: u64,
    /// Edges beyond the first with the same ends.
    duplicate_edges: u64,
    /// The part of the directed edges that has an edge back; duplicates and loops do not count.
    reciprocity: Option<f64>,
    isolated_vertices: u64,
    /// Components when directions are ignored.
    components: u64,
    /// Vertices of the largest component.
    largest_component: u64,
    /// Of an undirected graph, the degrees.
    out_degrees: Degrees,
    in_degrees: Option<Degrees>,
}

impl Info {
    /// What is printed: names and values.
    fn rows(&self) -> Vec<(String, String)> {
        let ratio = |value: f64| format!("{value:.4}");
        let mut rows = vec![
            ("input".to_owned(), self.input.clone()),
            ("directed".to_owned(), if self.directed { "yes" } else { "no" }.to_owned()),
            ("vertices".to_owned(), self.vertices.to_string()),
            ("edges".to_owned(), self.edges.to_string()),
            ("dropped edges".to_owned(), self.dropped_edges.to_string()),
            ("self-loops".to_owned(), self.self_loops.to_string()),
            ("duplicate edges".to_owned(), self.duplicate_edges.to_string()),
        ];
        if let Some(reciprocity) = self.reciprocity {
            rows.push(("reciprocity".to_owned(), ratio(reciprocity)));
        }
        rows.extend([
            ("isolated vertices".to_owned(), self.isolated_vertices.to_string()),
            ("components".to_owned(), self.components.to_string()),
            ("largest component".to_owned(), self.largest_component.to_string()),
        ]);
        for (name, degrees) in self.plots() {
            rows.push((format!("{name} mean"), ratio(degrees.mean)));
            for (of, value) in [
                ("minimum", degrees.minimum),
                ("median", degrees.median),
                ("90 %", degrees.percentile_90),
                ("99 %", degrees.percentile_99),
                ("maximum", degrees.maximum),
            ] {
                rows.push((format!("{name} {of}"), value.to_string()));
            }
        }
        for (name, degrees) in self.plots() {
            rows.push((format!("{name} 0, 1, 2-3, 4-7, …"), degree_plot::sparkline(degrees)));
        }
        rows
    }

    fn plots(&self) -> Vec<(&'static str, &Degrees)> {
        match &self.in_degrees {
            None => vec![("degree", &self.out_degrees)],
            Some(into) => vec![("out-degree", &self.out_degrees), ("in-degree", into)],
        }
    }
}

/// Degrees of all vertices.
#[derive(Serialize)]
pub(super) struct Degrees {
    mean: f64,
    minimum: u32,
    median: u32,
    percentile_90: u32,
    percentile_99: u32,
    maximum: u32,
    /// How many vertices have each degree.
    pub(super) counts: BTreeMap<u32, u64>,
}

impl Degrees {
    fn of(degrees: &Rdd<(u64, u32)>) -> Result<Self> {
        let counts = degrees.map(|(_, degree)| degree).count_by_value()?;
        Ok(Self::of_counts(counts.into_iter().collect()))
    }

    fn of_counts(counts: BTreeMap<u32, u64>) -> Self {
        let vertices: u64 = counts.values().sum();
        let total: u64 = counts.iter().map(|(degree, count)| u64::from(*degree) * count).sum();
        // The smallest degree that so many vertices of 100 do not exceed.
        let percentile = |percent: u64| {
            let mut left = (vertices * percent).div_ceil(100).max(1);
            let found = counts.iter().find(|(_, count)| {
                let is_here = left <= **count;
                left = left.saturating_sub(**count);
                is_here
            });
            found.map_or(0, |(degree, _)| *degree)
        };
        Self {
            mean: if vertices == 0 { 0.0 } else { total as f64 / vertices as f64 },
            minimum: counts.keys().next().copied().unwrap_or_default(),
            median: percentile(50),
            percentile_90: percentile(90),
            percentile_99: percentile(99),
            maximum: counts.keys().next_back().copied().unwrap_or_default(),
            counts,
        }
    }
}

/// Components when directions are ignored.
struct Components {
    count: u64,
    largest: u64,
}

impl Components {
    fn of(graph: &Graph) -> Result<Self> {
        let labels = connected_components(graph)?.map(|(_, label)| (label, 1_u64));
        let sizes =
            labels.reduce_by_key(|a, b| a + b, graph.partition_count()).map(|(_, size)| (1, size));
        let (count, largest) =
            sizes.fold((0, 0_u64), |a: (u64, u64), b| (a.0 + b.0, a.1.max(b.1)))?;
        Ok(Self { count, largest })
    }
}

/// Lines of names and values: aligned, with digits in groups, for a person; else a tab between.
fn lines(rows: &[(String, String)], aligned: bool) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let line = |(name, value): &(String, String)| match (aligned, value.parse::<u64>()) {
        (true, Ok(number)) => format!("{name:width$}  {}\n", HumanCount(number)),
        (true, Err(_)) => format!("{name:width$}  {value}\n"),
        (false, _) => format!("{name}\t{value}\n"),
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_degrees_that_so_many_do_not_exceed() {
        let of = |counts: &[(u32, u64)]| Degrees::of_counts(counts.iter().copied().collect());
        let even = of(&[(1, 50), (2, 40), (3, 9), (70, 1)]);
        assert_eq!((even.minimum, even.median, even.percentile_90), (1, 1, 2));
        assert_eq!((even.percentile_99, even.maximum, even.mean), (3, 70, 2.27));
        let one = of(&[(5, 1)]);
        assert_eq!((one.minimum, one.median, one.percentile_99, one.maximum), (5, 5, 5, 5));
        let none = of(&[]);
        assert_eq!((none.minimum, none.median, none.maximum, none.mean), (0, 0, 0, 0.0));
    }

    #[test]
    fn people_get_columns_and_programs_get_tabs() {
        let rows = [("a".to_owned(), "1234567".to_owned()), ("long".to_owned(), "x".to_owned())];
        assert_eq!(lines(&rows, true), "a     1,234,567\nlong  x\n");
        assert_eq!(lines(&rows, false), "a\t1234567\nlong\tx\n");
    }
}
