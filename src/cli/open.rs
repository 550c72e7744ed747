//! The corpus that a command asks: opened, or first built from the bundle.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::common::{ModelArgs, say_unchecked};
use super::index::own_tokenizer;
use super::{index, remote};
use crate::bundle::Bundle;
use crate::run::encoder::encoder;
use rotescope_corpus::Corpus;
use rotescope_vocab::Encode;

impl ModelArgs {
    /// Opens the index: the one given, or the bundle's when the model is the bundle's (built on first use). `None` when neither applies.
    pub fn open_index(&self) -> Result<Option<Arc<dyn Corpus>>> {
        let opened = self.open_or_build(&mut index::build_bundle_aloud)?;
        self.index_folders().iter().for_each(|f| say_unchecked(f));
        Ok(opened)
    }

    /// Folders of the indexes that are asked, the bundle's where none is named.
    pub fn index_folders(&self) -> Vec<PathBuf> {
        if self.index.is_empty() {
            let bundle = self.bundle().ok().flatten();
            return bundle.iter().map(Bundle::index).collect();
        }
        self.index.iter().map(|i| remote::folder(i)).collect()
    }

    /// [`ModelArgs::open_index`], where `build` builds the bundle's index when it is not there.
    pub fn open_or_build(
        &self,
        build: &mut dyn FnMut(&Bundle) -> Result<()>,
    ) -> Result<Option<Arc<dyn Corpus>>> {
        if !self.index.is_empty() {
            let model = || {
                let path = self.model_path()?;
                let made = encoder(Some(&path), None);
                Ok(made.with_context(|| path.display().to_string())?.into())
            };
            return Ok(Some(remote::open_all(&self.index, &self.remote, &model)?));
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

/// The tokenizer of an index: the model's, where that is given.
pub fn encoder_for(parts: &ModelArgs, corpus: &dyn Corpus) -> Result<Box<dyn Encode>> {
    let info = corpus.info();
    let Some(path) = &parts.model else {
        return own_tokenizer(&info).with_context(|| {
            format!("the tokenizer of the index is needed: give the model with --model (the index was made with {})", info.tokenizer_name)
        });
    };
    let encoder = encoder(Some(path), None)?;
    info.expect_tokenizer(encoder.fingerprint(), &path.display().to_string())?;
    Ok(encoder)
}
