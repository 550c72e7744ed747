//! Other names, other numbers, a clause that does not matter, another order of sentences (GSM-Symbolic and its kin).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use serde_json::json;

use super::longtail::{effect, operands, text_numbers, with_operands};
use super::numbers::Notation;
use super::plan::Options;
use super::pocket::{Applied, Problem, meta_after};
use super::{
    Answer, Change, Effect, Frequencies, Subject, Unchanged, below, choose, lists, replace_word,
    shuffle,
};
use rotescope_text::{Rational, SplitBy, split_steps, words};

type Corpus<'a> = Option<&'a dyn Frequencies>;

/// What a word names, and so which words can stand in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    Name,
    Thing,
    Fruit,
    Noun,
    Adjective,
}

impl Category {
    /// Words of the category.
    pub fn list(self) -> &'static str {
        match self {
            Category::Name => lists::NAMES,
            Category::Thing => lists::THINGS,
            Category::Fruit => lists::FRUITS,
            Category::Noun => lists::NOUNS,
            Category::Adjective => lists::ADJECTIVES,
        }
    }
}

/// How often another word is asked for when one is taken.
const TRIES: usize = 50;

/// Replaces the names of a prompt by what `pick` gives for them; `None` leaves a word. Numbers stay, so the answer does, but for titles.
pub(super) fn rename(
    s: &Subject,
    mut pick: impl FnMut(Category, &str) -> Option<String>,
) -> Result<Effect, Unchanged> {
    let mut changes: Vec<Change> = Vec::new();
    // A word that is neither the old one nor taken.
    let mut other = |category, word: &str, taken: &[String]| -> Option<String> {
        (0..TRIES)
            .filter_map(|_| pick(category, word))
            .find(|new| new != word && !taken.contains(new))
    };
    let renamed = match Problem::of(s) {
        Some(Problem::Applied(mut p)) => {
            for (key, category) in [("n", Category::Name), ("o", Category::Thing)] {
                let Some(old) = p.name(key).map(String::from) else {
                    continue;
                };
                if let Some(new) = other(category, &old, &[]) {
                    p.names.insert(key.into(), json!(new));
                    changes.push(Change::word(old, new));
                }
            }
            p.build().map(|b| effect(s, b, changes.clone()))
        }
        Some(Problem::Counting(mut p)) => {
            let mut distinct: Vec<String> = vec![p.target.clone()];
            for item in &p.list {
                if !distinct.contains(item) {
                    distinct.push(item.clone());
                }
            }
            let mut taken = distinct.clone();
            for old in &distinct {
                if let Some(new) = other(Category::Fruit, old, &taken) {
                    taken.push(new.clone());
                    changes.push(Change::word(old.as_str(), new));
                }
            }
            let new = |w: &String| {
                changes
                    .iter()
                    .find(|c| c.from == *w)
                    .map_or(w.clone(), |c| c.to.clone())
            };
            p.list = p.list.iter().map(new).collect();
            p.target = new(&p.target);
            p.build().map(|b| effect(s, b, changes.clone()))
        }
        Some(Problem::Title(mut p)) => {
            let adjectives = lists::words(lists::ADJECTIVES);
            let mut title: Vec<String> = p.title.split_whitespace().map(String::from).collect();
            for i in p.content() {
                let old = title[i].clone();
                let category = if adjectives.contains(&old.as_str()) {
                    Category::Adjective
                } else {
                    Category::Noun
                };
                if let Some(new) = other(category, &old, &title) {
                    title[i] = new.clone();
                    changes.push(Change::word(old, new));
                }
            }
            p.title = title.join(" ");
            Some(effect(s, p.build(), changes.clone()))
        }
        Some(Problem::Formula(_)) => return Unchanged::because("a formula has no names"),
        None => {
            let names = lists::words(lists::NAMES);
            let mut question = s.question.clone();
            let mut found: Vec<&str> = Vec::new();
            for word in words(&s.question) {
                if names.contains(&word.text) && !found.contains(&word.text) {
                    found.push(word.text);
                }
            }
            let mut taken: Vec<String> = found.iter().map(|w| w.to_string()).collect();
            for old in found {
                if let Some(new) = other(Category::Name, old, &taken) {
                    question = replace_word(&question, old, &new);
                    taken.push(new.clone());
                    changes.push(Change::word(old, new));
                }
            }
            Some(Effect {
                question,
                answer: Answer::Same,
                meta: meta_after(&s.meta),
                changes: changes.clone(),
                strength: None,
            })
        }
    };
    match renamed {
        Some(effect) if !changes.is_empty() => Ok(effect),
        _ => Unchanged::because("no name in it has a replacement"),
    }
}

