//! Listed values of a file: a value a line, or what `pii scan --reveal` wrote.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use rotescope_privacy::Kind;
use rotescope_trace::audit::pii::{SCAN, ScanFinding, ScanLine};
use rotescope_vocab::hash::hex;

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}, line {line}: no record of `pii scan` ({reason})", path.display())]
    NoRecord {
        path: PathBuf,
        line: usize,
        reason: String,
    },
    #[error("{}: its values are masked; let `pii scan` write them with --reveal", path.display())]
    Masked { path: PathBuf },
    #[error("{}: no value in it", path.display())]
    Empty { path: PathBuf },
}

/// The values of a file, each once, in its order.
///
/// # Errors
/// A file that cannot be read, without values, or with masked ones.
pub fn values(path: &Path) -> Result<Vec<String>, ListError> {
    let text = read(path)?;
    let mut all: Vec<String> = match is_scan(&text) {
        true => found(path, &text)?.into_iter().map(|f| f.value).collect(),
        false => text.lines().map(|l| l.trim().to_string()).collect(),
    };
    all.retain(|v| !v.is_empty());
    let mut known = std::collections::HashSet::new();
    all.retain(|v| known.insert(v.clone()));
    match all.is_empty() {
        true => Err(ListError::Empty { path: path.into() }),
        false => Ok(all),
    }
}

/// What `pii scan --reveal` found, in its order.
///
/// # Errors
/// A file that cannot be read, is no scan, has no finding, or masked ones.
pub fn findings(path: &Path) -> Result<Vec<ScanFinding>, ListError> {
    let text = read(path)?;
    let all = found(path, &text)?;
    match all.is_empty() {
        true => Err(ListError::Empty { path: path.into() }),
        false => Ok(all),
    }
}

fn read(path: &Path) -> Result<String, ListError> {
    let bytes = std::fs::read(path).map_err(|source| ListError::Io {
        path: path.into(),
        source,
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_scan(text: &str) -> bool {
    text.lines().next().is_some_and(|l| l.contains(SCAN))
}

fn found(path: &Path, text: &str) -> Result<Vec<ScanFinding>, ListError> {
    let no_record = |number: usize, reason: String| ListError::NoRecord {
        path: path.into(),
        line: number + 1,
        reason,
    };
    let mut all = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let read = serde_json::from_str::<ScanLine>(line);
        let read = read.map_err(|e| no_record(number, e.to_string()))?;
        if read.schema != SCAN {
            return Err(no_record(
                number,
                format!("its schema is {:?}", read.schema),
            ));
        }
        all.extend(read.finding);
    }
    match all.iter().any(|f| is_placeholder(&f.value)) {
        true => Err(ListError::Masked { path: path.into() }),
        false => Ok(all),
    }
}

fn is_placeholder(value: &str) -> bool {
    Kind::ALL.iter().any(|k| k.placeholder() == value)
}

/// What tells one list from another: 16 bits, so that nobody finds out a value by trying all there can be.
pub fn check(values: &[String]) -> String {
    let mut hash = Sha256::new();
    for value in values {
        hash.update(value.as_bytes());
        hash.update(b"\n");
    }
    hex(&hash.finalize()[..2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_records_are_read_and_masked_ones_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            values(&path)
        };
        assert_eq!(
            read("a@b.org\n\n +1 2 \r\na@b.org").unwrap(),
            ["a@b.org", "+1 2"]
        );
        let record = |value: &str| {
            let line = ScanLine {
                finding: Some(ScanFinding {
                    value: value.into(),
                    ..ScanFinding::default()
                }),
                ..ScanLine::new()
            };
            serde_json::to_string(&line).unwrap()
        };
        let both = format!("{}\n{}\n", record("x@y.org"), record("555"));
        assert_eq!(read(&both).unwrap(), ["x@y.org", "555"]);
        let masked = read(&record("[EMAIL]")).unwrap_err().to_string();
        assert!(masked.contains("--reveal"), "{masked}");
        let cut = read(&both[..both.len() - 9]).unwrap_err().to_string();
        assert!(cut.contains("line 2"), "{cut}");
        assert!(matches!(read("\n"), Err(ListError::Empty { .. })));
        // Questions need more than values.
        let findings = |text: &str| {
            std::fs::write(&path, text).unwrap();
            super::findings(&path)
        };
        assert_eq!(findings(&both).unwrap()[1].value, "555");
        assert!(
            findings("a@b.org")
                .unwrap_err()
                .to_string()
                .contains("line 1")
        );
        // One value more is another list.
        assert_ne!(check(&["a".into()]), check(&["a".into(), "b".into()]));
    }
}
