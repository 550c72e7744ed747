//! From a prompt of a file to the text that the model gets.

use std::time::SystemTime;

use crate::run::prompts::PromptSpec;
use rotescope_model::chat::{Chat, TemplateTokens, render_for};
use rotescope_model::{Engine, ModelError};
use rotescope_trace::Span;

/// The text of a prompt, and where the question lies in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    pub text: String,
    pub question: Span,
}

/// Applies the model's own chat template. Where the model has none, or `raw` is set, the text is the body as it stands.
///
/// # Errors
/// When the template fails.
pub fn render(prompt: &PromptSpec, engine: &Engine, raw: bool) -> Result<Rendered, ModelError> {
    let body = prompt.body();
    let info = engine.info();
    let text = if raw || prompt.raw || info.chat_template.is_none() {
        body
    } else {
        let special = |id: Option<u32>| {
            id.map(|i| String::from_utf8_lossy(&engine.token_bytes(i)).into_owned())
                .unwrap_or_default()
        };
        let (bos, eos) = (special(info.bos), special(info.eos));
        let chat = Chat {
            system: None,
            user: &body,
            now: SystemTime::now(),
        };
        render_for(
            info,
            TemplateTokens {
                bos: &bos,
                eos: &eos,
            },
            &chat,
        )?
        .text
    };
    // The question stands last in the body; a template that trims what it is given leaves the trimmed form.
    let find = |q: &str| text.rfind(q).map(|at| [at, at + q.len()]);
    let question = find(&prompt.question)
        .or_else(|| find(prompt.question.trim()))
        .unwrap_or([0, text.len()]);
    Ok(Rendered { text, question })
}
