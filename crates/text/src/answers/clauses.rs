//! The value at the start of a sentence, without what is said about it.

use super::last_value::numbers;
use crate::ByteRange;
use crate::markup::{strip, unwrapped};
use crate::same::is_value;

/// What a sentence that states an answer gives.
pub(super) enum Stated {
    /// A number, a point, a choice, yes or no.
    Value(ByteRange),
    /// Words.
    Text(ByteRange),
}

/// Words between an announcement and its value, with a blank or comma behind them.
#[rustfmt::skip]
const LEAD_INS: &[&str] = &[
    "therefore", "thus", "then", "simply", "just", "indeed", "clearly", "exactly", "actually", "now", "also", "still", "hence", "approximately", "about",
    "roughly", "around", "equal to", "equals", "given by", "obviously", "finally", "so", "only", "precisely", "ungefähr", "also ", "environ", "donc", "约",
    "probably", "most likely", "likely", "surely", "definitely", "certainly", "again", "of course",
];

/// Words before which a value ends.
#[rustfmt::skip]
const BORDERS: &[&str] = &[
    ", ", ". ", " (", "; ", " - ", " – ", " — ", ": ", " because ", " since ", " so ", " as ", " which ", " when ", " if ", " where ", " but ", " while ",
    " meaning ", " making ", " i.e. ", " and ", " that ", "，", "。", "（", "、",
];

/// Words before which a value ends if another number follows.
const BEFORE_NUMBERS: &[&str] = &[
    " in ", " for ", " of ", " after ", " from ", " over ", " at ", " by ", " with ", " on ",
];

/// Words that say nothing about the answer's value: "the answer is correct".
#[rustfmt::skip]
const REMARKS: &[&str] = &[
    "correct", "right", "wrong", "incorrect", "clear", "obvious", "reasonable", "valid", "consistent", "unclear", "unknown", "below", "above", "as",
    "in", "an integer", "a number", "a whole", "a positive", "a negative", "a fraction", "a decimal", "given", "found", "obtained", "shown", "not",
    "the same", "positive", "negative", "always", "sometimes", "based", "likely", "already", "close", "going", "arrived", "helpful", "useful",
    "important",
];

/// Verbs before the number that a sentence is about.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "is", "are", "was", "were", "be", "has", "have", "had", "gets", "get", "got", "gives", "give", "makes", "make", "made", "earns", "earn", "earned",
    "needs", "need", "takes", "take", "took", "costs", "cost", "equals", "spends", "spend", "spent", "pays", "pay", "paid", "sells", "sold", "saves",
    "saved", "receives", "received", "owes", "leaves", "uses", "eats", "ate", "bought", "buys", "yields", "totals", "=",
];

/// Words that lead away from what a verb is about.
#[rustfmt::skip]
const ASIDES: &[&str] = &["after", "in", "for", "from", "with", "per", "on", "at", "during", "every", "each"];

/// Clauses that say why; no value holds one.
const REASONS: &[&str] = &[
    " because ",
    " since ",
    ", so ",
    ", because ",
    ", since ",
    ", which ",
    ", as ",
    ". ",
];

/// Words after which a sentence tells how the answer comes about.
const HOW: &[&str] = &[
    "that",
    "found",
    "obtained",
    "given",
    "calculated",
    "computed",
    "determined",
    "the sum",
    "the product",
];

/// Places tried at most.
const MOST_BORDERS: usize = 12;

/// Reads a sentence, or what stands between braces. `None` if it says nothing.
pub(super) fn stated(sentence: &str) -> Option<Stated> {
    let value = strip(lead_in(strip(sentence)));
    let value = without_copula(unwrapped(value));
    if !value
        .chars()
        .any(|c| c.is_alphanumeric() || matches!(c, '∅' | '\\' | '∞' | 'π'))
    {
        return None;
    }
    let span = |part: &str| {
        let start = part.as_ptr() as usize - sentence.as_ptr() as usize;
        start..start + part.len()
    };
    // Marks that end a title may stay; behind a value they go.
    let unstressed = value.trim_end_matches(['?', '!']);
    if let Some(v) = [value, unstressed].into_iter().find(|v| is_value(v)) {
        return Some(Stated::Value(span(single(v))));
    }
    let ends = borders(value);
    if let Some(part) = ends
        .iter()
        .map(|i| strip(&value[..*i]))
        .find(|p| is_value(p))
    {
        return Some(Stated::Value(span(single(part))));
    }
    if let Some(number) = told(value) {
        return Some(Stated::Value(span(&value[number])));
    }
    let first = value.split([' ', ',', '.', '!']).next().unwrap_or("");
    let remark = REMARKS
        .iter()
        .any(|r| *r == first || r.contains(' ') && value.starts_with(r));
    (!remark).then(|| Stated::Text(span(value)))
}

fn lead_in(mut value: &str) -> &str {
    for _ in 0..3 {
        let after = LEAD_INS.iter().find_map(|w| {
            let rest = value.strip_prefix(*w)?;
            (rest.starts_with([' ', ',', ':']) || !w.is_ascii())
                .then(|| rest.trim_start_matches([' ', ',', ':']))
        });
        match after {
            Some(rest) => value = rest,
            None => break,
        }
    }
    value
}

/// Japanese and Korean sentences end in "it is".
fn without_copula(value: &str) -> &str {
    let ends = [
        "です",
        "である",
        "だ",
        "となります",
        "になります",
        "入る",
        "입니다",
        "이다",
    ];
    let bare = value.trim_end_matches(['。', ' ']);
    let cut = ends.iter().find_map(|e| bare.strip_suffix(e));
    strip(cut.unwrap_or(bare))
}

/// Where a value may end, in order; a comma before a number goes on.
fn borders(value: &str) -> Vec<usize> {
    let mut found: Vec<usize> = BORDERS
        .iter()
        .flat_map(|b| value.match_indices(b).take(MOST_BORDERS).map(|(i, _)| i))
        .collect();
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST_BORDERS);
    found
}

/// A value without reasons, and without another quantity that is told about it: "18 dollars in 30 days".
fn single(value: &str) -> &str {
    let told = BEFORE_NUMBERS
        .iter()
        .filter_map(|w| value.find(w))
        .filter(|i| value[*i..].contains(|c: char| c.is_ascii_digit()));
    let reasons = REASONS
        .iter()
        .filter(|r| **r != ". " || !value.starts_with(char::is_alphabetic))
        .filter_map(|w| value.find(w));
    let cut = told.chain(reasons).min();
    cut.map(|i| strip(&value[..i]))
        .filter(|p| is_value(p))
        .unwrap_or(value)
}

/// The number that a sentence comes to: behind its last verb, or the last one where it tells how the answer is found.
fn told(sentence: &str) -> Option<ByteRange> {
    let all = numbers(sentence);
    let last = all.last()?.clone();
    let how = HOW.iter().any(|h| {
        sentence
            .strip_prefix(*h)
            .is_some_and(|r| r.starts_with(' '))
    });
    let mut at = 0;
    let mut found = None;
    for word in sentence.split(' ') {
        let end = at + word.len();
        if VERBS.contains(&word.trim_matches(['*', '$', ',', '\\']))
            && let Some(number) = all.iter().find(|n| n.start >= end)
            // A few words may stand between: "a total of".
            && let between = sentence[end..number.start].split_whitespace()
            && between.clone().count() <= 4
            && !between.clone().any(|w| ASIDES.contains(&w))
        {
            found = Some(number.clone());
        }
        at = end + 1;
    }
    found.or_else(|| how.then_some(last))
}
