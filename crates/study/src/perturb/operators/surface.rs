//! What the eye hardly sees: casing, white space, numbers in words, synonyms, typing errors. The question means what it meant.

use std::collections::HashSet;
use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use crate::perturb::chance::{below, shuffle};
use crate::perturb::effects::reworded;
use crate::perturb::lists::SYNONYMS as PAIRS;
use crate::perturb::numbers::{self, IN_BASE2};
use crate::perturb::operator::{Input, Operator, OperatorOption, OptionKind, SHARE};
use crate::perturb::role::NumberRole;
use crate::perturb::spelling::spelled;
use crate::perturb::subject::{Change, OperatorEffect, Unchanged};
use crate::perturb::texts::capitalized;
use rotescope_text::words::next_word;
use rotescope_text::{is_stop_word, words};

const SOURCE: &str = "surface robustness, as in PromptBench (Zhu et al., 2306.04528)";

pub(super) const CASING: Operator =
    Operator::new("casing", "all letters in one case", SOURCE, casing).with_options(&[
        OperatorOption {
            name: "to",
            kind: OptionKind::OneOf(&["lower", "upper"]),
            doc: "lower if not given",
        },
    ]);

pub(super) const WHITESPACE: Operator =
    Operator::new("whitespace", "some spaces are doubled", SOURCE, whitespace);

pub(super) const SPELLED_NUMBERS: Operator = Operator::new(
    "spelled-numbers",
    "numbers below a million in words",
    SOURCE,
    spelled_numbers,
);

pub(super) const SYNONYMS: Operator = Operator::new(
    "synonyms",
    "words with a synonym in a small list get it",
    SOURCE,
    synonyms,
);

pub(super) const TYPOS: Operator = Operator::new(
    "typos",
    "two letters change places inside random words",
    SOURCE,
    typos,
)
.with_options(SHARE);

fn casing(input: &Input, _: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let question = match input.options.text("to") {
        Some("upper") => input.subject.question.to_uppercase(),
        _ => input.subject.question.to_lowercase(),
    };
    if question == input.subject.question {
        return Unchanged::because("its letters are in this case already");
    }
    Ok(reworded(input, question, Vec::new()))
}

fn whitespace(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let mut spaces: Vec<usize> = input
        .subject
        .question
        .match_indices(' ')
        .map(|(i, _)| i)
        .collect();
    if spaces.is_empty() {
        return Unchanged::because("it has no spaces");
    }
    shuffle(rng, &mut spaces);
    spaces.truncate(spaces.len().div_ceil(4));
    spaces.sort_unstable();
    let mut question = input.subject.question.clone();
    for at in spaces.into_iter().rev() {
        question.insert(at, ' ');
    }
    Ok(reworded(input, question, Vec::new()))
}

fn spelled_numbers(input: &Input, _: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    if input.subject.question.starts_with(IN_BASE2) {
        return Unchanged::because("its numbers are in base 2");
    }
    let text = &input.subject.question;
    let (mut question, mut at, mut changes) = (String::with_capacity(text.len()), 0, Vec::new());
    for n in numbers::find(text) {
        let value = u32::try_from(n.value.numerator()).ok();
        let fits = n.whole && n.role == NumberRole::Quantity;
        let Some(value) = value.filter(|v| fits && *v < 1_000_000) else {
            continue;
        };
        let Some((span, words)) = in_words(text, &n.span, &spelled(value)) else {
            continue;
        };
        question.push_str(&text[at..span.start]);
        question.push_str(&words);
        at = span.end;
        let change = Change::number(&text[span], words);
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    question.push_str(&text[at..]);
    if changes.is_empty() {
        return Unchanged::because("no whole number below a million stands in it");
    }
    Ok(reworded(input, question, changes))
}

/// A number and the sign at it in words: `50%` is "fifty percent", `$5 each` "five dollars each". `None` where words do not fit (`a $5 bill`).
fn in_words(text: &str, number: &Range<usize>, spelled: &str) -> Option<(Range<usize>, String)> {
    let (before, after) = (&text[..number.start], &text[number.end..]);
    if after.starts_with('%') {
        return Some((number.start..number.end + 1, format!("{spelled} percent")));
    }
    if before.ends_with(['€', '£', '¥']) || before.ends_with("\\$") {
        return None;
    }
    if !before.ends_with('$') {
        return Some((number.clone(), spelled.into()));
    }
    let noun = next_word(after, 0)
        .is_some_and(|w| &after[..w.start] == " " && !is_stop_word(&after[w.clone()]));
    let ends = !noun && !after.starts_with('-');
    let unit = if spelled == "one" {
        "dollar"
    } else {
        "dollars"
    };
    ends.then(|| (number.start - 1..number.end, format!("{spelled} {unit}")))
}

/// Words that are the matter of the task, not its wording.
fn matter(input: &Input) -> HashSet<String> {
    input.problem().map(|p| p.matter()).unwrap_or_default()
}

fn synonyms(input: &Input, _: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let matter = matter(input);
    let (mut question, mut changes) = (input.subject.question.clone(), Vec::new());
    for word in words(&input.subject.question).into_iter().rev() {
        let lower = word.text.to_lowercase();
        let found = PAIRS.iter().find_map(|(a, b)| {
            if *a == lower {
                Some(*b)
            } else {
                (*b == lower).then_some(*a)
            }
        });
        if let Some(new) = found.filter(|_| !matter.contains(word.text)) {
            let capital = word.text.starts_with(char::is_uppercase);
            let new = if capital {
                capitalized(new)
            } else {
                new.to_string()
            };
            question.replace_range(word.span.clone(), &new);
            let change = Change::word(word.text, new);
            if !changes.contains(&change) {
                changes.push(change);
            }
        }
    }
    if changes.is_empty() {
        return Unchanged::because("none of its words has a synonym in the list");
    }
    changes.reverse();
    Ok(reworded(input, question, changes))
}

fn typos(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let matter = matter(input);
    let mut long: Vec<_> = words(&input.subject.question)
        .into_iter()
        .filter(|w| {
            w.text.len() >= 4
                && w.text.bytes().all(|b| b.is_ascii_alphabetic())
                && !matter.contains(w.text)
        })
        .filter(|w| inner_pairs(w.text).next().is_some())
        .collect();
    if long.is_empty() {
        return Unchanged::because("no word in it is long enough");
    }
    let wanted = (long.len() as f64 * input.options.share()).round() as usize;
    shuffle(rng, &mut long);
    long.truncate(wanted.max(1));
    let mut question = input.subject.question.clone().into_bytes();
    let mut changes = Vec::new();
    for word in long {
        let pairs: Vec<usize> = inner_pairs(word.text).collect();
        let at = word.span.start + pairs[below(rng, pairs.len())];
        question.swap(at, at + 1);
        let new = String::from_utf8_lossy(&question[word.span.clone()]).into_owned();
        changes.push(Change::word(word.text, new));
    }
    // Only ASCII letters changed places.
    Ok(reworded(
        input,
        String::from_utf8_lossy(&question).into_owned(),
        changes,
    ))
}

/// Places of two different letters next to each other, neither the word's first nor its last.
fn inner_pairs(word: &str) -> impl Iterator<Item = usize> {
    let bytes = word.as_bytes();
    (1..bytes.len().saturating_sub(2)).filter(|i| bytes[*i] != bytes[*i + 1])
}
