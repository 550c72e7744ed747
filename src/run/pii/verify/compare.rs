//! Questions and texts to records: each is answered before and after.

use std::collections::HashSet;
use std::sync::Arc;

use super::kept::Kept;
use crate::run::audit::error::AuditError;
use crate::run::audit::file::AuditFile;
use crate::run::pii::attack::asking::{Asker, Said};
use crate::run::pii::attack::asks::{Ask, Wanted, asks};
use crate::run::pii::attack::settings::Settings;
use crate::run::pii::attack::targets::Target;
use crate::run::pii::portion::{Told, portions};
use crate::run::pii::watch::{read, rows};
use crate::run::pipeline::Scorer;
use rotescope_model::Targets;
use rotescope_privacy::attack::Held;
use rotescope_privacy::gate::normal::folded;
use rotescope_stats::Bleu;
use rotescope_trace::Prompt;
use rotescope_trace::audit::verify::{
    Leaks, PromptVerified, TextVerified, ValueVerified, Verified, VerifyLine, prompt_key, text_key,
};
use rotescope_vocab::Encode;

/// Questions or texts that are worked on together.
const PORTION: usize = 16;

/// The same questions, before and after.
pub struct Comparison<'a> {
    pub before: Asker<'a>,
    pub after: Asker<'a>,
    pub encoder: &'a dyn Encode,
    pub settings: &'a Settings,
    pub targets: &'a [Target],
    /// Answer prompts before and after.
    pub scorers: [Scorer; 2],
    /// Values that are to be protected, by letters and digits; `None`: all are.
    pub protected: Option<&'a HashSet<String>>,
}

