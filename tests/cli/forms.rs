//! The forms in which `run` writes results.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{
    command, err, failure, folder_with, kronecker, names_in, run, shell, success,
};

/// Depths and parents, one of which is missing.
fn parents(form: &str) -> String {
    let (_folder, path) = folder_with("g.txt", "1 2\n1 3\n2 4\n9 1\n");
    let line = "run bfs --source 1 --parents --partitions 3 -q --output-format";
    success(&shell(&format!("{line} {form} {}", path.display())))
}

/// Distances, one of which is infinite, between vertices with awkward names.
fn named(form: &str) -> String {
    let text = "\"a,\"\"b\"\"\",c d,0.5\nc d,\"\",2\n,\u{e9},1\nz,c d,1\n";
    let (_folder, path) = folder_with("g.csv", text);
    let line = "run sssp --names --header -q --output-format";
    let path = path.display().to_string();
    let words = line.split_whitespace().chain([form, "--source", "a,\"b\"", &path]);
    success(&run(words))
}

#[test]
fn what_is_missing_is_empty_in_lines_and_null_in_json() {
    let far = 9_223_372_036_854_775_807_u64;
    assert_eq!(parents("tsv"), format!("1\t0\t1\n2\t1\t1\n3\t1\t1\n4\t2\t2\n9\t{far}\t\n"));
    assert_eq!(parents("csv"), format!("1,0,1\n2,1,1\n3,1,1\n4,2,2\n9,{far},\n"));
    let last = format!("{{\"id\":9,\"depth\":{far},\"parent\":null}}\n");
    assert!(parents("ndjson").ends_with(&last), "{}", parents("ndjson"));
    let json: Value = serde_json::from_str(&parents("json")).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 5);
    assert_eq!(json[3], json!({"id": 4, "depth": 2, "parent": 2}));
    assert_eq!(json[4], json!({"id": 9, "depth": far, "parent": null}));
}

#[test]
fn names_are_quoted_where_a_form_needs_it() {
    assert_eq!(named("tsv"), "#id\tdistance\n\t2.5\na,\"b\"\t0.0\nc d\t0.5\nz\tinf\n\u{e9}\t3.5\n");
    assert_eq!(
        named("csv"),
        "id,distance\n\"\",2.5\n\"a,\"\"b\"\"\",0.0\nc d,0.5\nz,inf\n\u{e9},3.5\n"
    );
    assert_eq!(
        named("ndjson"),
        "{\"id\":\"\",\"distance\":2.5}\n{\"id\":\"a,\\\"b\\\"\",\"distance\":0.0}\n\
         {\"id\":\"c d\",\"distance\":0.5}\n{\"id\":\"z\",\"distance\":\"inf\"}\n\
         {\"id\":\"\u{e9}\",\"distance\":3.5}\n"
    );
    assert_eq!(named("graphalytics"), " 2.5\na,\"b\" 0.0\nc d 0.5\nz Infinity\n\u{e9} 3.5\n");
    assert_eq!(
        named("table"),
        "id     distance\n-----  --------\n            2.5\na,\"b\"       0.0\n\
         c d         0.5\nz           inf\n\u{e9}           3.5\n"
    );
}

#[test]
fn json_is_a_document_whatever_partitions_are_empty() {
    for partitions in [1, 2, 34, 100] {
        let line = format!("run connected-components --partitions {partitions} -q");
        let line = format!("{line} --output-format json datasets/karate.txt");
        let json: Value = serde_json::from_str(&success(&shell(&line))).unwrap();
        let rows = json.as_array().unwrap();
        assert_eq!(rows.len(), 34, "{partitions}");
        for (row, id) in rows.iter().zip(1..) {
            assert_eq!(*row, json!({"id": id, "component": 1}), "{partitions}");
        }
    }
    let (_folder, path) = folder_with("empty.txt", "");
    let line = format!("run pagerank -q --output-format json {}", path.display());
    assert_eq!(success(&shell(&line)), "[]\n");
}

