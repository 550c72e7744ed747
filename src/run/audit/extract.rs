//! Windows to records: the model reads each once, the index counts meanwhile, unrelated prefixes are asked about what is claimed.

use std::time::Instant;

use super::error::AuditError;
use super::guarding::{Asked, Guarding};
use super::reading::{Reader, token_scores};
use super::settings::{GuardMode, Settings};
use super::texts::TextWindow;
use crate::run::both::both;
use rotescope_audit::{
    Extraction, Label, Membership, Pieces, Template, TokenScore, near_duplicates,
};
use rotescope_corpus::Corpus;
use rotescope_model::{CancelToken, Engine, GenerateRequest, Targets, WindowScore};
use rotescope_trace::audit::extract::{
    ExtractCounts, ExtractGuard, ExtractMembership, ExtractNear, ExtractWindow,
};
use rotescope_vocab::Encode;

/// Windows that are read together: enough to fill batches, few enough for steady progress.
pub const PORTION: usize = 32;
/// What reads and counts.
pub struct Extractor<'a> {
    pub reader: Reader<'a>,
    pub encoder: &'a dyn Encode,
    pub corpus: Option<&'a dyn Corpus>,
    pub settings: &'a Settings,
    guarding: Option<Guarding<'a>>,
}

/// What the model took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Tokens that it evaluated for windows, and for unrelated prefixes.
    pub windows: u64,
    pub guard: u64,
    /// Seconds for each.
    pub windows_seconds: f64,
    pub guard_seconds: f64,
}

impl Cost {
    pub fn add(&mut self, other: Cost) {
        self.windows += other.windows;
        self.guard += other.guard;
        self.windows_seconds += other.windows_seconds;
        self.guard_seconds += other.guard_seconds;
    }
}

/// What an index says of a window.
#[derive(Debug, Default)]
struct Found {
    counts: Option<ExtractCounts>,
    near: Option<ExtractNear>,
}

