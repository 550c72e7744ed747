//! Windows to records: the model reads each once, the corpus is asked meanwhile.

use crate::run::audit::error::{AuditError, stopped};
use crate::run::audit::reading::Reader;
use crate::run::audit::texts::TextWindow;
use crate::run::both::both;
use rotescope_corpus::{Corpus, CorpusError};
use rotescope_model::{Scored, Targets};
use rotescope_retro::{Bars, Place, Retrieved, Retriever, Without, gap};
use rotescope_trace::Known;
use rotescope_trace::audit::retro::{RetroToken, RetroWindow};

/// Windows that are read together.
pub const PORTION: usize = 16;

/// What reads and looks up.
pub struct Measurer<'a> {
    pub reader: Reader<'a>,
    pub retriever: &'a dyn Retriever,
    pub bars: Bars,
    /// Where the documents of a window are looked up that are not to be known: its own, and those that hold it token for token.
    pub leaves_out: Option<&'a dyn Corpus>,
}

/// Documents that are left out of those that hold a window, at most.
const COPIES: usize = 1000;

impl Measurer<'_> {
    /// The records of some windows, in their order.
    ///
    /// # Errors
    /// Failures of the model or the index; to be cancelled.
    pub fn records(&self, windows: &[TextWindow]) -> Result<Vec<RetroWindow>, AuditError> {
        let (found, scored) = match self.retriever.reads_hidden() {
            true => {
                let scored = self.read(windows)?;
                (self.look_up(windows, &scored.hidden)?, scored)
            }
            false => {
                let (found, scored) = both(|| self.look_up(windows, &[]), || self.read(windows));
                (found?, scored?)
            }
        };
        let mut found = found.into_iter();
        let mut records = Vec::with_capacity(windows.len());
        for (window, score) in windows.iter().zip(scored.windows) {
            let places = window.continuation().iter().zip(score.positions);
            let tokens = places.filter_map(|(id, place)| {
                let log_model = place.log_probabilities.first().copied();
                Some(self.token(*id, log_model?, &found.next()?))
            });
            records.push(RetroWindow {
                document: window.document.to_string(),
                start: window.start,
                split: [window.split.prefix, window.split.continuation],
                tokens: tokens.collect(),
            });
        }
        Ok(records)
    }

    fn token(&self, id: u32, log_model: f64, found: &Retrieved) -> RetroToken {
        let retrieved = found.probability(id);
        RetroToken {
            id,
            model: log_model,
            retrieved: (retrieved > 0.0).then(|| retrieved.ln()),
            gap: gap(log_model, retrieved),
            n: found.length,
            count: found.count,
            sparse: found.is_sparse(),
            known: Known::of(self.bars.known(log_model, retrieved)),
        }
    }

    fn read(&self, windows: &[TextWindow]) -> Result<Scored, AuditError> {
        let one = |w: &TextWindow| {
            let how = Targets::Next;
            self.reader.window(&[w.prefix()], w.continuation(), how)
        };
        let windows = windows.iter().map(one).collect();
        match self.retriever.reads_hidden() {
            true => self.reader.score_hidden(windows),
            false => self.reader.score(windows),
        }
    }

    /// `hidden`: by window and token, where the retriever reads them.
    fn look_up(
        &self,
        windows: &[TextWindow],
        hidden: &[Vec<Vec<f32>>],
    ) -> Result<Vec<Retrieved>, AuditError> {
        let mut found = Vec::new();
        for (i, window) in windows.iter().enumerate() {
            stopped(self.reader.cancel)?;
            let without = self.leaves_out.map(|corpus| own(corpus, window));
            let without = without.transpose()?;
            let hidden = hidden.get(i);
            let ends = (window.split.prefix..window.tokens.len()).enumerate();
            let place = |(at, end): (usize, usize)| Place {
                context: &window.tokens[..end],
                hidden: hidden.and_then(|h| h.get(at)).map(Vec::as_slice),
                without: without.as_ref(),
            };
            let places: Vec<Place<'_>> = ends.map(place).collect();
            found.extend(self.retriever.retrieve(&places)?);
        }
        Ok(found)
    }
}

/// The document of a window, and those that hold it token for token.
fn own(corpus: &dyn Corpus, window: &TextWindow) -> Result<Without, CorpusError> {
    let held = corpus.occurrences_of(&window.tokens, COPIES, 0)?.value.hits;
    let mut all: Vec<u64> = held.iter().map(|hit| hit.document).collect();
    all.extend(window.ordinal);
    all.sort_unstable();
    all.dedup();
    Without::new(corpus, all)
}
