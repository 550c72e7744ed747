//! Prompt files: JSON lines, or plain text with one prompt a line.

use std::collections::HashSet;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use crate::bundle::{self, BundleError};
use crate::shipped;
use rotescope_judge::registry;
use rotescope_study::perturb::{Frequencies, Plan, Unchanged};
use rotescope_trace::Prompt;

/// A prompt changed by operators: a variant of it, with what was done in its `meta`.
///
/// # Errors
/// When an operator cannot change it, with the reason.
pub fn changed(
    prompt: &Prompt,
    plan: &Plan,
    corpus: Option<&dyn Frequencies>,
) -> Result<Prompt, Unchanged> {
    let mut new = plan.apply(prompt, shipped::BUNDLED.forms, corpus)?.subject;
    // What could be verified of the original may be unknown of the variant.
    let meta = &new.meta;
    let known = |name: &String| registry::check(std::slice::from_ref(name), meta).is_ok();
    if let Some(verify) = &mut new.verify {
        verify.retain(known);
    }
    Ok(new)
}

/// Why a prompt file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: there is no such file; the bundled prompts are {}{bundled}", path.display(), bundle::PREFIX)]
    Bundled {
        path: PathBuf,
        bundled: &'static str,
    },
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("{}, line {line}: {message}", path.display())]
    Line {
        path: PathBuf,
        line: usize,
        message: String,
    },
    #[error("{}: no prompts in it (one JSON object with \"question\" a line, or one plain prompt a line)", path.display())]
    Empty { path: PathBuf },
}

/// All prompts of a file. A file whose first line that is not blank begins with `{` is JSON lines; any other is plain text.
///
/// `bundle:NAME` are prompts of the bundle; `-` is standard input.
///
/// Prompts without an id get `line-N`. A duplicate id is an error: results could not be told apart.
pub fn read(path: &Path) -> Result<Vec<Prompt>, PromptError> {
    let bundled = path.to_str().and_then(|p| p.strip_prefix(bundle::PREFIX));
    let path = match bundled {
        Some(name) => &shipped::bundle()?.prompts(name)?,
        None => path,
    };
    let io = |source: std::io::Error| match meant(path) {
        Some(bundled) if source.kind() == std::io::ErrorKind::NotFound => PromptError::Bundled {
            path: path.into(),
            bundled,
        },
        _ => PromptError::Io {
            path: path.into(),
            source,
        },
    };
    let mut reader: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::io::BufReader::new(
            std::fs::File::open(path).map_err(io)?,
        ))
    };
    let (mut prompts, mut ids, mut json, mut buffer, mut line) =
        (Vec::new(), HashSet::new(), None, Vec::new(), 0);
    loop {
        buffer.clear();
        line += 1;
        if reader.read_until(b'\n', &mut buffer).map_err(io)? == 0 {
            break;
        }
        let bad = |message: String| PromptError::Line {
            path: path.into(),
            line,
            message,
        };
        let text = std::str::from_utf8(&buffer).map_err(|e| {
            bad(format!(
                "not UTF-8 (byte {} of the line)",
                e.valid_up_to() + 1
            ))
        })?;
        let text = if line == 1 {
            text.trim_start_matches('\u{feff}')
        } else {
            text
        }
        .trim_end_matches(['\n', '\r']);
        if text.trim().is_empty() {
            continue;
        }
        let is_json = *json.get_or_insert_with(|| text.trim_start().starts_with('{'));
        let mut prompt = if is_json {
            serde_json::from_str::<Prompt>(text).map_err(|e| bad(format!("not a prompt: {e}")))?
        } else {
            Prompt {
                question: text.into(),
                ..Default::default()
            }
        };
        let verify = prompt.verify.as_deref().unwrap_or_default();
        registry::check(verify, &prompt.meta).map_err(|e| bad(e.to_string()))?;
        if prompt.id.is_empty() {
            prompt.id = format!("line-{line}");
        }
        if !ids.insert(prompt.id.clone()) {
            return Err(bad(format!(
                "duplicate id {:?} in this file; make ids unique",
                prompt.id
            )));
        }
        prompts.push(prompt);
    }
    if prompts.is_empty() {
        return Err(PromptError::Empty { path: path.into() });
    }
    Ok(prompts)
}

/// The bundled prompts whose file has this name.
fn meant(path: &Path) -> Option<&'static str> {
    let stem = path.file_stem()?;
    let all = shipped::BUNDLED.prompts.iter();
    all.map(|p| p.name).find(|n| stem == *n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8]) -> tempfile::NamedTempFile {
        let f = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(f.path(), content).unwrap();
        f
    }

    #[test]
    fn json_lines_and_plain_text() {
        let f = file(b"{\"id\":\"a\",\"question\":\"q\",\"examples\":[{\"question\":\"x\",\"answer\":\"y\"}],\"instruction\":\"I\"}\n\n{\"question\":\"r\"}\n");
        let prompts = read(f.path()).unwrap();
        assert_eq!(prompts[0].body(), "I\n\nQuestion: x\nAnswer: y\n\nq");
        assert_eq!(prompts[1].id, "line-3");
        let prompts = read(file(b"What is 1 + 1?\r\nAnd 2?").path()).unwrap();
        assert_eq!(
            prompts
                .iter()
                .map(|p| p.question.as_str())
                .collect::<Vec<_>>(),
            ["What is 1 + 1?", "And 2?"]
        );
    }

    #[test]
    fn bad_files_are_named_with_their_line() {
        for (content, want) in [
            (&b""[..], "no prompts"),
            (b"{\"question\":\"a\"}\n{\"question\":", "line 2"),
            (
                b"{\"id\":\"a\",\"question\":\"a\"}\n{\"id\":\"a\",\"question\":\"b\"}",
                "duplicate id \"a\"",
            ),
            (b"ab\n\xff\xfe", "line 2: not UTF-8 (byte 1"),
            (b"{\"id\":\"a\"}", "question"),
            (
                b"{\"question\":\"a\"}\n{\"question\":\"b\",\"verify\":[\"speling\"]}",
                "line 2: there is no verifier \"speling\"",
            ),
            (
                b"{\"question\":\"b\",\"verify\":[\"counting\"],\"meta\":{\"target\":\"x\"}}",
                "needs \"list\"",
            ),
        ] {
            let f = file(content);
            let message = read(f.path()).unwrap_err().to_string();
            assert!(
                message.contains(want) && message.contains(f.path().to_str().unwrap()),
                "{message}"
            );
        }
        assert!(
            read(Path::new("no/such/file"))
                .unwrap_err()
                .to_string()
                .contains("no/such/file")
        );
    }
}
