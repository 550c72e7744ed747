//! Does the text stand by an equation, or does it ask, suppose, quote, deny or correct it?

use rotescope_text::ByteRange;

/// How far around an equation its sentence is followed, and how far behind it a correction is looked for, in bytes.
const NEAR: usize = 240;
const FAR: usize = 1500;
/// In so many sentences.
const SENTENCES: usize = 12;

/// In front of an equation in its clause: somebody says, thinks or denies it, or it is only supposed.
#[rustfmt::skip]
const SAID: [&str; 49] = [
    "assume", "assumed", "assumes", "assuming", "believe", "believed", "believes", "can't", "cannot", "claim",
    "claimed", "claiming", "claims", "error", "false", "hypothetically", "if", "imagine", "impossible", "incorrect",
    "incorrectly", "instead", "isn't", "mistake", "mistaken", "mistakenly", "never", "not", "pretend", "pretending",
    "rather", "said", "saying", "says", "stated", "states", "suppose", "supposed", "supposing", "think", "thinking",
    "thinks", "thought", "unless", "untrue", "whether", "wrong", "wrongly", "wrote",
];
/// Behind it in its sentence: it is false.
#[rustfmt::skip]
const DENIED: [&str; 32] = [
    "absurd", "contradict", "contradicting", "contradiction", "contradictory", "contradicts", "correction", "didn't",
    "doesn't", "don't", "error", "false", "impossible", "impossibility", "inconsistent", "incorrect", "incorrectly",
    "invalid", "isn't", "mistake", "mistaken", "nonsense", "nonsensical", "oops", "scratch", "sorry", "untrue", "wait",
    "wasn't", "won't", "wrong", "✗",
];
/// These only right behind it.
const DENIED_HERE: [&str; 6] = ["not", "cannot", "can't", "no", "never", "actually"];

/// How a sentence begins that takes back what was said.
#[rustfmt::skip]
const TAKES_BACK: [&str; 42] = [
    "wait", "no,", "no.", "no!", "no:", "no\u{2014}", "nope", "hmm", "hold on", "oops", "actually", "sorry", "correction",
    "scratch that", "on second thought", "let me recheck", "let me recalc", "let me recompute", "let me redo",
    "let me reconsider", "let me correct", "let me fix", "let's recheck", "let's recalc", "let's recompute",
    "let's redo", "let's correct", "i made a mis", "i made an err", "i think i made", "i miscalc", "that's wrong",
    "that is wrong", "that's not right", "that's not correct", "that is not", "that isn't", "this is wrong",
    "this is incorrect", "that's incorrect", "that is incorrect", "not quite",
];

/// Is the equation that lies at `equation` in `text` only asked, supposed, quoted, denied, or taken back afterwards?
pub(super) fn is_disowned(text: &str, equation: &ByteRange) -> bool {
    let from = sentence_start(text, equation.start);
    let to = sentence_end(text, equation.end);
    let (before, behind) = (&text[from..equation.start], &text[equation.end..to]);
    behind.trim_end().ends_with('?')
        || is_quoted(before, behind)
        || is_said(before)
        || is_denied(behind)
        || is_taken_back(text, equation, to)
}

fn is_said(before: &str) -> bool {
    // The clause that the equation is in.
    let clause = before
        .rsplit([',', ';', '\u{2014}'])
        .next()
        .unwrap_or(before);
    let mut said = false;
    for word in words(clause) {
        if SAID.contains(&word.as_str()) {
            said = true;
        } else if matches!(
            word.as_str(),
            "then" | "so" | "thus" | "hence" | "therefore"
        ) {
            said = false;
        }
    }
    said
}

fn is_denied(behind: &str) -> bool {
    let mut all = words(behind).enumerate();
    all.any(|(i, w)| DENIED.contains(&w.as_str()) || (i < 4 && DENIED_HERE.contains(&w.as_str())))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '✗')))
        .filter(|w| !w.is_empty())
        .map(|w| w.to_lowercase().replace('’', "'"))
}

fn is_quoted(before: &str, behind: &str) -> bool {
    let pairs = [('“', '”'), ('«', '»'), ('‘', '’')];
    let open = |o: char, c: char| before.matches(o).count() > before.matches(c).count();
    let straight = before.matches('"').count() % 2 == 1 && behind.contains('"');
    let opens = before.rfind('\'').is_some_and(|i| {
        let free = before[..i]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric());
        free && !before[i + 1..].starts_with(' ')
    });
    let single = opens
        && behind
            .match_indices('\'')
            .any(|(i, _)| !behind[i + 1..].starts_with(char::is_alphabetic));
    straight
        || single
        || pairs
            .iter()
            .any(|(o, c)| open(*o, *c) && behind.contains(*c))
}

/// Does the next sentence take it back, or a later one that computes the same again?
fn is_taken_back(text: &str, equation: &ByteRange, sentence: usize) -> bool {
    let plain = |s: &str| -> String { s.chars().filter(|c| !c.is_whitespace()).collect() };
    let expression = text[equation.clone()]
        .split('=')
        .next()
        .map(plain)
        .unwrap_or_default();
    let end = floor(text, (sentence + FAR).min(text.len()));
    let mut at = sentence;
    for sentence in 0..SENTENCES {
        if at >= end {
            break;
        }
        let rest = &text[at..end];
        let start = rest.len()
            - rest
                .trim_start_matches(|c: char| !c.is_alphanumeric())
                .len();
        let opening: String = rest[start..].chars().take(24).collect();
        let opening = opening.to_lowercase().replace('’', "'");
        let opening = ["but ", "and ", "oh, ", "oh ", "ah, ", "well, "]
            .iter()
            .find_map(|o| opening.strip_prefix(o))
            .unwrap_or(&opening);
        if TAKES_BACK.iter().any(|t| opening.starts_with(t)) {
            let again = || plain(&rest[start..]).contains(&expression);
            if sentence == 0 || (!expression.is_empty() && again()) {
                return true;
            }
        }
        at = sentence_end(text, at + start).max(at + start + 1);
        at = ceil(text, at);
    }
    false
}

/// Where the sentence that holds byte `at` begins.
fn sentence_start(text: &str, at: usize) -> usize {
    let from = ceil(text, at.saturating_sub(NEAR));
    let mut start = from;
    let mut chars = text[from..at].char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let next = chars.peek().is_none_or(|(_, n)| n.is_whitespace());
        if c == '\n' || (matches!(c, '.' | '!' | '?') && next) {
            start = from + i + c.len_utf8();
        }
    }
    start
}

/// Where it ends, its mark included.
fn sentence_end(text: &str, at: usize) -> usize {
    let to = floor(text, (at + NEAR).min(text.len()));
    let mut chars = text[at..to].char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let next = chars.peek().is_none_or(|(_, n)| n.is_whitespace());
        if c == '\n' || (matches!(c, '.' | '!' | '?') && next) {
            return at + i + c.len_utf8();
        }
    }
    to
}

/// The nearest border of characters, downwards and upwards.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