#[test]
fn lists_and_figures_have_a_place_in_every_form() {
    let (_folder, path) = folder_with("g.txt", "1 2\n2 3\n3 4\n");
    let walks = |form: &str| {
        let line = "run random-walks --steps 3 -q --output-format";
        success(&shell(&format!("{line} {form} {}", path.display())))
    };
    let rows: Vec<Value> =
        walks("ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = rows.iter().find(|row| row["start"] == 1).unwrap();
    assert_eq!(first["walk"], json!([1, 2, 3, 4]));
    assert!(walks("csv").contains("1,1 2 3 4\n"));

    let figures = |form: &str| {
        success(&shell(&format!("run transitivity -q --output-format {form} datasets/karate.txt")))
    };
    let text = figures("tsv");
    let json: Value = serde_json::from_str(&figures("json")).unwrap();
    assert_eq!(json.as_array().unwrap().len(), text.lines().count());
    assert_eq!(json[0], json!({"figure": "triangles", "value": 45}));
    assert!(figures("csv").starts_with("triangles,45\n"));
    assert!(figures("table").starts_with("figure  "));
}

#[test]
fn a_table_shows_the_first_rows_and_how_many_more_there_are() {
    let table = |options: &str| {
        let line = "run pagerank --undirected --partitions 4 -q --output-format table";
        success(&shell(&format!("{line} {options} datasets/karate.txt")))
    };
    let text = table("");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2 + 20 + 1, "{text}");
    assert!(lines[0].starts_with("id ") && lines[0].ends_with(" rank"), "{text}");
    let cells = |line: &str| {
        let (id, rank) = line.trim().split_once("  ").unwrap();
        (id.parse::<u64>().unwrap(), rank.trim().parse::<f64>().unwrap())
    };
    let (first, last) = (cells(lines[2]), cells(lines[21]));
    assert!(first.0 == 1 && (first.1 - 0.097).abs() < 1e-3, "{text}");
    assert!(last.0 == 20 && (last.1 - 0.0196).abs() < 1e-3, "{text}");
    assert!(lines[1..22].iter().all(|line| line.len() == lines[0].len()), "{text}");
    assert_eq!(lines[22], "14 more rows");
    let text = table("--top 3");
    let ids: Vec<&str> = text.lines().skip(2).map(|line| &line[..2]).collect();
    assert_eq!(ids, ["34", " 1", "33"], "{text}");
    assert_eq!(table("--top 100").lines().count(), 2 + 34);
}

#[test]
fn the_name_of_a_file_tells_form_and_compression() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, options: &str| {
        let path = folder.path().join(name);
        let line = format!("run pagerank --undirected --partitions 3 -q {options}");
        success(&shell(&format!("{line} datasets/karate.txt -o {}", path.display())));
        fs::read(path).unwrap()
    };
    let tsv = write("a.tsv", "");
    assert_eq!(write("b", ""), tsv);
    assert_eq!(write("c.txt", ""), tsv);
    let csv = write("a.CSV", "");
    assert_eq!(String::from_utf8(csv.clone()).unwrap().replace(',', "\t").into_bytes(), tsv);
    assert_eq!(write("d.tsv", "--output-format csv"), csv);
    assert_eq!(write("a.jsonl", ""), write("a.ndjson", ""));
    assert!(write("a.json", "").starts_with(b"[\n{\"id\":1,"));

    let mut plain = Vec::new();
    let gzip = write("a.csv.gz", "");
    flate2::read::MultiGzDecoder::new(&*gzip).read_to_end(&mut plain).unwrap();
    assert_eq!(plain, csv);
    assert!(write("a.csv.zst", "").starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    assert!(write("a.csv.bz2", "").starts_with(b"BZh"));
    // What was compressed reads back: a result of two columns is an edge list, too.
    for name in ["a.csv.gz", "a.csv.zst", "a.csv.bz2"] {
        let path = folder.path().join(name).display().to_string();
        let back = ["convert", "-q", "--names", &path, "-", "--to", "edge-list"];
        assert_eq!(success(&run(back)).as_bytes(), tsv, "{name}");
    }
    // And so is whatever else a command writes.
    let path = |name: &str| folder.path().join(name).display().to_string();
    let [report, plot, facts] = ["r.json.gz", "p.svg.gz", "i.json.gz"].map(path);
    success(&shell(&format!("run pagerank -q datasets/karate.txt --report {report}")));
    success(&shell(&format!("info --json -q datasets/karate.txt --plot {plot} -o {facts}")));
    for (path, beginning) in [(report, "{"), (plot, "<svg"), (facts, "{")] {
        let mut text = String::new();
        let bytes = fs::read(&path).unwrap();
        flate2::read::MultiGzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        assert!(text.starts_with(beginning), "{path}: {text}");
    }
    for form in ["parquet", "arrow"] {
        let path = folder.path().join("x.gz").display().to_string();
        let line = format!("run pagerank datasets/karate.txt --output-format {form} -o {path}");
        if cfg!(feature = "parquet") {
            let message = failure(&shell(&line), 2);
            assert!(message.contains(&format!("as {form} is not compressed as .gz")), "{message}");
        }
    }
}

#[test]
fn a_result_that_a_form_has_no_place_for_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let line = "run bfs --source 1 --parents --output-format graphalytics datasets/karate.txt -o";
    let message = failure(&shell(&format!("{line} {}", target.display())), 2);
    assert!(message.contains("and this result id, depth, parent"), "{message}");
    assert!(names_in(folder.path()).is_empty());
    let message = failure(&shell("run pagerank datasets/karate.txt --output-format xml"), 2);
    assert!(message.contains("[possible values: tsv, csv, ndjson, json, table"), "{message}");
}

