//! How `run` reads graphs, and what it says when it cannot.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::program::{
    err, failure, folder_with, golden, gzip, run, run_with_input, shell, success,
};

#[test]
fn policies_drop_loops_and_duplicates() {
    let (_folder, path) = folder_with("g.txt", "1 2\n1 2\n2 2\n2 1\n");
    let path = path.display();
    for (options, expected) in [
        ("", "2 vertices, 4 edges (0 dropped)"),
        ("--drop-self-loops", "2 vertices, 3 edges (1 dropped)"),
        ("--drop-duplicates", "2 vertices, 3 edges (1 dropped)"),
        ("--drop-self-loops --drop-duplicates", "2 vertices, 2 edges (2 dropped)"),
        ("--undirected", "2 vertices, 7 edges, both directions counted (0 dropped)"),
    ] {
        let output = shell(&format!("run connected-components {options} {path}"));
        assert_eq!(success(&output), "1\t1\n2\t1\n");
        assert!(err(&output).starts_with(expected), "{options}: {}", err(&output));
    }
}

#[test]
fn standard_input_is_read_like_a_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/odd-web.txt");
    let bytes = fs::read(path).unwrap();
    let expected = golden("odd-web", "components");
    for input in [bytes.clone(), gzip(&bytes)] {
        let output = run_with_input("run connected-components -", &input);
        assert_eq!(success(&output), expected);
    }
    let message = failure(&run_with_input("run pagerank -", b"1 2\n3\n"), 3);
    assert!(message.starts_with("error: <stdin>:2:2: found end of line, expected "), "{message}");
    let message = failure(&run_with_input("run pagerank -", &gzip(b"1 2\n")[..20]), 3);
    assert!(message.starts_with("error: <stdin>: cannot decompress: "), "{message}");
}

#[test]
fn malformed_lines_exit_with_3_and_their_place() {
    for (text, place, found) in [
        ("1 2\n3 x\n", "2:3", "\"x\""),
        ("# c\n\n1\n", "3:2", "end of line"),
        ("1 2\n1 18446744073709551616\n", "2:3", "\"18446744073709551616\""),
        ("1 2\n-1 2\n", "2:1", "\"-1\""),
    ] {
        for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
            let (_folder, path) = folder_with("bad.txt", bytes);
            let path = path.display();
            let message = failure(&shell(&format!("run connected-components {path}")), 3);
            let expected = format!("error: {path}:{place}: found {found}, expected ");
            assert!(message.starts_with(&expected), "{message}");
            let mut further = message.lines().skip(1);
            assert!(further.all(|line| line.starts_with("hint: ")), "{message}");
        }
    }
}

