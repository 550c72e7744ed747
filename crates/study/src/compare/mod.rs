//! Two completions side by side: what survived a changed input, and what was rote.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | [`compare`] |
//! | `record` | [`Comparison`], the result |
//! | [`align`] | units of two outputs (tokens; numbers and renamed words as wholes), their diff |
//! | [`lcs`] | longest common subsequences, for completions that have little in common |
//! | [`relate`] | what a pair of units is: equal, explained by the change, copied, different |
//! | [`steps`] | which steps stand for each other |
//! | [`words`] | the verdict on a pair in a sentence |
//! | [`files`] | trace files read in pairs, in constant memory |
//! | [`totals`] | sums over many pairs |
//!
//! The result is data; nothing here draws.

pub mod align;
pub mod files;
mod lcs;
mod record;
pub mod relate;
mod steps;
pub mod totals;
pub mod words;

use crate::perturb::{Change, Perturbation};
use align::{By, Units};
use rotescope_judge::locale;
use rotescope_text::{expected_answer, same_answer_in};
use rotescope_trace::{ModelRef, PerSource, Token, Trace};

pub use record::{
    Comparison, Copied, Delta, Forced, Relation, Side, StepPair, StepRelation, TokenPair, source,
};

/// Compares two traces.
pub fn compare(a: &Trace, b: &Trace) -> Comparison {
    let mut notes = Vec::new();
    notes.extend(models(&a.model, &b.model));
    let by = if same_ids(a, b) { By::Ids } else { By::Text };
    if by == By::Text {
        let why = if a.model.tokenizer == b.model.tokenizer {
            "unknown tokenizers"
        } else {
            "different tokenizers"
        };
        notes.push(format!(
            "{why}: aligned by the words of the text, not by token ids"
        ));
    }
    let mapping = mapping(a, b, &mut notes);
    let (left, right) = (
        Units::of(a, &mapping, true, by),
        Units::of(b, &mapping, false, by),
    );
    let related = relate::relate(a, b, &left, &right, &mapping);
    let tokens = token_pairs(a, b, &related);
    let first_divergence = tokens.iter().position(|t| t.relation.diverges());
    let copied = relate::copied(a, b, &right);
    let answered_original = answered_original(a, b);
    let mut result = Comparison {
        a: side(a),
        b: side(b),
        by,
        notes,
        steps: steps::pairs(a, b, &tokens, &copied),
        top_change: top_change(&tokens),
        mapping,
        tokens,
        first_divergence,
        copied,
        answered_original,
        forced: None,
        fragility: 0.0,
        verdict: String::new(),
    };
    result.fragility = fragility(&result);
    result.verdict = words::verdict(&result);
    result
}

/// What a reader should know of two models: that they differ, or that they do not although their files' names do.
fn models(a: &ModelRef, b: &ModelRef) -> Option<String> {
    let hashed = !a.sha256.is_empty() && !b.sha256.is_empty();
    let same = if hashed {
        a.sha256 == b.sha256
    } else {
        a.file == b.file
    };
    let both = format!("{} and {}", a.file, b.file);
    match (same, a.file == b.file) {
        (true, true) => None,
        (true, false) => Some(format!("the same model in two files: {both}")),
        (false, false) => Some(format!("different models: {both}")),
        // Only their contents tell them apart.
        (false, true) => {
            let begins = |m: &ModelRef| m.sha256.get(..8).unwrap_or("unknown").to_string();
            Some(format!(
                "different models, both called {} (SHA-256 {}… and {}…)",
                a.file,
                begins(a),
                begins(b)
            ))
        }
    }
}

fn side(t: &Trace) -> Side {
    Side {
        id: t.prompt.id.clone(),
        question: t.prompt.question.clone(),
        model: t.model.clone(),
        answer: t.answer.clone(),
        finish: t.finish.clone(),
        tokens: t.tokens.len(),
        output: t.output.clone(),
    }
}

