//! `superstep convert`, and graphs whose vertices have names.

use std::fs;
use std::path::Path;

use superstep::io::FORMATS;

use crate::program::{err, failure, folder_with, shell, success};

#[test]
fn a_graph_goes_from_format_to_format_and_back() {
    let (folder, path) = folder_with(
        "g.mtx",
        "%%MatrixMarket matrix coordinate real general\n3 3 2\n1 2 0.5\n3 1 2\n",
    );
    let at = |name: &str| folder.path().join(name);
    let mut last = path;
    for name in ["a.tsv.gz", "b.gr", "c.wel.zst", "d.mtx.bz2", "e.ssg", "f.konect", "g.csv"] {
        let weighted = if last.to_string_lossy().contains(".tsv") { "--weighted" } else { "" };
        success(&shell(&format!(
            "convert -q {weighted} {} {}",
            last.display(),
            at(name).display()
        )));
        last = at(name);
    }
    assert_eq!(fs::read_to_string(&last).unwrap(), "1,2,0.5\n3,1,2\n");
    let before = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(before, 8, "nothing else is left");
    // To standard output, in the format that is asked for.
    let shown =
        shell(&format!("convert -q --to matrix-market --unit-weights {} -", at("b.gr").display()));
    assert_eq!(
        success(&shown),
        "%%MatrixMarket matrix coordinate pattern general\n3 3 2\n1 2\n3 1\n"
    );
}

#[test]
fn that_vertices_without_edges_are_lost_is_said_where_the_format_has_no_place_for_them() {
    let (folder, path) = folder_with("g.txt", "1 2\n");
    let vertices = folder.path().join("v.txt");
    fs::write(&vertices, "1\n2\n7\n").unwrap();
    for format in ["edge-list", "ndjson", "dimacs", "matrix-market"] {
        let line = format!("convert {} - --to {format} --vertices", path.display());
        let shown = shell(&format!("{line} {}", vertices.display()));
        success(&shown);
        let note =
            "note: a list of edges has no place for vertices without any, of which there are 1\n";
        let expected = if matches!(format, "edge-list" | "ndjson") { note } else { "" };
        assert_eq!(err(&shown), expected, "{format}");
        let quiet = shell(&format!("{line} {} --quiet", vertices.display()));
        success(&quiet);
        assert_eq!(err(&quiet), "", "{format}");
    }
    // Where none is lost, nothing is said.
    fs::write(&vertices, "1\n2\n").unwrap();
    let line = format!("convert {} - --to edge-list --vertices", path.display());
    let shown = shell(&format!("{line} {}", vertices.display()));
    success(&shown);
    assert_eq!(err(&shown), "");
}

#[test]
fn what_convert_writes_is_read_under_its_name_or_convert_refuses() {
    let (folder, path) = folder_with("g.txt", "1 2\n1 3\n2 4\n6 7\n");
    let components = |path: &Path| {
        let line = format!("run connected-components -q {}", path.display());
        let rows = success(&shell(&line));
        // Formats that count from 0 have a vertex 0, and one that no edge names.
        let rows = rows.lines().filter(|row| !matches!(*row, "0\t0" | "5\t5"));
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    let expected = components(&path);
    assert_eq!(expected.len(), 6);
    let (mut read, mut refused) = (0, 0);
    for format in FORMATS.iter().filter(|format| format.can_write() || format.name() == "ssg") {
        let extension = format.extensions()[0];
        for compression in ["", ".gz", ".zst", ".bz2", ".GZ"] {
            let output = folder.path().join(format!("o.{extension}{compression}"));
            let line = format!("convert -q --undirected {} {}", path.display(), output.display());
            let converted = shell(&line);
            if format.can_be_compressed() || compression.is_empty() {
                success(&converted);
                assert_eq!(components(&output), expected, "{}", output.display());
                read += 1;
            } else {
                let message = failure(&converted, 2);
                let reason =
                    format!("a graph in the format {} is not compressed as", format.name());
                assert!(message.contains(&reason), "{message}");
                assert!(!output.exists());
                refused += 1;
            }
        }
    }
    assert!(read >= 35 && refused >= 4, "{read} {refused}");
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, read + 1);
}

