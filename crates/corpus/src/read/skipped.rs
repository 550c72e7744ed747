//! What could not be read.

use crate::error::CorpusError;

/// What was left out, for it could not be read.
#[derive(Debug, Default)]
pub struct Skipped {
    pub count: u64,
    /// What was wrong with the first of them.
    pub first: Option<CorpusError>,
}

impl Skipped {
    pub(crate) fn add(&mut self, other: Skipped) {
        self.count += other.count;
        self.first = self.first.take().or(other.first);
    }

    /// Takes what is wrong with a document: an error that ends the reading, unless such are skipped.
    pub(super) fn take(&mut self, error: CorpusError, skip_bad: bool) -> Result<(), CorpusError> {
        if !skip_bad || !error.is_of_a_document() {
            return Err(error);
        }
        self.count += 1;
        self.first.get_or_insert(error);
        Ok(())
    }
}
