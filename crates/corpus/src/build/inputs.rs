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
