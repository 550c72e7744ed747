//! Settings: what the configuration file says, and where it lies. How it joins the command line is in [`line`](super::line).

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use strsim::levenshtein;

use super::remote::IndexSettings;
use crate::folders;
use rotescope_text::think::ReasoningMarks;

/// What a configuration file can say.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name of a theme, or path of a theme file.
    pub theme: Option<String>,
    /// `auto`, `always` or `never`.
    pub color: Option<String>,
    /// Path of the model.
    pub model: Option<PathBuf>,
    /// Folder of the index.
    pub index: Option<PathBuf>,
    pub threads: Option<NonZeroUsize>,
    /// Whether the app takes the mouse.
    pub mouse: Option<bool>,
    /// Keys of the app, by the name of the action.
    #[serde(default)]
    pub keys: toml::Table,
    /// Indexes by names of their own, for `--index NAME`.
    #[serde(default)]
    pub indexes: BTreeMap<String, IndexSettings>,
    /// What stands around reasoning in outputs, beside what is known.
    #[serde(default)]
    pub reasoning: ReasoningMarks,
}

/// The keys of the file, for suggestions.
const KEYS: [&str; 9] = [
    "theme",
    "color",
    "model",
    "index",
    "threads",
    "mouse",
    "keys",
    "indexes",
    "reasoning",
];

/// Why a configuration file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: unknown setting {key:?}{}", path.display(), suggestion.as_ref().map_or(String::new(), |s| format!("; did you mean {s:?}?")))]
    Unknown {
        path: PathBuf,
        key: String,
        suggestion: Option<&'static str>,
    },
    #[error("{}: {message}", path.display())]
    Syntax { path: PathBuf, message: String },
    #[error("{}: color is auto, always or never, not {value:?}", path.display())]
    Color { path: PathBuf, value: String },
}

/// Where the configuration is: the file asked for, or the usual one, which need not exist.
pub fn path(asked: Option<&Path>) -> Option<PathBuf> {
    asked
        .map(Path::to_path_buf)
        .or_else(|| Some(folders::config()?.join("config.toml")))
}

/// Reads the file asked for, or the usual one; nothing is set where the usual one does not exist.
pub fn read(asked: Option<&Path>) -> Result<Settings, SettingsError> {
    let Some(path) = path(asked) else {
        return Ok(Settings::default());
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&text, &path),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && asked.is_none() => {
            Ok(Settings::default())
        }
        Err(source) => Err(SettingsError::Io { path, source }),
    }
}

fn parse(text: &str, path: &Path) -> Result<Settings, SettingsError> {
    let path = path.to_path_buf();
    let syntax = |e: toml::de::Error| SettingsError::Syntax {
        path: path.clone(),
        message: shortened(&e.to_string()),
    };
    let table: toml::Table = toml::from_str(text).map_err(syntax)?;
    if let Some(key) = table.keys().find(|k| !KEYS.contains(&k.as_str())) {
        return Err(SettingsError::Unknown {
            suggestion: nearest(key),
            key: shortened(key),
            path,
        });
    }
    // Not from the table: the places of errors are in the text.
    let settings: Settings = toml::from_str(text).map_err(syntax)?;
    match &settings.color {
        Some(c) if !["auto", "always", "never"].contains(&c.as_str()) => {
            Err(SettingsError::Color {
                path,
                value: c.clone(),
            })
        }
        _ => Ok(settings),
    }
}

/// A message of several lines, which quotes lines of a file, with the long ones cut.
fn shortened(message: &str) -> String {
    const LONGEST: usize = 160;
    let cut = |line: &str| match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_string(),
    };
    let lines: Vec<String> = message.trim_end().lines().map(cut).collect();
    lines.join("\n")
}

/// The key that is meant, if one is near enough.
fn nearest(key: &str) -> Option<&'static str> {
    let best = KEYS.into_iter().min_by_key(|k| levenshtein(key, k))?;
    (levenshtein(key, best) <= 2).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Settings, SettingsError> {
        parse(text, Path::new("config.toml"))
    }

    /// The shipped configuration, with its comment marks taken off.
    #[test]
    fn shipped_configuration_names_every_setting() {
        let shipped = include_str!("../../docs/config.toml");
        assert_eq!(read_text(shipped).unwrap(), Settings::default());
        let on: String = shipped
            .lines()
            .map(|l| l.strip_prefix("#: ").unwrap_or(l).to_string() + "\n")
            .collect();
        let s = read_text(&on).unwrap();
        assert!(s.theme.is_some() && s.color.is_some() && s.model.is_some() && s.index.is_some());
        assert!(s.threads.is_some() && s.mouse.is_some() && !s.keys.is_empty());
        assert_eq!(s.reasoning.pairs().len(), 1);
        assert!(
            crate::themes::THEMES
                .load(s.theme.as_deref().unwrap(), None)
                .is_ok()
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (text, want) in [
            (
                "thme = \"dark\"",
                "config.toml: unknown setting \"thme\"; did you mean \"theme\"?",
            ),
            ("whatever = 1", "config.toml: unknown setting \"whatever\""),
            (
                "color = \"red\"",
                "config.toml: color is auto, always or never, not \"red\"",
            ),
        ] {
            assert_eq!(read_text(text).unwrap_err().to_string(), want);
        }
        let error = read_text("theme = \"dark\"\nthreads = \"x\"")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("config.toml") && error.contains("line 2"),
            "{error}"
        );
        let error = read_text("threads = 0").unwrap_err().to_string();
        assert!(
            error.contains("config.toml") && error.contains("threads = 0"),
            "{error}"
        );
        for (pair, want) in [
            ("open = \"<x>\"", "missing field `close`"),
            ("open = \"\"\nclose = \"</x>\"", "open is empty"),
            ("open = \"%\"\nclose = \"%\"", "cannot be told"),
            ("opens = \"<x>\"\nclose = \"</x>\"", "unknown field `opens`"),
        ] {
            let error = read_text(&format!("mouse = true\n[[reasoning]]\n{pair}"));
            let error = error.unwrap_err().to_string();
            assert!(error.contains(want) && error.contains("line "), "{error}");
        }
        assert!(
            read_text("theme = ")
                .unwrap_err()
                .to_string()
                .contains("line 1")
        );
    }
}
