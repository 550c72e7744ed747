//! Formulas: an expression of numbers, worked out one operation at a time.

use rotescope_study::perturb::numbers::{self, Notation};
use rotescope_study::perturb::problem::{Built, Calculation, OtherWord, Problem};
use rotescope_study::perturb::subject::{Change, Unchanged};
use rotescope_text::Rational;
use serde_json::{Map, Value, json};

use super::meta::{mark, notation, renewed, text, texts};

/// An expression with at most one pair of brackets, around two neighbours.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// Without the mark of base 2; `{}` is the expression.
    pub template: String,
    pub operands: Vec<Rational>,
    pub ops: Vec<char>,
    /// The place of the operation in brackets.
    pub bracket: Option<usize>,
    pub notation: Notation,
    meta: Map<String, Value>,
}

impl Formula {
    /// From a prompt's `meta`, if its question is what the template gives.
    pub fn read(meta: &Map<String, Value>, question: &str) -> Option<Formula> {
        let (template, notation) = notation(text(meta, "template")?);
        let expression = text(meta, "expression")?;
        let operands = texts(meta, "operands")?;
        let ops = texts(meta, "ops")?;
        let before = expression.split_once('(').map(|(b, _)| b);
        let problem = Formula {
            template: template.into(),
            operands: operands
                .iter()
                .map(|o| notation.read(o))
                .collect::<Option<_>>()?,
            ops: ops.iter().map(|o| o.parse().ok()).collect::<Option<_>>()?,
            bracket: before.map(|b| b.split_whitespace().count() / 2),
            notation,
            meta: meta.clone(),
        };
        (problem.expression()? == expression && problem.question()? == question).then_some(problem)
    }

    fn written(&self) -> Option<Vec<String>> {
        self.operands
            .iter()
            .map(|v| self.notation.write(*v))
            .collect()
    }

    fn expression(&self) -> Option<String> {
        let mut parts = self.written()?;
        if parts.len() != self.ops.len() + 1 {
            return None;
        }
        if let Some(i) = self.bracket {
            parts.get(i + 1)?;
            parts[i].insert(0, '(');
            parts[i + 1].push(')');
        }
        Some(joined(&parts, &self.ops))
    }

    fn question(&self) -> Option<String> {
        Some(format!(
            "{}{}",
            mark(self.notation),
            self.template.replacen("{}", &self.expression()?, 1)
        ))
    }

    /// Works the expression out: the bracket, then products from the left, then sums from the left. Equations, what each leaves, and the value.
    /// `None` where a result is negative or cannot be written exactly.
    pub fn solve(&self) -> Option<(Vec<String>, Vec<String>, Rational)> {
        let (mut values, mut ops) = (self.operands.clone(), self.ops.clone());
        let (mut equations, mut left, mut first) = (Vec::new(), Vec::new(), self.bracket);
        let write = |v: &Rational| self.notation.write(*v);
        while !ops.is_empty() {
            let product = || ops.iter().position(|o| *o == '*');
            let i = first.take().or_else(product).unwrap_or(0);
            let (a, op, b) = (values[i], ops[i], values[i + 1]);
            let c = numbers::apply(a, op, b)?;
            if c.numerator() < 0 {
                return None;
            }
            equations.push(format!(
                "{} {op} {} = {}",
                write(&a)?,
                write(&b)?,
                write(&c)?
            ));
            values.splice(i..i + 2, [c]);
            ops.remove(i);
            left.push(joined(
                &values.iter().map(write).collect::<Option<Vec<_>>>()?,
                &ops,
            ));
        }
        Some((equations, left, *values.first()?))
    }

    /// The problem as it stands now.
    pub fn build(&self) -> Option<Built> {
        let (equations, left, value) = self.solve()?;
        let answer = self.notation.write(value)?;
        let mut chain = String::new();
        for (i, (equation, rest)) in equations.iter().zip(&left).enumerate() {
            chain += equation;
            if i + 1 < equations.len() {
                chain += &format!(", which leaves {rest}");
            }
            chain += ". ";
        }
        chain += &format!("So the answer is {answer}.");
        let new = [
            (
                "template",
                json!(format!("{}{}", mark(self.notation), self.template)),
            ),
            ("expression", json!(self.expression()?)),
            ("operands", json!(self.written()?)),
            ("equations", json!(equations)),
            ("chain", json!(chain)),
        ];
        Some(Built {
            question: self.question()?,
            answer,
            meta: renewed(&self.meta, new),
        })
    }
}

impl Problem for Formula {
    fn calculation(&self) -> Option<&dyn Calculation> {
        Some(self)
    }

    fn renamed(&self, _: &mut OtherWord) -> Result<(Option<Built>, Vec<Change>), Unchanged> {
        Unchanged::because("a formula has no names")
    }
}

impl Calculation for Formula {
    fn operands(&self) -> &[Rational] {
        &self.operands
    }

    fn notation(&self) -> Notation {
        self.notation
    }

    fn with_operands(&self, operands: Vec<Rational>, notation: Notation) -> Option<Built> {
        let other = Formula {
            operands,
            notation,
            ..self.clone()
        };
        other.build()
    }

    fn is_whole_with(&self, operands: &[Rational]) -> bool {
        let other = Formula {
            operands: operands.to_vec(),
            ..self.clone()
        };
        other
            .solve()
            .is_some_and(|(equations, ..)| equations.iter().all(|e| !e.contains('.')))
    }
}

fn joined(values: &[String], ops: &[char]) -> String {
    let mut out = String::new();
    for (i, value) in values.iter().enumerate() {
        out += value;
        if let Some(op) = ops.get(i) {
            out += &format!(" {op} ");
        }
    }
    out
}
