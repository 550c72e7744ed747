//! When is a false equation surely a mistake, and not half of something true?

use super::expression::longest;
use super::lexeme::{Kind, Lexeme};
use super::sides::Sides;
use super::unit_words::head;
use super::units::{converts, in_unit, is_measure, is_multiple};
use super::value::{factorial, near};

/// In front of an expression, these change what it means.
#[rustfmt::skip]
const BEFORE: [&str; 32] = [
    "times", "by", "per", "over", "than", "twice", "thrice", "double", "triple", "half", "third", "quarter", "minus",
    "plus", "sqrt", "squared", "cubed", "log", "ln", "sin", "cos", "tan", "mod", "average", "mean", "median", "lcm",
    "gcd", "root", "factorial", "negative", "choose",
];
/// In front of a number, these make it a name: day 2.
#[rustfmt::skip]
const LABELS: [&str; 22] = [
    "day", "days", "week", "weeks", "step", "part", "year", "month", "page", "chapter", "number", "no", "case", "round",
    "grade", "level", "row", "item", "option", "problem", "question", "equation",
];
/// In front of "of", these say what is done with what follows.
#[rustfmt::skip]
const OF: [&str; 26] = [
    "half", "third", "thirds", "quarter", "quarters", "fourth", "fourths", "fifth", "fifths", "sixth", "eighth",
    "tenth", "percent", "part", "most", "average", "mean", "median", "square", "root", "cube", "double", "ratio",
    "remainder", "log", "inverse",
];
/// Behind a value, these do.
#[rustfmt::skip]
const BEHIND: [&str; 8] = [
    "more", "less", "fewer", "squared", "cubed", "times", "mod", "modulo",
];
/// In front of a number that stands for a result: "so 7 = 3 + 5".
#[rustfmt::skip]
const LEADS: [&str; 12] = [
    "so", "thus", "hence", "therefore", "then", "gives", "get", "have", "that", "is", "means", "namely",
];
/// A word that says how numbers are counted is looked for this far around an equation, in bytes.
const AROUND: usize = 300;

