//! Numbers and entities that are so many times rarer, or more frequent, in a corpus.
//!
//! The sharpest test of memorization: the problem stays, only how often the model met its parts changes. A replacement by one as frequent
//! (`rarer:1`) is the control. What was reached is written to `meta.rarity`; a prompt whose parts have no replacement within a factor of 3 of the
//! one asked for is left alone, so that a group is what its name says.

use rand_chacha::ChaCha8Rng;
use serde_json::json;

use crate::perturb::chance::{below, choose};
use crate::perturb::effects::with_operands;
use crate::perturb::numbers::Notation;
use crate::perturb::operator::{Frequencies, Input, Operator, OperatorOption, OptionKind};
use crate::perturb::problem::Calculation;
use crate::perturb::rename::rename;
use crate::perturb::subject::{OperatorEffect, Unchanged};
use rotescope_text::Rational;

const SOURCE: &str = "rotescope";

const FACTOR: &[OperatorOption] = &[
    OperatorOption {
        name: "by",
        kind: OptionKind::Whole(1, 1_000_000_000),
        doc: "so many times; 10 if not given",
    },
    OperatorOption {
        name: "what",
        kind: OptionKind::OneOf(&["number", "entity"]),
        doc: "what to replace; numbers where the problem has operands, else entities",
    },
];

pub(super) const RARER: Operator = Operator::new(
    "rarer",
    "numbers or entities become ones that are so many times rarer in the corpus",
    SOURCE,
    |input, rng| replace(input, rng, 1.0 / by(input)),
)
.with_options(FACTOR)
.asking_corpus();

pub(super) const FREQUENTER: Operator = Operator::new(
    "frequenter",
    "numbers or entities become ones that are so many times more frequent in the corpus",
    SOURCE,
    |input, rng| replace(input, rng, by(input)),
)
.with_options(FACTOR)
.asking_corpus();

/// Factor when none is given.
const BY: f64 = 10.0;
/// How far, as a factor, what is reached may be from what was asked for.
const TOLERANCE: f64 = 3.0;
/// Numbers tried as replacements: 1 up to this one.
const LARGEST: u32 = 9999;
/// Among so many of the best replacements one is drawn.
const CHOICE: usize = 8;

fn by(input: &Input) -> f64 {
    input.options.number("by").unwrap_or(BY)
}

/// `times`: how often the new ones occur for each occurrence of the old.
fn replace(input: &Input, rng: &mut ChaCha8Rng, times: f64) -> Result<OperatorEffect, Unchanged> {
    let Some(corpus) = input.corpus else {
        return Unchanged::because(
            "it needs the counts of a corpus; give an index with --index DIR",
        );
    };
    let problem = input.problem();
    let calculation = problem.as_ref().and_then(|p| p.calculation());
    let numbers = match input.options.text("what") {
        Some(what) => what == "number",
        None => calculation.is_some(),
    };
    let mut reached = Vec::new();
    let mut effect = match calculation {
        _ if !numbers => other_entities(input, rng, corpus, times, &mut reached)?,
        Some(problem) => other_numbers(input, problem, rng, corpus, times, &mut reached)?,
        None if problem.is_some() => {
            return Unchanged::because("its operands are no whole numbers in base 10");
        }
        None => return Unchanged::because("it does not carry its operands in meta"),
    };
    let mean = reached.iter().map(|r: &f64| r.ln()).sum::<f64>() / reached.len().max(1) as f64;
    if let Some(meta) = effect.meta.as_object_mut() {
        meta.insert(
            "rarity".into(),
            json!({ "asked": times, "reached": mean.exp() }),
        );
    }
    Ok(effect)
}

fn places(n: u64) -> f64 {
    if n == 0 { 0.5 } else { n as f64 }
}

