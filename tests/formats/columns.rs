//! Parquet and Arrow: which columns are read, of which types, and what is refused in which words.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Once};

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
    Int8Array, Int16Array, Int32Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
    StringViewArray, UInt8Array, UInt64Array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use superstep::graph::Graph;
use superstep::io::{Column, ReadOptions, find_format, open_graph};
use superstep::{ErrorKind, Result};

use super::{context, edges, edges_of, fault, file, open, weighted};

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn longs(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn words(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// A Parquet file of row groups of two rows.
fn parquet(batch: &RecordBatch, compression: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(2))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

/// An Arrow file of batches of two rows.
fn arrow(batch: &RecordBatch, compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let schema = batch.schema();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
    for start in (0..batch.num_rows()).step_by(2) {
        writer.write(&batch.slice(start, 2.min(batch.num_rows() - start))).unwrap();
    }
    writer.into_inner().unwrap()
}

fn stream(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

/// The file in each format, by its name.
fn both(batch: &RecordBatch) -> [(&'static str, Vec<u8>); 2] {
    [("g.parquet", parquet(batch, Compression::SNAPPY)), ("g.arrow", arrow(batch, None))]
}

/// Good files: format, name, content.
pub(super) fn samples() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let text = batch(vec![("source", words(&["a", "b", "a"])), ("target", words(&["b", "", "c"]))]);
    vec![
        ("parquet", "g.parquet", parquet(&roads(), Compression::SNAPPY)),
        ("parquet", "g.parquet", parquet(&text, Compression::UNCOMPRESSED)),
        ("arrow", "g.arrow", arrow(&roads(), None)),
        ("arrow", "g.arrow", arrow(&text, None)),
        ("arrow", "g.arrow", stream(&roads())),
    ]
}

/// Five edges with weights, in three groups of rows.
fn roads() -> RecordBatch {
    batch(vec![
        ("note", words(&["a", "b", "c", "d", "e"])),
        ("dst", longs(&[2, 3, 1, 4, 1])),
        ("Weight", Arc::new(Float64Array::from(vec![0.5, 2.0, -1.0, 1e300, 0.1]))),
        ("src", longs(&[1, 2, 3, 1, 9])),
    ])
}

const ROADS: [(u64, u64, f64); 5] =
    [(1, 2, 0.5), (1, 4, 1e300), (2, 3, 2.0), (3, 1, -1.0), (9, 1, 0.1)];

#[test]
fn columns_are_found_by_their_usual_names_wherever_they_stand() -> Result<()> {
    for (name, bytes) in both(&roads()) {
        assert_eq!(edges(name, &bytes, &weighted())?, ROADS, "{name}");
        let plain = edges(name, &bytes, &ReadOptions::default())?;
        assert_eq!(plain, ROADS.map(|(source, target, _)| (source, target, 1.0)), "{name}");
        // The content tells the format, whatever the name.
        assert_eq!(edges("graph.txt", &bytes, &weighted())?, ROADS, "{name}");
    }
    for (source, target) in [("source", "target"), ("FROM", "to"), ("Src", "Dst")] {
        let batch = batch(vec![(target, longs(&[2])), (source, longs(&[1]))]);
        for (name, bytes) in both(&batch) {
            assert_eq!(edges(name, bytes, &ReadOptions::default())?, [(1, 2, 1.0)], "{source}");
        }
    }
    Ok(())
}

#[test]
fn columns_can_be_chosen_by_name_and_number() -> Result<()> {
    let column = |name: &str| Some(name.parse::<Column>().unwrap());
    let batch = batch(vec![
        ("a", longs(&[7])),
        ("source", longs(&[1])),
        ("b", longs(&[8])),
        ("target", longs(&[2])),
    ]);
    for (name, bytes) in both(&batch) {
        for (source, target) in [("a", "b"), ("1", "3")] {
            let options = ReadOptions {
                source_column: column(source),
                target_column: column(target),
                ..ReadOptions::default()
            };
            assert_eq!(edges(name, &bytes, &options)?, [(7, 8, 1.0)], "{name}");
        }
        let options = ReadOptions { weight_column: column("b"), ..weighted() };
        assert_eq!(edges(name, &bytes, &options)?, [(1, 2, 8.0)], "{name}");
        let same = ReadOptions { target_column: column("source"), ..ReadOptions::default() };
        let error = edges(name, &bytes, &same).unwrap_err();
        assert_eq!(error.to_string(), "source and target are the same column");
        let none = ReadOptions { target_column: column("5"), ..ReadOptions::default() };
        assert_eq!(
            fault(name, &bytes, &none),
            "1:1: found columns \"a\", \"source\", \"b\", \"target\", expected a column of \
             targets: number 5"
        );
    }
    Ok(())
}

#[test]
fn ids_are_whole_numbers_of_any_width_and_weights_numbers() -> Result<()> {
    let ids: [ArrayRef; 5] = [
        Arc::new(UInt8Array::from(vec![1, 2])),
        Arc::new(Int16Array::from(vec![1, 2])),
        Arc::new(Int32Array::from(vec![1, 2])),
        longs(&[1, 2]),
        Arc::new(UInt64Array::from(vec![1, 2])),
    ];
    let weights: [ArrayRef; 2] =
        [Arc::new(Float32Array::from(vec![0.5, 2.0])), Arc::new(Int32Array::from(vec![-3, 4]))];
    for source in &ids {
        for (weight, (first, second)) in weights.iter().zip([(0.5, 2.0), (-3.0, 4.0)]) {
            let far = Arc::new(UInt64Array::from(vec![u64::MAX, 0]));
            let columns: Vec<(&str, ArrayRef)> = vec![
                ("source", Arc::clone(source)),
                ("target", far),
                ("weight", Arc::clone(weight)),
            ];
            for (name, bytes) in both(&batch(columns)) {
                let found = edges(name, bytes, &weighted())?;
                assert_eq!(found, [(1, u64::MAX, first), (2, 0, second)], "{name}");
            }
        }
    }
    Ok(())
}

#[test]
fn columns_of_text_are_names() -> Result<()> {
    let texts: [ArrayRef; 4] = [
        words(&["b", "a,\n", ""]),
        Arc::new(LargeStringArray::from(vec!["b", "a,\n", ""])),
        Arc::new(StringViewArray::from(vec!["b", "a,\n", ""])),
        Arc::new(vec!["b", "a,\n", ""].into_iter().collect::<DictionaryArray<Int8Type>>()),
    ];
    for text in texts {
        let data = text.data_type().clone();
        let batch = batch(vec![("source", text), ("target", longs(&[7, 8, 8]))]);
        for (name, bytes) in both(&batch) {
            let list = file(name, bytes);
            let input = open(&list.path, &ReadOptions::default())?;
            let names = input.names.clone().unwrap();
            let found: Vec<_> = edges_of(&input)?
                .into_iter()
                .map(|(source, target, _)| {
                    let name = |id| names.name(id).unwrap().to_owned();
                    (name(source), name(target))
                })
                .collect();
            let expected = [("", "8"), ("a,\n", "8"), ("b", "7")];
            let expected = expected.map(|(source, target)| (source.to_owned(), target.to_owned()));
            assert_eq!(found, expected, "{name} {data}");
        }
    }
    // Whole numbers are names where names are asked for.
    let options = ReadOptions { names: true, ..ReadOptions::default() };
    let batch = batch(vec![("source", longs(&[10])), ("target", longs(&[9]))]);
    for (name, bytes) in both(&batch) {
        let list = file(name, bytes);
        let input = open(&list.path, &options)?;
        let names = input.names.clone().unwrap();
        assert_eq!((names.name(0), names.name(1)), (Some("10"), Some("9")), "{name}");
        assert_eq!(edges_of(&input)?, [(0, 1, 1.0)], "{name}");
    }
    Ok(())
}

#[test]
fn compressed_columns_streams_and_several_files_are_read() -> Result<()> {
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        assert_eq!(edges("g.parquet", parquet(&roads(), compression), &weighted())?, ROADS);
    }
    for compression in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        let bytes = arrow(&roads(), Some(compression));
        assert_eq!(edges("g.feather", bytes, &weighted())?, ROADS);
    }
    let twice: Vec<_> = ROADS.iter().flat_map(|edge| [*edge, *edge]).collect();
    assert_eq!(edges("g.arrows", stream(&roads()), &weighted())?, twice);

    let folder = tempfile::tempdir().unwrap();
    for name in ["a.parquet", "b.parquet"] {
        fs::write(folder.path().join(name), parquet(&roads(), Compression::SNAPPY)).unwrap();
    }
    assert_eq!(edges_of(&open(folder.path(), &weighted())?)?, twice);
    // Files need not have their columns in the same places.
    let other =
        batch(vec![("source", longs(&[5])), ("target", longs(&[6])), ("weight", longs(&[7]))]);
    fs::write(folder.path().join("c.parquet"), parquet(&other, Compression::SNAPPY)).unwrap();
    let found = edges_of(&open(folder.path(), &weighted())?)?;
    assert_eq!((found.len(), found[8]), (11, (5, 6, 7.0)));
    Ok(())
}

#[test]
fn files_without_rows_are_graphs_without_edges() -> Result<()> {
    for (name, bytes) in both(&roads().slice(0, 0)) {
        assert_eq!(edges(name, bytes, &weighted())?, [], "{name}");
    }
    Ok(())
}

#[test]
fn cells_that_are_wrong_are_refused_with_their_row() {
    let with = |source: ArrayRef, weight: ArrayRef| {
        both(&batch(vec![("source", source), ("target", longs(&[1, 2, 3])), ("weight", weight)]))
    };
    let good = || -> ArrayRef { Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0])) };
    let cases: [(ArrayRef, ArrayRef, &str); 5] = [
        (
            longs(&[4, 5, -6]),
            good(),
            "3:1: found -6 in the column \"source\", expected a vertex id from 0 to \
             18446744073709551615",
        ),
        (
            Arc::new(Int64Array::from(vec![Some(1), None, None])),
            good(),
            "2:1: found null in the column \"source\", expected a vertex id from 0 to \
             18446744073709551615",
        ),
        (
            Arc::new(StringArray::from(vec![Some("a"), Some("b"), None])),
            good(),
            "3:1: found null in the column \"source\", expected a name",
        ),
        (
            longs(&[1, 1, 1]),
            Arc::new(Float64Array::from(vec![1.0, 2.0, f64::NAN])),
            "3:3: found NaN in the column \"weight\", expected a weight, a number other than NaN",
        ),
        (
            longs(&[1, 1, 1]),
            Arc::new(Float64Array::from(vec![Some(1.0), None, Some(1.0)])),
            "2:3: found null in the column \"weight\", expected a weight, a number other than NaN",
        ),
    ];
    for (source, weight, expected) in cases {
        for (name, bytes) in with(source, weight) {
            assert_eq!(fault(name, bytes, &weighted()), expected, "{name}");
        }
    }
}

