//! The documents that fit words best.

use std::collections::BTreeSet;

use tantivy::Term;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

use super::index::DocumentIndex;
use crate::error::CorpusError;

impl DocumentIndex {
    /// The documents with any of the words that fit them best by BM25, as tantivy works it out (k1 = 1.2, b = .75, lengths above 40 words rounded), the best first,
    /// ties by ordinal.
    pub(crate) fn best(
        &self,
        words: &[String],
        limit: usize,
    ) -> Result<Vec<(u64, f32)>, CorpusError> {
        // What stands for words that are too long is no word.
        let words: BTreeSet<&String> = words.iter().filter(|w| !w.is_empty()).collect();
        if words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let one = |word: &String| {
            let term = Term::from_field_text(self.fields.text, word);
            let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
            (Occur::Should, Box::new(query) as Box<dyn Query>)
        };
        self.ask(|| {
            let query = BooleanQuery::new(words.into_iter().map(one).collect());
            let best = TopDocs::with_limit(limit).order_by_score();
            let found = self.searcher.search(&query, &best);
            let ordinals = self.ordinals()?;
            let mut all = Vec::new();
            for (score, place) in found.map_err(|e| self.failed(e))? {
                let ordinal = ordinals[place.segment_ord as usize].first(place.doc_id);
                let lacks =
                    || CorpusError::damaged(&self.folder, "a document has no ordinal".to_string());
                all.push((ordinal.ok_or_else(lacks)?, score));
            }
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            Ok(all)
        })
    }
}
