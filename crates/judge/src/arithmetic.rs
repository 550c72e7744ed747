//! Equations in a step, each checked exactly.
//!
//! Found are `5 * 4 = 20`, chains `a = b = c`, brackets, decimals, thousands, `x`, `×`, `÷`, LaTeX's
//! `\times` and `\frac`, currency, percent, units behind numbers, and words such as `plus` and `equals`; in base 10 or 2.
//! A false equation is reported only if nothing around it could make it true (a variable, a
//! conversion of units, a word such as "twice" in front); what rounds correctly is right.

use serde_json::Value as Json;

use super::expression::{Value, evaluate, longest};
use super::lexer::{Kind, Lexeme, lex};
use super::verdict::Judgement;
use super::verifier::{Completion, Findings, Parameter, Verifier};
use rotescope_text::ByteRange;
use rotescope_text::number::Rational;
use rotescope_trace::Prompt;

/// The verifier's name.
pub const NAME: &str = "arithmetic";

/// Every equation of a step, exactly. It reads `meta.base`, 10 or 2; see [`base`] for prompts without it.
#[derive(Debug, Clone, Copy)]
pub struct Arithmetic;

impl Verifier for Arithmetic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> &'static [Parameter] {
        &[]
    }

    fn findings(&self, c: &Completion<'_>) -> Findings {
        match base(c.prompt) {
            Some(base) => Findings::steps(c, |_, step| check(step, base)),
            None => Findings::nothing(),
        }
    }

    fn stands_alone(&self) -> bool {
        true
    }
}

/// The base that a prompt asks for: `meta.base`, if there is one (`None` unless it is 10 or 2). Else 2 if the question names it or the prompt was made
/// so (`base2` in `meta.transformation` or `meta.factors`), else 10.
fn base(prompt: &Prompt) -> Option<u32> {
    let meta = &prompt.meta;
    if let Some(base) = meta.get("base") {
        let base = base.as_u64().and_then(|b| u32::try_from(b).ok());
        return base.filter(|b| matches!(b, 2 | 10));
    }
    let named = |v: &Json| v.as_str() == Some("base2");
    let factors = meta.get("factors").and_then(Json::as_array);
    let question = prompt.question.to_lowercase();
    let said = ["base 2", "base-2", "base two", "in binary"]
        .iter()
        .any(|s| question.contains(s));
    let made = meta.get("transformation").is_some_and(named)
        || factors.is_some_and(|f| f.iter().any(named));
    Some(if said || made { 2 } else { 10 })
}

/// One equation of a step, and whether it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Equation {
    /// What is computed, left of the sign of equality.
    pub expression: ByteRange,
    /// What the step says that it comes to, right of it, with its sign.
    pub claimed: ByteRange,
    /// What it comes to.
    pub value: Rational,
    /// The true value, written as the claimed one is: base, percent, separators, fraction.
    pub expected: String,
    /// Where the claimed value goes wrong: its first character that differs from the true value, or
    /// its end if it is only the beginning of it. `None` if it is right.
    pub first_wrong: Option<usize>,
}

/// The equations of a step whose truth is certain, in order. `base` is 10 or 2.
///
/// ```
/// let step = "So 5 * 4 = 25 apples.";
/// let found = rotescope_judge::equations(step, 10);
/// assert_eq!(&step[found[0].expression.clone()], "5 * 4");
/// assert_eq!((found[0].expected.as_str(), found[0].first_wrong), ("20", Some(12)));
/// ```
pub fn equations(step: &str, base: u32) -> Vec<Equation> {
    let lexemes = lex(step, base);
    let signs: Vec<usize> = (0..lexemes.len())
        .filter(|i| matches!(lexemes[*i].kind, Kind::Equal { .. }))
        .collect();
    let mut found = Vec::new();
    for (n, &sign) in signs.iter().enumerate() {
        let from = if n == 0 { 0 } else { signs[n - 1] + 1 };
        let to = signs.get(n + 1).copied().unwrap_or(lexemes.len());
        let side = Sides {
            step,
            base,
            lexemes: &lexemes,
            from,
            sign,
            to,
            linked: n > 0,
        };
        found.extend(side.judge());
    }
    found
}

