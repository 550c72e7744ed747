//! Arithmetic word problems in plain English, of graded difficulty: prompts whose answers are known, for any model that speaks English.
//!
//! `cargo run --release -p rotescope-study --example word_problems -- [--count N] [--seed N] [--level NAME]... > examples/word-problems.jsonl`
//!
//! A person has a number of things, and one event after another changes it. Levels: one and two events with numbers up to 9 (`1-small`, `2-small`), two and
//! three with numbers up to 20 (`2`, `3`), four with numbers up to 100 (`4-large`), in turn, or those that are named; of a model of 100 million weights, half of
//! the first level is asked enough. No number goes below zero, no thing is cut. The answer is a worked solution with the number behind `####`, so that
//! the problems serve as worked examples too (`--shots N --shots-from FILE`).

use std::collections::HashSet;
use std::error::Error;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rotescope_trace::Prompt;

const PEOPLE: [&str; 12] = [
    "Ava", "Ben", "Carla", "David", "Ella", "Felix", "Grace", "Henry", "Iris", "Jack", "Lena",
    "Omar",
];
const THINGS: [&str; 10] = [
    "apples", "books", "buttons", "coins", "cookies", "marbles", "pencils", "shells", "stamps",
    "stickers",
];
/// Name, events, largest number.
const LEVELS: [(&str, usize, u64); 5] = [
    ("1-small", 1, 9),
    ("2-small", 2, 9),
    ("2", 2, 20),
    ("3", 3, 20),
    ("4-large", 4, 100),
];

struct Draw(ChaCha8Rng);

impl Draw {
    /// From `least` to `most`.
    fn number(&mut self, least: u64, most: u64) -> u64 {
        least + self.0.next_u64() % (most - least + 1)
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.number(0, all.len() as u64 - 1) as usize]
    }
}

/// What happens, and what is left.
struct Event {
    said: String,
    worked: String,
    left: u64,
}

/// `None` where the drawn event does not suit what is there.
fn event(draw: &mut Draw, name: &str, things: &str, now: u64, most: u64) -> Option<Event> {
    let n = draw.number(2, most);
    let person = draw.one(&PEOPLE);
    let few = draw.number(2, 9);
    let (said, sign, by, left) = match draw.number(0, 9) {
        0 => (format!("{name} buys {n} more {things}."), '+', n, now + n),
        1 => (
            format!("{name} finds {n} {things} under the bed."),
            '+',
            n,
            now + n,
        ),
        2 if person != name => (
            format!("{person} gives {name} {n} {things}."),
            '+',
            n,
            now + n,
        ),
        3 if n < now => (
            format!("{name} loses {n} of the {things}."),
            '-',
            n,
            now - n,
        ),
        4 if n < now && person != name => (
            format!("{name} gives {n} {things} to {person}."),
            '-',
            n,
            now - n,
        ),
        5 if n < now => (
            format!("{name} sells {n} of the {things}."),
            '-',
            n,
            now - n,
        ),
        6 if now * 2 <= most * 4 => (
            format!("Then {name} doubles the number of {things}."),
            '*',
            2,
            now * 2,
        ),
        7 if now.is_multiple_of(2) && now > 2 => (
            format!("{name} gives half of the {things} away."),
            '/',
            2,
            now / 2,
        ),
        8 if now.is_multiple_of(few) && now > few => (
            format!("{name} packs them into {few} equal bags and keeps only one bag."),
            '/',
            few,
            now / few,
        ),
        9 if now * few <= most * 4 => (
            format!("A shop takes all of them, and gives {name} {few} new {things} for each one."),
            '*',
            few,
            now * few,
        ),
        _ => return None,
    };
    let worked = format!("{now} {sign} {by} = {left}");
    Some(Event { said, worked, left })
}

/// A question and its answer.
fn problem(draw: &mut Draw, level: usize) -> (String, String) {
    let (_, events, most) = LEVELS[level];
    let (name, things) = (draw.one(&PEOPLE), draw.one(&THINGS));
    let mut now = draw.number(3, most);
    let (mut said, mut worked) = (vec![format!("{name} has {now} {things}.")], Vec::new());
    let mut grew = false;
    while worked.len() < events {
        if let Some(e) = event(draw, name, things, now, most) {
            // To double and then to halve is no problem.
            let grows = e.worked.contains(['*', '/']);
            if grows && grew {
                continue;
            }
            grew = grows;
            said.push(e.said);
            worked.push(format!("{name} now has {} {things}.", e.worked));
            now = e.left;
        }
    }
    said.push(format!("How many {things} does {name} have now?"));
    worked.push(format!("#### {now}"));
    (said.join(" "), worked.join("\n"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut count, mut seed) = (300, 0);
    let mut levels = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or(format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--count" => count = value.parse()?,
            "--seed" => seed = value.parse()?,
            "--level" => {
                let level = LEVELS.iter().position(|(name, ..)| *name == value);
                levels.push(level.ok_or(format!("no level {value}"))?);
            }
            _ => return Err(format!("no option {arg}").into()),
        }
    }
    if levels.is_empty() {
        levels = (0..LEVELS.len()).collect();
    }
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(seed));
    let mut seen = HashSet::new();
    while seen.len() < count {
        let level = levels[seen.len() % levels.len()];
        let (question, answer) = problem(&mut draw, level);
        if !seen.insert(question.clone()) {
            continue;
        }
        let prompt = Prompt {
            id: format!("word-{:04}", seen.len() - 1),
            question,
            answer: Some(answer),
            task: Some("word-problems".into()),
            split: Some(LEVELS[level].0.into()),
            ..Prompt::default()
        };
        println!("{}", serde_json::to_string(&prompt)?);
    }
    Ok(())
}
