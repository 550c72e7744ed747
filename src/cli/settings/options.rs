//! Settings that are options of commands: some that many have, and any option of one command.

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command, ValueHint};

use super::error::{nearest, shortened, unknown};
use super::source::Source;

/// The options that may be set for all commands that have them.
pub const COMMON: [&str; 6] = [
    "theme",
    "color",
    "model",
    "index",
    "threads",
    "json-progress",
];
/// The table of commands, by name.
pub const COMMANDS: &str = "command";
/// The name under which the app's options stand there.
pub const APP: &str = "app";

/// An option's value.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionSetting {
    /// Names of the command, each within the one before, and none of the app. Nothing: of all commands that have the option.
    pub command: Option<Vec<String>>,
    /// As on the command line, without `--`.
    pub name: String,
    pub value: toml::Value,
    /// The value, or values, as the command line would have them.
    pub texts: Vec<String>,
    /// The file.
    pub origin: String,
}

impl OptionSetting {
    /// The value in force, as a file would have it: with the paths of a project's file made whole.
    pub fn in_force(&self) -> String {
        match (&self.value, self.texts.as_slice()) {
            (toml::Value::String(_), [text]) => toml::Value::String(text.clone()).to_string(),
            (toml::Value::Array(list), texts) if list.iter().any(toml::Value::is_str) => {
                toml::Value::from(texts.to_vec()).to_string()
            }
            (value, _) => value.to_string(),
        }
    }

    /// The key as it stands in a file.
    pub fn key(&self) -> String {
        match &self.command {
            Some(command) => format!("{}.{}", table(command), self.name),
            None => self.name.clone(),
        }
    }
}

/// The name of a command's table.
pub fn table(command: &[String]) -> String {
    match command {
        [] => format!("{COMMANDS}.{APP}"),
        names => format!("{COMMANDS}.{}", names.join(".")),
    }
}

pub fn is_common(key: &str) -> bool {
    COMMON.contains(&key)
}

/// An option of all commands that have it.
pub fn common(
    program: &Command,
    source: &Source,
    key: &str,
    value: &toml::Value,
) -> Result<OptionSetting, String> {
    let option = settable(program).find(|a| a.get_long() == Some(key));
    let option = option.ok_or_else(|| unknown(key, None))?;
    let texts = texts(source, option, value).map_err(|what| format!("{key}: {what}"))?;
    refused(program, &[], option, &texts).map_or(Ok(()), |what| Err(format!("{key}: {what}")))?;
    Ok(OptionSetting {
        command: None,
        name: key.to_string(),
        value: value.clone(),
        texts,
        origin: source.origin(),
    })
}

/// Adds the options of commands. Returns what is wrong with others.
pub fn add(
    program: &Command,
    source: &Source,
    value: &toml::Value,
    into: &mut Vec<OptionSetting>,
) -> Vec<String> {
    let mut look = Look {
        program,
        source,
        into,
        problems: Vec::new(),
    };
    let Some(commands) = value.as_table() else {
        return vec![source.problem(&format!(
            "{COMMANDS}: a table of commands, such as [{COMMANDS}.score]"
        ))];
    };
    for (name, options) in commands {
        if name == APP {
            look.options(program, &mut Vec::new(), options);
        } else {
            look.command(program, &mut Vec::new(), name, options);
        }
    }
    look.problems
}

/// The options that a file may set.
pub fn settable(command: &Command) -> impl Iterator<Item = &Arg> {
    const NEVER: [&str; 4] = ["help", "version", "config", "profile"];
    command
        .get_arguments()
        .filter(|a| a.get_long().is_some_and(|long| !NEVER.contains(&long)))
        .filter(|a| !a.is_hide_set())
}

/// The names of commands within one.
pub fn commands(command: &Command) -> impl Iterator<Item = &str> {
    let all = command.get_subcommands().filter(|c| !c.is_hide_set());
    all.map(Command::get_name)
}

struct Look<'a> {
    program: &'a Command,
    source: &'a Source,
    into: &'a mut Vec<OptionSetting>,
    problems: Vec<String>,
}

