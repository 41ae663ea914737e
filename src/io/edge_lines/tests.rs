use proptest::prelude::{ProptestConfig, any, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};

use super::*;

fn edges(text: &[u8]) -> Result<Vec<(u64, u64)>, LineError> {
    let mut edges = Vec::new();
    let flow = parse_edges(text, true, |source, target| {
        edges.push((source, target));
        ControlFlow::Continue(())
    })?;
    assert!(flow.is_continue());
    Ok(edges)
}

fn weighted(text: &[u8]) -> Result<Vec<(u64, u64, f64)>, LineError> {
    let mut edges = Vec::new();
    let flow = parse_weighted_edges(text, true, |source, target, weight| {
        edges.push((source, target, weight));
        ControlFlow::Continue(())
    })?;
    assert!(flow.is_continue());
    Ok(edges)
}

/// Line and column from 1, found, expected.
fn fault<T: std::fmt::Debug>(result: Result<T, LineError>) -> (u64, u64, String, String) {
    let error = result.unwrap_err();
    (error.line + 1, error.column, error.found, error.expected)
}

#[test]
fn every_separator_and_line_end_is_read() -> Result<(), LineError> {
    let one_two = vec![(1, 2)];
    for text in [
        "1 2",
        "1\t2\n",
        "1,2\r\n",
        "1 , 2\n",
        "1   \t 2  \n",
        "  1 2\r\n",
        "1, 2",
        "1 ,2\r",
        "\u{feff}1 2\n",
        "\u{feff}\n1 2\n",
        "1 2 3 4\n",
        "1,2,x\r\n",
        "1 2\t\n",
        "01 0002\n",
        "# c\n% c\n  # c\n\n \t \r\n1 2\n\n",
        "1 2,",
        "src,dst,weight\n1,2,0.5\n",
        "#\nFromNodeId\tToNodeId\r\n1 2\n",
        "\u{feff}größe ñu\n1 2",
        "_a b\n1 2",
        "1 2# x",
    ] {
        if text == "1 2# x" {
            assert!(edges(text.as_bytes()).is_err());
        } else {
            assert_eq!(edges(text.as_bytes())?, one_two, "{text:?}");
        }
    }
    Ok(())
}

#[test]
fn nothing_gives_no_edges() -> Result<(), LineError> {
    for text in ["", "\n", "\r\n", "\u{feff}", "# only", "%\n\n", " ", "source target"] {
        assert_eq!(edges(text.as_bytes())?, [], "{text:?}");
    }
    Ok(())
}

#[test]
fn ids_reach_the_end_of_u64_and_no_further() -> Result<(), LineError> {
    let max = u64::MAX;
    assert_eq!(edges(format!("{max} 0{max}\n").as_bytes())?, [(max, max)]);
    assert_eq!(edges(b"9999999999999999999 1\n")?, [(9_999_999_999_999_999_999, 1)]);
    let expected = "a target id from 0 to 18446744073709551615".to_owned();
    assert_eq!(
        fault(edges(b"1 2\n1 18446744073709551616\n")),
        (2, 3, "\"18446744073709551616\"".to_owned(), expected)
    );
    for digits in 1..=25 {
        let text = format!("{0} {0}\n", "9".repeat(digits));
        match "9".repeat(digits).parse::<u64>() {
            Ok(id) => assert_eq!(edges(text.as_bytes())?, [(id, id)]),
            Err(_) => assert_eq!(edges(text.as_bytes()).unwrap_err().column, 1),
        }
    }
    Ok(())
}

