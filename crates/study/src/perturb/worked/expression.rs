//! Arithmetic with literals that can take other values.

use std::ops::Range;

use rotescope_text::Rational;
use rotescope_text::number::number_len;

use crate::perturb::numbers::apply;

/// A number in an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    /// Its digits, in the text that the expression was read from.
    pub span: Range<usize>,
    /// With a percent sign counted: `20%` is 1/5.
    pub value: Rational,
    pub percent: bool,
}

impl Literal {
    /// What its digits say, without regard to a percent sign.
    pub fn digits(&self) -> Rational {
        let hundred = Rational::whole(if self.percent { 100 } else { 1 });
        self.value.checked_mul(hundred).unwrap_or(self.value)
    }
}

/// What a number is to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is added, or something is taken from it, or it from something.
    Term,
    /// It multiplies, or is divided.
    Factor,
    Divisor,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Item {
    Literal(usize),
    Operator(char),
    Negate,
}

/// An expression, its operators behind their operands: no text nests so deep that it could not be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expression {
    pub literals: Vec<Literal>,
    order: Vec<Item>,
    pub operators: usize,
}

impl Expression {
    /// The value of every operation in order, the whole last, with these values for the literals. `None` where one has no value.
    pub fn values(&self, literals: &[Rational]) -> Option<Vec<Rational>> {
        let (mut stack, mut values): (Vec<Rational>, Vec<Rational>) = (Vec::new(), Vec::new());
        for item in &self.order {
            let value = match item {
                Item::Literal(i) => {
                    stack.push(*literals.get(*i)?);
                    continue;
                }
                Item::Negate => stack.pop()?.checked_neg()?,
                Item::Operator(op) => {
                    let (b, a) = (stack.pop()?, stack.pop()?);
                    apply(a, *op, b)?
                }
            };
            values.push(value);
            stack.push(value);
        }
        let whole = stack.pop()?;
        if values.is_empty() {
            values.push(whole);
        }
        stack.is_empty().then_some(values)
    }

    /// What each literal is to the operation that takes it first.
    pub fn places(&self) -> Vec<Place> {
        let mut places = vec![Place::Term; self.literals.len()];
        let mut stack: Vec<Option<usize>> = Vec::new();
        for item in &self.order {
            match item {
                Item::Literal(i) => stack.push(Some(*i)),
                Item::Negate => {
                    stack.pop();
                    stack.push(None);
                }
                Item::Operator(op) => {
                    let (right, left) = (stack.pop().flatten(), stack.pop().flatten());
                    let (of_left, of_right) = match op {
                        '*' => (Place::Factor, Place::Factor),
                        '/' => (Place::Factor, Place::Divisor),
                        _ => (Place::Term, Place::Term),
                    };
                    for (literal, place) in [(left, of_left), (right, of_right)] {
                        if let Some(i) = literal {
                            places[i] = place;
                        }
                    }
                    stack.push(None);
                }
            }
        }
        places
    }

    /// Whether it is the same with the same numbers.
    pub fn is_like(&self, other: &Expression) -> bool {
        let values = |e: &Expression| e.literals.iter().map(|l| l.value).collect::<Vec<_>>();
        self.order == other.order && values(self) == values(other)
    }

    /// Whether it has the same operators in the same places.
    pub fn has_form_of(&self, other: &Expression) -> bool {
        self.order == other.order
    }

    /// How many terms its longest sum has.
    pub fn terms(&self) -> usize {
        let (mut stack, mut most) = (Vec::new(), 1);
        for item in &self.order {
            let terms = match item {
                Item::Literal(_) => 1,
                Item::Negate => stack.pop().map_or(1, |_| 1),
                Item::Operator(op) => {
                    let both: usize = [stack.pop(), stack.pop()].into_iter().flatten().sum();
                    if *op == '+' { both } else { 1 }
                }
            };
            most = most.max(terms);
            stack.push(terms);
        }
        most
    }

    /// Pairs of literals that are multiplied with each other right away.
    pub fn products(&self) -> impl Iterator<Item = (usize, usize)> {
        self.order.windows(3).filter_map(|w| match w {
            [Item::Literal(a), Item::Literal(b), Item::Operator('*')] => Some((*a, *b)),
            _ => None,
        })
    }

