//! What is asked: a text, or messages of a conversation.

use serde_json::Value;

/// A question as a file has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    pub question: String,
    /// A system message before it.
    pub system: Option<String>,
    /// Turns before it.
    pub before: Option<String>,
}

/// A text, or the last message of a user with what stands before it.
pub fn asked(value: &Value) -> Option<Asked> {
    if let Value::String(question) = value {
        return Some(Asked {
            question: question.clone(),
            ..Asked::default()
        });
    }
    let messages = value.as_array()?;
    let turns: Option<Vec<(String, String)>> = messages.iter().map(message).collect();
    let turns = turns?;
    let last = turns.iter().rposition(|(role, _)| is_user(role))?;
    let system = turns
        .iter()
        .find(|(role, _)| role == "system" || role == "developer");
    let before: Vec<String> = turns[..last]
        .iter()
        .filter(|(role, _)| role != "system" && role != "developer")
        .map(|(role, text)| {
            format!(
                "{}: {text}",
                if is_user(role) { "Question" } else { "Answer" }
            )
        })
        .collect();
    Some(Asked {
        question: turns[last].1.clone(),
        system: system.map(|(_, text)| text.clone()),
        before: (!before.is_empty()).then(|| before.join("\n")),
    })
}

fn is_user(role: &str) -> bool {
    matches!(role, "user" | "human" | "User" | "Human")
}

/// Role and text of a message.
pub fn message(value: &Value) -> Option<(String, String)> {
    let role = value.get("role").or_else(|| value.get("from"))?.as_str()?;
    let content = value.get("content").or_else(|| value.get("value"))?;
    Some((role.to_string(), content_text(content)?))
}

/// The text of a message's content: a text, or the texts of its parts. Reasoning is put into think marks.
pub fn content_text(content: &Value) -> Option<String> {
    match content {
        Value::Null => Some(String::new()),
        Value::String(s) => Some(s.clone()),
        Value::Array(parts) => {
            let part = |p: &Value| -> Option<String> {
                if let Some(s) = p.as_str() {
                    return Some(s.to_string());
                }
                match p.get("type").and_then(Value::as_str) {
                    Some("reasoning" | "thinking") => {
                        let said = p
                            .get("reasoning")
                            .or_else(|| p.get("thinking"))
                            .or_else(|| p.get("text"));
                        let said = said.and_then(Value::as_str).unwrap_or_default();
                        Some(format!("<think>\n{said}\n</think>\n\n"))
                    }
                    Some("text" | "output_text" | "input_text") | None => {
                        p.get("text")?.as_str().map(str::to_string)
                    }
                    // Pictures, sounds and calls of tools are no text.
                    Some(_) => Some(String::new()),
                }
            };
            parts.iter().map(part).collect()
        }
        _ => None,
    }
}
