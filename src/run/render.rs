//! From a prompt of a file to the text that the model gets.

use rotescope_model::chat::{Chat, TemplateTokens, render_for};
use rotescope_model::{Date, Engine, ModelError};
use rotescope_trace::{Prompt, RenderedPrompt};

/// Applies the model's own chat template. Where the model has none, or `raw` is set, the text is the body as it stands.
///
/// # Errors
/// When the template fails.
pub fn render(
    prompt: &Prompt,
    engine: &Engine,
    raw: bool,
    today: Date,
) -> Result<RenderedPrompt, ModelError> {
    let body = prompt.body();
    let info = engine.info();
    let (text, dated) = if raw || prompt.raw || info.chat_template.is_none() {
        (body, false)
    } else {
        let special = |id: Option<u32>| {
            id.map(|i| String::from_utf8_lossy(&engine.token_bytes(i)).into_owned())
                .unwrap_or_default()
        };
        let (bos, eos) = (special(info.bos), special(info.eos));
        let chat = Chat {
            system: None,
            user: &body,
            today,
        };
        let tokens = TemplateTokens {
            bos: &bos,
            eos: &eos,
        };
        let rendered = render_for(info, tokens, &chat)?;
        (rendered.text, rendered.dated)
    };
    // The question stands last in the body; a template that trims what it is given leaves the trimmed form.
    let find = |q: &str| text.rfind(q).map(|at| [at, at + q.len()]);
    Ok(RenderedPrompt {
        question_span: find(&prompt.question)
            .or_else(|| find(prompt.question.trim()))
            .unwrap_or([0, text.len()]),
        tokens: engine.prompt_ids(&text),
        date: dated.then(|| today.to_string()),
        text,
        ..prompt.clone().into()
    })
}
