//! Which signs count, and which close belongs to which open.

use std::collections::HashMap;

use super::marks::Style;
use super::signs::{Sign, What};

/// The signs of a text with what stands around them.
pub(super) struct Blocks<'a> {
    pub text: &'a str,
    pub signs: Vec<Sign>,
    /// Indices of the signs that close, by style and key, and those of reasoning by style.
    closes: HashMap<(Style, String), Vec<usize>>,
    any_closes: HashMap<Style, Vec<usize>>,
    /// Of those that open at the beginning of a line.
    opens: HashMap<(Style, String), Vec<usize>>,
    /// Whether a sign lies within an element of a document.
    enclosed: Vec<bool>,
    /// Where lines stand that begin or end code.
    fences: Vec<usize>,
    /// Where the text ends but for blanks.
    end: usize,
}

/// Keys that are reasoning even if nothing closes it in the middle of a text.
const PLAIN: [&str; 2] = ["think", "thinking"];

impl<'a> Blocks<'a> {
    pub fn new(text: &'a str, signs: Vec<Sign>) -> Self {
        let mut blocks = Blocks {
            text,
            closes: HashMap::new(),
            any_closes: HashMap::new(),
            opens: HashMap::new(),
            enclosed: enclosed(&signs),
            fences: fences(text),
            end: text.trim_end().len(),
            signs: Vec::new(),
        };
        for (i, sign) in signs.iter().enumerate() {
            let key = || (sign.style, sign.key.clone());
            match sign.what {
                What::Close { sure } => {
                    blocks.closes.entry(key()).or_default().push(i);
                    if sure {
                        blocks.any_closes.entry(sign.style).or_default().push(i);
                    }
                }
                // What `<details type="reasoning">` opened.
                What::Element { opens: false } => blocks.closes.entry(key()).or_default().push(i),
                What::Open { .. } if begins_line(text, sign.at.start) => {
                    blocks.opens.entry(key()).or_default().push(i);
                }
                _ => {}
            }
        }
        blocks.signs = signs;
        blocks
    }

    /// The sign that closes what one of this style and key opened before sign `from`.
    pub fn close_of(&self, style: Style, key: &str, from: usize) -> Option<usize> {
        let key = (style, key.to_string());
        let next = |list: Option<&Vec<usize>>, from: usize| {
            let list = list?;
            list.get(list.partition_point(|&i| i < from)).copied()
        };
        let same = next(self.closes.get(&key), from);
        let other = next(self.any_closes.get(&style), from);
        let opens = self.opens.get(&key);
        let mut close = match (same, other) {
            // Closed under another name, before the same opens anew.
            (Some(s), Some(o)) if o < s && next(opens, o).is_some_and(|i| i < s) => o,
            (Some(s), _) => s,
            (None, other) => other?,
        };
        // Reasoning within reasoning ends where the outer one does, if that is closed too.
        let inner = opens.map_or(0, |list| {
            list.partition_point(|&i| i < close) - list.partition_point(|&i| i < from)
        });
        for _ in 0..inner {
            match next(self.closes.get(&key), close + 1) {
                Some(outer) if next(opens, close + 1).is_none_or(|open| outer < open) => {
                    close = outer;
                }
                _ => break,
            }
        }
        Some(close)
    }

    /// Whether sign `i`, which opens reasoning, is meant so. `at`: where the text before it begins; `first`: that holds nothing but signs.
    pub fn counts(&self, i: usize, at: usize, first: bool) -> bool {
        let sign = &self.signs[i];
        let What::Open { sure } = sign.what else {
            return false;
        };
        if self.is_mention(sign) || self.in_code(sign.at.start, at) {
            return false;
        }
        if sign.style.is_special() && sure {
            return true;
        }
        if !first && (!begins_line(self.text, sign.at.start) || self.enclosed[i]) {
            return false;
        }
        if self.enclosed[i] {
            return false;
        }
        let key = (sign.style, sign.key.clone());
        let closes = self.closes.get(&key);
        let close = closes.and_then(|all| all.get(all.partition_point(|&c| c < i)));
        match close {
            // Something has to follow what may be a part of the answer.
            Some(&close) => {
                let followed = self.signs[close].at.end < self.end;
                sure || first && followed
            }
            None => {
                let tag = sure && sign.style == Style::Tag;
                tag && (first || PLAIN.contains(&sign.key.as_str()))
            }
        }
    }

