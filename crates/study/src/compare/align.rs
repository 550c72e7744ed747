//! Units of an output and their alignment.
//!
//! A unit is a token; the tokens of a number, or of a word that the prompt's change replaced, are one unit. For the diff all numbers are alike, and
//! a replaced word is what it was replaced by, so that "20" against "473" is a substitution at its place and not noise.

use std::hash::Hash;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::lcs;
use crate::perturb::{Change, numbers};
use rotescope_text::{Rational, sanitize, words};
use rotescope_trace::Trace;

/// What tokens are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Token ids: the tokenizers are the same.
    Ids,
    /// The words of the text.
    Text,
}

/// What must be the same for two units to be aligned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Number,
    /// A replaced word, by its place in the mapping.
    Replaced(usize),
    Id(u32),
    Text(String),
}

/// A piece of an output that is compared as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    pub tokens: Range<usize>,
    /// In bytes of the output.
    pub span: Range<usize>,
    /// The number, as it is written, and its value read in base 10.
    pub number: Option<(String, Rational)>,
}

/// The units of one output; they tile its tokens.
#[derive(Debug, Clone)]
pub struct Units {
    /// The output with every byte at its place.
    pub text: String,
    pub units: Vec<Unit>,
    pub keys: Vec<Key>,
}

impl Units {
    /// `original`: whether the mapping's left sides are to be looked for, or its right sides.
    pub fn of(trace: &Trace, mapping: &[Change], original: bool, by: By) -> Units {
        let bytes: Vec<u8> = trace
            .tokens
            .iter()
            .flat_map(rotescope_trace::Token::raw)
            .collect();
        let text = sanitize::same_offsets(&bytes).into_owned();
        let found = numbers::find(&text);
        let mut wholes: Vec<(Range<usize>, Option<Key>)> = found
            .iter()
            .map(|n| (n.span.clone(), Some(Key::Number)))
            .collect();
        for (i, change) in mapping.iter().enumerate().filter(|(_, c)| !c.is_number()) {
            let word = if original { &change.from } else { &change.to };
            wholes.extend(places(&text, word).map(|span| (span, Some(Key::Replaced(i)))));
        }
        if by == By::Text {
            wholes.extend(words(&text).into_iter().map(|w| (w.span, None)));
        }
        // Where spans overlap (the words of a number, in text mode), the first kind wins.
        wholes.sort_by_key(|(span, key)| (span.start, key.is_none()));
        let (mut units, mut keys) = (Vec::<Unit>::new(), Vec::new());
        let (mut next, mut at) = (0, 0);
        while at < trace.tokens.len() {
            let start = trace.tokens[at].span[0];
            while next < wholes.len() && wholes[next].0.end <= start {
                next += 1;
            }
            // The last token that the whole reaches into, where this token reaches into one.
            let whole = wholes
                .get(next)
                .filter(|(span, _)| span.start < trace.tokens[at].span[1]);
            let end = whole.map_or(at + 1, |(span, _)| {
                let reached = trace.tokens[at..]
                    .iter()
                    .take_while(|t| t.span[0] < span.end)
                    .count();
                at + reached.max(1)
            });
            let span = start..trace.tokens[end - 1].span[1];
            let number = whole
                .filter(|(_, key)| *key == Some(Key::Number))
                .and_then(|_| found.get(found.partition_point(|n| n.span.end <= span.start)))
                .filter(|n| n.span.start < span.end)
                .map(|n| (n.text.clone(), n.value));
            keys.push(match (whole.and_then(|(_, key)| key.clone()), by) {
                (Some(key), _) => key,
                (None, By::Ids) => Key::Id(trace.tokens[at].id),
                (None, By::Text) => {
                    Key::Text(text.get(span.clone()).unwrap_or_default().trim().into())
                }
            });
            units.push(Unit {
                tokens: at..end,
                span,
                number,
            });
            at = end;
        }
        Units { text, units, keys }
    }
}

/// Whole-word places of `word`.
fn places<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let hits = text.match_indices(if word.is_empty() { "\0" } else { word });
    hits.map(|(i, w)| i..i + w.len()).filter(move |r| {
        !inner(text[..r.start].chars().next_back()) && !inner(text[r.end..].chars().next())
    })
}

/// Edit distance above which sequences are aligned by their longest common subsequence instead of by patience.
///
/// The time of the diff grows with the square of the distance, and what two sequences have in common that differ so much are stray tokens anyway;
/// the subsequence takes the same few milliseconds for all.
const APART: usize = 2000;

/// Pairs of places, in order: both where units are aligned or replace each other, one where a unit has no counterpart.
pub fn pairs<K: Eq + Hash + Ord>(a: &[K], b: &[K]) -> Vec<(Option<usize>, Option<usize>)> {
    let distance = a.len() + b.len() - 2 * lcs::length(a, b);
    fill(&matches(a, b, distance), a.len(), b.len())
}

/// Places of both that are aligned, ascending.
fn matches<K: Eq + Hash + Ord>(a: &[K], b: &[K], distance: usize) -> Vec<(usize, usize)> {
    if distance > APART {
        return lcs::matches(a, b);
    }
    let mut out = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, a, b) {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            out.extend((0..len).map(|i| (old_index + i, new_index + i)));
        }
    }
    out
}

