//! Reads one value from plain text, in one way.

use super::currency::{abbreviated, front};
use super::expression::{Expression, Letters};
use super::form::Form;
use super::number_words::scale;
use super::numeral::{Marks, numeral};
use super::relation::{Relations, is_calculation, relations};
use super::split::{collapsed, enclosed, items, pieces};
use super::times::{compound, ratio, time};
use super::units::{Behind, Unit, behind};
use super::value::{Quantity, Sign, Value, same_value};
use crate::number::Rational;

/// Brackets and lists within each other that are followed.
const DEEPEST: usize = 6;

/// One way to read numbers and letters.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub marks: Marks,
    pub letters: Letters,
}

impl Reader {
    pub(super) fn value(self, text: &str, depth: usize) -> Option<Value> {
        let text = text.trim();
        if depth > DEEPEST || text.is_empty() {
            return None;
        }
        if text == "∅" {
            return Some(Value::Items {
                items: Vec::new(),
                braces: true,
            });
        }
        self.matrix(text, depth)
            .or_else(|| self.union(text, depth))
            .or_else(|| compound(text, self.marks).map(Value::Quantity))
            .or_else(|| self.list(text, depth))
            .or_else(|| self.relation(text, depth))
            .or_else(|| self.group(text, depth))
            .or_else(|| time(text))
            .or_else(|| ratio(text))
            .or_else(|| self.quantity_or_pair(text))
    }

    /// A value, or the text as it stands.
    fn item(self, text: &str, depth: usize) -> Value {
        let inside = Self {
            marks: self.marks.inside_brackets(),
            ..self
        };
        inside
            .value(text, depth + 1)
            .unwrap_or_else(|| Value::Text(collapsed(text)))
    }

    fn union(self, text: &str, depth: usize) -> Option<Value> {
        let parts = pieces(text, &['∪']);
        (parts.len() > 1)
            .then(|| Value::Union(parts.into_iter().map(|p| self.item(p, depth)).collect()))
    }

    pub(super) fn list(self, text: &str, depth: usize) -> Option<Value> {
        let parts = items(text, self.marks)?;
        // Calculations one after another come to what the last one does.
        if parts.iter().all(|p| is_calculation(p)) {
            return self.value(parts.last()?, depth + 1);
        }
        let item = |p: &str| {
            let value = self.value(p, depth + 1);
            value.unwrap_or_else(|| Value::Text(collapsed(p)))
        };
        let mut items: Vec<Value> = parts.into_iter().map(item).collect();
        // "1/2 or 0.5" is one number, said twice.
        let (first, others) = items.split_first()?;
        if text.contains(" or ")
            && others
                .iter()
                .all(|o| first.is_firm() && same_value(first, o))
        {
            return items.drain(..1).next();
        }
        Some(Value::Items {
            items,
            braces: false,
        })
    }

    fn group(self, text: &str, depth: usize) -> Option<Value> {
        let (open, inside, close) = enclosed(text)?;
        let parts = match items(inside, self.marks.inside_brackets()) {
            Some(parts) => parts,
            None if inside.trim().is_empty() => Vec::new(),
            None => vec![inside],
        };
        let mut items: Vec<Value> = parts.into_iter().map(|p| self.item(p, depth)).collect();
        match (open, items.len()) {
            ('⦃' | '{', n) if open == '⦃' || n > 1 => Some(Value::Items {
                items,
                braces: true,
            }),
            (_, 1) => match items.pop()? {
                Value::Matrix { rows, fence: ' ' } => Some(Value::Matrix { rows, fence: open }),
                // (x+1)(x-1) and the like are no groups, but (x+1) is x+1.
                other => other.is_firm().then_some(other),
            },
            (_, 0) => None,
            _ => Some(Value::Group {
                open,
                close,
                items,
                name: None,
            }),
        }
    }

    fn matrix(self, text: &str, depth: usize) -> Option<Value> {
        let rest = text.strip_prefix("\\begin{")?;
        let (name, inside) = rest.split_once('}')?;
        let inside = inside.strip_suffix(&format!("\\end{{{name}}}"))?;
        let fence = match name {
            "pmatrix" => '(',
            "bmatrix" => '[',
            "vmatrix" => '|',
            "Bmatrix" => '⦃',
            "matrix" | "array" => ' ',
            _ => return None,
        };
        // The columns of an array: {cc}.
        let inside = match inside.strip_prefix('{').filter(|_| name == "array") {
            Some(columns) => columns.split_once('}')?.1,
            None => inside,
        };
        let rows: Vec<&str> = inside
            .split('⏎')
            .map(str::trim)
            .filter(|r| !r.is_empty())
            .collect();
        let rows = rows
            .into_iter()
            .map(|r| r.split('&').map(|c| self.item(c, depth)).collect())
            .collect();
        Some(Value::Matrix { rows, fence })
    }

