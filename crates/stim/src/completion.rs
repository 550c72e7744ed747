//! A whole completion: eliciting windows, saliency, salient words, co-occurrence, measures.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::completing::{self, Asked};
use super::cooccurrence::{self, Forms, MeanCount};
use super::error::StimError;
use super::measures;
use super::order::{Group, in_order};
use super::passes::Passes;
use super::progress::{AttributionPart, Cost, Progress};
use super::saliency::{self, Probe, Recipe, Salience};
use super::salient::{Spelled, prompt_spans};
use super::settings::{NonLocalSettings, Scope};
use super::windows::{self, Eliciting};
use rotescope_corpus::{CorpusError, Counts};
use rotescope_model::{CancelToken, Engine};
use rotescope_text::{ByteRange, sanitize};
use rotescope_trace::{NonLocal, SalientWord, Source, Span, Token, Trace};

/// Fills mid, long, measures and cause of the tokens in scope; their local scores must be filled already. What other tokens had of these
/// is cleared, and the trace's options say how it was done.
///
/// Tokens come in the order of steps that the settings ask for; `on_progress` sees each when it is done. The result depends neither on that
/// order, nor on what the engine did before, nor on its number of threads. Another batch size or number of parallel sequences
/// ([`rotescope_model::ModelOptions`]) moves log-probabilities by up to some 1e-3, and may so exchange words that are about equally salient.
/// When it is cancelled, tokens that are done stay done.
///
/// # Errors
/// When the model or the corpus fails, the prompt's words cannot be found in its tokens, or `cancel` is set (within a batch of the model).
pub fn attribute_completion(
    trace: &mut Trace,
    engine: &Engine,
    corpus: &dyn Counts,
    options: &NonLocalSettings,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Cost, StimError> {
    let began = Instant::now();
    if let Scope::Step(step) = options.scope
        && step > trace.steps.len()
    {
        let steps = trace.steps.len();
        return Err(StimError::NoStep { step, steps });
    }
    clear(trace);
    trace.attribution.non_local = Some(options.options(engine));
    let groups = in_order(trace, options);
    let mut cost = Completion::new(trace, engine, corpus, options, cancel)?.run(
        trace,
        &groups,
        on_progress,
    )?;
    cost.seconds = began.elapsed().as_secs_f64();
    Ok(cost)
}

/// Takes back what [`attribute_completion`] fills.
pub fn clear(trace: &mut Trace) {
    trace.attribution.non_local = None;
    for token in &mut trace.tokens {
        token.clear_non_local();
        token.measures.clear();
        token.cause = None;
    }
}

/// A completion at work.
struct Completion<'a> {
    passes: Passes<'a>,
    corpus: &'a dyn Counts,
    options: &'a NonLocalSettings,
    recipe: Recipe,
    prompt: Vec<u32>,
    prompt_text: String,
    question: ByteRange,
    prompt_spans: Vec<ByteRange>,
    output: Vec<u32>,
    output_text: String,
    output_spans: Vec<ByteRange>,
}

/// What is worked out before the first token.
struct Shared {
    /// Tokens in scope, ascending.
    targets: Vec<usize>,
    windows: Vec<Eliciting>,
    /// Of each target: the saliency of the question's tokens.
    long: Vec<Salience>,
    maskable_question: Vec<usize>,
    maskable_output: Vec<usize>,
    /// Of each target the words that the model makes of its candidates, where they are counted so.
    completed: Vec<Vec<Option<String>>>,
    /// By start of window: the probe, and its targets' saliency once it is measured.
    mid: BTreeMap<usize, (Probe, Option<Vec<Salience>>)>,
}

