//! Where sentences end: not in decimals, abbreviations, initials, enumerators, formulas or code.

use super::ByteRange;
use super::stopwords::is_stop_word;

/// Looks for the ends of sentences.
pub(super) struct Sentences<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// Code blocks and formulas, in which nothing ends.
    closed: Vec<ByteRange>,
}

const STOPS: [char; 7] = ['.', '!', '?', '…', '。', '！', '？'];
const CLOSERS: &str = "\"')]}*_`”’»›」』）";

/// Before a name or a thing: never the end of a sentence.
#[rustfmt::skip]
const TITLES: [&str; 19] = [
    "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Mt", "Gen", "Rep", "Sgt", "Capt", "Lt", "Col", "vs",
    "Fig", "Eq", "Eqs", "Sec", "Figs",
];
/// May end a sentence, and then a capital letter follows.
#[rustfmt::skip]
const ABBREVIATIONS: [&str; 25] = [
    "e.g", "i.e", "etc", "cf", "viz", "al", "ca", "approx", "resp", "incl", "est", "dept", "Inc",
    "Ltd", "Corp", "Co", "Jr", "Sr", "a.m", "p.m", "A.M", "P.M", "U.S", "U.K", "Ph.D",
];
/// After a number: a unit, which ends a sentence only before a capital letter.
#[rustfmt::skip]
const UNITS: [&str; 22] = [
    "in", "ft", "yd", "mi", "lb", "lbs", "oz", "gal", "qt", "pt", "tbsp", "tsp", "min", "mins",
    "hr", "hrs", "sec", "secs", "wk", "yr", "yrs", "km",
];
/// Before a number: no end.
#[rustfmt::skip]
const BEFORE_NUMBER: [&str; 20] = [
    "No", "Nos", "no", "nos", "p", "pp", "Vol", "vol", "Ch", "ch", "Jan", "Feb", "Mar", "Apr",
    "Aug", "Sept", "Sep", "Oct", "Nov", "Dec",
];

