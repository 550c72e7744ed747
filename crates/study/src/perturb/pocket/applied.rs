//! Applied math: stories of one quantity that changes from event to event.

use serde_json::{Map, Value, json};

use super::{BASE2, Built, fill, notation, renewed, text, texts};
use crate::perturb::numbers::{self, Notation};
use crate::perturb::replace_word;
use rotescope_text::Rational;

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
    pub(super) fn read(meta: &Map<String, Value>, question: &str) -> Option<Applied> {
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
        Some(match self.notation {
            Notation::Decimal => filled,
            Notation::Binary => format!("{BASE2}{filled}"),
        })
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

    /// The problem as it stands now: question, answer, and the chain of the original with the numbers and names put in place.
    pub fn build(&self) -> Option<Built> {
        let (equations, total) = self.solve()?;
        let answer = self.notation.write(total)?;
        let operands = self.written()?;
        let chain = self.chain(&operands, &equations, &answer);
        let mark = if self.notation == Notation::Binary {
            BASE2
        } else {
            ""
        };
        let new = [
            ("template", json!(format!("{mark}{}", self.template))),
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

    /// The chain of the original, number by number: the start, each equation, the answer; then its names. `None` where it has another form
    /// (what is planted changes the chain in ways that do not follow from the template).
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
}
