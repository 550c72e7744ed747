//! Windows of a document put together to its text.

use rotescope_trace::audit::extract::ExtractWindow;

/// A token of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatToken {
    pub text: String,
    /// The probability that it is drawn after the true tokens before it, in the window that makes it likeliest; `None` where no window asked.
    pub p: Option<f64>,
    /// That window, among the document's.
    pub window: Option<usize>,
}

/// A document, or as much of it as windows hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeatDocument {
    pub name: String,
    pub split: [usize; 2],
    /// Where windows leave a gap, the prefix of the next is one token.
    pub tokens: Vec<HeatToken>,
    /// Without their texts and the probabilities of their tokens.
    pub windows: Vec<ExtractWindow>,
    /// Tokens of each run that can be extracted and is not common, half-open, as indices of `tokens`.
    pub runs: Vec<[usize; 2]>,
}

/// The step of a probability's color, 0 to 5: from .01, .1, .5, .9 and .99 on.
pub fn heat(p: f64) -> u8 {
    STEPS.iter().filter(|s| p >= **s).count() as u8
}

/// Where the steps begin.
pub const STEPS: [f64; 5] = [0.01, 0.1, 0.5, 0.9, 0.99];

/// Takes windows in the order of the file, gives documents when they are whole.
#[derive(Debug, Default)]
pub struct HeatBuilder {
    document: HeatDocument,
    /// The document's token at which `tokens` ends, and the index there of its last stretch without a gap.
    end: usize,
    stretch: [usize; 2],
}

impl HeatBuilder {
    /// The document before it, where this window begins another one.
    pub fn add(&mut self, window: ExtractWindow) -> Option<HeatDocument> {
        let same = window.document == self.document.name && window.split == self.document.split;
        let on = self
            .document
            .windows
            .last()
            .is_some_and(|w| w.start < window.start);
        let whole = if same && on { None } else { self.finish() };
        if self.document.windows.is_empty() {
            self.document.name.clone_from(&window.document);
            self.document.split = window.split;
        }
        self.put(window);
        whole
    }

    pub fn finish(&mut self) -> Option<HeatDocument> {
        let whole = std::mem::take(self).document;
        (!whole.windows.is_empty()).then_some(whole)
    }

    fn put(&mut self, window: ExtractWindow) {
        let index = self.document.windows.len();
        let first = window.start + window.split[0];
        if index == 0 || first > self.end {
            // What is not known to join: its prefix stands before it.
            let gap = if index == 0 { "" } else { "\n…\n" };
            self.document.tokens.push(HeatToken {
                text: format!("{gap}{}", window.prefix),
                p: None,
                window: Some(index),
            });
            self.end = first;
            self.stretch = [first, self.document.tokens.len()];
        }
        for (i, text) in window.text.iter().enumerate() {
            let p = window.drawn.get(i).copied().flatten().map_or(0.0, f64::exp);
            let place = self.stretch[1] + (first + i).saturating_sub(self.stretch[0]);
            let token = HeatToken {
                text: text.clone(),
                p: Some(p),
                window: Some(index),
            };
            match self.document.tokens.get_mut(place) {
                Some(known) if known.p.is_some_and(|k| k >= p) => {}
                Some(known) => *known = token,
                None => self.document.tokens.push(token),
            }
        }
        self.end = self.end.max(first + window.text.len());
        if window.is_memorized() {
            let from = self.stretch[1] + first.saturating_sub(self.stretch[0]);
            let to = from + window.text.len();
            match self.document.runs.last_mut() {
                Some(run) if run[1] >= from => run[1] = run[1].max(to),
                _ => self.document.runs.push([from, to]),
            }
        }
        // The text is in the tokens now.
        self.document.windows.push(ExtractWindow {
            prefix: String::new(),
            text: Vec::new(),
            log_p: Vec::new(),
            drawn: Vec::new(),
            ..window
        });
    }
}
