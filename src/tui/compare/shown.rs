//! Tokens and questions as they are shown. What differs is marked by signs around it, not by color alone.

use rotescope_report::token_texts;
use rotescope_study::compare::align::pairs;
use rotescope_study::compare::{Comparison, Relation};
use rotescope_text::sanitize;
use rotescope_trace::Trace;

/// What stands around a stretch of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Different, as the change of the prompt explains.
    Explained,
    Diverges,
}

impl Mark {
    pub fn of(relation: Relation) -> Option<Mark> {
        match relation {
            Relation::Equal => None,
            r if r.diverges() => Some(Mark::Diverges),
            _ => Some(Mark::Explained),
        }
    }

    /// The signs before and behind.
    pub fn signs(self) -> [char; 2] {
        match self {
            Mark::Explained => ['‹', '›'],
            Mark::Diverges => ['«', '»'],
        }
    }
}

/// The tokens of one side on one line each, with the signs of their marks.
pub fn tokens(trace: &Trace, c: &Comparison, side: usize) -> Vec<String> {
    let mut marks = vec![None; trace.tokens.len()];
    for t in &c.tokens {
        if let Some(mark) = [t.a, t.b][side].and_then(|i| marks.get_mut(i)) {
            *mark = Mark::of(t.relation);
        }
    }
    let mut starts = vec![false; trace.tokens.len() + 1];
    for step in &trace.steps {
        for i in step.tokens {
            starts[i.min(trace.tokens.len())] = true;
        }
    }
    let framed = |(i, text): (usize, &String)| {
        let text = sanitize::line(text).into_owned();
        let Some(mark) = marks[i] else {
            return text;
        };
        // A stretch begins and ends with its step.
        let opens = i == 0 || starts[i] || marks[i - 1] != Some(mark);
        let closes = starts[i + 1] || marks.get(i + 1) != Some(&Some(mark));
        frame(&text, mark.signs(), opens, closes)
    };
    let texts = token_texts(&trace.tokens);
    texts.iter().enumerate().map(framed).collect()
}

/// Signs around the text, inside of a leading space and of a line break at its end: rows break there.
fn frame(text: &str, [open, close]: [char; 2], opens: bool, closes: bool) -> String {
    let core = text.trim_start_matches(' ');
    let (blank, core) = text.split_at(text.len() - core.len());
    let (core, end) = core.split_at(core.trim_end_matches('␊').len());
    let sign = |is: bool, sign: char| is.then_some(sign).map_or(String::new(), String::from);
    format!(
        "{blank}{}{core}{}{end}",
        sign(opens, open),
        sign(closes, close)
    )
}

/// A word of a question with the blanks behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownWord {
    pub text: String,
    /// The other question does not have it at this place.
    pub changed: bool,
    /// A line ends behind it.
    pub breaks: bool,
}

/// The words of both questions.
pub fn questions(c: &Comparison) -> [Vec<ShownWord>; 2] {
    let split = |text: &str| -> Vec<ShownWord> {
        let word = |w: &str| ShownWord {
            text: sanitize::line(w.trim_end_matches('\n')).into_owned(),
            changed: false,
            breaks: w.ends_with('\n'),
        };
        text.split_inclusive([' ', '\n']).map(word).collect()
    };
    let mut both = [split(&c.a.question), split(&c.b.question)];
    let keys = |words: &[ShownWord]| -> Vec<String> {
        words.iter().map(|w| w.text.trim().to_string()).collect()
    };
    let [a, b] = [keys(&both[0]), keys(&both[1])];
    for (x, y) in pairs(&a, &b) {
        let same = x.zip(y).is_some_and(|(x, y)| a[x] == b[y]);
        for (side, i) in [x, y].into_iter().enumerate() {
            if let Some(word) = i.and_then(|i| both[side].get_mut(i)) {
                word.changed = !same;
            }
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_stand_inside_of_blanks_and_breaks() {
        let signs = Mark::Diverges.signs();
        assert_eq!(frame(" Mia", signs, true, true), " «Mia»");
        assert_eq!(frame("4", signs, true, false), "«4");
        assert_eq!(frame(".␊", signs, false, true), ".»␊");
        assert_eq!(frame(" ", signs, true, true), " «»");
    }
}
