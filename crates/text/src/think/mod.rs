//! Where the reasoning lies in a model's output, and where its final text.
//!
//! Marks are read by a grammar, not from a list, for every maker has their own:
//!
//! | kind | examples |
//! |---|---|
//! | a tag, in any case, with a namespace or attributes | `<think>`, `<THINK>`, `<seed:think>`, `<longcat_think>`, `<think:opensource>`, `<details type="reasoning">` |
//! | a special token | `<\|begin_of_thought\|>`, `<\|START_THINKING\|>`, `<｜think｜>`, `[THINK]`, `<\|think>` ... `<think\|>` |
//! | other brackets | `◁think▷`, `【思考】` |
//! | a message with a header | `<\|channel\|>analysis<\|message\|>`, `<\|channel>thought`, `<\|open\|>think<\|sep\|>`, `<\|im_start\|>think` |
//! | two sentences, at the beginning | "Here is my thought process:" ... "Here is my response:" |
//!
//! [`names`] says which names are of reasoning, [`marks`] finds what stands in brackets, [`signs`] joins what belongs together, [`blocks`] says
//! which of them are meant. A tag counts at the beginning of the output or of a line, or behind another block, not within code, quotes or an element of a
//! document; a special token anywhere outside of these. Users add pairs of their own by [`ReasoningMarks`].

mod blocks;
mod marks;
mod names;
mod parts;
mod phrases;
mod signs;
mod user;

use std::ops::Range;

use super::sanitize;
use blocks::Blocks;
use marks::Style;
pub use parts::OutputParts;
use parts::push;
use signs::{Sign, What};
pub use user::{MarkError, ReasoningMark, ReasoningMarks};

/// With what the reasoning has begun when the prompt ends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Opening {
    Pair(Style, String),
    Message,
}

/// Whether a rendered prompt ends in an open mark: the chat template has already begun the reasoning.
pub fn opened_by(prompt: &str, user: &ReasoningMarks) -> bool {
    opening(prompt, user).is_some()
}

fn opening(prompt: &str, user: &ReasoningMarks) -> Option<Opening> {
    let prompt = prompt.trim_end();
    let mut from = prompt.len().saturating_sub(TAIL);
    while !prompt.is_char_boundary(from) {
        from += 1;
    }
    // A line break ends the headers that are lines.
    let tail = format!("{}\n", &prompt[from..]);
    let signs = signs::signs(&tail, &marks::marks(&tail, user));
    let last = signs.last().filter(|s| s.at.end + 1 >= tail.len())?;
    match last.what {
        What::Open { .. } => Some(Opening::Pair(last.style, last.key.clone())),
        What::Header { reasoning: true } => Some(Opening::Message),
        _ => None,
    }
}

/// Longer than any mark, in bytes.
const TAIL: usize = 400;

/// Splits an output. `prompt` is what the model was given: if it ends in an open mark, the output begins with reasoning.
///
/// A close mark without an open one before it also ends reasoning that began with the output. An output without any mark is all answer.
pub fn split(prompt: &str, output: &[u8], user: &ReasoningMarks) -> OutputParts {
    let text = sanitize::same_offsets(output);
    let signs = signs::signs(&text, &marks::marks(&text, user));
    let blocks = Blocks::new(&text, signs);
    let mut splitter = Splitter {
        blocks: &blocks,
        parts: OutputParts::default(),
        at: 0,
        next: 0,
    };
    splitter.begun(opening(prompt, user));
    splitter.run();
    let parts = splitter.parts;
    match parts.reasoning.is_empty() && parts.marks.is_empty() {
        true => phrases::split(&text).unwrap_or(parts),
        false => parts,
    }
}

struct Splitter<'a> {
    blocks: &'a Blocks<'a>,
    parts: OutputParts,
    /// Where what is not yet taken begins.
    at: usize,
    /// The sign behind it.
    next: usize,
}