/// The replacements: those that the perturbation recorded, or else those that a diff of the questions' words shows.
fn mapping(a: &Trace, b: &Trace, notes: &mut Vec<String>) -> Vec<Change> {
    let record = b.prompt.meta.get("perturbation");
    if let Some(p) = record.and_then(|p| serde_json::from_value::<Perturbation>(p.clone()).ok()) {
        return p.mapping;
    }
    if a.prompt.question == b.prompt.question {
        return Vec::new();
    }
    let changes = align::question_changes(&a.prompt.question, &b.prompt.question);
    if !changes.is_empty() {
        notes.push("replacements were read from the two questions".into());
    }
    changes
}

fn answered_original(a: &Trace, b: &Trace) -> bool {
    let (Some(given), Some(original)) = (&b.answer.extracted, &a.answer.expected) else {
        return false;
    };
    let own = b.answer.expected.as_ref();
    let locale = locale::of(&b.prompt);
    let is = |expected: &String| same_answer_in(given, expected_answer(expected), locale);
    is(original) && own.is_some_and(|own| !is(own))
}

/// `None` where one came without probabilities.
fn delta(a: &Token, b: &Token) -> Option<Delta> {
    Some(Delta {
        p: b.probability()? - a.probability()?,
        scores: PerSource::of(|s| Some(b.score(s)? - a.score(s)?)),
    })
}

/// Whether equal ids are equal tokens in both.
fn same_ids(a: &Trace, b: &Trace) -> bool {
    let nameless = |t: &Trace| t.tokens.iter().any(|t| t.id == Token::NO_ID);
    // Of imported completions nobody knows the tokenizer: then only one model's own ids are alike.
    let known = !a.model.tokenizer.is_empty() || a.model.file == b.model.file;
    a.model.tokenizer == b.model.tokenizer && known && !nameless(a) && !nameless(b)
}

/// Tokens of related units, paired from the first on.
fn token_pairs(a: &Trace, b: &Trace, related: &[relate::Pair]) -> Vec<TokenPair> {
    let mut pairs = Vec::with_capacity(a.tokens.len().max(b.tokens.len()));
    for pair in related {
        for i in 0..pair.a.len().max(pair.b.len()) {
            let at = |r: &std::ops::Range<usize>| (r.start + i < r.end).then_some(r.start + i);
            let (ia, ib) = (at(&pair.a), at(&pair.b));
            let (ta, tb) = (ia.map(|i| &a.tokens[i]), ib.map(|i| &b.tokens[i]));
            let both = ta.zip(tb);
            pairs.push(TokenPair {
                a: ia,
                b: ib,
                text_a: ta.map_or(String::new(), |t| t.text.clone()),
                text_b: tb.map_or(String::new(), |t| t.text.clone()),
                relation: pair.relation,
                number: pair.number,
                delta: both.and_then(|(a, b)| delta(a, b)),
                sources: both
                    .map(|(a, b)| (source(a), source(b)))
                    .filter(|(a, b)| a != b),
            });
        }
    }
    pairs
}

/// The largest change; among pairs that differ without explanation, where there are any.
fn top_change(tokens: &[TokenPair]) -> Option<usize> {
    let top = |wanted: &dyn Fn(&TokenPair) -> bool| {
        let sized = tokens.iter().enumerate().filter(|(_, t)| wanted(t));
        let sized = sized.filter_map(|(i, t)| Some((i, t.delta?.size())));
        // The first among equals.
        sized.reduce(|best, next| if next.1 > best.1 { next } else { best })
    };
    let found = top(&|t| t.relation.diverges()).or_else(|| top(&|_| true).filter(|t| t.1 > 0.0));
    found.map(|(i, _)| i)
}

/// How much more than the prompt changed: the mean of three shares between 0 and 1. (1) 1 when the original was right and the other is not, else 0;
/// (2) the share of pairs of tokens that the change does not explain; (3) the mean size of the change of probability over paired tokens.
pub fn fragility(c: &Comparison) -> f64 {
    let lost = c.a.answer.right == Some(true) && c.b.answer.right == Some(false);
    let all = c.tokens.len().max(1) as f64;
    let different = c.tokens.iter().filter(|t| t.relation.diverges()).count() as f64 / all;
    let deltas: Vec<f64> = c
        .tokens
        .iter()
        .filter_map(|t| t.delta)
        .map(|d| d.p.abs())
        .collect();
    let shaken = deltas.iter().sum::<f64>() / deltas.len().max(1) as f64;
    (f64::from(u8::from(lost)) + different + shaken) / 3.0
}