impl<'a> Extractor<'a> {
    /// Draws the unrelated prefixes too.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn new(
        engine: &'a Engine,
        encoder: &'a dyn Encode,
        corpus: Option<&'a dyn Corpus>,
        settings: &'a Settings,
        cancel: &'a CancelToken,
    ) -> Result<Extractor<'a>, AuditError> {
        let guarding = match (corpus, settings.guard) {
            (Some(corpus), GuardMode::Claims | GuardMode::All) => {
                Some(Guarding::new(corpus, settings)?)
            }
            _ => None,
        };
        Ok(Extractor {
            reader: Reader { engine, cancel },
            encoder,
            corpus,
            settings,
            guarding,
        })
    }

    /// Whether there are unrelated prefixes of all lengths.
    pub fn is_guarded(&self) -> bool {
        self.guarding.as_ref().is_some_and(Guarding::is_able)
    }

    /// The records of some windows, in their order.
    ///
    /// # Errors
    /// Failures of the model or the index; to be cancelled.
    pub fn records(
        &self,
        windows: &[TextWindow],
    ) -> Result<(Vec<ExtractWindow>, Cost), AuditError> {
        let mut cost = Cost::default();
        let (found, scores) = both(|| self.look_up(windows), || self.read(windows, &mut cost));
        let (scores, found) = (scores?, found?);
        let extractions: Vec<Extraction> = scores.iter().map(|s| Extraction::new(s)).collect();
        let guards = self.guards(windows, &extractions, &mut cost)?;
        let mut out = Vec::with_capacity(windows.len());
        for (i, window) in windows.iter().enumerate() {
            let mut record = self.record(window, &scores[i], &extractions[i]);
            (record.counts, record.near) = (found[i].counts, found[i].near);
            record.guard = guards[i];
            record.formula = record.claim
                && found[i]
                    .counts
                    .is_some_and(|c| c.is_formula(self.settings.elsewhere));
            if record.is_memorized() {
                let copies = record.counts.map(|c| c.whole);
                let template = Template::of(&window.tokens, &self.text(&window.tokens));
                let label = Label::of(copies, self.settings.often, template);
                record.label = label.map(|l| l.name().into());
            }
            if self.settings.free_running && record.recited < record.split[1] {
                record.free_running = [self.free_running(window, record.recited)?; 2];
            }
            out.push(record);
        }
        Ok((out, cost))
    }

    pub(super) fn text(&self, tokens: &[u32]) -> String {
        self.pieces(tokens).text().to_string()
    }

    fn pieces(&self, tokens: &[u32]) -> Pieces {
        let bytes: Vec<Vec<u8>> = tokens
            .iter()
            .map(|t| self.encoder.token_bytes(*t))
            .collect();
        Pieces::new(tokens.to_vec(), &bytes)
    }

    /// One pass over each window.
    pub(super) fn read(
        &self,
        windows: &[TextWindow],
        cost: &mut Cost,
    ) -> Result<Vec<Vec<TokenScore>>, AuditError> {
        let asked = windows.iter().map(|w| {
            let how = Targets::Forced(self.settings.sampling);
            self.reader.window(&[w.prefix()], w.continuation(), how)
        });
        let began = Instant::now();
        let scored = self.reader.score(asked.collect())?;
        cost.windows += scored.evaluated;
        cost.windows_seconds += began.elapsed().as_secs_f64();
        let of_window = |(w, s): (&TextWindow, &WindowScore)| token_scores(w.continuation(), s);
        Ok(windows.iter().zip(&scored.windows).map(of_window).collect())
    }

    fn look_up(&self, windows: &[TextWindow]) -> Result<Vec<Found>, AuditError> {
        let Some(corpus) = self.corpus else {
            return Ok(windows.iter().map(|_| Found::default()).collect());
        };
        let of_one = |w: &'_ TextWindow| {
            [
                w.prefix().to_vec(),
                w.continuation().to_vec(),
                w.tokens.clone(),
            ]
        };
        let ngrams: Vec<Vec<u32>> = windows.iter().flat_map(of_one).collect();
        let ngrams: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
        let counts = corpus.counts(&ngrams)?;
        let mut out = Vec::with_capacity(windows.len());
        for (window, counts) in windows.iter().zip(counts.chunks(3)) {
            if self.reader.cancel.is_cancelled() {
                return Err(rotescope_model::ModelError::Cancelled.into());
            }
            let near = self
                .settings
                .near
                .map(|how| near_duplicates(corpus, &window.tokens, how));
            let near = near.transpose()?.map(|n| ExtractNear {
                places: n.places,
                at_least: n.at_least,
            });
            let [prefix, continuation, whole] =
                [0, 1, 2].map(|i| counts.get(i).map_or(0, |c| c.value));
            out.push(Found {
                counts: Some(ExtractCounts {
                    prefix,
                    continuation,
                    whole,
                }),
                near,
            });
        }
        Ok(out)
    }

    fn is_claim(&self, e: &Extraction) -> bool {
        e.is_recited() || e.is_extractable(self.settings.most_draws(), self.settings.p)
    }

    /// What unrelated prefixes say of those windows that they are asked about.
    fn guards(
        &self,
        windows: &[TextWindow],
        extractions: &[Extraction],
        cost: &mut Cost,
    ) -> Result<Vec<Option<ExtractGuard>>, AuditError> {
        let mut out = vec![None; windows.len()];
        let Some(guarding) = &self.guarding else {
            return Ok(out);
        };
        let all = self.settings.guard == GuardMode::All;
        let which: Vec<usize> = (0..windows.len())
            .filter(|i| all || self.is_claim(&extractions[*i]))
            .collect();
        let asked = which.iter().map(|i| Asked {
            window: &windows[*i],
            log_p: extractions[*i].log_p,
        });
        let began = Instant::now();
        let asked: Vec<Asked<'_>> = asked.collect();
        let (guards, evaluated) = guarding.guards(self.reader, &asked)?;
        cost.guard += evaluated;
        cost.guard_seconds += began.elapsed().as_secs_f64();
        for (i, guard) in which.into_iter().zip(guards) {
            let length = windows[i].split.continuation;
            out[i] = guard.map(|g| ExtractGuard {
                pam: rounded(g.pam),
                prior: rounded(g.prior),
                prefixes: g.prefixes,
                bound: g.bound,
                common: g.is_common(length, self.settings.least),
            });
        }
        Ok(out)
    }

    /// M of the greedy continuation, written out from the first other token on.
    pub(super) fn free_running(
        &self,
        window: &TextWindow,
        recited: usize,
    ) -> Result<f64, AuditError> {
        let truth = &window.continuation()[recited..];
        let written = self.goes_on(window, recited)?;
        let equal = written.iter().zip(truth).filter(|(a, b)| a == b).count();
        Ok((recited + equal) as f64 / window.split.continuation as f64)
    }

    /// What the model says greedily behind the prefix and so many true tokens, up to the continuation's length; less where it ends.
    pub(super) fn goes_on(
        &self,
        window: &TextWindow,
        recited: usize,
    ) -> Result<Vec<u32>, AuditError> {
        let truth = window.continuation();
        if recited == truth.len() {
            return Ok(Vec::new());
        }
        let mut prompt: Vec<u32> = self.reader.lead().into_iter().collect();
        prompt.extend(window.prefix());
        prompt.extend(&truth[..recited]);
        let mut request = GenerateRequest::new(prompt);
        request.max_tokens = Some(truth.len() - recited);
        request.candidates = 0;
        let Reader { engine, cancel } = self.reader;
        let written = engine.generate_all(request, cancel.clone(), |_| ())?;
        if self.reader.cancel.is_cancelled() {
            return Err(rotescope_model::ModelError::Cancelled.into());
        }
        Ok(written.tokens.iter().map(|t| t.id).collect())
    }

    fn record(&self, window: &TextWindow, scores: &[TokenScore], e: &Extraction) -> ExtractWindow {
        let pieces = self.pieces(&window.tokens);
        let (prefix, length) = (window.split.prefix, window.split.length());
        let said = |i: usize| pieces.text()[pieces.bytes([i, i + 1])].to_string();
        let text = &pieces.text()[pieces.bytes([prefix, length])];
        let other = scores.iter().enumerate().filter(|(_, s)| !s.greedy);
        let membership = Membership::new(scores, text, self.settings.lowest);
        ExtractWindow {
            document: window.document.to_string(),
            ordinal: window.ordinal,
            start: window.start,
            split: [prefix, window.split.continuation],
            prefix: pieces.text()[pieces.bytes([0, prefix])].to_string(),
            text: (prefix..length).map(said).collect(),
            log_p: scores.iter().map(|s| finite(s.log_probability)).collect(),
            drawn: scores.iter().map(|s| s.drawn.and_then(finite)).collect(),
            other: other.map(|(i, _)| i).collect(),
            matched: rounded(e.matched),
            recited: e.recited,
            free_running: e.free_running().map(rounded),
            nll: finite(-e.log_p),
            log_p_z: e.log_p_z.and_then(finite),
            draws: e.draws(self.settings.p),
            claim: self.is_claim(e),
            template: Template::of(&window.tokens, pieces.text()).map(|t| match t {
                Template::Repeating => "repeating".into(),
                Template::Incrementing => "incrementing".into(),
            }),
            membership: membership.map(|m| ExtractMembership {
                loss: rounded(m.loss),
                zlib: rounded(m.zlib),
                min_k: rounded(m.min_k),
                min_k_plus: rounded(m.min_k_plus),
            }),
            ..ExtractWindow::default()
        }
    }
}

/// Rounds to four decimals; adding zero turns -0 into 0.
pub(super) fn rounded(x: f64) -> f64 {
    (x * 1e4).round() / 1e4 + 0.0
}

pub fn finite(x: f64) -> Option<f64> {
    x.is_finite().then(|| rounded(x))
}
