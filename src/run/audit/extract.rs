//! Windows to records: the model reads each once, the index counts meanwhile, unrelated prefixes are asked about what is claimed.

use std::collections::BTreeMap;
use std::time::Instant;

use super::error::AuditError;
use super::settings::{GuardMode, Settings};
use super::texts::TextWindow;
use super::unrelated::Unrelated;
use rotescope_audit::guard::log_mean_exp;
use rotescope_audit::{
    Extraction, Guard, Label, Membership, Pieces, Template, TokenScore, near_duplicates,
};
use rotescope_corpus::Corpus;
use rotescope_model::{CancelToken, Engine, GenerateRequest, Targets, Want, Window, WindowScore};
use rotescope_trace::audit::extract::{
    ExtractCounts, ExtractGuard, ExtractMembership, ExtractNear, ExtractWindow,
};
use rotescope_vocab::Encode;

/// Windows that are read together: enough to fill batches, few enough for steady progress. What a window's numbers are rounded like depends on its
/// neighbours, so that a run that goes on keeps the borders.
pub const PORTION: usize = 32;
/// Tokens of a continuation by which most unrelated prefixes are ruled out.
const HEAD: usize = 8;

/// What reads and counts.
pub struct Extractor<'a> {
    pub engine: &'a Engine,
    pub encoder: &'a dyn Encode,
    pub corpus: Option<&'a dyn Corpus>,
    pub settings: &'a Settings,
    pub cancel: &'a CancelToken,
    /// By the length of prefixes.
    unrelated: BTreeMap<usize, Unrelated>,
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
        let mut unrelated = BTreeMap::new();
        if let (Some(corpus), true) = (corpus, settings.guard != GuardMode::Off) {
            for split in &settings.splits {
                let drawn =
                    Unrelated::draw(corpus, split.prefix, settings.unrelated, settings.seed)?;
                unrelated.insert(split.prefix, drawn);
            }
        }
        Ok(Extractor {
            engine,
            encoder,
            corpus,
            settings,
            cancel,
            unrelated,
        })
    }

    /// Whether there are unrelated prefixes for all lengths.
    pub fn is_guarded(&self) -> bool {
        !self.unrelated.is_empty() && self.unrelated.values().all(|u| !u.is_empty())
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
        let (scores, found) = std::thread::scope(|scope| {
            let looking = scope.spawn(|| self.look_up(windows));
            let scores = self.read(windows, &mut cost);
            let found = looking.join();
            (
                scores,
                found.unwrap_or_else(|p| std::panic::resume_unwind(p)),
            )
        });
        let (scores, found) = (scores?, found?);
        let extractions: Vec<Extraction> = scores.iter().map(|s| Extraction::new(s)).collect();
        let guards = self.guards(windows, &extractions, &mut cost)?;
        let mut out = Vec::with_capacity(windows.len());
        for (i, window) in windows.iter().enumerate() {
            let mut record = self.record(window, &scores[i], &extractions[i]);
            (record.counts, record.near) = (found[i].counts, found[i].near);
            record.guard = guards[i];
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

    /// What stands before every text, where the model wants it.
    fn lead(&self) -> Option<u32> {
        let info = self.engine.info();
        info.bos.filter(|_| info.add_bos)
    }

    /// A window of the model: the distribution before each token of `continuation`.
    pub(super) fn window(
        &self,
        before: &[&[u32]],
        continuation: &[u32],
        targets: Targets,
    ) -> Window {
        let mut tokens: Vec<u32> = self.lead().into_iter().collect();
        tokens.extend(before.concat());
        let first = tokens.len() - 1;
        tokens.extend(continuation);
        Window {
            positions: (first..tokens.len() - 1).collect(),
            tokens,
            want: Want {
                targets,
                candidates: 0,
            },
        }
    }

    /// One pass over each window.
    pub(super) fn read(
        &self,
        windows: &[TextWindow],
        cost: &mut Cost,
    ) -> Result<Vec<Vec<TokenScore>>, AuditError> {
        let asked = windows.iter().map(|w| {
            let how = Targets::Forced(self.settings.sampling);
            self.window(&[w.prefix()], w.continuation(), how)
        });
        let began = Instant::now();
        let scored = self.engine.score(asked.collect(), self.cancel)?;
        cost.windows += scored.evaluated;
        cost.windows_seconds += began.elapsed().as_secs_f64();
        let of_window = |(w, s): (&TextWindow, &WindowScore)| {
            let places = w.continuation().iter().zip(&s.positions);
            let of_token = |(token, place): (&u32, &rotescope_model::PositionScore)| {
                let forced = place.forced?;
                Some(TokenScore {
                    greedy: place.greedy == *token,
                    log_probability: forced.log_probability,
                    drawn: forced.drawn,
                    mean: forced.mean,
                    deviation: forced.deviation,
                })
            };
            places.filter_map(of_token).collect()
        };
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
            if self.cancel.is_cancelled() {
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
        let Some(corpus) = self.corpus else {
            return Ok(out);
        };
        let all = self.settings.guard == GuardMode::All;
        for (i, window) in windows.iter().enumerate() {
            let asked = all || self.is_claim(&extractions[i]);
            let Some(unrelated) = self.unrelated.get(&window.split.prefix).filter(|_| asked) else {
                continue;
            };
            let prefixes = unrelated.to(corpus, window.prefix(), window.continuation())?;
            out[i] = self.guard(window, &extractions[i], &prefixes, cost)?;
        }
        Ok(out)
    }

    /// `None` without an unrelated prefix.
    fn guard(
        &self,
        window: &TextWindow,
        own: &Extraction,
        prefixes: &[&[u32]],
        cost: &mut Cost,
    ) -> Result<Option<ExtractGuard>, AuditError> {
        let length = window.split.continuation;
        let bridge =
            &window.prefix()[window.split.prefix - self.settings.bridge.min(window.split.prefix)..];
        let began = Instant::now();
        let mut after = |tokens: usize| -> Result<Vec<f64>, AuditError> {
            let asked = prefixes.iter().map(|u| {
                let next = &window.continuation()[..tokens];
                self.window(&[u, bridge], next, Targets::Next)
            });
            let scored = self.engine.score(asked.collect(), self.cancel)?;
            cost.guard += scored.evaluated;
            let sum = |w: &WindowScore| w.positions.iter().flat_map(|p| &p.log_probabilities).sum();
            Ok(scored.windows.iter().map(sum).collect())
        };
        // With each further token a continuation becomes less likely: what its beginning says of the prior is a bound.
        let mut bound = self.settings.guard == GuardMode::Claims && length > HEAD;
        let mut logs = after(if bound { HEAD } else { length })?;
        let common = |logs: &[f64]| {
            log_mean_exp(logs)
                .is_some_and(|prior| own.log_p - prior < self.settings.least * length as f64)
        };
        if bound && common(&logs) {
            bound = false;
            logs = after(length)?;
        }
        cost.guard_seconds += began.elapsed().as_secs_f64();
        Ok(Guard::new(own.log_p, &logs).map(|g| ExtractGuard {
            pam: rounded(g.pam),
            prior: rounded(g.prior),
            prefixes: g.prefixes,
            bound,
            common: g.is_common(length, self.settings.least),
        }))
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
        let mut prompt: Vec<u32> = self.lead().into_iter().collect();
        prompt.extend(window.prefix());
        prompt.extend(&truth[..recited]);
        let mut request = GenerateRequest::new(prompt);
        request.max_tokens = Some(truth.len() - recited);
        request.candidates = 0;
        let written = self
            .engine
            .generate_all(request, self.cancel.clone(), |_| ())?;
        if self.cancel.is_cancelled() {
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

pub(super) fn finite(x: f64) -> Option<f64> {
    x.is_finite().then(|| rounded(x))
}
