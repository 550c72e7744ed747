//! STIM's transformations of the long tail (Li et al., EMNLP 2025, section 4 and the released task data).
//!
//! On problems that carry their template the operands change and the answer is computed anew. In other prompts the numbers of the text change:
//! whole numbers for digit expansion and int to float (the authors leave decimals as they are), all numbers for base 2; then the answer is
//! unknown, but for base 2, where it is the old one written anew.

use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::numbers::{self, Notation};
use super::plan::Options;
use super::pocket::{BASE2, Built, Problem, meta_after};
use super::symbolic::{Category, rename};
use super::{
    Answer, Change, Effect, Frequencies, Subject, Unchanged, below, choose, lists, shuffle,
};
use rotescope_text::Rational;

type Corpus<'a> = Option<&'a dyn Frequencies>;

/// The primes of the authors: between 10 and 30.
const PRIMES: [i64; 6] = [11, 13, 17, 19, 23, 29];

/// The effect of a problem that was built anew.
pub(super) fn effect(subject: &Subject, built: Built, changes: Vec<Change>) -> Effect {
    let same = subject.answer.as_deref() == Some(built.answer.as_str());
    Effect {
        question: built.question,
        answer: if same {
            Answer::Same
        } else {
            Answer::New(built.answer)
        },
        meta: built.meta,
        changes,
        strength: None,
    }
}

/// The numbers that are different in two lists of operands.
pub(super) fn number_changes(
    before: &[Rational],
    old: Notation,
    after: &[Rational],
    new: Notation,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (a, b) in before.iter().zip(after) {
        if let (Some(a), Some(b)) = (old.write(*a), new.write(*b)) {
            let change = Change::number(a, b);
            if change.from != change.to && !changes.contains(&change) {
                changes.push(change);
            }
        }
    }
    changes
}

/// Gives a problem other operands, or another notation, and builds it. `None` when they do not work out.
pub(super) fn with_operands(
    subject: &Subject,
    problem: &Problem,
    notation: Notation,
    operands: Vec<Rational>,
) -> Option<Effect> {
    match problem {
        Problem::Applied(p) => {
            let changes = number_changes(&p.operands, p.notation, &operands, notation);
            let mut p = p.clone();
            (p.operands, p.notation) = (operands, notation);
            Some(effect(subject, p.build()?, changes))
        }
        Problem::Formula(p) => {
            let changes = number_changes(&p.operands, p.notation, &operands, notation);
            let mut p = p.clone();
            (p.operands, p.notation) = (operands, notation);
            Some(effect(subject, p.build()?, changes))
        }
        Problem::Counting(_) | Problem::Title(_) => None,
    }
}

/// The operands of a problem and how they are written; `None` for lists and titles.
pub(super) fn operands(problem: &Problem) -> Option<(&[Rational], Notation)> {
    match problem {
        Problem::Applied(p) => Some((&p.operands, p.notation)),
        Problem::Formula(p) => Some((&p.operands, p.notation)),
        Problem::Counting(_) | Problem::Title(_) => None,
    }
}

const NO_NUMBERS: &str = "the problem has no numbers to calculate with";
const IN_BASE2: &str = "its numbers are in base 2 already";

/// `n -> p1 * n + p2`, the same primes for all numbers of a prompt.
pub(super) fn digit_expansion(
    s: &Subject,
    o: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let given = |name: &str| o.number(name).map(|p| p as i64);
    let mut pairs: Vec<(i64, i64)> = PRIMES
        .iter()
        .flat_map(|a| PRIMES.iter().map(move |b| (*a, *b)))
        .collect();
    shuffle(rng, &mut pairs);
    for pair in &mut pairs {
        *pair = (given("p1").unwrap_or(pair.0), given("p2").unwrap_or(pair.1));
    }
    let expand = |v: Rational, (p1, p2): (i64, i64)| {
        v.checked_mul(Rational::whole(p1))?
            .checked_add(Rational::whole(p2))
    };
    let Some(problem) = Problem::of(s) else {
        return text_numbers(s, |n| expand(n, pairs[0]));
    };
    let Some((before, notation)) = operands(&problem) else {
        return Unchanged::because(NO_NUMBERS);
    };
    let found = pairs.iter().find_map(|&pair| {
        let after = before
            .iter()
            .map(|v| expand(*v, pair))
            .collect::<Option<Vec<_>>>()?;
        with_operands(s, &problem, notation, after)
    });
    found.ok_or_else(|| Unchanged("with no pair of primes do its numbers work out".into()))
}

/// `n -> n / 100`.
pub(super) fn int_to_float(
    s: &Subject,
    _: &Options,
    _: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let hundredth = |v: Rational| v.checked_div(Rational::whole(100));
    let Some(problem) = Problem::of(s) else {
        return text_numbers(s, hundredth);
    };
    let Some((before, notation)) = operands(&problem) else {
        return Unchanged::because(NO_NUMBERS);
    };
    if notation == Notation::Binary {
        return Unchanged::because(IN_BASE2);
    }
    let after = before
        .iter()
        .map(|v| hundredth(*v))
        .collect::<Option<Vec<_>>>();
    after
        .and_then(|after| with_operands(s, &problem, notation, after))
        .ok_or_else(|| Unchanged("its numbers do not work out as hundredths (a result is not positive or has no finite form)".into()))
}

