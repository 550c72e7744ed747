//! Applied math: stories of one quantity that changes from event to event.

use std::collections::HashSet;

use rand_chacha::ChaCha8Rng;
use rotescope_study::perturb::chance::shuffle;
use rotescope_study::perturb::lists::NAMES;
use rotescope_study::perturb::numbers::{self, Notation};
use rotescope_study::perturb::problem::{Built, Calculation, OtherWord, Problem};
use rotescope_study::perturb::subject::{Change, Unchanged};
use rotescope_study::perturb::texts::{before_last, replace_word};
use rotescope_text::{Rational, SplitBy, split_steps};
use serde_json::{Map, Value, json};

use super::meta::{fill, mark, notation, renewed, text, texts};
use super::words::THINGS;

/// A story: its sentences with places for names and numbers, and the numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Without the mark of base 2; `{x0}` is the start, `{x1}` and so on the events' numbers, in order.
    pub template: String,
    pub names: Map<String, Value>,
    pub operands: Vec<Rational>,
    /// `gain`, `lose`, `times`, `share`; `box`, which has two operands (how many, of how many each).
    pub ops: Vec<String>,
    pub notation: Notation,
    meta: Map<String, Value>,
}

impl Applied {
    /// From a prompt's `meta`, if its question is what the template gives.
    pub fn read(meta: &Map<String, Value>, question: &str) -> Option<Applied> {
        let (template, notation) = notation(text(meta, "template")?);
        let operands = texts(meta, "operands")?;
        let problem = Applied {
            template: template.into(),
            names: meta.get("names")?.as_object()?.clone(),
            operands: operands
                .iter()
                .map(|o| notation.read(o))
                .collect::<Option<_>>()?,
            ops: texts(meta, "ops")?,
            notation,
            meta: meta.clone(),
        };
        (problem.question()? == question).then_some(problem)
    }

    /// A name by its key: `n` who, `o` things, `p` the container.
    pub fn name(&self, key: &str) -> Option<&str> {
        self.names.get(key)?.as_str()
    }

    fn question(&self) -> Option<String> {
        let written: Vec<String> = self.written()?;
        let filled = fill(&self.template, |key| match key.strip_prefix('x') {
            Some(i) => written.get(i.parse::<usize>().ok()?).map(String::as_str),
            None => self.name(key),
        })?;
        Some(format!("{}{filled}", mark(self.notation)))
    }

    fn written(&self) -> Option<Vec<String>> {
        self.operands
            .iter()
            .map(|v| self.notation.write(*v))
            .collect()
    }

    /// Works the story out: its equations in order and the answer. `None` where a total is not positive or cannot be written exactly.
    pub fn solve(&self) -> Option<(Vec<String>, Rational)> {
        let mut operands = self.operands.iter().copied();
        let mut total = operands.next()?;
        let mut equations = Vec::new();
        let mut compute = |a: Rational, op: char, b: Rational| -> Option<Rational> {
            let result = numbers::apply(a, op, b)?;
            let write = |v| self.notation.write(v);
            equations.push(format!(
                "{} {op} {} = {}",
                write(a)?,
                write(b)?,
                write(result)?
            ));
            Some(result)
        };
        for op in &self.ops {
            let x = operands.next()?;
            total = match op.as_str() {
                "gain" => compute(total, '+', x)?,
                "lose" => compute(total, '-', x)?,
                "times" => compute(total, '*', x)?,
                "share" => compute(total, '/', x)?,
                "box" => {
                    let product = compute(x, '*', operands.next()?)?;
                    compute(total, '+', product)?
                }
                _ => return None,
            };
            if total.numerator() <= 0 {
                return None;
            }
        }
        operands.next().is_none().then_some((equations, total))
    }

    /// The problem as it stands now: question, answer, and the completion of the original with the numbers and names put in place.
    pub fn build(&self) -> Option<Built> {
        let (equations, total) = self.solve()?;
        let answer = self.notation.write(total)?;
        let operands = self.written()?;
        let chain = self.chain(&operands, &equations, &answer);
        let new = [
            (
                "template",
                json!(format!("{}{}", mark(self.notation), self.template)),
            ),
            ("names", Value::Object(self.names.clone())),
            ("operands", json!(operands)),
            ("ops", json!(self.ops)),
            ("equations", json!(equations)),
            ("chain", chain.map_or(Value::Null, Value::String)),
        ];
        Some(Built {
            question: self.question()?,
            answer,
            meta: renewed(&self.meta, new),
        })
    }