fn parts(folder: &Path) -> Vec<String> {
    let names = names_in(folder).into_iter();
    names.filter(|name| name.starts_with("part-")).collect()
}

fn fill(folder: &TempDir, name: &str, options: &str) -> std::process::Output {
    let target = folder.path().join(name).display().to_string();
    let line = "run connected-components --undirected --partitions 3 -q";
    shell(&format!("{line} datasets/karate.txt {options} -o {target}"))
}

#[test]
fn a_directory_gets_a_file_for_each_partition() {
    let folder = tempfile::tempdir().unwrap();
    let whole = success(&shell(
        "run connected-components --undirected --partitions 3 -q datasets/karate.txt",
    ));
    success(&fill(&folder, "ranks/", ""));
    let target = folder.path().join("ranks");
    let expected = ["_SUCCESS", "part-00000.tsv", "part-00001.tsv", "part-00002.tsv"];
    assert_eq!(names_in(&target), expected.map(str::to_owned).into());
    let texts = parts(&target).into_iter().map(|part| fs::read_to_string(target.join(part)));
    assert_eq!(texts.map(Result::unwrap).collect::<String>(), whole);
    assert_eq!(fs::read(target.join("_SUCCESS")).unwrap(), b"");
    // The parts are one input, and what tells that they are whole is none of them.
    let line = format!("convert -q {} - --to edge-list", target.display());
    assert_eq!(success(&shell(&line)), whole);

    // The name's extension tells the form of the parts; each begins with the header.
    success(&fill(&folder, "ranks.csv.gz/", "--header"));
    let target = folder.path().join("ranks.csv.gz");
    assert_eq!(parts(&target)[2], "part-00002.csv.gz");
    for part in parts(&target) {
        let bytes = fs::read(target.join(part)).unwrap();
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        assert!(text.starts_with("id,component\n"), "{text}");
    }
    // An empty directory is taken, and what was ranked is one part.
    fs::create_dir(folder.path().join("empty")).unwrap();
    success(&fill(&folder, "empty", "--output-format json --top 2"));
    let text = fs::read_to_string(folder.path().join("empty/part-00000.json")).unwrap();
    assert_eq!(text, "[\n{\"id\":1,\"component\":1},\n{\"id\":2,\"component\":1}\n]\n");
    assert_eq!(names_in(folder.path()).len(), 3);
}

