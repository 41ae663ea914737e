//! Bytes as a file of each format.

#![no_main]

use std::cell::OnceCell;

use libfuzzer_sys::fuzz_target;
use superstep::ErrorKind;
use superstep::io::{FORMATS, ReadOptions, open_graph};
use superstep::rdd::Context;

thread_local! {
    static CONTEXT: OnceCell<(Context, tempfile::TempDir)> = const { OnceCell::new() };
}

fuzz_target!(|input: &[u8]| {
    let [format, options, bytes @ ..] = input else { return };
    let format = FORMATS[usize::from(*format) % FORMATS.len()];
    let options = ReadOptions {
        format: Some(format),
        weighted: options & 1 == 1,
        names: options & 2 == 2 && format.can_have_names(),
        header: (options & 4 == 4).then_some(options & 8 == 8),
        ..ReadOptions::default()
    };
    CONTEXT.with(|place| {
        let (context, folder) = place.get_or_init(|| {
            (Context::local(1).unwrap(), tempfile::tempdir().unwrap())
        });
        let path = folder.path().join("graph");
        std::fs::write(&path, bytes).unwrap();
        let read = open_graph(context, &[&path], &options).and_then(|input| {
            // Building costs what the announced vertices cost: the edges alone are computed.
            match &input.edges {
                superstep::io::Edges::Plain(edges) => edges.count(),
                superstep::io::Edges::Weighted(edges) => edges.count(),
            }
        });
        if let Err(error) = read {
            let panicked = matches!(error.kind(), ErrorKind::Task { .. } | ErrorKind::Internal(_));
            assert!(!panicked, "{}: {error}", format.name());
        }
    });
});
