//! Prompt files: JSON lines, JSON arrays, tables, or plain text with one prompt a line.

use std::collections::HashSet;
use std::io::{self, BufRead};

use serde_json::{Map, Value};

use super::fields::{self, Fields, Part, kind, list, text};
use super::messages::{Asked, asked};
use super::objects::{Shape, read as read_objects, shape};
use rotescope_judge::{locale, registry};
use rotescope_trace::{Examples, Prompt, jsonl};

/// Why a prompt file could not be read. The caller adds its name.
#[derive(Debug, thiserror::Error)]
pub enum PromptFileError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("line {line}: {message}")]
    Line { line: usize, message: String },
    #[error(
        "no prompts in it (wanted: JSON lines, a JSON array or a table with a field \"question\", or one plain prompt a line)"
    )]
    Empty,
}

/// The prompts of a file, and what was made of its fields.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptFile {
    pub prompts: Vec<Prompt>,
    /// In which way the file was understood, where that is not the plainest: for people.
    pub note: Option<String>,
}

/// All prompts of a file. `ending`: that of its name, in small letters.
///
/// PromptFile without an id get `line-N`. A duplicate id is an error: results could not be told apart.
///
/// # Errors
/// What is not understood, with its line.
pub fn read(
    mut from: Box<dyn BufRead>,
    ending: Option<&str>,
    fields: &Fields,
) -> Result<PromptFile, PromptFileError> {
    let head = from.fill_buf()?;
    if let Some(at) = head.iter().position(|b| *b == 0) {
        let line = 1 + head[..at].iter().filter(|b| **b == b'\n').count();
        let message = "a NUL byte: this is no text in UTF-8; convert it, or choose another file";
        return Err(PromptFileError::Line {
            line,
            message: message.into(),
        });
    }
    let mut columns: Vec<&str> = Part::Prompt.names().to_vec();
    columns.extend(fields.prompt.as_deref());
    let shape = shape(ending, head, &columns);
    if matches!(shape, Shape::Text | Shape::Table(_))
        && matches!(ending, Some("json" | "jsonl" | "ndjson"))
        && !head.trim_ascii().is_empty()
    {
        let message = format!(
            "not JSON, which the name's ending .{} promises",
            ending.unwrap_or_default()
        );
        return Err(PromptFileError::Line { line: 1, message });
    }
    let mut all = Collected::default();
    if shape == Shape::Text {
        plain(from, &mut all)?;
    } else {
        for (line, object) in read_objects(shape, from) {
            let bad = |message| PromptFileError::Line { line, message };
            let (prompt, named) = object.and_then(|o| prompt(o, fields)).map_err(bad)?;
            all.named.get_or_insert(named);
            all.add(line, prompt)?;
        }
    }
    if all.prompts.is_empty() {
        return Err(PromptFileError::Empty);
    }
    let named = all.named.filter(Named::unusual);
    let note = match (shape, named) {
        (Shape::Lines | Shape::Text, None) => None,
        (_, named) => Some(named.map_or_else(
            || shape.name().to_string(),
            |n| format!("{}: {n}", shape.name()),
        )),
    };
    Ok(PromptFile {
        prompts: all.prompts,
        note,
    })
}

#[derive(Default)]
struct Collected {
    prompts: Vec<Prompt>,
    ids: HashSet<String>,
    /// What the first object's fields were taken for.
    named: Option<Named>,
}

impl Collected {
    fn add(&mut self, line: usize, mut prompt: Prompt) -> Result<(), PromptFileError> {
        let bad = |message: String| PromptFileError::Line { line, message };
        let verify = prompt.verify.as_deref().unwrap_or_default();
        registry::check(verify, &prompt.meta).map_err(|e| bad(e.to_string()))?;
        locale::check(&prompt).map_err(bad)?;
        if prompt.id.is_empty() {
            prompt.id = format!("line-{line}");
        }
        if !self.ids.insert(prompt.id.clone()) {
            return Err(bad(format!(
                "duplicate id {:?} in this file; make ids unique",
                prompt.id
            )));
        }
        self.prompts.push(prompt);
        Ok(())
    }
}

