//! A whole completion: eliciting windows, saliency, salient words, co-occurrence, measures.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::budget::Spent;
use super::chain::{Chain, Search};
use super::completing::{self, Asked};
use super::cooccurrence::Forms;
use super::counting::Counting;
use super::error::StimError;
use super::full::Full;
use super::measures;
use super::order::{Group, in_order, next};
use super::passes::Passes;
use super::progress::{AttributionPart, Cost, Progress, part};
use super::saliency::Recipe;
use super::salient::{Spelled, prompt_spans};
use super::settings::{Method, NonLocalSettings, Scope};
use super::staged::Staged;
use rotescope_corpus::Counts;
use rotescope_model::{CancelToken, Engine};
use rotescope_text::{ByteRange, sanitize};
use rotescope_trace::{Source, Token, Trace};

/// Fills mid, long, measures and cause of the tokens in scope; their local scores must be filled already. What other tokens had of these
/// is cleared, and the trace's options say how it was done.
///
/// Tokens come in the order of steps that the settings ask for, or the most surprising first (with a budget, or the staged search); `on_progress` sees each when
/// it is done. The result depends neither on that
/// order, nor on what the engine did before, nor on its number of threads. Another batch size or number of parallel sequences
/// ([`rotescope_model::ModelOptions`]) moves log-probabilities by up to some 1e-3, and may so exchange words that are about equally salient.
/// When it is cancelled, tokens that are done stay done. When a budget is spent, the others are [pending](Token::pending); a later call with the same
/// settings but for the budget goes on with them.
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
    let goes_on = goes_on(trace, options, engine);
    if !goes_on {
        clear(trace);
    }
    trace.attribution.non_local = Some(options.options(engine));
    let mut groups = in_order(trace, options);
    let mut targets: Vec<usize> = groups.iter().flatten().copied().collect();
    targets.sort_unstable();
    if goes_on {
        groups.retain(|g| g.iter().any(|&t| !trace.tokens[t].pending.is_empty()));
    }
    let completion = Completion::new(trace, engine, corpus, options, cancel)?;
    let mut cost = completion.run(trace, targets, groups, began, on_progress)?;
    cost.seconds = began.elapsed().as_secs_f64();
    Ok(cost)
}

/// Whether a trace has tokens that a budget left undone, and the others got what they would get by these settings.
pub fn goes_on(trace: &Trace, options: &NonLocalSettings, engine: &Engine) -> bool {
    let before = trace.attribution.non_local.as_ref();
    before.is_some_and(|o| o.goes_on(&options.options(engine)))
        && trace.tokens.iter().any(|t| !t.pending.is_empty())
}

/// Takes back what [`attribute_completion`] fills.
pub fn clear(trace: &mut Trace) {
    trace.attribution.non_local = None;
    for token in &mut trace.tokens {
        token.clear_non_local();
        token.measures.clear();
        token.cause = None;
        token.pending.clear();
    }
}

/// A completion at work.
struct Completion<'a> {
    passes: Passes<'a>,
    corpus: &'a dyn Counts,
    options: &'a NonLocalSettings,
    mask: u32,
    prompt_spans: Vec<ByteRange>,
    output_bytes: Vec<u8>,
    output_spans: Vec<ByteRange>,
}

/// The completion as tokens and as words.
struct Texts<'t> {
    chain: &'t Chain,
    question: Spelled<'t>,
    output: Spelled<'t>,
}

/// Of each token the words that the model makes of its candidates.
type Completed = BTreeMap<usize, Vec<Option<String>>>;

impl<'a> Completion<'a> {
    fn new(
        trace: &Trace,
        engine: &'a Engine,
        corpus: &'a dyn Counts,
        options: &'a NonLocalSettings,
        cancel: &'a CancelToken,
    ) -> Result<Self, StimError> {
        let prompt_spans = if options.wants(Source::Long) {
            prompt_spans(engine, &trace.prompt.tokens, &trace.prompt.text)?
        } else {
            Vec::new()
        };
        Ok(Completion {
            passes: Passes::new(engine, cancel),
            corpus,
            options,
            mask: options.mask(engine),
            prompt_spans,
            output_bytes: trace.tokens.iter().flat_map(Token::raw).collect(),
            output_spans: trace.tokens.iter().map(|t| t.span[0]..t.span[1]).collect(),
        })
    }

