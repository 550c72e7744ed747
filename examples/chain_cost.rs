//! What attribution costs by the length of a completion: `chain_cost [--tokens 60,120,240,400] [--chains N] [--method M] [--model GGUF --index DIR] [PROMPTS...]`.
//!
//! Generates greedily and stops at each length, scores all sources and tokens, and prints a Markdown table: tokens that the model read for windows, for
//! the question's words and for the output's words, each with what was expected, seconds, how many scored tokens no window elicits, and how many times
//! as many tokens the authors' way reads (see [`authors`]). Completions that end earlier are
//! left out. Without prompts: applied-base and counting-longtail. Without a model: the bundled one, and its corpus; with one, an index with its tokenizer.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rotescope::run::pipeline::Scorer;
use rotescope::run::prompts;
use rotescope::shipped;
use rotescope_corpus::{Corpus, LocalIndex};
use rotescope_model::{CancelToken, Engine, ModelOptions};
use rotescope_stim::settings::expected_evaluated;
use rotescope_stim::{NonLocalSettings, attribute_completion};
use rotescope_trace::{IndexRef, Token, Trace};

fn main() -> Result<()> {
    let mut settings = NonLocalSettings::default();
    let (mut lengths, mut chains, mut files) = (vec![60, 120, 240, 400], 3usize, Vec::new());
    let (mut model, mut folder) = (None, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} wants a value"));
        match arg.as_str() {
            "--tokens" => {
                lengths = value()?
                    .split(',')
                    .map(str::parse)
                    .collect::<Result<_, _>>()?;
            }
            "--method" => settings.saliency = value()?.parse().map_err(anyhow::Error::msg)?,
            "--chains" => chains = value()?.parse()?,
            "--model" => model = Some(PathBuf::from(value()?)),
            "--index" => folder = Some(PathBuf::from(value()?)),
            _ if arg.starts_with('-') => {
                bail!(
                    "usage: chain_cost [--tokens 60,120,240,400] [--chains N] [--method M] [--model GGUF --index DIR] [PROMPTS...]"
                )
            }
            _ => files.push(PathBuf::from(arg)),
        }
    }
    let bundle = shipped::bundle()?;
    if files.is_empty() {
        files = vec![
            "prompts/applied-base.jsonl".into(),
            "prompts/counting-longtail.jsonl".into(),
        ];
    }
    let folder = folder.unwrap_or_else(|| bundle.index());
    let opened = LocalIndex::open(folder);
    let index: Arc<dyn Corpus> =
        Arc::new(opened.context("the bundled index: any `rotescope score` builds it")?);
    let model = model.map_or_else(|| bundle.model(), Ok)?;
    let engine = Engine::load(ModelOptions::new(model), |_| ControlFlow::Continue(()))?;
    let mut scorer = Scorer {
        corpus: Some((Arc::clone(&index), IndexRef::default())),
        ..Scorer::new(engine)
    };
    println!(
        "| prompts | tokens | chains | question | scored | not elicited | for windows (expected) | for the question's words | for the output's words | seconds | the authors' way, times as many |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for file in &files {
        for &length in &lengths {
            scorer.sampler.max_tokens = length;
            let cancel = CancelToken::new();
            let (mut done, mut scored, mut alone, mut expected) = (0usize, 0, 0, [0usize; 3]);
            let (mut read, mut seconds, mut asked, mut theirs) = ([0u64; 3], 0.0, 0, 0);
            for prompt in prompts::read_plainly(file)? {
                if done == chains {
                    break;
                }
                let mut trace = scorer.score(&prompt, &cancel, &mut |_| ())?;
                if trace.tokens.len() < length {
                    continue;
                }
                let cost = attribute_completion(
                    &mut trace,
                    &scorer.engine,
                    index.as_ref(),
                    &settings,
                    &cancel,
                    &mut |_| (),
                )?;
                done += 1;
                scored += cost.tokens;
                let elicited = |t: &Token| t.mid.as_ref()?.elicited;
                alone += trace
                    .tokens
                    .iter()
                    .filter(|t| elicited(t) == Some(false))
                    .count();
                (0..3).for_each(|k| read[k] += cost.parts[k].evaluated);
                seconds += cost.seconds;
                let [from, to] = trace.prompt.question_span;
                let question = scorer
                    .engine
                    .tokenize(&trace.prompt.text[from..to], false, false);
                asked += question.len();
                theirs += authors(&trace, question.len());
                let guess = expected_evaluated(&settings, question.len(), length);
                (0..3).for_each(|k| expected[k] += guess[k]);
            }
            if done == 0 {
                continue;
            }
            let part = |k: usize| format!("{} ({})", read[k] / done as u64, expected[k] / done);
            println!(
                "| {} | {length} | {done} | {} | {} | {} | {} | {} | {} | {:.1} | {:.0} |",
                file.file_stem().unwrap_or_default().to_string_lossy(),
                asked / done,
                scored / done,
                alone / done,
                part(0),
                part(1),
                part(2),
                seconds / done as f64,
                theirs as f64 / read.iter().sum::<u64>() as f64,
            );
        }
    }
    Ok(())
}

/// Tokens that the authors' code would read, worked out from the windows that were found and not run. For each scored token: windows from the shortest
/// on, each by itself, up to the one that elicits it; and for the window and for the question (`Q` tokens, half of them no stop words) pairs of samples,
/// `max(500 / length, 5)` for each token that is no stop word, each sample of the whole context and, for the question, of the output before the token.
fn authors(trace: &Trace, question: usize) -> u64 {
    let samples = |context: usize, behind: usize| {
        let each = (500 / context.max(1)).max(5);
        2 * each * context.div_ceil(2) * (context + behind)
    };
    let of_one = |(at, token): (usize, &Token)| {
        let Some(window) = token.mid.as_ref().and_then(|mid| mid.window) else {
            return 0;
        };
        let length = window[1].saturating_sub(window[0]);
        length * (length + 1) / 2 + samples(length, 1) + samples(question, at)
    };
    trace.tokens.iter().enumerate().map(of_one).sum::<usize>() as u64
}
