//! Answers of servers: OpenAI's chat and legacy completions and what follows them (vLLM, llama.cpp), llama.cpp's own `/completion`.

use std::io::BufRead;

use rotescope_text::Locale;
use rotescope_trace::Prompt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::probabilities::{columns, listed};
use super::reader::{GenerationReader, Generations, has_keys};
use crate::fields::{Fields, Part, list, text};
use crate::generation::Generation;
use crate::messages::{Asked, asked, content_text};
use crate::objects::{self, Shape};

/// One answer a line, or one a file. What was asked is taken from a `request` or `messages` beside it, where somebody kept it: the answers
/// themselves do not say.
pub struct OpenAi;

impl GenerationReader for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn about(&self) -> &'static str {
        "answers of an OpenAI-like server, vLLM, or llama.cpp's"
    }

    fn recognizes(&self, _: Option<&str>, head: &[u8]) -> bool {
        let chat = has_keys(head, &["choices"])
            && (has_keys(head, &["message"]) || has_keys(head, &["finish_reason"]));
        let llama = has_keys(head, &["content"])
            && (has_keys(head, &["completion_probabilities"])
                || has_keys(head, &["generation_settings"])
                || has_keys(head, &["tokens_predicted"]));
        chat || llama
    }

    fn read(&self, from: Box<dyn BufRead>, ending: Option<&str>, fields: &Fields) -> Generations {
        let mut from = from;
        let shape = match from.fill_buf() {
            Ok(head) => objects::shape(ending, head, &[]),
            Err(_) => Shape::Lines,
        };
        let fields = fields.clone();
        let all = objects::read(shape, from).flat_map(move |(line, object)| {
            let made = match object.and_then(|o| generations(&o, &fields)) {
                Ok(made) => made.into_iter().map(Ok).collect(),
                Err(e) => vec![Err(e)],
            };
            made.into_iter().map(move |m| (line, m))
        });
        Box::new(all)
    }
}

fn generations(object: &Map<String, Value>, fields: &Fields) -> Result<Vec<Generation>, String> {
    // OpenAI's batches have the answer in `response.body`, others in `response`.
    let inner = object
        .get("response")
        .and_then(|r| r.get("body").or(Some(r)));
    let answer = inner.and_then(Value::as_object).unwrap_or(object);
    if let Some(error) = answer
        .get("error")
        .or_else(|| object.get("error"))
        .filter(|e| !e.is_null())
    {
        let said = error.get("message").unwrap_or(error);
        return Err(format!(
            "the server failed: {}",
            text(said).unwrap_or_else(|| said.to_string())
        ));
    }
    let (asked, rendered) = request(object, answer);
    let expected = fields
        .find(object, Part::Answer)?
        .filter(|(n, _)| *n != "completion");
    let id = ["custom_id", "id"]
        .iter()
        .find_map(|n| object.get(*n))
        .and_then(text);
    let prompt = Prompt {
        id: id
            .or_else(|| answer.get("id").and_then(text))
            .unwrap_or_default(),
        question: asked.question,
        instruction: asked.system,
        answer: expected.and_then(|(_, v)| text(v)),
        ..beside(object)
    };
    let model = answer
        .get("model")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let base = Generation {
        prompt,
        rendered,
        model: model.into(),
        ..Generation::default()
    };
    let Some(choices) = answer.get("choices").and_then(Value::as_array) else {
        return llama(answer, base).map(|g| vec![g]);
    };
    let many = choices.len() > 1;
    let made = choices.iter().enumerate().map(|(i, choice)| {
        let mut generation = Generation {
            finish: finish(choice.get("finish_reason")),
            ..base.clone()
        };
        if many {
            generation.prompt.id = format!("{}#{}", generation.prompt.id, i + 1);
        }
        let logprobs = choice.get("logprobs").filter(|l| !l.is_null());
        match choice.get("message") {
            Some(message) => {
                let content = message.get("content").and_then(content_text);
                let thought = ["reasoning_content", "reasoning"]
                    .iter()
                    .find_map(|n| message.get(*n))
                    .and_then(Value::as_str);
                let content = content
                    .or_else(|| message.get("refusal").and_then(text))
                    .unwrap_or_default();
                generation.completion = match thought.filter(|t| !t.is_empty()) {
                    Some(thought) => format!("<think>\n{thought}\n</think>\n\n{content}"),
                    None => content,
                };
                generation.tokens = logprobs
                    .and_then(|l| listed(l.get("content")?))
                    .unwrap_or_default();
            }
            None => {
                let said = choice.get("text").and_then(Value::as_str);
                generation.completion = said
                    .ok_or_else(|| format!("choice {} has neither message nor text", i + 1))?
                    .into();
                generation.tokens = logprobs
                    .and_then(|l| columns(l).or_else(|| listed(l.get("content")?)))
                    .unwrap_or_default();
            }
        }
        without_end(&mut generation);
        Ok(generation)
    });
    made.collect()
}

