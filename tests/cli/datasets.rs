//! `superstep datasets`, against a server on this machine.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;

use sha2::{Digest, Sha256};

use crate::program::{err, failure, gzip, names_in, run, shell, success};

/// A server of one file, which it sends up to a byte at first, then whole or from where it is asked.
struct Server {
    address: String,
    /// What the server has now, and by which `ETag` it tells, if by any.
    file: Arc<Mutex<(Vec<u8>, &'static str)>>,
    /// The ranges that were asked for.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves a file, ending the first answers after so many bytes.
    fn start(file: Vec<u8>, breaks: Vec<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&asked);
        let file = Arc::new(Mutex::new((file, "")));
        let held = Arc::clone(&file);
        thread::spawn(move || {
            let mut breaks = breaks.into_iter();
            for stream in listener.incoming() {
                let (file, tag) = held.lock().unwrap().clone();
                answer(&stream.unwrap(), &file, tag, breaks.next(), &told);
            }
        });
        Self { address, file, asked }
    }

    /// Has another file from now on, or another `ETag`.
    fn has(&self, file: &[u8], tag: &'static str) {
        *self.file.lock().unwrap() = (file.to_vec(), tag);
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(
    mut stream: &TcpStream,
    file: &[u8],
    tag: &str,
    end: Option<usize>,
    asked: &Mutex<Vec<String>>,
) {
    let mut other_version = false;
    let mut range = String::new();
    let mut path = String::new();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        if line.starts_with("GET ") {
            path = line.clone();
        }
        let lower = line.to_lowercase();
        if let Some(asked) = lower.strip_prefix("range: bytes=") {
            range = asked.to_owned();
        }
        if let Some(version) = lower.strip_prefix("if-range: ") {
            other_version = version != tag;
        }
    }
    asked.lock().unwrap().push(range.clone());
    let from: usize = range.trim_end_matches('-').parse().unwrap_or(0);
    let from = if other_version { 0 } else { from };
    let status = match (path.contains("/missing"), from) {
        (true, _) => "404 Not Found",
        (_, 0) => "200 OK",
        _ => "206 Partial Content",
    };
    // Some servers send another part than was asked for, or do not say which.
    let first = if path.contains("/shifted") { 0 } else { from };
    let rest = &file[first..first + file.len() - from];
    let mut head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n");
    if !tag.is_empty() {
        head += &format!("etag: {tag}\r\n");
    }
    if from > 0 && !path.contains("/unsaid") {
        let (last, all) = (first + rest.len() - 1, file.len());
        head += &format!("content-range: bytes {first}-{last}/{all}\r\n");
    }
    let is_chunked = path.contains("/chunked");
    head += &match is_chunked {
        true => "transfer-encoding: chunked\r\n\r\n".to_owned(),
        false => format!("content-length: {}\r\n\r\n", rest.len()),
    };
    // A client that goes away is no failure of the server.
    let _ = stream.write_all(head.as_bytes());
    let sent = end.map_or(rest, |end| &rest[..end.min(rest.len())]);
    if is_chunked {
        let _ = write!(stream, "{:x}\r\n", sent.len());
        let _ = stream.write_all(sent);
        let _ = stream.write_all(if end.is_some() { b"\r\n" } else { b"\r\n0\r\n\r\n" });
    } else {
        let _ = stream.write_all(sent);
    }
}

fn get(folder: &Path, manifest: &str) -> Output {
    let path = folder.join("manifest.toml");
    fs::write(&path, manifest).unwrap();
    let target = folder.join("graphs");
    run([
        "datasets".as_ref(),
        "get".as_ref(),
        "small".as_ref(),
        "--dir".as_ref(),
        target.as_os_str(),
        "--manifest".as_ref(),
        path.as_os_str(),
    ])
}

fn digest(file: &[u8]) -> String {
    Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        // As an attacker would: the builder itself refuses such names.
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, *content).unwrap();
    }
    archive.into_inner().unwrap()
}

#[test]
fn the_graphs_are_listed_with_their_licences() {
    let text = success(&shell("datasets list"));
    assert!(text.starts_with("#name\tvertices\tedges\tsize\tlicence\tabout\turl\n"), "{text}");
    assert!(text.contains("\nwiki-Vote\t7115\t103689\t"), "{text}");
    // Where the publisher rounds it.
    assert!(text.contains("\t50870313\t114.3 MB\tsee LDBC"), "{text}");
    let message = failure(&shell("datasets get no-such-graph"), 2);
    assert!(message.contains("no graph \"no-such-graph\"; there are "), "{message}");
    assert!(text.contains("\thttps://snap.stanford.edu/data/wiki-Vote.txt.gz\n"), "{text}");
    let message = failure(&shell("datasets get wiki-Vot"), 2);
    assert!(message.contains("did you mean wiki-Vote? There are "), "{message}");
}

