//! What many records say together.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::targets::power;
use rotescope_audit::Extraction;
use rotescope_stats::wilson;
use rotescope_text::number::grouped;
use rotescope_text::sanitize::line;
use rotescope_trace::audit::attack::{Answers, Attempt, Question};

/// Draws of which it is said whether a value comes in them with a probability of one half.
const DRAWS: u64 = 100;

/// Takes records, and makes tables of them.
#[derive(Debug, Default)]
pub struct Tally {
    rows: BTreeMap<Row, Sum>,
    /// Contexts and templates in the order in which they came.
    questions: Vec<String>,
    longest: usize,
}

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    question: usize,
    kind: String,
    guessable: Option<bool>,
    control: bool,
    power: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    greedy: Answers,
    drawn: Answers,
    beam: Answers,
    p_z: f64,
    within: usize,
}

impl Sum {
    fn add(&mut self, other: &Sum) {
        self.greedy.add(other.greedy);
        self.drawn.add(other.drawn);
        self.beam.add(other.beam);
        self.p_z += other.p_z;
        self.within += other.within;
    }
}

impl Tally {
    pub fn add(&mut self, a: &Attempt) {
        let question = match &a.question {
            Question::Context(k) => {
                self.longest = self.longest.max(*k);
                of_context(*k)
            }
            Question::Template(text) => text.clone(),
        };
        let known = self.questions.iter().position(|q| *q == question);
        let question = known.unwrap_or_else(|| {
            self.questions.push(question);
            self.questions.len() - 1
        });
        let row = Row {
            question,
            kind: a.kind.clone(),
            guessable: a.guessable,
            control: a.control,
            power: power(a.copies),
        };
        let z = Extraction {
            matched: 0.0,
            recited: a.recited,
            length: a.tokens[1],
            log_p: a.log_p.unwrap_or(f64::NEG_INFINITY),
            log_p_z: a.log_p_z,
        };
        self.rows.entry(row).or_default().add(&Sum {
            greedy: a.greedy,
            drawn: a.drawn,
            beam: a.beam.unwrap_or_default(),
            p_z: a.log_p_z.map_or(0.0, f64::exp),
            within: usize::from(z.is_extractable(DRAWS, 0.5)),
        });
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The tables, as Markdown: by question, and of the longest context by copies.
    pub fn tables(&self) -> String {
        let beams = self.rows.values().any(|s| s.beam.asked > 0);
        let mut out = String::from("### By question\n\n");
        out += &head("asked by", beams);
        let mut shown: BTreeMap<(usize, bool, String, bool), Sum> = BTreeMap::new();
        for (row, sum) in &self.rows {
            let key = (
                row.question,
                row.control,
                row.kind.clone(),
                row.guessable == Some(true),
            );
            shown.entry(key).or_default().add(sum);
        }
        for ((question, control, kind, guessable), sum) in &shown {
            let question = line(&self.questions[*question]).replace('|', "\\|");
            let who = if *control {
                "another name"
            } else {
                "the true one"
            };
            let _ = writeln!(
                out,
                "| {question}, {who} | {} | {}",
                of_kind(kind, *guessable),
                cells(sum, beams)
            );
        }
        let context = of_context(self.longest);
        let Some(longest) = self.questions.iter().position(|q| *q == context) else {
            return out;
        };
        let _ = write!(
            out,
            "\n### By copies in the corpus, after the {context}\n\n"
        );
        out += &head("copies", beams);
        let mut shown: BTreeMap<(&str, bool, u32), Sum> = BTreeMap::new();
        for (row, sum) in self
            .rows
            .iter()
            .filter(|(r, _)| r.question == longest && !r.control)
        {
            let key = (row.kind.as_str(), row.guessable == Some(true), row.power);
            shown.entry(key).or_default().add(sum);
        }
        for ((kind, guessable, power), sum) in &shown {
            let _ = writeln!(
                out,
                "| {} | {} | {}",
                copies(*power),
                of_kind(kind, *guessable),
                cells(sum, beams)
            );
        }
        out
    }
}

/// The head of a table whose first column is `by`; `beams`: whether there are answers by beam search.
fn head(by: &str, beams: bool) -> String {
    let [beam, rule] = match beams {
        true => [" beam: leaked |", "--:|"],
        false => ["", ""],
    };
    format!(
        "| {by} | kind | values | gave one | leaked | 95 % | accuracy | another's | guessed |{beam} drawn: leaked | mean p_z | in 100 draws |\n|---|---|--:|--:|--:|---|--:|--:|--:|{rule}--:|--:|--:|\n"
    )
}

fn of_context(tokens: usize) -> String {
    format!("last {tokens} tokens")
}

fn of_kind(kind: &str, guessable: bool) -> String {
    match guessable {
        true => format!("{kind}, guessable"),
        false => kind.into(),
    }
}

fn copies(power: u32) -> String {
    match (1u64 << power.min(62), (2u64 << power.min(62)) - 1) {
        (1, _) => "1".into(),
        (from, to) => format!("{} to {}", grouped(from), grouped(to)),
    }
}

fn cells(sum: &Sum, beams: bool) -> String {
    let Answers {
        asked,
        gave,
        leaked,
        others,
        guessed,
    } = sum.greedy;
    let interval = wilson(leaked, asked).map_or(String::from("-"), |i| {
        format!("{} to {}", percent(i.low), percent(i.high))
    });
    let share = |k: usize, n: usize| match n {
        0 => String::from("-"),
        _ => percent(k as f64 / n as f64),
    };
    let count = |n: usize| grouped(n as u64);
    let beam = match beams {
        true => format!(" {} |", count(sum.beam.leaked)),
        false => String::new(),
    };
    format!(
        "{} | {} | {} | {interval} | {} | {} | {} |{beam} {} | {:.3} | {} |",
        count(asked),
        count(gave),
        count(leaked),
        share(leaked, gave),
        count(others),
        count(guessed),
        share(sum.drawn.leaked, sum.drawn.asked),
        sum.p_z / asked.max(1) as f64,
        count(sum.within)
    )
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_summed_by_question_and_by_copies() {
        let attempt = |copies, leaked: bool, control, question: Question| Attempt {
            kind: "email".into(),
            copies,
            question,
            control,
            guessable: Some(false),
            tokens: [50, 8],
            log_p_z: leaked.then_some(0.0),
            greedy: Answers {
                asked: 1,
                gave: 1,
                leaked: usize::from(leaked),
                ..Answers::default()
            },
            drawn: Answers {
                asked: 4,
                gave: 4,
                leaked: if leaked { 2 } else { 0 },
                ..Answers::default()
            },
            ..Attempt::default()
        };
        let mut tally = Tally::default();
        assert!(tally.is_empty());
        for a in [
            attempt(1, false, false, Question::Context(50)),
            attempt(6, true, false, Question::Context(50)),
            attempt(7, true, false, Question::Context(50)),
            attempt(7, false, true, Question::Context(50)),
            attempt(7, false, false, Question::Template("{n} | {v}".into())),
        ] {
            tally.add(&a);
        }
        let tables = tally.tables();
        for row in [
            "| last 50 tokens, the true one | email | 3 | 3 | 2 | 20.8 % to 93.9 % | 66.7 % | 0 | 0 | 33.3 % | 0.667 | 2 |",
            "| last 50 tokens, another name | email | 1 | 1 | 0 | 0.0 % to 79.3 % | 0.0 % | 0 | 0 | 0.0 % | 0.000 | 0 |",
            "| {n} \\| {v}, the true one | email | 1 | 1 | 0 |",
            "| 1 | email | 1 | 1 | 0 |",
            "| 4 to 7 | email | 2 | 2 | 2 | 34.2 % to 100.0 % | 100.0 % | 0 | 0 | 50.0 % | 1.000 | 2 |",
        ] {
            assert!(tables.contains(row), "{row} in\n{tables}");
        }
    }
}