/// What else is known of the prompt, where rotescope wrote the file.
fn beside(object: &Map<String, Value>) -> Prompt {
    fn field<T: DeserializeOwned>(object: &Map<String, Value>, name: &str) -> Option<T> {
        serde_json::from_value(object.get(name)?.clone()).ok()
    }
    let locale: Option<Locale> = field(object, "locale");
    Prompt {
        task: field(object, "task"),
        split: field(object, "split"),
        raw: field(object, "raw").unwrap_or_default(),
        verify: field(object, "verify"),
        locale: locale.map(|l| l.name().into()),
        meta: object.get("meta").cloned().unwrap_or_default(),
        ..Prompt::default()
    }
}

/// llama.cpp's own answer.
fn llama(answer: &Map<String, Value>, mut generation: Generation) -> Result<Generation, String> {
    let content = answer.get("content").and_then(Value::as_str);
    generation.completion = content
        .ok_or_else(|| format!("neither choices nor content; it has {}", list(answer)))?
        .into();
    generation.tokens = answer
        .get("completion_probabilities")
        .and_then(listed)
        .unwrap_or_default();
    let stop = answer.get("stop_type").and_then(Value::as_str);
    let flag = |name: &str| answer.get(name).and_then(Value::as_bool) == Some(true);
    generation.finish = match stop {
        Some("eos") => "end",
        Some("word") => "stop",
        Some("limit") => "length",
        _ if flag("stopped_eos") => "end",
        _ if flag("stopped_word") => "stop",
        _ if flag("stopped_limit") => "length",
        _ => "",
    }
    .into();
    without_end(&mut generation);
    Ok(generation)
}

/// Servers list the end-of-text token, which is no part of the text.
fn without_end(generation: &mut Generation) {
    let length = |g: &Generation| g.tokens.iter().map(|t| t.raw().len()).sum::<usize>();
    if generation
        .tokens
        .last()
        .is_some_and(|t| length(generation) == generation.completion.len() + t.raw().len())
    {
        generation.tokens.pop();
    }
}

fn finish(reason: Option<&Value>) -> String {
    match reason.and_then(Value::as_str) {
        Some("stop" | "eos") => "end",
        Some("length") => "length",
        Some(other) => other,
        None => "",
    }
    .into()
}

