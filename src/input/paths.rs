//! The files that a path stands for: a file, a directory, or a pattern.
//!
//! What exists under the very name wins over reading the name as a pattern, so that a file called
//! `a[1].txt` can be read. The files come in an order that depends on their paths alone, because
//! partitions follow it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use glob::{MatchOptions, Pattern};

use crate::error::{Error, Result};

/// Returns the regular files that a path stands for.
///
/// A directory stands for its regular files, sorted by name, without those whose name begins with
/// `.` or `_` and without subdirectories; a pattern for all files and directories that match,
/// sorted by path, each file once.
pub(crate) fn input_files(path: &Path) -> Result<Vec<PathBuf>> {
    let missing = match files_at(path) {
        Err(missing) if !path.exists() => missing,
        files => return files,
    };
    // A name that is not UTF-8 cannot be a pattern.
    let Some(pattern) = path.to_str().filter(|name| name.contains(['*', '?', '['])) else {
        return Err(missing);
    };
    let mut files = Vec::new();
    for found in matches(pattern)? {
        files.extend(files_at(&found)?);
    }
    if files.is_empty() {
        let reason = "the pattern matches no file";
        return Err(Error::io(path, "open", io::Error::new(io::ErrorKind::NotFound, reason)));
    }
    // A directory and a file of it may both match.
    files.sort_unstable();
    files.dedup();
    Ok(files)
}

/// How names are compared with patterns.
const LIKE_A_SHELL: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// Returns what a pattern matches, without what a directory would hide.
///
/// Parts of the pattern are compared with the names in directories one by one: the `glob` crate's own
/// walk panics at a name that is not UTF-8. Such a name is matched as it is shown, with a
/// replacement character for what is no text.
fn matches(pattern: &str) -> Result<Vec<PathBuf>> {
    let not_one = |error| Error::argument(format!("{pattern} is not a pattern: {error}"));
    Pattern::new(pattern).map_err(not_one)?;
    let mut found = vec![PathBuf::new()];
    for part in Path::new(pattern).components() {
        let Component::Normal(name) = part else {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        };
        let text = name.to_str().unwrap_or_default();
        if !text.contains(['*', '?', '[']) {
            found.iter_mut().for_each(|path| path.push(name));
            found.retain(|path| path.exists());
            continue;
        }
        let pattern = Pattern::new(text).map_err(not_one)?;
        let mut further = Vec::new();
        for folder in &found {
            if text == "**" {
                let here = folder.as_os_str().is_empty();
                further.push(if here { PathBuf::from(".") } else { folder.clone() });
                below(folder, &mut further)?;
            } else {
                let names = names_in(folder)?.into_iter();
                let names = names
                    .filter(|name| pattern.matches_with(&name.to_string_lossy(), LIKE_A_SHELL));
                further.extend(names.map(|name| folder.join(name)));
            }
        }
        found = further;
    }
    let last = pattern.rsplit('/').next().unwrap_or(pattern);
    let is_hidden = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().first() == Some(&b'_'))
    };
    found.retain(|path| last.starts_with('_') || !is_hidden(path));
    Ok(found)
}

/// Adds the directories below one, without links, so that no circle is walked, and without hidden
/// ones.
fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for name in names_in(folder)? {
        let path = folder.join(&name);
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        if is_folder && name.as_encoded_bytes().first() != Some(&b'.') {
            found.push(path.clone());
            below(&path, found)?;
        }
    }
    Ok(())
}

/// Returns the names in a directory; of what is no directory, none.
fn names_in(folder: &Path) -> Result<Vec<OsString>> {
    let shown = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !shown.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |source| Error::io(shown, "list", source);
    let entries = fs::read_dir(shown).map_err(failed)?;
    entries.map(|entry| Ok(entry.map_err(failed)?.file_name())).collect()
}

