//! `rotescope config`: the settings in force, and where each comes from. What it prints is a file of settings.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Arg, Command};

use super::common::{Global, show};
use super::settings::Settings;
use super::settings::error::nearest;
use super::settings::options::{APP, OptionSetting, commands, is_flag, settable, table};
use rotescope_text::sanitize;

#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    /// Print all options of this command, such as `score` or `audit spans`; `app` for those of the app
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Prints what the files set, or all options of one command.
pub fn run(global: &Global, args: &ConfigArgs, program: &Command) -> Result<ExitCode> {
    let settings = &global.settings;
    let mut text = head(settings);
    if args.command.is_empty() {
        text += &all(settings, program)?;
    } else {
        let names = match args.command.as_slice() {
            [name] if name == APP => Vec::new(),
            names => names.to_vec(),
        };
        text += &of_command(settings, program, &names)?;
    }
    show(&text)?;
    Ok(match settings.problems.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(1),
    })
}

/// The files, profiles and variables.
fn head(settings: &Settings) -> String {
    let mut head =
        String::from("# Files of settings; what the later say goes before what the earlier say:\n");
    for (path, is_read) in &settings.files {
        let read = if *is_read { "" } else { " (not read)" };
        head += &format!(
            "#   {}{read}\n",
            sanitize::line(&path.display().to_string())
        );
    }
    for problem in &settings.problems {
        for line in format!("wrong, and passed over: {problem}").lines() {
            head += &format!("# {line}\n");
        }
    }
    if !settings.profiles.is_empty() {
        head += &format!(
            "# Profiles, for --profile: {}\n",
            sanitize::line(&settings.profiles.join(", "))
        );
    }
    head
}

/// What the files say, one line or table a setting.
fn all(settings: &Settings, program: &Command) -> Result<String> {
    let mut text = String::new();
    for (name, value) in variables(program) {
        text += &format!(
            "# {name}={} goes before the files\n",
            sanitize::line(&value)
        );
    }
    let (common, of_one): (Vec<_>, Vec<_>) = in_force(settings)
        .into_iter()
        .partition(|option| option.command.is_none());
    for option in common {
        text += &said(option);
    }
    text += &toml::to_string(&settings.own)?;
    let mut last = None;
    for option in of_one {
        if last != Some(&option.command) {
            let command = option.command.as_deref().unwrap_or_default();
            text += &format!("\n[{}]\n", table(command));
            last = Some(&option.command);
        }
        text += &said(option);
    }
    if settings.is_empty() {
        text += "# They say nothing: all is as it comes. `rotescope config score` prints the options of a command.\n";
    }
    Ok(text)
}

/// A setting and where it is from, in a line.
fn said(option: &OptionSetting) -> String {
    let (name, value) = (&option.name, option.in_force());
    format!("{name} = {value} # {}\n", sanitize::line(&option.origin))
}

/// The environment variables of options that are set.
fn variables(program: &Command) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut look = vec![program];
    while let Some(command) = look.pop() {
        let named = command.get_arguments().filter_map(|a| a.get_env());
        found.extend(named.filter_map(|name| {
            let value = std::env::var_os(name)?;
            Some((
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            ))
        }));
        look.extend(command.get_subcommands());
    }
    found.sort();
    found.dedup();
    found
}

/// The settings that no later one goes before, those of all commands first, and those of one side by side.
fn in_force(settings: &Settings) -> Vec<&OptionSetting> {
    let mut last: Vec<&OptionSetting> = Vec::new();
    for option in &settings.options {
        last.retain(|known| known.key() != option.key());
        last.push(option);
    }
    last.sort_by_key(|option| (option.command.clone(), option.name.clone()));
    last
}

