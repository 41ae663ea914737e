//! What a run reports: a short summary for people, JSON for programs.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

use indicatif::{BinaryBytes, HumanCount};
use serde::{Serialize, Serializer};
use superstep::algorithms::{Arguments, Parameter};
use superstep::{Result, StopReason};

/// A run in numbers.
///
/// Seconds are wall-clock time. *Load* is reading and parsing the input into columns, *build* the
/// rest until the graph's blocks stand, *processing* the algorithm from the graph to its result
/// (with the reversed edges, where it needs them), *write* formatting and writing the rows.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) version: &'static str,
    pub(super) algorithm: &'static str,
    pub(super) input: String,
    /// The algorithm's parameters as they were given; of the others, what holds.
    pub(super) parameters: BTreeMap<&'static str, String>,
    pub(super) threads: usize,
    pub(super) partitions: usize,
    pub(super) directed: bool,
    /// Whether the third column of the input was read.
    pub(super) weighted: bool,
    pub(super) vertices: u64,
    /// Directed edges of the graph: of an undirected one, two for each edge.
    pub(super) edges: u64,
    pub(super) dropped_edges: u64,
    /// Edges that the input has.
    pub(super) input_edges: u64,
    /// How many edges or lines each policy that was asked for left out or merged. Of an undirected
    /// graph a duplicate counts in both directions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) policies: BTreeMap<&'static str, u64>,
    pub(super) load_seconds: f64,
    pub(super) build_seconds: f64,
    pub(super) processing_seconds: f64,
    pub(super) write_seconds: f64,
    /// What checking the result took, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) verify_seconds: Option<f64>,
    /// How the graph and the states were kept.
    pub(super) storage_level: String,
    /// What blocks and operators were allowed to hold together.
    pub(super) memory_budget_bytes: usize,
    /// The most that they held, as estimated.
    pub(super) memory_peak_bytes: usize,
    /// What was written to disk for want of memory, compressed.
    pub(super) spilled_bytes: u64,
    /// Attempts at tasks that failed and were made again.
    pub(super) task_retries: u64,
    /// Faults injected, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) injected_faults: BTreeMap<String, u64>,
    /// The most memory that the process had, where the system tells.
    pub(super) peak_rss_bytes: Option<u64>,
    /// Numbers about the result as a whole.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) figures: BTreeMap<String, serde_json::Value>,
    #[serde(serialize_with = "stop_reason")]
    pub(super) stop_reason: StopReason,
    /// Why it ended, in words.
    pub(super) ended: String,
    pub(super) supersteps: Vec<Superstep>,
}

/// A superstep in numbers.
#[derive(Serialize)]
pub(super) struct Superstep {
    pub(super) index: usize,
    pub(super) active: u64,
    pub(super) messages: u64,
    /// How messages along edges came in, and why that way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    pub(super) reason: &'static str,
    pub(super) seconds: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let both = if self.directed { "" } else { ", both directions counted" };
        write!(
            f,
            "{}, {}{both} ({} dropped)",
            counted(self.vertices, "vertex", "vertices"),
            counted(self.edges, "edge", "edges"),
            HumanCount(self.dropped_edges),
        )?;
        let supersteps = self.supersteps.len() as u64;
        if supersteps > 0 {
            write!(f, ", {}, {}", counted(supersteps, "superstep", "supersteps"), self.ended)?;
        }
        writeln!(f)?;
        write!(
            f,
            "load {:.3} s, build {:.3} s, process {:.3} s, write {:.3} s",
            self.load_seconds, self.build_seconds, self.processing_seconds, self.write_seconds,
        )?;
        if let Some(bytes) = self.peak_rss_bytes {
            write!(f, ", peak memory {}", BinaryBytes(bytes))?;
        }
        writeln!(f)?;
        if let Some(seconds) = self.verify_seconds {
            writeln!(f, "the result was verified in {seconds:.3} s")?;
        }
        for (name, value) in &self.figures {
            writeln!(f, "{name}: {value}")?;
        }
        if self.spilled_bytes > 0 {
            let (spilled, budget) = (self.spilled_bytes, self.memory_budget_bytes as u64);
            let (spilled, budget) = (BinaryBytes(spilled), BinaryBytes(budget));
            writeln!(f, "{spilled} spilled to disk with a budget of {budget}")?;
        }
        let faults: u64 = self.injected_faults.values().sum();
        if faults > 0 {
            writeln!(f, "{faults} faults injected, {} attempts made again", self.task_retries)?;
        }
        Ok(())
    }
}

/// Says in words why a run ended.
pub(super) fn ended(
    reason: StopReason,
    supersteps: usize,
    parameters: &[Parameter],
    given: &Arguments,
) -> Result<String> {
    let find = |name| parameters.iter().find(|parameter| parameter.name == name);
    let (limit, tolerance) = (find("iterations"), find("tolerance"));
    let asked: Option<u64> = given.get("iterations")?;
    // A default ends with the number.
    let default = limit.and_then(|limit| limit.default.rsplit(' ').next()?.parse().ok());
    let count = asked.or(default);
    let is_over = match reason {
        StopReason::MaxSupersteps => true,
        // Programs that count by themselves fall silent after the last iteration.
        StopReason::Converged => {
            tolerance.is_none() && count.is_some_and(|count| supersteps as u64 > count)
        }
        // Others break off when they have what they look for.
        _ => false,
    };
    if !is_over {
        return Ok("converged".to_owned());
    }
    let iterations = count.map_or_else(
        || "the iterations allowed".to_owned(),
        |count| match asked {
            Some(_) => format!("the {} asked for", counted(count, "iteration", "iterations")),
            None => counted(count, "iteration", "iterations"),
        },
    );
    let is_counted =
        asked.is_some() && tolerance.is_some_and(|one| one.default.contains("without"));
    let converges = tolerance.is_some() && (given.is_set("tolerance") || !is_counted);
    let ended = if converges { "not converged within" } else { "stopped after" };
    Ok(format!("{ended} {iterations}"))
}

/// A number of things, with the word for one or for several.
pub(super) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{} {}", HumanCount(count), if count == 1 { one } else { several })
}

/// Writes a stop reason as a word that stays when the sentence for people changes.
fn stop_reason<S: Serializer>(
    reason: &StopReason,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    match reason {
        StopReason::Converged => serializer.serialize_str("converged"),
        StopReason::Stopped => serializer.serialize_str("stopped"),
        StopReason::MaxSupersteps => serializer.serialize_str("max_supersteps"),
        other => serializer.collect_str(other),
    }
}

/// Returns the most memory that this process had at once, where Linux tells.
pub(super) fn peak_rss_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}
