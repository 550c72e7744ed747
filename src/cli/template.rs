//! `--template-var`: what a chat template is given beside the messages.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::render::Rendering;
use rotescope_model::chat::{self, Variables};
use rotescope_model::{Engine, ModelInfo};

/// Values for the chat template.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct TemplateArgs {
    /// Give the chat template a variable, such as enable_thinking=false; may be given several times. VALUE is true, false, null, a number, a list,
    /// an object or a "text" as JSON has them, and else a text as it stands
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable, conflicts_with = "raw")]
    template_var: Vec<(String, Value)>,
    /// Say this as the system's message, as the model's chat template has it; @FILE takes the text of a file
    #[arg(long, value_name = "TEXT|@FILE", conflicts_with = "raw")]
    system: Option<String>,
}

impl TemplateArgs {
    /// The variables.
    ///
    /// # Errors
    /// One that is given twice.
    pub fn variables(&self) -> Result<Variables> {
        let mut all = Variables::new();
        for (name, value) in &self.template_var {
            if all.insert(name.clone(), value.clone()).is_some() {
                bail!("--template-var {name} is given twice; give it once");
            }
        }
        Ok(all)
    }

    /// The system's message for a model.
    ///
    /// # Errors
    /// A file that cannot be read, an empty message, or a model without a chat template, whose prompts have no place for one.
    pub fn system(&self, info: &ModelInfo) -> Result<Option<String>> {
        let Some(given) = &self.system else {
            return Ok(None);
        };
        let text = match given.strip_prefix('@') {
            Some(file) => {
                std::fs::read_to_string(file).with_context(|| format!("--system: {file}"))?
            }
            None => given.clone(),
        };
        let text = text.trim();
        if text.is_empty() {
            bail!("--system: the message is empty");
        }
        if info.chat_template.is_none() {
            bail!(
                "{} has no chat template, and without one a system's message has no place; --instruction stands before each question",
                info.file
            );
        }
        Ok(Some(text.into()))
    }
}

/// A variable as it is typed.
fn variable(typed: &str) -> Result<(String, Value), String> {
    let Some((name, value)) = typed.split_once('=') else {
        return Err(format!("{typed:?} has no value; write {typed}=VALUE"));
    };
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty()
        || !name.chars().all(letters)
        || name.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err(format!(
            "{name:?} is no name of a variable; give letters, digits and _, as in enable_thinking=false"
        ));
    }
    if chat::is_reserved(name) {
        return Err(format!("{name} is set by rotescope itself"));
    }
    // A text is never false: these would mean the opposite of what they say.
    if let Some(json) = [("True", "true"), ("False", "false"), ("None", "null")]
        .into_iter()
        .find_map(|(python, json)| (python == value).then_some(json))
    {
        return Err(format!(
            "{value} is Python's; write {name}={json}, or {name}='\"{value}\"' if the text is meant"
        ));
    }
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((name.into(), value))
}

/// What is to be said of what the model's template does with what it is given: variables that it does not read, a system's message that it does not take.
pub fn notes(engine: &Engine, rendering: &Rendering) -> Vec<String> {
    let info = engine.info();
    let merged = rendering.merges_system(engine).then(|| {
        format!(
            "the chat template of {} takes no system's message: it stands before the question, in the user's",
            info.file
        )
    });
    unread(info, &rendering.variables)
        .into_iter()
        .chain(merged)
        .collect()
}

/// What is to be said of variables that change nothing: those that the model's template does not read.
fn unread(info: &ModelInfo, variables: &Variables) -> Option<String> {
    if variables.is_empty() {
        return None;
    }
    let Some(template) = &info.chat_template else {
        return Some(format!(
            "{} has no chat template: --template-var changes nothing",
            info.file
        ));
    };
    let read = chat::variables(template).ok()?;
    let unread: Vec<&str> = variables
        .keys()
        .map(String::as_str)
        .filter(|n| !read.iter().any(|r| r == n))
        .collect();
    if unread.is_empty() {
        return None;
    }
    let reads = match read.is_empty() {
        true => "it reads none".into(),
        false => format!("it reads {}", read.join(", ")),
    };
    Some(format!(
        "the chat template of {} does not read {}; {reads}",
        info.file,
        unread.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_json_where_they_are() {
        for (typed, name, value) in [
            ("enable_thinking=false", "enable_thinking", json!(false)),
            ("a=true", "a", json!(true)),
            ("a=3", "a", json!(3)),
            ("a=-1.5e2", "a", json!(-150.0)),
            ("a=null", "a", json!(null)),
            ("a=[1, \"x\"]", "a", json!([1, "x"])),
            ("a={\"k\": {\"l\": null}}", "a", json!({"k": {"l": null}})),
            ("a=\"false\"", "a", json!("false")),
            ("a=high", "a", json!("high")),
            ("a=x=y", "a", json!("x=y")),
            ("a=", "a", json!("")),
            ("a=[INST]", "a", json!("[INST]")),
            ("a=nan", "a", json!("nan")),
            ("_b1=two words", "_b1", json!("two words")),
        ] {
            assert_eq!(variable(typed), Ok((name.into(), value)), "{typed}");
        }
        for (typed, says) in [
            ("enable_thinking", "write enable_thinking=VALUE"),
            ("=false", "no name of a variable"),
            ("a b=1", "no name of a variable"),
            ("1a=1", "no name of a variable"),
            ("a.b=1", "no name of a variable"),
            ("messages=[]", "set by rotescope"),
            ("a=False", "write a=false"),
            ("a=None", "write a=null"),
        ] {
            let error = variable(typed).unwrap_err();
            assert!(error.contains(says), "{typed}: {error}");
        }
        let twice = TemplateArgs {
            template_var: vec![("a".into(), json!(1)), ("a".into(), json!(2))],
            system: None,
        };
        assert!(
            twice
                .variables()
                .unwrap_err()
                .to_string()
                .contains("a is given twice")
        );
    }
}
