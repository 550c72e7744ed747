//! Measures beside the published score, the same for all three sources; and the cause of a token.
//!
//! The published score ranks candidates by one count each. Local counts after the longest context are mostly zero (one candidate alone has a
//! count, and `rho` cannot exceed .378 with 19 ties); co-occurrence counts of a word with a single digit say how frequent the digit is. The measures here
//! ask each source the same question: what does it say about the candidates *after a short context* `c`, the last tokens before the token?
//!
//! `n_L(x_i)` are a source's counts after the last `L` tokens `c_L`:
//! - local: how often `[c_L ; x_i]` occurs;
//! - mid, long: in how many documents it stands together with a salient word, summed over the words.
//!
//! | name | what it is |
//! |---|---|
//! | `backoff` | `rho(P, n_L)` with the longest `c_L` after which at least five candidates have counts |
//! | `smoothed` | `rho(P, mean over L = 0..3 of n_L / sum n_L)` |
//! | `overlap` | `sum min(P_i, Q_i)`, `Q = n_L / sum n_L` at the context of `backoff` |
//! | `gain` | conditional gain, see [`gain`] |
//!
//! Mid and long back off from at most [`DEEPEST`] tokens, local from its longest match.

use super::error::StimError;
use rotescope_corpus::{Counts, NgramCounts, values};
use rotescope_stats::spearman;
use rotescope_trace::{Cause, PerSource, Source, Token};

/// Longest context, in tokens, after which mid and long count.
pub const DEEPEST: usize = 3;
/// Candidates that must have counts where the context is backed off.
const CANDIDATES: usize = 5;
/// How often the context of the local gain must occur, as a share of the corpus' tokens: what is seen less often is hardly learnt by heart, and how
/// often a model sees it grows with the corpus. It was found on the bundled corpus of 10.35 million tokens, where it is 100 occurrences.
const SUPPORT: f64 = 9.66e-6;
/// In a small corpus the support is no less than this: with fewer observations the baseline, which weighs as much, decides.
const LEAST_SUPPORT: u64 = PRIOR as u64;
/// Weight of the baseline in a source's distribution, in observations: few of them prove little, however large the corpus is.
const PRIOR: f64 = 5.0;
/// The least gain that names a cause: a source that settles less than .4 of what a short context leaves open is one hint among others. Gains are kept in
/// the trace, so that `rotescope evaluate --cause-threshold` can name causes by another.
pub const THRESHOLD: f64 = 0.4;

/// The occurrences that the context of the local gain must have in a corpus of so many tokens.
pub fn support(tokens: u64) -> u64 {
    ((tokens as f64 * SUPPORT).round() as u64).max(LEAST_SUPPORT)
}

/// Counts of the candidates by length of the context: `counts[L][i]` for the last `L` tokens.
type ByLength = Vec<Vec<u64>>;

/// What one source says about a token's candidates.
#[derive(Debug, Clone, Default)]
struct Evidence {
    by_length: ByLength,
    /// Mid and long: the same for each salient word alone.
    by_word: Vec<ByLength>,
}

/// Fills a token's measures and cause: local, and each source that comes with its salient words.
///
/// `context`: all tokens before it.
pub fn fill(
    token: &mut Token,
    corpus: &dyn Counts,
    context: &[u32],
    words: &[(Source, Vec<String>)],
) -> Result<(), StimError> {
    token.measures.clear();
    token.cause = None;
    // They take hundreds of counts of documents, each of which would be a question over the network.
    if corpus.info().is_remote {
        return Ok(());
    }
    let ids = &token.candidates.ids;
    let Some(own) = ids.iter().position(|&id| id == token.id) else {
        return Ok(());
    };
    let local = local_evidence(
        corpus,
        context,
        ids,
        token.local.as_ref().map_or(0, |l| l.context),
    )?;
    let base = baseline(corpus, context, ids)?;
    let mut all = vec![(Source::Local, local)];
    for (source, words) in words {
        all.push((*source, word_evidence(corpus, context, ids, words)?));
    }
    let of = |s: Source| Some(&all.iter().find(|(of, _)| *of == s)?.1);
    let p = &token.candidates.p;
    let gains = PerSource::of(|s| {
        of(s).map(|e| match s {
            Source::Local => local_gain(e, &base, own, support(corpus.info().tokens)),
            _ => word_gain(e, &base, own),
        })
    });
    let measures = [
        (
            "backoff",
            PerSource::of(|s| spearman(p, backed_off(of(s)?)?)),
        ),
        (
            "smoothed",
            PerSource::of(|s| spearman(p, &smoothed(of(s)?)?)),
        ),
        (
            "overlap",
            PerSource::of(|s| overlap(p, backed_off(of(s)?)?)),
        ),
        ("gain", gains),
    ];
    token.measures = measures.map(|(name, m)| (name.to_string(), m)).into();
    token.cause = cause(&gains);
    Ok(())
}

/// The source with the largest gain, if it reaches [`THRESHOLD`].
fn cause(gains: &PerSource) -> Option<Cause> {
    let (source, strength) = gains.max()?;
    (strength >= THRESHOLD).then_some(Cause { source, strength })
}

fn last(context: &[u32], length: usize) -> &[u32] {
    &context[context.len().saturating_sub(length)..]
}

fn local_evidence(
    corpus: &dyn NgramCounts,
    context: &[u32],
    ids: &[u32],
    longest: usize,
) -> Result<Evidence, StimError> {
    let questions: Vec<_> = (0..=longest).map(|l| (last(context, l), ids)).collect();
    Ok(Evidence {
        by_length: values(corpus.candidate_counts(&questions)?),
        by_word: Vec::new(),
    })
}