/// Other names, things, fruits or title words, drawn evenly from the lists.
pub(super) fn names(
    s: &Subject,
    _: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    rename(s, |category, _| {
        choose(rng, &lists::words(category.list())).map(|w| w.to_string())
    })
}

/// A whole number with as many digits as `n`, at least 1.
fn alike(rng: &mut ChaCha8Rng, n: Rational) -> Rational {
    let digits = n.numerator().unsigned_abs().max(1).ilog10();
    let low = 10_i64.saturating_pow(digits);
    let span = low.saturating_mul(9).max(1) as u64;
    let drawn = ((u128::from(rng.next_u64()) * u128::from(span)) >> 64) as i64;
    Rational::whole(low.saturating_add(drawn))
}

/// Other operands of the same size. All totals of the new problem are positive, and whole where the old ones were.
pub(super) fn numbers(
    s: &Subject,
    _: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let Some(problem) = Problem::of(s) else {
        return text_numbers(s, |n| Some(alike(rng, n)));
    };
    let Some((before, notation)) = operands(&problem) else {
        return Unchanged::because("the problem has no numbers to calculate with");
    };
    if before.iter().any(|v| !v.is_whole()) {
        return Unchanged::because("its operands are not whole");
    }
    for _ in 0..2000 {
        let after: Vec<Rational> = before.iter().map(|v| alike(rng, *v)).collect();
        if after == before || !whole_throughout(&problem, &after) {
            continue;
        }
        if let Some(effect) = with_operands(s, &problem, notation, after) {
            return Ok(effect);
        }
    }
    Unchanged::because("no other numbers of this size work out")
}

/// Whether all results are whole with these operands.
pub(super) fn whole_throughout(problem: &Problem, operands: &[Rational]) -> bool {
    let equations = match problem {
        Problem::Applied(p) => {
            let mut p = p.clone();
            p.operands = operands.to_vec();
            p.solve().map(|(e, _)| e)
        }
        Problem::Formula(p) => {
            let mut p = p.clone();
            p.operands = operands.to_vec();
            p.solve().map(|(e, _, _)| e)
        }
        Problem::Counting(_) | Problem::Title(_) => None,
    };
    equations.is_some_and(|e| e.iter().all(|e| !e.contains('.')))
}

/// A sentence with a number that does not matter, before the last sentence.
pub(super) fn noop(
    s: &Subject,
    _: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let number = 2 + below(rng, 18);
    let applied = match Problem::of(s) {
        Some(Problem::Applied(p)) => Some(p),
        _ => None,
    };
    // The clauses about things need things to be about.
    let fitting: Vec<&str> = lists::NOOPS
        .iter()
        .copied()
        .filter(|c| applied.is_some() || !c.contains("{o}"))
        .collect();
    let Some(clause) = choose(rng, &fitting) else {
        return Unchanged::because("no clause fits");
    };
    let value = match applied.as_ref().map(|p| p.notation) {
        Some(Notation::Binary) => Notation::Binary.write(Rational::whole(number as i64)),
        _ => Some(number.to_string()),
    };
    let clause = clause.replace("{x}", &value.unwrap_or_default());
    if let Some(mut p) = applied {
        p.template = before_last(&p.template, &clause);
        let built = p
            .build()
            .ok_or_else(|| Unchanged("its numbers do not work out".into()))?;
        return Ok(effect(s, built, Vec::new()));
    }
    Ok(Effect {
        question: before_last(&s.question, &clause),
        answer: Answer::Same,
        meta: meta_after(&s.meta),
        changes: Vec::new(),
        strength: None,
    })
}

