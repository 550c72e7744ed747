//! How often words occur in a corpus, for the operators that ask.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rotescope_corpus::{WordCounts, values};
use rotescope_study::perturb::Frequencies;

/// Counts of a corpus, each asked for once.
pub struct CorpusFrequencies {
    corpus: Arc<dyn WordCounts>,
    known: Mutex<HashMap<String, u64>>,
}

impl CorpusFrequencies {
    pub fn new(corpus: Arc<dyn WordCounts>) -> Self {
        CorpusFrequencies {
            corpus,
            known: Mutex::default(),
        }
    }
}

impl Frequencies for CorpusFrequencies {
    fn places(&self, words: &[String]) -> Result<Vec<u64>, String> {
        let mut known = self.known.lock().map_err(|e| e.to_string())?;
        let new: Vec<String> = words
            .iter()
            .filter(|w| !known.contains_key(*w))
            .cloned()
            .collect();
        if !new.is_empty() {
            let counts = self.corpus.word_counts(&new).map_err(|e| e.to_string())?;
            known.extend(new.into_iter().zip(values(counts)));
        }
        Ok(words.iter().map(|w| known[w]).collect())
    }
}