#[test]
fn columns_that_are_missing_or_of_another_type_are_refused() {
    let without = batch(vec![("source", longs(&[1])), ("score", longs(&[1]))]);
    let floats =
        batch(vec![("source", longs(&[1])), ("target", Arc::new(Float64Array::from(vec![1.0])))]);
    let text = batch(vec![
        ("source", longs(&[1])),
        ("target", longs(&[1])),
        ("weight", words(&["heavy"])),
    ]);
    for ((batch, expected), options) in [
        (
            &without,
            "1:1: found columns \"source\", \"score\", expected a column of targets: \"target\" \
             or \"dst\" or \"to\" or \":end_id\"",
        ),
        (
            &floats,
            "1:2: found the column \"target\" of the type Float64, expected whole numbers or text",
        ),
        (&text, "1:3: found the column \"weight\" of the type Utf8, expected numbers"),
    ]
    .into_iter()
    .zip([ReadOptions::default(), ReadOptions::default(), weighted()])
    {
        for (name, bytes) in both(batch) {
            assert_eq!(fault(name, bytes, &options), expected, "{name}");
        }
    }
    for (name, bytes) in both(&batch(vec![("source", longs(&[1])), ("target", longs(&[2]))])) {
        let error = edges(name, bytes, &weighted()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{error}");
        assert!(error.to_string().ends_with("the graph has no weights"), "{error}");
    }
}

#[test]
fn weights_that_are_not_wanted_may_be_of_any_type() -> Result<()> {
    let columns: [ArrayRef; 3] = [
        Arc::new(BooleanArray::from(vec![true, false])),
        words(&["heavy", "light"]),
        Arc::new(Decimal128Array::from(vec![1, 2]).with_precision_and_scale(5, 2).unwrap()),
    ];
    for column in columns {
        let odd =
            batch(vec![("source", longs(&[1, 2])), ("target", longs(&[2, 3])), ("weight", column)]);
        for (name, bytes) in both(&odd) {
            let plain = edges(name, &bytes, &ReadOptions::default())?;
            assert_eq!(plain, [(1, 2, 1.0), (2, 3, 1.0)], "{name}");
            let message = fault(name, &bytes, &weighted());
            assert!(
                message.starts_with("1:3: found the column \"weight\" of the type "),
                "{message}"
            );
        }
    }
    Ok(())
}

#[test]
fn ids_and_weights_may_stand_in_dictionaries() -> Result<()> {
    let of = |keys: Vec<i8>, values: ArrayRef| -> ArrayRef {
        Arc::new(DictionaryArray::<Int8Type>::new(Int8Array::from(keys), values))
    };
    // What no row has may be anything.
    let ids = of(vec![1, 2, 1], longs(&[-5, 7, 1 << 40]));
    let weights = of(vec![0, 0, 1], Arc::new(Float32Array::from(vec![Some(0.5), Some(2.0), None])));
    let targets = Arc::new(UInt64Array::from(vec![1, 2, 3]));
    let roads = batch(vec![("source", ids), ("target", targets), ("weight", weights)]);
    let expected = [(7, 1, 0.5), (7, 3, 2.0), (1 << 40, 2, 0.5)];
    assert_eq!(edges("g.arrow", arrow(&roads, None), &weighted())?, expected);
    let wrong = of(vec![1, 0], longs(&[-5, 7]));
    let wrong = batch(vec![("source", longs(&[1, 2])), ("target", wrong)]);
    let message = fault("g.arrow", arrow(&wrong, None), &ReadOptions::default());
    assert!(message.starts_with("2:2: found -5 in the column \"target\""), "{message}");
    Ok(())
}

#[test]
fn no_weight_is_lost_for_what_the_first_file_has() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let bare = batch(vec![("source", longs(&[1])), ("target", longs(&[2]))]);
    let heavy =
        batch(vec![("source", longs(&[2])), ("target", longs(&[3])), ("weight", longs(&[5]))]);
    for (end, of) in [("parquet", 0), ("arrow", 1)] {
        let at = |name: &str| folder.path().join(format!("{name}.{end}"));
        fs::write(at("a"), &both(&bare)[of].1).unwrap();
        fs::write(at("b"), &both(&heavy)[of].1).unwrap();
        let open = |options| open_graph(&context(), &[at("a"), at("b")], &options);
        for weights_optional in [true, false] {
            let options = ReadOptions { weights_optional, ..weighted() };
            let error = open(options).unwrap_err().to_string();
            let expected = "1:3: found a column \"weight\", expected no weights, since the first file \
                            has none (--unit-weights leaves them out)";
            assert!(error.ends_with(expected), "{error}");
        }
        assert_eq!(edges_of(&open(ReadOptions::default())?)?, [(1, 2, 1.0), (2, 3, 1.0)]);
    }
    Ok(())
}