impl Look<'_> {
    fn problem(&mut self, what: &str) {
        self.problems.push(self.source.problem(what));
    }

    /// What is said of the command `name` within another.
    fn command(
        &mut self,
        outer: &Command,
        path: &mut Vec<String>,
        name: &str,
        options: &toml::Value,
    ) {
        let Some(command) = outer.find_subcommand(name) else {
            let known = commands(outer).chain(path.is_empty().then_some(APP));
            let key = format!(
                "{COMMANDS}.{}",
                [path.as_slice(), &[name.into()]].concat().join(".")
            );
            return self.problem(&unknown(&key, nearest(name, known)));
        };
        path.push(name.to_string());
        self.options(command, path, options);
        path.pop();
    }

    fn options(&mut self, command: &Command, path: &mut Vec<String>, options: &toml::Value) {
        let Some(options) = options.as_table() else {
            return self.problem(&format!("{}: a table of options", table(path)));
        };
        for (name, value) in options {
            let option = settable(command).find(|a| a.get_long() == Some(name));
            match option {
                // Of the app commands stand beside it, not within it.
                _ if value.is_table() && !path.is_empty() => {
                    self.command(command, path, name, value);
                }
                Some(option) => match self.checked(path, option, value) {
                    Ok(setting) => self.into.push(setting),
                    Err(what) => self.problem(&format!("{}.{name}: {what}", table(path))),
                },
                None => {
                    let known = settable(command).filter_map(Arg::get_long);
                    let key = format!("{}.{name}", table(path));
                    self.problem(&unknown(&key, nearest(name, known)));
                }
            }
        }
    }

    fn checked(
        &self,
        path: &[String],
        option: &Arg,
        value: &toml::Value,
    ) -> Result<OptionSetting, String> {
        let texts = texts(self.source, option, value)?;
        if let Some(what) = refused(self.program, path, option, &texts) {
            return Err(what);
        }
        Ok(OptionSetting {
            command: Some(path.to_vec()),
            name: option.get_long().unwrap_or_default().to_string(),
            value: value.clone(),
            texts,
            origin: self.source.origin(),
        })
    }
}

/// Whether an option is there or not, and has no value.
pub fn is_flag(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::SetTrue)
}

/// A value as the command line would have it, with the paths of a project's file made whole.
fn texts(source: &Source, option: &Arg, value: &toml::Value) -> Result<Vec<String>, String> {
    let one = |value: &toml::Value| match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(n) => Ok(n.to_string()),
        toml::Value::Float(x) => Ok(x.to_string()),
        toml::Value::Boolean(yes) => Ok(yes.to_string()),
        _ => Err("not a text, a number, true, false, or a list of such".to_string()),
    };
    let texts = match value {
        toml::Value::Array(list) => list.iter().map(one).collect::<Result<Vec<_>, _>>()?,
        value => vec![one(value)?],
    };
    let is_path = option.get_value_hint() == ValueHint::AnyPath;
    let of_file = |text: String| match option.get_id().as_str() {
        "insecure" if source.folder.is_some() => {
            Err("only your own settings may do without encryption, not a project's".to_string())
        }
        "index" if is_path => source.index(&text),
        "model" if is_path => Ok(source.beside(&text)),
        _ if is_path => source.below(&text),
        _ => Ok(text),
    };
    texts.into_iter().map(of_file).collect()
}

/// What the command line says against the values of an option, if it would not take them.
fn refused(program: &Command, path: &[String], option: &Arg, texts: &[String]) -> Option<String> {
    let long = option.get_long()?;
    let mut line = vec!["rotescope".to_string()];
    line.extend_from_slice(path);
    if is_flag(option) {
        return match texts {
            [text] if text == "true" || text == "false" => None,
            _ => Some("true or false".to_string()),
        };
    }
    line.extend(texts.iter().map(|text| format!("--{long}={text}")));
    let error = program.clone().try_get_matches_from(line).err()?;
    // What else may be wrong is what the rest of a command line would bring.
    let is_value = matches!(
        error.kind(),
        ErrorKind::InvalidValue
            | ErrorKind::ValueValidation
            | ErrorKind::WrongNumberOfValues
            | ErrorKind::TooManyValues
            | ErrorKind::TooFewValues
            | ErrorKind::ArgumentConflict
    );
    let told = error.to_string();
    let first = told.lines().next().unwrap_or_default();
    let first = first.trim_start_matches("error: ");
    is_value.then(|| shortened(first))
}