/// All options of a command: what is set as a line, what is as it comes as a comment.
fn of_command(settings: &Settings, program: &Command, names: &[String]) -> Result<String> {
    let mut command = program;
    for (depth, name) in names.iter().enumerate() {
        let Some(inner) = command.find_subcommand(name) else {
            let known = commands(command).chain((depth == 0).then_some(APP));
            let meant =
                nearest(name, known).map_or(String::new(), |m| format!("; did you mean {m:?}?"));
            bail!("{}: no such command{meant}", names[..=depth].join(" "));
        };
        command = inner;
    }
    let mut text = format!("\n[{}]\n", table(names));
    for option in settable(command) {
        line(&mut text, settings, names, option)?;
    }
    let inner: Vec<&str> = commands(command).collect();
    if !names.is_empty() && !inner.is_empty() {
        text += &format!("# Commands within it: {}\n", inner.join(", "));
    }
    Ok(text)
}

fn line(text: &mut String, settings: &Settings, names: &[String], option: &Arg) -> Result<()> {
    let name = option.get_long().unwrap_or_default();
    let help = option.get_help().map(ToString::to_string);
    writeln!(text, "# {}", help.unwrap_or_default().replace('\n', " "))?;
    let variable = option.get_env().map(|v| v.to_string_lossy().into_owned());
    if let Some((variable, value)) =
        variable.and_then(|v| Some((v.clone(), std::env::var(v).ok()?)))
    {
        writeln!(
            text,
            "{name} = {} # environment: {variable}",
            quoted(&value)
        )?;
        return Ok(());
    }
    let is_index = names.first().is_some_and(|n| n == "index");
    // Those of all commands come first.
    let set = in_force(settings).into_iter().rfind(|s| {
        let is_for_it = match &s.command {
            None => !is_index,
            Some(command) => command == names,
        };
        is_for_it && s.name == name
    });
    if let Some(set) = set {
        *text += &said(set);
        return Ok(());
    }
    let defaults: Vec<String> = option
        .get_default_values()
        .iter()
        .map(|v| quoted(&v.to_string_lossy()))
        .collect();
    match defaults.as_slice() {
        _ if is_flag(option) => writeln!(text, "#{name} = false")?,
        [] => writeln!(text, "#{name} = (not set)")?,
        [one] => writeln!(text, "#{name} = {one}")?,
        several => writeln!(text, "#{name} = [{}]", several.join(", "))?,
    }
    Ok(())
}

/// A text as TOML has it, or a number.
fn quoted(text: &str) -> String {
    if text.parse::<i64>().is_ok() {
        return text.to_string();
    }
    toml::Value::String(text.to_string()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command::Cli;
    use clap::CommandFactory;

    /// What is printed of any command is TOML, and says what was said.
    #[test]
    fn what_is_printed_is_a_file_of_settings() {
        fn look(command: &Command, names: &mut Vec<String>, seen: &mut usize) {
            let printed = of_command(&Settings::default(), &Cli::command(), names).unwrap();
            let read: toml::Table = toml::from_str(&printed).unwrap();
            assert!(read.contains_key("command"), "{printed}");
            // With the marks taken off as well, but for what is not set.
            let on = printed.lines().filter(|l| !l.ends_with("(not set)"));
            let on: Vec<&str> = on
                .map(|l| {
                    l.strip_prefix('#')
                        .filter(|l| !l.starts_with(' '))
                        .unwrap_or(l)
                })
                .collect();
            let read: toml::Table =
                toml::from_str(&on.join("\n")).unwrap_or_else(|e| panic!("{e}"));
            assert!(read.contains_key("command"));
            *seen += 1;
            for inner in command.get_subcommands() {
                names.push(inner.get_name().to_string());
                look(inner, names, seen);
                names.pop();
            }
        }
        let mut seen = 0;
        look(&Cli::command(), &mut Vec::new(), &mut seen);
        assert!(seen > 30, "{seen}");
        let error =
            of_command(&Settings::default(), &Cli::command(), &["scor".into()]).unwrap_err();
        assert!(error.to_string().contains("did you mean \"score\""));
    }
}
