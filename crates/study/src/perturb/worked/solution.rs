//! A worked solution cut into steps: each an expression and what it comes to.

use std::ops::Range;

use rotescope_text::Rational;

use super::expression::{Expression, FormulaPiece, FormulaToken, Literal, parse, tokens};
use crate::perturb::subject::Unchanged;

/// One equation.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkedStep {
    pub expression: Expression,
    /// Where the solution says what it comes to; empty where another expression stands there that comes to the same.
    pub claims: Vec<Literal>,
    pub value: Rational,
    /// Where the same numbers stand before a calculator's mark, in the order of the expression; empty if they do not.
    pub echo: Vec<Literal>,
    /// The text right behind the result, to the end of its line.
    pub after: Range<usize>,
    /// The step behind it says the same in another way (`3*4 = 6*2 = 12`), and has to come to the same with any numbers.
    pub same_as_next: bool,
}

/// The equations of a solution, and the numbers outside of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Solution {
    pub steps: Vec<WorkedStep>,
    /// Numbers in its prose, each with the number of steps before it.
    pub prose: Vec<(Literal, usize)>,
    /// The final answer, if the solution states it behind a mark of its own.
    pub answer: Option<Literal>,
}

/// More steps than this are not looked through.
const STEPS: usize = 40;

/// Reads a worked solution: GSM8K's marks `<<48/2=24>>` and plain equations.
///
/// # Errors
/// An equation that does not hold, or a mark that is none.
pub fn read(text: &str) -> Result<Solution, Unchanged> {
    let mut out = Solution::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let within = at..at + line.len();
        at = within.end;
        if let Some(start) = answer_mark(line) {
            let after = within.start + start..within.end;
            out.answer = numbers(&tokens(text, after)).into_iter().next();
            if out.answer.is_some() {
                break;
            }
        }
        read_line(text, within, &mut out)?;
        if out.steps.len() > STEPS {
            return Unchanged::because("the solution has too many steps");
        }
    }
    if out.steps.is_empty() {
        return Unchanged::because("the solution has no equation");
    }
    Ok(out)
}

/// Where the answer begins in a line that states it.
fn answer_mark(line: &str) -> Option<usize> {
    let lead = line.len() - line.trim_start().len();
    ["####", "A:", "Answer:"]
        .iter()
        .find(|m| line[lead..].starts_with(**m))
        .map(|m| lead + m.len())
}

fn numbers(tokens: &[FormulaToken]) -> Vec<Literal> {
    let number = |t: &FormulaToken| match &t.piece {
        FormulaPiece::Number(l) => Some(l.clone()),
        _ => None,
    };
    tokens.iter().filter_map(number).collect()
}

fn read_line(text: &str, line: Range<usize>, out: &mut Solution) -> Result<(), Unchanged> {
    let mut at = line.start;
    while let Some(open) = text[at..line.end].find("<<").map(|i| at + i) {
        let Some(close) = text[open..line.end].find(">>").map(|i| open + i) else {
            return Unchanged::because("a calculator's mark is not closed");
        };
        let before = tokens(text, at..open);
        let (own, open_sign) = match before.split_last() {
            Some((last, rest)) if last.piece == FormulaPiece::Equal => (rest, true),
            _ => (&before[..], false),
        };
        let first = own.iter().rposition(|t| t.piece == FormulaPiece::Equal);
        match mark(text, open + 2..close)? {
            Mark::Equation(mut step) => {
                // The numbers in front of the mark are the mark's, as far as they are the same from behind.
                let from = first.map_or(0, |f| f + 1);
                step.echo = echo(&step.expression, &numbers(&own[from..]));
                let echoed = step.echo.first().map_or(open, |l| l.span.start);
                let cut = own.iter().position(|t| t.span.start >= echoed);
                let cut = cut.unwrap_or(own.len());
                // "15 - 5 = <<5+5=10>>": the text says it in another way.
                let other = if open_sign && step.echo.is_empty() {
                    expression_at_end(&own[from..])
                } else {
                    None
                };
                let until = other.as_ref().map_or(cut, |(start, _)| from + start);
                plain(&own[..until], line.end, out)?;
                if let Some((_, other)) = other {
                    let other = self::step(other, Vec::new())?;
                    if other.value != step.value {
                        return Unchanged::because("a step does not compute, or is rounded");
                    }
                    out.steps.push(WorkedStep {
                        same_as_next: true,
                        ..other
                    });
                }
                step.after = close + 2..line.end;
                out.steps.push(*step);
            }
            // "40 - 10 = <<30=30>>": the equation stands in front.
            Mark::Number(claims) => {
                let from = first.map_or(0, |f| f + 1);
                let found = if open_sign {
                    expression_at_end(&own[from..])
                } else {
                    None
                };
                let until = found.as_ref().map_or(own.len(), |(start, _)| from + start);
                plain(&own[..until], line.end, out)?;
                match found {
                    Some((_, expression)) => {
                        let mut step = step(expression, claims)?;
                        step.after = close + 2..line.end;
                        out.steps.push(step);
                    }
                    None => out
                        .prose
                        .extend(claims.into_iter().map(|l| (l, out.steps.len()))),
                }
            }
        }
        at = close + 2;
    }
    plain(&tokens(text, at..line.end), line.end, out)
}

