//! Opening a corpus by its name.

use std::path::Path;
use std::sync::Arc;

use crate::error::CorpusError;
use crate::local::LocalIndex;
use crate::traits::Corpus;

/// Opens the corpus of that name: the folder of an index. `KIND:...` is the form of names that are no folders; a kind that this version
/// does not know is refused.
///
/// # Errors
/// [`CorpusError::UnknownKind`], or why the folder cannot be opened.
pub fn open(name: impl AsRef<Path>) -> Result<Arc<dyn Corpus>, CorpusError> {
    let name = name.as_ref();
    if let Some(scheme) = kind(name) {
        return Err(CorpusError::UnknownKind {
            name: name.display().to_string(),
            scheme: scheme.to_string(),
        });
    }
    Ok(Arc::new(LocalIndex::open(name)?))
}

/// The kind that a name begins with. A folder that is there is a folder, whatever its name; one letter is a drive.
fn kind(name: &Path) -> Option<&str> {
    let (kind, _) = name.to_str()?.split_once(':')?;
    let is_kind = kind.len() > 1 && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_kind && !name.exists()).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_that_are_not_known_are_refused_by_name() {
        for (name, kind) in [
            (
                "infinigram:https://api.infini-gram.io#v4_c4train_llama",
                "infinigram",
            ),
            ("opensearch:https://localhost:9200/dolma", "opensearch"),
            ("https://example.org", "https"),
        ] {
            let error = open(name).err().expect("an error").to_string();
            assert!(error.starts_with(&format!("{name}: ")), "{error}");
            assert!(error.contains(&format!("`{kind}:`")), "{error}");
        }
    }

    #[test]
    fn folders_are_folders_whatever_their_names() {
        let dir = tempfile::tempdir().unwrap();
        let named = dir.path().join("x");
        std::fs::create_dir(&named).unwrap();
        for name in [
            named.as_path(),
            Path::new("C:\\indexes"),
            Path::new("./a:b"),
            Path::new(""),
        ] {
            let error = open(name).err().expect("an error");
            assert!(matches!(error, CorpusError::NotAnIndex { .. }), "{error}");
        }
    }
}
