//! Windows under changes of their prefix.

use std::collections::HashMap;

use super::error::AuditError;
use super::extract::{Cost, Extractor, rounded};
use super::texts::TextWindow;
use rotescope_audit::redundancy::{Operator, repeated, zip_ratio};
use rotescope_audit::{Extraction, Random, Split};
use rotescope_model::{Targets, Window, WindowScore};
use rotescope_trace::audit::extract::ExtractCounts;
use rotescope_trace::audit::redundancy::{Changed, Recited, RedundancyWindow};

/// Windows that are read together, each with all its changes.
pub const PORTION: usize = 8;

/// What is done to windows.
pub struct Changer<'a> {
    pub extractor: &'a Extractor<'a>,
    pub operators: &'a [Operator],
    /// Stands for what is masked.
    pub mask: u32,
    /// Memorized windows of which each token of the prefix is replaced.
    pub replace: usize,
}

impl Changer<'_> {
    /// The records of some windows. `replaced`: how many had their tokens replaced before.
    ///
    /// # Errors
    /// Failures of the model or the index; to be cancelled.
    pub fn records(
        &self,
        windows: &[TextWindow],
        replaced: &mut usize,
        cost: &mut Cost,
    ) -> Result<Vec<RedundancyWindow>, AuditError> {
        let mut variants = Variants::default();
        let mut asked = Vec::new();
        for window in windows {
            let clean = variants.add(window.clone());
            let mut changes = Vec::new();
            for operator in self.operators {
                let mut random = self.random(window, operator.name());
                let change = operator.change(window.split.prefix, &mut random);
                let prefix = change.apply(window.prefix(), self.mask);
                let place = variants.add(with_prefix(window, &prefix));
                changes.push((*operator, change, place));
            }
            asked.push((clean, changes));
        }
        let after = self.recited(&variants.all, cost)?;
        let orders = self.orders(windows, cost)?;
        let mut out = Vec::with_capacity(windows.len());
        for (i, (window, (clean, changes))) in windows.iter().zip(asked).enumerate() {
            let text = self.extractor.text(&window.tokens);
            let changes = changes
                .into_iter()
                .map(|(operator, change, place)| Changed {
                    operator: operator.name().into(),
                    abs_dist: rounded(change.abs_dist()),
                    rel_dist: rounded(change.rel_dist()),
                    lost: rounded(change.lost()),
                    after: after[place],
                });
            let mut record = RedundancyWindow {
                document: window.document.to_string(),
                ordinal: window.ordinal,
                start: window.start,
                split: [window.split.prefix, window.split.continuation],
                clean: after[clean],
                changes: changes.collect(),
                replaced: Vec::new(),
                zip: rounded(zip_ratio(&text)),
                repeated: rounded(repeated(&window.tokens)),
                order: rounded(orders[i]),
                counts: self.counts(window)?,
            };
            if record.clean.recited == window.split.continuation && *replaced < self.replace {
                *replaced += 1;
                record.replaced = self.replaced(window, cost)?;
            }
            out.push(record);
        }
        Ok(out)
    }

    /// What is drawn for a window depends on nothing but it.
    fn random(&self, window: &TextWindow, what: &str) -> Random {
        let name = format!("{what}\n{}", window.key());
        Random::named(self.extractor.settings.seed, &name)
    }

    fn recited(&self, windows: &[TextWindow], cost: &mut Cost) -> Result<Vec<Recited>, AuditError> {
        let scores = self.extractor.read(windows, cost)?;
        let mut out = Vec::with_capacity(windows.len());
        for (window, scores) in windows.iter().zip(scores) {
            let e = Extraction::new(&scores);
            let matched = match self.extractor.settings.free_running && !e.is_recited() {
                true => self.extractor.free_running(window, e.recited)?,
                false => e.matched,
            };
            out.push(Recited {
                matched: rounded(matched),
                recited: e.recited,
                log_p: rounded(e.log_p / e.length.max(1) as f64),
                log_p_z: e.log_p_z.map(rounded),
            });
        }
        Ok(out)
    }

    /// Nats for each token by which the own order is likelier than another.
    fn orders(&self, windows: &[TextWindow], cost: &mut Cost) -> Result<Vec<f64>, AuditError> {
        let reader = self.extractor.reader;
        let asked: Vec<Window> = windows
            .iter()
            .flat_map(|w| {
                let mut other = w.tokens.clone();
                self.random(w, "order").shuffle(&mut other);
                [w.tokens.clone(), other]
            })
            .map(|tokens| reader.window(&[&tokens[..1]], &tokens[1..], Targets::Next))
            .collect();
        let scored = reader.score(asked)?;
        cost.windows += scored.evaluated;
        let mean = |w: &WindowScore| {
            let logs = w.positions.iter().flat_map(|p| &p.log_probabilities);
            logs.sum::<f64>() / w.positions.len().max(1) as f64
        };
        let pairs = scored.windows.chunks(2);
        Ok(pairs
            .map(|p| mean(&p[0]) - p.get(1).map_or(0.0, mean))
            .collect())
    }

    fn counts(&self, window: &TextWindow) -> Result<Option<ExtractCounts>, AuditError> {
        let Some(corpus) = self.extractor.corpus else {
            return Ok(None);
        };
        let asked = [window.prefix(), window.continuation(), &window.tokens];
        let counts = corpus.counts(&asked)?;
        let [prefix, continuation, whole] = [0, 1, 2].map(|i| counts.get(i).map_or(0, |c| c.value));
        Ok(Some(ExtractCounts {
            prefix,
            continuation,
            whole,
        }))
    }

    /// M with one token of the prefix after the other replaced by one of the vocabulary that has a text.
    fn replaced(&self, window: &TextWindow, cost: &mut Cost) -> Result<Vec<f64>, AuditError> {
        let mut random = self.random(window, "replace");
        let encoder = self.extractor.encoder;
        let mut other = |not: u32| {
            for _ in 0..64 {
                let id = random.below(encoder.size() as u64) as u32;
                if id != not && !encoder.token_bytes(id).is_empty() {
                    return id;
                }
            }
            self.mask
        };
        let variants: Vec<TextWindow> = (0..window.split.prefix)
            .map(|i| {
                let mut prefix = window.prefix().to_vec();
                prefix[i] = other(prefix[i]);
                with_prefix(window, &prefix)
            })
            .collect();
        let after = self.recited(&variants, cost)?;
        Ok(after.into_iter().map(|r| r.matched).collect())
    }
}

fn with_prefix(window: &TextWindow, prefix: &[u32]) -> TextWindow {
    TextWindow {
        split: Split {
            prefix: prefix.len(),
            ..window.split
        },
        tokens: [prefix, window.continuation()].concat(),
        ..window.clone()
    }
}

/// Windows that are to be read, each once: what a change leaves as it is has the very same numbers.
#[derive(Default)]
struct Variants {
    all: Vec<TextWindow>,
    known: HashMap<(Vec<u32>, usize), usize>,
}

impl Variants {
    fn add(&mut self, window: TextWindow) -> usize {
        let key = (window.tokens.clone(), window.split.prefix);
        let next = self.all.len();
        let place = *self.known.entry(key).or_insert(next);
        if place == next {
            self.all.push(window);
        }
        place
    }
}
