//! Prompt files, bundled ones too, and prompts changed by operators.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use crate::bundle::{self, BundleError};
use crate::shipped;
use rotescope_import::Fields;
use rotescope_import::prompts::{self as import, PromptFile};
use rotescope_judge::registry;
use rotescope_study::perturb::{Frequencies, Plan, Unchanged};
use rotescope_trace::Prompt;
use rotescope_trace::packed::{ending, plain_name, unpack};

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
    #[error("{}: there is no such file; the bundled prompts are {}{bundled}", path.display(), bundle::PREFIX)]
    Bundled {
        path: PathBuf,
        bundled: &'static str,
    },
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}, {source}", path.display())]
    Line {
        path: PathBuf,
        source: import::PromptFileError,
    },
    #[error("{}: {}", path.display(), import::PromptFileError::Empty)]
    Empty { path: PathBuf },
}

/// All prompts of a file, in any shape that [`import::read`] knows, and what was made of its fields, for people.
///
/// `bundle:NAME` are prompts of the bundle; `-` is standard input.
///
/// # Errors
/// A file that cannot be read or is not understood.
pub fn read(path: &Path, fields: &Fields) -> Result<PromptFile, PromptError> {
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
    let reader: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(unpack::content(std::io::stdin().lock()))
    } else {
        Box::new(unpack::open(path).map_err(io)?)
    };
    import::read(reader, ending(path).as_deref(), fields).map_err(|source| match source {
        import::PromptFileError::Io(source) => io(source),
        import::PromptFileError::Empty => PromptError::Empty { path: path.into() },
        source @ import::PromptFileError::Line { .. } => PromptError::Line {
            path: path.into(),
            source,
        },
    })
}

/// All prompts of a file whose fields have the usual names.
///
/// # Errors
/// As [`read`].
pub fn read_plainly(path: &Path) -> Result<Vec<Prompt>, PromptError> {
    Ok(read(path, &Fields::default())?.prompts)
}

/// The bundled prompts whose file has this name.
fn meant(path: &Path) -> Option<&'static str> {
    let name = plain_name(path);
    let stem = name.file_stem()?;
    let all = shipped::BUNDLED.prompts.iter();
    all.map(|p| p.name).find(|n| stem == *n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_files_are_named_with_their_line() {
        for (content, want) in [
            (&b""[..], ": no prompts"),
            (
                b"{\"question\":\"a\"}\n{\"question\":",
                ", line 2: not JSON",
            ),
            (b"ab\n\xff\xfe", ", line 2: not UTF-8 (byte 1"),
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), content).unwrap();
            let message = read(file.path(), &Fields::default())
                .unwrap_err()
                .to_string();
            let want = format!("{}{want}", file.path().display());
            assert!(message.starts_with(&want), "{message}");
        }
        let message = read(Path::new("no/such/file"), &Fields::default());
        assert!(message.unwrap_err().to_string().contains("no/such/file"));
    }
}
