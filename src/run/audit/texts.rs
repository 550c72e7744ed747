//! The windows of documents: of files, of an index, or drawn at random.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::error::AuditError;
use rotescope_audit::{Random, Split};
use rotescope_corpus::read::{InputFile, ReadOptions, read};
use rotescope_corpus::{Corpus, CorpusError};
use rotescope_trace::audit::extract::{ExtractSkipped, window_key};
use rotescope_vocab::Encode;

/// Documents of an index that are tried for each that is wanted.
const TRIES: usize = 20;

/// A window of a document.
#[derive(Debug, Clone)]
pub struct TextWindow {
    pub document: Arc<str>,
    /// Of the index.
    pub ordinal: Option<u64>,
    /// Tokens of the document before it.
    pub start: usize,
    pub split: Split,
    pub tokens: Vec<u32>,
}

impl TextWindow {
    pub fn prefix(&self) -> &[u32] {
        &self.tokens[..self.split.prefix]
    }

    pub fn continuation(&self) -> &[u32] {
        &self.tokens[self.split.prefix..]
    }

    /// Its name within a run.
    pub fn key(&self) -> String {
        let split = [self.split.prefix, self.split.continuation];
        window_key(&self.document, self.start, split)
    }
}

/// What comes of documents, in their order.
#[derive(Debug)]
pub enum Item {
    Window(TextWindow),
    /// A document that is too short for a window.
    Skipped(ExtractSkipped),
}

/// Takes what comes; its error ends the reading.
pub type Taker<'a> = &'a mut dyn FnMut(Item) -> Result<(), AuditError>;

/// Which windows of a document are wanted.
#[derive(Debug, Clone)]
pub struct Cut {
    pub splits: Vec<Split>,
    /// Tokens from window to window; the length of the continuation if `None`, so that every token but the first prefix is read once as one to recite.
    pub stride: Option<usize>,
    /// Whole documents, however short, in pieces, instead of windows of one size: see [`Cut::pieces`].
    pub pieces: bool,
}

impl Cut {
    fn stride(&self, split: Split) -> usize {
        self.stride.unwrap_or(split.continuation)
    }

    /// All windows of one document. The last tokens, too few for a stride, have a window of their own that ends with the document.
    fn each(&self, document: &Document, take: Taker<'_>) -> Result<(), AuditError> {
        let n = document.tokens.len();
        for &split in &self.splits {
            if self.pieces {
                self.pieces(document, split, take)?;
                continue;
            }
            let Some(last) = n.checked_sub(split.length()) else {
                take(Item::Skipped(document.too_short(split)))?;
                continue;
            };
            let starts = split.starts(n, self.stride(split));
            let beyond = (last % self.stride(split).max(1) > 0).then_some(last);
            for start in starts.chain(beyond) {
                take(Item::Window(document.window(start, split)))?;
            }
        }
        Ok(())
    }
}

impl Cut {
    /// Every token of a document but its first one, in one window each, behind as many tokens as the split's prefix has, or all that there are; the first window
    /// is filled up.
    fn pieces(&self, document: &Document, split: Split, take: Taker<'_>) -> Result<(), AuditError> {
        let n = document.tokens.len();
        if n < 2 {
            let shortest = Split {
                prefix: 1,
                continuation: 1,
            };
            return take(Item::Skipped(document.too_short(shortest)));
        }
        let mut at = 1;
        while at < n {
            let prefix = split.prefix.min(at);
            let continuation = (split.length() - prefix).min(n - at);
            let piece = Split {
                prefix,
                continuation,
            };
            take(Item::Window(document.window(at - prefix, piece)))?;
            at += continuation;
        }
        Ok(())
    }
}

struct Document {
    name: Arc<str>,
    ordinal: Option<u64>,
    tokens: Vec<u32>,
}

impl Document {
    fn window(&self, start: usize, split: Split) -> TextWindow {
        TextWindow {
            document: self.name.clone(),
            ordinal: self.ordinal,
            start,
            split,
            tokens: self.tokens[start..start + split.length()].to_vec(),
        }
    }

    fn too_short(&self, split: Split) -> ExtractSkipped {
        ExtractSkipped {
            document: self.name.to_string(),
            tokens: self.tokens.len(),
            why: format!("shorter than a window of {} tokens", split.length()),
        }
    }
}

/// Where documents come from.
pub enum Documents<'a> {
    /// Files of text or JSON lines.
    Files(&'a [InputFile], &'a dyn Encode),
    /// Documents of an index, by their numbers.
    Ordinals(&'a dyn Corpus, &'a [u64]),
}

