//! Edges as lines of JSON.

use superstep::Result;
use superstep::io::{BadLines, Column, ReadOptions};

use super::{edges, edges_of, fault, file, open, weighted};

fn plain() -> ReadOptions {
    ReadOptions::default()
}

#[test]
fn objects_are_edges_whatever_else_they_hold() -> Result<()> {
    let text = "{\"source\": 1, \"target\": 2, \"weight\": 0.5}\n\n\
                {\"weight\":-2e3,\"to\":18446744073709551615,\"tags\":[{\"target\":9}],\"from\":0}\r\n\
                \t{\"SRC\":3,\"Dst\":1,\"weight\":\"-inf\",\"source_name\":\"\\u00e9\"}";
    let far = u64::MAX;
    let expected = [(0, far, -2000.0), (1, 2, 0.5), (3, 1, f64::NEG_INFINITY)];
    assert_eq!(edges("g.jsonl", text, &weighted())?, expected);
    // How it begins tells the format, whatever the name.
    assert_eq!(edges("g.txt", text, &plain())?, expected.map(|(s, t, _)| (s, t, 1.0)));
    Ok(())
}

#[test]
fn of_several_usual_keys_the_same_counts_as_in_tables() -> Result<()> {
    for text in [
        "{\"source\":1,\"target\":2,\"from\":2019,\"to\":2020}",
        "{\"from\":2019,\"to\":2020,\"target\":2,\"source\":1}",
        "{\"from\":2019,\"source\":1,\"src\":7,\"dst\":9,\"target\":2}",
    ] {
        assert_eq!(edges("g.jsonl", text, &plain())?, [(1, 2, 1.0)], "{text}");
    }
    Ok(())
}

#[test]
fn keys_can_be_chosen() -> Result<()> {
    let key = |name: &str| Some(Column::Name(name.to_owned()));
    let text = "{\"source\":1,\"target\":2,\"a\":3,\"b\":4,\"c\":5}\n";
    let options = ReadOptions {
        source_column: key("a"),
        target_column: key("b"),
        weight_column: key("c"),
        ..weighted()
    };
    assert_eq!(edges("g.ndjson", text, &options)?, [(3, 4, 5.0)]);
    let numbered = ReadOptions { source_column: Some(Column::Number(1)), ..plain() };
    let error = edges("g.ndjson", text, &numbered).unwrap_err();
    assert_eq!(
        error.to_string(),
        "columns of the format ndjson have names, not numbers, such as 1"
    );
    Ok(())
}

#[test]
fn strings_are_names_and_so_are_numbers_beside_them() -> Result<()> {
    let text = "{\"source\":\"a\\tb\",\"target\":\"\\u00e9\"}\n{\"source\":7,\"target\":\"7\"}\n";
    let list = file("g.ndjson", text);
    let input = open(&list.path, &plain())?;
    let names = input.names.clone().unwrap();
    let found: Vec<_> = (0..names.len() as u64).filter_map(|id| names.name(id)).collect();
    assert_eq!(found, ["7", "a\tb", "\u{e9}"]);
    assert_eq!(edges_of(&input)?, [(0, 0, 1.0), (1, 2, 1.0)]);
    Ok(())
}

#[test]
fn lines_that_are_wrong_have_their_place() {
    let first = "{\"source\":1,\"target\":2,\"weight\":1}\n";
    for (line, expected) in [
        ("{\"source\":1,\"target\":-2}", "2:22: found \"-2\", expected a vertex id from 0 to"),
        ("{\"source\":1.0,\"target\":2}", "2:11: found \"1.0\", expected a vertex id from 0 to"),
        ("{\"source\":\"a\",\"target\":2}", "2:11: found \"\\\"a\\\"\", expected a vertex id"),
        ("{\"source\":null,\"target\":2}", "2:11: found \"null\", expected a vertex id"),
        ("{\"target\":2}", "2:12: found \"}\", expected a key of a source"),
        ("{\"source\":2} ", "2:12: found \"}\", expected a key of a target"),
        ("{\"source\":1,\"target\":2", "2:22: found \"2\", expected an object of JSON (EOF"),
        ("{\"source\":1,\"target\":2}}", "2:24: found \"}\", expected an object of JSON (trailing"),
        ("[1,2]", "2:1: found \"[1\", expected an object of JSON (invalid type: sequence"),
        ("{\"source\":1,,}", "2:13: found \",\", expected an object of JSON (key must be a string"),
        ("x", "2:1: found \"x\", expected an object of JSON (expected value)"),
    ] {
        let message = fault("g.ndjson", format!("{first}{line}\n"), &plain());
        assert!(message.starts_with(expected), "{line}: {message}");
    }
    let line = "{\"source\":1,\"target\":2}\n";
    let message = fault("g.ndjson", format!("{first}{line}"), &weighted());
    assert_eq!(message, "2:23: found \"}\", expected a key of a weight");
    let line = "{\"source\":1,\"target\":2,\"weight\":\"0.5\"}\n";
    let message = fault("g.ndjson", format!("{first}{line}"), &weighted());
    assert!(message.starts_with("2:33: found \"\\\"0.5\\\"\", expected a weight"), "{message}");
}

#[test]
fn bad_lines_can_be_left_out() -> Result<()> {
    let bad = BadLines::default();
    let options = ReadOptions { bad_lines: Some(bad.clone()), ..plain() };
    let text =
        "nothing\n{\"source\":1,\"target\":2}\n{\"source\":1}\n{\"source\":2,\"target\":3}\n";
    assert_eq!(edges("g.ndjson", text, &options)?, [(1, 2, 1.0), (2, 3, 1.0)]);
    assert_eq!(bad.count(), 2);
    Ok(())
}

#[test]
fn no_weight_is_lost_for_what_the_first_object_says() -> Result<()> {
    let optional = ReadOptions { weights_optional: true, ..weighted() };
    let bare = "{\"source\":1,\"target\":2}\n";
    let text = format!("{bare}{{\"source\":2,\"target\":3,\"weight\":5}}\n");
    for options in [weighted(), optional.clone()] {
        assert_eq!(
            fault("g.ndjson", &text, &options),
            "2:33: found a weight, \"5\", expected no weight, since the first edge has none \
             (--unit-weights leaves them out)"
        );
    }
    let words = "{\"source\":\"a\",\"target\":2}\n{\"source\":2,\"target\":3,\"weight\":null}\n";
    let message = fault("g.ndjson", words, &optional);
    assert!(message.starts_with("2:33: found a weight, \"null\", expected no weight"), "{message}");
    // Who does not want them, need not know.
    assert_eq!(edges("g.ndjson", &text, &plain())?, [(1, 2, 1.0), (2, 3, 1.0)]);
    // Where none has one, that is what is said.
    let error = edges("g.ndjson", bare, &weighted()).unwrap_err().to_string();
    assert!(error.ends_with("the graph has no weights"), "{error}");
    assert_eq!(edges("g.ndjson", bare, &optional)?, [(1, 2, 1.0)]);
    Ok(())
}

#[test]
fn a_first_object_that_is_wrong_has_its_place_also_where_weights_are_wanted() {
    let text = "\n{\"source\":1,\"target\":2,\"weight\":NaN}\n{\"source\":1,\"target\":2}\n";
    let message = fault("g.ndjson", text, &weighted());
    assert_eq!(message, "2:33: found \"NaN}\", expected an object of JSON (expected value)");
    let text = "{\"source\":1,\"target\":2,\"weight\":null}\n";
    let message = fault("g.ndjson", text, &weighted());
    assert_eq!(message, "1:33: found \"null\", expected a weight, a number other than NaN");
}
