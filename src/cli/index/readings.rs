//! Other ways in which the tokens of a text may stand in a corpus.
//!
//! An index counts token ids, and a text has other ids within a sentence (` tart`) and within longer
//! words (` start`). Who asks for `tart` is told of them.

use std::io::Write;

use anyhow::{Context, Result};
use rotescope_corpus::NgramCounts;
use rotescope_vocab::Encode;
use serde_json::{Value, json};

use super::show;

/// One other way, with how often it occurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextReading {
    /// The text read so: for one within longer tokens, the most frequent of them.
    pub text: String,
    pub ids: Vec<u32>,
    pub count: u64,
    /// For one within longer tokens: how many ways there are.
    pub ways: Option<usize>,
}

/// The other readings of a text that occur: with a space before it, and with its first token as the
/// end of longer ones.
pub(super) fn readings(
    corpus: &(impl NgramCounts + ?Sized),
    encoder: &dyn Encode,
    text: &str,
) -> Result<Vec<TextReading>> {
    if text.starts_with(char::is_whitespace) {
        return Ok(Vec::new());
    }
    let spaced = format!(" {text}");
    let mut tokenized = encoder.encode_batch(&[text, &spaced])?.into_iter();
    let mut ids = || tokenized.next().context("the tokenizer gave no answer");
    let (plain, with_space) = (ids()?, ids()?);
    let mut found = Vec::new();
    if with_space != plain {
        found.push(TextReading {
            text: spaced,
            count: corpus.count(&with_space)?.value,
            ids: with_space.clone(),
            ways: None,
        });
    }
    if let [first, rest @ ..] = plain.as_slice() {
        let end = encoder.token_bytes(*first);
        let known = [Some(first), with_space.first()];
        let longer = (0..encoder.size() as u32)
            .filter(|id| !known.contains(&Some(id)) && encoder.token_bytes(*id).ends_with(&end));
        let ways: Vec<Vec<u32>> = longer.map(|id| [&[id], rest].concat()).collect();
        let asked: Vec<&[u32]> = ways.iter().map(Vec::as_slice).collect();
        let counts = corpus.counts(&asked)?;
        let mut counted: Vec<(u64, Vec<u32>)> = counts.iter().map(|c| c.value).zip(ways).collect();
        counted.retain(|(count, _)| *count > 0);
        counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        if let Some((_, most)) = counted.first() {
            let bytes: Vec<u8> = most
                .iter()
                .flat_map(|&id| encoder.token_bytes(id))
                .collect();
            found.push(TextReading {
                text: String::from_utf8_lossy(&bytes).into_owned(),
                ids: most.clone(),
                count: counted.iter().map(|(count, _)| count).sum(),
                ways: Some(counted.len()),
            });
        }
    }
    found.retain(|r| r.count > 0);
    Ok(found)
}

/// The readings for people.
pub(super) fn hints(out: &mut impl Write, readings: &[TextReading]) -> std::io::Result<()> {
    for r in readings {
        let count = show::grouped(r.count);
        let times = if r.count == 1 { "time" } else { "times" };
        let text = &r.text;
        match r.ways {
            None => writeln!(
                out,
                "note: {text:?}, with a space before it, has other tokens and occurs {count} {times}"
            )?,
            Some(1) => writeln!(
                out,
                "note: within longer tokens it occurs {count} {times}, as in {text:?}"
            )?,
            Some(_) => writeln!(
                out,
                "note: within longer tokens it occurs {count} {times}, most as in {text:?}"
            )?,
        }
    }
    Ok(())
}

/// The readings as JSON.
pub(super) fn as_json(readings: &[TextReading]) -> Value {
    let one = |r: &TextReading| match r.ways {
        None => json!({"text": r.text, "ids": r.ids, "count": r.count}),
        Some(ways) => json!({"within": r.text, "ids": r.ids, "count": r.count, "ways": ways}),
    };
    readings.iter().map(one).collect()
}
