//! Patterns of file names, where a shell has not expanded them: quoted ones, and those of shells that do not.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use glob::{MatchOptions, glob_with};

use crate::bundle::PREFIX;

/// The files: each name as it stands, each pattern (`*`, `?`, `[...]`, `**` for folders in folders) as the files that it fits, sorted, but for those
/// that stand there already.
///
/// # Errors
/// A pattern that fits no file or is none, or a folder that cannot be read.
pub fn matching(given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> = Vec::new();
    for path in given {
        let Some(pattern) = pattern(path) else {
            all.push(path.clone());
            continue;
        };
        // Hidden files are meant only by their whole name.
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let found =
            glob_with(pattern, options).with_context(|| format!("{pattern}: no pattern"))?;
        let mut files: Vec<PathBuf> = found.collect::<Result<_, _>>()?;
        files.retain(|f| !f.is_dir());
        if files.is_empty() {
            bail!("{pattern}: no file matches");
        }
        files.sort();
        files.retain(|f| !all.contains(f));
        all.extend(files);
    }
    Ok(all)
}

/// The text of a path that is a pattern: a file of that very name goes before.
fn pattern(path: &Path) -> Option<&str> {
    let text = path.to_str()?;
    let looks = text.contains(['*', '?', '[']) && !text.starts_with(PREFIX);
    (looks && !path.exists()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_become_the_files_that_they_fit() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "b.jsonl",
            "a.jsonl",
            "c.csv",
            ".hidden.jsonl",
            "x[1].jsonl",
            "d1.txt",
        ] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        std::fs::create_dir_all(dir.path().join("in/deep.jsonl")).unwrap();
        std::fs::write(dir.path().join("in/e.jsonl"), "").unwrap();
        let found = |given: &[&str]| -> Result<Vec<String>, String> {
            let given: Vec<PathBuf> = given.iter().map(|g| dir.path().join(g)).collect();
            let files = matching(&given).map_err(|e| format!("{e:#}"))?;
            let name = |f: &PathBuf| {
                let within = f.strip_prefix(dir.path()).unwrap();
                within.to_str().unwrap().to_owned()
            };
            Ok(files.iter().map(name).collect())
        };
        for (given, want) in [
            (&["*.jsonl"][..], &["a.jsonl", "b.jsonl", "x[1].jsonl"][..]),
            (&["[ab].jsonl"], &["a.jsonl", "b.jsonl"]),
            (
                &["?.csv", "*.jsonl"],
                &["c.csv", "a.jsonl", "b.jsonl", "x[1].jsonl"],
            ),
            (
                &["a.jsonl", "*.jsonl"],
                &["a.jsonl", "b.jsonl", "x[1].jsonl"],
            ),
            (&["x[1].jsonl"], &["x[1].jsonl"]),
            (&["*/*.jsonl"], &["in/e.jsonl"]),
            (&["**/e.jsonl"], &["in/e.jsonl"]),
            (&["d[0-9].txt"], &["d1.txt"]),
            // What is no pattern may be missing: who opens it says so.
            (&["missing.jsonl"], &["missing.jsonl"]),
        ] {
            assert_eq!(found(given).unwrap(), want, "{given:?}");
        }
        for (given, says) in [
            ("*.parquet", "no file matches"),
            ("x[2].jsonl", "no file matches"),
            ("in/*.csv", "no file matches"),
            ("a[.jsonl", "no pattern"),
        ] {
            let error = found(&[given]).unwrap_err();
            assert!(error.contains(given) && error.contains(says), "{error}");
        }
        let others = ["-", "bundle:applied-base", "bundle:*"].map(PathBuf::from);
        assert_eq!(matching(&others).unwrap(), others);
    }
}