    /// The completion of the original, number by number: the start, each equation, the answer; then its names. `None` where it has another form
    /// (what is planted changes the completion in ways that do not follow from the template).
    fn chain(&self, operands: &[String], equations: &[String], answer: &str) -> Option<String> {
        if self.meta.contains_key("planted") || self.meta.get("ops") != Some(&json!(self.ops)) {
            return None;
        }
        let old = text(&self.meta, "chain")?;
        let old_equations = texts(&self.meta, "equations")?;
        let (mut out, mut rest) = (String::new(), old);
        let start = texts(&self.meta, "operands")?.into_iter().next()?;
        let first = operands.first()?.clone();
        let pairs = [(start, first)]
            .into_iter()
            .chain(old_equations.into_iter().zip(equations.iter().cloned()));
        for (from, to) in pairs {
            let (before, after) = rest.split_once(from.as_str())?;
            out += before;
            out += &to;
            rest = after;
        }
        let (before, _) = rest.rsplit_once("So the answer is ")?;
        let mut chain = format!("{out}{before}So the answer is {answer}.");
        for (key, name) in &self.names {
            let before = self.meta.get("names")?.get(key)?.as_str()?;
            // Containers: "{p}s" in the plural.
            let (from, to) = (before, name.as_str()?);
            chain = replace_word(&chain, from, to);
            chain = replace_word(&chain, &format!("{from}s"), &format!("{to}s"));
        }
        Some(chain)
    }

    /// The story with its events in this order, told by their sentences: `sentences` has the first, one for each event, and the question;
    /// `starts` where each event's operands begin.
    fn told(&self, order: &[usize], sentences: &[&str], starts: &[usize]) -> Option<Applied> {
        let (mut operands, mut ops) = (vec![*self.operands.first()?], Vec::new());
        let mut told = vec![sentences[0].to_string()];
        for &event in order {
            let mut sentence = sentences[event + 1].to_string();
            for i in starts[event]..starts[event + 1] {
                // A mark keeps a number that was moved from being moved again.
                let at = operands.len();
                sentence = sentence.replace(&format!("{{x{i}}}"), &format!("{{\u{1}{at}}}"));
                operands.push(*self.operands.get(i)?);
            }
            ops.push(self.ops[event].clone());
            told.push(sentence.replace('\u{1}', "x"));
        }
        told.push(sentences[order.len() + 1].to_string());
        Some(Applied {
            template: told.join(" "),
            operands,
            ops,
            ..self.clone()
        })
    }
}

/// How often another order of the events is tried.
const ORDERS: usize = 200;

impl Problem for Applied {
    fn calculation(&self) -> Option<&dyn Calculation> {
        Some(self)
    }

    fn matter(&self) -> HashSet<String> {
        let names = self.names.values();
        names.filter_map(|v| v.as_str()).map(String::from).collect()
    }

    fn renamed(&self, other: &mut OtherWord) -> Result<(Option<Built>, Vec<Change>), Unchanged> {
        let (mut renamed, mut changes) = (self.clone(), Vec::new());
        for (key, category) in [("n", &NAMES), ("o", &THINGS)] {
            let Some(old) = self.name(key) else {
                continue;
            };
            if let Some(new) = other(category, old, &[]) {
                renamed.names.insert(key.into(), json!(new));
                changes.push(Change::word(old, new));
            }
        }
        Ok((renamed.build(), changes))
    }

    fn takes_clauses(&self) -> bool {
        true
    }

    fn with_clause(&self, clause: &str) -> Option<Built> {
        let other = Applied {
            template: before_last(&self.template, clause),
            ..self.clone()
        };
        other.build()
    }

    fn reordered(&self, rng: &mut ChaCha8Rng) -> Result<Built, Unchanged> {
        let spans = split_steps(&self.template, SplitBy::Sentence);
        let sentences: Vec<&str> = spans
            .iter()
            .map(|r| self.template[r.clone()].trim())
            .collect();
        let events = self.ops.len();
        if sentences.len() != events + 2 {
            return Unchanged::because("its sentences are not one for each event");
        }
        if events < 2 {
            return Unchanged::because("it has fewer than two events");
        }
        let mut starts = vec![1];
        for op in &self.ops {
            starts.push(starts[starts.len() - 1] + if op == "box" { 2 } else { 1 });
        }
        let (Some((_, total)), Some(question)) = (self.solve(), self.question()) else {
            return Unchanged::because("its numbers do not work out");
        };
        let mut order: Vec<usize> = (0..events).collect();
        for _ in 0..ORDERS {
            shuffle(rng, &mut order);
            let Some(other) = self.told(&order, &sentences, &starts) else {
                return Unchanged::because("an event has no operand");
            };
            if other.template == self.template || other.solve().map(|(_, t)| t) != Some(total) {
                continue;
            }
            if let Some(mut built) = other.build().filter(|b| b.question != question) {
                if let Some(meta) = built.meta.as_object_mut() {
                    meta.shift_remove("chain"); // it told the events in the old order
                }
                return Ok(built);
            }
        }
        Unchanged::because("in no other order of its events is the answer the same")
    }
}

impl Calculation for Applied {
    fn operands(&self) -> &[Rational] {
        &self.operands
    }

    fn notation(&self) -> Notation {
        self.notation
    }

    fn with_operands(&self, operands: Vec<Rational>, notation: Notation) -> Option<Built> {
        let other = Applied {
            operands,
            notation,
            ..self.clone()
        };
        other.build()
    }

    fn is_whole_with(&self, operands: &[Rational]) -> bool {
        let other = Applied {
            operands: operands.to_vec(),
            ..self.clone()
        };
        other
            .solve()
            .is_some_and(|(equations, _)| equations.iter().all(|e| !e.contains('.')))
    }
}