/// What stands inside a calculator's mark.
enum Mark {
    Equation(Box<WorkedStep>),
    /// Only a number, twice.
    Number(Vec<Literal>),
}

fn mark(text: &str, inside: Range<usize>) -> Result<Mark, Unchanged> {
    let all = tokens(text, inside);
    let Some(sign) = all.iter().rposition(|t| t.piece == FormulaPiece::Equal) else {
        return Unchanged::because("a calculator's mark is no equation");
    };
    let claim = claim(&all[sign + 1..]).filter(|(_, used)| sign + 1 + used == all.len());
    let (Some(expression), Some((claim, _))) = (parse(&all[..sign]), claim) else {
        return Unchanged::because("a calculator's mark cannot be read");
    };
    if expression.operators == 0 {
        let mut both = expression.literals;
        both.push(claim);
        return Ok(Mark::Number(both));
    }
    Ok(Mark::Equation(Box::new(step(expression, vec![claim])?)))
}

/// The longest calculation at the end of `tokens`, and where it begins.
fn expression_at_end(tokens: &[FormulaToken]) -> Option<(usize, Expression)> {
    (tokens.len().saturating_sub(REACH)..tokens.len()).find_map(|s| {
        let expression = parse(&tokens[s..])?;
        (expression.operators > 0).then_some((s, expression))
    })
}

/// The longest expression at the beginning of `tokens` that has this value, and how many tokens it takes.
fn expression_at_start(tokens: &[FormulaToken], wanted: Rational) -> Option<(usize, Expression)> {
    (1..=tokens.len().min(REACH)).rev().find_map(|n| {
        let expression = parse(&tokens[..n])?;
        (value(&expression)? == wanted).then_some((n, expression))
    })
}