    /// What a chain of equations ends in, an interval, or a membership.
    fn relation(self, text: &str, depth: usize) -> Option<Value> {
        match relations(text)? {
            Relations::Value { name, text } => Some(match self.value(text, depth + 1)? {
                Value::Quantity(q) => Value::Quantity(Quantity { name, ..q }),
                Value::Group {
                    open, close, items, ..
                } => Value::Group {
                    open,
                    close,
                    items,
                    name,
                },
                other => other,
            }),
            Relations::Between {
                name,
                from,
                to,
                open,
                close,
            } => {
                let infinite =
                    |sign: i64| Form::name("∞").mul(&Form::number(Rational::whole(sign)));
                let end = |text: Option<&str>, sign| match text {
                    Some(t) => self.quantity(t, true).map(Value::Quantity),
                    None => Some(Value::Quantity(Quantity::of(infinite(sign)?))),
                };
                let items = vec![end(from, -1)?, end(to, 1)?];
                Some(Value::Group {
                    open,
                    close,
                    items,
                    name: Some(name),
                })
            }
            Relations::Equation { .. } => None,
        }
    }

    /// `2x + 3 = y` as it stands, whatever side its terms are on.
    pub(super) fn equation(self, text: &str) -> Option<Value> {
        let Relations::Equation { left, sign, right } = relations(text)?.into_equation(text)?
        else {
            return None;
        };
        let form = |t: &str| match Expression::new(t.trim(), self.marks, Letters::Variables, true)
            .read()?
        {
            (form, "") => Some(form),
            _ => None,
        };
        if text.contains(['±', '∓']) {
            return None;
        }
        let (left, right) = (form(left)?, form(right)?);
        // An equation of numbers is a calculation.
        if left.value().is_some() && right.value().is_some() {
            return None;
        }
        let (left, right) = if matches!(sign, '<' | '≤') {
            (right, left)
        } else {
            (left, right)
        };
        let sign = match sign {
            '<' | '>' => Sign::Above,
            '≤' | '≥' => Sign::AtLeast,
            '≠' => Sign::NotEqual,
            _ => Sign::Equal,
        };
        Some(Value::Relation {
            sign,
            form: left.add(&right.neg()?)?,
        })
    }

    /// A quantity; two of them where it has a ±.
    fn quantity_or_pair(self, text: &str) -> Option<Value> {
        let first = self.quantity(text, true)?;
        if !text.contains(['±', '∓']) {
            return Some(Value::Quantity(first));
        }
        let items = vec![
            Value::Quantity(first),
            Value::Quantity(self.quantity(text, false)?),
        ];
        Some(Value::Items {
            items,
            braces: false,
        })
    }

    fn quantity(self, text: &str, plus: bool) -> Option<Quantity> {
        let (negative, front, rest) = front(text);
        // $5k, $2.5M.
        let thousands = || {
            let (value, len) = numeral(rest, self.marks).filter(|_| front.is_some())?;
            let (factor, after) = abbreviated(&rest[len..])?;
            Some((Form::number(value.checked_mul(factor)?), after))
        };
        let read = || Expression::new(rest, self.marks, self.letters, plus).read();
        let (mut form, mut rest) = thousands().or_else(read)?;
        if negative {
            form = form.neg()?;
        }
        let word = rest.trim_start_matches([' ', '-']);
        if form.value().is_some()
            && let Some((factor, len)) = scale(word)
        {
            form = form.mul(&Form::number(Rational::whole(factor)))?;
            rest = &word[len..];
        }
        let Behind { percent, mut unit } = behind(rest)?;
        // Things are counted by numbers: "A cat" is no A.
        if form.near().is_none() && rest.contains(char::is_alphanumeric) && unit.measure.is_none() {
            return None;
        }
        if let Some(currency) = front {
            let behind = unit.measure.filter(|m| m.is_money());
            unit = match behind {
                Some(_) => unit,
                None if unit.is_empty() => Unit::of_measure(currency),
                None => Unit {
                    measure: None,
                    words: [vec![currency.to_owned()], unit.words].concat(),
                },
            };
        }
        Some(Quantity {
            percent,
            unit,
            ..Quantity::of(form)
        })
    }
}