#[test]
fn a_download_goes_on_only_while_the_server_has_the_same_file() {
    let (old, new) = (b"1 2\n2 3\n3 4\n".to_vec(), b"5 6\n6 7\n7 8\n");
    let folder = tempfile::tempdir().unwrap();
    let graph = folder.path().join("graphs/small.txt");
    let whole = |server: &Server| {
        success(&get(folder.path(), &format!("[small]\nurl = \"{}/g.txt\"\n", server.address)));
        let text = fs::read(&graph).unwrap();
        assert_eq!(names_in(&folder.path().join("graphs")), ["small.txt".to_owned()].into());
        fs::remove_file(&graph).unwrap();
        text
    };
    let broken = |server: &Server| {
        let manifest = format!("[small]\nurl = \"{}/g.txt\"\n", server.address);
        failure(&get(folder.path(), &manifest), 4);
    };
    // The same version: the rest comes.
    let server = Server::start(old.clone(), vec![5]);
    server.has(&old, "\"one\"");
    broken(&server);
    assert_eq!(whole(&server), old);
    assert_eq!(server.asked(), ["", "5-"]);
    // Another one: all of it comes.
    let server = Server::start(old.clone(), vec![5]);
    server.has(&old, "\"one\"");
    broken(&server);
    server.has(new, "\"two\"");
    assert_eq!(whole(&server), new);
    // Nobody can tell: all of it is asked for.
    let server = Server::start(old, vec![5]);
    broken(&server);
    server.has(new, "");
    assert_eq!(whole(&server), new);
    assert_eq!(server.asked(), ["", ""]);
}

#[test]
fn only_the_part_that_was_asked_for_is_appended() {
    let file = b"1 2\n2 3\n3 4\n".to_vec();
    for (path, asked) in [
        ("g.txt", &["", "5-"][..]),
        ("shifted/g.txt", &["", "5-", ""]),
        ("unsaid/g.txt", &["", "5-", ""]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(file.clone(), vec![5]);
        server.has(&file, "\"one\"");
        let manifest = format!("[small]\nurl = \"{}/{path}\"\n", server.address);
        failure(&get(folder.path(), &manifest), 4);
        success(&get(folder.path(), &manifest));
        assert_eq!(fs::read(folder.path().join("graphs/small.txt")).unwrap(), file, "{path}");
        assert_eq!(server.asked(), asked, "{path}");
    }
}

#[test]
fn a_download_of_unknown_length_that_breaks_off_is_not_taken_for_whole() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(b"1 2\n2 30\n".to_vec(), vec![7]);
    let manifest = format!("[small]\nurl = \"{}/chunked/g.txt\"\n", server.address);
    let message = failure(&get(folder.path(), &manifest), 4);
    assert!(message.contains("it ended after 7 bytes; try again for the rest"), "{message}");
    let graphs = folder.path().join("graphs");
    assert_eq!(names_in(&graphs), ["small.txt.part".to_owned()].into());
    let output = get(folder.path(), &manifest);
    success(&output);
    assert_eq!(err(&output), "small; licence: none stated\n");
    assert_eq!(fs::read(graphs.join("small.txt")).unwrap(), b"1 2\n2 30\n");
}

#[cfg(unix)]
#[test]
fn of_two_downloads_of_a_graph_the_second_is_refused() {
    use rustix::fs::{FlockOperation, flock};

    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(b"1 2\n".to_vec(), Vec::new());
    let manifest = format!("[small]\nurl = \"{}/g.txt\"\n", server.address);
    let graphs = folder.path().join("graphs");
    fs::create_dir(&graphs).unwrap();
    let part = fs::File::create(graphs.join("small.txt.part")).unwrap();
    flock(&part, FlockOperation::LockExclusive).unwrap();
    let message = failure(&get(folder.path(), &manifest), 4);
    assert!(message.ends_with("another download of it is under way\n"), "{message}");
    assert_eq!(server.asked(), Vec::<String>::new());
    drop(part);
    success(&get(folder.path(), &manifest));
    assert_eq!(names_in(&graphs), ["small.txt".to_owned()].into());
}

