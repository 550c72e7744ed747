//! What candidates should be counted as: `candidate_forms --model M --index DIR TRACES...`, traces attributed with `--forms completed`.
//!
//! Counts the candidates of every token again as words and as tokens, with the same salient words, and prints a Markdown table: how well the published scores rank
//! the wrong tokens of the first wrong step (mean AUROC within the step, and how often a wrong token is ranked first), and how often the largest names
//! a planted source.

use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rotescope_corpus::{Cooccur, LocalIndex};
use rotescope_model::{Engine, ModelOptions};
use rotescope_stim::Forms;
use rotescope_stim::cooccurrence::{mean_counts, mean_token_counts, score};
use rotescope_study::evaluate::known_cause::{KnownCause, token_at};
use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::{PerSource, Source, Token, Trace};

/// Published scores by form.
type Scores = [PerSource; Forms::ALL.len()];

/// The tokens that overlap bytes.
/// A score of a token's sources.
type Way<'a> = &'a dyn Fn(&PerSource) -> Option<f64>;

fn overlapping(spans: &[Range<usize>], [from, to]: [usize; 2]) -> Range<usize> {
    let first = spans.partition_point(|s| s.end <= from);
    first..spans.partition_point(|s| s.start < to).max(first)
}

fn scores(
    trace: &Trace,
    token: &Token,
    spans: &[Vec<Range<usize>>; 2],
    corpus: &LocalIndex,
) -> Result<Scores> {
    let ids: Vec<u32> = trace.tokens.iter().map(|t| t.id).collect();
    let c = &token.candidates;
    let counted: Vec<bool> = c
        .text
        .iter()
        .map(|t| !rotescope_text::words(t).is_empty())
        .collect();
    let mut found = [[None; 3]; Forms::ALL.len()];
    for (f, form) in Forms::ALL.into_iter().enumerate() {
        for (s, source) in Source::ALL.into_iter().enumerate() {
            let Some(of) = token.non_local(source) else {
                found[f][s] = token.score(source);
                continue;
            };
            let texts: Vec<String> = of.words.iter().map(|w| w.text.clone()).collect();
            let (ids, spans) = match source {
                Source::Mid => (&ids, &spans[1]),
                _ => (&trace.prompt.tokens, &spans[0]),
            };
            let tokens: Vec<&[u32]> = of
                .words
                .iter()
                .map(|w| &ids[overlapping(spans, w.span)])
                .collect();
            let how = Cooccur::Document;
            found[f][s] = match form {
                Forms::Words => score(&c.p, &mean_counts(corpus, &texts, &c.text, how)?).ok(),
                Forms::Tokens => score(
                    &c.p,
                    &mean_token_counts(corpus, &tokens, &c.ids, &counted, how)?,
                )
                .ok(),
                Forms::Completed => of.score,
            };
        }
    }
    Ok(found.map(|f| PerSource::of(|s| f[s as usize])))
}

/// Where the prompt's and the output's tokens lie.
fn spans(trace: &Trace, engine: &Engine) -> [Vec<Range<usize>>; 2] {
    let mut at = 0;
    let text = trace.prompt.text.as_bytes();
    let prompt = trace.prompt.tokens.iter().map(|&id| {
        let bytes = engine.token_bytes(id);
        let length = if text[at..].starts_with(&bytes) {
            bytes.len()
        } else {
            0
        };
        at += length;
        at - length..at
    });
    [
        prompt.collect(),
        trace.tokens.iter().map(|t| t.span[0]..t.span[1]).collect(),
    ]
}

/// How a ranking does within a step: AUROC, and the share of wrong tokens among those ranked first.
fn ranked(values: &[(f64, bool)]) -> Option<(f64, f64)> {
    let (wrong, right): (Vec<_>, Vec<_>) = values.iter().partition(|(_, wrong)| *wrong);
    if wrong.is_empty() || right.is_empty() {
        return None;
    }
    let pairs = wrong
        .iter()
        .flat_map(|(w, _)| right.iter().map(move |(r, _)| (w, r)));
    let won: f64 = pairs
        .map(|(w, r)| {
            if w > r {
                1.0
            } else if w == r {
                0.5
            } else {
                0.0
            }
        })
        .sum();
    let top = values.iter().map(|v| v.0).fold(f64::NEG_INFINITY, f64::max);
    let first: Vec<bool> = values.iter().filter(|v| v.0 == top).map(|v| v.1).collect();
    let hit = first.iter().filter(|w| **w).count() as f64 / first.len() as f64;
    Some((won / (wrong.len() * right.len()) as f64, hit))
}

