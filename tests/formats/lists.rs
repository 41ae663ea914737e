//! Edge lists: columns, delimiters, headers, names, lines that are wrong.

use std::fs;

use superstep::Result;
use superstep::graph::Graph;
use superstep::io::{BadLines, Column, ReadOptions, open_graph};

use super::{context, edges, edges_of, fault, file, open, weighted};

fn columns(source: &str, target: &str, weight: &str) -> ReadOptions {
    let column = |text: &str| text.parse::<Column>().ok();
    ReadOptions {
        weighted: !weight.is_empty(),
        source_column: column(source),
        target_column: column(target),
        weight_column: column(weight),
        ..ReadOptions::default()
    }
}

#[test]
fn columns_are_chosen_by_number_or_by_name() -> Result<()> {
    let text = "time;from;to;price\n9;1;2;0.5\n8;2;3;1\n";
    let found = [(1, 2, 0.5), (2, 3, 1.0)];
    assert_eq!(edges("g.csv", text, &columns("from", "to", "price"))?, found);
    assert_eq!(edges("g.csv", text, &columns("2", "3", "4"))?, found);
    assert_eq!(edges("g.csv", text, &columns("3", "2", "1"))?, [(2, 1, 9.0), (3, 2, 8.0)]);
    assert_eq!(
        fault("g.csv", text, &columns("from", "too", "")),
        "1:1: found \"time;from;to;price\", expected a column \"too\""
    );
    let same = open(&file("g.csv", text).path, &columns("2", "2", "")).unwrap_err().to_string();
    assert_eq!(same, "source and target are the same column");
    assert!("0".parse::<Column>().is_err());
    Ok(())
}

#[test]
fn delimiters_are_told_from_the_first_line_or_given() -> Result<()> {
    let by_number = columns("1", "2", "3");
    let found = [(1, 2, 0.5), (2, 3, 7.0)];
    for text in [
        "1\t2\t.5\n2\t3\t7\n",
        "1, 2 ,.5\n2,3,7\n",
        "1;2;.5\n2;3;7\n",
        "1|2|.5\n2|3|7\n",
        " 1  2 .5\n2 \t3 7 \n",
    ] {
        assert_eq!(edges("g.txt", text, &by_number)?, found, "{text}");
    }
    let colon = ReadOptions { delimiter: Some(b':'), ..by_number };
    assert_eq!(edges("g.txt", "1:2:0.5\n2:3:7\n", &colon)?, found);
    Ok(())
}

#[test]
fn what_follows_a_quoted_field_is_not_lost() -> Result<()> {
    let names = ReadOptions { names: true, ..ReadOptions::default() };
    let input = open(&file("g.csv", "\"a\"x,b\n\"a\"y,\"c\" \n").path, &names)?;
    let names = input.names.clone().unwrap();
    assert_eq!(
        (0..4).flat_map(|id| names.name(id)).collect::<Vec<_>>(),
        ["\"a\"x", "\"a\"y", "b", "c"]
    );
    let message = fault("g.csv", "\"1\"2,3\n", &ReadOptions::default());
    assert!(message.starts_with("1:1: found \"\\\"1\\\"2\", expected a vertex id"), "{message}");
    let message = fault("g.csv", "1,2,\"3\"4\n", &weighted());
    assert!(message.starts_with("1:5: found \"\\\"3\\\"4\", expected a weight"), "{message}");
    Ok(())
}

#[test]
fn a_header_of_numbers_is_left_out_when_it_is_said_to_be_one() -> Result<()> {
    let text = "27770,352807,d\n1,2\n1,3\n";
    assert_eq!(edges("g.jlg", text, &ReadOptions::default())?.len(), 3);
    let header = ReadOptions { header: Some(true), ..ReadOptions::default() };
    assert_eq!(edges("g.jlg", text, &header)?, [(1, 2, 1.0), (1, 3, 1.0)]);
    // Each file has its own.
    let folder = tempfile::tempdir().unwrap();
    for part in ["a", "b"] {
        fs::write(folder.path().join(part), "0 0\n1 2\n").unwrap();
    }
    let input = open_graph(&context(), &[folder.path()], &header)?;
    assert_eq!(edges_of(&input)?, [(1, 2, 1.0), (1, 2, 1.0)]);
    Ok(())
}

