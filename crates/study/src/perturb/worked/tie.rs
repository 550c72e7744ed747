//! Where a number of a solution may come from.

use rotescope_text::Rational;

use super::constants::Constants;
use super::expression::{Literal, Place};
use super::fixed::CountedThing;
use super::mention::Stated;
use super::solution::Solution;

/// `times * v + plus` of what it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linear {
    pub times: Rational,
    pub plus: Rational,
}

impl Linear {
    pub fn same() -> Linear {
        Linear {
            times: Rational::whole(1),
            plus: Rational::ZERO,
        }
    }

    pub fn of(self, value: Rational) -> Option<Rational> {
        value.checked_mul(self.times)?.checked_add(self.plus)
    }
}

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberSource {
    /// A number of the question, by its place among the [`variables`].
    Variable(usize, Linear),
    /// The result of a step before.
    Step(usize, Linear),
    /// It stays as it is.
    Constant(Rational),
}

impl NumberSource {
    pub fn value(&self, variables: &[Rational], steps: &[Rational]) -> Option<Rational> {
        match self {
            NumberSource::Variable(i, line) => line.of(*variables.get(*i)?),
            NumberSource::Step(i, line) => line.of(*steps.get(*i)?),
            NumberSource::Constant(value) => Some(*value),
        }
    }
}

/// A number of the question as one that can change, wherever it stands in it: equal numbers change alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    pub value: Rational,
    /// Its places among [`Stated::mentions`].
    pub mentions: Vec<usize>,
    pub percent: bool,
    /// It keeps its value.
    pub frozen: bool,
    /// No step uses it.
    pub unused: bool,
}

/// The numbers of a question, equal ones as one.
pub fn variables(stated: &Stated) -> Vec<Variable> {
    let mut out: Vec<Variable> = Vec::new();
    for (i, m) in stated.mentions.iter().enumerate() {
        let percent = m.measure == CountedThing::Percent;
        match out.iter_mut().find(|v| v.value == m.value) {
            Some(v) => {
                v.mentions.push(i);
                // 20 and 20% are one number of two kinds: it stays.
                v.frozen |= v.percent != percent;
            }
            None => out.push(Variable {
                value: m.value,
                mentions: vec![i],
                percent,
                frozen: false,
                unused: false,
            }),
        }
    }
    out
}

/// What is known when the sources of a number are looked for.
pub struct KnownNumbers<'a> {
    pub stated: &'a Stated,
    pub variables: &'a [Variable],
    /// Numbers that come along without being stated.
    pub constants: &'a Constants,
    pub solution: &'a Solution,
}

fn line(times: (i128, i128), plus: i64) -> Option<Linear> {
    Some(Linear {
        times: Rational::new(times.0, times.1)?,
        plus: Rational::whole(plus),
    })
}

impl KnownNumbers<'_> {
    /// Where a number after so many steps may come from, without regard to its percent sign if it has none of its own otherwise.
    pub fn sources(&self, literal: &Literal, place: Place, steps: usize) -> Vec<NumberSource> {
        let exact = self.direct(literal.value, place, steps);
        if !exact.is_empty() {
            return exact;
        }
        self.derived(literal.value, steps)
    }

    /// Sources that have this very value.
    fn direct(&self, value: Rational, place: Place, steps: usize) -> Vec<NumberSource> {
        let mut out = Vec::new();
        for (i, v) in self.variables.iter().enumerate() {
            if v.value == value && !v.frozen {
                out.push(NumberSource::Variable(i, Linear::same()));
            }
        }
        for (i, step) in self.solution.steps[..steps].iter().enumerate() {
            let again = self.solution.steps[i + 1..steps]
                .iter()
                .any(|s| s.expression.is_like(&step.expression));
            if step.value == value && !again && !step.same_as_next {
                out.push(NumberSource::Step(i, Linear::same()));
            }
        }
        let frozen = self.variables.iter().any(|v| v.frozen && v.value == value);
        let constant = self.constants.has(value, place);
        if frozen || constant || out.is_empty() && self.constants.know(value) {
            out.push(NumberSource::Constant(value));
        }
        out
    }

    /// Sources that have it in another measure: hundredths of a percentage, minutes of hours.
    fn derived(&self, value: Rational, steps: usize) -> Vec<NumberSource> {
        let mut out = Vec::new();
        for (i, v) in self.variables.iter().enumerate() {
            for line in self.measures(i) {
                if line.of(v.value) == Some(value) {
                    out.push(if v.frozen {
                        NumberSource::Constant(value)
                    } else {
                        NumberSource::Variable(i, line)
                    });
                }
            }
        }
        // A result that is a percentage, as hundredths.
        let hundredth = line((1, 100), 0);
        for (i, step) in self.solution.steps[..steps].iter().enumerate() {
            if let Some(hundredth) = hundredth
                && hundredth.of(step.value) == Some(value)
                && value < Rational::whole(1)
            {
                out.push(NumberSource::Step(i, hundredth));
            }
        }
        out
    }

    fn measures(&self, variable: usize) -> Vec<Linear> {
        let mut out = Vec::new();
        for m in &self.variables[variable].mentions {
            let m = &self.stated.mentions[*m];
            let lines: &[Option<Linear>] = &match (m.measure, m.unit.as_str()) {
                (CountedThing::Percent, _) => vec![
                    line((1, 100), 0),
                    line((-1, 1), 100),
                    line((-1, 100), 1),
                    line((1, 100), 1),
                    line((1, 1), 100),
                ],
                (CountedThing::Cents, _) => vec![line((1, 100), 0)],
                (_, "hour" | "hours") => vec![line((60, 1), 0)],
                (_, "minute" | "minutes") => vec![line((60, 1), 0), line((1, 60), 0)],
                (_, "day" | "days") => vec![line((24, 1), 0)],
                (_, "week" | "weeks") => vec![line((7, 1), 0)],
                (_, "year" | "years") => vec![line((12, 1), 0)],
                (_, "dozen" | "dozens" | "feet" | "foot") => vec![line((12, 1), 0)],
                (_, "yards" | "yard") => vec![line((3, 1), 0)],
                (_, "pounds" | "pound") => vec![line((16, 1), 0)],
                _ if m.currency => vec![line((100, 1), 0)],
                _ => vec![],
            };
            out.extend(lines.iter().copied().flatten());
        }
        out
    }
}