/// What was asked, and the whole text that the model got, as far as the file says.
fn request(object: &Map<String, Value>, answer: &Map<String, Value>) -> (Asked, Option<String>) {
    let request = object.get("request").map(|r| r.get("body").unwrap_or(r));
    let beside = |name: &str| {
        let of = |o: &Map<String, Value>| o.get(name).filter(|v| !v.is_null()).cloned();
        let asked = request.and_then(Value::as_object).and_then(of);
        asked.or_else(|| of(object)).or_else(|| of(answer))
    };
    if let Some(asked) = beside("messages").as_ref().and_then(asked) {
        return (asked, None);
    }
    let text = ["prompt", "question", "problem", "input"]
        .iter()
        .find_map(|n| beside(n)?.as_str().map(str::to_string));
    let question = text.clone().unwrap_or_default();
    (
        Asked {
            question,
            ..Asked::default()
        },
        text,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_text::SplitBy;
    use rotescope_text::think::ReasoningMarks;
    use rotescope_trace::{Import, Token, Trace};

    fn traces(content: &str) -> Vec<Trace> {
        assert!(OpenAi.recognizes(None, content.as_bytes()));
        let from = std::io::Cursor::new(content.as_bytes().to_vec());
        let all = OpenAi.read(Box::new(from), None, &Fields::default());
        let all = all.map(|(_, g)| {
            g.unwrap().trace(
                SplitBy::Sentence,
                &ReasoningMarks::default(),
                Import::default(),
            )
        });
        all.inspect(|t| t.validate().unwrap()).collect()
    }

    #[test]
    fn chat_with_probabilities() {
        let all = traces(
            r#"{"request":{"messages":[{"role":"user","content":"1+1?"}]},"target":"2","response":{"id":"x","model":"gpt","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"It is 2."},"logprobs":{"content":[
{"token":"It is","bytes":[73,116,32,105,115],"logprob":-0.5,"top_logprobs":[{"token":"It is","bytes":[73,116,32,105,115],"logprob":-0.5},{"token":"So","bytes":null,"logprob":-1.5}]},
{"token":" 2.","bytes":null,"logprob":-9999.0,"top_logprobs":[{"token":" 3.","bytes":null,"logprob":-0.1}]}]}}]}}"#
                .replace('\n', "")
                .as_str(),
        );
        let [t] = &all[..] else { panic!("{all:?}") };
        assert_eq!(
            (
                t.prompt.question.as_str(),
                t.output.as_str(),
                t.answer.right
            ),
            ("1+1?", "It is 2.", Some(true))
        );
        assert_eq!((t.model.file.as_str(), t.finish.as_str()), ("gpt", "end"));
        assert_eq!(
            (t.tokens[0].p, t.tokens[0].rank),
            ((-0.5_f64).exp() as f32, 1)
        );
        assert_eq!(t.tokens[0].candidates.text, ["It is", "So"]);
        // Not in the list: no probability, no rank.
        assert_eq!(
            (t.tokens[1].p, t.tokens[1].rank, t.tokens[1].id),
            (0.0, 0, Token::NO_ID)
        );
        assert_eq!(t.tokens[1].candidates.text, [" 3."]);
    }

    #[test]
    fn reasoning_beside_the_content_is_folded() {
        let all = traces(
            r#"{"prompt":"1+1?","choices":[{"finish_reason":"stop","message":{"reasoning_content":"Maybe 9.","content":"The answer is 2."}}]}"#,
        );
        assert_eq!(all[0].answer.extracted.as_deref(), Some("2"));
        assert!(all[0].reasoning.is_some());
    }

    #[test]
    fn legacy_completions_and_several_choices() {
        let all = traces(
            r#"{"id":"c","prompt":"1+1?","choices":[{"text":" 2","finish_reason":"length","logprobs":{"tokens":[" ","2"],"token_logprobs":[-0.1,-0.2],"top_logprobs":[{" ":-0.1},{"3":-0.3,"2":-0.2}],"text_offset":[0,1]}},{"text":" 3","finish_reason":"stop"}]}"#,
        );
        assert_eq!(
            all.iter().map(|t| t.prompt.id.as_str()).collect::<Vec<_>>(),
            ["c#1", "c#2"]
        );
        assert_eq!(
            (
                all[0].tokens.len(),
                all[0].finish.as_str(),
                all[1].tokens[0].probability()
            ),
            (2, "length", None)
        );
        assert_eq!(all[0].tokens[1].candidates.text, ["2", "3"]);
    }

    #[test]
    fn characters_cut_by_tokens_are_joined_by_their_bytes() {
        let all = traces(
            r#"{"content":"a 😀","stop_type":"eos","tokens_predicted":3,"completion_probabilities":[{"id":1,"token":"a ","bytes":[97,32],"logprob":-0.1,"top_logprobs":[]},{"id":2,"token":"","bytes":[240,159],"logprob":-0.1,"top_logprobs":[]},{"id":3,"token":"😀","bytes":[152,128],"logprob":-0.1,"top_logprobs":[]},{"id":4,"token":"","bytes":[60,47,115,62],"logprob":-0.1,"top_logprobs":[]}]}"#,
        );
        assert_eq!(
            (
                all[0].tokens.len(),
                all[0].output.as_str(),
                all[0].tokens[1].id
            ),
            (3, "a 😀", 2)
        );
    }

    #[test]
    fn failures_are_named() {
        let content = "{\"choices\":[{\"finish_reason\":\"stop\"}]}\n{\"error\":{\"message\":\"overloaded\"}}\n{\"choices\":";
        let all = OpenAi.read(
            Box::new(std::io::Cursor::new(content)),
            None,
            &Fields::default(),
        );
        let said: Vec<_> = all
            .map(|(line, g)| format!("{line}: {}", g.unwrap_err()))
            .collect();
        assert!(
            said[0].contains("1: choice 1 has neither")
                && said[1].contains("2: the server failed: overloaded"),
            "{said:?}"
        );
        assert!(said[2].contains("3: not JSON"), "{said:?}");
    }
}