/// Candidates with about `times` the places of `old`, best first, and the factor that each reaches. A word that never occurs counts as half a place.
fn alike(old: u64, candidates: &[(String, u64)], times: f64) -> Vec<(usize, f64)> {
    let distance = |r: f64| (r / times).ln().abs();
    let mut fitting: Vec<(usize, f64)> = candidates
        .iter()
        .enumerate()
        .map(|(i, (_, n))| (i, places(*n) / places(old)))
        .filter(|(_, r)| distance(*r) <= TOLERANCE.ln())
        .collect();
    fitting.sort_by(|a, b| distance(a.1).total_cmp(&distance(b.1)).then(a.0.cmp(&b.0)));
    fitting.truncate(CHOICE);
    fitting
}

fn counted(corpus: &dyn Frequencies, words: Vec<String>) -> Result<Vec<(String, u64)>, Unchanged> {
    let counts = corpus.places(&words).map_err(Unchanged)?;
    Ok(words.into_iter().zip(counts).collect())
}

fn other_numbers(
    input: &Input,
    problem: &dyn Calculation,
    rng: &mut ChaCha8Rng,
    corpus: &dyn Frequencies,
    times: f64,
    reached: &mut Vec<f64>,
) -> Result<OperatorEffect, Unchanged> {
    let before = problem.operands();
    if problem.notation() != Notation::Decimal || before.iter().any(|v| !v.is_whole()) {
        return Unchanged::because("its operands are no whole numbers in base 10");
    }
    let all = counted(corpus, (1..=LARGEST).map(|n| n.to_string()).collect())?;
    let mut choices = Vec::new();
    for value in before {
        let text = value.written(10);
        let old = counted(corpus, vec![text.clone()])?[0].1;
        let mut fitting = alike(old, &all, times);
        fitting.retain(|(i, _)| all[*i].0 != text);
        if fitting.is_empty() {
            return Unchanged::because(format!(
                "no number is {} than {text} ({old} places)",
                in_words(times)
            ));
        }
        choices.push(fitting);
    }
    let places: Vec<usize> = choices.iter().map(Vec::len).collect();
    for _ in 0..500 {
        let drawn: Vec<(usize, f64)> = choices
            .iter()
            .zip(&places)
            .map(|(c, n)| c[below(rng, *n)])
            .collect();
        let after: Vec<Rational> = drawn
            .iter()
            .map(|(i, _)| Rational::whole(*i as i64 + 1))
            .collect();
        if !problem.is_whole_with(&after) {
            continue;
        }
        if let Some(effect) = with_operands(input.subject, problem, Notation::Decimal, after) {
            reached.extend(drawn.iter().map(|d| d.1));
            return Ok(effect);
        }
    }
    Unchanged::because("with no numbers of that frequency does it work out")
}

fn other_entities(
    input: &Input,
    rng: &mut ChaCha8Rng,
    corpus: &dyn Frequencies,
    times: f64,
    reached: &mut Vec<f64>,
) -> Result<OperatorEffect, Unchanged> {
    let mut failed = None;
    let mut pick = |words: Vec<String>, old: &str| -> Result<String, Unchanged> {
        let all = counted(corpus, words)?;
        let places = counted(corpus, vec![old.to_string()])?[0].1;
        let mut fitting = alike(places, &all, times);
        fitting.retain(|(i, _)| all[*i].0 != old);
        match choose(rng, &fitting) {
            Some((i, _)) => Ok(all[*i].0.clone()),
            None => Unchanged::because(format!(
                "no word is {} than {old} ({places} places)",
                in_words(times)
            )),
        }
    };
    let effect = rename(input, |category, old| {
        let words = category
            .all()
            .iter()
            .map(std::string::ToString::to_string)
            .collect();
        pick(words, old).map_err(|e| failed = Some(e)).ok()
    });
    // All or nothing: a prompt with one part of the frequency asked for is no example of it.
    if let Some(reason) = failed {
        return Err(reason);
    }
    let effect = effect?;
    for change in &effect.changes {
        let pair = counted(corpus, vec![change.from.clone(), change.to.clone()])?;
        reached.push(places(pair[1].1) / places(pair[0].1));
    }
    Ok(effect)
}

fn in_words(times: f64) -> String {
    if times <= 1.0 {
        format!("{:.0} times rarer", 1.0 / times)
    } else {
        format!("{times:.0} times more frequent")
    }
}
