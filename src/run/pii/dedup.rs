//! A corpus without copies: of texts that are nearly the same, the first is kept.

use std::collections::HashMap;

use rayon::prelude::*;

use super::documents::{Text, Texts};
use crate::run::audit::error::AuditError;
use rotescope_audit::{Clusters, MinHash};

/// Which texts of a corpus are near-duplicates of an earlier one.
pub struct Copies {
    clusters: Clusters,
    /// Words by number, in small letters.
    words: HashMap<String, u32>,
    texts: usize,
}

impl Copies {
    /// `least`: the similarity of near-duplicates, of runs of three words.
    pub fn new(least: f64) -> Copies {
        Copies {
            clusters: Clusters::new(least),
            words: HashMap::new(),
            texts: 0,
        }
    }

    /// Reads all texts; `each` sees every portion.
    ///
    /// # Errors
    /// What cannot be read; what `each` says.
    pub fn read(
        &mut self,
        texts: &Texts<'_>,
        each: &mut dyn FnMut(usize) -> Result<(), AuditError>,
    ) -> Result<(), AuditError> {
        texts.each(&mut |portion| {
            each(portion.len())?;
            let numbered: Vec<Vec<u32>> = portion.iter().map(|t| self.numbers(t)).collect();
            let signatures: Vec<MinHash> = numbered.par_iter().map(|n| MinHash::new(n)).collect();
            self.texts += signatures.len();
            signatures.into_iter().for_each(|s| self.clusters.add(s));
            Ok(())
        })
    }

    fn numbers(&mut self, text: &Text) -> Vec<u32> {
        let words = text.text.split_whitespace();
        let number = |word: &str| {
            let next = self.words.len() as u32;
            *self.words.entry(word.to_lowercase()).or_insert(next)
        };
        words.map(number).collect()
    }

    /// How many texts there are for each that is the first of its kind, by its number; 0 for all others.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.texts];
        (0..self.texts).for_each(|text| counts[self.clusters.first(text)] += 1);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::read::{Format, list};

    #[test]
    fn the_first_of_texts_that_are_nearly_the_same_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all.jsonl");
        let card = |work: &str| {
            format!(
                "Contact card of Ann Orr, who is a {work}, as all know well, and whose number is 555-0101"
            )
        };
        let texts = [
            card("baker"),
            "Something else altogether".into(),
            card("miller"),
            card("BAKER"),
        ];
        let lines = texts.map(|t| serde_json::json!({ "text": t }).to_string());
        std::fs::write(&path, lines.join("\n")).unwrap();
        let files = list(&[path], Format::Auto).unwrap().files;
        let counts = |least| {
            let mut copies = Copies::new(least);
            copies.read(&Texts::Files(&files), &mut |_| Ok(())).unwrap();
            copies.counts()
        };
        assert_eq!(counts(0.5), [3, 1, 0, 0]);
        assert_eq!(counts(1.0), [2, 1, 1, 0]);
    }
}