#[test]
fn numbers_are_read_the_same_wherever_they_stand() -> Result<(), LineError> {
    let numbers = (0..20).flat_map(|power| {
        let ten = 10_u64.pow(power);
        [ten - 1, ten, ten + 1, ten / 9 * 8, 1_234_567_890_123_456_789 / ten]
    });
    for number in numbers {
        // What follows decides whether eight bytes can be read at once.
        for after in 0..12 {
            let text = format!("{number}\t{number}\n{}", "\n".repeat(after));
            assert_eq!(edges(text.as_bytes())?, [(number, number)]);
        }
    }
    for byte in 0..=u8::MAX {
        for at in 0..9 {
            let mut text = b"123456789 1\n12345678\n".to_vec();
            text[at] = byte;
            let read = edges(&text).map(|edges| edges[0]);
            if byte.is_ascii_digit() {
                let source = std::str::from_utf8(&text[..9]).unwrap().parse().unwrap();
                assert_eq!(edges(&text[..12])?, [(source, 1)]);
            } else if !matches!(byte, b' ' | b'\t' | b',' | b'\n' | b'\r' | b'#' | b'%') {
                assert!(read.is_err(), "{byte} at {at}: {read:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn faults_name_their_place_and_what_stands_there() {
    let source = "a source id from 0 to 18446744073709551615";
    let target = "a target id from 0 to 18446744073709551615";
    let long = "7x".repeat(30);
    let cut = format!("\"{}…\"", "7x".repeat(20));
    for (text, line, column, found, expected) in [
        ("1 2\n3\n", 2, 2, "end of line", target),
        ("1 2\n3 \r\n", 2, 3, "end of line", target),
        ("1 2\n1 x\n", 2, 3, "\"x\"", target),
        ("12x 1\n", 1, 1, "\"12x\"", source),
        ("1 12x\n", 1, 3, "\"12x\"", target),
        ("-1 2\n", 1, 1, "\"-1\"", source),
        ("+1 2\n", 1, 1, "\"+1\"", source),
        ("# c\r\n\n1 -2\n", 3, 3, "\"-2\"", target),
        ("1\0 2\n", 1, 1, "\"1\\0\"", source),
        ("1 2\n\0\n", 2, 1, "\"\\0\"", source),
        (",1 2\n", 1, 1, "\",\"", source),
        ("1,,2\n", 1, 3, "\",\"", target),
        ("1.5 2\n", 1, 1, "\"1.5\"", source),
        ("1\t\t2\n", 1, 3, "\"\\t\"", target),
        ("\t1\t2\n", 1, 1, "\"\\t\"", source),
        ("1\r2\n", 1, 2, "\"\\r\"", LINE_ENDS),
        ("1,2\r3,4\r", 1, 4, "\"\\r\"", LINE_ENDS),
        ("1 2 x\r3 4 y\r", 1, 6, "\"\\r\"", LINE_ENDS),
        ("# c\r1 2\r", 1, 4, "\"\\r\"", LINE_ENDS),
        ("1\u{a0}2\n", 1, 1, "\"1\\u{a0}2\"", source),
        ("src 2\n", 1, 1, "\"src\"", source),
        ("src\n1 2\n", 1, 1, "\"src\"", source),
        ("1 2\nsrc dst\n", 2, 1, "\"src\"", source),
        ("a b\nc d\n1 2\n", 2, 1, "\"c\"", source),
        ("\u{feff}x 2\n", 1, 1, "\"x\"", source),
        ("1 2\n\u{feff}1 2\n", 2, 1, "\"\\u{feff}1\"", source),
        (&long, 1, 1, &cut, source),
    ] {
        assert_eq!(
            fault(edges(text.as_bytes())),
            (line, column, found.to_owned(), expected.to_owned()),
            "{text:?}"
        );
    }
    assert_eq!(fault(edges(b"1 \xff\n")).2, "\"\u{fffd}\"");
}

#[test]
fn weights_are_read_as_rust_reads_them() -> Result<(), LineError> {
    let text = b"from to w\r\n1,2,0.5\r\n2\t3\t-1.5e-3\n3  1   inf  # x\n4 5 -infinity z\n6,7, 8 ";
    assert_eq!(
        weighted(text)?,
        [
            (1, 2, 0.5),
            (2, 3, -1.5e-3),
            (3, 1, f64::INFINITY),
            (4, 5, f64::NEG_INFINITY),
            (6, 7, 8.0)
        ]
    );
    let expected = "a weight, a number other than NaN";
    for (text, column, found) in [
        ("1 2\n", 4, "end of line"),
        ("1 2 NaN\n", 5, "\"NaN\""),
        ("1 2 -nan\n", 5, "\"-nan\""),
        ("1 2 1.5x 3\n", 5, "\"1.5x\""),
        ("1,2,,3\n", 5, "\",\""),
        ("1\t2\t\t3\n", 5, "\"\\t\""),
    ] {
        assert_eq!(
            fault(weighted(text.as_bytes())),
            (1, column, found.to_owned(), expected.to_owned()),
            "{text:?}"
        );
    }
    let point = "a weight with a decimal point".to_owned();
    for text in ["1\t2\t0,5\n", "1 2 0,5 x\n", "1 2  0,5\n"] {
        let (_, _, found, expected) = fault(weighted(text.as_bytes()));
        assert_eq!((found, expected), ("\"0,5\"".to_owned(), point.clone()), "{text:?}");
    }
    // Where commas stand between fields, one ends the weight.
    assert_eq!(weighted(b"1,2,0,5\n1, 2 ,7,x\n")?, [(1, 2, 0.0), (1, 2, 7.0)]);
    Ok(())
}

#[test]
fn a_line_over_the_limit_is_refused() -> Result<(), LineError> {
    let longest = MAX_LINE_BYTES - 3;
    for (head, filler) in [("1 2", " "), ("1 2 ", "x"), ("#  ", "x"), ("1 2", "0"), ("   ", " ")] {
        let line = |fill: usize| format!("5 6\n{head}{}\r\n7 8\n", filler.repeat(fill));
        let fits = line(longest + 3 - head.len());
        // A number of a million digits overflows, unless they are leading zeros.
        if filler != "0" {
            assert!(edges(fits.as_bytes())?.contains(&(7, 8)));
        }
        let (line, column, found, expected) =
            fault(edges(line(longest + 4 - head.len()).as_bytes()));
        assert_eq!((line, column), (2, 1));
        assert_eq!(found, "a line of 1048577 bytes or more");
        assert_eq!(expected, "lines of at most 1048576 bytes");
    }
    Ok(())
}

#[test]
fn a_header_is_taken_at_the_start_of_a_file_only() {
    let error = parse_edges(b"src dst\n", false, |_, _| ControlFlow::Continue(())).unwrap_err();
    assert!(error.names_columns);
    assert_eq!((error.offset, error.next), (0, 8));
}

#[test]
fn parsing_stops_when_the_closure_breaks() -> Result<(), LineError> {
    for text in ["1 2\n3 4\nx\n", "1  2\n3  4\nx\n"] {
        let mut seen = 0;
        let flow = parse_edges(text.as_bytes(), true, |_, _| {
            seen += 1;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        assert_eq!((flow, seen), (ControlFlow::Break(()), 2));
    }
    Ok(())
}

/// What the careful way alone makes of a text: its edges, and the first line with a fault.
fn carefully<T: Tail>(text: &[u8]) -> (Vec<(u64, u64, T::Value)>, Option<u64>) {
    let mut edges = Vec::new();
    for (number, line) in (0..).zip(text.split(|&byte| byte == b'\n')) {
        match careful_line::<T>(without_return(line)) {
            Ok(edge) => edges.extend(edge),
            Err(_) => return (edges, Some(number)),
        }
    }
    (edges, None)
}

fn quickly<T: Tail>(text: &[u8]) -> (Vec<(u64, u64, T::Value)>, Option<u64>) {
    let mut edges = Vec::new();
    let flow = parse::<T>(text, false, |source, target, value| {
        edges.push((source, target, value));
        ControlFlow::Continue(())
    });
    (edges, flow.err().map(|error| error.line))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn both_ways_through_a_line_agree(
        text in "(([0-9]{1,21}|[0-9]{1,2})[ \t,]{1,2}[0-9]{1,21}[ ,.e\r]{0,2}[0-9]{0,3}\r?\n){0,4}\
                 [0-9 \t,\r\n#%.ex-]{0,30}",
    ) {
        let text = text.as_bytes();
        prop_assert_eq!(quickly::<NoMore>(text), carefully::<NoMore>(text));
        prop_assert_eq!(quickly::<Weight>(text), carefully::<Weight>(text));
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for at_file_start in [true, false] {
            if let Err(error) = parse_weighted_edges(&bytes, at_file_start, |_, _, _| {
                ControlFlow::Continue(())
            }) {
                prop_assert!(error.offset < error.next && error.next <= bytes.len());
                prop_assert!(error.column <= (error.next - error.offset) as u64 + 1);
            }
        }
    }
}
