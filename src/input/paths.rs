//! The files that a path stands for: a file, a directory, or a pattern.
//!
//! What exists under the very name wins over reading the name as a pattern, so that a file called
//! `a[1].txt` can be read. The files come in an order that depends on their paths alone, because
//! partitions follow it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use glob::MatchOptions;

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

/// Returns what a pattern matches, without what a directory would hide.
fn matches(pattern: &str) -> Result<Vec<PathBuf>> {
    let like_a_shell = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let paths = glob::glob_with(pattern, like_a_shell)
        .map_err(|error| Error::argument(format!("{pattern} is not a pattern: {error}")))?;
    let last = pattern.rsplit('/').next().unwrap_or(pattern);
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| {
            let directory = error.path().to_owned();
            Error::io(directory, "list", error.into())
        })?;
        let underscored = path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'_');
        if !underscored || last.starts_with('_') {
            found.push(path);
        }
    }
    Ok(found)
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
    fn a_pattern_that_matches_nothing_or_is_none_is_an_error_with_its_text() {
        let error = found(FILES, "c/*.txt").unwrap_err().to_string();
        assert!(error.ends_with("c/*.txt: cannot open: the pattern matches no file"), "{error}");
        let error = found(FILES, "a/[").unwrap_err().to_string();
        assert!(error.contains("a/[ is not a pattern: "), "{error}");
        let error = found(FILES, "c.txt").unwrap_err().to_string();
        assert!(error.contains("c.txt: cannot open: "), "{error}");
    }
}
