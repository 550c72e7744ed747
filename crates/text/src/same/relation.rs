//! Equations, inequalities and memberships as answers.

use super::split::pieces;

const SIGNS: [char; 8] = ['=', '<', '>', '≤', '≥', '≠', '≈', '∈'];

/// What stands before a sign of equality is no longer than this, in bytes; a sentence is no name.
const LONGEST_NAME: usize = 60;

/// What an answer with a sign of relation says.
pub(super) enum Relations<'t> {
    /// `x = 5`, `9 * 2 = 18`, `x ∈ [1, 2]`: what it ends in, and what that is called.
    Value { name: Option<String>, text: &'t str },
    /// `2 < x ≤ 3` or `x > 2`: the interval with its brackets; no end where it has none.
    Between {
        name: String,
        from: Option<&'t str>,
        to: Option<&'t str>,
        open: char,
        close: char,
    },
    /// Any other.
    Equation {
        left: &'t str,
        sign: char,
        right: &'t str,
    },
}

impl<'t> Relations<'t> {
    /// The same as an equation, where it has two sides.
    pub(super) fn into_equation(self, text: &'t str) -> Option<Self> {
        match self {
            Self::Equation { .. } => Some(self),
            _ => two_sides(text),
        }
    }
}

fn two_sides(text: &str) -> Option<Relations<'_>> {
    let [left, right] = *pieces(text, &SIGNS) else {
        return None;
    };
    let sign = text[left.len()..].chars().next()?;
    matches!(sign, '=' | '<' | '>' | '≤' | '≥' | '≠').then_some(Relations::Equation {
        left,
        sign,
        right,
    })
}

/// Reads the signs of relation outside of brackets; `None` without any.
pub(super) fn relations(text: &str) -> Option<Relations<'_>> {
    let parts = pieces(text, &SIGNS);
    let signs: Vec<char> = parts[..parts.len() - 1]
        .iter()
        .filter_map(|p| {
            text[p.as_ptr() as usize - text.as_ptr() as usize + p.len()..]
                .chars()
                .next()
        })
        .collect();
    let last = parts.last().copied()?;
    match *signs {
        [] => None,
        ['∈'] => Some(Relations::Value {
            name: name(parts[0]),
            text: last,
        }),
        [sign @ ('<' | '>' | '≤' | '≥')] => {
            let closed = matches!(sign, '≤' | '≥');
            let below = matches!(sign, '<' | '≤');
            let (variable, end, below) = match (name(parts[0]), name(last)) {
                (Some(n), None) => (n, last, below),
                (None, Some(n)) => (n, parts[0], !below),
                _ => return two_sides(text),
            };
            if !is_closed(end) {
                return two_sides(text);
            }
            let (open, close) = match (closed, below) {
                (true, true) => ('(', ']'),
                (true, false) => ('[', ')'),
                (false, _) => ('(', ')'),
            };
            let (from, to) = if below {
                (None, Some(end))
            } else {
                (Some(end), None)
            };
            Some(Relations::Between {
                name: variable,
                from,
                to,
                open,
                close,
            })
        }
        [a @ ('<' | '≤'), b @ ('<' | '≤')] | [a @ ('>' | '≥'), b @ ('>' | '≥')] => {
            let (low, high, from, to) = if matches!(a, '<' | '≤') {
                (a, b, parts[0], last)
            } else {
                (b, a, last, parts[0])
            };
            Some(Relations::Between {
                name: name(parts[1])?,
                from: Some(from),
                to: Some(to),
                open: if low == '<' || low == '>' { '(' } else { '[' },
                close: if high == '<' || high == '>' { ')' } else { ']' },
            })
        }
        ['='] => {
            // 5 = x.
            if let (None, Some(n)) = (name(parts[0]), name(last))
                && is_closed(parts[0])
            {
                return Some(Relations::Value {
                    name: Some(n),
                    text: parts[0],
                });
            }
            // An equation in several names stays one, unless it says what they come to: x + y = 5.
            let left = parts[0].trim();
            // (x, y) = (3, 4) names a point.
            let point = left.starts_with('(') && left.contains(',');
            let clause = [
                ":",
                ",",
                " because ",
                " which ",
                " since ",
                " so ",
                " by ",
                " if ",
                " that ",
            ];
            if parts[0].len() > LONGEST_NAME || !point && clause.iter().any(|c| left.contains(c)) {
                return None;
            }
            let left_is_one = name(left).is_some()
                || is_closed(left)
                || !is_algebra(left)
                || is_application(left)
                || point;
            let comes_to = is_closed(last) && last.contains(|c: char| ('1'..='9').contains(&c));
            if left_is_one || comes_to {
                return Some(Relations::Value {
                    name: name(parts[0]),
                    text: last,
                });
            }
            two_sides(text)
        }
        ['≠'] => two_sides(text),
        // A calculation in steps.
        _ if signs.iter().all(|s| matches!(s, '=' | '≈')) => Some(Relations::Value {
            name: name(parts[0]),
            text: last,
        }),
        _ => None,
    }
}

/// `9 * 2 = 18`?
pub(super) fn is_calculation(text: &str) -> bool {
    match relations(text) {
        Some(Relations::Value {
            name: None,
            text: last,
        }) => {
            let left = pieces(text, &SIGNS)[0];
            is_closed(left) && left.contains(|c: char| c.is_ascii_digit()) && is_closed(last)
        }
        _ => false,
    }
}

/// A short name: `x`, `AB`, `a_1`, `\theta`.
fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = text.strip_prefix('\\').unwrap_or(text);
    let word = bare.split('_').next().unwrap_or(bare);
    let short = word.len() <= 3 || bare.len() < text.len();
    (short && !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphabetic()) && text.len() <= 12)
        .then(|| text.replace(['{', '}'], ""))
}

/// `f(x)`, `P(A)`.
fn is_application(text: &str) -> bool {
    let text = text.trim();
    text.split_once('(')
        .is_some_and(|(f, inside)| name(f).is_some() && inside.len() <= 6 && inside.ends_with(')'))
}

/// No variables?
fn is_closed(text: &str) -> bool {
    !text.contains(|c: char| c.is_ascii_alphabetic()) || {
        let known = ["\\frac", "\\sqrt", "\\pi"];
        let bare = known.iter().fold(text.to_owned(), |t, k| t.replace(k, ""));
        !bare.contains(|c: char| c.is_ascii_alphabetic())
    }
}

/// Letters that are variables rather than words?
fn is_algebra(text: &str) -> bool {
    let longest = text.split(|c: char| !c.is_alphabetic()).map(str::len).max();
    longest.is_some_and(|n| n <= 3)
}