/// All numbers in base 2, and a sentence that says so.
pub(super) fn base2(
    s: &Subject,
    _: &Options,
    _: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let Some(problem) = Problem::of(s) else {
        if s.question.starts_with(BASE2) {
            return Unchanged::because(IN_BASE2);
        }
        let mut changed = rewritten(s, |n| Notation::Binary.write(n.value))?;
        changed.question = format!("{BASE2}{}", changed.question);
        let value = s
            .answer
            .as_deref()
            .map(|a| a.replace(',', ""))
            .and_then(|a| Notation::Decimal.read(&a));
        if let Some(answer) = value.and_then(|v| Notation::Binary.write(v)) {
            changed.answer = Answer::New(answer);
        }
        return Ok(changed);
    };
    match operands(&problem) {
        None => Unchanged::because(NO_NUMBERS),
        Some((_, Notation::Binary)) => Unchanged::because(IN_BASE2),
        Some((before, _)) => with_operands(s, &problem, Notation::Binary, before.to_vec())
            .ok_or_else(|| Unchanged("its numbers do not work out in base 2".into())),
    }
}

/// Changes the whole numbers of a text.
pub(super) fn text_numbers(
    s: &Subject,
    mut change: impl FnMut(Rational) -> Option<Rational>,
) -> Result<Effect, Unchanged> {
    rewritten(s, |n| {
        if n.whole {
            Notation::Decimal.write(change(n.value)?)
        } else {
            None
        }
    })
}

fn rewritten(
    s: &Subject,
    mut write: impl FnMut(&numbers::Found) -> Option<String>,
) -> Result<Effect, Unchanged> {
    let mut changes: Vec<Change> = Vec::new();
    let question = numbers::rewrite(&s.question, |n| {
        let new = write(n)?;
        let change = Change::number(n.text.as_str(), new.as_str());
        if change.from != change.to && !changes.contains(&change) {
            changes.push(change);
        }
        Some(new)
    });
    if changes.is_empty() {
        return Unchanged::because("no number stands in it that could change");
    }
    Ok(Effect {
        question,
        answer: Answer::Unknown,
        meta: match meta_after(&s.meta) {
            // What a template said of the old numbers holds no longer.
            Value::Object(mut m) => {
                for key in [
                    "template",
                    "operands",
                    "equations",
                    "chain",
                    "expression",
                    "ops",
                ] {
                    m.shift_remove(key);
                }
                Value::Object(m)
            }
            other => other,
        },
        changes,
        strength: None,
    })
}

/// More items at the end of a counting list, drawn from those that it has.
pub(super) fn lengthen_list(
    s: &Subject,
    o: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let Some(Problem::Counting(mut p)) = Problem::of(s) else {
        return Unchanged::because("it is no counting problem with its list in meta.list");
    };
    let drawn = [30, 40, 50][below(rng, 3)];
    let to = o.number("to").map_or(drawn, |n| n as usize);
    if p.list.len() >= to {
        return Unchanged::because(format!("its list has {} items already", p.list.len()));
    }
    let own = p.list.clone();
    while p.list.len() < to {
        match choose(rng, &own) {
            Some(item) => p.list.push(item.clone()),
            None => return Unchanged::because("its list is empty"),
        }
    }
    let built = p
        .build()
        .ok_or_else(|| Unchanged("its template has an unknown place".into()))?;
    Ok(effect(s, built, Vec::new()))
}

/// Rare words in the place of frequent ones: the rare ends of the lists in [`lists`].
pub(super) fn rare_entity(
    s: &Subject,
    _: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    rename(s, |category, _| {
        let words = lists::words(category.list());
        let rare = match category {
            Category::Fruit => 30,
            Category::Name => 80,
            Category::Thing => 80,
            Category::Noun => 80,
            Category::Adjective => 35,
        };
        choose(rng, &words[rare.min(words.len())..]).map(|w| w.to_string())
    })
}

const LAST_WORD: [&str; 2] = [
    "Capitalize only the last word: {}.",
    "Write this with a capital in the last word only: {}.",
];

/// Another, rare instruction for the same title.
pub(super) fn last_word_capitalization(
    s: &Subject,
    _: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    match Problem::of(s) {
        Some(Problem::Title(mut p)) if !p.last_word => {
            p.last_word = true;
            p.template = LAST_WORD[below(rng, LAST_WORD.len())].into();
            Ok(effect(s, p.build(), Vec::new()))
        }
        Some(Problem::Title(_)) => Unchanged::because("it asks for the last word only already"),
        _ => Unchanged::because("it is no title problem with its title in meta.title"),
    }
}
