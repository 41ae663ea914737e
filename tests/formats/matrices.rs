//! Matrix Market files.

use superstep::Result;
use superstep::io::ReadOptions;

use super::{counts, edges, fault, file, weighted};

const BANNER: &str = "%%MatrixMarket matrix coordinate";

#[test]
fn a_general_pattern_has_an_edge_for_each_entry_and_a_vertex_for_each_row() -> Result<()> {
    let text = format!("{BANNER} pattern general\n% c\n4 4 3\n1 2\n2 1\n\n3 3\n");
    let plain = ReadOptions::default();
    assert_eq!(edges("m.mtx", &text, &plain)?, [(1, 2, 1.0), (2, 1, 1.0), (3, 3, 1.0)]);
    assert_eq!(counts(&file("m.mtx", &text).path, &plain)?, (4, 3, Some(true)));
    // The banner tells, whatever the name.
    assert_eq!(counts(&file("m.txt", &text).path, &plain)?, (4, 3, Some(true)));
    Ok(())
}

#[test]
fn a_symmetric_matrix_has_each_edge_once_and_a_skew_one_its_mirror_image() -> Result<()> {
    let text = format!("{BANNER} Real Symmetric\r\n2 2 2\r\n1 1 -1e-2\r\n2 1 .5\r\n");
    assert_eq!(edges("m.mtx", &text, &weighted())?, [(1, 1, -0.01), (2, 1, 0.5)]);
    assert_eq!(counts(&file("m.mtx", &text).path, &weighted())?, (2, 2, Some(false)));
    let text = format!("{BANNER} integer skew-symmetric\n2 2 1\n2 1 3\n");
    assert_eq!(edges("m.mtx", &text, &weighted())?, [(1, 2, -3.0), (2, 1, 3.0)]);
    Ok(())
}

#[test]
fn the_entries_of_a_dense_matrix_other_than_zero_are_edges() -> Result<()> {
    let text = "%%MatrixMarket matrix array real general\n2 2\n0\n.5\n1\n0\n";
    assert_eq!(edges("m.mtx", text, &weighted())?, [(1, 2, 1.0), (2, 1, 0.5)]);
    let text = "%%MatrixMarket matrix array integer symmetric\n3 3\n1\n2\n0\n0\n4\n5\n";
    let found = [(1, 1, 1.0), (2, 1, 2.0), (3, 2, 4.0), (3, 3, 5.0)];
    assert_eq!(edges("m.mtx", text, &weighted())?, found);
    let text = "%%MatrixMarket matrix array real skew-symmetric\n3 3\n7\n0\n8\n";
    let found = [(1, 2, -7.0), (2, 1, 7.0), (2, 3, -8.0), (3, 2, 8.0)];
    assert_eq!(edges("m.mtx", text, &weighted())?, found);
    Ok(())
}

#[test]
fn what_is_mangled_is_refused_with_its_place() {
    let plain = ReadOptions::default();
    let wrong = |text: &str| fault("m.mtx", text, &plain);
    assert_eq!(wrong("1 2\n"), "1:1: found \"1\", expected %%MatrixMarket matrix coordinate …");
    assert_eq!(wrong(""), "1:1: found end of file, expected %%MatrixMarket matrix coordinate …");
    assert_eq!(
        wrong("%%MatrixMarket vector coordinate real general\n"),
        "1:16: found \"vector\", expected matrix"
    );
    assert_eq!(
        wrong(&format!("{BANNER} complex general\n")),
        "1:34: found \"complex\", expected pattern, real or integer (an array has no pattern)"
    );
    assert_eq!(
        wrong(&format!("{BANNER} real hermitian\n")),
        "1:39: found \"hermitian\", expected general, symmetric or skew-symmetric"
    );
    let real = format!("{BANNER} real general\n");
    assert_eq!(
        wrong(&format!("{real}% c\n2 3 1\n1 1 1\n")),
        "3:1: found 2 rows and 3 columns, expected a square matrix, whose rows and columns are the vertices"
    );
    assert_eq!(
        wrong(&format!("{real}2 2\n")),
        "2:4: found end of line, expected the number of entries"
    );
    assert_eq!(
        wrong(&format!("{real}2 2 1\n1 3 1\n")),
        "3:3: found \"3\", expected a vertex from 1 to 2"
    );
    assert_eq!(
        wrong(&format!("{real}2 2 1\n1 0 1\n")),
        "3:3: found \"0\", expected a vertex from 1 to 2"
    );
    assert_eq!(
        wrong(&format!("{real}2 2 1\n1 2\n")),
        "3:4: found end of line, expected a weight, a number other than NaN"
    );
    assert_eq!(wrong(&format!("{real}2 2 1\n1 2 1 1\n")), "3:7: found \"1\", expected end of line");
    assert_eq!(
        wrong(&format!("{real}2 2 2\n1 2 1\n")),
        "4:1: found 1 entries, expected 2 entries, as the line of sizes says"
    );
    assert_eq!(
        wrong("%%MatrixMarket matrix array real general\n1 1\n1\n2\n"),
        "4:1: found \"2\", expected end of file after 1 entries"
    );
}

#[test]
fn weights_of_a_pattern_cannot_be_asked_for() {
    let file = file("m.mtx", format!("{BANNER} pattern general\n1 1 0\n"));
    let error = super::open(&file.path, &weighted()).unwrap_err().to_string();
    assert!(error.ends_with("m.mtx: the graph has no weights"), "{error}");
}
