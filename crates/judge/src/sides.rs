//! The two sides of a sign of equality.

use super::amount::Value;
use super::expression::{evaluate, longest, longest_with};
use super::lexeme::{Kind, Lexeme};
use super::value::Reading;

/// An expression is looked for at most this many lexemes in front of a sign of equality.
const REACH: usize = 160;

/// What is left and right of one sign.
pub(super) struct Sides<'s> {
    pub step: &'s str,
    pub lexemes: &'s [Lexeme],
    /// The first lexeme of the left side, as far as it may reach, and of the expression in it.
    pub from: usize,
    pub start: usize,
    pub sign: usize,
    /// Behind the last lexeme of the value on the right.
    pub end: usize,
    pub left: Value,
    pub right: Value,
    /// Is the left side all of what stands between this sign and the one before?
    pub linked: bool,
}

impl<'s> Sides<'s> {
    /// What is written around the sign at `sign`, if it is one value on each side, with nothing unknown in it. `from` and `to`: how far the
    /// sides may reach; `chained`: whether a sign of equality stands in front of `from`.
    pub(super) fn of(
        step: &'s str,
        lexemes: &'s [Lexeme],
        (from, sign, to): (usize, usize, usize),
        chained: bool,
    ) -> Option<Self> {
        let first = from.max(sign.saturating_sub(REACH));
        // Behind an operator begins only a part of an expression.
        let whole = |start: &usize| *start == from || !lexemes[*start - 1].is_operator();
        let mut starts = (first..sign).filter(whole);
        let (start, left) = starts.find_map(|s| Some((s, evaluate(lexemes, s..sign)?)))?;
        let (right, _) = longest(lexemes, sign + 1..to)?;
        let end = right.end;
        let (left, right) = match left.pi && right.pi {
            // Whatever it is taken for, it is the same on both sides.
            true => both(lexemes, (start, sign, to), Reading::true_pi())?,
            false => (left, right),
        };
        let sides = Self {
            step,
            lexemes,
            from,
            start,
            sign,
            end,
            left,
            right,
            linked: chained && start == from,
        };
        (!sides.attached_before() && !sides.attached_behind()).then_some(sides)
    }

    /// Both values where the circle's number is `pi`.
    pub(super) fn with_pi(&self, pi: Reading) -> Option<(Value, Value)> {
        both(self.lexemes, (self.start, self.sign, self.end), pi)
    }

    /// The lexemes of the value on the right.
    pub(super) fn claim(&self) -> &'s [Lexeme] {
        &self.lexemes[self.sign + 1..self.end]
    }

    pub(super) fn computed(&self) -> &'s [Lexeme] {
        &self.lexemes[self.start..self.sign]
    }

    pub(super) fn text(&self, lexeme: &Lexeme) -> &'s str {
        &self.step[lexeme.span.clone()]
    }

    /// Is the expression only the end of a longer one: `3 + y + 5 = 8`, `f(5) = 8`, `14, 400 + 1 = 5`?
    fn attached_before(&self) -> bool {
        let Some(b) = self.start.checked_sub(1).filter(|b| *b >= self.from) else {
            return false;
        };
        let (before, first) = (&self.lexemes[b], &self.lexemes[self.start]);
        let opens = matches!(first.kind, Kind::Open(_));
        match &before.kind {
            Kind::Break => false,
            // 100 + (100 * 2 = 200: the bracket is not closed.
            Kind::Open(_) => {
                let earlier = b.checked_sub(1).filter(|e| *e >= self.from);
                let goes_on = earlier.is_some_and(|e| self.lexemes[e].is_operator());
                let behind = self.lexemes.get(self.end).map(|l| &l.kind);
                goes_on && !matches!(behind, Some(Kind::Close(_)))
            }
            // A plus, or a minus whose equation goes on on the next line, joins two lines.
            Kind::Bullet => {
                let line = &self.step[before.span.end..self.lexemes[self.sign].span.start];
                self.text(before) == "+" && b > 0 || line.contains('\n')
            }
            Kind::Word(_) => !first.spaced && (opens || !first.math),
            Kind::Close(_) => !self.is_label(b),
            Kind::Other => {
                let number = b.checked_sub(1).map(|e| &self.lexemes[e]);
                let number = number.filter(|l| matches!(l.kind, Kind::Number { .. }));
                let glued = !first.spaced && !before.spaced && number.is_some();
                let mark = self.text(before);
                // The border of a cell in a table.
                let cell = mark == "|" && first.spaced && !first.math;
                !(cell || ",.:;?!\"'“”‘’…—•`✓✅✔".contains(mark)) || glued
            }
            _ => true,
        }
    }

    /// Is the bracket that closes here one around words, or around the number of an item: `(a)`, `1)`?
    fn is_label(&self, close: usize) -> bool {
        let Some(open) = (self.from..close)
            .rev()
            .take(16)
            .find(|i| matches!(self.lexemes[*i].kind, Kind::Open(_)))
        else {
            // 1) 5 + 3 = 8
            return close == self.from + 1;
        };
        let inside = &self.lexemes[open + 1..close];
        let words = inside.first().is_some_and(|l| l.word().chars().count() > 1);
        words || (open == self.from && inside.len() == 1)
    }

    /// Does the value on the right go on behind its end: `= 8x`, `= 8:20`, `= 3 - y`?
    fn attached_behind(&self) -> bool {
        let behind = &self.lexemes[self.end..];
        let Some(next) = behind.first() else {
            return false;
        };
        let second = behind.get(1);
        let goes_on = second.is_some_and(|l| {
            let unread = l.kind == Kind::Other && !",.;:!?\"'”’*".contains(self.text(l));
            l.begins_operand() || l.is_operator() || unread || matches!(l.kind, Kind::Variable(_))
        });
        match &next.kind {
            // 17 / 5 = 3 R 2
            Kind::Variable(r) if r == "r" && self.left.division => false,
            Kind::Word(_) | Kind::Break | Kind::Equal { .. } | Kind::Relation | Kind::Bullet => {
                false
            }
            Kind::Close(_) => false,
            // A dash, or a compound unit (dollars / hour).
            Kind::Minus | Kind::Divide => goes_on,
            Kind::Plus | Kind::Times => {
                goes_on || second.is_some_and(|l| matches!(l.kind, Kind::Word(_)))
            }
            Kind::Open(b) => {
                let inside = second.is_some_and(|l| l.word().chars().count() > 1);
                let number = second.is_some_and(Lexeme::begins_operand);
                *b == '{' || !next.spaced || !(inside || (number && !next.math))
            }
            Kind::Other => {
                let mark = self.text(next);
                let touching = second.is_some_and(|l| !l.spaced && !next.spaced);
                let number = touching
                    && second.is_some_and(|l| {
                        !matches!(l.kind, Kind::Word(_) | Kind::Break | Kind::Close(_))
                    });
                match mark {
                    ":" | "." | "," => number,
                    "|" => next.math || !next.spaced,
                    _ => "\\_{}√…'%&#@^".contains(mark),
                }
            }
            _ => true,
        }
    }
}

/// The values from `start` to the sign and from there to `to`.
fn both(
    lexemes: &[Lexeme],
    (start, sign, to): (usize, usize, usize),
    pi: Reading,
) -> Option<(Value, Value)> {
    let (left, _) = longest_with(lexemes, start..sign, pi)?;
    let (right, _) = longest_with(lexemes, sign + 1..to, pi)?;
    Some((left, right))
}