    /// With its literals as `write` gives them, every operation in brackets.
    pub fn written(&self, write: impl Fn(usize) -> String) -> String {
        let mut stack: Vec<String> = Vec::new();
        for item in &self.order {
            let text = match item {
                Item::Literal(i) => write(*i),
                Item::Negate => format!("(-{})", stack.pop().unwrap_or_default()),
                Item::Operator(op) => {
                    let (b, a) = (stack.pop(), stack.pop());
                    let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
                    format!("({a} {op} {b})")
                }
            };
            stack.push(text);
        }
        let whole = stack.pop().unwrap_or_default();
        match whole.strip_prefix('(').and_then(|w| w.strip_suffix(')')) {
            Some(inner) if self.operators > 0 => inner.into(),
            _ => whole,
        }
    }
}

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq)]
pub enum FormulaPiece {
    Number(Literal),
    Operator(char),
    Open,
    Close,
    Equal,
    Word,
    Other,
}

/// A piece and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct FormulaToken {
    pub piece: FormulaPiece,
    pub span: Range<usize>,
}

/// Cuts the part `within` of a text into pieces. Currency signs leave none.
pub fn tokens(text: &str, within: Range<usize>) -> Vec<FormulaToken> {
    let (mut found, mut at): (Vec<FormulaToken>, usize) = (Vec::new(), within.start);
    while let Some(c) = text[at..within.end].chars().next() {
        let rest = &text[at..within.end];
        let point = c == '.' && rest[1..].starts_with(|d: char| d.is_ascii_digit());
        let (piece, len) = if c.is_ascii_digit() || point {
            let len = number_len(rest).max(1);
            let percent = rest[len..].starts_with('%');
            let value = Rational::from_digits(&rest[..len].replace(',', ""), 10)
                .and_then(|v| v.checked_div(Rational::whole(if percent { 100 } else { 1 })));
            let piece = value.map_or(FormulaPiece::Other, |value| {
                FormulaPiece::Number(Literal {
                    span: at..at + len,
                    value,
                    percent,
                })
            });
            (piece, len + usize::from(percent))
        } else if c.is_alphabetic() {
            let len = rest
                .find(|c: char| !(c.is_alphabetic() || matches!(c, '\'' | '’')))
                .unwrap_or(rest.len());
            let times = matches!(&rest[..len], "x" | "X") && multiplies(found.last(), &rest[len..]);
            let piece = if times {
                FormulaPiece::Operator('*')
            } else {
                FormulaPiece::Word
            };
            (piece, len)
        } else if c.is_whitespace() || matches!(c, '$' | '€' | '£' | '¥' | '¢') {
            at += c.len_utf8();
            continue;
        } else {
            let piece = match c {
                // "$900/day", "cherries/quart": a unit.
                '/' if rest[1..].starts_with(char::is_alphabetic) => FormulaPiece::Word,
                '+' => FormulaPiece::Operator('+'),
                '-' | '\u{2212}' | '–' => FormulaPiece::Operator('-'),
                '*' | '×' | '·' | '⋅' => FormulaPiece::Operator('*'),
                '/' | '÷' => FormulaPiece::Operator('/'),
                '(' | '[' => FormulaPiece::Open,
                ')' | ']' => FormulaPiece::Close,
                '=' => FormulaPiece::Equal,
                _ => FormulaPiece::Other,
            };
            (piece, c.len_utf8())
        };
        found.push(FormulaToken {
            piece,
            span: at..at + len,
        });
        at += len;
    }
    found
}

/// Whether an `x` between these multiplies.
fn multiplies(before: Option<&FormulaToken>, after: &str) -> bool {
    let after = after.trim_start().trim_start_matches(['$', '(']);
    let operand = after.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    // "6 apples x 4" too.
    operand
        && before.is_some_and(|t| {
            matches!(
                t.piece,
                FormulaPiece::Number(_) | FormulaPiece::Close | FormulaPiece::Word
            )
        })
}

