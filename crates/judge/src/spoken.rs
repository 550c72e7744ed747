//! Words that stand for operators and signs of equality, where their neighbors say so.

use super::lexeme::{Kind, Lexeme};
use super::units::is_short_unit;

/// Between `=` and a value that is not meant exactly.
const ABOUT: [&str; 8] = [
    "approximately",
    "about",
    "roughly",
    "around",
    "nearly",
    "almost",
    "approx",
    "circa",
];
/// Between "of" and a number: 1/3 of the 21 swans.
const ARTICLES: [&str; 9] = [
    "the", "his", "her", "their", "these", "those", "its", "all", "our",
];

/// Turns such words into operators, and drops breaks within an equation.
pub(super) fn resolve(lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    // 2x(3) is no product of 2 and 3 where x is a variable.
    let unknown = (0..lexemes.len()).any(|i| is_x(&lexemes[i]) && !between(&lexemes, i));
    let mut out: Vec<Lexeme> = Vec::with_capacity(lexemes.len());
    let mut i = 0;
    while i < lexemes.len() {
        let (kind, width) = one(&out, &lexemes[i..], unknown);
        let last = &lexemes[i + width - 1];
        let mut lexeme = lexemes[i].clone();
        lexeme.span.end = last.span.end;
        if let Some(kind) = kind {
            lexeme.kind = kind;
        }
        i += width;
        push(&mut out, lexeme);
    }
    out
}

fn push(out: &mut Vec<Lexeme>, lexeme: Lexeme) {
    let last = out.last().map(|l| &l.kind);
    match (&lexeme.kind, last) {
        // "5 * 4\n= 20", "= \n 20": the equation goes on.
        (Kind::Equal { .. }, Some(Kind::Break)) => {
            out.pop();
        }
        (
            Kind::Break,
            Some(Kind::Equal { .. } | Kind::Plus | Kind::Minus | Kind::Times | Kind::Divide),
        ) => {
            return;
        }
        _ => {}
    }
    out.push(lexeme);
}

/// What the beginning of `ahead` is behind `out`, and how many lexemes make it up.
fn one(out: &[Lexeme], ahead: &[Lexeme], unknown: bool) -> (Option<Kind>, usize) {
    let word = |j: usize| ahead.get(j).map_or("", Lexeme::word);
    let operand = |j: usize| ahead.get(j).is_some_and(Lexeme::begins_operand);
    let behind_operand = out.last().is_some_and(Lexeme::ends_operand);
    let exact = Some(Kind::Equal { approximate: false });
    let near = Some(Kind::Equal { approximate: true });
    if is_x(&ahead[0]) {
        let spaced = ahead[0].spaced && ahead.get(1).is_some_and(|l| l.spaced);
        // 20 cars x 4
        let behind_unit = out.last().is_some_and(is_unit);
        let times = operand(1)
            && !ahead[0].math
            && (behind_operand && (spaced || !unknown) || behind_unit && spaced);
        return (times.then_some(Kind::Times), 1);
    }
    let mod_word = matches!(word(0), "mod" | "modulo")
        || matches!(&ahead[0].kind, Kind::Variable(v) if v == "mod");
    if mod_word && behind_operand && operand(1) {
        return (Some(Kind::Modulo), 1);
    }
    match word(0) {
        "times" if behind_operand && operand(1) => (Some(Kind::Times), 1),
        "plus" if operand(1) => (Some(Kind::Plus), 1),
        "minus" if operand(1) => (Some(Kind::Minus), 1),
        "multiplied" if word(1) == "by" && operand(2) => (Some(Kind::Times), 2),
        "divided" if word(1) == "by" && operand(2) => (Some(Kind::Divide), 2),
        "of" if behind_operand && is_share(out) => {
            let article = usize::from(ARTICLES.contains(&word(1)));
            if operand(1 + article) {
                (Some(Kind::Of), 1 + article)
            } else {
                (None, 1)
            }
        }
        "equals" | "equal" if ABOUT.contains(&word(1)) => (near, 2),
        "equals" => (exact, 1 + usize::from(word(1) == "to")),
        "is" if word(1) == "equal" && word(2) == "to" => (exact, 3),
        "approximately" if word(1) == "equals" => (near, 2),
        "is" if word(1) == "approximately" && word(2) == "equal" && word(3) == "to" => (near, 4),
        _ => match ahead[0].kind {
            Kind::Equal { .. } if ABOUT.contains(&word(1)) => (near, 2),
            _ => (None, 1),
        },
    }
}

fn is_unit(lexeme: &Lexeme) -> bool {
    lexeme.word().len() > 2 || is_short_unit(lexeme.word())
}

fn is_x(lexeme: &Lexeme) -> bool {
    matches!(&lexeme.kind, Kind::Variable(v) if v == "x")
}

/// Does it stand between two operands?
fn between(lexemes: &[Lexeme], at: usize) -> bool {
    let before = at.checked_sub(1).map(|b| &lexemes[b]);
    before.is_some_and(|l| l.ends_operand() || is_unit(l))
        && lexemes.get(at + 1).is_some_and(Lexeme::begins_operand)
}

/// Does it end with a percentage or a fraction, of which something can be taken?
fn is_share(before: &[Lexeme]) -> bool {
    let number = |l: &Lexeme| matches!(l.kind, Kind::Number { .. });
    let part = |l: &Lexeme| match &l.kind {
        Kind::Number { numeral, percent } => {
            *percent
                || numeral
                    .value
                    .is_some_and(|v| v.numerator() < v.denominator())
        }
        _ => false,
    };
    match before {
        // 20%, ½
        [.., a] if part(a) => true,
        // \frac{1}{3}
        [.., a, b, c] if c.kind == Kind::Close('{') => number(b) && a.kind == Kind::Open('{'),
        [.., a, b, c, d] if d.kind == Kind::Close('(') => {
            number(a) && b.kind == Kind::Divide && number(c)
        }
        [.., a, b, c] => number(a) && b.kind == Kind::Divide && number(c),
        _ => false,
    }
}
