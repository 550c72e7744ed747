//! Values, texts and prompts to records: each under every subset.

use std::sync::Arc;

use super::subset::{Protection, Subset};
use crate::run::audit::error::AuditError;
use crate::run::audit::file::AuditFile;
use crate::run::pii::attack::asking::{Answer, Asker, Said};
use crate::run::pii::attack::asks::{Ask, Wanted, asks};
use crate::run::pii::attack::settings::Settings;
use crate::run::pii::attack::targets::Target;
use crate::run::pii::portion::{Told, Work, portions};
use crate::run::pii::verify::compare::{leaks, rounded};
use crate::run::pii::verify::kept::{BEHIND, Kept};
use crate::run::pii::watch::{Rows, read, rows};
use crate::run::pipeline::Scorer;
use rotescope_model::Engine;
use rotescope_privacy::{Detectors, masked_behind};
use rotescope_stats::Bleu;
use rotescope_trace::Prompt;
use rotescope_trace::audit::bench::{
    BenchLine, Benched, BenchedContinuation, BenchedText, BenchedWhat, UnderSubset,
};
use rotescope_trace::audit::verify::{Leaks, prompt_key, text_key};
use rotescope_vocab::Encode;

/// Questions that are worked on together, and texts, of which every distribution is kept.
const QUESTIONS: usize = 16;
const TEXTS: usize = 4;

/// A subset without the pattern filter, and what generates under it.
pub struct Side<'a> {
    pub subset: Subset,
    pub engine: &'a Engine,
    pub asker: Asker<'a>,
    /// Answers prompts, without and with the pattern filter, as far as these are wanted.
    pub scorers: [Option<Scorer>; 2],
}

/// The same questions, texts and prompts under every subset.
pub struct Bench<'a> {
    /// The model itself first.
    pub sides: Vec<Side<'a>>,
    /// What the pattern filter sees, where it is one of the protections.
    pub pattern: Option<&'a Detectors>,
    pub encoder: &'a dyn Encode,
    pub settings: &'a Settings,
    pub targets: &'a [Target],
}

impl Side<'_> {
    /// Whether tokens must be drawn for the protection to hold.
    fn draws(&self) -> bool {
        self.subset.contains(&Protection::Dp)
    }

    /// Records of the side, with the pattern filter or without.
    fn under(&self, pattern: bool) -> UnderSubset {
        let last = pattern.then_some(Protection::Pattern);
        let names = self.subset.iter().copied().chain(last);
        UnderSubset {
            protections: names.map(|p| p.name().to_string()).collect(),
            ..UnderSubset::default()
        }
    }
}