fn main() -> Result<()> {
    let (mut model, mut index, mut files) = (None, None, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--model" => model = args.next(),
            "--index" => index = args.next(),
            _ if arg.starts_with('-') => {
                bail!("usage: candidate_forms --model M --index DIR TRACES...")
            }
            _ => files.push(PathBuf::from(arg)),
        }
    }
    let engine = Engine::load(ModelOptions::new(model.context("--model M")?), |_| {
        ControlFlow::Continue(())
    })?;
    let corpus = LocalIndex::open(Path::new(&index.context("--index DIR")?))?;
    // By form and what ranks: mid, long, the largest of all.
    let mut steps = [[(0.0, 0.0); 3]; Forms::ALL.len()];
    let (mut wrong_steps, mut wrong_tokens) = (0usize, 0usize);
    let mut planted = [[0usize; 2]; Forms::ALL.len()];
    let mut plants = [0usize; 2];
    for file in &files {
        let reader = std::io::BufReader::new(std::fs::File::open(file)?);
        for (_, record) in jsonl::read(reader) {
            let Record::Trace(trace) = record? else {
                continue;
            };
            let spans = spans(&trace, &engine);
            let wrong = trace.steps.iter().find(|s| {
                s.verdict
                    .as_ref()
                    .is_some_and(|v| !v.right && !v.tokens.is_empty())
            });
            if let Some(step) = wrong {
                let known =
                    |i: &usize| trace.tokens[*i].long.is_some() && trace.tokens[*i].mid.is_some();
                let tokens: Vec<usize> = (step.tokens[0]..step.tokens[1]).filter(known).collect();
                let is_wrong =
                    |i: usize| step.verdict.as_ref().is_some_and(|v| v.tokens.contains(&i));
                let all = tokens
                    .iter()
                    .map(|&i| scores(&trace, &trace.tokens[i], &spans, &corpus));
                let all: Vec<Scores> = all.collect::<Result<_>>()?;
                let bad = tokens.iter().filter(|&&i| is_wrong(i)).count();
                if bad > 0 && bad < tokens.len() {
                    wrong_steps += 1;
                    wrong_tokens += bad;
                    for (f, sums) in steps.iter_mut().enumerate() {
                        let ways: [Way; 3] =
                            [&|s| s.get(Source::Mid), &|s| s.get(Source::Long), &|s| {
                                Some(s.max()?.1)
                            }];
                        for (way, sum) in ways.iter().zip(sums) {
                            let values = tokens
                                .iter()
                                .zip(&all)
                                .map(|(&i, s)| (way(&s[f]).unwrap_or(-2.0), is_wrong(i)));
                            let (auroc, first) =
                                ranked(&values.collect::<Vec<_>>()).unwrap_or_default();
                            *sum = (sum.0 + auroc, sum.1 + first);
                        }
                    }
                }
            }
            let site = KnownCause::of(&trace)
                .and_then(|p| Some((p.kind, token_at(&trace, p.site(&trace)?)?)));
            if let Some((kind, at)) = site
                && let Some(k) = [Source::Mid, Source::Long].iter().position(|s| *s == kind)
                && trace.tokens[at].long.is_some()
            {
                plants[k] += 1;
                for (f, s) in scores(&trace, &trace.tokens[at], &spans, &corpus)?
                    .iter()
                    .enumerate()
                {
                    planted[f][k] += usize::from(s.max().is_some_and(|(named, _)| named == kind));
                }
            }
        }
    }
    println!(
        "{wrong_steps} wrong steps with {wrong_tokens} wrong tokens; {} plants mid, {} long\n",
        plants[0], plants[1]
    );
    println!(
        "| forms | AUROC in the step: mid | long | largest | wrong token first: mid | long | largest | plants named: mid | long |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    let n = wrong_steps.max(1) as f64;
    for (f, form) in Forms::ALL.into_iter().enumerate() {
        let [m, l, x] = steps[f];
        println!(
            "| {form} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {} of {} | {} of {} |",
            m.0 / n,
            l.0 / n,
            x.0 / n,
            m.1 / n,
            l.1 / n,
            x.1 / n,
            planted[f][0],
            plants[0],
            planted[f][1],
            plants[1]
        );
    }
    Ok(())
}
