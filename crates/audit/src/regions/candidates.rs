//! Documents of a corpus that may lie behind an answer, and how much of it each of them has.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rotescope_corpus::{Corpus, CorpusError};
use serde::Serialize;

use super::coverage::{Class, Coverage, Covered, RegionOptions};
use super::units::{Unit, units};
use crate::minhash::MinHash;

/// Foreground units, and stretches of background, by which documents are found: the rarest of each.
const KEYS: usize = 16;
/// Documents that are looked at for each key, and of all.
const DOCUMENTS: usize = 50;
/// Documents that are kept.
const KEPT: usize = 5;
/// Units of a stretch of background.
const STRETCH: usize = 5;
/// Bits of surprise from which on a word is foreground.
const RARE: f64 = 12.0;
/// Similarity from which on two sources are one cluster.
const SAME: f64 = 0.5;

/// A document, and what of the answer it has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegionSource {
    pub document: u64,
    pub id: Option<String>,
    pub coverage: Coverage,
    pub class: Class,
    /// Nearly the same documents have one number.
    pub cluster: usize,
}

/// An answer and its sources.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Regions {
    pub class: Class,
    /// Of the best source; nothing where there is none.
    pub coverage: Coverage,
    /// Bytes of the answer that are foreground, half-open.
    pub foreground: Vec<[usize; 2]>,
    /// What the best source has of the answer, in order.
    pub covered: Vec<Stretch>,
    /// The best first.
    pub sources: Vec<RegionSource>,
}

/// A stretch of an answer that its best source has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stretch {
    /// Of the answer, half-open.
    pub bytes: [usize; 2],
    /// Foreground; else background.
    pub foreground: bool,
}

/// The regions of an answer. `encode`: text to the corpus' tokens.
///
/// # Errors
/// When the corpus cannot be read, or does not give its documents.
pub fn regions(
    corpus: &dyn Corpus,
    answer: &str,
    encode: &dyn Fn(&str) -> Vec<u32>,
    o: &RegionOptions,
) -> Result<Regions, CorpusError> {
    let mut words = Rarity::new(corpus);
    words.learn(answer)?;
    let own = units(answer, &|w| words.is_rare(w));
    let mut votes: BTreeMap<u64, f64> = BTreeMap::new();
    for keys in [
        foreground_keys(answer, &own, encode),
        background_keys(answer, &own, encode),
    ] {
        vote(corpus, &keys, &mut votes)?;
    }
    let mut best: Vec<(u64, f64)> = votes.into_iter().collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    best.truncate(DOCUMENTS);
    let ordinals: Vec<u64> = best.iter().map(|b| b.0).collect();
    let documents = corpus.documents(&ordinals)?;
    for document in &documents {
        words.learn(&document.text)?;
    }
    let mut found: Vec<_> = documents
        .iter()
        .map(|d| {
            (
                Covered::new(&own, &units(&d.text, &|w| words.is_rare(w)), o),
                d,
            )
        })
        .collect();
    found.sort_by(|a, b| b.0.coverage.mean().total_cmp(&a.0.coverage.mean()));
    found.truncate(KEPT);
    let covered = found
        .first()
        .map_or(Vec::new(), |(best, _)| stretches(&own, &best.units));
    let mut clusters: Vec<MinHash> = Vec::new();
    let mut sources = Vec::new();
    for (Covered { coverage, .. }, document) in found {
        let hash = MinHash::new(&document.tokens);
        let known = clusters.iter().position(|c| c.similarity(&hash) >= SAME);
        let cluster = known.unwrap_or_else(|| {
            clusters.push(hash);
            clusters.len() - 1
        });
        sources.push(RegionSource {
            document: document.ordinal,
            id: document.id.clone(),
            coverage,
            class: coverage.class(o.tau),
            cluster,
        });
    }
    let none = Coverage {
        foreground: 0.0,
        background: 0.0,
        whole: false,
    };
    let coverage = sources.first().map_or(none, |s| s.coverage);
    let foreground = own.iter().filter(|u| u.foreground);
    Ok(Regions {
        class: coverage.class(o.tau),
        coverage,
        foreground: foreground.map(|u| [u.bytes.start, u.bytes.end]).collect(),
        covered,
        sources,
    })
}

