//! Running the built binary, and looking at what it did.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use superstep::algorithms::Algorithm;
use tempfile::TempDir;

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_superstep"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

pub(crate) fn run<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    command().args(arguments).output().unwrap()
}

/// Runs a command line without quotes or escapes.
pub(crate) fn shell(line: &str) -> Output {
    run(line.split_whitespace())
}

pub(crate) fn run_with_input(line: &str, input: &[u8]) -> Output {
    let mut child = command()
        .args(line.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The output of a command that succeeds.
pub(crate) fn success(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
    out(output)
}

/// The message of a command that fails with a code and prints nothing else.
pub(crate) fn failure(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{}", err(output));
    assert_eq!(out(output), "");
    let message = err(output);
    assert!(message.starts_with("error: "), "{message}");
    message
}

pub(crate) fn folder_with(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

pub(crate) fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn rows(text: &str) -> Vec<(u64, &str)> {
    let row = |line: &'_ str| line.split_once('\t').map(|(id, _)| id.parse::<u64>().unwrap());
    text.lines().map(|line| (row(line).unwrap(), line.split_once('\t').unwrap().1)).collect()
}

/// Arguments for the parameters that have no default.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(crate) fn needed_arguments(algorithm: &dyn Algorithm) -> String {
    let parameters = algorithm.parameters().iter();
    let needed = parameters.filter(|parameter| parameter.default.starts_with("none: it has to"));
    let arguments = needed.map(|parameter| match parameter.name {
        "source" => "--source 1",
        "k" => "--k 3",
        "pattern" => "--pattern (a)-[]->(b)",
        "sources" => "--sources 1",
        "landmarks" => "--landmarks 1",
        name => panic!("what is needed for --{name}?"),
    });
    arguments.collect::<Vec<_>>().join(" ")
}

/// A graph that takes some megabytes in memory.
pub(crate) fn kronecker(folder: &Path) -> PathBuf {
    let path = folder.join("kronecker.txt");
    let options = "generate kronecker --scale 16 --edge-factor 8 --seed 5 -q -o";
    success(&run(options.split_whitespace().map(OsStr::new).chain([path.as_os_str()])));
    path
}

pub(crate) fn golden(dataset: &str, value: &str) -> String {
    fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("datasets/golden/{dataset}.{value}.tsv")),
    )
    .unwrap()
}
