//! E-mail addresses (the dot-atom form of RFC 5322 and its international one, RFC 6531), also as people spell them against robots.

use std::ops::Range;

use regex::Regex;

use super::around::pattern;
use crate::detector::Detector;
use crate::kind::Kind;

pub struct Email {
    at: Regex,
    dot: Regex,
}

/// Characters of a local part, and of a domain, at most.
const LOCAL: usize = 64;
const DOMAIN: usize = 120;
/// Last labels that are names of files.
const FILES: [&str; 28] = [
    "png", "jpg", "jpeg", "webp", "gif", "svg", "ico", "css", "js", "ts", "json", "html", "htm",
    "py", "rs", "txt", "pdf", "zip", "gz", "service", "h", "hpp", "po", "c", "cc", "cpp", "mp4",
    "xml",
];
/// Last labels that a spelled "dot" may lead to.
const SPELLED: [&str; 34] = [
    "com", "org", "net", "edu", "gov", "info", "io", "de", "uk", "fr", "it", "es", "nl", "be",
    "ch", "at", "se", "no", "dk", "fi", "pl", "pt", "ie", "cz", "ru", "jp", "cn", "in", "br", "ca",
    "au", "us", "eu", "biz",
];
/// Words before a spelled "at" that are no local part.
const WORDS: [&str; 24] = [
    "meet", "look", "is", "was", "be", "are", "were", "live", "stay", "arrive", "me", "it", "us",
    "them", "him", "her", "you", "shop", "visit", "aim", "good", "here", "online", "work",
];

/// A label of a domain, where it ends in the text, and whether what leads to it is spelled with spaces.
struct Label<'a> {
    text: &'a str,
    end: usize,
    spaced: bool,
}

impl Email {
    pub fn new() -> Self {
        Email {
            at: pattern(r"(?i)@|&#64;|&commat;|%40| ?[\[({<] ?at ?[\])}>] ?|_at_| at "),
            dot: pattern(r"(?i)^(?:\.|\[\.\]|\(\.\)| ?[\[({] ?dot ?[\])}] ?|_dot_| dot )"),
        }
    }

    fn labels<'a>(&self, rest: &'a str) -> Vec<Label<'a>> {
        let mut out: Vec<Label<'a>> = Vec::new();
        let (mut at, mut spaced) = (0, false);
        loop {
            let inner = |c: char| c.is_alphanumeric() || c == '-';
            let text = &rest[at..];
            let length = text.find(|c| !inner(c)).unwrap_or(text.len());
            let text = text[..length].trim_end_matches('-');
            if text.is_empty() || text.starts_with('-') {
                return out;
            }
            let end = at + text.len();
            out.push(Label { text, end, spaced });
            let Some(dot) = self.dot.find(&rest[end..]) else {
                return out;
            };
            spaced = dot.as_str().contains(' ');
            at = end + dot.end();
        }
    }

    fn around(&self, line: &str, at: Range<usize>) -> Option<Range<usize>> {
        let start = local(line, at.start)?;
        let word = &line[start..at.start];
        let bare = line[at.clone()].eq_ignore_ascii_case(" at ");
        let mut labels = self.labels(upto(&line[at.end..], DOMAIN));
        // Words behind a spelled address are no part of it.
        while labels.last().is_some_and(|l| l.spaced && !is_known(l.text)) {
            labels.pop();
        }
        let last = labels.last().filter(|_| labels.len() > 1)?;
        let lower = last.text.to_lowercase();
        let letters = last.text.chars().count() >= 2 && last.text.chars().all(char::is_alphabetic);
        let right = letters && !FILES.contains(&lower.as_str()) || lower.starts_with("xn--");
        let spoken = !bare || last.spaced && !WORDS.contains(&word.to_lowercase().as_str());
        // A user of a server, not of mail.
        let left = &line[..start];
        let user = word == "git"
            || left.ends_with(is_path)
            || left.ends_with([':', '/']) && userinfo(left);
        (right && spoken && !user).then_some(start..at.end + last.end)
    }
}

/// What stands before a part of a path.
fn is_path(c: char) -> bool {
    matches!(c, '/' | '\\')
}

fn is_known(label: &str) -> bool {
    SPELLED.contains(&label.to_lowercase().as_str())
}

/// Where a local part begins that ends at a place.
fn local(line: &str, end: usize) -> Option<usize> {
    let inner = |c: char| c.is_alphanumeric() || "._+-'!$*^`~%".contains(c);
    let mut start = end;
    let mut count = 0;
    for (i, c) in line[..end].char_indices().rev() {
        if !inner(c) {
            break;
        }
        count += 1;
        if count > LOCAL {
            return None;
        }
        start = i;
    }
    let word = &line[start..end];
    start += word.len()
        - word
            .trim_start_matches(|c: char| !c.is_alphanumeric())
            .len();
    // Dots before it are no part of an address: "..@", "a..b@".
    let word = &line[start..end];
    (!word.is_empty() && !word.ends_with('.') && !word.contains("..")).then_some(start)
}

/// Whether a password of an address of a server ends here.
fn userinfo(left: &str) -> bool {
    let word = left.rsplit(char::is_whitespace).next().unwrap_or(left);
    upto_end(word, 100).contains("://")
}

fn upto(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn upto_end(text: &str, most: usize) -> &str {
    let mut start = text.len().saturating_sub(most);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

impl Detector for Email {
    fn kind(&self) -> Kind {
        Kind::Email
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for at in self.at.find_iter(line) {
            let free = out.last().map_or(0, |l| l.end);
            if let Some(span) = self.around(line, at.range())
                && span.start >= free
            {
                out.push(span);
            }
        }
        out
    }
}