impl Documents<'_> {
    /// All windows.
    ///
    /// # Errors
    /// A file or an index that cannot be read, and what `take` says.
    pub fn windows(&self, cut: &Cut, take: Taker<'_>) -> Result<(), AuditError> {
        self.each(&mut |document| cut.each(&document, take))
    }

    /// As many windows drawn from all, each as likely as any other; in the order of the documents. They are held until the end.
    ///
    /// # Errors
    /// As [`Documents::windows`].
    pub fn sample(
        &self,
        cut: &Cut,
        most: usize,
        seed: u64,
        take: Taker<'_>,
    ) -> Result<(), AuditError> {
        let mut random = Random::new(seed, 0);
        let (mut kept, mut seen): (Vec<(u64, TextWindow)>, u64) = (Vec::new(), 0);
        self.windows(cut, &mut |item| {
            let window = match item {
                Item::Window(window) => window,
                skipped @ Item::Skipped(_) => return take(skipped),
            };
            seen += 1;
            if kept.len() < most {
                kept.push((seen, window));
            } else if let Some(place) = kept.get_mut(random.below(seen) as usize) {
                *place = (seen, window);
            }
            Ok(())
        })?;
        kept.sort_by_key(|(place, _)| *place);
        for (_, window) in kept {
            take(Item::Window(window))?;
        }
        Ok(())
    }

    fn each(
        &self,
        take: &mut dyn FnMut(Document) -> Result<(), AuditError>,
    ) -> Result<(), AuditError> {
        match self {
            Documents::Files(files, encoder) => {
                for file in *files {
                    of_file(file, *encoder, take)?;
                }
                Ok(())
            }
            Documents::Ordinals(corpus, ordinals) => {
                for &ordinal in *ordinals {
                    take(of_index(*corpus, ordinal)?)?;
                }
                Ok(())
            }
        }
    }
}

fn of_index(corpus: &dyn Corpus, ordinal: u64) -> Result<Document, AuditError> {
    let found = corpus.document(ordinal)?;
    let id = found.id.map_or(String::new(), |id| format!(" ({id})"));
    Ok(Document {
        name: format!("document {ordinal}{id}").into(),
        ordinal: Some(ordinal),
        tokens: found.tokens,
    })
}

fn of_file(
    file: &InputFile,
    encoder: &dyn Encode,
    take: &mut dyn FnMut(Document) -> Result<(), AuditError>,
) -> Result<(), AuditError> {
    let path = &file.name;
    let is_lines = file.format == rotescope_corpus::read::Format::Jsonl;
    let mut failed = None;
    let mut each = |raw: rotescope_corpus::read::RawDocument| {
        let id = raw.id.map_or(String::new(), |id| format!(" ({id})"));
        let name = match is_lines {
            true => format!("{path}:{}{id}", raw.line),
            false => path.clone(),
        };
        let one = || -> Result<(), AuditError> {
            let tokens = encoder.encode_batch(&[&raw.text])?.pop();
            take(Document {
                name: name.into(),
                ordinal: None,
                tokens: tokens.unwrap_or_default(),
            })
        };
        one().map_err(|e| {
            failed = Some(e);
            CorpusError::Stopped
        })
    };
    let read = read(file, &ReadOptions::default(), &AtomicU64::new(0), &mut each);
    match (failed, read) {
        (Some(error), _) => Err(error),
        (None, read) => Ok(read.map(drop)?),
    }
}

