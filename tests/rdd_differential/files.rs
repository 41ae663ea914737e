//! Text files, folders and patterns.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use superstep::prelude::Context;
use superstep::{Error, ErrorKind, Result};

fn zipped(path: &Path, text: &str) -> Result<()> {
    let write = || {
        let mut encoder = GzEncoder::new(File::create(path)?, Compression::fast());
        encoder.write_all(text.as_bytes())?;
        encoder.finish()
    };
    write().map(drop).map_err(|error| Error::io(path, "write", error))
}

#[test]
fn lines_and_whole_files_come_in_the_order_of_their_paths() -> Result<()> {
    let ctx = Context::local(2)?;
    let folder = tempfile::tempdir().map_err(Error::user)?;
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, text: &str| fs::write(at(name), text).map_err(Error::user);
    write("b.txt", "3\n4")?;
    write("a.txt", "\u{feff}1\r\n2\n")?;
    write("empty.txt", "")?;
    write("_SUCCESS", "x")?;
    zipped(&at("c.txt"), "5\n")?;
    let row = |name: &str, text: &str| (at(name).display().to_string(), text.to_owned());
    let whole =
        [row("a.txt", "1\r\n2\n"), row("b.txt", "3\n4"), row("c.txt", "5\n"), row("empty.txt", "")];
    for path in [at(""), at("*"), at("*.txt"), at("[abe]*").with_file_name("?*.txt")] {
        assert_eq!(ctx.text_file(&path)?.collect()?, ["1", "2", "3", "4", "5"]);
        let files = ctx.whole_text_files(&path)?;
        assert_eq!(files.collect()?, whole);
        assert_eq!(files.partition_count(), 1);
    }
    assert_eq!(ctx.whole_text_files(at("b.txt"))?.collect()?, [whole[1].clone()]);
    assert_eq!(ctx.text_file(at("[bc].txt"))?.collect()?, ["3", "4", "5"]);
    fs::create_dir(at("none")).map_err(Error::user)?;
    assert_eq!(ctx.whole_text_files(at("none"))?.count()?, 0);
    Ok(())
}

#[test]
fn what_cannot_be_read_as_text_is_an_error_with_its_path() -> Result<()> {
    let ctx = Context::local(2)?;
    let folder = tempfile::tempdir().map_err(Error::user)?;
    let missing = folder.path().join("*.csv");
    for error in [ctx.text_file(&missing).err(), ctx.whole_text_files(&missing).err()] {
        let error = error.ok_or_else(|| Error::user("read what is not there"))?;
        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
        assert!(error.to_string().ends_with("*.csv: cannot open: the pattern matches no file"));
    }
    let broken = folder.path().join("broken");
    fs::write(&broken, b"\x1f\x8b and no gzip").map_err(Error::user)?;
    let text = ctx.whole_text_files(&broken)?.count().unwrap_err().to_string();
    assert!(text.contains("broken: cannot decompress: "), "{text}");
    fs::write(&broken, b"caf\xe9").map_err(Error::user)?;
    let text = ctx.whole_text_files(&broken)?.count().unwrap_err().to_string();
    assert!(text.contains("broken: the file is not UTF-8"), "{text}");
    Ok(())
}