/// All pairs of places: what lies between two matches is paired from the first on.
fn fill(matches: &[(usize, usize)], a: usize, b: usize) -> Vec<(Option<usize>, Option<usize>)> {
    let mut out = Vec::with_capacity(a.max(b));
    let (mut i, mut j) = (0, 0);
    for &(x, y) in matches.iter().chain([&(a, b)]) {
        let shared = (x - i).min(y - j);
        out.extend((0..shared).map(|n| (Some(i + n), Some(j + n))));
        out.extend((i + shared..x).map(|i| (Some(i), None)));
        out.extend((j + shared..y).map(|j| (None, Some(j))));
        if x < a {
            out.push((Some(x), Some(y)));
        }
        (i, j) = (x + 1, y + 1);
    }
    out
}

/// Numbers and words of two questions that stand for each other, where the wording around them is the same.
pub fn question_changes(a: &str, b: &str) -> Vec<Change> {
    let split = |text: &str| -> Vec<String> {
        let (found, mut out, mut at) = (numbers::find(text), Vec::new(), 0);
        for n in &found {
            out.extend(
                words(&text[at..n.span.start])
                    .iter()
                    .map(|w| w.text.to_string()),
            );
            out.push(n.text.clone());
            at = n.span.end;
        }
        out.extend(words(&text[at..]).iter().map(|w| w.text.to_string()));
        out
    };
    let (left, right) = (split(a), split(b));
    let is_number = |w: &str| w.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let mut changes: Vec<Change> = Vec::new();
    for (x, y) in pairs(&left, &right) {
        let (Some(x), Some(y)) = (x.map(|i| &left[i]), y.map(|i| &right[i])) else {
            continue;
        };
        if x == y || is_number(x) != is_number(y) {
            continue;
        }
        let change = if is_number(x) {
            Change::number(x, y)
        } else {
            Change::word(x, y)
        };
        // The same word cannot stand for two.
        if !changes
            .iter()
            .any(|c| c.from == change.from || c.to == change.to)
        {
            changes.push(change);
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn questions_show_their_replacements() {
        let found = question_changes(
            "Tom has 6 balls. Tom buys 1,200 more.",
            "Mia has 16 balls. Mia buys 3 more.",
        );
        let want = [
            Change::word("Tom", "Mia"),
            Change::number("6", "16"),
            Change::number("1,200", "3"),
        ];
        assert_eq!(found, want);
        assert!(question_changes("same 5", "same 5").is_empty());
    }

    /// So many units of so many kinds, drawn by a fixed sequence.
    fn drawn(seed: u64, units: usize, kinds: u32) -> Vec<u32> {
        let mut x = seed;
        let next = || {
            x = x
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (x >> 33) as u32 % kinds
        };
        std::iter::repeat_with(next).take(units).collect()
    }

    mod long {
        use super::*;

        /// Prints what aligning costs: `cargo test --release -p rotescope-study align -- --ignored --nocapture`.
        #[test]
        #[ignore = "long: make test-long"]
        fn long_chains_align_quickly() {
            let every = |step: usize, of: &[u32]| {
                let mut b = of.to_vec();
                (0..b.len())
                    .step_by(step)
                    .for_each(|i| b[i] = 1_000_000 + i as u32);
                b
            };
            let (a, mut unique) = (drawn(1, 4000, 500), (0..4000).collect::<Vec<u32>>());
            unique.sort_by_key(|x| x.wrapping_mul(2_654_435_761));
            for (what, a, b) in [
                ("every 9th other", a.clone(), every(9, &a)),
                ("every 4th other", a.clone(), every(4, &a)),
                ("every 3rd other", a.clone(), every(3, &a)),
                ("unrelated, 2 kinds", drawn(1, 4000, 2), drawn(2, 4000, 2)),
                (
                    "unrelated, 30 kinds",
                    drawn(1, 4000, 30),
                    drawn(2, 4000, 30),
                ),
                ("unrelated, 500 kinds", a.clone(), drawn(2, 4000, 500)),
                (
                    "unrelated, 50000 kinds",
                    drawn(1, 4000, 50_000),
                    drawn(2, 4000, 50_000),
                ),
                ("the same in another order", (0..4000).collect(), unique),
                ("nothing in common", a.clone(), every(1, &a)),
            ] {
                let began = std::time::Instant::now();
                let distance = a.len() + b.len() - 2 * lcs::length(&a, &b);
                let counted = began.elapsed();
                let found = pairs(&a, &b);
                let both = began.elapsed() - counted;
                let began = std::time::Instant::now();
                let patience = matches(&a, &b, 0).len();
                let alone = began.elapsed();
                let equal = found
                    .iter()
                    .filter(|(i, j)| i.zip(*j).is_some_and(|(i, j)| a[i] == b[j]));
                eprintln!(
                    "4000 units, {what}: distance {distance}, aligned in {both:?}, {} matches (patience alone: {alone:?}, {patience})",
                    equal.count()
                );
                // The bound is loose because tests run beside others; docs/compare.md has the figures.
                assert!(both.as_millis() < 500, "{what}: {both:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_unit_stands_once_and_in_order(a in prop::collection::vec(0_u8..6, 0..60), b in prop::collection::vec(0_u8..6, 0..60)) {
            let found = pairs(&a, &b);
            let left: Vec<usize> = found.iter().filter_map(|p| p.0).collect();
            let right: Vec<usize> = found.iter().filter_map(|p| p.1).collect();
            prop_assert_eq!(left, (0..a.len()).collect::<Vec<_>>());
            prop_assert_eq!(right, (0..b.len()).collect::<Vec<_>>());
            if a == b {
                prop_assert!(found.iter().all(|(x, y)| x == y));
            }
            let apart = fill(&matches(&a, &b, usize::MAX), a.len(), b.len());
            let right: Vec<usize> = apart.iter().filter_map(|p| p.1).collect();
            prop_assert_eq!(right, (0..b.len()).collect::<Vec<_>>());
        }
    }
}
