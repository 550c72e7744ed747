//! How fast an audit reads, beside plain prefill of the same windows.

use std::time::Instant;

use super::error::AuditError;
use super::extract::{Cost, Extractor};
use super::texts::TextWindow;
use rotescope_model::{Targets, Window};

/// Each way is timed so often, in turns: what else the machine does meets all alike, and the best counts.
const ROUNDS: usize = 5;

/// Tokens a second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Speeds {
    /// Tokens of one round.
    pub tokens: u64,
    /// As the audit reads: of each token of a continuation all that its record needs.
    pub audit: f64,
    /// The same rows of logits, of which only the largest is looked for.
    pub rows: f64,
    /// The same tokens, with one row of logits for each window.
    pub plain: f64,
}

impl Speeds {
    /// Reads the windows some times in each way.
    ///
    /// # Errors
    /// Failures of the model; to be cancelled.
    pub fn measure(
        extractor: &Extractor<'_>,
        windows: &[TextWindow],
    ) -> Result<Speeds, AuditError> {
        let reader = extractor.reader;
        let asked = |w: &TextWindow| reader.window(&[w.prefix()], w.continuation(), Targets::None);
        let rows: Vec<Window> = windows.iter().map(asked).collect();
        let last = |w: &Window| Window {
            positions: w.positions.last().copied().into_iter().collect(),
            ..w.clone()
        };
        let plain: Vec<Window> = rows.iter().map(last).collect();
        let timed = |windows: &[Window]| -> Result<(u64, f64), AuditError> {
            let (windows, began) = (windows.to_vec(), Instant::now());
            let scored = reader.score(windows)?;
            let seconds = began.elapsed().as_secs_f64().max(1e-6);
            Ok((scored.evaluated, scored.evaluated as f64 / seconds))
        };
        let mut out = Speeds::default();
        for _ in 0..ROUNDS {
            let mut cost = Cost::default();
            extractor.read(windows, &mut cost)?;
            let audit = cost.windows as f64 / cost.windows_seconds.max(1e-6);
            let (_, rows) = timed(&rows)?;
            let (tokens, plain) = timed(&plain)?;
            out = Speeds {
                tokens,
                audit: out.audit.max(audit),
                rows: out.rows.max(rows),
                plain: out.plain.max(plain),
            };
        }
        Ok(out)
    }

    /// In a line.
    pub fn said(&self) -> String {
        format!(
            "{} tokens read {ROUNDS} times in turns: {:.0} tokens/s as audited, {:.0} with the same rows of logits and no more, {:.0} plainly (prefill); {:.1} % of the second, {:.1} % of the third",
            self.tokens,
            self.audit,
            self.rows,
            self.plain,
            100.0 * self.audit / self.rows.max(1e-6),
            100.0 * self.audit / self.plain.max(1e-6)
        )
    }
}