impl<'t> Sentences<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            closed: closed_spans(text),
        }
    }

    /// Where sentences end, ascending; each end lies behind the stop and the blanks on its line.
    pub(super) fn ends(&self) -> Vec<usize> {
        let mut ends = Vec::new();
        // Start of the step under way, after white space.
        let mut start = 0;
        let mut i = 0;
        let mut closed = self.closed.iter().peekable();
        while let Some(c) = self.text[i..].chars().next() {
            while closed.peek().is_some_and(|s| s.end <= i) {
                closed.next();
            }
            if let Some(span) = closed.peek().copied().filter(|s| s.contains(&i)) {
                let code = self.text[span.clone()].starts_with("```");
                i = span.end;
                if code {
                    ends.push(i);
                    start = i;
                }
                continue;
            }
            if self.text[start..i].trim().is_empty() {
                start = i;
            }
            if c == '\n' {
                i += 1;
                if self.line_ends(start, i)
                    || self.text[i..]
                        .trim_start_matches([' ', '\t'])
                        .starts_with("```")
                {
                    ends.push(i);
                    start = i;
                }
            } else if STOPS.contains(&c) {
                let stop = self.text[i..].trim_start_matches(STOPS);
                let after = stop.trim_start_matches(|c| CLOSERS.contains(c));
                let (stop, after) = (self.text.len() - stop.len(), self.text.len() - after.len());
                if self.sentence_ends(start, i..stop, after) {
                    // Blanks up to the line break belong to this step.
                    let rest = self.text[after..].trim_start_matches([' ', '\t', '\r', '\u{a0}']);
                    let end = self.text.len() - rest.len();
                    ends.push(end);
                    (start, i) = (end, end);
                } else {
                    i = stop;
                }
            } else {
                i += c.len_utf8();
            }
        }
        ends
    }

    /// Does the line break right before `next` end the step that began at `start`?
    fn line_ends(&self, start: usize, next: usize) -> bool {
        let line = self.text[start..next].trim_end();
        let rest = &self.text[next..];
        if line.is_empty() || is_marker(line) {
            return false;
        }
        let blank = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
        let runs_on = rest.trim_start().starts_with(char::is_lowercase)
            && !line.ends_with(['.', '!', '?', ':', ';']);
        blank || !runs_on
    }

    /// Do the stop characters `stop`, closed by quotes and brackets up to `after`, end the step
    /// that began at `start`?
    fn sentence_ends(&self, start: usize, stop: ByteRange, after: usize) -> bool {
        let mark = &self.text[stop.clone()];
        let rest = &self.text[after..];
        let Some(next) = rest.chars().next() else {
            return true;
        };
        if mark.ends_with(['。', '！', '？']) {
            return true;
        }
        if !next.is_whitespace() {
            return false;
        }
        let following = rest.trim_start();
        let Some(first) = following.chars().find(|c| !"\"'“‘(*_`[".contains(*c)) else {
            return true;
        };
        let head = self.text[start..stop.start].trim_start();
        let new_line = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
        if mark.ends_with('!') || mark.ends_with('?') {
            // 5! + 3, and "What?" he asked.
            let factorial =
                mark == "!" && !new_line && ends_operand(head) && begins_operator(following);
            let quoted = after > stop.end && first.is_lowercase();
            return !(factorial || quoted);
        }
        if mark.ends_with('…') || mark.len() > 1 {
            return first.is_uppercase() || new_line;
        }
        self.dot_ends(start, head, first, following)
            || (new_line && !is_marker(&self.text[start..stop.end]))
    }

    /// A single dot followed by white space: `head` is the step up to it, `first` the next visible
    /// character.
    fn dot_ends(&self, start: usize, head: &str, first: char, following: &str) -> bool {
        if is_enumerator(head) && self.at_list_place(start) {
            return false;
        }
        let word_start = head
            .rfind(|c: char| c.is_whitespace() || "\"'“‘([{*_".contains(c))
            .map_or(0, |i| {
                i + head[i..].chars().next().map_or(1, char::len_utf8)
            });
        let word = &head[word_start..];
        let before = head[..word_start]
            .trim_end_matches(|c: char| c.is_whitespace() || "\"'“‘([{*_".contains(c));
        // After an arrow or a sign of equality a word stands for itself: in -> In.
        if before.ends_with("->") || before.ends_with(['=', '→']) {
            return true;
        }
        let after_number = before.ends_with(|c: char| c.is_ascii_digit());
        if TITLES.contains(&word) || (BEFORE_NUMBER.contains(&word) && first.is_ascii_digit()) {
            return false;
        }
        if ABBREVIATIONS.contains(&word) || (UNITS.contains(&word) && after_number) {
            return first.is_uppercase() && !matches!(word, "e.g" | "i.e" | "cf" | "viz" | "ca");
        }
        let mut letters = word.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return !(letter.is_uppercase() && is_initial(letter, before, first, following));
        }
        true
    }

    /// Enumerators stand at the start of the text, of a line, or after the end of a sentence.
    fn at_list_place(&self, start: usize) -> bool {
        self.bytes[..start]
            .iter()
            .rev()
            .find(|b| !matches!(b, b' ' | b'\t'))
            .is_none_or(|b| b"\n.!?:".contains(b))
    }
}

/// A number, a closed bracket or a letter that stands alone.
fn ends_operand(text: &str) -> bool {
    let mut back = text.chars().rev();
    match back.next() {
        Some(c) if c.is_alphabetic() => !back.next().is_some_and(char::is_alphanumeric),
        Some(c) => c.is_numeric() || c == ')',
        None => false,
    }
}

/// A sign of an operation or a relation, as a character or in LaTeX.
fn begins_operator(text: &str) -> bool {
    const COMMANDS: [&str; 8] = [
        "\\times", "\\cdot", "\\div", "\\le", "\\ge", "\\approx", "\\ne", "* ",
    ];
    text.starts_with(|c| "+-/=×÷·<>≤≥≈≠^".contains(c))
        || COMMANDS.iter().any(|c| text.starts_with(c))
}

/// Is the letter in front of a dot the initial of a name (J. Smith)? A capital letter must follow
/// that begins no ordinary word, and a name, an initial, or nothing must precede.
fn is_initial(letter: char, before: &str, first: char, following: &str) -> bool {
    let next_word: String = following
        .chars()
        .skip_while(|c| !c.is_alphanumeric())
        .take_while(|c| c.is_alphanumeric())
        .collect();
    let last = before.rsplit(char::is_whitespace).next().unwrap_or("");
    let name_before =
        last.is_empty() || last.ends_with('.') || last.starts_with(char::is_uppercase);
    let ordinary = is_stop_word(&next_word)
        || matches!(
            next_word.as_str(),
            "Thus" | "Therefore" | "Next" | "First" | "Finally" | "Let" | "Since" | "Hence"
        );
    let next_is_initial = next_word.chars().count() == 1;
    letter != 'I'
        && first.is_uppercase()
        && name_before
        && (!ordinary || (next_is_initial && next_word != "I" && next_word != "A"))
}

