//! A file from the web, which appears under its name when it is whole and verified.
//!
//! What has come so far is kept as `NAME.part`, and the next attempt asks for the rest. That is only
//! sound while the server has the same file: `NAME.part.version` holds the `ETag` or the date by which
//! it tells. Without either, and without a SHA-256 that would tell in the end, the next attempt begins
//! anew. The file is renamed when its length and, where it is known, its SHA-256 are right; what is
//! wrong is removed, so that the next attempt begins anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use superstep::{Error, Result};
use ureq::http::Response;
use ureq::{Agent, Body};

use super::manifest::Dataset;
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
    let (whole, part) = (folder.join(name), folder.join(format!("{name}.part")));
    let version_file = folder.join(format!("{name}.part.version"));
    let version = fs::read_to_string(&version_file).ok();
    let mut have = fs::metadata(&part).map_or(0, |found| found.len());
    if version.is_none() && set.sha256.is_none() {
        have = 0;
    }
    progress.wait("connecting");
    let mut response = ask(&set.url, have, version.as_deref())?;
    // Some servers send the rest of another file, too.
    if have > 0 && version.is_some() && version_of(&response) != version {
        have = 0;
        if response.status().as_u16() == 206 {
            response = ask(&set.url, 0, None)?;
        }
    }
    // A server that cannot send the rest sends all.
    if have > 0 && response.status().as_u16() != 206 {
        have = 0;
    }
    let announced = announced(&response).map(|rest| have + rest);
    let total = announced.or(set.bytes);
    if let (Some(announced), Some(bytes)) = (announced, set.bytes)
        && announced != bytes
    {
        let told = format!("{}: {announced} bytes, but the manifest says {bytes}", set.url);
        return Err(Error::user(told));
    }
    match total {
        Some(total) => progress.count("downloading", total),
        None => progress.wait("downloading"),
    }
    progress.step(have);
    let failed = |error| Error::io(&part, "write", error);
    let forget = || match fs::remove_file(&version_file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io(&version_file, "remove", error))
        }
        _ => Ok(()),
    };
    if have == 0 {
        forget()?;
    }
    let mut options = OpenOptions::new();
    // Going on is appending; beginning anew empties the file.
    options.create(true).write(true).append(have > 0).truncate(have == 0);
    let mut file = options.open(&part).map_err(failed)?;
    // After what is there of another version has gone.
    if let (0, Some(version)) = (have, version_of(&response)) {
        let written = fs::write(&version_file, version);
        written.map_err(|error| Error::io(&version_file, "write", error))?;
    }
    copy(&set.url, response.into_body(), &mut file, &part, progress)?;
    file.sync_all().map_err(failed)?;
    drop(file);

    progress.wait("verifying");
    let length = fs::metadata(&part).map_err(failed)?.len();
    if let Some(total) = total.filter(|total| *total > length) {
        let reason = format!("it ended after {length} of {total} bytes; try again for the rest");
        return Err(Error::io(&set.url, "download", io::Error::other(reason)));
    }
    let right_length = total.is_none_or(|total| total == length);
    let digest = set.sha256.as_ref().map(|_| sha256(&part)).transpose()?;
    forget()?;
    if !right_length || digest != set.sha256 {
        fs::remove_file(&part).map_err(|error| Error::io(&part, "remove", error))?;
        let expected = set.sha256.as_deref().unwrap_or("unknown");
        let found = digest.as_deref().unwrap_or("unknown");
        return Err(Error::user(format!(
            "{}: not the file that was expected: {length} bytes, SHA-256 {found}, expected {expected}",
            set.url
        )));
    }
    fs::rename(&part, &whole).map_err(|error| Error::io(&whole, "create", error))?;
    Ok(whole)
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
        200 | 206 => Ok(response),
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

/// Writes what comes, and notices a signal.
fn copy(url: &str, body: Body, file: &mut File, part: &Path, progress: &Progress) -> Result<()> {
    let mut reader = body.into_reader();
    let mut chunk = vec![0; CHUNK];
    loop {
        interrupt::check()?;
        let read = match reader.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // What has come is kept; the length tells that it is not all.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(Error::io(url, "download", error)),
        };
        let written = file.write_all(&chunk[..read]);
        written.map_err(|error| Error::io(part, "write", error))?;
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