    fn run(
        mut self,
        trace: &mut Trace,
        targets: Vec<usize>,
        mut waiting: Vec<Group>,
        began: Instant,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Cost, StimError> {
        let options = self.options;
        let prompt_text = trace.prompt.text.clone();
        let output_text = sanitize::same_offsets(&self.output_bytes).into_owned();
        let [from, to] = trace.prompt.question_span;
        let question = Spelled::new(&prompt_text, from..to, &self.prompt_spans);
        let output = Spelled::new(&output_text, 0..output_text.len(), &self.output_spans);
        let chain = Chain {
            prompt: trace.prompt.tokens.clone(),
            output: trace.tokens.iter().map(|t| t.id).collect(),
            targets,
            question: question.maskable(),
            own: output.maskable(),
            sources: options.sources.clone(),
            longest_window: options.longest_window,
            bos: self.passes.bos(),
        };
        let texts = Texts {
            chain: &chain,
            question,
            output,
        };
        let completes = options.forms == Forms::Completed;
        let mut completed = Completed::new();
        if completes && options.budget.is_none() {
            // All in one, for they share the context.
            let all: Group = waiting.iter().flatten().copied().collect();
            completed = self.complete(trace, &chain, &all, on_progress)?;
        }
        let mut search: Box<dyn Search> = match options.saliency {
            Method::Staged => Box::new(Staged::new(
                &mut self.passes,
                &chain,
                self.mask,
                on_progress,
            )?),
            method => {
                let recipe = Recipe {
                    method,
                    samples: options.samples,
                    times: options.times,
                    seed: options.seed,
                    mask: self.mask,
                };
                Box::new(Full::new(&mut self.passes, &chain, recipe, on_progress)?)
            }
        };
        let first = self.spent(began);
        let total = waiting.iter().map(Vec::len).sum();
        let (mut groups, mut done) = (0, 0);
        while !waiting.is_empty() {
            let spent = |b: super::Budget| b.is_spent(first, self.spent(began), groups);
            if groups > 0 && options.budget.is_some_and(spent) {
                break;
            }
            let watched = options.focus.as_ref().map(|f| f.load(Ordering::Relaxed));
            let group = waiting.remove(next(trace, &waiting, watched));
            search.prepare(&mut self.passes, &group, on_progress)?;
            if completes && options.budget.is_some() {
                completed = self.complete(trace, &chain, &group, on_progress)?;
            }
            for t in group {
                self.passes.check_cancel()?;
                let completed = completed.get(&t).map(Vec::as_slice);
                self.token(trace, t, search.as_ref(), &texts, completed)?;
                done += 1;
                on_progress(Progress::Token {
                    index: t,
                    token: &trace.tokens[t],
                    done,
                    total,
                });
            }
            groups += 1;
        }
        for t in waiting.into_iter().flatten() {
            trace.tokens[t].pending.clone_from(&options.sources);
        }
        self.passes.cost.tokens = done;
        Ok(self.passes.cost)
    }

    fn spent(&self, began: Instant) -> Spent {
        Spent {
            evaluated: self.passes.cost.whole.evaluated,
            time: began.elapsed(),
        }
    }

    /// The words that the model makes of the candidates of some tokens.
    fn complete(
        &mut self,
        trace: &Trace,
        chain: &Chain,
        tokens: &[usize],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Completed, StimError> {
        let asked: Vec<Asked> = tokens
            .iter()
            .map(|&t| Asked {
                context: chain.before(t),
                before: &self.output_bytes[..trace.tokens[t].span[0]],
                candidates: &trace.tokens[t].candidates.ids,
            })
            .collect();
        self.passes.part = AttributionPart::Candidates;
        let mut tell = part(AttributionPart::Candidates, on_progress);
        let words = completing::complete(&mut self.passes, &asked, &mut tell)?;
        Ok(tokens.iter().copied().zip(words).collect())
    }

    /// Fills one token.
    fn token(
        &self,
        trace: &mut Trace,
        t: usize,
        search: &dyn Search,
        texts: &Texts,
        completed: Option<&[Option<String>]>,
    ) -> Result<(), StimError> {
        let most = self.options.words;
        let (output, question) = (&texts.output, &texts.question);
        let text = &trace.tokens[t].text;
        // The target as a whole: of a number the digits come one by one.
        let target = [text, output.word_of(t).unwrap_or(text)];
        let mut found = Vec::new();
        if self.options.wants(Source::Mid) {
            let before = trace.tokens[t].span[0];
            let words = output.salient(search.mid(t).into_iter(), target, before, most);
            found.push((Source::Mid, words));
        }
        if self.options.wants(Source::Long) {
            let words = question.salient(search.long(t).into_iter(), target, usize::MAX, most);
            found.push((Source::Long, words));
        }
        // Words within the short context of the measures are local evidence.
        let near = output.words_of(t.saturating_sub(measures::DEEPEST)..t);
        let token = &mut trace.tokens[t];
        token.pending.clear();
        let mut far = Vec::new();
        for (source, words) in found {
            let (ids, spans) = match source {
                Source::Mid => (&texts.chain.output, &self.output_spans),
                _ => (&texts.chain.prompt, &self.prompt_spans),
            };
            let counting = Counting {
                corpus: self.corpus,
                how: self.options.cooccur,
                forms: self.options.forms,
                ids,
                spans,
            };
            let named: Vec<String> = words.iter().map(|w| w.text.clone()).collect();
            let (counts, mut published) = counting.published(token, words, completed)?;
            if source == Source::Mid
                && let Some(found) = search.window(t)
            {
                published.window = Some([found.window.start, found.window.end]);
                published.elicited = Some(found.elicited);
            }
            token.set_non_local(source, published, counts);
            let is_far = |w: &String| !near.contains(&w.as_str());
            far.push((source, named.into_iter().filter(is_far).collect()));
        }
        measures::fill(token, self.corpus, &texts.chain.before(t), &far)
    }
}
