//! What is looked at before tantivy reads files that no checksums cover.
//!
//! It makes room for as much as they say there is. Where damage says too much, there is no memory left, and of that no panic tells: the process ends.

use std::path::PathBuf;

use tantivy::directory::Directory;
use tantivy::error::DataCorruption;
use tantivy::index::SegmentId;
use tantivy::{HasLen, Index};

/// Whether a segment's file of this extension is as it was written: reads all of it.
pub(super) fn expect_whole(index: &Index, segment: SegmentId, kind: &str) -> tantivy::Result<()> {
    let name = file_of(segment, kind);
    match index.directory().validate_checksum(&name)? {
        true => Ok(()),
        false => Err(DataCorruption::new(name, "its checksum differs".to_string()).into()),
    }
}

/// Whether the texts have as many layers of an index as there can be. tantivy reads these when it opens a segment, where reading all texts would take long.
pub(super) fn expect_few_layers(index: &Index) -> tantivy::Result<()> {
    /// Behind the layers: a version of 4 bytes, where they begin in 8, 16 of something else.
    const FOOTER: usize = 28;
    for segment in index.searchable_segment_ids()? {
        let name = file_of(segment, "store");
        let file = index.directory().open_read(&name)?;
        let footer = file.len().saturating_sub(FOOTER);
        let begin = |bytes: &[u8]| bytes.get(4..12)?.try_into().ok().map(u64::from_le_bytes);
        let first = begin(&file.slice_from(footer).read_bytes()?)
            .and_then(|at| usize::try_from(at).ok())
            .filter(|&at| at < footer);
        // Each layer holds an eighth of the one below it, so their number always takes one byte, of which the upper bit says that it is the last.
        let few = match first {
            Some(at) => file.slice(at..=at).read_bytes()?[0] & 0x80 != 0,
            None => false,
        };
        if !few {
            let what = "where its texts are cannot be read".to_string();
            return Err(DataCorruption::new(name, what).into());
        }
    }
    Ok(())
}

fn file_of(segment: SegmentId, kind: &str) -> PathBuf {
    PathBuf::from(format!("{}.{kind}", segment.uuid_string()))
}