/// Keeps Arrow and Parquet, which panic over some damaged files, from telling of each.
pub(super) fn hush_libraries() {
    static HUSHED: Once = Once::new();
    HUSHED.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let file = panic.location().map_or("", std::panic::Location::file);
            if !["/arrow-", "/parquet-"].iter().any(|library| file.contains(library)) {
                tell(panic);
            }
        }));
    });
}

/// What reading a file leads to, without a panic: edges, or an error about the file.
fn read(path: &Path, format: &str) -> Option<String> {
    hush_libraries();
    let options = ReadOptions { format: find_format(format), ..weighted() };
    let graph = open(path, &options).and_then(|input| input.weighted_graph(Graph::builder()));
    let error = graph.err()?;
    let known = matches!(error.kind(), ErrorKind::Input { .. } | ErrorKind::Argument(_));
    assert!(known, "{format}: {error}");
    Some(error.to_string())
}

#[test]
fn files_that_are_cut_short_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g");
    for (format, bytes) in [
        ("parquet", parquet(&roads(), Compression::SNAPPY)),
        ("arrow", arrow(&roads(), None)),
        ("arrow", arrow(&roads(), Some(CompressionType::ZSTD))),
    ] {
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            let error = read(&path, format).unwrap_or_default();
            assert!(error.contains(":1:1: found "), "{format} {length}: {error}");
        }
        fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&path, format), None);
    }
    let message = fault("g.parquet", b"PAR1", &ReadOptions::default());
    assert!(message.starts_with("1:1: found what cannot be read ("), "{message}");
    assert!(message.ends_with("), expected a whole Parquet file"), "{message}");
    assert_eq!(
        fault("g.arrow", b"ARROW1\0\0", &ReadOptions::default()),
        "1:1: found a file that is cut short, expected a whole file in Arrow's IPC format"
    );
}

