//! Payment cards: a network's first digits and length (ISO/IEC 7812), and Luhn's sum.

use std::ops::Range;

use super::around::{before, has_word};
use super::numbers::{luhn, runs};
use crate::detector::Detector;
use crate::kind::Kind;

pub struct Card;

/// Groups as they are printed on cards.
const SHAPES: [&[usize]; 6] = [
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 4, 4, 2],
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 3],
];
/// Words before numbers of other things with Luhn's sum.
const OTHERS: [&str; 6] = ["imei", "order", "invoice", "tracking", "isbn", "serial"];

impl Detector for Card {
    fn kind(&self) -> Kind {
        Kind::Card
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        let mut out = Vec::new();
        for run in runs(line) {
            if run.glued || run.plus || run.span.len() > 30 {
                continue;
            }
            let even = run.separators(line).windows(2).all(|w| w[0] == w[1]);
            let shape = run.shape();
            let shape = matches!(shape[..], [13..=19]) || SHAPES.contains(&&shape[..]);
            let digits = run.digits(line);
            // Part of a path, or of a name with hyphens.
            let tail = line[..run.span.start].chars().next_back();
            if matches!(tail, Some('-' | '/' | '\\' | '.')) {
                continue;
            }
            if even
                && shape
                && is_network(&digits)
                && luhn(&digits)
                && !has_word(&before(line, run.span.start), &OTHERS, 24)
            {
                out.push(run.span);
            }
        }
        out
    }
}

fn is_network(digits: &str) -> bool {
    let head = |n: usize| {
        digits
            .get(..n)
            .and_then(|d| d.parse::<u32>().ok())
            .unwrap_or(0)
    };
    match digits.len() {
        13 => head(1) == 4,
        14 => matches!(head(3), 300..=305 | 309) || matches!(head(2), 36 | 38 | 39),
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 65)
                || matches!(head(4), 2221..=2720 | 6011 | 3528..=3589)
                || matches!(head(3), 644..=649)
                || head(2) == 62
        }
        17..=19 => head(2) == 62 || head(1) == 4 && digits.len() == 19,
        _ => false,
    }
}
