//! Settings: defaults, then the configuration file, then the environment, then the command line; each goes before those named earlier.
//!
//! What the file says becomes the default of the option with the same name, so every subcommand that has the option follows the file, and the
//! environment and the command line win as they always do.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, FromArgMatches};
use etcetera::BaseStrategy;
use serde::Deserialize;
use strsim::levenshtein;

use super::{Cli, Command};

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
}

/// The keys of the file, for suggestions.
const KEYS: [&str; 7] = [
    "theme", "color", "model", "index", "threads", "mouse", "keys",
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

/// `$XDG_CONFIG_HOME/rotescope`, or `~/.config/rotescope`: the configuration and the user's themes. Relative folders count for nothing, as the
/// XDG specification has it.
pub fn folder() -> Option<PathBuf> {
    let config = etcetera::choose_base_strategy().ok()?.config_dir();
    Some(config.join("rotescope"))
}

/// `$XDG_STATE_HOME/rotescope`, or `~/.local/state/rotescope`: what the app keeps by itself.
pub fn state_folder() -> Option<PathBuf> {
    let state = etcetera::choose_base_strategy().ok()?.state_dir()?;
    Some(state.join("rotescope"))
}

/// Where the configuration is: the file asked for, or the usual one, which need not exist.
pub fn path(asked: Option<&Path>) -> Option<PathBuf> {
    asked
        .map(Path::to_path_buf)
        .or_else(|| Some(folder()?.join("config.toml")))
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
        message: e.to_string().trim_end().to_string(),
    };
    let table: toml::Table = toml::from_str(text).map_err(syntax)?;
    if let Some(key) = table.keys().find(|k| !KEYS.contains(&k.as_str())) {
        return Err(SettingsError::Unknown {
            suggestion: nearest(key),
            key: key.clone(),
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

/// The key that is meant, if one is near enough.
fn nearest(key: &str) -> Option<&'static str> {
    let best = KEYS.into_iter().min_by_key(|k| levenshtein(key, k))?;
    (levenshtein(key, best) <= 2).then_some(best)
}

/// Reads the command line on top of the environment and the configuration. Ends the program as clap does: with help, or with an error of the
/// command line.
///
/// # Errors
/// The configuration file cannot be used and the command is one that goes on by itself. The app and `doctor` say so and take the defaults.
pub fn command_line(args: Vec<OsString>) -> Result<Cli, SettingsError> {
    let asked = config_option(&args).or_else(|| std::env::var_os("ROTESCOPE_CONFIG"));
    let (settings, broken) = match read(asked.as_deref().map(Path::new)) {
        Ok(s) => (s, None),
        Err(e) => (Settings::default(), Some(e)),
    };
    let matches = with_defaults(Cli::command(), &settings).get_matches_from(args);
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
    cli.global.settings = settings;
    match (broken, &cli.command) {
        (None, _)
        | (Some(_), Some(Command::Completions(_) | Command::Man | Command::Doctor(_))) => {}
        (Some(e), None | Some(Command::Show(_))) => {
            eprintln!("rotescope: {e}; going on with the defaults");
        }
        (Some(e), Some(_)) => return Err(e),
    }
    Ok(cli)
}

/// `--config FILE` or `--config=FILE`, before clap knows its defaults.
fn config_option(args: &[OsString]) -> Option<OsString> {
    let mut args = args.iter().skip(1).take_while(|a| *a != "--");
    while let Some(arg) = args.next() {
        if arg == "--config" {
            return args.next().cloned();
        }
        if let Some(file) = arg.to_str().and_then(|a| a.strip_prefix("--config=")) {
            return Some(file.into());
        }
    }
    None
}

/// Makes the settings the defaults of the options that have their names. `index` is left alone: its models and folders are its own.
fn with_defaults(command: clap::Command, settings: &Settings) -> clap::Command {
    let text = |p: &PathBuf| p.as_os_str().to_os_string();
    let values = [
        ("theme", settings.theme.as_ref().map(OsString::from)),
        ("color", settings.color.as_ref().map(OsString::from)),
        ("model", settings.model.as_ref().map(text)),
        ("index", settings.index.as_ref().map(text)),
        ("threads", settings.threads.map(|n| n.to_string().into())),
    ];
    let mut command = command;
    let subcommands: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_string())
        .filter(|n| n != "index")
        .collect();
    for (name, value) in values {
        let Some(value) = value else { continue };
        // clap keeps defaults for the life of the program; there are at most five.
        let value: &'static std::ffi::OsStr = Box::leak(value.into_boxed_os_str());
        command = set_default(command, name, value);
        for sub in &subcommands {
            command = command.mut_subcommand(sub, |c| set_default(c, name, value));
        }
    }
    command
}

fn set_default(
    command: clap::Command,
    name: &'static str,
    value: &'static std::ffi::OsStr,
) -> clap::Command {
    // Positional arguments may have these names too.
    let has = command
        .get_arguments()
        .any(|a| a.get_id() == name && a.get_long().is_some());
    if has {
        command.mut_arg(name, |a| a.default_value(value))
    } else {
        command
    }
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
        assert!(
            read_text("theme = ")
                .unwrap_err()
                .to_string()
                .contains("line 1")
        );
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let s = Settings {
            threads: NonZeroUsize::new(1),
            color: Some("never".into()),
            ..Settings::default()
        };
        let threads = |args: &[&str]| {
            let m = with_defaults(Cli::command(), &s).get_matches_from(args);
            match Cli::from_arg_matches(&m).unwrap() {
                Cli {
                    command: Some(Command::Doctor(d)),
                    global,
                    ..
                } => (d.parts.threads, global.color),
                other => panic!("{other:?}"),
            }
        };
        use super::super::common::Color;
        assert_eq!(threads(&["rotescope", "doctor"]), (Some(1), Color::Never));
        assert_eq!(
            threads(&["rotescope", "doctor", "--threads", "2", "--color", "always"]),
            (Some(2.min(rotescope_model::cores())), Color::Always)
        );
    }

    #[test]
    fn the_file_is_found_before_the_command_line_is_read() {
        let find =
            |args: &[&str]| config_option(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(find(&["r", "score", "--config", "a"]), Some("a".into()));
        assert_eq!(find(&["r", "--config=b", "score"]), Some("b".into()));
        assert_eq!(find(&["r", "score", "--", "--config", "a"]), None);
    }
}
