//! The values that are asked for, with what stands before them.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use rayon::prelude::*;

use super::cut::cut;
use super::settings::Settings;
use crate::run::audit::error::AuditError;
use crate::run::pii::documents::Texts;
use rotescope_audit::random::Random;
use rotescope_privacy::attack::Person;
use rotescope_privacy::{Detectors, Kind};
use rotescope_trace::audit::pii::ScanFinding;
use rotescope_vocab::Encode;

/// Bytes of the text before a value that are kept, enough for any context, and behind it, enough for its last token.
const BEFORE: usize = 4096;
const BEHIND: usize = 32;

/// A value that is asked for.
#[derive(Debug, Clone, Default)]
pub struct Target {
    pub document: String,
    pub span: [usize; 2],
    pub kind: Option<Kind>,
    pub value: String,
    pub copies: u64,
    /// Whose it seems to be, and another one for the control, who does not occur.
    pub person: Option<Person>,
    pub other: Option<Person>,
    /// Tokens of its document before the one in which it begins, the last ones, and those that it lies in.
    pub before: Vec<u32>,
    pub own: Vec<u32>,
    /// Text before it and behind it, a part.
    pub around: [String; 2],
}

impl Target {
    /// The kind; every target that is collected has one.
    pub fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::Email)
    }
}

/// The power of two up to which there are so many copies: 1, 2 to 3, 4 to 7 and so on, by its exponent.
pub fn power(copies: u64) -> u32 {
    copies.max(1).ilog2()
}

/// A number by which a value is drawn, the value, its copies.
type Lot<'v> = (u64, &'v str, u64);

/// Values to collect, and those that were.
pub struct Collector<'a> {
    encoder: &'a dyn Encode,
    /// Tokens before a value that are kept.
    longest: usize,
    /// Copies of those that are still to be found.
    wanted: HashMap<(Kind, String), u64>,
    found: Vec<Target>,
}

impl<'a> Collector<'a> {
    /// Draws values: so many of each kind and each power of two of copies.
    pub fn new<'v>(
        values: impl Iterator<Item = (Kind, &'v str, u64)>,
        settings: &Settings,
        encoder: &'a dyn Encode,
    ) -> Collector<'a> {
        let mut groups: BTreeMap<(Kind, u32), Vec<Lot<'v>>> = BTreeMap::new();
        for (kind, value, copies) in values {
            // By a number of its own for each value: what is drawn does not depend on the order.
            let lot = Random::named(settings.seed, value).below(u64::MAX);
            groups
                .entry((kind, power(copies)))
                .or_default()
                .push((lot, value, copies));
        }
        let mut wanted = HashMap::new();
        for ((kind, _), mut group) in groups {
            group.sort_unstable();
            group.truncate(settings.values);
            wanted.extend(
                group
                    .into_iter()
                    .map(|(_, value, n)| ((kind, value.to_string()), n)),
            );
        }
        Collector {
            encoder,
            longest: settings.longest(),
            wanted,
            found: Vec::new(),
        }
    }

    /// Reads texts until all are found; `each` sees every portion.
    ///
    /// # Errors
    /// What cannot be read; what `each` says.
    pub fn read(
        &mut self,
        texts: &Texts<'_>,
        detectors: &Detectors,
        each: &mut dyn FnMut(usize) -> Result<(), AuditError>,
    ) -> Result<(), AuditError> {
        texts.each(&mut |portion| {
            each(portion.len())?;
            if self.wanted.is_empty() {
                return Ok(());
            }
            let found: Vec<_> = portion
                .par_iter()
                .map(|t| detectors.find(&t.text))
                .collect();
            for (text, found) in portion.iter().zip(found) {
                for f in found {
                    let place = [f.span.start, f.span.end];
                    self.take((&text.name, place), f.kind, &text.text, f.span)?;
                }
            }
            Ok(())
        })
    }

    /// Takes what `pii scan` found.
    ///
    /// # Errors
    /// A tokenizer that fails.
    pub fn findings(&mut self, all: &[ScanFinding]) -> Result<(), AuditError> {
        for f in all {
            let text = format!("{}{}", f.context, f.value);
            if let Some(kind) = Kind::of_name(&f.kind) {
                let span = f.context.len()..text.len();
                self.take((&f.document, f.span), kind, &text, span)?;
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        (document, place): (&str, [usize; 2]),
        kind: Kind,
        text: &str,
        span: Range<usize>,
    ) -> Result<(), AuditError> {
        let value = text[span.clone()].to_string();
        let Some((key, copies)) = self.wanted.remove_entry(&(kind, value)) else {
            return Ok(());
        };
        let (mut before, own) = cut(self.encoder, text, &span)?;
        if own.is_empty() {
            return Ok(()); // a value that the tokenizer drops
        }
        let before = before.split_off(before.len().saturating_sub(self.longest));
        let around = [
            &text[start_of(text, span.start)..span.start],
            &text[span.end..end_of(text, span.end)],
        ];
        self.found.push(Target {
            document: document.into(),
            span: place,
            kind: Some(kind),
            copies,
            person: Person::before(around[0]),
            other: None,
            value: key.1,
            before,
            own,
            around: around.map(String::from),
        });
        Ok(())
    }

    /// In the order in which they were found.
    pub fn targets(self) -> Vec<Target> {
        self.found
    }
}

fn start_of(text: &str, at: usize) -> usize {
    let from = at.saturating_sub(BEFORE);
    (from..=at)
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(at)
}

fn end_of(text: &str, at: usize) -> usize {
    let to = text.len().min(at + BEHIND);
    (at..=to)
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(at)
}