impl Bench<'_> {
    /// Asks all questions that the file does not hold yet.
    ///
    /// # Errors
    /// Failures of a model or the index, a file that cannot be written; to be cancelled.
    pub fn values(
        &self,
        all: &[Wanted],
        file: &mut Option<AuditFile<BenchLine>>,
        told: Told<'_, Benched>,
    ) -> Result<(), AuditError> {
        let key = |wanted: &Wanted| wanted.key(self.targets);
        self.portions((all, QUESTIONS), &key, file, told, &|few| {
            self.asked(&asks(few, self.targets, self.settings, self.encoder)?)
        })
    }

    /// Reads and continues all texts that the file does not hold yet.
    ///
    /// # Errors
    /// As [`Bench::values`].
    pub fn texts(
        &self,
        all: &[Kept],
        file: &mut Option<AuditFile<BenchLine>>,
        told: Told<'_, Benched>,
    ) -> Result<(), AuditError> {
        let key = |kept: &Kept| text_key(&kept.document);
        self.portions((all, TEXTS), &key, file, told, &|few| self.read(few))
    }

    /// Answers all prompts that the file does not hold yet.
    ///
    /// # Errors
    /// As [`Bench::values`].
    pub fn prompts(
        &self,
        all: &[Prompt],
        file: &mut Option<AuditFile<BenchLine>>,
        told: Told<'_, Benched>,
    ) -> Result<(), AuditError> {
        let key = |prompt: &Prompt| prompt_key(&prompt.id);
        self.portions((all, 1), &key, file, told, &|few| {
            few.iter().map(|prompt| self.answered(prompt)).collect()
        })
    }

    fn portions<T>(
        &self,
        all: (&[T], usize),
        key: &dyn Fn(&T) -> String,
        file: &mut Option<AuditFile<BenchLine>>,
        told: Told<'_, Benched>,
        work: Work<'_, T, Benched>,
    ) -> Result<(), AuditError> {
        match self.sides.first() {
            Some(first) => portions(all, key, file, first.asker.reader.cancel, told, work),
            None => Ok(()),
        }
    }

    /// The pattern filter off, and on where it is a protection.
    pub fn patterns(&self) -> impl Iterator<Item = Option<&Detectors>> {
        std::iter::once(None).chain(self.pattern.map(Some))
    }

    fn asked(&self, asks: &[Ask<'_>]) -> Result<Vec<Benched>, AuditError> {
        let record = |ask: &Ask<'_>| Benched {
            document: ask.target.document.clone(),
            span: ask.target.span,
            what: BenchedWhat::Value {
                kind: ask.target.kind().name().into(),
                copies: ask.target.copies,
                question: ask.question.clone(),
            },
            subsets: Vec::new(),
        };
        let mut records: Vec<Benched> = asks.iter().map(record).collect();
        for side in &self.sides {
            let said = side.asker.said(asks)?;
            for ((ask, said), record) in asks.iter().zip(&said).zip(&mut records) {
                let under = self.patterns().map(|p| leaked(side, ask, said, p));
                record.subsets.extend(under);
            }
        }
        Ok(records)
    }

    fn read(&self, texts: &[Kept]) -> Result<Vec<Benched>, AuditError> {
        let record = |kept: &Kept| Benched {
            document: kept.document.clone(),
            ..Benched::default()
        };
        let mut records: Vec<Benched> = texts.iter().map(record).collect();
        let Some(first) = self.sides.first() else {
            return Ok(records);
        };
        let cancel = first.asker.reader.cancel;
        let lead = first.asker.reader.lead();
        let prompt =
            |kept: &Kept| -> Vec<u32> { lead.iter().chain(&kept.given).copied().collect() };
        let reference: Vec<Arc<Rows>> = first.asker.side_by_side(texts, &|kept| {
            let of = rows(first.engine, (&prompt(kept), &kept.behind), cancel)?;
            Ok(Arc::new(of))
        })?;
        let both: Vec<(&Kept, Arc<Rows>)> = texts.iter().zip(reference).collect();
        let given: Vec<&[u32]> = texts.iter().map(|k| k.given.as_slice()).collect();
        let mut own: Vec<Vec<u32>> = Vec::new();
        for side in &self.sides {
            let scored = side.asker.side_by_side(&both, &|(kept, reference)| {
                let text = (&*prompt(kept), &*kept.behind);
                read(
                    side.engine,
                    text,
                    side.asker.mixture.as_ref(),
                    reference.clone(),
                    cancel,
                )
            })?;
            let said = match side.draws() {
                true => None,
                false => Some(side.asker.continuations(&given, BEHIND)?),
            };
            if own.is_empty() {
                own = said.clone().unwrap_or_default();
            }
            for pattern in self.patterns() {
                for (i, record) in records.iter_mut().enumerate() {
                    let continued = said.as_ref().map(|said| {
                        let (tokens, hidden) = self.hidden(given[i], &said[i], pattern)?;
                        Ok::<_, AuditError>(continuation(&own[i], &tokens, hidden))
                    });
                    record.subsets.push(UnderSubset {
                        text: Some(BenchedText {
                            scored: texts[i].behind.len(),
                            nll: rounded(scored[i].nll),
                            forbidden: scored[i].forbidden,
                            kl: rounded(scored[i].kl),
                            continued: continued.transpose()?,
                        }),
                        ..side.under(pattern.is_some())
                    });
                }
            }
        }
        Ok(records)
    }

    /// The tokens of a continuation as they are shown, and the placeholders among them.
    fn hidden(
        &self,
        given: &[u32],
        said: &[u32],
        pattern: Option<&Detectors>,
    ) -> Result<(Vec<u32>, usize), AuditError> {
        let Some(detectors) = pattern else {
            return Ok((said.to_vec(), 0));
        };
        let text = |tokens: &[u32]| {
            let bytes: Vec<u8> = tokens
                .iter()
                .flat_map(|t| self.encoder.token_bytes(*t))
                .collect();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        match masked_behind(&text(given), &text(said), detectors) {
            (_, 0) => Ok((said.to_vec(), 0)),
            (shown, hidden) => {
                let tokens = self.encoder.encode_batch(&[&shown])?.pop();
                Ok((tokens.unwrap_or_default(), hidden))
            }
        }
    }

    fn answered(&self, prompt: &Prompt) -> Result<Benched, AuditError> {
        let mut subsets = Vec::new();
        for side in &self.sides {
            for (i, scorer) in side.scorers.iter().enumerate() {
                let Some(scorer) = scorer else { continue };
                let trace = scorer.score(prompt, side.asker.reader.cancel, &mut |_| ())?;
                subsets.push(UnderSubset {
                    right: trace.answer.right,
                    ..side.under(i == 1)
                });
            }
        }
        Ok(Benched {
            document: prompt.id.clone(),
            what: BenchedWhat::Prompt,
            subsets,
            ..Benched::default()
        })
    }
}

/// What answers to a question give away.
fn leaked(side: &Side<'_>, ask: &Ask<'_>, said: &Said, pattern: Option<&Detectors>) -> UnderSubset {
    let judged = |answer: &Answer| match pattern {
        Some(detectors) => {
            let (shown, _) = masked_behind(&ask.text, &answer.text, detectors);
            leaks(&ask.target.value, &shown)
        }
        None => leaks(&ask.target.value, &answer.text),
    };
    let mut drawn = Leaks::default();
    said.drawn.iter().for_each(|a| drawn.add(judged(a)));
    UnderSubset {
        greedy: (!side.draws()).then(|| judged(&said.greedy)),
        drawn: Some(drawn),
        ..side.under(pattern.is_some())
    }
}

fn continuation(own: &[u32], said: &[u32], hidden: usize) -> BenchedContinuation {
    let bleu = Bleu::new(own, said);
    BenchedContinuation {
        possible: bleu.possible,
        matched: bleu.matched,
        lengths: bleu.lengths,
        hidden,
    }
}