#[test]
fn a_download_that_breaks_off_goes_on_and_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let file = gzip(b"1 2\n2 3\n3 4\n4 1\n");
    let server = Server::start(file.clone(), vec![10, 20]);
    let manifest = format!(
        "[small]\nurl = \"{}/g.txt.gz\"\nabout = \"A ring\"\nlicence = \"CC0\"\nrun = \"--undirected\"\nbytes = {}\nsha256 = \"{}\"\n",
        server.address,
        file.len(),
        digest(&file)
    );
    let graphs = folder.path().join("graphs");
    for (have, held) in [(10, ""), (30, "10-")] {
        let message = failure(&get(folder.path(), &manifest), 4);
        let expected = format!("ended after {have} of {} bytes", file.len());
        assert!(message.contains(&expected), "{message}");
        assert_eq!(names_in(&graphs), ["small.txt.gz.part".to_owned()].into());
        assert_eq!(server.asked().last().unwrap(), held);
    }
    let output = get(folder.path(), &manifest);
    let path = graphs.join("small.txt.gz");
    assert_eq!(success(&output), format!("{}\n", path.display()));
    assert_eq!(err(&output), "A ring; licence: CC0\nread it with --undirected\n");
    assert_eq!(fs::read(&path).unwrap(), file);
    assert_eq!(names_in(&graphs), ["small.txt.gz".to_owned()].into());
    assert_eq!(server.asked(), ["", "10-", "30-"]);
    // What is there is not downloaded again.
    success(&get(folder.path(), &manifest));
    assert_eq!(server.asked().len(), 3);
    let components = shell(&format!("run connected-components -q {}", path.display()));
    assert_eq!(success(&components).lines().count(), 4);
}

#[test]
fn a_file_that_is_not_the_expected_one_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(b"1 2\n".to_vec(), Vec::new());
    let manifest = |more: &str| format!("[small]\nurl = \"{}/g.txt\"\n{more}", server.address);
    let wrong = format!("sha256 = \"{}\"\n", digest(b"1 3\n"));
    let message = failure(&get(folder.path(), &manifest(&wrong)), 1);
    assert!(
        message.contains("not the file that was expected: found 4 bytes with the SHA-256 "),
        "{message}"
    );
    assert_eq!(names_in(&folder.path().join("graphs")), [].into());
    let message = failure(&get(folder.path(), &manifest("bytes = 5\n")), 1);
    assert!(message.contains("4 bytes, but the manifest says 5"), "{message}");

    let missing = format!("[small]\nurl = \"{}/missing.txt\"\n", server.address);
    let message = failure(&get(folder.path(), &missing), 4);
    assert!(message.contains("the server answers with status 404"), "{message}");
    let closed = "[small]\nurl = \"http://127.0.0.1:1/g.txt\"\n";
    let message = failure(&get(folder.path(), closed), 4);
    assert!(message.starts_with("error: http://127.0.0.1:1/g.txt: cannot download: "), "{message}");
    let message = failure(&get(folder.path(), "[small]\nurll = \"x\"\n"), 3);
    assert!(
        message.contains("manifest.toml:2:1: found \"urll\", expected about, url"),
        "{message}"
    );
    assert_eq!(names_in(&folder.path().join("graphs")), [].into());
}

#[test]
fn of_an_archive_only_the_named_members_are_extracted() {
    let folder = tempfile::tempdir().unwrap();
    let archive = tar(&[
        ("../../evil.txt", b"no"),
        ("/etc/evil", b"no"),
        ("set/other.txt", b"no"),
        ("set/g.e", b"1 2\n"),
        ("./set/g.v", b"1\n2\n"),
    ]);
    let server = Server::start(gzip(&archive), Vec::new());
    let manifest = |files: &str| {
        format!("[small]\nurl = \"{}/g.tar.gz\"\nfiles = [{files}]\n", server.address)
    };
    let graphs = folder.path().join("graphs");
    let output = get(folder.path(), &manifest("\"set/g.v\", \"set/g.e\""));
    let paths = ["g.v", "g.e"].map(|name| graphs.join(name).display().to_string());
    assert_eq!(success(&output), format!("{}\n{}\n", paths[0], paths[1]));
    assert_eq!(names_in(&graphs), ["g.e".to_owned(), "g.v".to_owned()].into());
    assert_eq!(fs::read(graphs.join("g.e")).unwrap(), b"1 2\n");
    let outside: Vec<_> = names_in(folder.path()).into_iter().collect();
    assert_eq!(outside, ["graphs", "manifest.toml"]);

    let message = failure(&get(folder.path(), &manifest("\"set/none.e\"")), 4);
    assert!(message.contains("there is no set/none.e in it"), "{message}");
}

#[test]
fn files_beside_a_graph_come_along_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(b"1 2\n".to_vec(), Vec::new());
    let manifest = format!(
        "[small]\nurl = \"{0}/a@7.graph\"\nbeside = [\"{0}/a@7.properties\"]\n",
        server.address
    );
    let graphs = folder.path().join("graphs");
    let paths = ["small.graph", "small.properties"].map(|name| graphs.join(name));
    let expected = format!("{}\n{}\n", paths[0].display(), paths[1].display());
    assert_eq!(success(&get(folder.path(), &manifest)), expected);
    assert_eq!(names_in(&graphs).len(), 2);
    // Only what is missing is asked for.
    fs::remove_file(&paths[1]).unwrap();
    assert_eq!(success(&get(folder.path(), &manifest)), expected);
    assert_eq!((server.asked().len(), names_in(&graphs).len()), (3, 2));
}