/// Wrong at the first false equation of the step, right if all are true, not applicable if there
/// is none.
pub fn check(step: &str, base: u32) -> Judgement {
    let found = equations(step, base);
    for e in &found {
        if let Some(at) = e.first_wrong {
            let (left, right) = (&step[e.expression.clone()], &step[e.claimed.clone()]);
            return Judgement::Wrong {
                span: e.claimed.clone(),
                at,
                expected: e.expected.clone(),
                why: format!("{left} is {}, not {right}", e.expected),
            };
        }
    }
    if found.is_empty() {
        Judgement::NotApplicable
    } else {
        Judgement::Right
    }
}

/// An expression is looked for at most this many lexemes in front of a sign of equality.
const REACH: usize = 64;

/// The two sides of one sign of equality.
pub(super) struct Sides<'s> {
    pub(super) step: &'s str,
    pub(super) base: u32,
    pub(super) lexemes: &'s [Lexeme],
    /// First lexeme after the sign before, or 0.
    pub(super) from: usize,
    pub(super) sign: usize,
    /// The next sign, or the number of lexemes.
    pub(super) to: usize,
    /// Is there a sign before?
    pub(super) linked: bool,
}

impl Sides<'_> {
    fn judge(&self) -> Option<Equation> {
        let start = (self.from.max(self.sign.saturating_sub(REACH))..self.sign)
            .find(|s| evaluate(&self.lexemes[*s..self.sign]).is_some())?;
        let left = evaluate(&self.lexemes[start..self.sign])?;
        let link = self.linked && start == self.from;
        if left.operators == 0 && !link {
            return None;
        }
        let (right, used) = longest(&self.lexemes[self.sign + 1..self.to])?;
        let claim = &self.lexemes[self.sign + 1..self.sign + 1 + used];
        let claimed = claimed_span(claim)?;
        let equation = |expected, first_wrong| Equation {
            expression: self.lexemes[start].span.start..self.lexemes[self.sign - 1].span.end,
            claimed: claimed.clone(),
            value: left.exact,
            expected,
            first_wrong,
        };
        let text = &self.step[claimed.clone()];
        let expected = self.expected(&left, &right, claim, text);
        if self.agrees(&left, &right, claim, text) {
            return Some(equation(expected.unwrap_or_else(|| text.to_owned()), None));
        }
        if !self.certain(start, &left, &right, used) {
            return None;
        }
        let expected = expected?;
        let at = if is_literal(claim) {
            first_difference(text, &expected, claimed.start)
        } else {
            claimed.start
        };
        Some(equation(expected, Some(at)))
    }

    fn agrees(&self, left: &Value, right: &Value, claim: &[Lexeme], text: &str) -> bool {
        // In a sum of percentages and plain numbers the sign cannot be ignored: 100 - 20%.
        let readings = |v: &Value| [v.exact, if v.mixed_percent { v.exact } else { v.signless }];
        let (l, r) = (readings(left), readings(right));
        if l.iter().any(|v| r.contains(v)) {
            return true;
        }
        // 17 / 5 = 3 remainder 2
        let next = self
            .lexemes
            .get(self.sign + 1 + claim.len())
            .map(|l| &l.kind);
        if let Some(Kind::Word(w)) = next
            && matches!(w.as_str(), "remainder" | "r")
        {
            return right.exact.is_whole() && left.exact.floor() == right.exact.numerator();
        }
        if right.operators > 0 {
            return false;
        }
        let places = text.split_once('.').map_or(0, |(_, p)| p.len());
        let approximate = matches!(
            self.lexemes[self.sign].kind,
            Kind::Equal { approximate: true }
        );
        // A value that ends is rounded only where enough digits are left of it (15.375 = 15.38).
        let significant = text
            .trim_start_matches(|c: char| !('1'..='9').contains(&c))
            .bytes()
            .filter(u8::is_ascii_digit)
            .count();
        let ends = left.exact.digits(self.base, 30).1;
        let rounds = approximate || (places > 0 && significant > 0 && (!ends || significant >= 3));
        let places = places as u32;
        let near = |v: &Rational| {
            let values = [v.rounded(self.base, places), v.truncated(self.base, places)];
            r.iter().any(|r| values.contains(&Some(*r)))
        };
        let hundredfold = left
            .exact
            .checked_mul(Rational::whole(100))
            .filter(|_| right.percent);
        rounds && (l.iter().any(near) || hundredfold.as_ref().is_some_and(near))
    }

    /// The true value, written as the claim is; `None` if it cannot be.
    fn expected(
        &self,
        left: &Value,
        right: &Value,
        claim: &[Lexeme],
        text: &str,
    ) -> Option<String> {
        let value = match (left.percent, right.percent) {
            (true, true) => left.signless,
            (false, true) => left.exact.checked_mul(Rational::whole(100))?,
            _ => left.exact,
        };
        if is_fraction(claim) && !value.is_whole() {
            let part = |n| Some(Rational::new(n, 1)?.written(self.base));
            return Some(format!(
                "{}/{}",
                part(value.numerator())?,
                part(value.denominator())?
            ));
        }
        let places = text
            .split_once('.')
            .map_or(0, |(_, p)| p.len())
            .clamp(2, 30);
        let mut written = value.written(self.base);
        if written.contains('/') {
            written = value
                .rounded(self.base, places as u32)?
                .digits(self.base, places)
                .0;
        }
        Some(if text.contains(',') {
            grouped(&written)
        } else {
            written
        })
    }
}

