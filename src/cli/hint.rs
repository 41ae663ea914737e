//! What may help after an error in the input, in terms of the command's options.

use superstep::{Error, ErrorKind};

/// Returns what may help, if anything is known.
pub(super) fn hint(error: &Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::Input { found, expected, .. } => of_input(found, expected),
        ErrorKind::UnknownVertex { what: "an edge", .. } => Some(
            "--drop-unknown leaves out edges of vertices that the list of vertices does not have",
        ),
        _ => None,
    }
}

fn of_input(found: &str, expected: &str) -> Option<&'static str> {
    if expected.contains("a weight") {
        return match found {
            "end of line" => Some(
                "--weight-column chooses another column, and --unit-weights takes each weight as 1",
            ),
            _ if found.eq_ignore_ascii_case("\"weight\"") => {
                Some("--header-line yes skips the names of columns")
            }
            _ => None,
        };
    }
    // As lists of edges have it; other formats have their own errors.
    if !["a source id", "a target id"].iter().any(|id| expected.starts_with(id)) {
        return None;
    }
    // What is found stands in quotes.
    let text = found.strip_prefix('"').unwrap_or(found);
    let begins = |with: &[&str]| with.iter().any(|start| text.starts_with(start));
    if text.contains("\\0") || begins(&["\u{fffd}\u{fffd}"]) {
        Some("this is not text in UTF-8; `iconv -f UTF-16 -t UTF-8` converts text in UTF-16")
    } else if begins(&["PK", "\u{fffd}7zXZ", "7z", "Rar!"]) {
        Some("an archive has to be unpacked first; gzip, zstd and bzip2 are read as they are")
    } else if begins(&["<"]) {
        Some("of XML, GraphML is read: --format graphml")
    } else if begins(&["*", "graph", "digraph", "strict"]) {
        Some("GML is read (--format gml); files of Pajek and Graphviz are not")
    } else if begins(&["{", "["]) {
        Some("a JSON object a line is read: --format ndjson")
    } else if found == "end of line" {
        Some(
            "--format says what it is, if it is not a list of edges; --delimiter, what stands between columns",
        )
    } else {
        Some(
            "--names takes ids of any characters, --header-line yes skips the names of columns, --source-column and --target-column choose columns",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_place_of_an_id_tells_what_may_help() {
        let expected = "a source id from 0 to 18446744073709551615";
        for (found, word) in [
            ("\"1\\0\"", "UTF-16"),
            ("\"PK\\u{3}\\u{4}\"", "archive"),
            ("\"<gexf\"", "graphml"),
            ("\"*Vertices\"", "Pajek"),
            ("\"alice\"", "--names"),
            ("\"-1\"", "--names"),
            ("end of line", "--delimiter"),
        ] {
            assert!(of_input(found, expected).unwrap().contains(word), "{found}");
        }
        assert!(of_input("end of line", "a weight, a number").unwrap().contains("--unit-weights"));
        assert!(of_input("\"weight\"", "a weight, a number").unwrap().contains("--header-line"));
        assert_eq!(of_input("\"x\"", "a weight, a number"), None);
        assert_eq!(of_input("\"x\"", "lines of at most 5 bytes"), None);
    }
}
