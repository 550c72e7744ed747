//! Whether a trace's model and tokenizer are those that are loaded, and what is said where they are not.
//!
//! A trace of a file may be of any model. Its token ids mean nothing to another tokenizer's index, and its completion is continued by the
//! model that wrote it alone.

use super::state::App;
use crate::run::live::Ready;
use crate::tui::action::Action;
use crate::tui::session::Session;
use rotescope_trace::{ModelRef, Trace};

impl App {
    /// What is loaded, where it is not what `fits` a session's trace; of a run of the loaded model nothing.
    fn misfit<'a>(
        &'a self,
        session: &'a Session,
        fits: impl Fn(&Ready, &Trace) -> bool,
    ) -> Option<(&'a Ready, &'a ModelRef)> {
        let (ready, trace) = (self.ready.as_ref()?, session.trace.as_ref()?);
        (!fits(ready, trace)).then_some((ready, &trace.model))
    }

    /// The model that wrote a session's trace, where it is another than the one loaded.
    pub fn other_model<'a>(&'a self, session: &'a Session) -> Option<&'a ModelRef> {
        self.misfit(session, Ready::wrote).map(|(_, model)| model)
    }

    /// Whether a session's token ids are another tokenizer's than those of the index.
    pub fn other_tokens(&self, session: &Session) -> bool {
        self.misfit(session, Ready::reads).is_some()
    }

    /// Why a completion cannot be continued, and what can be done instead.
    pub(super) fn cannot_continue(&self, session: &Session) -> Option<String> {
        if self.ready.is_none() && session.trace.is_some() {
            let why =
                "the model is still being loaded; another token can be taken when it is there";
            return Some(why.into());
        }
        let (ready, model) = self.misfit(session, Ready::wrote)?;
        let key = |action| {
            self.keymap
                .keys(action)
                .into_iter()
                .next()
                .unwrap_or_default()
        };
        // What can be done stands early: the line may be cut.
        Some(format!(
            "{} cannot continue {}'s completion; {} runs the prompt anew with {}",
            key(Action::Candidate),
            model.file,
            key(Action::RunPrompt),
            ready.model.file
        ))
    }

    /// What is to be known of the documents on screen: that they were found by text, or that the scores come from another corpus.
    pub fn about_documents(&self) -> Option<String> {
        let session = self.session()?;
        let (index, trace) = (
            self.ready.as_ref()?.index.as_ref()?,
            session.trace.as_ref()?,
        );
        if let Some((_, model)) = self.misfit(session, Ready::reads) {
            return Some(format!("by text: {} has another tokenizer", model.file));
        }
        let counted = trace.index.as_ref()?;
        (counted.fingerprint != index.fingerprint)
            .then(|| format!("of {}; the counts are of {}", index.id, counted.id))
    }
}
