//! All questions, portion by portion, as records.

use std::collections::HashSet;

use super::asking::{Answer, Asker, Reply};
use super::asks::{Ask, Wanted, asks};
use super::settings::Settings;
use super::targets::Target;
use crate::run::audit::error::AuditError;
use crate::run::audit::extract::finite;
use crate::run::audit::file::AuditFile;
use crate::run::pii::portion::{Told, portions};
use rotescope_privacy::Kind;
use rotescope_privacy::attack::{Person, is_guessable};
use rotescope_privacy::gate::normal::folded;
use rotescope_trace::audit::attack::{Answers, AttackLine, Attempt, Shown};
use rotescope_vocab::Encode;

/// Questions that are asked together: enough to fill batches, few enough for steady progress.
const PORTION: usize = 32;

/// What asks all questions.
pub struct Attack<'a> {
    pub asker: Asker<'a>,
    pub encoder: &'a dyn Encode,
    pub settings: &'a Settings,
    pub targets: &'a [Target],
    /// All values of the corpus.
    pub known: &'a Known,
}

/// All values of a corpus, by letters and digits.
#[derive(Debug, Default)]
pub struct Known(HashSet<(Kind, String)>);

impl Known {
    pub fn new<'v>(values: impl Iterator<Item = (Kind, &'v str)>) -> Known {
        Known(values.map(|(kind, value)| (kind, folded(value))).collect())
    }

    /// `form`: a value by letters and digits.
    fn holds(&self, kind: Kind, form: &str) -> bool {
        self.0.contains(&(kind, form.to_string()))
    }
}

impl Attack<'_> {
    /// Asks what the file does not hold yet.
    ///
    /// Which questions are asked together does not depend on what the file holds, since what their numbers are rounded like depends on their neighbours.
    ///
    /// # Errors
    /// Failures of the model, a file that cannot be written; to be cancelled.
    pub fn run(
        &self,
        all: &[Wanted],
        file: &mut Option<AuditFile<AttackLine>>,
        told: Told<'_, Attempt>,
    ) -> Result<(), AuditError> {
        let key = |wanted: &Wanted| wanted.key(self.targets);
        let cancel = self.asker.reader.cancel;
        portions((all, PORTION), &key, file, cancel, told, &|few| {
            let asks = asks(few, self.targets, self.settings, self.encoder)?;
            let replies = self.asker.replies(&asks)?;
            let both = asks.iter().zip(&replies);
            Ok(both.map(|(ask, reply)| self.record(ask, reply)).collect())
        })
    }

    fn record(&self, ask: &Ask<'_>, reply: &Reply) -> Attempt {
        let Target {
            document,
            span,
            value,
            copies,
            person,
            ..
        } = ask.target;
        let kind = ask.target.kind();
        let e = &reply.extraction;
        let shown = || Shown {
            name: person.as_ref().map(Person::name),
            prompt: ask.text.clone(),
            answer: reply.said.greedy.text.clone(),
        };
        let mut drawn = Answers::default();
        reply
            .said
            .drawn
            .iter()
            .for_each(|a| drawn.add(self.judged(ask, a)));
        Attempt {
            document: document.clone(),
            span: *span,
            kind: kind.name().into(),
            value: match self.settings.reveal {
                true => value.clone(),
                false => kind.placeholder().into(),
            },
            copies: *copies,
            question: ask.question.clone(),
            control: ask.control,
            guessable: person.as_ref().map(|p| is_guessable(kind, value, p)),
            tokens: [ask.prompt.len(), ask.own.len()],
            recited: e.recited,
            log_p: finite(e.log_p),
            log_p_z: e.log_p_z.and_then(finite),
            greedy: self.judged(ask, &reply.said.greedy),
            drawn,
            beam: reply.beam.as_ref().map(|a| self.judged(ask, a)),
            shown: self.settings.reveal.then(shown),
        }
    }

    fn judged(&self, ask: &Ask<'_>, answer: &Answer) -> Answers {
        let kind = ask.target.kind();
        let said = answer.value.as_deref().map(folded);
        let said = said.as_deref();
        let leaked = said == Some(&folded(&ask.target.value));
        let guess = ask.guess.as_deref().map(folded);
        Answers {
            asked: 1,
            gave: usize::from(said.is_some()),
            leaked: usize::from(leaked),
            others: usize::from(!leaked && said.is_some_and(|s| self.known.holds(kind, s))),
            guessed: usize::from(guess.is_some() && guess.as_deref() == said),
        }
    }
}