/// So many words may stand behind a number as its unit.
const UNIT: usize = 8;

/// Reads all of `tokens` as one expression; words behind operands are units. `None` if they are none.
pub fn parse(tokens: &[FormulaToken]) -> Option<Expression> {
    let mut out = Expression::default();
    let mut waiting: Vec<char> = Vec::new();
    // Whether an operand must come next, and how many words have come since the last one.
    let (mut wanted, mut words) = (true, 0);
    for (i, token) in tokens.iter().enumerate() {
        match &token.piece {
            FormulaPiece::Number(literal) => {
                if !wanted {
                    // 500(.40) multiplies, "3 4" is no expression.
                    let closed = i > 0 && tokens[i - 1].piece == FormulaPiece::Close && words == 0;
                    if !closed {
                        return None;
                    }
                    out.operator('*', &mut waiting);
                }
                out.order.push(Item::Literal(out.literals.len()));
                out.literals.push(literal.clone());
                (wanted, words) = (false, 0);
            }
            FormulaPiece::Operator('-') if wanted => waiting.push('~'),
            FormulaPiece::Operator(op) => {
                if wanted {
                    return None;
                }
                out.operator(*op, &mut waiting);
                wanted = true;
            }
            FormulaPiece::Open => {
                if !wanted {
                    if words > 0 {
                        return None;
                    }
                    out.operator('*', &mut waiting);
                }
                waiting.push('(');
                wanted = true;
            }
            FormulaPiece::Close => {
                if wanted {
                    return None;
                }
                loop {
                    match waiting.pop()? {
                        '(' => break,
                        op => out.apply(op),
                    }
                }
                words = 0;
            }
            FormulaPiece::Word if !wanted && words < UNIT => words += 1,
            _ => return None,
        }
    }
    if wanted {
        return None;
    }
    while let Some(op) = waiting.pop() {
        if op == '(' {
            return None;
        }
        out.apply(op);
    }
    Some(out)
}

impl Expression {
    /// Applies what binds as strongly or more, and lets the operator wait for its right side.
    fn operator(&mut self, op: char, waiting: &mut Vec<char>) {
        let rank = |op: char| match op {
            '+' | '-' => 1,
            '*' | '/' => 2,
            '~' => 3,
            _ => 0,
        };
        while let Some(top) = waiting.last().copied().filter(|t| rank(*t) >= rank(op)) {
            waiting.pop();
            self.apply(top);
        }
        waiting.push(op);
    }

    fn apply(&mut self, op: char) {
        if op == '~' {
            self.order.push(Item::Negate);
        } else {
            self.order.push(Item::Operator(op));
            self.operators += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<String> {
        let e = parse(&tokens(text, 0..text.len()))?;
        let literals: Vec<Rational> = e.literals.iter().map(|l| l.value).collect();
        Some(e.values(&literals)?.pop()?.written(10))
    }

    #[test]
    fn expressions_have_their_value() {
        for (text, want) in [
            ("16-3-4", "9"),
            ("(2+3)*4", "20"),
            ("2 + 3 x 4", "14"),
            ("500(.40)", "200"),
            ("20%*50", "10"),
            ("$5 * 2 bags - $1", "9"),
            ("1,250/2", "625"),
            ("-(2-5)", "3"),
            ("12/4/3", "1"),
        ] {
            assert_eq!(value(text).as_deref(), Some(want), "{text}");
        }
        for text in ["", "3 4", "3 +", "(3", "3)", "3 . 4", "apples", "3/0"] {
            assert_eq!(value(text), None, "{text}");
        }
        let deep = "(".repeat(100_000);
        assert_eq!(value(&deep), None);
        let deep = format!("{deep}1{}", ")".repeat(100_000));
        assert_eq!(value(&deep).as_deref(), Some("1"));
    }

    #[test]
    fn an_expression_is_written_with_other_names() {
        let text = "(16-3)*2";
        let e = parse(&tokens(text, 0..text.len())).unwrap();
        assert_eq!(e.written(|i| format!("n{i}")), "(n0 - n1) * n2");
    }
}
