//! Words behind an operand: its unit, and remarks in brackets.

use std::ops::Range;

use super::amount::Value;
use super::expression::Parser;
use super::lexeme::{Kind, Lexeme};
use super::units::{in_unit, scale, singular};
use rotescope_text::number::Rational;

/// A unit has at most this many words, and a remark in brackets this many lexemes.
const UNIT: usize = 6;
const REMARK: usize = 16;

impl Parser<'_> {
    /// Takes the words behind an operand as its unit, and a remark in brackets, if the expression goes on or ends after them.
    pub(super) fn unit(&mut self, value: &mut Value) {
        let from = self.at;
        value.end = from;
        let mut at = from;
        if let Some(factor) = self.lexemes.get(at).and_then(|l| scale(l.word()))
            && !value.scaled
        {
            // Nothing is consumed: the word is part of the unit, too.
            if let Some(full) = value.full.times(Rational::whole(factor)) {
                (value.full, value.scaled) = (full, true);
            }
        }
        loop {
            let words = self.words(at);
            // cm^2
            at += words;
            if words > 0
                && self.is(at, |l| l.kind == Kind::Power)
                && let Some(end) = self.exponent(at + 1)
            {
                at = end;
            }
            // miles/hour
            if self.is(at, |l| l.kind == Kind::Divide) && self.words(at + 1) > 0 {
                at += 1;
                continue;
            }
            break;
        }
        let unit = from..at;
        if let Some(end) = self.remark(at) {
            at = end;
        }
        let goes_on = self.lexemes.get(at).is_none_or(|l| {
            matches!(
                l.kind,
                Kind::Plus | Kind::Minus | Kind::Times | Kind::Divide | Kind::Close(_)
            )
        });
        if at == from || !goes_on {
            return;
        }
        if !unit.is_empty() {
            value.units.push(unit);
        }
        self.at = at;
    }

    /// How many words from `at` on can be part of a unit.
    fn words(&self, at: usize) -> usize {
        let ahead = &self.lexemes[at.min(self.lexemes.len())..];
        ahead
            .iter()
            .take(UNIT)
            .take_while(|l| matches!(&l.kind, Kind::Word(w) if in_unit(w)))
            .count()
    }

    /// The end of a small exponent: `2`, `{2}`.
    fn exponent(&self, at: usize) -> Option<usize> {
        let number = |i| self.is(i, |l| matches!(l.kind, Kind::Number { .. }));
        if number(at) {
            return Some(at + 1);
        }
        let braces = self.is(at, |l| l.kind == Kind::Open('{'))
            && self.is(at + 2, |l| l.kind == Kind::Close('{'));
        (braces && number(at + 1)).then_some(at + 3)
    }

    /// The end of a remark in brackets: `(light blue)`.
    fn remark(&self, at: usize) -> Option<usize> {
        // A variable in words is glued: .35(Price of Pens).
        if !self.is(at, |l| matches!(l.kind, Kind::Open('(' | '[')) && l.spaced) {
            return None;
        }
        let inside = &self.lexemes[at + 1..];
        let first = inside.first()?;
        if !matches!(&first.kind, Kind::Word(w) if w.chars().count() > 1) {
            return None;
        }
        let len = inside.iter().take(REMARK).position(|l| {
            !matches!(
                l.kind,
                Kind::Word(_) | Kind::Number { .. } | Kind::Minus | Kind::Divide | Kind::Other
            )
        })?;
        matches!(inside[len].kind, Kind::Close('(' | '[')).then_some(at + len + 2)
    }

    /// Are the two sides of a sum things with different names?
    pub(super) fn differ(&self, left: &[Range<usize>], right: &[Range<usize>]) -> bool {
        let head = |unit: &Range<usize>| head(self.lexemes, unit);
        !left.is_empty()
            && !right.is_empty()
            && !left
                .iter()
                .any(|l| right.iter().any(|r| head(l) == head(r)))
    }
}

/// What a unit names: `apples` of `red apples in the box`.
pub(super) fn head<'l>(lexemes: &'l [Lexeme], unit: &Range<usize>) -> &'l str {
    let words = lexemes[unit.clone()].iter().map(Lexeme::word);
    let mut words =
        words.take_while(|w| !w.is_empty() && !rotescope_text::is_stop_word(w) && *w != "per");
    let first = words.next().unwrap_or("");
    singular(words.last().unwrap_or(first))
}