/// Units that are covered, those of a kind that follow each other as one stretch.
fn stretches(units: &[Unit], covered: &[bool]) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = Vec::new();
    let mut goes_on = false;
    for (unit, covered) in units.iter().zip(covered) {
        match out.last_mut() {
            Some(last) if *covered && goes_on && last.foreground == unit.foreground => {
                last.bytes[1] = unit.bytes.end;
            }
            _ if *covered => out.push(Stretch {
                bytes: [unit.bytes.start, unit.bytes.end],
                foreground: unit.foreground,
            }),
            _ => {}
        }
        goes_on = *covered;
    }
    out
}

fn vote(
    corpus: &dyn Corpus,
    keys: &BTreeSet<Vec<u32>>,
    votes: &mut BTreeMap<u64, f64>,
) -> Result<(), CorpusError> {
    let keys: Vec<&[u32]> = keys.iter().map(Vec::as_slice).collect();
    let counts = corpus.counts(&keys)?;
    let mut rarest: Vec<(u64, &[u32])> = counts
        .iter()
        .map(|c| c.value)
        .zip(keys)
        .filter(|(n, _)| *n > 0)
        .collect();
    rarest.sort_unstable();
    rarest.truncate(KEYS);
    let all = corpus.info().tokens.max(2) as f64;
    let asked: Vec<&[u32]> = rarest.iter().map(|r| r.1).collect();
    let places = corpus.occurrences(&asked, DOCUMENTS, 0)?;
    for ((count, _), places) in rarest.iter().zip(places) {
        let holding: BTreeSet<u64> = places.value.hits.iter().map(|h| h.document).collect();
        for document in holding {
            *votes.entry(document).or_default() += (all / *count as f64).ln().max(0.0);
        }
    }
    Ok(())
}

/// A text as it stands within another: with what is before it, where that is a blank.
fn within(text: &str, from: usize, to: usize) -> &str {
    let blank = text[..from].ends_with(' ');
    &text[from - usize::from(blank)..to]
}

/// Each unit of the foreground, with the blank before it.
fn foreground_keys(
    text: &str,
    own: &[Unit],
    encode: &dyn Fn(&str) -> Vec<u32>,
) -> BTreeSet<Vec<u32>> {
    let some = own.iter().filter(|u| u.foreground);
    let keys = some.map(|u| encode(within(text, u.bytes.start, u.bytes.end)));
    keys.filter(|k| !k.is_empty()).collect()
}

/// Stretches of background that no foreground interrupts.
fn background_keys(
    text: &str,
    own: &[Unit],
    encode: &dyn Fn(&str) -> Vec<u32>,
) -> BTreeSet<Vec<u32>> {
    let mut keys = BTreeSet::new();
    for run in own
        .windows(STRETCH)
        .filter(|run| run.iter().all(|u| !u.foreground))
    {
        keys.insert(encode(within(
            text,
            run[0].bytes.start,
            run[STRETCH - 1].bytes.end,
        )));
    }
    keys.retain(|k| !k.is_empty());
    keys
}

/// Which words are rare in a corpus.
struct Rarity<'a> {
    corpus: &'a dyn Corpus,
    all: f64,
    known: HashMap<String, bool>,
}

