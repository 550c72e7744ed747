//! Texts that are nearly the same, among many: MinHash signatures by locality-sensitive hashing (Leskovec, Rajaraman and Ullman, *Mining of Massive Datasets*, ch. 3).

use std::collections::HashMap;

use crate::minhash::MinHash;

/// Parts of a signature, any of which two texts must share to be compared: of pairs that are alike by .8 one in twenty million shares none, of those by .5 one in eight.
const BANDS: usize = 32;

/// Clusters of texts, each named by its first one. It takes about a kilobyte a text.
pub struct Clusters {
    least: f64,
    signatures: Vec<MinHash>,
    /// For each text one before it in its cluster, or itself.
    parents: Vec<usize>,
    /// By band: texts with these parts that are no near-duplicates of each other.
    buckets: HashMap<(usize, u64), Vec<usize>>,
}

impl Clusters {
    /// `least`: the Jaccard similarity of near-duplicates, of runs of three tokens, as MinHash estimates it.
    pub fn new(least: f64) -> Clusters {
        Clusters {
            least,
            signatures: Vec::new(),
            parents: Vec::new(),
            buckets: HashMap::new(),
        }
    }

    /// Takes the next text.
    pub fn add(&mut self, signature: MinHash) {
        let text = self.signatures.len();
        self.signatures.push(signature);
        self.parents.push(text);
        for band in 0..BANDS {
            let key = (band, self.signatures[text].band(band, BANDS));
            let others = self.buckets.get(&key).cloned().unwrap_or_default();
            let own = &self.signatures[text];
            let near = |other: &usize| own.similarity(&self.signatures[*other]) >= self.least;
            let near: Vec<usize> = others.into_iter().filter(near).collect();
            if near.is_empty() {
                self.buckets.entry(key).or_default().push(text);
            }
            near.into_iter().for_each(|other| self.join(text, other));
        }
    }

    /// The first text of a text's cluster.
    pub fn first(&self, mut text: usize) -> usize {
        while self.parents[text] != text {
            text = self.parents[text];
        }
        text
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.parents[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn firsts(texts: &[Vec<u32>], least: f64) -> Vec<usize> {
        let mut clusters = Clusters::new(least);
        texts.iter().for_each(|t| clusters.add(MinHash::new(t)));
        (0..texts.len()).map(|t| clusters.first(t)).collect()
    }

    #[test]
    fn near_duplicates_are_one_cluster_and_others_are_their_own() {
        let text: Vec<u32> = (0..60).collect();
        let changed = |at: usize| {
            let mut t = text.clone();
            t[at] = 999;
            t
        };
        let other: Vec<u32> = (100..160).collect();
        let half = [&text[..30], &other[..30]].concat();
        let all = [
            text.clone(),
            other.clone(),
            changed(10),
            half,
            changed(50),
            other,
            text.clone(),
            vec![],
            vec![],
        ];
        assert_eq!(firsts(&all, 0.7), [0, 1, 0, 3, 0, 1, 0, 7, 7]);
    }

    proptest! {
        /// Against all pairs compared: whoever is in a bucket with a near-duplicate finds its cluster.
        #[test]
        fn copies_are_found_wherever_they_stand(
            texts in prop::collection::vec(prop::collection::vec(0u32..30, 0..40), 1..20),
            copies in prop::collection::vec(0usize..20, 0..20),
        ) {
            let mut all = texts.clone();
            all.extend(copies.iter().map(|i| texts[i % texts.len()].clone()));
            let found = firsts(&all, 1.0);
            for (i, text) in all.iter().enumerate() {
                let first = all.iter().position(|t| t == text).unwrap();
                prop_assert!(found[i] <= first);
                prop_assert_eq!(found[i], found[first]);
            }
        }
    }
}
