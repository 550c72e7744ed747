//! From a prompt of a file to the text that the model gets.

use std::ops::Range;
use std::sync::Arc;

use rotescope_model::chat::{Chat, Rendered, TemplateTokens, Variables, render_for};
use rotescope_model::{Date, Engine, ModelError};
use rotescope_trace::{Prompt, RenderedPrompt};

/// How prompts become text.
#[derive(Debug, Clone)]
pub struct Rendering {
    /// Give prompts as they stand, without the model's chat template.
    pub raw: bool,
    /// The day that chat templates take for today, the same for all prompts of a run.
    pub today: Date,
    /// What the chat template is given beside the messages.
    pub variables: Arc<Variables>,
    /// The system's message.
    pub system: Option<Arc<str>>,
}

impl Default for Rendering {
    fn default() -> Self {
        Rendering {
            raw: false,
            today: Date::today(),
            variables: Arc::default(),
            system: None,
        }
    }
}

impl Rendering {
    /// Applies the model's own chat template. Where the model has none, or `raw` is set, the text is the body as it stands.
    ///
    /// # Errors
    /// When the template fails, or the text is far too long.
    pub fn render(&self, prompt: &Prompt, engine: &Engine) -> Result<RenderedPrompt, ModelError> {
        let body = prompt.body();
        engine.expect_room(&body)?;
        // It stands last in the body.
        let question = body.len() - prompt.question.len()..body.len();
        let info = engine.info();
        let templated = !self.raw && !prompt.raw && info.chat_template.is_some();
        if !templated && self.system.is_some() {
            let why = "a prompt that is given as it stands has no place for a system's message";
            return Err(ModelError::BadRequest(why.into()));
        }
        let (text, place, date) = if !templated {
            (body, Some(question), None)
        } else {
            let rendered = self.chat(&body, question, engine)?;
            let date = rendered.dated.then(|| self.today.to_string());
            (rendered.text, rendered.question, date)
        };
        Ok(RenderedPrompt {
            question_span: place.as_ref().map_or([0, text.len()], |q| [q.start, q.end]),
            question_unplaced: place.is_none(),
            tokens: engine.prompt_ids(&text),
            date,
            text,
            ..prompt.clone().into()
        })
    }

    /// Applies the model's chat template to a message, in which the question lies.
    fn chat(
        &self,
        body: &str,
        question: Range<usize>,
        engine: &Engine,
    ) -> Result<Rendered, ModelError> {
        let info = engine.info();
        let special = |id: Option<u32>| {
            id.map(|i| String::from_utf8_lossy(&engine.token_bytes(i)).into_owned())
                .unwrap_or_default()
        };
        let (bos, eos) = (special(info.bos), special(info.eos));
        let chat = Chat {
            system: self.system.as_deref(),
            user: body,
            question,
            today: self.today,
            variables: &self.variables,
        };
        let tokens = TemplateTokens {
            bos: &bos,
            eos: &eos,
        };
        render_for(info, tokens, &chat)
    }

    /// Whether there is a system's message and the model's template takes none, so that it stands in the user's.
    pub fn merges_system(&self, engine: &Engine) -> bool {
        let body = "1 + 1?";
        let rendered = |_: &Arc<str>| self.chat(body, 0..body.len(), engine).ok();
        let rendered = self.system.as_ref().and_then(rendered);
        rendered.is_some_and(|r| r.system_merged)
    }
}
