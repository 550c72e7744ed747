//! How far saliency by sampling (LERG_S) agrees with itself under another seed: `saliency_seeds [--chains N] [--seeds N] [--step N] [--times 1,4] [PROMPTS...]`.
//!
//! The tokens of one step of each chain are scored with every seed. For each token and pair of seeds: Spearman's correlation of the saliency of all words of
//! its context, the share of the five salient words that both have, and whether the published score (to two digits), and the cause, stay. Prints a Markdown table.
//! Leave-one-out, which has no seed, is compared with the first seed in a line of its own.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rotescope::corpus::{Corpus, LocalIndex};
use rotescope::model::{CancelToken, Engine, ModelOptions};
use rotescope::run::bundle::Bundle;
use rotescope::run::pipeline::Scorer;
use rotescope::run::prompts;
use rotescope::stats::spearman;
use rotescope::stim::{DistantSettings, Method, Scope, attribute_chain};
use rotescope::text::SplitBy;
use rotescope::trace::{Distant, IndexRef, ModelRef, Sampler, Source, Token, Trace};

/// A step scored once with the words that count, and once with all words kept, for their saliency.
struct Scored {
    usual: Trace,
    all_words: Trace,
}

fn distant(t: &Token, source: Source) -> Option<&Distant> {
    match source {
        Source::Mid => t.mid.as_ref(),
        Source::Long => t.long.as_ref(),
        Source::Local => None,
    }
}

/// Sums over tokens and pairs of runs, for one source.
#[derive(Default)]
struct Agreement {
    spearman: (f64, usize),
    words: (f64, usize),
    score: (usize, usize),
}

impl Agreement {
    fn add(&mut self, a: [&Distant; 2], b: [&Distant; 2]) {
        let saliency = |d: &Distant| -> BTreeMap<String, f64> {
            d.words
                .iter()
                .map(|w| (w.text.clone(), w.saliency))
                .collect()
        };
        let (x, y) = (saliency(a[1]), saliency(b[1]));
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
        if !a[0].words.is_empty() {
            let other = |text: &str| b[0].words.iter().any(|w| w.text == text);
            let common = a[0].words.iter().filter(|w| other(&w.text)).count();
            let share = common as f64 / a[0].words.len() as f64;
            self.words = (self.words.0 + share, self.words.1 + 1);
        }
        let same = match (a[0].score, b[0].score) {
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
    fn add(&mut self, a: &Scored, b: &Scored) {
        for (i, t) in a.usual.tokens.iter().enumerate() {
            let other = &b.usual.tokens[i];
            let all = [&a.all_words.tokens[i], &b.all_words.tokens[i]];
            let mut any = false;
            for (by, source) in self.by.iter_mut().zip([Source::Mid, Source::Long]) {
                let of = |t: &'_ Token| distant(t, source).cloned();
                if let (Some(x), Some(y), Some(p), Some(q)) =
                    (of(t), of(other), of(all[0]), of(all[1]))
                {
                    by.add([&x, &p], [&y, &q]);
                    any = true;
                }
            }
            if any {
                let same = t.cause.map(|c| c.source) == other.cause.map(|c| c.source);
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
    let (mut chains, mut seeds, mut step) = (8usize, 3u64, 2usize);
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
    let bundle = Bundle::find().context("the bundle, in the working directory")?;
    let index: Arc<dyn Corpus> = Arc::new(
        LocalIndex::open(bundle.index())
            .context("the bundled index: any `rotescope score` builds it")?,
    );
    let scorer = Scorer {
        engine: Engine::load(ModelOptions::new(bundle.model()), |_| {
            ControlFlow::Continue(())
        })?,
        corpus: Some((Arc::clone(&index), IndexRef::default())),
        model: ModelRef::default(),
        sampler: Sampler {
            top_p: 1.0,
            max_tokens: 120,
            ..Default::default()
        },
        candidates: 20,
        distant: None,
        split: SplitBy::Sentence,
        raw: false,
        finish: Default::default(),
    };
    let cancel = CancelToken::new();
    let mut generated = Vec::new();
    for file in &files {
        let prompts = prompts::read(file)?;
        let each = chains.div_ceil(files.len());
        let mut taken = 0;
        for prompt in prompts.iter().step_by(7) {
            if taken == each {
                break;
            }
            let trace = scorer.score(prompt, &cancel, &mut |_| ())?;
            // A list is one long step: of that too, only the step asked for, or the only one there is.
            if trace.steps.len() > 1 {
                generated.push(trace);
                taken += 1;
            }
        }
    }
    generated.truncate(chains);
    let run = |trace: &Trace, settings: &DistantSettings| -> Result<(Scored, f64)> {
        let one = |words: usize| -> Result<(Trace, f64)> {
            let mut trace = trace.clone();
            let settings = DistantSettings {
                words,
                scope: Scope::Step(step.min(trace.steps.len())),
                ..settings.clone()
            };
            let (engine, corpus) = (&scorer.engine, index.as_ref());
            let cost =
                attribute_chain(&mut trace, engine, corpus, &settings, &cancel, &mut |_| ())?;
            Ok((trace, cost.seconds))
        };
        let (usual, seconds) = one(DistantSettings::default().words)?;
        let (all_words, _) = one(usize::MAX)?;
        Ok((Scored { usual, all_words }, seconds))
    };
    println!(
        "| compared | Spearman mid | Spearman long | common words mid | common words long | score stays mid | score stays long | cause stays | pairs | seconds a chain |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for &times in &factors {
        let (mut seeded, mut plain) = (Row::default(), Row::default());
        let (mut seconds, mut runs) = (0.0, 0);
        for trace in &generated {
            let mut scored: Vec<Scored> = Vec::new();
            for seed in 0..seeds {
                let settings = DistantSettings {
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
                plain.add(first, &run(trace, &DistantSettings::default())?.0);
            }
        }
        let each = seconds / f64::from(runs.max(1));
        seeded.print(&format!("two seeds, {times} x the default samples"), each);
        if times == factors[0] {
            plain.print("a seed and leave-one-out", f64::NAN);
        }
    }
    Ok(())
}
