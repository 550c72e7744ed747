//! What the eye hardly sees: casing, white space, numbers in words, synonyms, typing errors. The question means what it meant.

use std::collections::HashSet;

use rand_chacha::ChaCha8Rng;

use super::numbers;
use super::plan::Options;
use super::pocket::{BASE2, Problem, meta_after};
use super::{Answer, Change, Effect, Frequencies, Subject, Unchanged, below, lists, shuffle};
use rotescope_text::words;

type Corpus<'a> = Option<&'a dyn Frequencies>;

fn same(s: &Subject, question: String, changes: Vec<Change>) -> Effect {
    Effect {
        question,
        answer: Answer::Same,
        meta: meta_after(&s.meta),
        changes,
        strength: None,
    }
}

pub(super) fn casing(
    s: &Subject,
    o: &Options,
    _: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let question = match o.text("to") {
        Some("upper") => s.question.to_uppercase(),
        _ => s.question.to_lowercase(),
    };
    if question == s.question {
        return Unchanged::because("its letters are in this case already");
    }
    Ok(same(s, question, Vec::new()))
}

pub(super) fn whitespace(
    s: &Subject,
    _: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let mut spaces: Vec<usize> = s.question.match_indices(' ').map(|(i, _)| i).collect();
    if spaces.is_empty() {
        return Unchanged::because("it has no spaces");
    }
    shuffle(rng, &mut spaces);
    spaces.truncate(spaces.len().div_ceil(4));
    spaces.sort_unstable();
    let mut question = s.question.clone();
    for at in spaces.into_iter().rev() {
        question.insert(at, ' ');
    }
    Ok(same(s, question, Vec::new()))
}

pub(super) fn spelled_numbers(
    s: &Subject,
    _: &Options,
    _: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    if s.question.starts_with(BASE2) {
        return Unchanged::because("its numbers are in base 2");
    }
    let mut changes = Vec::new();
    let question = numbers::rewrite(&s.question, |n| {
        let value = u32::try_from(n.value.numerator())
            .ok()
            .filter(|v| n.whole && *v < 1_000_000)?;
        let new = spelled(value);
        let change = Change::number(n.text.as_str(), new.as_str());
        if !changes.contains(&change) {
            changes.push(change);
        }
        Some(new)
    });
    if changes.is_empty() {
        return Unchanged::because("no whole number below a million stands in it");
    }
    Ok(same(s, question, changes))
}

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// A number below a million in English words.
pub fn spelled(n: u32) -> String {
    let join = |head: String, rest: u32, gap: &str| {
        if rest == 0 {
            head
        } else {
            format!("{head}{gap}{}", spelled(rest))
        }
    };
    match n {
        0..20 => ONES[n as usize].into(),
        20..100 => join(TENS[(n / 10) as usize].into(), n % 10, "-"),
        100..1000 => join(
            format!("{} hundred", ONES[(n / 100) as usize]),
            n % 100,
            " ",
        ),
        _ => join(format!("{} thousand", spelled(n / 1000)), n % 1000, " "),
    }
}

/// Words that are the matter of the task, not its wording: a title's, a list's.
fn matter(s: &Subject) -> HashSet<String> {
    let of = |text: &str| words(text).iter().map(|w| w.text.to_string()).collect();
    match Problem::of(s) {
        Some(Problem::Title(p)) => of(&p.title),
        Some(Problem::Counting(p)) => p.list.iter().cloned().chain([p.target]).collect(),
        Some(Problem::Applied(p)) => p
            .names
            .values()
            .filter_map(|v| v.as_str())
            .map(String::from)
            .collect(),
        Some(Problem::Formula(_)) | None => HashSet::new(),
    }
}

pub(super) fn synonyms(
    s: &Subject,
    _: &Options,
    _: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let matter = matter(s);
    let (mut question, mut changes) = (s.question.clone(), Vec::new());
    for word in words(&s.question).into_iter().rev() {
        let lower = word.text.to_lowercase();
        let found = lists::SYNONYMS.iter().find_map(|(a, b)| {
            if *a == lower {
                Some(*b)
            } else {
                (*b == lower).then_some(*a)
            }
        });
        if let Some(new) = found.filter(|_| !matter.contains(word.text)) {
            let capital = word.text.starts_with(char::is_uppercase);
            let new = if capital {
                super::pocket::up(new)
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
    Ok(same(s, question, changes))
}

/// Share of the words when none is given.
const SHARE: f64 = 0.1;

pub(super) fn typos(
    s: &Subject,
    o: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let matter = matter(s);
    let mut long: Vec<_> = words(&s.question)
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
    let wanted = (long.len() as f64 * o.number("share").unwrap_or(SHARE)).round() as usize;
    shuffle(rng, &mut long);
    long.truncate(wanted.max(1));
    let mut question = s.question.clone().into_bytes();
    let mut changes = Vec::new();
    for word in long {
        let pairs: Vec<usize> = inner_pairs(word.text).collect();
        let at = word.span.start + pairs[below(rng, pairs.len())];
        question.swap(at, at + 1);
        let new = String::from_utf8_lossy(&question[word.span.clone()]).into_owned();
        changes.push(Change::word(word.text, new));
    }
    // Only ASCII letters changed places.
    Ok(same(
        s,
        String::from_utf8_lossy(&question).into_owned(),
        changes,
    ))
}

/// Places of two different letters next to each other, neither the word's first nor its last.
fn inner_pairs(word: &str) -> impl Iterator<Item = usize> {
    let bytes = word.as_bytes();
    (1..bytes.len().saturating_sub(2)).filter(|i| bytes[*i] != bytes[*i + 1])
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn numbers_in_words() {
        for (n, want) in [
            (0, "zero"),
            (13, "thirteen"),
            (40, "forty"),
            (73, "seventy-three"),
            (100, "one hundred"),
            (512, "five hundred twelve"),
            (80_000, "eighty thousand"),
            (120_305, "one hundred twenty thousand three hundred five"),
        ] {
            assert_eq!(spelled(n), want);
        }
    }
}