/// A number or letter that heads a list item: `1`, `12`, `a`, `iv`, `(1`, `Step 3`; bold or not.
fn is_enumerator(head: &str) -> bool {
    let head = head.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '*' | '_' | '#' | '(' | '-' | '•')
    });
    let labels = [
        "Step", "Case", "Part", "Method", "Option", "Example", "Question", "Problem",
    ];
    let number = |s: &str| (1..=3).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    let roman = !head.is_empty() && head.len() < 5 && head.bytes().all(|b| b"ivx".contains(&b));
    let letter = head.len() == 1 && head.bytes().all(|b| b.is_ascii_alphabetic() && b != b'I');
    number(head)
        || roman
        || letter
        || labels
            .iter()
            .any(|l| head.strip_prefix(l).is_some_and(|n| number(n.trim())))
}

/// A list marker or heading with nothing behind it: `1.`, `2)`, `(a)`, `-`, `Step 3:`, `**1.**`.
pub(super) fn is_marker(text: &str) -> bool {
    let bare = text.trim().trim_end_matches(['.', ')', ':', '*', '_', ' ']);
    is_enumerator(bare) && bare.len() < text.trim().len()
        || matches!(text.trim(), "-" | "*" | "+" | "•" | "–")
}

/// Spans in which nothing ends: fenced code, `\[..\]`, `\(..\)`, `$$..$$`, `$..$`.
fn closed_spans(text: &str) -> Vec<ByteRange> {
    let mut spans = Vec::new();
    let mut formulas = FORMULAS.map(|(_, close)| Closing::of(close));
    let mut i = 0;
    while let Some(c) = text[i..].chars().next() {
        let rest = &text[i..];
        let end = if rest.starts_with("```") && at_line_start(&text[..i]) {
            // Up to the line after the closing fence; an open one runs to the end.
            let close = rest[3..].find("\n```").map_or(rest.len(), |j| 3 + j + 4);
            let line = rest[close..].find('\n').map(|j| close + j + 1);
            Some(i + line.unwrap_or(rest.len()))
        } else if let Some(n) = FORMULAS.iter().position(|f| rest.starts_with(f.0)) {
            formulas[n].behind(text, i + 2)
        } else if c == '$' && !text[..i].ends_with('\\') {
            inline_math(rest).map(|j| i + j)
        } else {
            None
        };
        match end {
            Some(end) => {
                spans.push(i..end);
                i = end;
            }
            None => i += c.len_utf8(),
        }
    }
    spans
}

fn at_line_start(before: &str) -> bool {
    let line = before.trim_end_matches([' ', '\t']);
    line.is_empty() || line.ends_with('\n')
}

/// What opens a formula, and what closes it within the paragraph.
const FORMULAS: [(&str, &str); 3] = [("\\[", "\\]"), ("\\(", "\\)"), ("$$", "$$")];

/// Looks for a closing mark, over each byte of the text once.
struct Closing {
    mark: &'static str,
    /// Where the paragraph ends that was looked at last, and whether the mark is missing up to there.
    paragraph: usize,
    missing: bool,
}

impl Closing {
    fn of(mark: &'static str) -> Self {
        Self {
            mark,
            paragraph: 0,
            missing: false,
        }
    }

    /// Where the first closing mark from `at` on ends, if it stands in the same paragraph.
    fn behind(&mut self, text: &str, at: usize) -> Option<usize> {
        if at > self.paragraph {
            self.paragraph = text[at..].find("\n\n").map_or(text.len(), |j| at + j);
            self.missing = false;
        }
        if self.missing {
            return None;
        }
        let end = text[at..self.paragraph].find(self.mark);
        self.missing = end.is_none();
        end.map(|j| at + j + self.mark.len())
    }
}

/// The length of `$..$` if it is a formula rather than two prices: no blank inside the marks, no
/// digit behind them, one line (Pandoc's rule).
fn inline_math(rest: &str) -> Option<usize> {
    let inside = &rest[1..];
    let close = inside
        .find(['$', '\n'])
        .filter(|i| inside[*i..].starts_with('$'))?;
    let body = &inside[..close];
    let tight = !body.is_empty()
        && !body.starts_with(char::is_whitespace)
        && !body.ends_with(char::is_whitespace);
    let price = inside[close + 1..].starts_with(|c: char| c.is_ascii_digit());
    (tight && !price).then_some(close + 2)
}
