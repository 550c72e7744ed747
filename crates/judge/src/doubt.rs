//! When is a false equation surely a mistake, and not half of something true?

use super::arithmetic::{Sides, is_fraction};
use super::expression::{Value, longest};
use super::lexer::{Kind, Lexeme};

/// In front of an expression, these change what it means.
#[rustfmt::skip]
const BEFORE: [&str; 36] = [
    "day", "days", "week", "weeks", "step", "part", "year", "month", "page", "chapter", "of",
    "times", "by", "per", "over", "than", "twice", "thrice", "double", "triple", "half", "third",
    "quarter", "minus", "plus", "sqrt", "squared", "cubed", "log", "ln", "sin", "cos", "tan",
    "mod", "average", "mean",
];
/// Behind a value, these do.
#[rustfmt::skip]
const BEHIND: [&str; 16] = [
    "cent", "cents", "more", "less", "fewer", "times", "dozen", "dozens", "hundred", "thousand",
    "million", "billion", "trillion", "k", "percent", "squared",
];
/// Units that may be glued to a number.
#[rustfmt::skip]
const GLUED: [&str; 16] = [
    "km", "cm", "mm", "kg", "mg", "ml", "lb", "lbs", "ft", "oz", "mph", "hrs", "mins", "am", "pm",
    "cents",
];

impl Sides<'_> {
    /// Is a difference between the two sides surely a mistake?
    pub(super) fn certain(&self, start: usize, left: &Value, right: &Value, used: usize) -> bool {
        let link = self.linked && start == self.from;
        let claim = &self.lexemes[self.sign + 1..self.sign + 1 + used];
        let computed = &self.lexemes[start..self.sign];
        // 5 * 4 = 20 + 3 = 23: careless, but no number is wrong.
        let running =
            right.operators > 0 && longest(&claim[..1]).is_some_and(|(v, _)| v.exact == left.exact);
        // "1/7 is equal to $6" states what a share is worth.
        let share = self.lexemes[self.sign].span.len() > 2 && is_fraction(computed);
        // "1/3 of 150" behind the sign names a part; "25 / 1/3" may mean 25 / (1/3).
        let part = claim.iter().any(|l| l.kind == Kind::Of);
        let ambiguous = |side: &[Lexeme]| {
            side.windows(3)
                .any(|w| w[0].kind == Kind::Divide && w[2].kind == Kind::Divide)
        };
        // 0900 - 0130: a time of day.
        let clock = |l: &Lexeme| {
            let t = &self.step[l.span.clone()];
            self.base == 10
                && t.starts_with('0')
                && t.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
        };
        self.free_before(start)
            && self.ends_behind(used)
            && self.units_agree(left, right, used, link)
            && !(running || share || part || left.mixed_percent || right.mixed_percent)
            && !(ambiguous(computed) || ambiguous(claim))
            && !computed.iter().chain(claim).any(clock)
    }

    /// Does nothing in front of the expression belong to it?
    fn free_before(&self, start: usize) -> bool {
        let Some(b) = start.checked_sub(1).filter(|b| *b >= self.from) else {
            return true;
        };
        let (before, first) = (&self.lexemes[b], &self.lexemes[start]);
        let earlier = b.checked_sub(1).map(|e| &self.lexemes[e]);
        let number_earlier = earlier.is_some_and(|l| matches!(l.kind, Kind::Number { .. }));
        match &before.kind {
            // A dash or a star that begins a line is the mark of a list.
            Kind::Minus | Kind::Times | Kind::Plus => before.first,
            Kind::Word(w) => {
                // 1 and 1/4
                let fraction = self
                    .lexemes
                    .get(start + 1)
                    .is_some_and(|l| l.kind == Kind::Divide);
                let mixed = w == "and" && number_earlier && fraction;
                first.spaced && w.chars().count() > 1 && !BEFORE.contains(&w.as_str()) && !mixed
            }
            // 1) 5 + 3 = 8
            Kind::Close => start >= 2 && self.lexemes[start - 2].first,
            Kind::Other => {
                let mark = &self.step[before.span.clone()];
                // 16,0000 and 6:00 and 14, 400 and + . 84 are broken numbers or times.
                let glued = !first.spaced && number_earlier && !before.spaced;
                let thousands = mark == "," && number_earlier && first.span.len() == 3;
                let point = mark == "." && earlier.is_some_and(|l| is_operator(&l.kind));
                ",.:;?\"'“”‘’…—•>→->=><<".contains(mark) && !(glued || thousands || point)
            }
            _ => false,
        }
    }

    /// Does the claimed value end where it seems to?
    fn ends_behind(&self, used: usize) -> bool {
        let behind = &self.lexemes[self.sign + 1 + used..];
        let Some(next) = behind.first() else {
            return true;
        };
        let second = behind.get(1);
        let number = |l: Option<&Lexeme>| {
            l.is_some_and(|l| matches!(l.kind, Kind::Number { .. } | Kind::Open))
        };
        let remainder = behind
            .iter()
            .take(8)
            .any(|l| matches!(&l.kind, Kind::Word(w) if w.starts_with("remain")));
        let ends = match &next.kind {
            Kind::Word(w) if w == "and" => !number(second),
            Kind::Word(w) if BEHIND.contains(&w.as_str()) => false,
            Kind::Word(w) if !next.spaced => GLUED.contains(&w.as_str()),
            Kind::Word(w) => w.chars().count() > 1 || w == "a" || w == "i",
            // A dash, or a compound unit (dollars / hour).
            Kind::Minus | Kind::Divide | Kind::Plus => {
                second.is_some_and(|l| matches!(&l.kind, Kind::Word(w) if w.chars().count() > 1))
            }
            Kind::Other => {
                let mark = &self.step[next.span.clone()];
                // 8:20, 3.33...
                let goes_on = matches!(mark, ":" | ".")
                    && second
                        .is_some_and(|l| !l.spaced && (number(Some(l)) || l.kind == Kind::Other));
                !"\\_{}|°√…".contains(mark) && !goes_on
            }
            Kind::Equal { .. } | Kind::Close => true,
            _ => false,
        };
        ends && !remainder
    }

    /// Are all units the same, and none a variable or a multiple?
    fn units_agree(&self, left: &Value, right: &Value, used: usize, link: bool) -> bool {
        let next = match self.lexemes.get(self.sign + 1 + used).map(|l| &l.kind) {
            Some(Kind::Word(w)) if !left.units.is_empty() => Some(w.as_str()),
            _ => None,
        };
        let units: Vec<&str> = left
            .units
            .iter()
            .chain(&right.units)
            .map(String::as_str)
            .chain(next)
            .map(singular)
            .collect();
        // In a chain, "= 100 cents = $1" may change the unit without naming the new one.
        let changed = link
            && left.operators == 0
            && !left.units.is_empty()
            && next.is_none()
            && right.units.is_empty();
        let plain = |u: &&str| {
            u.split(' ')
                .all(|w| w.chars().count() > 1 && !BEHIND.contains(&w) && !BEFORE.contains(&w))
        };
        units.windows(2).all(|w| w[0] == w[1]) && units.iter().all(plain) && !changed
    }
}

fn is_operator(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Plus | Kind::Minus | Kind::Times | Kind::Divide | Kind::Power
    )
}

fn singular(unit: &str) -> &str {
    unit.strip_suffix('s').unwrap_or(unit)
}