/// From the sign or first lexeme of the claim to its last number or bracket, without a percent sign
/// and without units.
fn claimed_span(claim: &[Lexeme]) -> Option<ByteRange> {
    let last = claim
        .iter()
        .rfind(|l| matches!(l.kind, Kind::Number { .. } | Kind::Close))?;
    let percent =
        usize::from(matches!(last.kind, Kind::Number { percent: true, .. }) && claim.len() < 3);
    Some(claim.first()?.span.start..last.span.end - percent)
}

/// One number, with or without a sign, or a fraction of two: what can be compared digit by digit.
fn is_literal(claim: &[Lexeme]) -> bool {
    let numbers = claim
        .iter()
        .filter(|l| matches!(l.kind, Kind::Number { .. }))
        .count();
    let only = claim
        .iter()
        .all(|l| matches!(l.kind, Kind::Number { .. } | Kind::Minus | Kind::Word(_)));
    (numbers == 1 && only) || is_fraction(claim)
}

pub(super) fn is_fraction(claim: &[Lexeme]) -> bool {
    let kinds: Vec<&Kind> = claim
        .iter()
        .map(|l| &l.kind)
        .filter(|k| !matches!(k, Kind::Word(_)))
        .collect();
    matches!(
        kinds[..],
        [Kind::Number { .. }, Kind::Divide, Kind::Number { .. }]
    )
}

/// Commas between groups of three digits in front of the point.
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |d| ("-", d));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, String::new()), |(w, f)| (w, format!(".{f}")));
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out + &fraction
}

/// As [`super::verdict::first_difference`], without regard to separators, blanks and a missing leading zero.
fn first_difference(claimed: &str, expected: &str, start: usize) -> usize {
    let expected = if claimed.starts_with('.') {
        expected.trim_start_matches('0')
    } else {
        expected
    };
    let mut want = expected.chars().filter(|c| *c != ',');
    for (i, c) in claimed
        .char_indices()
        .filter(|(_, c)| *c != ',' && !c.is_whitespace())
    {
        let c = if matches!(c, '\u{2212}' | '–') {
            '-'
        } else {
            c
        };
        if want.next() != Some(c) {
            return start + i;
        }
    }
    start + claimed.len()
}