#[test]
fn a_directory_with_anything_in_it_is_left_alone() {
    let (folder, _) = folder_with("mine.txt", "mine");
    for name in ["", ".", "./"] {
        let message = failure(&fill(&folder, name, ""), 4);
        assert!(message.contains("the directory is not empty"), "{message}");
    }
    assert_eq!(names_in(folder.path()), ["mine.txt".to_owned()].into());
    let message = failure(&fill(&folder, "no/such/", ""), 4);
    assert!(message.contains("no/such/: cannot create: No such file"), "{message}");
    assert!(!message.contains(".superstep-"), "{message}");
    // A run that fails leaves neither the directory nor what was begun.
    let (folder, bad) = folder_with("bad.txt", "1 2\nx\n");
    let target = folder.path().join("ranks/").display().to_string();
    failure(&shell(&format!("run pagerank {} -o {target}", bad.display())), 3);
    assert_eq!(names_in(folder.path()), ["bad.txt".to_owned()].into());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_exits_with_4_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let graph = kronecker(folder.path());
    let mut forms = vec!["tsv", "csv", "ndjson", "json", "table", "graphalytics"];
    if cfg!(feature = "parquet") {
        forms.extend(["parquet", "arrow"]);
    }
    for form in forms {
        let line = format!("run connected-components -q --output-format {form} -o /dev/full");
        let message = failure(&shell(&format!("{line} {}", graph.display())), 4);
        let expected = "error: /dev/full: cannot write: No space left on device";
        assert!(message.starts_with(expected), "{form}: {message}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure_in_any_form() {
    let folder = tempfile::tempdir().unwrap();
    let graph = kronecker(folder.path());
    let mut forms = vec!["csv", "ndjson", "json"];
    if cfg!(feature = "parquet") {
        forms.extend(["parquet", "arrow"]);
    }
    for form in forms {
        let mut child = command()
            .args(["run", "hits", "-q", "--iterations", "2", "--output-format", form])
            .arg(&graph)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        BufReader::new(child.stdout.take().unwrap()).fill_buf().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{form}");
    }
}

#[cfg(feature = "parquet")]
mod columns {
    use std::fs::File;

    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, UInt64Type};
    use arrow_array::{Array, RecordBatch};
    use arrow_ipc::reader::FileReader;
    use arrow_schema::DataType;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::{fill, parts};
    use crate::program::{folder_with, kronecker, shell, success};
    use std::path::Path;

    fn read(path: &Path) -> Vec<RecordBatch> {
        let file = File::open(path).unwrap();
        if path.extension().unwrap() == "parquet" {
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
            reader.map(Result::unwrap).collect()
        } else {
            FileReader::try_new(file, None).unwrap().map(Result::unwrap).collect()
        }
    }

    #[test]
    fn columns_have_types_and_the_bits_of_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let graph = kronecker(folder.path());
        let line = format!("run pagerank --iterations 3 -q --partitions 5 {}", graph.display());
        let text = success(&shell(&line));
        let expected: Vec<(u64, f64)> = text
            .lines()
            .map(|line| line.split_once('\t').unwrap())
            .map(|(id, rank)| (id.parse().unwrap(), rank.parse().unwrap()))
            .collect();
        for extension in ["parquet", "arrow", "feather"] {
            let path = folder.path().join(format!("ranks.{extension}"));
            success(&shell(&format!("{line} -o {}", path.display())));
            let batches = read(&path);
            let mut found = Vec::new();
            for batch in &batches {
                let schema = batch.schema();
                let fields: Vec<_> = schema
                    .fields()
                    .iter()
                    .map(|field| (field.name().as_str(), field.data_type(), field.is_nullable()))
                    .collect();
                let types = (DataType::UInt64, DataType::Float64);
                assert_eq!(fields, [("id", &types.0, false), ("rank", &types.1, true)]);
                let ids = batch.column(0).as_primitive::<UInt64Type>().values();
                let ranks = batch.column(1).as_primitive::<Float64Type>().values();
                found.extend(ids.iter().copied().zip(ranks.iter().copied()));
            }
            assert!(found == expected, "{extension}");
            let again = folder.path().join(format!("again.{extension}"));
            success(&shell(&format!("{line} --threads 1 -o {}", again.display())));
            assert!(std::fs::read(&path).unwrap() == std::fs::read(again).unwrap(), "{extension}");
        }
    }

    #[test]
    fn missing_values_lists_and_names_keep_what_they_are() {
        let (folder, path) = folder_with("g.txt", "1 2\n1 3\n2 4\n9 1\n");
        let path = path.display();
        for extension in ["parquet", "arrow"] {
            let out = folder.path().join(format!("out.{extension}"));
            let run = |line: &str| {
                success(&shell(&format!("run {line} -q {path} -o {}", out.display())));
                read(&out)
            };
            let batches = run("bfs --source 1 --parents --partitions 1");
            let parents = batches[0].column(2);
            assert_eq!((parents.len(), parents.null_count()), (5, 1), "{extension}");
            assert!(parents.is_null(4), "{extension}");

            let batches = run("random-walks --steps 2 --partitions 1");
            let walks = batches[0].column(1).as_list::<i32>();
            let first = walks.value(0);
            assert_eq!(first.as_primitive::<UInt64Type>().len(), 3, "{extension}");

            let batches = run("connected-components --names --partitions 1");
            let names: Vec<_> = batches[0].column(0).as_string::<i32>().iter().flatten().collect();
            assert_eq!(names, ["1", "2", "3", "4", "9"], "{extension}");

            let batches = run("transitivity");
            assert_eq!(batches[0].schema().field(1).data_type(), &DataType::Float64);
            assert_eq!(batches[0].column(1).as_primitive::<Float64Type>().value(0), 0.0);
        }
    }

    #[test]
    fn inputs_without_edges_are_files_without_rows() {
        let (folder, path) = folder_with("empty.txt", "");
        for extension in ["parquet", "arrow"] {
            let out = folder.path().join(format!("out.{extension}"));
            success(&shell(&format!("run pagerank -q {} -o {}", path.display(), out.display())));
            assert_eq!(read(&out).iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
        }
    }

    #[test]
    fn parts_of_a_directory_are_files_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        for extension in ["parquet", "arrow"] {
            let name = format!("labels.{extension}");
            success(&fill(&folder, &format!("{name}/"), ""));
            let target = folder.path().join(name);
            let parts = parts(&target);
            assert_eq!(parts.len(), 3, "{extension}");
            let rows = parts.iter().flat_map(|part| read(&target.join(part)));
            assert_eq!(rows.map(|batch| batch.num_rows()).sum::<usize>(), 34, "{extension}");
        }
    }
}

#[test]
fn a_name_with_a_line_end_is_one_row_in_every_form_of_lines() {
    let (_folder, path) = folder_with("g.ndjson", "{\"source\":\"new\\nline\",\"target\":\"b\"}\n");
    for form in ["tsv", "graphalytics"] {
        let line = format!("run pagerank -q --names --output-format {form} {}", path.display());
        let text = success(&shell(&line));
        assert_eq!(text.lines().count(), 2, "{form}: {text}");
        assert!(text.contains("new\\nline"), "{form}: {text}");
    }
}