impl Comparison<'_> {
    /// Asks all questions that the file does not hold yet.
    ///
    /// # Errors
    /// Failures of a model, a file that cannot be written; to be cancelled.
    pub fn values(
        &self,
        all: &[Wanted],
        file: &mut Option<AuditFile<VerifyLine>>,
        told: Told<'_, Verified>,
    ) -> Result<(), AuditError> {
        let key = |wanted: &Wanted| wanted.key(self.targets);
        let cancel = self.before.reader.cancel;
        portions((all, PORTION), &key, file, cancel, told, &|few| {
            let asks = asks(few, self.targets, self.settings, self.encoder)?;
            let (before, after) = (self.before.said(&asks)?, self.after.said(&asks)?);
            let both = asks.iter().zip(before.iter().zip(&after));
            Ok(both.map(|(a, (b, c))| self.value(a, [b, c])).collect())
        })
    }

    /// Continues all texts that the file does not hold yet.
    ///
    /// # Errors
    /// As [`Comparison::values`].
    pub fn texts(
        &self,
        all: &[Kept],
        file: &mut Option<AuditFile<VerifyLine>>,
        told: Told<'_, Verified>,
    ) -> Result<(), AuditError> {
        let key = |kept: &Kept| text_key(&kept.document);
        let cancel = self.before.reader.cancel;
        let work = |few: &[Kept]| self.kept(few);
        portions((all, PORTION), &key, file, cancel, told, &work)
    }

    /// Answers all prompts that the file does not hold yet.
    ///
    /// # Errors
    /// As [`Comparison::values`].
    pub fn prompts(
        &self,
        all: &[Prompt],
        file: &mut Option<AuditFile<VerifyLine>>,
        told: Told<'_, Verified>,
    ) -> Result<(), AuditError> {
        let key = |prompt: &Prompt| prompt_key(&prompt.id);
        let cancel = self.before.reader.cancel;
        portions((all, 1), &key, file, cancel, told, &|few| {
            let record = |prompt: &Prompt| {
                let mut right = [None; 2];
                for (scorer, right) in self.scorers.iter().zip(&mut right) {
                    *right = scorer.score(prompt, cancel, &mut |_| ())?.answer.right;
                }
                Ok(Verified {
                    document: prompt.id.clone(),
                    prompt: Some(PromptVerified { right }),
                    ..Verified::default()
                })
            };
            few.iter().map(record).collect()
        })
    }

    fn value(&self, ask: &Ask<'_>, said: [&Said; 2]) -> Verified {
        let Target {
            document,
            span,
            value,
            copies,
            ..
        } = ask.target;
        let kind = ask.target.kind();
        let drawn = |said: &Said| {
            let mut sum = Leaks::default();
            said.drawn
                .iter()
                .for_each(|a| sum.add(leaks(value, &a.text)));
            sum
        };
        Verified {
            document: document.clone(),
            span: *span,
            value: Some(ValueVerified {
                kind: kind.name().into(),
                value: match self.settings.reveal {
                    true => value.clone(),
                    false => kind.placeholder().into(),
                },
                copies: *copies,
                question: ask.question.clone(),
                protected: self.protected.is_none_or(|p| p.contains(&folded(value))),
                greedy: said.map(|s| leaks(value, &s.greedy.text)),
                drawn: said.map(drawn),
                shown: self
                    .settings
                    .reveal
                    .then(|| said.map(|s| s.greedy.text.clone())),
            }),
            ..Verified::default()
        }
    }

    fn kept(&self, texts: &[Kept]) -> Result<Vec<Verified>, AuditError> {
        let given: Vec<&[u32]> = texts.iter().map(|k| k.given.as_slice()).collect();
        let kl = self.divergences(texts)?;
        let sides = [&self.before, &self.after];
        let mut said = Vec::new();
        let mut nll = Vec::new();
        for side in sides {
            said.push(side.continuations(&given, super::kept::BEHIND)?);
            nll.push(nlls(side, texts)?);
        }
        let record = |(i, kept): (usize, &Kept)| {
            let [before, after] = [0, 1].map(|side| said[side][i].as_slice());
            let bleu = Bleu::new(before, after);
            Verified {
                document: kept.document.clone(),
                text: Some(TextVerified {
                    tokens: before.len().max(after.len()),
                    equal: before.iter().zip(after).filter(|(a, b)| a == b).count(),
                    possible: bleu.possible,
                    matched: bleu.matched,
                    lengths: bleu.lengths,
                    scored: kept.behind.len(),
                    nll: [0, 1].map(|side| rounded(nll[side][i])),
                    kl: Some(rounded(kl[i])),
                    refused: refused(&self.after, kept),
                }),
                ..Verified::default()
            }
        };
        Ok(texts.iter().enumerate().map(record).collect())
    }

    /// How far the distributions after are from those before, behind the beginning of each text.
    fn divergences(&self, texts: &[Kept]) -> Result<Vec<f64>, AuditError> {
        let reader = &self.before.reader;
        if std::ptr::eq(reader.engine, self.after.reader.engine) {
            return Ok(vec![0.0; texts.len()]);
        }
        let lead = reader.lead();
        self.before.side_by_side(texts, &|kept| {
            let prompt: Vec<u32> = lead.iter().chain(&kept.given).copied().collect();
            let text = (&*prompt, &*kept.behind);
            let own = Arc::new(rows(reader.engine, text, reader.cancel)?);
            Ok(read(self.after.reader.engine, text, None, own, reader.cancel)?.kl)
        })
    }
}

/// To ten thousandths of a nat.
pub fn rounded(nats: f64) -> f64 {
    (nats * 1e4).round() / 1e4
}

/// Whether an answer holds a value, exactly or nearly.
pub fn leaks(value: &str, answer: &str) -> Leaks {
    let held = Held::new(value, answer);
    Leaks {
        asked: 1,
        exact: usize::from(held.exact),
        normalized: usize::from(held.normalized),
        nearly: usize::from(held.nearly),
    }
}

/// Negative log-probability of what really stands behind the beginning of each text, summed, in nats.
fn nlls(asker: &Asker<'_>, texts: &[Kept]) -> Result<Vec<f64>, AuditError> {
    let windows = texts
        .iter()
        .map(|k| asker.reader.window(&[&k.given], &k.behind, Targets::Next));
    let scored = asker.reader.score(windows.collect())?;
    let sum = |w: &rotescope_model::WindowScore| {
        -w.positions
            .iter()
            .flat_map(|p| &p.log_probabilities)
            .sum::<f64>()
    };
    Ok(scored.windows.iter().map(sum).collect())
}

/// Tokens that really stand there and that the protection forbids.
fn refused(asker: &Asker<'_>, kept: &Kept) -> usize {
    let Some(filter) = &asker.filter else {
        return 0;
    };
    let mut follow = filter.0.clone().follow(&kept.given);
    let mut count = 0;
    for token in &kept.behind {
        count += usize::from(follow.refuses(*token));
        follow.take(*token);
    }
    count
}