impl Splitter<'_> {
    fn sign(&self, i: usize) -> &Sign {
        &self.blocks.signs[i]
    }

    /// Reasoning that runs from the start: opened by the prompt, or closed by a mark that nothing opens.
    fn begun(&mut self, opening: Option<Opening>) {
        match opening {
            Some(Opening::Pair(style, key)) => {
                // Some models write the mark again.
                let again = self.blocks.signs.first().filter(|s| {
                    s.style == style && s.key == key && matches!(s.what, What::Open { .. })
                });
                if let Some(sign) =
                    again.filter(|s| self.blocks.text[..s.at.start].trim().is_empty())
                {
                    let mark = sign.at.clone();
                    self.take_mark(mark, 1);
                }
                let close = self.blocks.close_of(style, &key, self.next);
                self.take_reasoning(close);
            }
            Some(Opening::Message) => {
                let end = self.message_end(0);
                self.take_message(end, true);
            }
            None => {
                if let Some(close) = self.blocks.unopened() {
                    self.take_reasoning(Some(close));
                }
            }
        }
    }

    fn run(&mut self) {
        let mut first = true;
        let mut wrapped: Option<String> = None;
        while let Some(sign) = self.blocks.signs.get(self.next) {
            let since = match self.next.checked_sub(1) {
                Some(before) => self.sign(before).at.end.max(self.at),
                None => self.at,
            };
            first &= self.blocks.text[since..sign.at.start].trim().is_empty();
            let (i, mark) = (self.next, sign.at.clone());
            match sign.what {
                What::Open { .. } if self.blocks.counts(i, self.at, first) => {
                    self.take_answer(mark.start);
                    let close = self.blocks.close_of(sign.style, &sign.key, i + 1);
                    self.take_mark(mark, i + 1);
                    self.take_reasoning(close);
                    first = true;
                }
                What::Header { reasoning } => {
                    self.take_answer(mark.start);
                    self.take_mark(mark, i + 1);
                    let end = self.message_end(i + 1);
                    self.take_message(end, reasoning);
                    first = true;
                }
                // A close mark that is written twice, or that belongs to nothing.
                What::Close { .. }
                    if !self.blocks.is_mention(sign) && (first || sign.style.is_special()) =>
                {
                    self.take_answer(mark.start);
                    self.take_mark(mark, i + 1);
                }
                What::Final { opens } => {
                    let tag = sign.style == Style::Tag;
                    let around = match opens {
                        true => first && !self.parts.reasoning.is_empty(),
                        false => wrapped.as_deref() == Some(&sign.key),
                    };
                    if around && tag {
                        wrapped = opens.then(|| sign.key.clone());
                    }
                    if around || sign.style.is_special() {
                        self.take_answer(mark.start);
                        self.take_mark(mark, i + 1);
                    } else {
                        first = false;
                        self.next += 1;
                    }
                }
                What::End { reasoning } => {
                    self.take_answer(mark.start);
                    if reasoning {
                        self.parts.marks.push(mark.clone());
                    }
                    (self.at, self.next) = (mark.end, i + 1);
                }
                What::Turn => {
                    self.take_answer(mark.start);
                    (self.at, self.next) = (mark.end, i + 1);
                    first = true;
                }
                _ => {
                    first &= sign.style.is_special();
                    self.next += 1;
                }
            }
        }
        self.take_answer(self.blocks.text.len());
    }

    /// The sign that ends a message which begins before sign `from`.
    fn message_end(&self, from: usize) -> Option<usize> {
        let ends = |s: &Sign| matches!(s.what, What::End { .. } | What::Header { .. } | What::Turn);
        let found = self.blocks.signs[from..].iter().position(ends)?;
        Some(from + found)
    }

    /// A message up to the sign that ends it.
    fn take_message(&mut self, end: Option<usize>, reasoning: bool) {
        let to = end.map_or(self.blocks.text.len(), |i| self.sign(i).at.start);
        if reasoning {
            push(&mut self.parts.reasoning, self.blocks.text, self.at..to);
            self.parts.open = end.is_none();
            (self.at, self.next) = (to, end.unwrap_or(self.blocks.signs.len()));
            self.close_message(end);
        } else {
            // Its end is found on the way: there may be signs in it.
            self.parts.open = false;
        }
    }

    /// Passes over the end of a message of reasoning, unless it is where another begins.
    fn close_message(&mut self, end: Option<usize>) {
        if let Some(i) = end
            && matches!(self.sign(i).what, What::End { .. })
        {
            let mark = self.sign(i).at.clone();
            self.take_mark(mark, i + 1);
        }
    }

    /// Reasoning up to the sign that closes it.
    fn take_reasoning(&mut self, close: Option<usize>) {
        let to = close.map_or(self.blocks.text.len(), |i| self.sign(i).at.start);
        push(&mut self.parts.reasoning, self.blocks.text, self.at..to);
        self.parts.open = close.is_none();
        match close {
            Some(i) => {
                let mark = self.sign(i).at.clone();
                self.take_mark(mark, i + 1);
            }
            None => (self.at, self.next) = (to, self.blocks.signs.len()),
        }
    }

    fn take_answer(&mut self, to: usize) {
        if self.at < to {
            push(&mut self.parts.answer, self.blocks.text, self.at..to);
            self.at = to;
        }
    }

    fn take_mark(&mut self, mark: Range<usize>, next: usize) {
        (self.at, self.next) = (mark.end, next);
        self.parts.marks.push(mark);
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