impl Sides<'_> {
    /// Is a difference between the two sides surely a mistake?
    pub(super) fn certain(&self) -> bool {
        let (left, right) = (&self.left, &self.right);
        let (claim, computed) = (self.claim(), self.computed());
        // 5 * 4 = 20 + 3 = 23: careless, but no number is wrong.
        let first = longest(self.lexemes, self.sign + 1..self.sign + 2);
        let running = right.operators > 0
            && first.is_some_and(|(v, _)| {
                (v.full.near - left.full.near).abs() <= 0.01 * left.full.near.abs()
            });
        // "1/7 is equal to $6", "1/2 inch = 20 miles" state what a share is worth.
        let lone = left.division && left.operators == 1 && left.full.near.abs() < 1.0;
        let share =
            lone && (self.lexemes[self.sign].span.len() > 2 || right.full.near.abs() >= 1.0);
        // "1/3 of 150" behind the sign names a part.
        let part = claim.iter().any(|l| l.kind == Kind::Of);
        // 0900 - 0130: a time of day.
        let clock = |l: &Lexeme| {
            let t = self.text(l).as_bytes();
            t.first() == Some(&b'0') && t.get(1).is_some_and(u8::is_ascii_digit)
        };
        self.free_before()
            && self.ends_behind()
            && self.units_agree()
            && !(running || share || part || left.mixed_percent || right.mixed_percent)
            && !(left.ambiguous || right.ambiguous || self.may_be_circular())
            && !computed.iter().chain(claim).any(clock)
            // 20 % 50 may be a share of it.
            && !computed.iter().any(|l| l.kind == Kind::Modulo && self.text(l) == "%")
            && !(self.is_percentage() || self.is_scaled())
            && !(self.is_reversed()
                && (!left.units.is_empty() || self.lexemes[self.sign].span.len() > 2))
    }

    /// `5 / 20 = 25` where the text speaks of percent.
    fn is_percentage(&self) -> bool {
        let (l, r) = (self.left.full.near, self.right.bare.near);
        let share = self.left.division || self.linked;
        share && (l * 100.0 - r).abs() <= 0.01 * r.abs() && (self.says("%") || self.says("percent"))
    }

    /// Cents that become dollars, or thousands that the text counts in: `25 * 4 = $1`.
    fn is_scaled(&self) -> bool {
        let (l, r) = (self.left.full.near, self.right.full.near);
        let by = |f: f64| {
            l != r && ((l - r * f).abs() <= 1e-6 * l.abs() || (r - l * f).abs() <= 1e-6 * r.abs())
        };
        let dollars = |from: usize, to: usize| {
            let from = self.lexemes[from].span.start.saturating_sub(1);
            let to = self.lexemes[to].span.start;
            self.step.get(from..to).is_some_and(|t| t.contains('$'))
        };
        let priced = dollars(self.start, self.sign) != dollars(self.sign, self.sign + 1);
        let says = |word| self.says(word);
        (by(100.0) && (priced || says("cent") || says("hundred")))
            || (by(1e3) && (says("thousand") || says("k ")))
            || (by(1e6) && says("million"))
            || (by(1e9) && says("billion"))
            || (by(12.0) && says("dozen"))
    }

    /// Does a word stand near the equation?
    fn says(&self, word: &str) -> bool {
        let sign = &self.lexemes[self.sign].span;
        let from = sign.start.saturating_sub(AROUND);
        let to = (sign.end + AROUND).min(self.step.len());
        let mut near = self.step.as_bytes()[from..to].windows(word.len());
        near.any(|w| w == word.as_bytes())
    }

    /// Does the result stand in front: 7 = 3 + 4?
    fn is_reversed(&self) -> bool {
        self.left.operators == 0 && !self.linked
    }

    /// Does nothing in front of the expression change what it says?
    pub(super) fn free_before(&self) -> bool {
        let reversed = self.is_reversed();
        let Some(b) = self.start.checked_sub(1).filter(|b| *b >= self.from) else {
            return true;
        };
        let (before, first) = (&self.lexemes[b], &self.lexemes[self.start]);
        let earlier = |n: usize| {
            let at = b.checked_sub(n).filter(|e| *e >= self.from);
            at.map(|e| &self.lexemes[e])
        };
        let is_number = |l: &Lexeme| matches!(l.kind, Kind::Number { .. });
        let number_near = (1..4).find_map(|n| number_of(earlier(n)?));
        match &before.kind {
            Kind::Word(w) => {
                let w = w.as_str();
                if reversed {
                    return LEADS.contains(&w) || (first.opens && !LABELS.contains(&w));
                }
                // 5 apples (3 + 2), 5 apples and 3 - 2
                let joined = matches!(first.kind, Kind::Open(_)) || w == "and";
                let goes_on = number_near.is_some_and(|n| joined && self.holds_with(n))
                    || (w == "of" && number_near.is_some());
                let each = earlier(1).is_some_and(|l| {
                    matches!(
                        l.word(),
                        "each" | "every" | "per" | "a" | "this" | "that" | "the" | "one"
                    )
                });
                let of = w == "of"
                    && earlier(1).is_some_and(|l| {
                        OF.contains(&l.word()) || is_number(l) || matches!(l.kind, Kind::Close(_))
                    });
                !(goes_on || of || BEFORE.contains(&w) || (LABELS.contains(&w) && !each))
            }
            Kind::Bullet => !(reversed && self.text(before) == "*"),
            Kind::Other => {
                let mark = self.text(before);
                let number = earlier(1).filter(|l| is_number(l));
                // 14, 400 and + . 84 are broken numbers; 3 : 5 is a ratio.
                let three =
                    self.text(first).bytes().all(|b| b.is_ascii_digit()) && first.span.len() == 3;
                let thousands = mark == "," && number.is_some() && three && !first.opens;
                let point = mark == "." && earlier(1).is_some_and(Lexeme::is_operator);
                let ratio = mark == ":" && before.spaced && number.is_some();
                let strong = !reversed || first.opens || ".:;".contains(mark);
                strong && !(thousands || point || ratio)
            }
            Kind::Open(_) => !reversed,
            _ => true,
        }
    }

    /// Does the equation hold if this number in front belongs to it?
    fn holds_with(&self, number: f64) -> bool {
        let (left, right) = (self.left.full.near, self.right.full.near);
        let readings = [number + left, number - left, number * left];
        readings.iter().any(|r| (r - right).abs() < 1e-6)
    }

    /// Does the claimed value end where it seems to?
    fn ends_behind(&self) -> bool {
        let behind = &self.lexemes[self.end..];
        let Some(next) = behind.first() else {
            return true;
        };
        let (second, right) = (behind.get(1), &self.right);
        let number = second.is_some_and(Lexeme::begins_operand);
        // 14, 400 may be one number.
        let thousands = || {
            let rest = second.filter(|l| self.text(next) == "," && l.span.len() == 3 && !l.opens);
            let rest = rest.and_then(number_of);
            rest.is_some_and(|rest| {
                (right.full.near * 1000.0 + rest - self.left.full.near).abs() < 1e-6
            })
        };
        let words = || behind.iter().take(8).map(Lexeme::word);
        let remainder = self.left.division
            && self.left.operators == 1
            && words()
                .any(|w| w.starts_with("remain") || matches!(w, "left" | "leftover" | "over"));
        let ends = match &next.kind {
            Kind::Word(w) if w == "and" => !number,
            Kind::Word(w) => !BEHIND.contains(&w.as_str()),
            // 8! may be an exclamation or a factorial.
            Kind::Other if self.text(next) == "!" && !next.spaced => {
                let of_it = right.full.exact.and_then(factorial).map(near);
                right.operators == 0 && of_it != Some(self.left.full.near)
            }
            Kind::Other => !thousands(),
            _ => true,
        };
        ends && !remainder
    }

    /// Is no unit a multiple, none converted into another, and all things of one kind where they are added?
    fn units_agree(&self) -> bool {
        let (left, right) = (&self.left, &self.right);
        let behind = self.lexemes[self.end..].iter().take(4);
        let behind: Vec<&str> = behind
            .map(Lexeme::word)
            .take_while(|w| in_unit(w) && !w.is_empty())
            .collect();
        let of = |units: &[std::ops::Range<usize>]| -> Vec<&str> {
            let words = units.iter().flat_map(|u| &self.lexemes[u.clone()]);
            words.map(Lexeme::word).collect()
        };
        let (here, there) = (of(&left.units), of(&right.units));
        let mut all = here.iter().chain(&there).chain(&behind);
        if all.clone().any(|w| is_multiple(w)) || left.mixed_units || right.mixed_units {
            return false;
        }
        let named = here.iter().any(|w| is_measure(w));
        let converted =
            all.any(|w| is_measure(w)) && converts(left.full.near, right.full.near, named);
        let heads: Vec<&str> = left.units.iter().map(|u| head(self.lexemes, u)).collect();
        let known = |claim: &str| heads.contains(&super::units::singular(claim));
        let claim: Vec<&&str> = there.iter().chain(&behind).collect();
        let other = !heads.is_empty() && !claim.is_empty() && !claim.iter().any(|w| known(w));
        // 3 pairs + 2 pairs = 10 socks; in a chain, "= 100 cents = $1".
        let renamed = other && !left.product;
        let changed = self.linked
            && left.operators + right.operators == 0
            && (heads.is_empty() != claim.is_empty() || other);
        !(converted || renamed || changed)
    }
}

/// Two numbers and a stroke between them.
pub(super) fn is_fraction(claim: &[Lexeme]) -> bool {
    let mut kinds = claim
        .iter()
        .map(|l| &l.kind)
        .filter(|k| !matches!(k, Kind::Word(_)));
    let mut next = || kinds.next();
    matches!(
        (next(), next(), next(), next()),
        (
            Some(Kind::Number { .. }),
            Some(Kind::Divide),
            Some(Kind::Number { .. }),
            None
        )
    )
}

fn number_of(lexeme: &Lexeme) -> Option<f64> {
    match &lexeme.kind {
        Kind::Number { numeral, .. } => numeral.value.map(near),
        _ => None,
    }
}