/// Returns the file at a path, or those of the directory there.
fn files_at(path: &Path) -> Result<Vec<PathBuf>> {
    let kind = fs::metadata(path).map_err(|source| Error::io(path, "open", source))?;
    if kind.is_dir() {
        directory_files(path)
    } else if kind.is_file() {
        Ok(vec![path.to_owned()])
    } else {
        // A pipe can be read only once, but a task may have to be run again.
        let reason =
            io::Error::new(io::ErrorKind::InvalidInput, "neither a regular file nor a directory");
        Err(Error::io(path, "read", reason))
    }
}

/// Returns the regular files of a directory that hold data, sorted by name.
fn directory_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| Error::io(directory, "list", source);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if matches!(name.as_encoded_bytes().first(), Some(b'.' | b'_')) {
            continue;
        }
        let path = entry.path();
        // Follows symbolic links.
        let kind = fs::metadata(&path).map_err(|source| Error::io(&path, "open", source))?;
        if kind.is_file() {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes files, and returns what paths below their folder stand for.
    fn found(files: &[&str], path: &str) -> Result<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, b"1 2\n").unwrap();
        }
        let inside = |path: PathBuf| {
            let path = path.strip_prefix(folder.path()).unwrap().display().to_string();
            path.replace('\\', "/")
        };
        Ok(input_files(&folder.path().join(path))?.into_iter().map(inside).collect())
    }

    const FILES: &[&str] =
        &["a/2.txt", "a/10.txt", "a/.hidden.txt", "a/_SUCCESS", "a/deep/3.txt", "a-b.txt", "b.gz"];

    #[test]
    fn a_pattern_stands_for_what_it_matches_in_the_order_of_paths() -> Result<()> {
        assert_eq!(found(FILES, "a/*.txt")?, ["a/10.txt", "a/2.txt"]);
        assert_eq!(found(FILES, "a/?.txt")?, ["a/2.txt"]);
        assert_eq!(found(FILES, "[ab]*.*")?, ["a-b.txt", "b.gz"]);
        assert_eq!(found(FILES, "**/*.txt")?, ["a/10.txt", "a/2.txt", "a/deep/3.txt", "a-b.txt"]);
        // A directory that matches stands for its files, which come once even if they match too.
        assert_eq!(found(FILES, "a*")?, ["a/10.txt", "a/2.txt", "a-b.txt"]);
        assert_eq!(found(FILES, "a/**/*")?, ["a/10.txt", "a/2.txt", "a/deep/3.txt"]);
        assert_eq!(found(FILES, "a/_*")?, ["a/_SUCCESS"]);
        Ok(())
    }

    #[test]
    fn what_exists_under_the_very_name_is_not_a_pattern() -> Result<()> {
        let files = &["a[1].txt", "a1.txt", "b*/c.txt"];
        assert_eq!(found(files, "a[1].txt")?, ["a[1].txt"]);
        assert_eq!(found(files, "b*")?, ["b*/c.txt"]);
        assert_eq!(found(files, "a[12].txt")?, ["a1.txt"]);
        Ok(())
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn names_that_are_not_utf_8_do_not_stop_a_pattern() -> Result<()> {
        use std::os::unix::ffi::OsStrExt;

        let folder = tempfile::tempdir().unwrap();
        for name in [&b"a.txt"[..], b"b\xff.txt", b"c\xff"] {
            fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), b"1 2\n").unwrap();
        }
        for (pattern, count) in [("*.txt", 2), ("a*", 1), ("**/c*", 1), ("?.txt", 1)] {
            assert_eq!(input_files(&folder.path().join(pattern))?.len(), count, "{pattern}");
        }
        Ok(())
    }

    #[test]
    fn a_pattern_that_matches_nothing_or_is_none_is_an_error_with_its_text() {
        let error = found(FILES, "c/*.txt").unwrap_err().to_string();
        assert!(error.ends_with("c/*.txt: cannot open: the pattern matches no file"), "{error}");
        let error = found(FILES, "a/[").unwrap_err().to_string();
        assert!(error.contains("a/[ is not a pattern: "), "{error}");
        let error = found(FILES, "c.txt").unwrap_err().to_string();
        assert!(error.contains("c.txt: cannot open: "), "{error}");
    }
}
