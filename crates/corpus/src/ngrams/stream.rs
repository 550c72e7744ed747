//! The ids of a shard that is being written, one document after another.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::files::{BLOCK, Id, ShardInfo};
use crate::error::CorpusError;

pub(super) struct OpenShard {
    pub(super) info: ShardInfo,
    ids: BufWriter<File>,
    docs: BufWriter<File>,
    blocks: BufWriter<File>,
}

impl OpenShard {
    pub(super) fn create(folder: &Path, name: String) -> Result<Self, CorpusError> {
        let info = ShardInfo {
            name,
            documents: 0,
            positions: 0,
        };
        let create = |extension: &str| {
            let path = info.path(folder, extension);
            File::create(&path)
                .map(|f| BufWriter::with_capacity(1 << 18, f))
                .map_err(|e| CorpusError::io(&path, "create the file", e))
        };
        Ok(Self {
            ids: create("ids")?,
            docs: create("docs")?,
            blocks: create("blocks")?,
            info,
        })
    }

    /// An error of writing to it.
    pub(super) fn failed(&self, folder: &Path, error: std::io::Error) -> CorpusError {
        CorpusError::io(self.info.path(folder, "ids"), "write the tokens", error)
    }

    pub(super) fn push<T: Id>(&mut self, tokens: &[u32]) -> std::io::Result<()> {
        let start = self.info.positions;
        let end = start + tokens.len() as u64 + 1;
        self.docs.write_all(&(start as u32).to_le_bytes())?;
        // One entry for every multiple of BLOCK that falls into this document.
        for _ in start.div_ceil(BLOCK as u64)..end.div_ceil(BLOCK as u64) {
            self.blocks
                .write_all(&(self.info.documents as u32).to_le_bytes())?;
        }
        let ids: Vec<T> = tokens
            .iter()
            .map(|&t| T::of(t))
            .chain([T::SEPARATOR])
            .collect();
        self.ids.write_all(bytemuck::cast_slice(&ids))?;
        self.info.positions = end;
        self.info.documents += 1;
        Ok(())
    }

    pub(super) fn close(mut self, folder: &Path) -> Result<ShardInfo, CorpusError> {
        let mut end = || -> std::io::Result<()> {
            self.docs
                .write_all(&(self.info.positions as u32).to_le_bytes())?;
            self.docs.flush()?;
            self.blocks.flush()?;
            self.ids.flush()
        };
        end().map_err(|e| self.failed(folder, e))?;
        Ok(self.info)
    }
}
