//! The command line as it is in force: defaults, then the configuration file, then the environment, then what was typed; each goes before those
//! named earlier.
//!
//! What the file says becomes the default of the option with the same name, so every subcommand that has the option follows the file, and the
//! environment and the command line win as they always do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory, FromArgMatches};

use super::command::{Cli, Command};
use super::remote;
use super::settings::{Settings, SettingsError, read};
use crate::say;

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
    if let Some(misplaced) = misplaced(&matches) {
        misplaced.exit();
    }
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
    remote::set_aliases(&settings.indexes);
    cli.global.settings = settings;
    match (broken, &cli.command) {
        (None, _)
        | (Some(_), Some(Command::Completions(_) | Command::Man | Command::Doctor(_))) => {}
        (Some(e), None | Some(Command::Show(_))) => {
            say!("rotescope: {e}; going on with the defaults");
        }
        (Some(e), Some(_)) => return Err(e),
    }
    Ok(cli)
}

/// Options of the app, or files, before a command: they would say nothing there. Options that all commands have may stand on either side of it.
fn misplaced(matches: &ArgMatches) -> Option<clap::Error> {
    let name = matches.subcommand_name()?;
    let mut line = Cli::command();
    let typed =
        |a: &&Arg| matches.value_source(a.get_id().as_str()) == Some(ValueSource::CommandLine);
    let found = line
        .get_arguments()
        .find(|a| !a.is_global_set() && typed(a))?;
    let what = match found.get_long() {
        Some(long) => format!(
            "--{long} stands before the command `{name}`: options of a command stand behind it"
        ),
        None => format!(
            "a file stands before the command `{name}`: give files behind it, or no command to open them"
        ),
    };
    Some(line.error(ErrorKind::ArgumentConflict, what))
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
    use super::super::common::ColorChoice;
    use super::*;
    use std::num::NonZeroUsize;

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
        assert_eq!(
            threads(&["rotescope", "doctor"]),
            (Some(1), ColorChoice::Never)
        );
        assert_eq!(
            threads(&["rotescope", "doctor", "--threads", "2", "--color", "always"]),
            (Some(2.min(rotescope_model::cores())), ColorChoice::Always)
        );
    }

    #[test]
    fn only_options_of_all_commands_stand_before_one() {
        let error = |args: &[&str]| {
            let line = [&["rotescope"][..], args].concat();
            misplaced(&Cli::command().get_matches_from(line)).map(|e| e.to_string())
        };
        assert_eq!(error(&["--color", "never", "doctor"]), None);
        assert_eq!(error(&["--index", "x", "prompts.jsonl"]), None);
        let told = error(&["--index", "x", "doctor"]).unwrap();
        assert!(
            told.contains("--index stands before the command `doctor`"),
            "{told}"
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