fn plain(from: Box<dyn BufRead>, all: &mut Collected) -> Result<(), PromptFileError> {
    for line in jsonl::lines(from) {
        let line = line.map_err(|(_, e)| e)?;
        let bad = |message: String| PromptFileError::Line {
            line: line.number,
            message,
        };
        let text = line.text().map_err(|e| bad(e.to_string()))?;
        let text = if line.number == 1 {
            text.trim_start_matches('\u{feff}')
        } else {
            text
        };
        let question = text.trim_end_matches(['\n', '\r']).to_string();
        all.add(
            line.number,
            Prompt {
                question,
                ..Prompt::default()
            },
        )?;
    }
    Ok(())
}

/// Which fields were taken for question and answer.
#[derive(Debug, Clone, PartialEq)]
struct Named {
    prompt: String,
    answer: Option<String>,
}

impl Named {
    fn unusual(&self) -> bool {
        self.prompt != "question" || self.answer.as_deref().is_some_and(|a| a != "answer")
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:?} is taken for the question", self.prompt)?;
        match &self.answer {
            Some(answer) => write!(f, ", {answer:?} for the answer"),
            None => write!(f, ", no answers are given"),
        }
    }
}

/// The prompt that an object is.
fn prompt(mut object: Map<String, Value>, fields: &Fields) -> Result<(Prompt, Named), String> {
    let (name, asked) = question(&object, fields)?;
    let answer = fields
        .find(&object, Part::Answer)?
        .map(|(n, v)| (n.to_string(), v.clone()));
    let id = fields.find(&object, Part::Id)?.map(|(_, v)| v.clone());
    for taken in [Some(&name), answer.as_ref().map(|a| &a.0)]
        .into_iter()
        .flatten()
    {
        object.remove(taken);
    }
    let wrong =
        |field: &str, value: &Value| format!("{field} is {}, not a text or a number", kind(value));
    let id = id
        .map(|v| text(&v).ok_or_else(|| wrong("the id", &v)))
        .transpose()?;
    let named = Named {
        prompt: name,
        answer: answer.as_ref().map(|(n, _)| n.clone()),
    };
    let answer = answer
        .map(|(n, v)| text(&v).ok_or_else(|| wrong(&format!("{n:?}"), &v)))
        .transpose()?;
    object.insert("question".into(), Value::from(asked.question));
    object.remove("id");
    object.remove("answer");
    // Of other datasets these names mean other things; a prompt file of ours has them so.
    for (field, fits) in [
        ("meta", true),
        ("task", object.get("task").is_none_or(Value::is_string)),
        ("split", object.get("split").is_none_or(Value::is_string)),
    ] {
        if !fits {
            object.remove(field);
        }
    }
    let mut prompt: Prompt =
        serde_json::from_value(Value::Object(object)).map_err(|e| format!("not a prompt: {e}"))?;
    prompt.id = id.unwrap_or_default();
    prompt.answer = answer;
    prompt.instruction = prompt.instruction.or(asked.system);
    prompt.examples = prompt.examples.or(asked.before.map(Examples::Text));
    Ok((prompt, named))
}

