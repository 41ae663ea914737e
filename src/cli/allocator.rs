//! Has the allocator give freed memory back to the system.
//!
//! Left alone, glibc raises the size from which it maps allocations on their own to that of the
//! largest one freed so far, up to 32 MiB, and keeps what is freed below that. Building a graph frees
//! as much as it makes: with 67 million edges the process had 550 MB at most, and has 340 MB with a
//! fixed threshold, for a fifth more time. A job that spills frees large buffers all the time:
//! PageRank on 16 million edges within 80 MiB had 250 to 300 MB resident, and has 147 MB. mimalloc
//! 0.1.52 had 360 MB, and 220 MB when told to give everything back at once.
//!
//! glibc takes these settings from the environment when a process starts, or from a call that is
//! not safe Rust. So the command starts itself anew, as the same process, which takes a millisecond.

use clap::ArgMatches;

/// What glibc reads when a process starts: maps allocations from 128 KiB on their own, and keeps at
/// most 4 MiB at the end of a heap.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const SETTINGS: [(&str, &str); 2] =
    [("MALLOC_MMAP_THRESHOLD_", "131072"), ("MALLOC_TRIM_THRESHOLD_", "4194304")];

/// Where the subcommand is one that runs jobs and the environment says nothing about the allocator,
/// runs the command anew with the settings. Otherwise, and where that is not possible, just returns.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn settle(matches: &ArgMatches) {
    use std::os::unix::process::CommandExt;

    let chosen = || std::env::vars_os().any(|(name, _)| is_setting(&name.to_string_lossy()));
    if !runs_jobs(matches) || chosen() {
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

/// True when the subcommand, or one of its own, may be given a budget.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn runs_jobs(matches: &ArgMatches) -> bool {
    matches.try_contains_id("memory").is_ok()
        || matches.subcommand().is_some_and(|(_, inner)| runs_jobs(inner))
}
