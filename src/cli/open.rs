//! The corpus that a command asks: opened, or first built from the bundle.

use std::sync::Arc;

use anyhow::Result;

use super::common::ModelArgs;
use super::index;
use crate::bundle::Bundle;
use rotescope_corpus::Corpus;

impl ModelArgs {
    /// Opens the index: the one given, or the bundle's when the model is the bundle's (built on first use). `None` when neither applies.
    pub fn open_index(&self) -> Result<Option<Arc<dyn Corpus>>> {
        self.open_or_build(&mut index::build_bundle_aloud)
    }

    /// [`ModelArgs::open_index`], where `build` builds the bundle's index when it is not there.
    pub fn open_or_build(
        &self,
        build: &mut dyn FnMut(&Bundle) -> Result<()>,
    ) -> Result<Option<Arc<dyn Corpus>>> {
        if let Some(path) = &self.index {
            return Ok(Some(rotescope_corpus::open(path)?));
        }
        let Some(bundle) = self.bundle()? else {
            return Ok(None);
        };
        let path = bundle.index();
        let is_there = || path.join("manifest.json").is_file();
        if !is_there()
            && let Err(error) = build(&bundle)
            && !is_there()
        {
            return Err(error.context("indexing the bundled corpus")); // not only another process that was faster
        }
        Ok(Some(rotescope_corpus::open(&path)?))
    }
}