/// `text` with a sentence before its last one.
fn before_last(text: &str, clause: &str) -> String {
    let last = split_steps(text, SplitBy::Sentence)
        .pop()
        .map_or(0, |s| s.start);
    let lead = text[last..].len() - text[last..].trim_start().len();
    let (before, after) = text.split_at(last + lead);
    let gap = if before.is_empty() || before.ends_with(char::is_whitespace) {
        ""
    } else {
        " "
    };
    format!("{before}{gap}{clause} {after}")
}

/// The events of a story in another order in which the answer is the same and every total is positive. In other prompts the sentences between the
/// first and the last, and the answer is unknown: what happens first may matter.
pub(super) fn sentence_order(
    s: &Subject,
    _: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    match Problem::of(s) {
        Some(Problem::Applied(p)) => reorder_events(s, &p, rng),
        Some(_) => Unchanged::because("it is one sentence"),
        None => {
            let spans = split_steps(&s.question, SplitBy::Sentence);
            let sentences: Vec<&str> = spans.iter().map(|r| s.question[r.clone()].trim()).collect();
            if sentences.len() < 4 {
                return Unchanged::because(
                    "fewer than two sentences stand between its first and its last",
                );
            }
            let mut order: Vec<&str> = sentences.clone();
            let last = order.len() - 1;
            shuffle(rng, &mut order[1..last]);
            if order == sentences {
                order[1..last].rotate_left(1);
            }
            Ok(Effect {
                question: order.join(" "),
                answer: Answer::Unknown,
                meta: meta_after(&s.meta),
                changes: Vec::new(),
                strength: None,
            })
        }
    }
}

fn reorder_events(s: &Subject, p: &Applied, rng: &mut ChaCha8Rng) -> Result<Effect, Unchanged> {
    let spans = split_steps(&p.template, SplitBy::Sentence);
    let sentences: Vec<String> = spans
        .iter()
        .map(|r| p.template[r.clone()].trim().to_string())
        .collect();
    let events = p.ops.len();
    if sentences.len() != events + 2 {
        return Unchanged::because("its sentences are not one for each event");
    }
    if events < 2 {
        return Unchanged::because("it has fewer than two events");
    }
    // Where each event's operands begin.
    let mut starts = vec![1];
    for op in &p.ops {
        starts.push(starts[starts.len() - 1] + if op == "box" { 2 } else { 1 });
    }
    let Some((_, total)) = p.solve() else {
        return Unchanged::because("its numbers do not work out");
    };
    let mut order: Vec<usize> = (0..events).collect();
    for _ in 0..200 {
        shuffle(rng, &mut order);
        let mut q = p.clone();
        (q.operands, q.ops) = (vec![p.operands[0]], Vec::new());
        let mut told = vec![sentences[0].clone()];
        for &event in &order {
            let mut sentence = sentences[event + 1].clone();
            for i in starts[event]..starts[event + 1] {
                // A mark keeps a number that was moved from being moved again.
                let at = q.operands.len();
                sentence = sentence.replace(&format!("{{x{i}}}"), &format!("{{\u{1}{at}}}"));
                match p.operands.get(i) {
                    Some(v) => q.operands.push(*v),
                    None => return Unchanged::because("an event has no operand"),
                }
            }
            q.ops.push(p.ops[event].clone());
            told.push(sentence.replace('\u{1}', "x"));
        }
        told.push(sentences[events + 1].clone());
        q.template = told.join(" ");
        if q.template == p.template || q.solve().map(|(_, t)| t) != Some(total) {
            continue;
        }
        if let Some(mut built) = q.build().filter(|b| b.question != s.question) {
            if let Some(meta) = built.meta.as_object_mut() {
                meta.shift_remove("chain"); // it told the events in the old order
            }
            return Ok(effect(s, built, Vec::new()));
        }
    }
    Unchanged::because("in no other order of its events is the answer the same")
}