#[test]
fn no_change_of_a_byte_is_more_than_other_edges_or_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g");
    let mut refused = 0;
    for (format, bytes) in [
        ("parquet", parquet(&roads(), Compression::SNAPPY)),
        ("arrow", arrow(&roads(), None)),
        ("arrow", stream(&roads())),
    ] {
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x81;
            fs::write(&path, &changed).unwrap();
            refused += u64::from(read(&path, format).is_some());
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_compressed_file_of_columns_is_refused_with_a_reason() {
    use std::io::Write;

    for (name, bytes) in both(&roads()) {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&bytes).unwrap();
        let message = fault(&format!("{name}.gz"), encoder.finish().unwrap(), &weighted());
        assert!(message.starts_with("1:1: found a compressed file, expected "), "{message}");
    }
}

#[test]
fn lengths_of_compressed_buffers_that_cannot_be_are_refused() {
    let rows = 3000;
    let ids: ArrayRef = Arc::new(UInt64Array::from(vec![7; rows]));
    let all = batch(vec![("source", Arc::clone(&ids)), ("target", ids)]);
    for compression in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        let options = IpcWriteOptions::default().try_with_compression(Some(compression)).unwrap();
        let schema = all.schema();
        let mut writer = FileWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
        writer.write(&all).unwrap();
        let good = writer.into_inner().unwrap();
        assert_eq!(edges("g.arrow", &good, &ReadOptions::default()).unwrap().len(), rows);
        let length = (8 * rows as u64).to_le_bytes();
        let at = good.windows(8).position(|bytes| bytes == length).unwrap();
        for said in [1_u64 << 60, 1 << 36] {
            let mut bad = good.clone();
            bad[at..at + 8].copy_from_slice(&said.to_le_bytes());
            let message = fault("g.arrow", &bad, &ReadOptions::default());
            assert!(message.contains(&format!("bytes that say they are {said}")), "{message}");
        }
    }
}
