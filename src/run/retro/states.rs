//! Hidden states of a model that reads documents of a corpus.

use std::collections::BTreeSet;

use crate::run::audit::error::{AuditError, stopped};
use crate::run::audit::reading::Reader;
use rotescope_audit::{Random, Split};
use rotescope_corpus::{Corpus, CorpusError};
use rotescope_model::{Want, Window};
use rotescope_retro::{Entry, Key};

/// Windows that are read together.
const PORTION: usize = 16;

/// What reads, and what is read.
pub struct States<'a> {
    pub reader: Reader<'a>,
    pub corpus: &'a dyn Corpus,
    /// A state is read behind as many tokens as the prefix has, or all that there are.
    pub split: Split,
    /// So many states at most.
    pub most: usize,
    pub seed: u64,
}

/// A window of the model, and of which of its positions the states are wanted.
struct Piece {
    window: Window,
    entries: Vec<Entry>,
}

impl States<'_> {
    /// A state before each token of documents drawn by the seed but their first ones, and one behind the last. `told`: so many more are read.
    ///
    /// # Errors
    /// Failures of model or corpus; to be cancelled.
    pub fn read(&self, told: &mut dyn FnMut(usize)) -> Result<(Vec<Key>, Vec<Entry>), AuditError> {
        let (mut keys, mut entries) = (Vec::new(), Vec::new());
        let mut waiting: Vec<Piece> = Vec::new();
        let mut wanted = 0;
        let mut documents = self.drawn()?;
        loop {
            let next = documents.next().filter(|_| wanted < self.most);
            if let Some(ordinal) = next {
                for mut piece in self.pieces(ordinal)? {
                    piece.entries.truncate(self.most - wanted);
                    piece.window.positions.truncate(piece.entries.len());
                    wanted += piece.entries.len();
                    waiting.push(piece);
                }
            }
            if waiting.len() >= PORTION || (next.is_none() && !waiting.is_empty()) {
                stopped(self.reader.cancel)?;
                let portion = std::mem::take(&mut waiting);
                let (windows, of_each): (Vec<Window>, Vec<_>) =
                    portion.into_iter().map(|p| (p.window, p.entries)).unzip();
                let scored = self.reader.score_hidden(windows)?;
                let before = keys.len();
                keys.extend(scored.hidden.iter().flatten().map(|h| Key::new(h)));
                entries.extend(of_each.concat());
                told(keys.len() - before);
            }
            if next.is_none() {
                return Ok((keys, entries));
            }
        }
    }

    /// Documents at random, each once.
    fn drawn(&self) -> Result<Box<dyn Iterator<Item = u64>>, CorpusError> {
        let info = self.corpus.info();
        let Some(all) = info.documents else {
            return Err(CorpusError::Unsupported {
                corpus: info.place,
                what: "how many documents it has, so that none can be drawn",
            });
        };
        let mut random = Random::new(self.seed, 0);
        // Where few of many are wanted, there is no list of all.
        if all / 4 > self.most as u64 {
            let mut known = BTreeSet::new();
            let drawn = std::iter::repeat_with(move || random.below(all));
            return Ok(Box::new(drawn.filter(move |d| known.insert(*d))));
        }
        let mut order: Vec<u64> = (0..all).collect();
        random.shuffle(&mut order);
        Ok(Box::new(order.into_iter()))
    }

    /// Every place of a document but its beginning, in one window each.
    fn pieces(&self, ordinal: u64) -> Result<Vec<Piece>, CorpusError> {
        let tokens = self.corpus.document_tokens(&[ordinal])?.concat();
        let lead = self.reader.lead();
        let (mut pieces, mut at) = (Vec::new(), 1);
        while at <= tokens.len() {
            let from = at.saturating_sub(self.split.prefix);
            let to = (from + self.split.length()).min(tokens.len());
            let entry = |place: usize| Entry {
                next: tokens.get(place).copied(),
                document: ordinal,
                position: u32::try_from(place).unwrap_or(u32::MAX),
            };
            let ids = lead.into_iter().chain(tokens[from..to].iter().copied());
            let first = usize::from(lead.is_some()) + at - from - 1;
            pieces.push(Piece {
                window: Window {
                    tokens: ids.collect(),
                    positions: (first..=first + to - at).collect(),
                    want: Want::default(),
                },
                entries: (at..=to).map(entry).collect(),
            });
            at = to + 1;
        }
        Ok(pieces)
    }
}
