//! Runs of digits with separators, as numbers of people are written.

use std::ops::Range;

/// A run: groups of digits, each behind at most a few separators.
#[derive(Debug)]
pub struct Run {
    /// With a plus or a parenthesis before it.
    pub span: Range<usize>,
    pub groups: Vec<Range<usize>>,
    pub plus: bool,
    /// A letter or another character of words stands directly before or behind.
    pub glued: bool,
}

impl Run {
    pub fn digits(&self, line: &str) -> String {
        self.groups.iter().map(|g| &line[g.clone()]).collect()
    }

    /// Lengths of the groups.
    pub fn shape(&self) -> Vec<usize> {
        self.groups.iter().map(ExactSizeIterator::len).collect()
    }

    /// The separators between groups.
    pub fn separators<'a>(&self, line: &'a str) -> Vec<&'a str> {
        let pairs = self.groups.windows(2);
        pairs.map(|w| &line[w[0].end..w[1].start]).collect()
    }
}

/// All runs of a line.
pub fn runs(line: &str) -> Vec<Run> {
    let bytes = line.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let mut groups = Vec::new();
        loop {
            let start = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            groups.push(start..at);
            match separator(line, at) {
                Some(next) => at = next,
                None => break,
            }
        }
        out.push(run(line, groups));
    }
    out
}

/// Where the next group begins, if separators lead to one.
fn separator(line: &str, at: usize) -> Option<usize> {
    let mut rest = line[at..].char_indices().peekable();
    let (mut spaces, mut others, mut parentheses) = (0, 0, 0);
    while let Some(&(i, c)) = rest.peek() {
        match c {
            '0'..='9' => return (i > 0).then_some(at + i),
            ' ' | '\u{a0}' | '\u{202f}' if spaces < 2 => spaces += 1,
            '-' | '.' | '/' | '\u{2010}' | '\u{2011}' | '\u{2013}' if others < 1 => others += 1,
            '(' | ')' if parentheses < 2 => parentheses += 1,
            _ => return None,
        }
        rest.next();
    }
    None
}

fn run(line: &str, groups: Vec<Range<usize>>) -> Run {
    let (first, end) = (groups[0].start, groups[groups.len() - 1].end);
    let mut start = first;
    let before = |at: usize| line[..at].chars().next_back();
    if before(start) == Some('(') && line[first..].find(')').is_some_and(|i| i < end - first) {
        start -= 1;
    }
    let plus = before(start) == Some('+');
    start -= usize::from(plus);
    let word = |c: Option<char>| {
        c.is_some_and(|c| {
            c.is_alphanumeric() && c.is_ascii()
                || matches!(c, '_' | '#' | '@' | '$' | '%' | '^' | '*' | '~' | '+')
        })
    };
    Run {
        glued: word(before(start)) || word(line[end..].chars().next()),
        span: start..end,
        groups,
        plus,
    }
}

/// Luhn's sum is a multiple of ten.
pub fn luhn(digits: &str) -> bool {
    let of_digit = |(i, b): (usize, u8)| {
        let d = u32::from(b - b'0');
        match i % 2 {
            0 => d,
            _ if d > 4 => 2 * d - 9,
            _ => 2 * d,
        }
    };
    let sum: u32 = digits.bytes().rev().enumerate().map(of_digit).sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}