/// The question of an object and the name of its field.
///
/// # Errors
/// There is none, or it is no text.
pub fn question(object: &Map<String, Value>, fields: &Fields) -> Result<(String, Asked), String> {
    let found = fields.find(object, Part::Prompt)?;
    let Some((name, value)) = found else {
        return Err(format!(
            "no question: none of {} is a field of it, it has {}; name the field with --prompt-field",
            Part::Prompt.names().join(", "),
            list(object)
        ));
    };
    let asked = asked(value).ok_or_else(|| {
        format!(
            "{name:?} is {}, not a text or a list of messages",
            fields::kind(value)
        )
    })?;
    Ok((name.to_string(), asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        content: &str,
        ending: Option<&str>,
        fields: &Fields,
    ) -> Result<PromptFile, PromptFileError> {
        read(
            Box::new(io::Cursor::new(content.as_bytes().to_vec())),
            ending,
            fields,
        )
    }

    fn plainly(content: &str) -> Result<PromptFile, PromptFileError> {
        of(content, None, &Fields::default())
    }

    /// Id, question, answer.
    fn said(prompts: &PromptFile) -> Vec<(&str, &str, Option<&str>)> {
        let all = prompts.prompts.iter();
        all.map(|p| (p.id.as_str(), p.question.as_str(), p.answer.as_deref()))
            .collect()
    }

    #[test]
    fn bytes_that_are_no_text_are_no_prompts() {
        for (content, line) in [
            ("\0\0\0", 1),
            ("one\ntwo\0\n", 2),
            ("{\"question\": \"a\0\"}", 1),
        ] {
            let error = plainly(content).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("line {line}: a NUL byte")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_prompt_may_say_how_its_numbers_are_written() {
        let none = Fields::default();
        let with = |locale: &str| format!("{{\"question\": \"q\", \"locale\": {locale}}}");
        let read = of(&with("\"comma\""), Some("jsonl"), &none).unwrap();
        assert_eq!(read.prompts[0].locale.as_deref(), Some("comma"));
        let table = of("question,locale\nq,point\n", Some("csv"), &none).unwrap();
        assert_eq!(table.prompts[0].locale.as_deref(), Some("point"));
        for other in ["\"de\"", "\"Comma\"", "\"\"", "7", "[\"comma\"]"] {
            let why = of(&with(other), Some("jsonl"), &none).unwrap_err();
            assert!(why.to_string().starts_with("line 1: "), "{other}: {why}");
        }
        let why = of(&with("\"de\""), Some("jsonl"), &none).unwrap_err();
        assert!(why.to_string().contains("unknown locale 'de'"), "{why}");
    }

    #[test]
    fn our_own_files_need_no_word() {
        let content = "{\"id\":\"a\",\"question\":\"q\",\"examples\":[{\"question\":\"x\",\"answer\":\"y\"}],\"instruction\":\"I\"}\n\n{\"question\":\"r\",\"answer\":\"7\"}\n";
        let found = plainly(content).unwrap();
        assert_eq!(found.prompts[0].body(), "I\n\nQuestion: x\nAnswer: y\n\nq");
        assert_eq!(said(&found)[1], ("line-3", "r", Some("7")));
        assert_eq!(found.note, None);
        let found = plainly("\u{feff}What is 1 + 1?\r\nAnd 2?").unwrap();
        assert_eq!(
            said(&found),
            [
                ("line-1", "What is 1 + 1?", None),
                ("line-2", "And 2?", None)
            ]
        );
        assert_eq!(found.note, None);
    }

    #[test]
    fn shapes_in_which_people_have_prompts() {
        let want = [
            ("1", "How many?", Some("7")),
            ("2", "And now?", Some("8.5")),
        ];
        for (ending, content) in [
            (
                None,
                "{\"id\":1,\"question\":\"How many?\",\"answer\":7}\n{\"id\":2,\"question\":\"And now?\",\"answer\":8.5}",
            ),
            (
                Some("json"),
                "[{\"id\":1,\"question\":\"How many?\",\"answer\":7},{\"id\":2,\"question\":\"And now?\",\"answer\":\"8.5\"}]",
            ),
            (
                None,
                " [\n {\"idx\":1,\"problem\":\"How many?\",\"solution\":\"7\"},\n {\"idx\":2,\"problem\":\"And now?\",\"solution\":\"8.5\"}\n]",
            ),
            (
                None,
                "{\n \"data\": [\n {\"id\":1,\"question\":\"How many?\",\"target\":7},{\"id\":2,\"question\":\"And now?\",\"target\":8.5}]}",
            ),
            (
                Some("csv"),
                "id,question,answer\r\n1,How many?,7\r\n2,\"And now?\",8.5\r\n",
            ),
            (None, "id,question,answer\n1,How many?,7\n2,And now?,8.5\n"),
            (None, "id;question;answer\n1;How many?;7\n2;And now?;8.5\n"),
            (
                Some("tsv"),
                "qid\tprompt\tcompletion\n1\tHow many?\t7\n2\tAnd now?\t8.5\n",
            ),
            (
                None,
                "{\"doc_id\":1,\"messages\":[{\"role\":\"user\",\"content\":\"How many?\"}],\"gold\":[\"7\",\"seven\"]}\n{\"doc_id\":2,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"And now?\"}]}],\"gold\":8.5}",
            ),
        ] {
            let found = of(content, ending, &Fields::default())
                .unwrap_or_else(|e| panic!("{content}: {e}"));
            assert_eq!(said(&found), want, "{content}");
        }
    }

    #[test]
    fn what_was_taken_is_said() {
        let found = plainly("{\"problem\":\"a\",\"solution\":\"b\"}").unwrap();
        assert_eq!(
            found.note.as_deref(),
            Some("JSON lines: \"problem\" is taken for the question, \"solution\" for the answer")
        );
        let asked = Fields {
            prompt: Some("q".into()),
            answer: Some("a".into()),
            ..Fields::default()
        };
        let found = of("{\"question\":\"no\",\"q\":\"yes\",\"a\":3}", None, &asked).unwrap();
        assert_eq!(said(&found), [("line-1", "yes", Some("3"))]);
    }

    #[test]
    fn turns_before_the_question_are_kept() {
        let line = r#"{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"1+1?"},{"role":"assistant","content":"2"},{"role":"user","content":"2+2?"}]}"#;
        let found = plainly(line).unwrap();
        assert_eq!(
            found.prompts[0].body(),
            "Be brief.\n\nQuestion: 1+1?\nAnswer: 2\n\n2+2?"
        );
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        for (ending, content, want) in [
            (None, "", "no prompts"),
            (
                None,
                "{\"question\":\"a\"}\n{\"question\":",
                "line 2: not JSON",
            ),
            (
                None,
                "{\"id\":\"a\",\"question\":\"a\"}\n{\"id\":\"a\",\"question\":\"b\"}",
                "line 2: duplicate id \"a\"",
            ),
            (
                None,
                "{\"id\":\"a\"}",
                "line 1: no question: none of question, problem",
            ),
            (
                None,
                "{\"question\":\"a\"}\n{\"question\":\"b\",\"verify\":[\"speling\"]}",
                "line 2: there is no verifier \"speling\"",
            ),
            (
                None,
                "{\"question\":\"b\",\"verify\":[\"counting\"],\"meta\":{\"target\":\"x\"}}",
                "needs \"list\"",
            ),
            (
                None,
                "{\"question\":{\"a\":1}}",
                "\"question\" is an object",
            ),
            (
                None,
                "{\"question\":\"a\",\"answer\":{\"b\":1}}",
                "\"answer\" is an object",
            ),
            (
                None,
                "{\"question\":\"a\"}\n[1]",
                "line 2: not an object, but a list",
            ),
            (Some("json"), "[{\"question\":\"a\"},", "not JSON"),
            (
                Some("json"),
                "[1, 2]",
                "line 1: not an object, but a number",
            ),
            (Some("jsonl"), "question,answer", "not JSON"),
            (Some("csv"), "a,b\n1,2\n", "no question: none of"),
            (
                Some("csv"),
                "question,answer\n1,2,3\n",
                "line 2: 3 cells under 2 names",
            ),
        ] {
            let message = of(content, ending, &Fields::default())
                .unwrap_err()
                .to_string();
            assert!(message.contains(want), "{content}: {message}");
        }
        let asked = Fields {
            answer: Some("label".into()),
            ..Fields::default()
        };
        let message = of("{\"question\":\"a\"}", None, &asked)
            .unwrap_err()
            .to_string();
        assert_eq!(message, "line 1: no field \"label\"; it has question");
        let bad = read(
            Box::new(io::Cursor::new(b"ab\n\xff\xfe".to_vec())),
            None,
            &Fields::default(),
        );
        assert!(
            bad.unwrap_err()
                .to_string()
                .contains("line 2: not UTF-8 (byte 1")
        );
    }

    #[test]
    fn other_fields_of_prompt_files_are_passed_over_whatever_they_are() {
        let line = r#"{"question":"q","text":7,"tokens":"none","raw":true,"task":3}"#;
        let found = plainly(line).unwrap();
        assert!(found.prompts[0].raw && found.prompts[0].task.is_none());
    }
}