/// Windows of an index at random: a document, then a place in it. A document without a window is passed over.
///
/// # Errors
/// An index that cannot be read, that does not tell how many documents it has, or none of whose documents is long enough.
pub fn sample_of_index(
    corpus: &dyn Corpus,
    splits: &[Split],
    most: usize,
    seed: u64,
    take: Taker<'_>,
) -> Result<(), AuditError> {
    let info = corpus.info();
    let Some(all) = info.documents.filter(|n| *n > 0) else {
        return Err(CorpusError::Unsupported {
            corpus: info.place,
            what: "how many documents it has, so that none can be drawn",
        }
        .into());
    };
    for &split in splits {
        let mut random = Random::new(seed, 0);
        let (mut found, mut tried) = (0, 0);
        let mut known = std::collections::BTreeSet::new();
        while found < most && tried < most.saturating_mul(TRIES) {
            tried += 1;
            let document = of_index(corpus, random.below(all))?;
            let places = (document.tokens.len() + 1).saturating_sub(split.length());
            if places == 0 {
                continue;
            }
            let start = random.below(places as u64) as usize;
            // The same window again would be the same record.
            if known.insert((document.ordinal, start)) {
                found += 1;
                take(Item::Window(document.window(start, split)))?;
            }
        }
        if found == 0 && most > 0 {
            return Err(AuditError::NoneLongEnough {
                corpus: info.place,
                tokens: split.length(),
                tried,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::MemoryCorpus;

    fn cut(stride: Option<usize>) -> Cut {
        Cut {
            splits: vec![Split {
                prefix: 2,
                continuation: 3,
            }],
            stride,
            pieces: false,
        }
    }

    fn starts(corpus: &MemoryCorpus, cut: &Cut) -> (Vec<(u64, usize)>, Vec<usize>) {
        let (mut windows, mut short) = (Vec::new(), Vec::new());
        let all: Vec<u64> = (0..corpus.info().documents.unwrap()).collect();
        Documents::Ordinals(corpus, &all)
            .windows(cut, &mut |item| {
                match item {
                    Item::Window(w) => windows.push((w.ordinal.unwrap(), w.start)),
                    Item::Skipped(s) => short.push(s.tokens),
                }
                Ok(())
            })
            .unwrap();
        (windows, short)
    }

    use rotescope_corpus::About;

    #[test]
    fn every_token_is_read_and_short_documents_are_named() {
        let documents = [4, 5, 12].map(|n| (0..n).collect()).to_vec();
        let corpus = MemoryCorpus::of_tokens("c", documents);
        let (windows, short) = starts(&corpus, &cut(None));
        // The last window ends with the document.
        assert_eq!(windows, [(1, 0), (2, 0), (2, 3), (2, 6), (2, 7)]);
        assert_eq!(short, [4]);
        let (windows, _) = starts(&corpus, &cut(Some(1)));
        assert_eq!(windows.len(), 1 + 8);
    }

    #[test]
    fn pieces_measure_every_token_but_the_first_once() {
        let documents = [1, 2, 5, 12].map(|n| (0..n).collect()).to_vec();
        let corpus = MemoryCorpus::of_tokens("c", documents);
        let cut = Cut {
            pieces: true,
            ..cut(None)
        };
        let (mut measured, mut short) = (vec![Vec::new(); 4], 0);
        Documents::Ordinals(&corpus, &[0, 1, 2, 3])
            .windows(&cut, &mut |item| {
                match item {
                    Item::Window(w) => {
                        assert!(!w.prefix().is_empty() && w.tokens.len() <= 5);
                        assert_eq!(w.tokens[0] as usize, w.start);
                        measured[w.ordinal.unwrap() as usize].extend_from_slice(w.continuation());
                    }
                    Item::Skipped(_) => short += 1,
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(short, 1);
        for (n, tokens) in [1, 2, 5, 12].into_iter().zip(measured) {
            assert_eq!(tokens, (1..n).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn samples_go_by_the_seed_and_are_windows_of_all_documents() {
        let documents = (0..30).map(|d| (d * 100..d * 100 + 8).collect()).collect();
        let corpus = MemoryCorpus::of_tokens("c", documents);
        let all: Vec<u64> = (0..30).collect();
        let drawn = |seed| {
            let mut got = Vec::new();
            let of = Documents::Ordinals(&corpus, &all);
            let mut take = |item| {
                if let Item::Window(w) = item {
                    got.push((w.ordinal.unwrap(), w.start));
                }
                Ok(())
            };
            of.sample(&cut(Some(1)), 20, seed, &mut take).unwrap();
            got
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert!(drawn(1).is_sorted() && drawn(1).len() == 20);
        // Of 120 windows each is drawn in a sixth of 600 samples.
        let mut often = std::collections::BTreeMap::new();
        for seed in 0..600 {
            for w in drawn(seed) {
                *often.entry(w).or_insert(0) += 1;
            }
        }
        assert_eq!(often.len(), 120);
        assert!(often.values().all(|n| (60..140).contains(n)), "{often:?}");

        let mut got = Vec::new();
        let mut take = |item| {
            if let Item::Window(w) = item {
                got.push((w.ordinal.unwrap(), w.start, w.tokens));
            }
            Ok(())
        };
        sample_of_index(&corpus, &cut(None).splits, 25, 3, &mut take).unwrap();
        assert_eq!(got.len(), 25);
        for (d, start, tokens) in got {
            assert_eq!(tokens[0] as usize, d as usize * 100 + start);
        }
    }

    #[test]
    fn an_index_of_short_documents_is_said() {
        let corpus = MemoryCorpus::of_tokens("short", vec![vec![1, 2], vec![3]]);
        let error = sample_of_index(&corpus, &cut(None).splits, 5, 0, &mut |_| Ok(()));
        let said = error.unwrap_err().to_string();
        assert!(
            said.contains("short") && said.contains("5 tokens"),
            "{said}"
        );
        let none = MemoryCorpus::of_tokens("none", Vec::new());
        let error = sample_of_index(&none, &cut(None).splits, 5, 0, &mut |_| Ok(()));
        assert!(error.is_err());
    }
}