impl<'a> Rarity<'a> {
    fn new(corpus: &'a dyn Corpus) -> Rarity<'a> {
        let info = corpus.info();
        Rarity {
            corpus,
            all: info.words.unwrap_or(0) as f64,
            known: HashMap::new(),
        }
    }

    /// Asks for the words of a text that are not known yet. Where a corpus does not count words, none is rare.
    fn learn(&mut self, text: &str) -> Result<(), CorpusError> {
        let new: BTreeSet<String> = units(text, &|_| false)
            .into_iter()
            .map(|u| u.text)
            .filter(|w| w.chars().all(char::is_alphabetic) && !self.known.contains_key(w))
            .collect();
        let new: Vec<String> = new.into_iter().collect();
        let counts = match self.corpus.word_counts(&new) {
            Err(CorpusError::Unsupported { .. }) => return Ok(()),
            counts => counts?,
        };
        for (word, count) in new.into_iter().zip(counts) {
            let bits = (self.all / (count.value as f64).max(1.0)).log2();
            self.known.insert(word, bits >= RARE);
        }
        Ok(())
    }

    fn is_rare(&self, word: &str) -> bool {
        self.known.get(word).copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::MemoryCorpus;
    use rotescope_vocab::{Encode, VocabError};

    /// A token for each byte.
    struct Bytes;

    impl Encode for Bytes {
        fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
            let one = |t: &&str| t.bytes().map(u32::from).collect();
            Ok(texts.iter().map(one).collect())
        }

        fn token_bytes(&self, id: u32) -> Vec<u8> {
            u8::try_from(id).into_iter().collect()
        }

        fn size(&self) -> usize {
            256
        }

        fn fingerprint(&self) -> &'static str {
            "bytes"
        }
    }

    #[test]
    fn an_answer_finds_its_template_and_its_numbers() {
        let story = |a: u64, b: u64| {
            format!(
                "In the beginning we see that Tom has {a} apples in a box. After the sale, there are {a} - {b} = {} left in it by the end of the day.",
                a - b
            )
        };
        let filler = "A hall seats many people of all kinds, and each of them came a long way to be here for the show tonight.";
        let texts = [
            story(495, 12),
            filler.to_string(),
            story(495, 12) + " Good.",
        ];
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let corpus = MemoryCorpus::of_texts("c", &texts, &Bytes).unwrap();
        let encode = |t: &str| t.bytes().map(u32::from).collect();
        let of =
            |answer: &str| regions(&corpus, answer, &encode, &RegionOptions::default()).unwrap();
        let same = of(&story(495, 12));
        assert_eq!(same.class, Class::Vm);
        let order: Vec<u64> = same.sources.iter().map(|s| s.document).collect();
        assert!(
            order[..2].contains(&0) && order[..2].contains(&2),
            "{order:?}"
        );
        // The two that are nearly the same are one cluster.
        assert_eq!(same.sources[0].cluster, same.sources[1].cluster);
        assert_eq!(of(&story(871, 40)).class, Class::Bm);
        // Of verbatim text all stretches together are the text, of a template what is not new.
        let said = |answer: &str, found: &Regions, foreground: bool| -> Vec<String> {
            let some = found.covered.iter().filter(|s| s.foreground == foreground);
            some.map(|s| answer[s.bytes[0]..s.bytes[1]].into())
                .collect()
        };
        let text = story(495, 12);
        let both = [said(&text, &same, true), said(&text, &same, false)].concat();
        assert_eq!(
            both.concat().replace(' ', "").len(),
            text.replace(' ', "").len()
        );
        let (text, template) = (story(871, 40), of(&story(871, 40)));
        assert!(
            said(&text, &template, false)
                .concat()
                .contains("apples in a box"),
            "{template:?}"
        );
        assert!(!said(&text, &template, true).concat().contains("831"));
        let other = of(
            "Tom owns 495 of them; he sells: 495 - 12 = 483 remain, which answers what somebody asked him to find out.",
        );
        assert_eq!(other.class, Class::Fm, "{other:?}");
        let fresh = of("Nobody here knows why 77 ships sailed for 31 years.");
        assert_eq!(fresh.class, Class::Nm);
        assert!(of("").sources.is_empty());
        let bytes: Vec<&str> = {
            let text = "Nobody here knows why 77 ships sailed for 31 years.";
            fresh
                .foreground
                .iter()
                .map(|[a, b]| &text[*a..*b])
                .collect()
        };
        assert_eq!(bytes, ["77", "31"]);
    }
}