#[test]
fn weights_that_only_some_edges_have_are_not_left_out_silently() {
    let text = "{\"source\":1,\"target\":2}\n{\"source\":2,\"target\":3,\"weight\":5}\n";
    let (folder, path) = folder_with("g.ndjson", text);
    let output = folder.path().join("o.tsv");
    let line = format!("convert -q {} {}", path.display(), output.display());
    let message = failure(&shell(&line), 3);
    assert!(
        message.contains("g.ndjson:2:33: found a weight, \"5\", expected no weight"),
        "{message}"
    );
    assert!(!output.exists());
    let sssp = format!("run sssp -q --source 1 {}", path.display());
    assert!(failure(&shell(&sssp), 3).contains("g.ndjson:2:33: "));
    success(&shell(&format!("{line} --unit-weights")));
    assert_eq!(fs::read_to_string(&output).unwrap(), "1\t2\n2\t3\n");
    let bare = folder_with("b.ndjson", "{\"source\":1,\"target\":2}\n");
    success(&shell(&format!("convert -q {} {}", bare.1.display(), output.display())));
    assert_eq!(fs::read_to_string(&output).unwrap(), "1\t2\n");
}

#[test]
fn what_cannot_be_converted_leaves_nothing() {
    let (folder, path) = folder_with("g.txt", "0 1\n1 x\n");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let message = failure(&shell(&format!("convert {} {}", path.display(), at("o.tsv"))), 3);
    assert!(message.contains("g.txt:2:3: found \"x\""), "{message}");
    let message = failure(&shell(&format!("convert {} {}", path.display(), at("o.xyz"))), 2);
    assert!(message.contains("the extension tells no format; --to takes edge-list,"), "{message}");
    let skip = format!("convert --on-error skip {} {}", path.display(), at("o.gr"));
    let message = failure(&shell(&skip), 2);
    assert!(message.contains("counts vertices from 1; --renumber does so"), "{message}");
    let message = failure(&shell(&format!("convert {} {}", at("none.txt"), at("o.tsv"))), 4);
    assert!(message.contains("none.txt: cannot open"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn policies_are_followed_and_what_they_did_is_told() {
    let (folder, path) = folder_with("g.txt", "1 2 3\n1 2 4\n2 2 1\nx\n2 3 1\n");
    let (out, bad) = (folder.path().join("o.wel"), folder.path().join("bad.txt"));
    let line = format!(
        "convert --weighted --on-error collect={} --drop-self-loops --merge-duplicates sum --reverse {} {}",
        bad.display(),
        path.display(),
        out.display()
    );
    let output = shell(&line);
    success(&output);
    let mut lines: Vec<_> = fs::read_to_string(&out).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["2 1 7", "3 2 1"]);
    assert_eq!(fs::read_to_string(&bad).unwrap(), "x\n");
    let told = err(&output);
    for part in [
        "1 edges merged with others",
        "1 self-loops left out",
        "1 lines left out:",
        "g.txt:4:1: found \"x\"",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn vertices_with_names_come_back_under_their_names() {
    let (_folder, path) = folder_with("g.tsv", "left pad\tright pad\nright pad\t\n");
    let path = path.display();
    let found = success(&shell(&format!("run connected-components -q --names {path}")));
    assert_eq!(found, "\t\nleft pad\t\nright pad\t\n");
    let (_folder, path) = folder_with("g.tsv", "a\tb\nb\tc\n");
    let path = path.display();
    let found = success(&shell(&format!("run bfs -q --names --source b {path}")));
    assert!(found.contains("b\t0") && found.contains("c\t1"), "{found}");
    let message = failure(&shell(&format!("run bfs --names --source d {path}")), 2);
    assert!(message.contains("--source: no vertex has the name \"d\""), "{message}");
    let message = failure(&shell(&format!("run bfs --source b {path}")), 2);
    assert!(message.contains("invalid value 'b' for '--source <ID>'"), "{message}");
}

#[test]
fn names_stand_in_every_column_of_ids_and_in_errors() {
    let (folder, path) = folder_with("g.csv", "zed,bob\nbob,ann\nann,zed\n");
    let path = path.display();
    for (run, expected) in [
        ("degrees", "ann\t1\t1\nbob\t1\t1\nzed\t1\t1\n"),
        ("articulation-points", ""),
        ("minimum-spanning-forest --unit-weights", "ann\tbob\t1.0\nann\tzed\t1.0\n"),
        ("k-truss --k 3", "ann\tbob\nann\tzed\nbob\tzed\n"),
        (
            "random-walks --steps 2 --walks 1",
            "ann\tann zed bob\nbob\tbob ann zed\nzed\tzed bob ann\n",
        ),
    ] {
        assert_eq!(success(&shell(&format!("run {run} -q --names {path}"))), expected, "{run}");
    }
    let message = failure(&shell(&format!("run topological-sort --names {path}")), 3);
    let cycle = "cycle of length 3, \"ann\" -> \"zed\" -> \"bob\" -> \"ann\"";
    assert!(message.contains(cycle), "{message}");
    // A format that knows of names needs not be told.
    let saved = folder.path().join("g.ssg");
    success(&shell(&format!("convert -q --names {path} {}", saved.display())));
    for options in ["", "--names"] {
        let line = format!("run bfs -q {options} --source zed {}", saved.display());
        assert_eq!(success(&shell(&line)), "ann\t2\nbob\t1\nzed\t0\n");
    }
    let (folder, path) = folder_with("g.txt", "1 2\n");
    let saved = folder.path().join("g.ssg");
    success(&shell(&format!("convert -q {} {}", path.display(), saved.display())));
    let message = failure(&shell(&format!("run bfs --source zed {}", saved.display())), 2);
    assert!(message.contains("\"zed\" is not an id"), "{message}");
    let message = failure(&shell(&format!("run degrees --names {}", saved.display())), 2);
    assert!(message.contains("g.ssg: the vertices have no names"), "{message}");
}

#[test]
fn a_list_of_neighbours_has_the_vertices_of_the_graph_and_no_others() {
    let (folder, path) = folder_with("g.txt", "7 9\n9 5000000000\n9 3\n");
    let listed = folder.path().join("v.txt");
    fs::write(&listed, "3\n7\n8\n9\n5000000000\n").unwrap();
    let line = format!("convert -q {} - --to adjacency-list", path.display());
    assert_eq!(success(&shell(&line)), "7 9\n9 3 5000000000\n");
    let both = success(&shell(&format!("{line} --undirected")));
    assert_eq!(both, "3 9\n7 9\n9 3 7 5000000000\n5000000000 9\n");
    let all = success(&shell(&format!("{line} --vertices {}", listed.display())));
    assert_eq!(all, "3\n7 9\n8\n9 3 5000000000\n5000000000\n");
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let (folder, path) = folder_with("g.txt", "1 4294967296\n");
    for name in ["g.mtx", "g.gr", "g.konect"] {
        let target = folder.path().join(name);
        let line = format!("convert -q {} {}", path.display(), target.display());
        let message = failure(&shell(&line), 2);
        assert!(message.starts_with("error: vertex 4294967296: the format "), "{message}");
        assert!(message.contains("--renumber leaves out those that do not occur"), "{message}");
        success(&shell(&format!("{line} --renumber")));
    }
}

#[test]
fn edges_are_checked_against_the_vertices_whatever_is_written() {
    let (folder, path) = folder_with("g.txt", "1 2\n");
    let listed = folder.path().join("v.txt");
    for (vertices, words) in [
        ("1\n3\n", "an edge names vertex 2, which the graph does not have"),
        ("1\n2\n1\n", "vertex id 1 occurs more than once"),
    ] {
        fs::write(&listed, vertices).unwrap();
        for name in ["o.csv", "o.mtx", "o.jsonl", "o.ssg"] {
            let target = folder.path().join(name);
            let (path, listed) = (path.display(), listed.display());
            let line = format!("convert -q --vertices {listed} {path} {}", target.display());
            let message = failure(&shell(&line), 3);
            assert!(message.contains(words), "{name}: {message}");
            assert!(!target.exists(), "{name}");
        }
    }
}