#[test]
fn what_cannot_be_opened_exits_with_4_and_a_damaged_archive_with_3() {
    let message = failure(&shell("run pagerank no/such/file.txt"), 4);
    assert_eq!(
        message,
        "error: no/such/file.txt: cannot open: No such file or directory (os error 2)\n"
    );
    let whole = gzip("1 2\n".repeat(100).as_bytes());
    let mut corrupt = whole.clone();
    corrupt[12] ^= 0xff;
    for (bytes, reason) in [
        (&whole[..whole.len() / 2], "the gzip file is cut short"),
        (corrupt.as_slice(), "the gzip file is corrupt"),
    ] {
        let (_folder, path) = folder_with("bad.gz", bytes);
        let message = failure(&shell(&format!("run pagerank {}", path.display())), 3);
        let expected = format!("error: {}: cannot decompress: {reason}", path.display());
        assert!(message.starts_with(&expected), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_read_like_a_file() {
    use std::process::Command;
    use std::thread;

    use crate::program::names_in;

    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let line = format!("run connected-components {}", pipe.display());
    let run = |text: Vec<u8>| {
        let pipe = pipe.clone();
        // Opening waits for the reader.
        let writer = thread::spawn(move || fs::write(pipe, text));
        let output = shell(&line);
        writer.join().unwrap().unwrap();
        output
    };
    for text in [b"1 2\n2 3\n".to_vec(), gzip(b"1 2\n2 3\n")] {
        assert_eq!(success(&run(text)), "1\t1\n2\t1\n3\t1\n");
    }
    let message = failure(&run(b"1 2\n3\n".to_vec()), 3);
    let expected = format!("error: {}:2:2: found end of line, expected ", pipe.display());
    assert!(message.starts_with(&expected), "{message}");
    assert_eq!(names_in(folder.path()), ["pipe".to_owned()].into());
}

#[cfg(target_os = "linux")]
#[test]
fn what_may_not_be_read_or_written_exits_with_4_and_its_path() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    use std::time::Duration;
    use std::{io, thread};

    use crate::program::command;

    let allow = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let (folder, secret) = folder_with("secret.txt", "1 2\n");
    let graph = folder.path().join("graph.txt");
    fs::write(&graph, "1 2\n").unwrap();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    allow(folder.path(), 0o755);
    allow(&secret, 0o000);
    allow(&closed, 0o555);
    // Nothing is forbidden to root, who runs the command as somebody else, from where all can.
    let is_root = fs::metadata(&graph).unwrap().uid() == 0;
    let program = folder.path().join("superstep");
    let command = || {
        if !is_root {
            return command();
        }
        let mut command = Command::new(&program);
        command.uid(65534).gid(65534).env("HOME", folder.path()).current_dir(folder.path());
        command
    };
    if is_root {
        fs::copy(env!("CARGO_BIN_EXE_superstep"), &program).unwrap();
        allow(&program, 0o755);
    }
    let run = |input: &Path, more: &[&str]| {
        let mut command = command();
        command.args(["run", "connected-components", "-q"]).arg(input).args(more);
        loop {
            match command.output() {
                // A child that another test is starting has the copy open still.
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                    thread::sleep(Duration::from_millis(10));
                }
                output => break failure(&output.unwrap(), 4),
            }
        }
    };
    let denied = "Permission denied (os error 13)\n";
    let expected = format!("error: {}: cannot open: {denied}", secret.display());
    assert_eq!(run(&secret, &[]), expected);
    let target = closed.join("out.tsv").display().to_string();
    let expected = format!("error: {target}: cannot create: {denied}");
    assert_eq!(run(&graph, &["-o", &target]), expected);
    assert_eq!(fs::read_dir(&closed).unwrap().count(), 0);
}

#[test]
fn a_folder_is_read_as_one_graph() {
    let (folder, _) = folder_with("part-0", "1 2\n");
    fs::write(folder.path().join("part-1"), gzip(b"2 3\n7 8\n")).unwrap();
    fs::write(folder.path().join("_SUCCESS"), "").unwrap();
    let output = shell(&format!("run connected-components {}", folder.path().display()));
    assert_eq!(success(&output), "1\t1\n2\t1\n3\t1\n7\t7\n8\t7\n");
}

#[test]
fn several_inputs_are_read_as_one_graph() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "src,dst\n1,2\n").unwrap();
    fs::write(folder.path().join("b.gz"), gzip(b"src,dst\n2,3\n9,8\n")).unwrap();
    let paths = ["a.csv", "b.gz"].map(|name| folder.path().join(name));
    let mut line = vec![OsStr::new("run"), OsStr::new("connected-components")];
    line.extend(paths.iter().map(|path| path.as_os_str()));
    assert_eq!(success(&run(line)), "1\t1\n2\t1\n3\t1\n8\t8\n9\t8\n");
}

#[test]
fn files_of_several_formats_are_no_graph() {
    let (folder, list) = folder_with("a.txt", "1 2\n");
    let matrix = folder.path().join("m.mtx");
    let text = "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 1\n3 1\n";
    fs::write(&matrix, text).unwrap();
    fs::write(folder.path().join("b.adj"), "").unwrap();
    let (list, matrix) = (list.display(), matrix.display());
    let formats = "of the format edge-list, but ";
    for line in [format!("{list} {matrix}"), folder.path().display().to_string()] {
        let message = failure(&shell(&format!("run degrees {line}")), 2);
        assert!(message.contains(formats) && message.contains("of the format matrix-market"));
    }
    // As one of them, if told so.
    let line = format!("run degrees -q --format edge-list {list} {matrix}");
    assert_eq!(success(&shell(&line)), "1\t1\t1\n2\t1\t0\n3\t1\t2\n");
}

#[test]
fn each_of_several_lists_has_its_own_header_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let place = folder.path().display();
    let degrees = |options: &str| shell(&format!("run degrees -q {place} {options}"));
    let by_name = "--source-column source --target-column target";
    write("a.csv", "source,target\n1,2\n3,4\n");
    write("b.csv", "5,6\n7,8\n");
    let all = "1\t0\t1\n2\t1\t0\n3\t0\t1\n4\t1\t0\n5\t0\t1\n6\t1\t0\n7\t0\t1\n8\t1\t0\n";
    for options in ["", "--header-line yes", by_name] {
        assert_eq!(success(&degrees(options)), all, "{options}");
    }
    write("b.csv", "weight;target;source\n9;6;5\n9;8;7\n");
    for options in ["", "--header-line yes", by_name] {
        assert_eq!(success(&degrees(options)), all, "{options}");
    }
    write("b.csv", "foo,bar\n5,6\n7,8\n");
    let message = failure(&degrees(by_name), 3);
    assert!(
        message.contains("b.csv:1:1: found \"foo,bar\", expected a column \"source\""),
        "{message}"
    );
    // Nothing tells whether these are names.
    let message = failure(&degrees("--names --header-line yes"), 3);
    assert!(message.contains("b.csv:1:1: found \"foo,bar\", expected a column"), "{message}");
    assert_eq!(success(&degrees("--names --header-line no")).lines().count(), 12);
}