#[test]
fn vertices_have_names_of_any_characters() -> Result<()> {
    let text = "b c\ta\na\t\n  é\tb c\n";
    let options = ReadOptions { names: true, ..ReadOptions::default() };
    let list = file("g.tsv", text);
    let input = open(&list.path, &options)?;
    let names = input.names.clone().expect("names");
    let named: Vec<_> = (0..5).map(|id| names.name(id)).collect();
    assert_eq!(named, [Some(""), Some("  é"), Some("a"), Some("b c"), None]);
    assert_eq!(edges_of(&input)?, [(1, 3, 1.0), (2, 0, 1.0), (3, 2, 1.0)]);
    assert_eq!(input.plain_graph(Graph::builder())?.vertex_count(), 4);

    let quoted = "from,to,w\n\"x, y\",\"say \"\"z\"\"\",2\n";
    let options = ReadOptions { header: Some(true), weighted: true, ..options };
    let list = file("g.csv", quoted);
    let input = open(&list.path, &options)?;
    let names = input.names.clone().expect("names");
    assert_eq!((names.name(0), names.name(1)), (Some("say \"z\""), Some("x, y")));
    assert_eq!(edges_of(&input)?, [(1, 0, 2.0)]);
    assert_eq!(
        fault("g.tsv", "a\tb\nc\n", &ReadOptions { names: true, ..ReadOptions::default() }),
        "2:2: found end of line, expected a target's name"
    );
    assert_eq!(
        fault("g.tsv", b"a\tb\n\xff\tc\n", &ReadOptions { names: true, ..ReadOptions::default() }),
        "2:1: found \"\u{fffd}\", expected a name in UTF-8"
    );
    Ok(())
}

#[test]
fn lines_that_are_wrong_are_left_out_noted_and_kept() -> Result<()> {
    let text = "# c\n1 2 1\nx y\n3\n3 4 NaN\n5 6 2\n-1 2 3\n";
    for table in [None, "1".parse::<Column>().ok()] {
        let bad = BadLines::default();
        let options =
            ReadOptions { bad_lines: Some(bad.clone()), source_column: table, ..weighted() };
        let list = file("g.txt", text);
        let input = open(&list.path, &options)?;
        assert_eq!(edges_of(&input)?, [(1, 2, 1.0), (5, 6, 2.0)]);
        // Read once more, noted once.
        assert_eq!(edges_of(&input)?.len(), 2);
        assert_eq!(bad.count(), 4);
        let places: Vec<_> = bad.errors(2).iter().map(ToString::to_string).collect();
        assert!(places[0].contains("g.txt:3:1: found \"x\", expected"), "{places:?}");
        assert!(places[1].contains("g.txt:4:2: found end of line, expected"), "{places:?}");
        let mut kept = Vec::new();
        bad.write(&mut kept).unwrap();
        assert_eq!(String::from_utf8(kept).unwrap(), "x y\n3\n3 4 NaN\n-1 2 3\n");
    }
    Ok(())
}

#[test]
fn what_a_format_cannot_do_is_refused() {
    let matrix = file("m.mtx", "%%MatrixMarket matrix coordinate pattern general\n1 1 0\n");
    let skip = ReadOptions { bad_lines: Some(BadLines::default()), ..ReadOptions::default() };
    let error = open(&matrix.path, &skip).unwrap_err().to_string();
    assert_eq!(error, "lines of the format matrix-market cannot be left out");
    let names = ReadOptions { names: true, ..ReadOptions::default() };
    let error = open(&matrix.path, &names).unwrap_err().to_string();
    assert_eq!(error, "vertices of the format matrix-market have no names");
}

#[test]
fn lines_that_are_too_long_can_be_left_out_like_others_that_are_wrong() -> Result<()> {
    for bytes in [(1 << 20) + 1, (1 << 20) + 2, (1 << 20) + 3, 5 << 20] {
        for (name, good, tail) in
            [("g.txt", "1 2\n", "3 4\n"), ("g.csv", "1,2\n", "3,4"), ("g.groups", "1 2\n", "3 4\n")]
        {
            let long = "7 ".repeat(bytes / 2) + if bytes % 2 == 0 { "" } else { "7" };
            for end in ["\n", ""] {
                let tail = if end.is_empty() { "" } else { tail };
                let bad = BadLines::default();
                let options =
                    ReadOptions { bad_lines: Some(bad.clone()), ..ReadOptions::default() };
                let text = format!("{good}{long}{end}{tail}");
                let found = edges(name, text, &options)?;
                let expected = [(1, 2, 1.0), (3, 4, 1.0)];
                let most = if end.is_empty() { 1 } else { 2 };
                assert_eq!(found, expected[..most], "{name} {bytes}");
                assert_eq!(bad.count(), 1, "{name} {bytes}");
                let mut kept = Vec::new();
                bad.write(&mut kept).unwrap();
                assert!(kept.len() <= bytes + 1 && kept.starts_with(b"7 7 7"), "{}", kept.len());
            }
        }
    }
    let options = ReadOptions { bad_lines: Some(BadLines::default()), ..ReadOptions::default() };
    let bad = options.bad_lines.clone().unwrap();
    let list = file("g.txt", format!("1 2\n{}\n", "x".repeat(3 << 20)));
    assert_eq!(edges_of(&open(&list.path, &options)?)?.len(), 1);
    let error = bad.errors(1)[0].to_string();
    assert!(error.contains("g.txt:2:1: found a line of 10"), "{error}");
    Ok(())
}
