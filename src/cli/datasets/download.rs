//! A file from the web, which appears under its name when it is whole and verified.
//!
//! What has come so far is kept as `NAME.part`, and the next attempt asks for the rest. That is only
//! sound while the server has the same file: `NAME.part.version` holds the `ETag` or the date by which
//! it tells. Without either, and without a SHA-256 that would tell in the end, the next attempt begins
//! anew. The file is renamed when its length and, where it is known, its SHA-256 are right; what is
//! wrong is removed, so that the next attempt begins anew. Of two downloads of the same file at the same
//! time the second is refused.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use superstep::{Error, Result};
use ureq::http::Response;
use ureq::{Agent, Body};

use super::manifest::Dataset;
use super::part::Part;
use crate::cli::interrupt;
use crate::cli::progress::Progress;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes read at once.
const CHUNK: usize = 64 << 10;

/// Downloads the file of a graph into a folder, and returns where it is.
pub(super) fn download(
    set: &Dataset,
    folder: &Path,
    name: &str,
    progress: &Progress,
) -> Result<PathBuf> {
    let whole = folder.join(name);
    let mut part = Part::open(folder, name)?;
    match fetch(set, &mut part, progress) {
        Ok(()) => part.complete(&whole)?,
        Err(failure) => {
            if failure.is_final || part.length()? == 0 {
                part.remove()?;
            }
            return Err(failure.error);
        }
    }
    Ok(whole)
}

/// Why there is no whole file yet.
struct Failure {
    error: Error,
    /// True when what has come is of no use.
    is_final: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, is_final: false }
    }
}

/// Gets all of a file, or what is missing of it, and verifies it.
fn fetch(set: &Dataset, part: &mut Part, progress: &Progress) -> Result<(), Failure> {
    let version = part.version();
    let mut have = part.length()?;
    if version.is_none() && set.sha256.is_none() {
        have = 0;
    }
    progress.wait("connecting");
    let mut response = ask(&set.url, have, version.as_deref())?;
    let is_part = response.status().as_u16() == 206;
    // Some servers send the rest of another file, or another part than was asked for.
    let is_other = version.is_some() && version_of(&response) != version;
    if have > 0 && (!is_part || is_other || first_byte(&response) != Some(have)) {
        have = 0;
        if is_part {
            response = ask(&set.url, 0, None)?;
        }
    }
    let announced = announced(&response).map(|rest| have + rest);
    let total = announced.or(set.bytes);
    if let (Some(announced), Some(bytes)) = (announced, set.bytes)
        && announced != bytes
    {
        let told = format!("{}: {announced} bytes, but the manifest says {bytes}", set.url);
        return Err(Error::user(told).into());
    }
    match total {
        Some(total) => progress.count("downloading", total),
        None => progress.wait("downloading"),
    }
    progress.step(have);
    if have == 0 {
        part.begin(version_of(&response).as_deref())?;
    }
    let is_whole = copy(&set.url, response.into_body(), part, progress)?;
    part.sync()?;

    progress.wait("verifying");
    let length = part.length()?;
    if !is_whole || total.is_some_and(|total| total > length) {
        let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
        let reason = format!("it ended after {length}{of} bytes; try again for the rest");
        return Err(Error::io(&set.url, "download", io::Error::other(reason)).into());
    }
    let wrong = |found: String, expected: &str| {
        let told = format!(
            "{}: not the file that was expected: found {found}, expected {expected}",
            set.url
        );
        Failure { error: Error::user(told), is_final: true }
    };
    if let Some(total) = total.filter(|total| *total != length) {
        return Err(wrong(format!("{length} bytes"), &total.to_string()));
    }
    if let Some(expected) = &set.sha256 {
        let found = sha256(part.path())?;
        if found != *expected {
            return Err(wrong(format!("{length} bytes with the SHA-256 {found}"), expected));
        }
    }
    Ok(())
}

/// Asks for a file from a byte on, if it still is of that version; else for all of it.
fn ask(url: &str, from: u64, version: Option<&str>) -> Result<Response<Body>> {
    let agent: Agent = Agent::config_builder()
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .http_status_as_error(false)
        .build()
        .into();
    let request = agent.get(url).header("accept-encoding", "identity");
    let request =
        if from > 0 { request.header("range", format!("bytes={from}-")) } else { request };
    let request = match version {
        Some(version) if from > 0 => request.header("if-range", version),
        _ => request,
    };
    let response = request.call().map_err(|error| failed(url, error))?;
    match response.status().as_u16() {
        200 => Ok(response),
        206 if from > 0 => Ok(response),
        // All of the file is there already, or it has changed.
        416 if from > 0 => ask(url, 0, None),
        status => {
            let error = io::Error::other(format!("the server answers with status {status}"));
            Err(Error::io(url, "download", error))
        }
    }
}

/// By what a server tells one version of a file from another: the `ETag`, if it is a strong one, else
/// the date of its last change.
fn version_of(response: &Response<Body>) -> Option<String> {
    let header = |name| response.headers().get(name)?.to_str().ok().map(str::to_owned);
    let strong = header("etag").filter(|tag| !tag.starts_with("W/"));
    strong.or_else(|| header("last-modified"))
}

/// How many bytes a server says it sends.
fn announced(response: &Response<Body>) -> Option<u64> {
    response.headers().get("content-length")?.to_str().ok()?.parse().ok()
}

/// Where the part of a file starts that a server sends.
fn first_byte(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get("content-range")?.to_str().ok()?;
    range.trim().strip_prefix("bytes")?.trim_start().split('-').next()?.parse().ok()
}

/// Writes what comes, and notices a signal. Returns whether it came to its end.
fn copy(url: &str, body: Body, part: &mut Part, progress: &Progress) -> Result<bool> {
    let mut reader = body.into_reader();
    let mut chunk = vec![0; CHUNK];
    loop {
        interrupt::check()?;
        let read = match reader.read(&mut chunk) {
            Ok(0) => return Ok(true),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // What has come is kept.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(Error::io(url, "download", error)),
        };
        part.append(&chunk[..read])?;
        progress.step(read as u64);
    }
}

fn failed(url: &str, error: ureq::Error) -> Error {
    let error = match error {
        ureq::Error::Io(error) => error,
        other => io::Error::other(other.to_string()),
    };
    Error::io(url, "download", error)
}

/// Returns the digest of a file in hexadecimal digits.
fn sha256(path: &Path) -> Result<String> {
    let failed = |error| Error::io(path, "read", error);
    let mut file = File::open(path).map_err(failed)?;
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        interrupt::check()?;
        match file.read(&mut chunk).map_err(failed)? {
            0 => break,
            read => digest.update(&chunk[..read]),
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