#[test]
fn the_usual_names_of_columns_are_found_wherever_they_stand() {
    for text in [
        ",source,target\n0,1,2\n1,2,3\n",
        "\"source\",\"target\"\n\"1\",\"2\"\n\"2\",\"3\"\n",
        "weight,dst,src\n5,2,1\n5,3,2\n",
        ":START_ID,:END_ID\n1,2\n2,3\n",
        "source;target\n1;2\n2;3\n",
        "1;2\n2;3\n",
        "\"1\",\"2\"\n\"2\",\"3\"\n",
        "time\tfrom\tto\n7\t1\t2\n\t2\t3\n",
    ] {
        let (_folder, path) = folder_with("g.csv", text);
        let found = success(&shell(&format!("run degrees -q {}", path.display())));
        assert_eq!(found, "1\t0\t1\n2\t1\t1\n3\t1\t0\n", "{text}");
    }
    let (_folder, path) = folder_with("g.csv", "weight,dst,src\n5,2,1\n0.5,3,2\n");
    let found = success(&shell(&format!("run sssp -q --source 1 {}", path.display())));
    assert_eq!(found, "1\t0.0\n2\t5.0\n3\t5.5\n");
}

#[test]
fn vertices_without_edges_are_part_of_the_graph_when_a_file_names_them() {
    let (_folder, edges) = folder_with("edges.txt", "5 3\n");
    let (_other, vertices) = folder_with("vertices.txt", "3\n5\n4\n");
    let (edges, vertices) = (edges.display(), vertices.display());
    let line = format!("run connected-components -q --vertices {vertices} {edges}");
    assert_eq!(success(&shell(&line)), "3\t3\n4\t4\n5\t3\n");
    let line = format!("run sssp --source 4 --unit-weights -q --vertices {vertices} {edges}");
    assert_eq!(success(&shell(&line)), "3\tinf\n4\t0.0\n5\tinf\n");
    let (_third, few) = folder_with("few.txt", "3\n");
    let line = format!("run bfs --source 3 --vertices {} {edges}", few.display());
    assert!(failure(&shell(&line), 3).contains("an edge names vertex 5"));
}

#[test]
fn a_damaged_compressed_graph_exits_with_3_and_its_vertex() {
    let (folder, path) = folder_with("g.graph", b"\0");
    let properties = "graphclass=it.unimi.dsi.webgraph.BVGraph\nnodes=2\narcs=1\nwindowsize=7\n\
                      minintervallength=4\n";
    fs::write(folder.path().join("g.properties"), properties).unwrap();
    let message = failure(&shell(&format!("run degrees {}", path.display())), 3);
    let expected = "g.graph: byte 0, the successors of vertex 0: found the end of the file";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn a_saved_graph_that_is_damaged_is_bad_input() {
    let (folder, path) = folder_with("g.txt", "1 2\n2 3\n3 1\n");
    let saved = folder.path().join("g.ssg");
    success(&shell(&format!("convert -q {} {}", path.display(), saved.display())));
    let whole = fs::read(&saved).unwrap();
    let cut = &whole[..whole.len() - 1];
    let mut wrong = whole.clone();
    wrong[whole.len() / 2] ^= 1;
    for (bytes, reason) in [(cut, "cut short"), (&wrong, "damaged"), (&whole[..4], "")] {
        fs::write(&saved, bytes).unwrap();
        let line = format!("run degrees {} --format ssg", saved.display());
        let message = failure(&shell(&line), 3);
        assert!(message.contains("g.ssg: cannot be read: "), "{message}");
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
#[cfg(feature = "parquet")]
fn a_library_that_panics_over_damaged_columns_is_not_heard() {
    let (folder, path) = folder_with("g.txt", "1 2\n2 3\n3 1\n");
    let columns = folder.path().join("g.arrow");
    success(&shell(&format!("convert -q {} {}", path.display(), columns.display())));
    let whole = fs::read(&columns).unwrap();
    let mut lengths = 0;
    for at in (whole.len() / 3..whole.len()).step_by(16) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x81;
        fs::write(&columns, damaged).unwrap();
        let output = shell(&format!("run degrees -q {}", columns.display()));
        let message = err(&output);
        assert!(!message.contains("panicked"), "byte {at}: {message}");
        if !output.status.success() {
            assert_eq!(output.status.code(), Some(3), "byte {at}: {message}");
            assert!(message.starts_with("error: "), "byte {at}: {message}");
            // In the words of a panic of the library.
            lengths += usize::from(message.contains("exceed the existing length"));
        }
    }
    assert!(lengths > 0, "nothing damaged made the library panic");
}
