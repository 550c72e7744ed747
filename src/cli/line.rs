//! The command line as it is in force: defaults, then the files of settings, then the environment, then what was typed; each goes before those
//! named earlier.
//!
//! What a file says becomes the default of the option with the same name, so every command that has the option follows it, and the
//! environment and the command line win as they always do.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory, FromArgMatches};

use super::command::{Cli, Command};
use super::remote;
use super::settings::options::{OptionSetting, settable};
use super::settings::{Places, Settings, SettingsError, read};
use super::telling;
use crate::say;

/// Reads the command line on top of the environment and the settings. Ends the program as clap does: with help, or with an error of the command
/// line.
///
/// # Errors
/// There is no such file or profile as was asked for, and the command is one that goes on by itself. The app and `doctor` say so and take the
/// defaults.
pub fn command_line(args: Vec<OsString>) -> Result<Cli, SettingsError> {
    let (settings, broken) = match read(&places(&args), &Cli::command()) {
        Ok(s) => (s, None),
        Err(e) => (
            Settings {
                problems: vec![e.to_string()],
                ..Settings::default()
            },
            Some(e),
        ),
    };
    let matches = with_defaults(Cli::command(), &settings.options).get_matches_from(args);
    if let Some(misplaced) = misplaced(&matches) {
        misplaced.exit();
    }
    if is_quiet(&matches) {
        telling::say_nothing();
    }
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
    remote::set_aliases(&settings.own.indexes);
    let tells_itself = matches!(
        &cli.command,
        Some(Command::Completions(_) | Command::Man | Command::Doctor(_) | Command::Config(_))
    );
    let is_app = matches!(&cli.command, None | Some(Command::Show(_)));
    match broken {
        Some(e) if !tells_itself && !is_app => return Err(e),
        _ if tells_itself => {}
        _ => {
            for problem in &settings.problems {
                say!("rotescope: {problem}; going on without");
            }
            if let Some(project) = settings.project() {
                say!("note: settings of {} are in force", project.display());
            }
        }
    }
    cli.global.settings = settings;
    Ok(cli)
}

/// Where the settings of a command line are looked for.
fn places(args: &[OsString]) -> Places {
    let variable = |name| std::env::var_os(name).filter(|v| !v.is_empty());
    let asked = option(args, "config").or_else(|| variable("ROTESCOPE_CONFIG"));
    let profile = option(args, "profile").or_else(|| variable("ROTESCOPE_PROFILE"));
    let beside = first_file(args).and_then(|file| {
        let folder = file.parent()?;
        Some(match folder.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => folder.to_path_buf(),
        })
    });
    Places {
        asked: asked.map(PathBuf::from),
        folders: beside.into_iter().chain([PathBuf::from(".")]).collect(),
        profile: profile.map(|p| p.to_string_lossy().into_owned()),
    }
}

/// The first file that a command line gives to its command.
fn first_file(args: &[OsString]) -> Option<PathBuf> {
    let mut command = Cli::command();
    // Mistakes in it are told later.
    let matches = command.clone().ignore_errors(true);
    let mut matches = &matches.try_get_matches_from(args).ok()?;
    while let Some((name, inner)) = matches.subcommand() {
        command = command.find_subcommand(name)?.clone();
        matches = inner;
    }
    let given = command.get_positionals().filter_map(|a| {
        let raw = matches.try_get_raw(a.get_id().as_str()).ok()??;
        Some(raw.map(PathBuf::from))
    });
    given.flatten().find(|path| path.is_file())
}

/// Options of the app, or files, before a command: they would say nothing there. Options that all commands have may stand on either side of it.
/// Whether the command that is run is to say nothing while it works.
fn is_quiet(matches: &ArgMatches) -> bool {
    let own = matches.try_get_one::<bool>("quiet").ok().flatten();
    let below = matches.subcommand().is_some_and(|(_, m)| is_quiet(m));
    below || own.is_some_and(|quiet| *quiet)
}

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

/// `--NAME VALUE` or `--NAME=VALUE`, before clap knows its defaults.
fn option(args: &[OsString], name: &str) -> Option<OsString> {
    let option = format!("--{name}");
    let mut args = args.iter().skip(1).take_while(|a| *a != "--");
    while let Some(arg) = args.next() {
        if *arg == *option {
            return args.next().cloned();
        }
        let value = arg.to_str().and_then(|a| a.strip_prefix(&option));
        if let Some(value) = value.and_then(|v| v.strip_prefix('=')) {
            return Some(value.into());
        }
    }
    None
}

/// Makes the settings the defaults of the options that have their names: those of all commands first, then those of one, so that what is said of one
/// counts there. `index` is left alone by the former: its models and folders are its own.
fn with_defaults(command: clap::Command, settings: &[OptionSetting]) -> clap::Command {
    let mut command = command;
    for setting in settings.iter().filter(|s| s.command.is_none()) {
        command = everywhere(command, setting);
    }
    for setting in settings {
        if let Some(path) = &setting.command {
            command = at(command, path, &|c| set_default(c, setting));
        }
    }
    command
}

