//! Where a message lies in what a template made of it.
//!
//! Most templates write it as it is, or trimmed. Others change it: a dot is taken off, letters become capitals. What they made of it is found by
//! rendering other texts in its place: what stays the same around is the template's, what is between is the message.

use std::ops::Range;

/// Where a message lies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where its question does; `None` if that is not known.
    pub question: Option<Range<usize>>,
    /// It does not stand there as it was given, trimmed.
    pub changed: bool,
}

/// What stands in for a message. Their first and last letters differ, so that none of them is taken for the template's.
const OTHERS: [&str; 3] = ["Qx 7 zK", "mB 3 wR", "9 Jd v4"];

impl Place {
    /// Finds `message` in `text`, and the question, a range of it. `other` renders another message. `None` if the message is left out.
    pub fn find(
        text: &str,
        message: &str,
        question: Range<usize>,
        other: impl Fn(&str) -> Option<String>,
    ) -> Option<Place> {
        let trimmed = message.trim();
        let stands = match text.matches(trimmed).take(2).count() {
            // The template itself may say the same.
            2 => {
                let own = between(text, OTHERS.iter().filter_map(|o| other(o)));
                let at = own.and_then(|own| Some(own.start + text[own].rfind(trimmed)?));
                at.or_else(|| text.rfind(trimmed))
            }
            _ => text.find(trimmed),
        };
        if let Some(at) = stands {
            let cut = message.len() - message.trim_start().len();
            let end = cut + trimmed.len();
            let inside = |i: usize| at + i.clamp(cut, end) - cut;
            let question = inside(question.start)..inside(question.end);
            return Some(Place {
                question: Some(question).filter(|q| !q.is_empty()),
                changed: false,
            });
        }
        let whole = between(text, OTHERS.iter().filter_map(|o| other(o)))?;
        if !carries(&text[whole], message) {
            return None;
        }
        let (before, asked) = (&message[..question.start], &message[question.clone()]);
        let behind = &message[question.end..];
        let changed = |o: &&str| other(&format!("{before}{o}{behind}"));
        let place = between(text, OTHERS.iter().filter_map(changed));
        let place = place.filter(|place| carries(&text[place.clone()], asked));
        Some(Place {
            question: place,
            changed: true,
        })
    }
}

/// What is a text's own beside several others: without what begins and ends alike in all of them.
fn between(text: &str, others: impl Iterator<Item = String>) -> Option<Range<usize>> {
    let (mut start, mut end) = (text.len(), text.len());
    let mut any = false;
    for other in others {
        any = true;
        let same = |(a, b): &(char, char)| a == b;
        let pairs = text.chars().zip(other.chars());
        let before: usize = pairs.take_while(same).map(|(c, _)| c.len_utf8()).sum();
        let pairs = text.chars().rev().zip(other.chars().rev());
        let behind: usize = pairs.take_while(same).map(|(c, _)| c.len_utf8()).sum();
        (start, end) = (start.min(before), end.min(behind));
    }
    let end = text.len().saturating_sub(end);
    (any && start < end).then_some(start..end)
}

/// Whether a text is likely made of a message: it has at least half of its letters and digits, in whatever case.
fn carries(text: &str, message: &str) -> bool {
    let letters = |text: &str| {
        let small = text.chars().flat_map(char::to_lowercase);
        let mut all: Vec<char> = small.filter(|c| c.is_alphanumeric()).collect();
        all.sort_unstable();
        all
    };
    let (text, message) = (letters(text), letters(message));
    let (mut shared, mut at) = (0, 0);
    for c in &message {
        at += text[at..].iter().take_while(|t| *t < c).count();
        if text.get(at) == Some(c) {
            shared += 1;
            at += 1;
        }
    }
    2 * shared >= message.len()
}
