//! Values of a corpus: one reading finds and counts them, a second one writes them with what stands around them.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::documents::{Text, Texts};
use crate::run::audit::error::AuditError;
use rotescope_audit::{NearOptions, near_duplicates};
use rotescope_corpus::Corpus;
use rotescope_privacy::{Detectors, Found, Hidden, Kind, Listed, shown_before};
use rotescope_trace::audit::extract::ExtractNear;
use rotescope_trace::audit::pii::{ScanFinding, ScanLine, finding_key};
use rotescope_vocab::Encode;

/// Tokens of a context, and its bytes at most.
pub const CONTEXT: usize = 200;
const CONTEXT_BYTES: usize = 4096;

/// How often each value was found.
#[derive(Debug, Default)]
pub struct Counts {
    values: HashMap<(Kind, String), u64>,
    /// Findings and documents that have some, by kind.
    kinds: BTreeMap<Kind, (u64, u64)>,
    pub documents: u64,
    pub bytes: u64,
}

/// What many findings say of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfKind {
    pub kind: Kind,
    pub findings: u64,
    pub values: u64,
    pub documents: u64,
    /// Findings of the value that has the most.
    pub most: u64,
}

impl Counts {
    /// Finds and counts the values of some texts.
    pub fn add(&mut self, detectors: &Detectors, texts: &[Text]) {
        let found: Vec<Vec<Found>> = texts.par_iter().map(|t| detectors.find(&t.text)).collect();
        for (text, found) in texts.iter().zip(found) {
            self.documents += 1;
            self.bytes += text.text.len() as u64;
            let mut kinds: Vec<Kind> = Vec::new();
            for Found { kind, span } in found {
                let value = text.text[span].to_string();
                *self.values.entry((kind, value)).or_default() += 1;
                self.kinds.entry(kind).or_default().0 += 1;
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                    self.kinds.entry(kind).or_default().1 += 1;
                }
            }
        }
    }

    pub fn findings(&self) -> u64 {
        self.kinds.values().map(|(n, _)| n).sum()
    }

    /// What was found of each kind.
    pub fn of_kinds(&self) -> Vec<OfKind> {
        let of_kind = |(kind, (findings, documents)): (&Kind, &(u64, u64))| {
            let own = self.values.iter().filter(|((k, _), _)| k == kind);
            let (values, most) = own.fold((0, 0), |(n, most), (_, c)| (n + 1, most.max(*c)));
            OfKind {
                kind: *kind,
                findings: *findings,
                values,
                documents: *documents,
                most,
            }
        };
        self.kinds.iter().map(of_kind).collect()
    }

    /// All values, with their findings.
    pub fn values(&self) -> impl Iterator<Item = (Kind, &str, u64)> {
        let all = self.values.iter();
        all.map(|((kind, value), n)| (*kind, value.as_str(), *n))
    }

    /// All values as a list that hides them, wherever they stand.
    pub fn listed(&self) -> Hidden {
        let values = self.values.keys();
        Hidden::new(values.map(|(kind, text)| Listed {
            kind: *kind,
            text: text.clone(),
        }))
    }
}

/// What writes findings.
pub struct Writer<'a> {
    pub detectors: &'a Detectors,
    pub counts: &'a Counts,
    /// `None` where values are to be shown.
    pub hidden: Option<&'a Hidden>,
    pub encoder: Option<&'a dyn Encode>,
    /// The index that the texts are of, and how near-duplicates are looked for in it.
    pub near: Option<(&'a dyn Corpus, NearOptions)>,
}

impl Writer<'_> {
    /// The lines of some texts, but for those that are there.
    ///
    /// # Errors
    /// An index or a tokenizer that cannot be read.
    pub fn lines(
        &self,
        texts: &[Text],
        holds: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Vec<ScanLine>, AuditError> {
        let of_text = |text: &Text| -> Result<Vec<ScanLine>, AuditError> {
            let found = self.detectors.find(&text.text);
            let missing = found
                .iter()
                .enumerate()
                .filter(|(_, f)| !holds(&finding_key(&text.name, [f.span.start, f.span.end])));
            missing.map(|(i, _)| self.line(text, &found, i)).collect()
        };
        let all: Result<Vec<_>, _> = texts.par_iter().map(of_text).collect();
        Ok(all?.into_iter().flatten().collect())
    }

    fn line(&self, text: &Text, found: &[Found], which: usize) -> Result<ScanLine, AuditError> {
        let Found { kind, span } = &found[which];
        let value = &text.text[span.clone()];
        let (start, tokens) = self.context(&text.text[..span.start])?;
        let start = start.max(shown_before(found, start));
        let context = match self.hidden {
            Some(hidden) => hidden.masked(
                &text.text[start..span.start],
                &inside(found, start, span.start),
            ),
            None => text.text[start..span.start].to_string(),
        };
        let near = match (self.near, self.encoder) {
            (Some((corpus, how)), Some(encoder)) => {
                let own = encoder.encode_batch(&[value])?.pop().unwrap_or_default();
                let near = near_duplicates(corpus, &[tokens, own].concat(), how)?;
                Some(ExtractNear {
                    places: near.places,
                    at_least: near.at_least,
                })
            }
            _ => None,
        };
        let count = self.counts.values.get(&(*kind, value.to_string()));
        Ok(ScanLine {
            finding: Some(ScanFinding {
                document: text.name.clone(),
                span: [span.start, span.end],
                kind: kind.name().into(),
                value: match self.hidden {
                    Some(_) => kind.placeholder().into(),
                    None => value.into(),
                },
                context,
                count: count.copied().unwrap_or(0),
                near,
            }),
            ..ScanLine::new()
        })
    }

    /// Where the last tokens of a text begin, and the tokens; words stand for tokens where there is no tokenizer.
    fn context(&self, before: &str) -> Result<(usize, Vec<u32>), AuditError> {
        let mut from = before.len().saturating_sub(CONTEXT_BYTES);
        while !before.is_char_boundary(from) {
            from += 1;
        }
        let Some(encoder) = self.encoder else {
            let words = before[from..].split_whitespace().rev().take(CONTEXT).last();
            let start = words.map_or(before.len(), |w| {
                w.as_ptr() as usize - before.as_ptr() as usize
            });
            return Ok((start, Vec::new()));
        };
        let mut tokens = encoder
            .encode_batch(&[&before[from..]])?
            .pop()
            .unwrap_or_default();
        let tokens = tokens.split_off(tokens.len().saturating_sub(CONTEXT));
        let bytes: usize = tokens.iter().map(|t| encoder.token_bytes(*t).len()).sum();
        let mut start = before.len().saturating_sub(bytes).max(from);
        while !before.is_char_boundary(start) {
            start += 1;
        }
        Ok((start, tokens))
    }
}

/// The findings within some bytes, counted from their begin.
fn inside(found: &[Found], start: usize, end: usize) -> Vec<Found> {
    let within = found
        .iter()
        .filter(|f| f.span.start >= start && f.span.end <= end);
    let moved = |f: &Found| Found {
        kind: f.kind,
        span: f.span.start - start..f.span.end - start,
    };
    within.map(moved).collect()
}

/// All texts, by portions, counted.
///
/// # Errors
/// What cannot be read; what `told` says.
pub fn count(
    texts: &Texts<'_>,
    detectors: &Detectors,
    told: &mut dyn FnMut(usize, &Counts) -> Result<(), AuditError>,
) -> Result<Counts, AuditError> {
    let mut counts = Counts::default();
    texts.each(&mut |portion| {
        counts.add(detectors, &portion);
        told(portion.len(), &counts)
    })?;
    Ok(counts)
}
