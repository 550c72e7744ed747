//! What is wrong with settings, and how it is told.

use std::path::PathBuf;

use strsim::levenshtein;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {message}", path.display())]
    Syntax { path: PathBuf, message: String },
    #[error("no file of settings has a profile {name:?}{}", meant(suggestion.as_deref()))]
    Profile {
        name: String,
        suggestion: Option<String>,
    },
}

pub fn unknown(key: &str, suggestion: Option<&str>) -> String {
    format!("unknown setting {:?}{}", shortened(key), meant(suggestion))
}

pub fn meant(suggestion: Option<&str>) -> String {
    suggestion.map_or(String::new(), |s| format!("; did you mean {s:?}?"))
}

/// A message of several lines, which quotes lines of a file, with the long ones cut.
pub fn shortened(message: &str) -> String {
    const LONGEST: usize = 160;
    let cut = |line: &str| match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_string(),
    };
    let lines: Vec<String> = message.trim_end().lines().map(cut).collect();
    lines.join("\n")
}

/// The name that is meant, if one is near enough.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let best = known.min_by_key(|k| levenshtein(name, k))?;
    (levenshtein(name, best) <= 2).then_some(best)
}
