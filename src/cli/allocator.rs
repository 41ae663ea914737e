//! Has the allocator give freed memory back to the system, where there is a budget to keep.
//!
//! Left alone, glibc raises the size from which it maps allocations on their own to that of the
//! largest one freed so far, up to 32 MiB, and keeps what is freed below that. A job that spills
//! frees large buffers all the time: PageRank on 16 million edges within 80 MiB had 250 to 300 MB
//! resident, and has 147 MB with a fixed threshold, for a sixth more processor time. mimalloc 0.1.52
//! had 360 MB, and 220 MB when told to give everything back at once.
//!
//! glibc takes these settings from the environment when a process starts, or from a call that is
//! not safe Rust. So the command starts itself anew, as the same process, which takes a millisecond.

use clap::ArgMatches;

/// What glibc reads when a process starts: maps allocations from 256 KiB on their own, and keeps at
/// most 4 MiB at the end of a heap.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const SETTINGS: [(&str, &str); 2] =
    [("MALLOC_MMAP_THRESHOLD_", "262144"), ("MALLOC_TRIM_THRESHOLD_", "4194304")];

/// Where the arguments set a budget and the environment says nothing about the allocator, runs the
/// command anew with the settings. Otherwise, and where that is not possible, just returns.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn settle(matches: &ArgMatches) {
    use std::os::unix::process::CommandExt;

    let chosen = || std::env::vars_os().any(|(name, _)| is_setting(&name.to_string_lossy()));
    if !has_budget(matches) || chosen() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| program.clone().into_os_string());
    // Returns only when it fails, and then the budget is kept less well.
    let _failed =
        std::process::Command::new(program).arg0(name).args(arguments).envs(SETTINGS).exec();
}

/// Other allocators are left to themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn settle(_matches: &ArgMatches) {}

/// True for a variable by which glibc is told how to allocate.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn is_setting(variable: &str) -> bool {
    variable.starts_with("MALLOC_") || variable == "GLIBC_TUNABLES"
}

/// True when a budget is among the arguments of the subcommand, or of its own.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn has_budget(matches: &ArgMatches) -> bool {
    matches.try_contains_id("memory").unwrap_or(false) && matches.value_source("memory").is_some()
        || matches.subcommand().is_some_and(|(_, inner)| has_budget(inner))
}
