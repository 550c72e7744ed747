//! Which files are read into an index.

use std::path::Path;

use super::left;
use super::options::BuildOptions;
use crate::error::CorpusError;
use crate::manifest::Manifest;
use crate::read::{self, Inputs};

/// The files that are read.
pub(super) fn list(options: &BuildOptions) -> Result<Inputs, CorpusError> {
    let leave = |folder: &Path| is_of_an_index(folder, &options.out);
    read::list_but(&options.inputs, options.format, &leave)
}

/// Whether a folder within a corpus is an index, or one that is made or was left unfinished, of `out`: no part of the corpus.
fn is_of_an_index(folder: &Path, out: &Path) -> bool {
    let same = |a: &Path, b: &Path| a.canonicalize().ok() == b.canonicalize().ok();
    let beside = || match (folder.parent(), out.parent()) {
        (Some(a), Some(b)) if b.as_os_str().is_empty() => same(a, Path::new(".")),
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    };
    Manifest::was_in(folder) || left::is_work_of(folder, out) && beside()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_and_what_builds_leave_are_no_part_of_a_corpus() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in [
            "ix",
            "ix.partial-1-0",
            "in",
            "in/ix.partial-1-0",
            "in/damaged",
            "in/ix.old-2024",
        ] {
            std::fs::create_dir(at(name)).unwrap();
        }
        let header = r#"{"format": "rotescope.index", "version": 1, "needs": "0", "made_by": "0"}"#;
        std::fs::write(at("ix/manifest.json"), header).unwrap();
        std::fs::write(at("in/damaged/checksums"), "rotescope.sums/1").unwrap();
        let is_left = |name: &str| is_of_an_index(&at(name), &at("ix"));
        assert!(is_left("ix") && is_left("ix.partial-1-0") && is_left("in/damaged"));
        // Another's of that name, and no build's.
        assert!(!is_left("in") && !is_left("in/ix.partial-1-0") && !is_left("in/ix.old-2024"));
        // The name alone is beside what is here, and only there.
        assert!(!is_of_an_index(&at("in/ix.partial-1-0"), Path::new("ix")));
        assert!(is_of_an_index(
            Path::new("./ix.partial-1-0"),
            Path::new("ix")
        ));
        assert!(!is_of_an_index(Path::new("/"), Path::new("ix")));
    }
}