fn everywhere(command: clap::Command, setting: &OptionSetting) -> clap::Command {
    let inner = command.get_subcommands().map(|c| c.get_name().to_string());
    let inner: Vec<String> = inner.filter(|name| name != "index").collect();
    let mut command = set_default(command, setting);
    for name in inner {
        command = command.mut_subcommand(name, |c| everywhere(c, setting));
    }
    command
}

/// Changes the command at a path of names.
fn at(
    command: clap::Command,
    path: &[String],
    change: &dyn Fn(clap::Command) -> clap::Command,
) -> clap::Command {
    match path {
        [] => change(command),
        [first, rest @ ..] => command.mut_subcommand(first, |c| at(c, rest, change)),
    }
}

fn set_default(command: clap::Command, setting: &OptionSetting) -> clap::Command {
    // Positional arguments may have these names too.
    let option = settable(&command).find(|a| a.get_long() == Some(&setting.name));
    let Some(id) = option.map(|a| a.get_id().clone()) else {
        return command;
    };
    // clap keeps defaults for the life of the program.
    let values = setting.texts.iter().map(|text| &*text.clone().leak());
    let values: Vec<&'static str> = values.collect();
    command.mut_arg(id, |a| a.required(false).default_values(values))
}

#[cfg(test)]
mod tests {
    use super::super::common::ColorChoice;
    use super::*;

    fn setting(command: Option<&[&str]>, name: &str, value: &str) -> OptionSetting {
        OptionSetting {
            command: command.map(|names| names.iter().map(ToString::to_string).collect()),
            name: name.to_string(),
            value: toml::Value::String(value.to_string()),
            texts: vec![value.to_string()],
            origin: "config.toml".to_string(),
        }
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let set = [
            setting(Some(&["doctor"]), "threads", "1"),
            setting(None, "threads", "2"),
            setting(None, "color", "never"),
        ];
        let threads = |args: &[&str]| {
            let m = with_defaults(Cli::command(), &set).get_matches_from(args);
            match Cli::from_arg_matches(&m).unwrap() {
                Cli {
                    command: Some(Command::Doctor(d)),
                    global,
                    ..
                } => (d.parts.threads, global.color),
                other => panic!("{other:?}"),
            }
        };
        // What is said of one command goes before what is said of all.
        assert_eq!(
            threads(&["rotescope", "doctor"]),
            (Some(1), ColorChoice::Never)
        );
        assert_eq!(
            threads(&["rotescope", "doctor", "--threads", "2", "--color", "always"]),
            (Some(2.min(rotescope_model::cores())), ColorChoice::Always)
        );
    }

    /// Every option of every command, set to its own default.
    #[test]
    fn every_option_can_be_set() {
        fn look(path: &mut Vec<String>, command: &clap::Command, seen: &mut usize) {
            for option in settable(command) {
                let name = option.get_long().unwrap();
                let [default] = option.get_default_values() else {
                    continue;
                };
                let default = default.to_str().unwrap();
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                let set = [setting(Some(&names), name, default)];
                let mut line = vec!["rotescope"];
                line.extend(names);
                let with = with_defaults(Cli::command(), &set).try_get_matches_from(line);
                if let Err(e) = with {
                    use ErrorKind::{InvalidValue, ValueValidation};
                    assert!(!matches!(e.kind(), InvalidValue | ValueValidation), "{e}");
                }
                *seen += 1;
            }
            for inner in command.get_subcommands() {
                path.push(inner.get_name().to_string());
                look(path, inner, seen);
                path.pop();
            }
        }
        let mut seen = 0;
        look(&mut Vec::new(), &Cli::command(), &mut seen);
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn settings_of_a_project_lie_beside_the_first_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prompts.jsonl");
        std::fs::write(&file, "").unwrap();
        let find = |args: &[&str]| {
            let args: Vec<_> = args.iter().map(OsString::from).collect();
            first_file(&args)
        };
        let file = file.to_str().unwrap();
        let found = Some(PathBuf::from(file));
        assert_eq!(find(&["r", file]), found);
        assert_eq!(find(&["r", "score", "--seed", "1", file, "-o", "x"]), found);
        assert_eq!(find(&["r", "audit", "spans", "nothing", file]), found);
        assert_eq!(find(&["r", "score", "bundle:x", "-o", file]), None);
        assert_eq!(find(&["r", "score", "--no-such-option", file]), None);
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
        let find = |args: &[&str]| {
            option(
                &args.iter().map(OsString::from).collect::<Vec<_>>(),
                "config",
            )
        };
        assert_eq!(find(&["r", "score", "--config", "a"]), Some("a".into()));
        assert_eq!(find(&["r", "--config=b", "score"]), Some("b".into()));
        assert_eq!(find(&["r", "score", "--", "--config", "a"]), None);
    }
}
