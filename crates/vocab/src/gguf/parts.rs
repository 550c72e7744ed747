//! The files of a model that is split into several, as llama.cpp's gguf-split names and marks them.

use std::path::{Path, PathBuf};

use super::error::GgufError;
use super::header::{Header, Value};
use super::read;

/// The name of one of several files: `model-00002-of-00003.gguf`.
struct Name<'a> {
    prefix: &'a str,
    count: u64,
}

impl<'a> Name<'a> {
    fn read(name: &'a str) -> Option<Name<'a>> {
        let (front, count) = name.strip_suffix(".gguf")?.rsplit_once("-of-")?;
        let (prefix, number) = front.rsplit_once('-')?;
        let digits = |s: &str| {
            (s.len() == 5 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse().ok())?
        };
        let (number, count) = (digits(number)?, digits(count)?);
        (1..=count)
            .contains(&number)
            .then_some(Name { prefix, count })
    }

    fn of(&self, number: u64) -> String {
        format!("{}-{number:05}-of-{:05}.gguf", self.prefix, self.count)
    }
}

/// The files that hold the model of which `path` names one, or several by `*`, `?` or `%05d`, in order. A model that is in one file has one.
///
/// # Errors
/// A file that is missing or does not belong to the others; a pattern that fits none, or several models; what is wrong with a header.
pub fn parts(path: &Path) -> Result<Vec<PathBuf>, GgufError> {
    let path = match is_pattern(path) {
        true => matching(path)?,
        false => path.to_owned(),
    };
    let Some(name) = file_name(&path).and_then(Name::read) else {
        return Ok(vec![path]);
    };
    let all: Vec<PathBuf> = (1..=name.count)
        .map(|n| path.with_file_name(name.of(n)))
        .collect();
    let missing = || -> Vec<u64> {
        let there = |n: &u64| !all[*n as usize - 1].exists();
        (1..=name.count).filter(there).collect()
    };
    if !path.exists() {
        let missing = missing();
        // None of them is there: it is just a file that is not.
        if missing.len() == all.len() {
            return Ok(vec![path]);
        }
        return Err(missing_of(&path, &name, &missing));
    }
    // Also a whole model may be named like a part.
    if split(&read::header(&path)?).1 <= 1 {
        return Ok(vec![path]);
    }
    let missing = missing();
    if !missing.is_empty() {
        return Err(missing_of(&path, &name, &missing));
    }
    for (n, part) in (1..).zip(&all) {
        let (number, count) = split(&read::header(part)?);
        if (number + 1, count) != (n, name.count) {
            let says = match count {
                0 | 1 => "it is no part of a model".to_owned(),
                count => format!("it is part {} of {count}", number + 1),
            };
            return Err(GgufError::PartMixed {
                path: part.clone(),
                number: n,
                count: name.count,
                says,
            });
        }
    }
    Ok(all)
}

/// Fails for a part whose name says nothing of the others, which thus cannot be found.
pub(super) fn check_name(path: &Path, header: &Header) -> Result<(), GgufError> {
    let (number, count) = split(header);
    if count <= 1 || file_name(path).is_some_and(|n| Name::read(n).is_some()) {
        return Ok(());
    }
    Err(GgufError::PartName {
        path: path.to_owned(),
        number: number + 1,
        count,
    })
}

/// Which of how many files it is by its header, from 0.
fn split(header: &Header) -> (u64, u64) {
    let number = |key: &str| match header.metadata.get(key) {
        Some(&Value::Uint(n)) => n,
        Some(&Value::Int(n)) => u64::try_from(n).unwrap_or(0),
        _ => 0,
    };
    (number("split.no"), number("split.count"))
}

fn missing_of(path: &Path, name: &Name<'_>, missing: &[u64]) -> GgufError {
    let mut named: Vec<String> = missing.iter().take(3).map(|n| name.of(*n)).collect();
    if missing.len() > named.len() {
        named.push(format!("{} more", missing.len() - named.len()));
    }
    GgufError::PartMissing {
        path: path.to_owned(),
        count: name.count,
        missing: named.join(", "),
    }
}

fn file_name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// The number of a part in the pattern that llama.cpp itself has.
const NUMBER: &str = "%05d";

fn is_pattern(path: &Path) -> bool {
    let name = file_name(path).unwrap_or_default();
    (name.contains(['*', '?']) || name.contains(NUMBER)) && !path.exists()
}

/// One of the files that a pattern means.
fn matching(pattern: &Path) -> Result<PathBuf, GgufError> {
    let folder = match pattern.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let io = |source| GgufError::Io {
        path: folder.to_owned(),
        source,
    };
    let wanted = file_name(pattern).unwrap_or_default().replace(NUMBER, "*");
    let mut found: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        if let Some(name) = name
            .to_str()
            .filter(|n| fits(wanted.as_bytes(), n.as_bytes()))
        {
            found.push(name.to_owned());
        }
    }
    found.sort();
    found.retain(|name| name.ends_with(".gguf"));
    let model = |name: &str| Name::read(name).map_or(name.to_owned(), |n| n.of(1));
    let Some(first) = found.first() else {
        return Err(GgufError::NoMatch {
            path: pattern.to_owned(),
        });
    };
    match found.iter().find(|name| model(name) != model(first)) {
        Some(other) => Err(GgufError::SeveralMatch {
            path: pattern.to_owned(),
            names: format!("{first}, {other}"),
        }),
        None => Ok(pattern.with_file_name(first)),
    }
}

/// Whether a name fits a pattern in which `*` stands for anything and `?` for one byte.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == b'?' || c == name[n] => (p, n) = (p + 1, n + 1),
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                (p, n) = (at + 1, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts() {
        let name = Name::read("a-b-00002-of-00003.gguf").unwrap();
        assert_eq!((name.prefix, name.count), ("a-b", 3));
        assert_eq!(name.of(3), "a-b-00003-of-00003.gguf");
        for none in [
            "a.gguf",
            "a-00004-of-00003.gguf",
            "a-00000-of-00003.gguf",
            "a-1-of-3.gguf",
            "a-00001-of-00003.bin",
            "00001-of-00003.gguf",
        ] {
            assert!(Name::read(none).is_none(), "{none}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, name, want) in [
            ("a-*-of-3", "a-1-of-3", true),
            ("a-?-of-3", "a-12-of-3", false),
            ("*", "", true),
            ("*b*c", "abbc", true),
            ("*b", "abc", false),
            ("a", "a", true),
            ("", "a", false),
        ] {
            assert_eq!(
                fits(pattern.as_bytes(), name.as_bytes()),
                want,
                "{pattern} {name}"
            );
        }
    }
}
