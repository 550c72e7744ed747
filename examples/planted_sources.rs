//! Which source is named at planted errors, and at the same place of their clean twins: `planted_sources [--method M] [--every N] [-o TRACES]`.
//!
//! Runs the prompts `prompts/planted-*.jsonl` through the bundled model and corpus, all sources. Half of the plants (even numbers) served to choose the
//! default measure; the figures that count are those of the other half.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use rotescope::run::pipeline::Scorer;
use rotescope::run::prompts;
use rotescope::shipped;
use rotescope_corpus::LocalIndex;
use rotescope_model::{CancelToken, Engine, ModelOptions};
use rotescope_stim::NonLocalSettings;
use rotescope_study::evaluate::known_cause::{KnownCause, token_at};
use rotescope_text::words;
use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::{IndexRef, Sampler, Source, Token, Trace};

/// Byte of the clean twin's output that corresponds to the planted site: after as many equals signs, and as many words after the last of
/// them; for a final answer, the final answer.
fn twin_site(planted: &Trace, site: usize, twin: &Trace) -> Option<usize> {
    if planted.answer.span.is_some_and(|s| s[0] == site) {
        return twin.answer.span.map(|s| s[0]);
    }
    let before = &planted.output[..site];
    let equals = before.matches('=').count();
    let tail = &before[before.rfind('=')? + 1..];
    let (at, _) = twin.output.match_indices('=').nth(equals.checked_sub(1)?)?;
    let after = words(&twin.output[at + 1..]);
    Some(at + 1 + after.get(words(tail).len())?.span.start)
}

/// Whether the model answered a twin as its prompt's own solution does; a twin that went astray is not clean.
fn is_clean(twin: &Trace) -> bool {
    let chain = twin.prompt.meta.get("chain").and_then(|c| c.as_str());
    chain.is_none_or(|c| c == twin.output.trim())
}

/// A way to name a source.
type Names = fn(&Token) -> Option<Source>;

const WAYS: [(&str, Names); 5] = [
    ("published", |t| Some(t.stim_max()?.0)),
    ("backoff", |t| Some(t.measures.get("backoff")?.max()?.0)),
    ("smoothed", |t| Some(t.measures.get("smoothed")?.max()?.0)),
    ("overlap", |t| Some(t.measures.get("overlap")?.max()?.0)),
    ("cause", |t| Some(t.cause?.source)),
];

#[derive(Default)]
struct Cell {
    sites: usize,
    named: [usize; WAYS.len()],
    twins: usize,
    twins_named: [usize; WAYS.len()],
}

impl Cell {
    fn add(&mut self, kind: Source, site: &Token, twin: Option<&Token>) {
        self.sites += 1;
        self.twins += usize::from(twin.is_some());
        for (w, (_, name)) in WAYS.iter().enumerate() {
            self.named[w] += usize::from(name(site) == Some(kind));
            self.twins_named[w] += usize::from(twin.is_some_and(|t| name(t) == Some(kind)));
        }
    }
}

fn main() -> Result<()> {
    let mut settings = NonLocalSettings::default();
    let (mut every, mut output) = (1usize, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args
            .next()
            .with_context(|| format!("{arg} wants a value"))?;
        match arg.as_str() {
            "--method" => settings.saliency = value.parse().map_err(anyhow::Error::msg)?,
            "--cooccur" => settings.cooccur = value.parse().map_err(anyhow::Error::msg)?,
            "--forms" => settings.forms = value.parse().map_err(anyhow::Error::msg)?,
            "--every" => every = value.parse::<usize>()?.max(1),
            "-o" => output = Some(std::fs::File::create(value)?),
            _ => bail!(
                "usage: planted_sources [--method M] [--cooccur C] [--forms F] [--every N] [-o TRACES]"
            ),
        }
    }
    let bundle = shipped::bundle()?;
    let index = LocalIndex::open(bundle.index())
        .context("the bundled index: any `rotescope score` builds it")?;
    let engine = Engine::load(ModelOptions::new(bundle.model()?), |_| {
        ControlFlow::Continue(())
    })?;
    let scorer = Scorer {
        corpus: Some((Arc::new(index), IndexRef::default())),
        sampler: Sampler {
            max_tokens: 300,
            ..Default::default()
        },
        non_local: Some(settings),
        ..Scorer::new(engine)
    };
    let mut cells: BTreeMap<(usize, &str), Cell> = BTreeMap::new();
    let (began, mut tokens, mut chains, mut seconds) = (Instant::now(), 0, 0, 0.0);
    for kind in Source::ALL {
        let all = prompts::read_plainly(&bundle.prompts(&format!("planted-{kind}"))?)?;
        for pair in all.chunks(2).step_by(every) {
            let mut traces = Vec::new();
            for prompt in pair {
                let trace = scorer.score(prompt, &CancelToken::new(), &mut |_| ())?;
                tokens += trace.tokens.len();
                chains += 1;
                seconds += trace.timing.attribute;
                if let Some(file) = &mut output {
                    jsonl::append(file, &Record::Trace(Box::new(trace.clone())))?;
                }
                traces.push(trace);
            }
            let [planted, twin] = traces.as_slice() else {
                continue;
            };
            let Some((plant, site)) = KnownCause::of(planted)
                .and_then(|p| Some((p.site(planted)?, p)))
                .map(|(s, p)| (p, s))
            else {
                continue;
            };
            let Some(at) = token_at(planted, site) else {
                continue;
            };
            let of_twin = twin_site(planted, site, twin)
                .filter(|_| is_clean(twin))
                .and_then(|b| token_at(twin, b));
            let number: usize = planted
                .prompt
                .id
                .split('-')
                .nth(2)
                .unwrap_or("")
                .parse()
                .unwrap_or(0);
            debug_assert_eq!(plant.kind, kind);
            cells.entry((number % 2, kind.name())).or_default().add(
                kind,
                &planted.tokens[at],
                of_twin.map(|i| &twin.tokens[i]),
            );
        }
    }
    let share =
        |n: usize, of: usize| format!("{n}/{of} = {:.1} %", 100.0 * n as f64 / of.max(1) as f64);
    for (half, title) in [
        (1, "plants with odd numbers (held out)"),
        (0, "plants with even numbers (used to choose)"),
    ] {
        println!(
            "### {title}\n\n| kind | measure | site named as planted | clean twin named so |\n|---|---|--:|--:|"
        );
        for ((_, kind), cell) in cells.iter().filter(|((h, _), _)| *h == half) {
            for (w, (way, _)) in WAYS.iter().enumerate() {
                println!(
                    "| {kind} | {way} | {} | {} |",
                    share(cell.named[w], cell.sites),
                    share(cell.twins_named[w], cell.twins)
                );
            }
        }
        println!();
    }
    println!(
        "{chains} chains, {:.1} tokens and {:.2} s of attribution each; {:.0} s in all",
        tokens as f64 / chains as f64,
        seconds / chains as f64,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}
