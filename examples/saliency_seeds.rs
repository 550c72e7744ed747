//! How far saliency by sampling (LERG_S) agrees with itself under another seed: `saliency_seeds [--chains N] [--seeds N] [--step N] [--times 1,4] [PROMPTS...]`.
//!
//! The tokens of one step of each completion are scored with every seed. For each token and pair of seeds: Spearman's correlation of the saliency of all words of
//! its context, the share of the five salient words that both have, and whether the published score (to two digits), and the cause, stay. Prints a Markdown table.
//! Leave-one-out, which has no seed, is compared with the first seed in a line of its own, which has its seconds.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rotescope::run::pipeline::Scorer;
use rotescope::run::prompts;
use rotescope::shipped;
use rotescope_corpus::{Cooccur, Corpus, LocalIndex};
use rotescope_model::{CancelToken, Engine, ModelOptions};
use rotescope_stats::spearman;
use rotescope_stim::cooccurrence::{mean_counts, score};
use rotescope_stim::measures;
use rotescope_stim::{Method, NonLocalSettings, Scope, attribute_completion};
use rotescope_text::words;
use rotescope_trace::{IndexRef, NonLocal, Sampler, Source, Token, Trace};

fn non_local(t: &Token, source: Source) -> Option<&NonLocal> {
    match source {
        Source::Mid => t.mid.as_ref(),
        Source::Long => t.long.as_ref(),
        Source::Local => None,
    }
}

/// The salient words that the score counts: the first five.
fn top(d: &NonLocal) -> Vec<String> {
    let five = d.words.iter().take(NonLocalSettings::default().words);
    five.map(|w| w.text.clone()).collect()
}

/// A trace with the saliency of all words gets the scores and causes that it has with the usual number of them.
fn rescore(trace: &mut Trace, corpus: &dyn Corpus) -> Result<()> {
    let words: Vec<(String, Range<usize>)> = words(&trace.output)
        .iter()
        .map(|w| (w.text.to_string(), w.span.clone()))
        .collect();
    let ids: Vec<u32> = trace.prompt.tokens.clone();
    let output: Vec<u32> = trace.tokens.iter().map(|t| t.id).collect();
    for t in 0..trace.tokens.len() {
        let from = trace.tokens[t.saturating_sub(measures::DEEPEST)].span[0];
        let to = trace.tokens[t].span[0];
        // Words within the short context of the measures are local evidence.
        let near: Vec<&str> = words
            .iter()
            .filter(|(_, s)| s.start < to && from < s.end)
            .map(|(w, _)| w.as_str())
            .collect();
        let context: Vec<u32> = ids.iter().chain(&output[..t]).copied().collect();
        let token = &mut trace.tokens[t];
        let mut far = Vec::new();
        for source in Source::non_local() {
            let Some(mut found) = token.non_local(source).cloned() else {
                continue;
            };
            let five = top(&found);
            let candidates = &token.candidates;
            let counts = mean_counts(corpus, &five, &candidates.text, Cooccur::Document)?;
            found.score = score(&candidates.p, &counts).ok();
            token.set_non_local(source, found, counts);
            let is_far = |w: &String| !near.contains(&w.as_str());
            far.push((source, five.into_iter().filter(is_far).collect()));
        }
        if !far.is_empty() {
            measures::fill(token, corpus, &context, &far)?;
        }
    }
    Ok(())
}

/// Sums over tokens and pairs of runs, for one source.
#[derive(Default)]
struct Agreement {
    spearman: (f64, usize),
    words: (f64, usize),
    score: (usize, usize),
}

impl Agreement {
    fn add(&mut self, a: &NonLocal, b: &NonLocal) {
        let saliency = |d: &NonLocal| -> BTreeMap<String, f64> {
            d.words
                .iter()
                .map(|w| (w.text.clone(), w.saliency))
                .collect()
        };
        let (x, y) = (saliency(a), saliency(b));
        let both: Vec<(f64, f64)> = x
            .iter()
            .filter_map(|(w, v)| Some((*v, *y.get(w)?)))
            .collect();
        let (x, y): (Vec<f64>, Vec<f64>) = both.into_iter().unzip();
        if x.len() > 2
            && let Some(rho) = spearman(&x, &y)
        {
            self.spearman = (self.spearman.0 + rho, self.spearman.1 + 1);
        }
        let (first, second) = (top(a), top(b));
        if !first.is_empty() {
            let common = first.iter().filter(|w| second.contains(w)).count();
            self.words = (
                self.words.0 + common as f64 / first.len() as f64,
                self.words.1 + 1,
            );
        }
        let same = match (a.score, b.score) {
            (Some(a), Some(b)) => (a - b).abs() < 0.005,
            (None, None) => true,
            _ => false,
        };
        self.score = (self.score.0 + usize::from(same), self.score.1 + 1);
    }
}

/// Mid, long, and whether the cause stays.
#[derive(Default)]
struct Row {
    by: [Agreement; 2],
    cause: (usize, usize),
}

