//! What stands behind the tokens of a trace, as a compact block that the page unpacks when the trace is opened: JSON, deflated (RFC 1951), in Base64.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use serde_json::{Value, json};

use super::document::TokenDocument;
use super::style::class;
use crate::text::{safe, shown};
use crate::theme::strength;
use crate::{Measure, evidence};
use rotescope_text::sanitize;
use rotescope_trace::{Source, Token, Trace};

/// Everything that the page shows of a trace beside its text.
#[derive(Serialize)]
struct Block<'a> {
    /// First and last token of each step, half-open.
    steps: Vec<[usize; 2]>,
    tokens: Vec<TokenBlock<'a>>,
}

#[derive(Serialize)]
struct TokenBlock<'a> {
    /// As it stands in the line, with the blank before it.
    text: String,
    /// Its own bytes, where they read otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    class: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<f64>,
    rank: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    entropy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    /// The verdict of its step names it as wrong.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    wrong: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<(Source, f64)>,
    /// Score or null, why it is undefined, and on what it rests.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sources: BTreeMap<&'static str, (Option<f64>, Option<&'a str>, String)>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    measures: BTreeMap<String, [Option<f64>; Source::COUNT]>,
    /// Who knows it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    retrieved: Option<String>,
    /// Text, probability, counts by source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    documents: Vec<&'a TokenDocument>,
}

/// The block of a trace whose tokens read as `texts`; `documents` by token.
pub(super) fn block(
    t: &Trace,
    texts: &[String],
    measure: &Measure,
    documents: &BTreeMap<usize, Vec<TokenDocument>>,
) -> io::Result<String> {
    let mut wrong = vec![false; t.tokens.len()];
    for verdict in t.steps.iter().filter_map(|s| s.verdict.as_ref()) {
        for &i in verdict.tokens.iter().filter(|_| !verdict.right) {
            if let Some(w) = wrong.get_mut(i) {
                *w = true;
            }
        }
    }
    let token = |(i, token): (usize, &'_ Token)| -> TokenBlock<'_> {
        // Borrowed from the trace, not from the closure's argument.
        let found = &t.tokens[i];
        let text = shown(&texts[i]);
        let raw = sanitize::token(&found.raw());
        TokenBlock {
            raw: (raw != texts[i]).then(|| raw.clone()),
            text,
            class: measure
                .of(token)
                .map_or(String::new(), |(s, v)| class(s, strength(v))),
            p: token.probability().map(short),
            rank: token.rank,
            entropy: token.entropy().map(short),
            skipped: token.skipped.as_deref().map(safe),
            wrong: wrong[i],
            cause: token.cause.map(|c| (c.source, short(c.strength))),
            sources: sources(t, i),
            measures: token
                .measures
                .iter()
                .map(|(name, m)| (safe(name), Source::ALL.map(|s| m.get(s).map(short))))
                .collect(),
            retrieved: evidence::retrieved(token),
            candidates: candidates(found),
            documents: documents.get(&i).into_iter().flatten().collect(),
        }
    };
    let block = Block {
        steps: t.steps.iter().map(|s| s.tokens).collect(),
        tokens: t.tokens.iter().enumerate().map(token).collect(),
    };
    pack(&serde_json::to_vec(&block)?)
}

/// Deflated, in Base64: nothing in it can end an element.
pub(super) fn pack(bytes: &[u8]) -> io::Result<String> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes)?;
    Ok(STANDARD.encode(packed.finish()?))
}

fn sources(t: &Trace, i: usize) -> BTreeMap<&'static str, (Option<f64>, Option<&str>, String)> {
    let token = &t.tokens[i];
    let found = |source: Source| {
        let undefined = token.undefined(source);
        if undefined.is_none() {
            token.evidence(source)?;
        }
        let basis = evidence::basis(t, i, source);
        Some((
            source.name(),
            (token.score(source).map(short), undefined, basis),
        ))
    };
    Source::ALL.into_iter().filter_map(found).collect()
}

fn candidates(token: &Token) -> Vec<Value> {
    let c = &token.candidates;
    let row = |k: usize| {
        let mut row = vec![
            json!(c.text.get(k).map(|t| safe(t))),
            json!(c.p.get(k).map(|p| short(f64::from(*p)))),
        ];
        row.extend(Source::ALL.map(|s| match c.counts(s).get(k) {
            Some(n) if n.fract() == 0.0 => json!(n as u64),
            n => json!(n.map(short)),
        }));
        Value::Array(row)
    };
    (0..c.ids.len()).map(row).collect()
}

/// Four digits are more than a page shows, and pack better than all of them.
fn short(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let unit = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        assert_eq!(short(0.123_456), 0.1235);
        assert_eq!(short(-12_345.6), -12350.0);
        assert_eq!(short(0.000_012_344_9), 0.000_012_34);
        assert_eq!(short(0.0), 0.0);
    }
}
