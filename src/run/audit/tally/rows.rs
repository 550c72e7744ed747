//! What is kept of windows.

use std::collections::BTreeMap;

use rotescope_trace::audit::extract::ExtractWindow;

/// What is kept of each window.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub document: usize,
    pub start: usize,
    pub memorized: bool,
    pub matched: f64,
    pub recited: bool,
    pub log_p_z: Option<f64>,
    pub draws: Option<f64>,
    pub claim: bool,
    pub common: bool,
    pub guarded: bool,
    /// Whole and prefix, in the corpus.
    pub copies: Option<(u64, u64)>,
    pub near: Option<u64>,
    pub label: Option<u8>,
}

pub const LABELS: [&str; 3] = ["recite", "reconstruct", "recollect"];

/// Rows of one split.
#[derive(Debug, Default)]
pub struct Group {
    pub rows: Vec<Row>,
    pub documents: BTreeMap<String, usize>,
}

impl Group {
    pub fn add(&mut self, w: &ExtractWindow) {
        let next = self.documents.len();
        let document = *self.documents.entry(w.document.clone()).or_insert(next);
        let label = LABELS.iter().position(|l| w.label.as_deref() == Some(*l));
        self.rows.push(Row {
            document,
            start: w.start,
            memorized: w.is_memorized(),
            matched: w.matched,
            recited: w.recited == w.split[1],
            log_p_z: w.log_p_z,
            draws: w.draws,
            claim: w.claim,
            common: w.is_common(),
            guarded: w.guard.is_some() || w.formula,
            copies: w.counts.map(|c| (c.whole, c.prefix)),
            near: w.near.map(|n| n.places),
            label: label.map(|l| l as u8),
        });
    }
}

/// 1 or 0.
pub fn share(is: bool) -> f64 {
    f64::from(u8::from(is))
}