/// The number at the beginning, with its sign, and how many tokens it takes.
fn claim(tokens: &[FormulaToken]) -> Option<(Literal, usize)> {
    match &tokens.first()?.piece {
        FormulaPiece::Number(l) => Some((l.clone(), 1)),
        FormulaPiece::Operator('-') => match &tokens.get(1)?.piece {
            FormulaPiece::Number(l) => {
                let mut literal = l.clone();
                literal.span.start = tokens[0].span.start;
                literal.value = l.value.checked_neg()?;
                Some((literal, 2))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The value of an expression with its own numbers.
fn value(expression: &Expression) -> Option<Rational> {
    let literals: Vec<Rational> = expression.literals.iter().map(|l| l.value).collect();
    expression.values(&literals)?.pop()
}

fn step(expression: Expression, claims: Vec<Literal>) -> Result<WorkedStep, Unchanged> {
    let Some(value) = value(&expression) else {
        return Unchanged::because("a step has no value");
    };
    let holds = |c: &Literal| value == c.value || value == c.digits();
    if !claims.iter().all(holds) {
        return Unchanged::because("a step does not compute, or is rounded");
    }
    let end = claims.last().map_or(0, |c| c.span.end);
    Ok(WorkedStep {
        after: end..end,
        expression,
        claims,
        value,
        echo: Vec::new(),
        same_as_next: false,
    })
}

/// The numbers at the end of `prose` that are those of the expression, in its order.
fn echo(expression: &Expression, prose: &[Literal]) -> Vec<Literal> {
    let n = expression.literals.len();
    let Some(tail) = prose.len().checked_sub(n).map(|from| &prose[from..]) else {
        return Vec::new();
    };
    let alike = |(a, b): (&Literal, &Literal)| a.value == b.value || a.digits() == b.value;
    if tail.iter().zip(&expression.literals).all(alike) {
        tail.to_vec()
    } else {
        Vec::new()
    }
}

/// An expression is looked for at most this many pieces in front of a sign of equality.
const REACH: usize = 48;

/// The plain equations among `tokens`; what is in none of them is prose.
fn plain(tokens: &[FormulaToken], line_end: usize, out: &mut Solution) -> Result<(), Unchanged> {
    let signs: Vec<usize> = (0..tokens.len())
        .filter(|i| tokens[*i].piece == FormulaPiece::Equal)
        .collect();
    let mut used = vec![false; tokens.len()];
    for (n, &sign) in signs.iter().enumerate() {
        let from = if n == 0 { 0 } else { signs[n - 1] + 1 };
        let to = signs.get(n + 1).copied().unwrap_or(tokens.len());
        let Some((start, expression)) = expression_at_end(&tokens[from..sign]) else {
            continue;
        };
        let start = from + start;
        let right = &tokens[sign + 1..to];
        if right.is_empty() {
            continue;
        }
        let number = claim(right).filter(|(_, len)| {
            let next = right.get(*len).map(|t| &t.piece);
            !matches!(next, Some(FormulaPiece::Operator(_) | FormulaPiece::Open))
        });
        out.prose_of(&tokens[from..start]);
        used[from..sign].fill(true);
        if let Some((literal, len)) = number {
            used[sign + 1..sign + 1 + len].fill(true);
            let end = literal.span.end;
            let new = step(expression, vec![literal])?;
            out.steps.push(WorkedStep {
                after: end..line_end,
                ..new
            });
            continue;
        }
        let new = step(expression, Vec::new())?;
        let Some((len, other)) = expression_at_start(right, new.value) else {
            return Unchanged::because("an equation cannot be read");
        };
        // Where another sign follows, the other side is a step of its own there.
        let ends = to == tokens.len();
        out.steps.push(WorkedStep {
            after: line_end..line_end,
            same_as_next: ends || len == right.len(),
            ..new
        });
        if ends {
            used[sign + 1..sign + 1 + len].fill(true);
            let new = step(other, Vec::new())?;
            out.steps.push(WorkedStep {
                after: line_end..line_end,
                ..new
            });
        }
    }
    let rest: Vec<FormulaToken> = tokens
        .iter()
        .zip(&used)
        .filter(|(_, used)| !**used)
        .map(|(t, _)| t.clone())
        .collect();
    out.prose_of(&rest);
    Ok(())
}

impl Solution {
    fn prose_of(&mut self, tokens: &[FormulaToken]) {
        let steps = self.steps.len();
        let found = numbers(tokens).into_iter().map(|l| (l, steps));
        self.prose.extend(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<String> {
        let s = read(text).unwrap();
        let show = |s: &WorkedStep| {
            format!(
                "{}={}",
                s.expression
                    .written(|i| s.expression.literals[i].value.written(10)),
                s.value
            )
        };
        s.steps.iter().map(show).collect()
    }

    #[test]
    fn marks_and_plain_equations_are_steps() {
        let text = "Natalia sold 48/2 = <<48/2=24>>24 clips in May.\nShe sold 48+24 = $<<48+24=72>>72.\n#### 72";
        assert_eq!(steps(text), ["48 / 2=24", "48 + 24=72"]);
        let s = read(text).unwrap();
        assert_eq!(s.steps[0].echo.len(), 2);
        assert_eq!(s.answer.unwrap().value, Rational::whole(72));
        let prose: Vec<String> = s
            .prose
            .iter()
            .map(|(l, n)| format!("{}@{n}", &text[l.span.clone()]))
            .collect();
        assert_eq!(prose, ["24@1", "72@2"]);
        assert_eq!(
            steps("16 eggs - 3 eggs = 13 eggs\nThen 13 x $2 = $26, so 26."),
            ["16 - 3=13", "13 * 2=26"]
        );
        assert_eq!(steps("So 3*4 = 6*2 = 12 in all"), ["3 * 4=12", "6 * 2=12"]);
        assert_eq!(
            steps("Juniors:500(.40)=200\nSports:200(.70)=140"),
            ["500 * 0.4=200", "200 * 0.7=140"]
        );
        assert_eq!(steps("a = 5*3 = <<5*3=15>>15"), ["5 * 3=15"]);
    }

    #[test]
    fn what_does_not_hold_is_refused() {
        for (text, want) in [
            ("She has 3 apples.", "no equation"),
            ("10/3 = <<10/3=3.33>>3.33", "does not compute"),
            ("10/3 = <<10/3=", "not closed"),
            ("10/3 = <<ten>>", "no equation"),
            ("2+2=5", "does not compute"),
        ] {
            let reason = read(text).unwrap_err().0;
            assert!(reason.contains(want), "{text}: {reason}");
        }
    }
}