/// The candidates behind the last tokens, as n-grams.
fn ngrams(context: &[u32], length: usize, ids: &[u32]) -> Vec<Vec<u32>> {
    let c = last(context, length);
    ids.iter()
        .map(|&id| c.iter().copied().chain([id]).collect())
        .collect()
}

/// In how many documents each candidate stands behind the context, whatever words there are.
fn baseline(corpus: &dyn NgramCounts, context: &[u32], ids: &[u32]) -> Result<ByLength, StimError> {
    (0..=DEEPEST)
        .map(|l| {
            let ngrams = ngrams(context, l, ids);
            let ngrams: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
            Ok(values(corpus.document_counts(&ngrams)?))
        })
        .collect()
}

fn word_evidence(
    corpus: &dyn Counts,
    context: &[u32],
    ids: &[u32],
    words: &[String],
) -> Result<Evidence, StimError> {
    let mut by_word = vec![Vec::new(); words.len()];
    let mut by_length = Vec::new();
    for l in 0..=DEEPEST {
        let ngrams = ngrams(context, l, ids);
        let ngrams: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
        let counts = values(corpus.documents_with(words, &ngrams)?);
        let sum = (0..ids.len()).map(|i| counts.iter().map(|c| c[i]).sum());
        by_length.push(sum.collect());
        for (word, counts) in by_word.iter_mut().zip(counts) {
            word.push(counts);
        }
    }
    Ok(Evidence { by_length, by_word })
}

/// The counts after the longest context that leaves at least [`CANDIDATES`] candidates with counts.
fn backed_off(e: &Evidence) -> Option<&Vec<u64>> {
    let seen = |counts: &&Vec<u64>| counts.iter().filter(|&&c| c > 0).count();
    e.by_length
        .iter()
        .rev()
        .find(|c| seen(c) >= CANDIDATES.min(c.len()))
}

/// Normalized counts, averaged over the lengths 0 to [`DEEPEST`] that have any.
fn smoothed(e: &Evidence) -> Option<Vec<f64>> {
    let mut mean = vec![0.0; e.by_length.first()?.len()];
    let mut any = false;
    for counts in e.by_length.iter().take(DEEPEST + 1) {
        let total: u64 = counts.iter().sum();
        if total > 0 {
            any = true;
            let parts = counts.iter().map(|&c| c as f64 / total as f64);
            mean.iter_mut().zip(parts).for_each(|(m, q)| *m += q);
        }
    }
    any.then_some(mean)
}

/// `sum min(P_i, Q_i)`, both made to sum to 1 over the candidates.
fn overlap(p: &[f32], counts: &[u64]) -> Option<f64> {
    let whole: f64 = p.iter().map(|&p| f64::from(p)).sum();
    let total: u64 = counts.iter().sum();
    if whole <= 0.0 || total == 0 {
        return None;
    }
    let pairs = p.iter().zip(counts);
    let smaller = pairs.map(|(&p, &c)| (f64::from(p) / whole).min(c as f64 / total as f64));
    Some(smaller.sum())
}

/// Conditional gain: how much of what a short context leaves open a source decides in favour of the token,
///
/// ```text
/// gain = max(0, (Q - Q0) / (1 - Q0)),   Q = (n(x) + 5 Q0) / (sum n + 5)
/// ```
///
/// from 0 (no better than the baseline) to 1 (certain). `Q0` is the baseline's share of the token among the candidates, `n` a source's
/// counts of them; with few counts `Q` stays near `Q0`. It is Cheng's (1997) causal power of the source for the token, smoothed.
pub fn gain(counts: &[u64], baseline: &[u64], own: usize) -> f64 {
    let before = share(baseline, own);
    let total: u64 = counts.iter().sum();
    let after = (counts[own] as f64 + PRIOR * before) / (total as f64 + PRIOR);
    ((after - before) / (1.0 - before).max(1e-9)).max(0.0)
}

fn share(counts: &[u64], own: usize) -> f64 {
    match counts.iter().sum::<u64>() {
        0 => 0.0,
        total => counts[own] as f64 / total as f64,
    }
}

/// Of the longest context that occurs at least `support` times with a candidate, over that of the last token.
fn local_gain(e: &Evidence, base: &ByLength, own: usize, support: u64) -> f64 {
    let enough = |c: &&Vec<u64>| c.iter().sum::<u64>() >= support;
    let counts = e.by_length.iter().skip(1).rev().find(enough);
    counts.map_or(0.0, |c| gain(c, &base[1], own))
}

/// The largest over the salient words and the lengths 0 to [`DEEPEST`] of the context.
fn word_gain(e: &Evidence, base: &ByLength, own: usize) -> f64 {
    let mut best = 0.0f64;
    for word in &e.by_word {
        for l in 0..=DEEPEST {
            best = best.max(gain(&word[l], &base[l], own));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_support_is_a_share_of_the_corpus() {
        assert_eq!(support(10_350_595), 100, "the bundled corpus");
        assert_eq!(support(103_505_950), 1000);
        assert_eq!(support(20_000), 5, "no less than the prior weighs");
        // A context seen 400 times is enough in the bundle, and too little in a corpus a hundred times as large.
        let e = Evidence {
            by_length: vec![vec![500, 500], vec![400, 0]],
            by_word: Vec::new(),
        };
        let base = vec![vec![500, 500], vec![200, 200]];
        let gain = |tokens: u64| local_gain(&e, &base, 0, support(tokens));
        assert!(gain(10_350_595) > THRESHOLD, "{}", gain(10_350_595));
        assert_eq!(gain(1_035_059_500), 0.0);
    }
}