impl<'a> Completion<'a> {
    fn new(
        trace: &Trace,
        engine: &'a Engine,
        corpus: &'a dyn Counts,
        options: &'a NonLocalSettings,
        cancel: &'a CancelToken,
    ) -> Result<Self, StimError> {
        let bytes: Vec<u8> = trace.tokens.iter().flat_map(Token::raw).collect();
        let prompt_spans = if options.wants(Source::Long) {
            prompt_spans(engine, &trace.prompt.tokens, &trace.prompt.text)?
        } else {
            Vec::new()
        };
        let [from, to] = trace.prompt.question_span;
        Ok(Completion {
            passes: Passes::new(engine, cancel),
            corpus,
            options,
            recipe: Recipe {
                method: options.saliency,
                samples: options.samples,
                times: options.times,
                seed: options.seed,
                mask: options.mask(engine),
            },
            prompt: trace.prompt.tokens.clone(),
            prompt_text: trace.prompt.text.clone(),
            question: from..to,
            prompt_spans,
            output: trace.tokens.iter().map(|t| t.id).collect(),
            output_text: sanitize::same_offsets(&bytes).into_owned(),
            output_spans: trace.tokens.iter().map(|t| t.span[0]..t.span[1]).collect(),
        })
    }

    fn run(
        mut self,
        trace: &mut Trace,
        groups: &[Group],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Cost, StimError> {
        let (prompt_text, output_text) = (self.prompt_text.clone(), self.output_text.clone());
        let question = Spelled::new(&prompt_text, self.question.clone(), &self.prompt_spans);
        let output = Spelled::new(&output_text, 0..output_text.len(), &self.output_spans);
        let mut shared = self.shared(groups, &question, &output, on_progress)?;
        if self.options.forms == Forms::Completed {
            shared.completed = self.completed(trace, &shared.targets, on_progress)?;
        }
        let total = shared.targets.len();
        let mut done = 0;
        let mut waiting: Vec<&Group> = groups.iter().collect();
        while !waiting.is_empty() {
            let group = waiting.remove(self.next(&waiting));
            self.measure_mid(&mut shared, &group.tokens, on_progress)?;
            for &t in &group.tokens {
                self.passes.check_cancel()?;
                self.token(trace, t, &shared, &question, &output)?;
                done += 1;
                on_progress(Progress::Token {
                    index: t,
                    token: &trace.tokens[t],
                    done,
                    total,
                });
            }
        }
        self.passes.cost.tokens = done;
        Ok(self.passes.cost)
    }

    /// Which group comes next: the one that is looked at, else the first.
    fn next(&self, waiting: &[&Group]) -> usize {
        let focus = self.options.focus.as_ref();
        let at = focus.and_then(|f| {
            let token = f.load(Ordering::Relaxed);
            waiting.iter().position(|g| g.step.contains(&token))
        });
        at.unwrap_or(0)
    }

    /// Windows of all targets, and the saliency of the question for all of them.
    fn shared(
        &mut self,
        groups: &[Group],
        question: &Spelled,
        output: &Spelled,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Shared, StimError> {
        let mut targets: Vec<usize> = groups.iter().flat_map(|g| &g.tokens).copied().collect();
        targets.sort_unstable();
        let mut shared = Shared {
            windows: Vec::new(),
            long: vec![Vec::new(); targets.len()],
            maskable_question: question.maskable(),
            maskable_output: output.maskable(),
            completed: Vec::new(),
            mid: BTreeMap::new(),
            targets,
        };
        if self.options.wants(Source::Mid) {
            self.passes.part = AttributionPart::Windows;
            let mut tell = part(AttributionPart::Windows, on_progress);
            let (targets, longest) = (&shared.targets, self.options.longest_window);
            shared.windows =
                windows::find(&mut self.passes, &self.output, targets, longest, &mut tell)?;
            shared.mid = self.probes(&shared);
        }
        if self.options.wants(Source::Long) && !shared.maskable_question.is_empty() {
            let at = self.prompt.len();
            let probe = Probe {
                tokens: self.prompt.iter().chain(&self.output).copied().collect(),
                maskable: shared.maskable_question.clone(),
                targets: shared.targets.iter().map(|t| at + t).collect(),
                salt: 0,
            };
            self.passes.part = AttributionPart::Long;
            let mut tell = part(AttributionPart::Long, on_progress);
            shared.long = saliency::measure(&mut self.passes, &probe, self.recipe, &mut tell)?;
        }
        Ok(shared)
    }

    /// The words that the model makes of the targets' candidates.
    fn completed(
        &mut self,
        trace: &Trace,
        targets: &[usize],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Vec<Option<String>>>, StimError> {
        let bytes: Vec<u8> = trace.tokens.iter().flat_map(Token::raw).collect();
        let asked: Vec<Asked> = targets
            .iter()
            .map(|&t| Asked {
                context: self
                    .prompt
                    .iter()
                    .chain(&self.output[..t])
                    .copied()
                    .collect(),
                before: &bytes[..trace.tokens[t].span[0]],
                candidates: &trace.tokens[t].candidates.ids,
            })
            .collect();
        self.passes.part = AttributionPart::Candidates;
        let mut tell = part(AttributionPart::Candidates, on_progress);
        completing::complete(&mut self.passes, &asked, &mut tell)
    }

    /// One probe for all targets whose windows start at the same place, over the whole scope: what is drawn for it does not depend on the
    /// order of steps.
    fn probes(&self, shared: &Shared) -> BTreeMap<usize, (Probe, Option<Vec<Salience>>)> {
        let mut starts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (&t, w) in shared.targets.iter().zip(&shared.windows) {
            starts.entry(w.window.start).or_default().push(t);
        }
        let bos = self.passes.bos();
        let head = usize::from(bos.is_some());
        let probe = |(start, targets): (usize, Vec<usize>)| {
            let last = *targets.last()?;
            let before = shared.maskable_output.iter();
            let maskable = before
                .filter(|&&m| (start..last).contains(&m))
                .map(|m| head + m - start)
                .collect();
            let own = self.output[start..=last].iter().copied();
            let probe = Probe {
                tokens: bos.into_iter().chain(own).collect(),
                maskable,
                // A window of no token, at the start of the output, has nothing to mask.
                targets: targets
                    .iter()
                    .filter(|&&t| t > start)
                    .map(|t| head + t - start)
                    .collect(),
                salt: 1 + start as u64,
            };
            Some((start, (probe, None)))
        };
        starts.into_iter().filter_map(probe).collect()
    }

    /// Measures the probes that a group of tokens needs and that were not measured for an earlier one.
    fn measure_mid(
        &mut self,
        shared: &mut Shared,
        group: &[usize],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StimError> {
        if !self.options.wants(Source::Mid) {
            return Ok(());
        }
        let mut starts: Vec<usize> = group
            .iter()
            .map(|&t| shared.windows[place(&shared.targets, t)].window.start)
            .filter(|s| shared.mid.get(s).is_some_and(|(_, done)| done.is_none()))
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let total = starts.len();
        self.passes.part = AttributionPart::Mid;
        for (done, start) in starts.into_iter().enumerate() {
            if let Some((probe, measured)) = shared.mid.get_mut(&start) {
                let saliency =
                    saliency::measure(&mut self.passes, probe, self.recipe, &mut |_, _| ())?;
                *measured = Some(saliency);
                on_progress(Progress::Passes {
                    part: AttributionPart::Mid,
                    done: done + 1,
                    total,
                });
            }
        }
        Ok(())
    }

    /// Fills one token.
    fn token(
        &self,
        trace: &mut Trace,
        t: usize,
        shared: &Shared,
        question: &Spelled,
        output: &Spelled,
    ) -> Result<(), StimError> {
        let i = place(&shared.targets, t);
        let words = self.options.words;
        let text = &trace.tokens[t].text;
        // The target as a whole: of a number the digits come one by one.
        let whole = output.word_of(t).unwrap_or(text);
        let mut found = Vec::new();
        if self.options.wants(Source::Mid) {
            let start = shared.windows[i].window.start;
            let saliency = self.mid_saliency(shared, start, t);
            let before = trace.tokens[t].span[0];
            let words = output.salient(saliency, [text, whole], before, words);
            found.push((Source::Mid, words));
        }
        if self.options.wants(Source::Long) {
            let of = shared
                .maskable_question
                .iter()
                .copied()
                .zip(shared.long[i].iter().copied());
            let words = question.salient(of, [text, whole], usize::MAX, words);
            found.push((Source::Long, words));
        }
        // Words within the short context of the measures are local evidence.
        let near = output.words_of(t.saturating_sub(measures::DEEPEST)..t);
        let context: Vec<u32> = self
            .prompt
            .iter()
            .chain(&self.output[..t])
            .copied()
            .collect();
        let token = &mut trace.tokens[t];
        let mut far = Vec::new();
        for (source, words) in found {
            let texts: Vec<String> = words.iter().map(|w| w.text.clone()).collect();
            let completed = shared.completed.get(i).map(Vec::as_slice);
            let (counts, mut published) = self.published(token, source, words, completed)?;
            if source == Source::Mid {
                let found = &shared.windows[i];
                published.window = Some([found.window.start, found.window.end]);
                published.elicited = Some(found.elicited);
            }
            token.set_non_local(source, published, counts);
            let is_far = |w: &String| !near.contains(&w.as_str());
            far.push((source, texts.into_iter().filter(is_far).collect()));
        }
        measures::fill(token, self.corpus, &context, &far)
    }

    /// The saliency of output tokens for the target `t`, whose window begins at `start`.
    fn mid_saliency<'s>(
        &self,
        shared: &'s Shared,
        start: usize,
        t: usize,
    ) -> impl Iterator<Item = (usize, saliency::Estimate)> + use<'s> {
        let head = usize::from(self.passes.bos().is_some());
        let found = shared.mid.get(&start).and_then(|(probe, done)| {
            let at = probe.targets.binary_search(&(head + t - start)).ok()?;
            Some((probe, &done.as_ref()?[at]))
        });
        found.into_iter().flat_map(move |(probe, saliency)| {
            let tokens = probe.maskable.iter().map(move |m| m - head + start);
            tokens.zip(saliency.iter().copied())
        })
    }

    /// The candidates' mean co-occurrence with the salient words of a source.
    fn counts(
        &self,
        token: &Token,
        source: Source,
        words: &[SalientWord],
        completed: Option<&[Option<String>]>,
    ) -> Result<Vec<MeanCount>, CorpusError> {
        let how = self.options.cooccur;
        let candidates = &token.candidates;
        let texts: Vec<String> = words.iter().map(|w| w.text.clone()).collect();
        match self.options.forms {
            Forms::Words => cooccurrence::mean_counts(self.corpus, &texts, &candidates.text, how),
            Forms::Tokens => {
                let (ids, spans) = match source {
                    Source::Mid => (&self.output, &self.output_spans),
                    _ => (&self.prompt, &self.prompt_spans),
                };
                let salient: Vec<&[u32]> = words
                    .iter()
                    .map(|w| &ids[overlapping(spans, w.span)])
                    .collect();
                let holds_word = |c: &String| !rotescope_text::words(c).is_empty();
                let counted: Vec<bool> = candidates.text.iter().map(holds_word).collect();
                cooccurrence::mean_token_counts(
                    self.corpus,
                    &salient,
                    &candidates.ids,
                    &counted,
                    how,
                )
            }
            Forms::Completed => {
                let forms = completed.unwrap_or_default().iter();
                let forms: Vec<Option<&str>> = forms.map(Option::as_deref).collect();
                cooccurrence::mean_word_counts(self.corpus, &texts, &forms, how)
            }
        }
    }

    /// The published score of a source from its salient words, and the candidates' counts.
    fn published(
        &self,
        token: &Token,
        source: Source,
        words: Vec<SalientWord>,
        completed: Option<&[Option<String>]>,
    ) -> Result<(Vec<MeanCount>, NonLocal), CorpusError> {
        let counts = self.counts(token, source, &words, completed)?;
        let score = cooccurrence::score(&token.candidates.p, &counts);
        let non_local = NonLocal {
            score: score.ok(),
            undefined: score.err().map(str::to_string),
            words,
            window: None,
            elicited: None,
        };
        Ok((counts, non_local))
    }
}

/// Tokens that overlap bytes, by their spans.
fn overlapping(spans: &[ByteRange], [from, to]: Span) -> Range<usize> {
    let first = spans.partition_point(|s| s.end <= from);
    let behind = spans.partition_point(|s| s.start < to);
    first..behind.max(first)
}

/// Where a token in scope stands among the targets.
fn place(targets: &[usize], t: usize) -> usize {
    targets.partition_point(|&x| x < t)
}

/// Progress of passes, as the caller of the completion sees it.
fn part<'p>(
    part: AttributionPart,
    on_progress: &'p mut dyn FnMut(Progress),
) -> impl FnMut(usize, usize) + use<'p> {
    move |done, total| on_progress(Progress::Passes { part, done, total })
}
