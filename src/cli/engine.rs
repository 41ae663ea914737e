//! How jobs run: threads, memory, storage, time and faults.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::builder::{PossibleValuesParser, ValueParser};
use clap::{Arg, ArgMatches, value_parser};
use superstep::Result;
use superstep::chaos::Chaos;
use superstep::rdd::{CancelToken, ContextBuilder, Speculation};
use superstep::storage::StorageLevel;

use super::parameters::{switch, whole_number};
use super::progress::Progress;

/// Far beyond any machine that gains from it.
const MAX_THREADS: u64 = 1 << 10;

/// `--threads`
pub(super) fn threads_argument() -> Arg {
    Arg::new("threads")
        .long("threads")
        .value_name("COUNT")
        .allow_negative_numbers(true)
        .value_parser(whole_number::<usize>(0, MAX_THREADS))
        .help("Worker threads, 0 for one a core; results do not depend on it [default: 0]")
}

/// Options of memory, time and faults.
pub(super) fn arguments() -> [Arg; 6] {
    let levels = StorageLevel::ALL.iter().filter(|(_, level)| level.is_persistent());
    let levels = PossibleValuesParser::new(levels.map(|(name, _)| *name));
    [
        Arg::new("memory")
            .long("memory")
            .value_name("SIZE")
            .allow_hyphen_values(true)
            .value_parser(ValueParser::new(size))
            .help("What may be held in memory before it spills to disk, such as 256MiB or 2GB [default: 60 % of the machine's]"),
        Arg::new("storage-level")
            .long("storage-level")
            .value_name("NAME")
            .ignore_case(true)
            .value_parser(levels)
            .help("How the graph and the states are kept [default: MEMORY_AND_DISK]"),
        Arg::new("spill-dir")
            .long("spill-dir")
            .value_name("DIR")
            .value_parser(value_parser!(PathBuf))
            .help("Where to spill, in a private folder that is removed [default: the system's place for temporaries]"),
        Arg::new("timeout")
            .long("timeout")
            .value_name("DURATION")
            .allow_hyphen_values(true)
            .value_parser(ValueParser::new(duration))
            .help("Give up after a time, such as 30s or 5min"),
        switch("speculation")
            .long("speculation")
            .help("Start a second attempt at tasks that take much longer than others"),
        Arg::new("chaos")
            .long("chaos")
            .value_name("seed=N[,rate=R]")
            .value_parser(ValueParser::new(<Chaos as std::str::FromStr>::from_str))
            .help("Inject faults, which the result does not depend on"),
    ]
}

/// A number of bytes, such as `256MiB`.
fn size(text: &str) -> Result<usize, String> {
    let bytes: Option<ByteSize> = text.parse().ok();
    match bytes.and_then(|bytes| usize::try_from(bytes.as_u64()).ok()) {
        None | Some(0) => Err("expected a size of memory, such as 64MiB or 2GB".to_owned()),
        Some(bytes) => Ok(bytes),
    }
}

/// A time, such as `30s`.
fn duration(text: &str) -> Result<Duration, String> {
    if text.starts_with('-') {
        return Err("expected a time that is not negative, such as 30s or 5min".to_owned());
    }
    humantime::parse_duration(text).map_err(|error| error.to_string())
}

/// Returns how the graph and the states are kept.
pub(super) fn storage_level(matches: &ArgMatches) -> Result<StorageLevel> {
    let level = matches.get_one::<String>("storage-level");
    level.map_or(Ok(StorageLevel::MEMORY_AND_DISK), |name| name.parse())
}

/// Sets a context up as the arguments say, with progress that listens to it.
pub(super) fn configure(
    mut context: ContextBuilder,
    matches: &ArgMatches,
    progress: &Progress,
) -> Result<ContextBuilder> {
    context = context
        .threads(matches.get_one("threads").copied().unwrap_or_default())
        .storage_level(storage_level(matches)?);
    if let Some(listener) = progress.listener() {
        context = context.listener(listener);
    }
    if let Some(bytes) = matches.get_one("memory") {
        context = context.memory(*bytes);
    }
    if let Some(folder) = matches.get_one::<PathBuf>("spill-dir") {
        context = context.spill_directory(folder);
    }
    if matches.get_flag("speculation") {
        context = context.speculation(Speculation::default());
    }
    if let Some(chaos) = matches.get_one::<Chaos>("chaos") {
        context = context.chaos(*chaos);
    }
    Ok(context)
}

/// Returns the limit of time of a subcommand, or of one below it.
pub(super) fn timeout(matches: &ArgMatches) -> Option<Duration> {
    let own = matches.try_get_one::<Duration>("timeout").ok().flatten().copied();
    own.or_else(|| matches.subcommand().and_then(|(_, matches)| timeout(matches)))
}

/// Runs something that ends when the time is over, if there is a limit.
pub(super) fn within_timeout<T>(
    matches: &ArgMatches,
    run: impl FnOnce() -> Result<T>,
) -> Result<T> {
    match matches.get_one::<Duration>("timeout") {
        Some(timeout) => CancelToken::with_timeout(*timeout).run(run),
        None => run(),
    }
}
