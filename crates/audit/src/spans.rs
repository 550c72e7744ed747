//! Verbatim spans as OLMoTrace takes them (Liu et al., 2025): maximal, of whole words, within a sentence; of them the rarest.

use std::collections::BTreeMap;

use rotescope_corpus::{Corpus, CorpusError, verbatim_spans};
use serde::Serialize;

use crate::pieces::Pieces;

/// Which spans are found, and which of them are kept.
#[derive(Debug, Clone)]
pub struct SpanOptions {
    /// Fewest tokens.
    pub shortest: usize,
    /// Spans begin and end with whole words, and end at a sentence's or a line's end at the latest.
    pub self_contained: bool,
    /// At most so many spans for each token of the text are kept.
    pub density: f64,
    /// Spans that occur more often are not kept.
    pub most_frequent: Option<u64>,
}

impl Default for SpanOptions {
    /// OLMoTrace's.
    fn default() -> Self {
        SpanOptions {
            shortest: 1,
            self_contained: true,
            density: 0.05,
            most_frequent: None,
        }
    }
}

/// A stretch of a text that stands in the corpus token for token, and in no longer one that does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Span {
    /// Of the text, half-open.
    pub tokens: [usize; 2],
    /// Bytes of the text, half-open.
    pub bytes: [usize; 2],
    /// In the corpus.
    pub occurrences: u64,
    /// Natural logarithm of the product of its tokens' shares of the corpus: the lower, the more telling.
    pub unigram_logprob: f64,
    /// Whether it is one of those that OLMoTrace keeps: of L tokens the ceil(density * L) with the lowest `unigram_logprob`.
    pub kept: bool,
}

/// The spans of a text, in its order. A text of L tokens takes some 2 L counts.
///
/// # Errors
/// When the corpus cannot be read.
pub fn spans(
    corpus: &dyn Corpus,
    text: &Pieces,
    options: &SpanOptions,
) -> Result<Vec<Span>, CorpusError> {
    let segments = match options.self_contained {
        true => text.segments(),
        false => vec![[0, text.ids.len()]],
    };
    let shares = shares(corpus, &text.ids)?;
    let mut out = Vec::new();
    for [from, to] in segments {
        let found = verbatim_spans(corpus, &text.ids[from..to], options.shortest.max(1))?;
        let mut last = from;
        for span in found {
            let whole = [from + span.tokens[0], from + span.tokens[1]];
            let tokens = match options.self_contained {
                true => trimmed(text, whole),
                false => whole,
            };
            // What ends where one before it ends lies within that.
            if tokens[1] <= last || tokens[1] - tokens[0] < options.shortest.max(1) {
                continue;
            }
            last = tokens[1];
            // What begins where this one begins lies within this.
            out.pop_if(|before: &mut Span| before.tokens[0] == tokens[0]);
            let ids = &text.ids[tokens[0]..tokens[1]];
            let occurrences = match tokens == whole {
                true => span.occurrences,
                false => corpus.count(ids)?.value,
            };
            let bytes = text.bytes(tokens);
            out.push(Span {
                tokens,
                bytes: [bytes.start, bytes.end],
                occurrences,
                unigram_logprob: ids.iter().map(|id| shares[id]).sum(),
                kept: false,
            });
        }
    }
    keep(&mut out, text.ids.len(), options);
    Ok(out)
}

/// The longest part of a stretch that begins and ends with whole words; empty at its end where there is none.
fn trimmed(text: &Pieces, [from, to]: [usize; 2]) -> [usize; 2] {
    let from = (from..to).find(|&i| text.is_border(i)).unwrap_or(to);
    let to = (from..=to).rev().find(|&i| text.is_border(i));
    [from, to.unwrap_or(from)]
}

/// The logarithm of each token's share of the corpus.
fn shares(corpus: &dyn Corpus, ids: &[u32]) -> Result<BTreeMap<u32, f64>, CorpusError> {
    let mut distinct: Vec<u32> = ids.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let asked: Vec<&[u32]> = distinct.iter().map(std::slice::from_ref).collect();
    let counts = corpus.counts(&asked)?;
    let all = corpus.info().tokens.max(1) as f64;
    let share = |count: u64| (count.max(1) as f64 / all).ln();
    let counts = counts.into_iter().map(|c| share(c.value));
    Ok(distinct.into_iter().zip(counts).collect())
}

/// Marks the spans that are kept; of equals the earlier ones.
fn keep(spans: &mut [Span], length: usize, options: &SpanOptions) {
    let most = (options.density * length as f64).ceil() as usize;
    let often = options.most_frequent.unwrap_or(u64::MAX);
    let mut order: Vec<usize> = (0..spans.len())
        .filter(|&i| spans[i].occurrences <= often)
        .collect();
    order.sort_by(|&a, &b| {
        spans[a]
            .unigram_logprob
            .total_cmp(&spans[b].unigram_logprob)
    });
    for i in order.into_iter().take(most) {
        spans[i].kept = true;
    }
}

/// The share of the text's tokens that lie in spans of at least so many tokens.
pub fn coverage(spans: &[Span], length: usize, shortest: usize) -> f64 {
    let (mut covered, mut end) = (0, 0);
    for s in spans
        .iter()
        .filter(|s| s.tokens[1] - s.tokens[0] >= shortest)
    {
        covered += s.tokens[1] - s.tokens[0].max(end).min(s.tokens[1]);
        end = end.max(s.tokens[1]);
    }
    covered as f64 / length.max(1) as f64
}