impl Row {
    fn add(&mut self, a: &Trace, b: &Trace) {
        for (x, y) in a.tokens.iter().zip(&b.tokens) {
            let mut any = false;
            for (by, source) in self.by.iter_mut().zip([Source::Mid, Source::Long]) {
                if let (Some(p), Some(q)) = (non_local(x, source), non_local(y, source)) {
                    by.add(p, q);
                    any = true;
                }
            }
            if any {
                let same = x.cause.map(|c| c.source) == y.cause.map(|c| c.source);
                self.cause = (self.cause.0 + usize::from(same), self.cause.1 + 1);
            }
        }
    }

    fn print(&self, name: &str, seconds: f64) {
        let mean = |(sum, n): (f64, usize)| sum / n.max(1) as f64;
        let share = |(k, n): (usize, usize)| 100.0 * k as f64 / n.max(1) as f64;
        let [mid, long] = &self.by;
        println!(
            "| {name} | {:.3} | {:.3} | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {} | {seconds:.1} |",
            mean(mid.spearman),
            mean(long.spearman),
            100.0 * mean(mid.words),
            100.0 * mean(long.words),
            share(mid.score),
            share(long.score),
            share(self.cause),
            self.cause.1,
        );
    }
}

fn main() -> Result<()> {
    let (mut chains, mut seeds, mut step) = (4usize, 2u64, 2usize);
    let mut files = Vec::new();
    // Times the default number of samples.
    let mut factors = vec![1usize, 4];
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} wants a value"));
        match arg.as_str() {
            "--chains" => chains = value()?.parse()?,
            "--seeds" => seeds = value()?.parse()?,
            "--step" => step = value()?.parse()?,
            "--times" => {
                factors = value()?
                    .split(',')
                    .map(str::parse)
                    .collect::<Result<_, _>>()?;
            }
            _ if arg.starts_with('-') => bail!(
                "usage: saliency_seeds [--chains N] [--seeds N] [--step N] [--times 1,4] [PROMPTS...]"
            ),
            _ => files.push(PathBuf::from(arg)),
        }
    }
    if files.is_empty() {
        files = [
            "applied-base",
            "applied-longtail",
            "planted-mid",
            "counting-base",
        ]
        .map(|f| format!("prompts/{f}.jsonl").into())
        .to_vec();
    }
    let bundle = shipped::bundle()?;
    let index: Arc<dyn Corpus> = Arc::new(
        LocalIndex::open(bundle.index())
            .context("the bundled index: any `rotescope score` builds it")?,
    );
    let engine = Engine::load(ModelOptions::new(bundle.model()?), |_| {
        ControlFlow::Continue(())
    })?;
    let scorer = Scorer {
        corpus: Some((Arc::clone(&index), IndexRef::default())),
        sampler: Sampler {
            max_tokens: 120,
            ..Default::default()
        },
        ..Scorer::new(engine)
    };
    let cancel = CancelToken::new();
    let mut generated = Vec::new();
    for file in &files {
        let prompts = prompts::read_plainly(file)?;
        let each = chains.div_ceil(files.len());
        for prompt in prompts.iter().step_by(7).take(each) {
            generated.push(scorer.score(prompt, &cancel, &mut |_| ())?);
        }
    }
    generated.truncate(chains);
    let run = |trace: &Trace, settings: &NonLocalSettings| -> Result<(Trace, f64)> {
        let mut trace = trace.clone();
        let settings = NonLocalSettings {
            words: usize::MAX,
            scope: Scope::Step(step.min(trace.steps.len())),
            ..settings.clone()
        };
        let (engine, corpus) = (&scorer.engine, index.as_ref());
        let cost =
            attribute_completion(&mut trace, engine, corpus, &settings, &cancel, &mut |_| ())?;
        rescore(&mut trace, corpus)?;
        Ok((trace, cost.seconds))
    };
    println!(
        "| compared | Spearman mid | Spearman long | common words mid | common words long | score stays mid | score stays long | cause stays | pairs | seconds a chain |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for &times in &factors {
        let (mut seeded, mut plain) = (Row::default(), Row::default());
        let (mut seconds, mut erased, mut runs) = (0.0, 0.0, 0);
        for trace in &generated {
            let mut scored: Vec<Trace> = Vec::new();
            for seed in 0..seeds {
                let settings = NonLocalSettings {
                    saliency: Method::LergS,
                    times,
                    seed,
                    ..Default::default()
                };
                let (one, took) = run(trace, &settings)?;
                scored.push(one);
                (seconds, runs) = (seconds + took, runs + 1);
            }
            for (i, a) in scored.iter().enumerate() {
                scored[i + 1..].iter().for_each(|b| seeded.add(a, b));
            }
            if times == factors[0]
                && let Some(first) = scored.first()
            {
                let (other, took) = run(trace, &NonLocalSettings::default())?;
                plain.add(first, &other);
                erased += took;
            }
        }
        let each = seconds / f64::from(runs.max(1));
        seeded.print(&format!("two seeds, {times} x the default samples"), each);
        if times == factors[0] {
            let each = erased / generated.len() as f64;
            plain.print("a seed and leave-one-out", each);
        }
    }
    Ok(())
}
