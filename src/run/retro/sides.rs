//! Windows by what memorizes and what generalizes.

use std::fmt::Write;
use std::sync::Arc;

use crate::run::audit::error::AuditError;
use crate::run::audit::reading::Reader;
use crate::run::audit::texts::TextWindow;
use rotescope_corpus::Corpus;
use rotescope_model::{ModelError, Targets, WindowScore};
use rotescope_retro::{Backoff, LeftOut, Losses};
use rotescope_stats::spearman;
use rotescope_text::number::grouped;
use rotescope_trace::audit::retro::SideWindow;

/// Windows that are worked on together.
pub const PORTION: usize = 16;

/// What generalizes.
pub enum General<'a> {
    /// An n-gram model of the corpus that has not seen the document.
    Ngrams(Backoff),
    /// Another model.
    Model(Reader<'a>),
}

/// What reads and counts.
pub struct Sides<'a> {
    pub reader: Reader<'a>,
    pub corpus: Arc<dyn Corpus>,
    /// Without a bound on its contexts.
    pub copy: Backoff,
    pub general: General<'a>,
}

impl Sides<'_> {
    /// The records of some windows, in their order.
    ///
    /// # Errors
    /// Failures of the models or the index; to be cancelled.
    pub fn records(&self, windows: &[TextWindow]) -> Result<Vec<SideWindow>, AuditError> {
        let model = losses(self.reader, windows)?;
        let general = match &self.general {
            General::Model(reader) => losses(*reader, windows)?,
            General::Ngrams(ngrams) => {
                let without = windows.iter().map(|w| self.without(ngrams, w));
                without.collect::<Result<Vec<f64>, AuditError>>()?
            }
        };
        let mut records = Vec::with_capacity(windows.len());
        for (i, window) in windows.iter().enumerate() {
            self.expect_going_on()?;
            let from = window.split.prefix;
            let losses = Losses {
                model: model[i],
                copy: self.copy.loss(&window.tokens, from, None)?,
                general: general[i],
            };
            records.push(SideWindow {
                document: window.document.to_string(),
                start: window.start,
                split: [from, window.split.continuation],
                copies: self.corpus.count(&window.tokens)?.value,
                model: losses.model,
                copy: losses.copy,
                general: losses.general,
                memorizes: losses.memorizes(),
            });
        }
        Ok(records)
    }

    fn expect_going_on(&self) -> Result<(), AuditError> {
        match self.reader.cancel.is_cancelled() {
            true => Err(ModelError::Cancelled.into()),
            false => Ok(()),
        }
    }

    /// The loss by n-grams, without the document and its exact copies; of a file, without the window.
    fn without(&self, ngrams: &Backoff, window: &TextWindow) -> Result<f64, AuditError> {
        self.expect_going_on()?;
        let document = match window.ordinal {
            Some(ordinal) => self.corpus.document_tokens(&[ordinal])?.pop(),
            None => None,
        };
        let tokens = document.as_ref().unwrap_or(&window.tokens);
        let left_out = LeftOut {
            tokens,
            copies: self.corpus.count(tokens)?.value,
            ends: document.is_some(),
        };
        Ok(ngrams.loss(&window.tokens, window.split.prefix, Some(left_out))?)
    }
}

/// Mean losses of continuations by a model, in nats for each token.
fn losses(reader: Reader<'_>, windows: &[TextWindow]) -> Result<Vec<f64>, AuditError> {
    let one = |w: &TextWindow| reader.window(&[w.prefix()], w.continuation(), Targets::Next);
    let scored = reader.score(windows.iter().map(one).collect())?;
    let mean = |w: &WindowScore| {
        let all = w.positions.iter().flat_map(|p| &p.log_probabilities);
        -all.sum::<f64>() / w.positions.len().max(1) as f64
    };
    Ok(scored.windows.iter().map(mean).collect())
}

/// Numbers of copies that share a row: from, to.
const LEVELS: [(u64, u64); 7] = [
    (0, 0),
    (1, 1),
    (2, 3),
    (4, 9),
    (10, 31),
    (32, 99),
    (100, u64::MAX),
];

/// Takes windows, and makes a table of them.
#[derive(Debug, Default)]
pub struct SideTally {
    windows: Vec<SideWindow>,
}

impl SideTally {
    pub fn add(&mut self, w: &SideWindow) {
        self.windows.push(w.clone());
    }

    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// The table, as Markdown.
    pub fn table(&self) -> String {
        let mut out = String::from(
            "| copies in the corpus | windows | loss of the model | of the copy | of the generalizer | memorizing |\n|---|--:|--:|--:|--:|--:|\n",
        );
        let mut row = |name: &str, some: &[&SideWindow]| {
            let mean = |of: fn(&SideWindow) -> f64| {
                some.iter().map(|w| of(w)).sum::<f64>() / some.len() as f64
            };
            let _ = writeln!(
                out,
                "| {name} | {} | {:.3} | {:.3} | {:.3} | {:.1} % |",
                grouped(some.len() as u64),
                mean(|w| w.model),
                mean(|w| w.copy),
                mean(|w| w.general),
                mean(|w| f64::from(u8::from(w.memorizes))) * 100.0
            );
        };
        for (from, to) in LEVELS {
            let is = |w: &&SideWindow| (from..=to).contains(&w.copies);
            let some: Vec<&SideWindow> = self.windows.iter().filter(is).collect();
            let name = match (from, to) {
                (_, u64::MAX) => format!("{from} and more"),
                _ if from == to => from.to_string(),
                _ => format!("{from} to {to}"),
            };
            if !some.is_empty() {
                row(&name, &some);
            }
        }
        row("all", &self.windows.iter().collect::<Vec<_>>());
        let copies: Vec<u64> = self.windows.iter().map(|w| w.copies).collect();
        let sides: Vec<u8> = self.windows.iter().map(|w| w.memorizes.into()).collect();
        if let Some(rho) = spearman(&copies, &sides) {
            let _ = writeln!(out, "\nSpearman's rho of copies with memorizing: {rho:.3}.");
        }
        out + "\nLosses are in nats for each token of the continuation. Memorizing: no worse than what generalizes, and nearer to the copy. This is an analogy to the crossover of\n`lab edge`, not its theorem: neither the copy nor the generalizer is the model's own other solution.\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_by_copies() {
        let mut tally = SideTally::default();
        for (copies, memorizes) in [(1, false), (1, false), (12, true), (20, false), (500, true)] {
            tally.add(&SideWindow {
                copies,
                memorizes,
                model: 1.0,
                copy: 0.5,
                general: 2.0,
                ..SideWindow::default()
            });
        }
        let said = tally.table();
        for line in [
            "| 1 | 2 | 1.000 | 0.500 | 2.000 | 0.0 % |",
            "| 10 to 31 | 2 | 1.000 | 0.500 | 2.000 | 50.0 % |",
            "| 100 and more | 1 | 1.000 | 0.500 | 2.000 | 100.0 % |",
            "| all | 5 |",
            "analogy",
        ] {
            assert!(said.contains(line), "{line:?} in\n{said}");
        }
    }
}