    /// The sign that ends reasoning which began before the text, as chat templates begin it, without anybody having said so.
    pub fn unopened(&self) -> Option<usize> {
        let mut open: HashMap<(Style, &str), usize> = HashMap::new();
        let mut first = true;
        let mut end = 0;
        for (i, sign) in self.signs.iter().enumerate() {
            first &= self.text[end..sign.at.start].trim().is_empty();
            end = sign.at.end;
            let key = (sign.style, sign.key.as_str());
            match sign.what {
                What::Open { .. } if self.counts(i, 0, first) => return None,
                What::Header { .. } => return None,
                What::Open { .. } => *open.entry(key).or_default() += 1,
                What::Close { sure } => {
                    let sure = sure && (sign.style.is_special() || sign.style == Style::Tag);
                    let opened = open.get_mut(&key).filter(|n| **n > 0);
                    match opened {
                        Some(n) => *n -= 1,
                        None if !sure || self.enclosed[i] => {}
                        None if self.is_mention(sign) || self.in_code(sign.at.start, 0) => {}
                        None => return Some(i),
                    }
                }
                What::End { reasoning: true } => return Some(i),
                What::End { .. } if sign.style == Style::Left && sign.key == "channel" => {
                    return Some(i);
                }
                What::End { .. } if !first => {
                    // The final message follows.
                    let mut rest = self.signs[i + 1..].iter();
                    let next = rest.find(|s| s.what != What::Turn)?;
                    let last = next.what == What::Header { reasoning: false };
                    return last.then_some(i);
                }
                _ => {}
            }
            first &= !matches!(sign.what, What::Element { .. }) || sign.style.is_special();
        }
        None
    }

    /// Whether what stands here is only named: in quotes, or in the middle of a sentence.
    pub fn is_mention(&self, sign: &Sign) -> bool {
        let (before, behind) = (&self.text[..sign.at.start], &self.text[sign.at.end..]);
        let quotes = [
            '`', '"', '\'', '“', '”', '‘', '’', '«', '»', '‹', '›', '「', '」',
        ];
        let quoted = before.ends_with(quotes) && behind.starts_with(quotes);
        let word = |c: char| c.is_alphanumeric() || c == ',';
        let after_word = before.ends_with(' ') && before.trim_end_matches(' ').ends_with(word);
        let goes_on = behind.starts_with(' ')
            && behind
                .trim_start_matches(' ')
                .starts_with(char::is_lowercase)
            || behind.starts_with(['.', ',', ';', ')', '?']);
        let own = matches!(sign.style, Style::User(_));
        quoted || after_word && goes_on && !own
    }

    /// Whether a place lies in a block of code, of the text from `from` on, that is closed.
    fn in_code(&self, place: usize, from: usize) -> bool {
        let before = self.fences.partition_point(|&f| f < place);
        let since = before - self.fences.partition_point(|&f| f < from);
        since % 2 == 1 && (self.fences.len() - before) % 2 == 1
    }
}

fn begins_line(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with('\n')
}

/// For each sign, whether it lies within an element that is closed. Elements around answers and reasoning do not count.
fn enclosed(signs: &[Sign]) -> Vec<bool> {
    let mut open: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut deeper = vec![0i32; signs.len() + 1];
    for (i, sign) in signs.iter().enumerate() {
        match sign.what {
            What::Element { opens } if sign.style == Style::Tag => {
                let list = open.entry(&sign.key).or_default();
                if opens {
                    list.push(i);
                } else if let Some(from) = list.pop() {
                    deeper[from + 1] += 1;
                    deeper[i] -= 1;
                }
            }
            _ => {}
        }
    }
    let mut depth = 0;
    let inside = deeper.iter().map(|change| {
        depth += change;
        depth > 0
    });
    inside.take(signs.len()).collect()
}

/// Where the lines begin that stand around code.
fn fences(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut all = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches(' ');
        if bare.starts_with("```") || bare.starts_with("~~~") {
            all.push(at);
        }
        at += line.len();
    }
    all
}
