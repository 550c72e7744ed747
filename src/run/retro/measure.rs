//! Windows to records: the model reads each once, the corpus is asked meanwhile.

use crate::run::audit::error::AuditError;
use crate::run::audit::reading::Reader;
use crate::run::audit::texts::TextWindow;
use rotescope_model::{Scored, Targets};
use rotescope_retro::{Bars, Place, Retrieved, Retriever, gap};
use rotescope_trace::Known;
use rotescope_trace::audit::retro::{RetroToken, RetroWindow};

/// Windows that are read together.
pub const PORTION: usize = 16;

/// What reads and looks up.
pub struct Measurer<'a> {
    pub reader: Reader<'a>,
    pub retriever: &'a dyn Retriever,
    pub bars: Bars,
}

impl Measurer<'_> {
    /// The records of some windows, in their order.
    ///
    /// # Errors
    /// Failures of the model or the index; to be cancelled.
    pub fn records(&self, windows: &[TextWindow]) -> Result<Vec<RetroWindow>, AuditError> {
        let (found, scored) = std::thread::scope(|scope| {
            let looking = scope.spawn(|| self.look_up(windows));
            let scored = self.read(windows);
            let found = looking.join();
            (
                found.unwrap_or_else(|p| std::panic::resume_unwind(p)),
                scored,
            )
        });
        let (found, scored) = (found?, scored?);
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
        self.reader.score(windows.iter().map(one).collect())
    }

    fn look_up(&self, windows: &[TextWindow]) -> Result<Vec<Retrieved>, AuditError> {
        let mut found = Vec::new();
        for window in windows {
            if self.reader.cancel.is_cancelled() {
                return Err(rotescope_model::ModelError::Cancelled.into());
            }
            let ends = window.split.prefix..window.tokens.len();
            let place = |end: usize| Place {
                context: &window.tokens[..end],
            };
            let places: Vec<Place<'_>> = ends.map(place).collect();
            found.extend(self.retriever.retrieve(&places)?);
        }
        Ok(found)
    }
}
