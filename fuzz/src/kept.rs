//! Inputs that earlier runs found worth keeping: `fuzz/corpus/NAME.txt`, one a line, with escapes as Rust has them in byte strings.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rotescope_testing::repository;

/// Longer inputs are not kept.
const LONGEST: usize = 1000;
/// Bytes of inputs that are kept of a target: enough for the many ways into a reader, and few for a repository.
const MOST: usize = 8_000;

fn file(name: &str) -> PathBuf {
    repository(&format!("fuzz/corpus/{name}.txt"))
}

/// The kept inputs of a target; none where there is no file.
pub fn read(name: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(file(name)).unwrap_or_default();
    text.lines().map(unescaped).collect()
}

/// Keeps the shortest inputs of a folder in place of those that were kept.
///
/// # Errors
/// Those of the files.
pub fn write(name: &str, folder: &Path) -> io::Result<usize> {
    let mut inputs = Vec::new();
    for entry in fs::read_dir(folder)? {
        inputs.push(fs::read(entry?.path())?);
    }
    inputs.retain(|i| i.len() <= LONGEST);
    inputs.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    inputs.dedup();
    // From all lengths: the shortest alone are refused at once.
    let all: usize = inputs.iter().map(Vec::len).sum();
    let step = all.div_ceil(MOST).max(1);
    let mut text = String::new();
    for input in inputs.iter().step_by(step) {
        let _ = writeln!(text, "{}", input.escape_ascii());
    }
    fs::create_dir_all(file(name).with_file_name(""))?;
    fs::write(file(name), &text)?;
    Ok(text.lines().count())
}

fn unescaped(line: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut bytes = line.bytes();
    while let Some(b) = bytes.next() {
        if b != b'\\' {
            out.push(b);
            continue;
        }
        out.push(match bytes.next().expect("an escape") {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => {
                let digits = [bytes.next(), bytes.next()].map(|d| d.expect("two digits"));
                let digits = std::str::from_utf8(&digits).expect("two digits");
                u8::from_str_radix(digits, 16).expect("two digits")
            }
            other => other,
        });
    }
    out
}

#[cfg(test)]
#[test]
fn every_byte_comes_back() {
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(unescaped(&all.escape_ascii().to_string()), all);
}
