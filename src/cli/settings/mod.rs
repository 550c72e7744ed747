//! Settings: what configuration files say, and where they lie. How they join the command line is in [`line`](super::line).
//!
//! | part | what is in it |
//! |---|---|
//! | [`source`] | the files, and what each may say |
//! | [`options`] | settings that are options of commands |
//! | [`own`] | settings that no option has |
//! | [`error`] | what is wrong |

pub mod error;
pub mod options;
pub mod own;
mod source;

use std::path::{Path, PathBuf};

use clap::Command;

use crate::folders;
pub use error::SettingsError;
use error::{nearest, shortened, unknown};
use options::OptionSetting;
use own::Own;
use source::Source;

/// Name of a project's file, which lies beside its prompts.
pub const PROJECT: &str = "rotescope.toml";

/// What is set, by all files together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// What no option has.
    pub own: Own,
    /// Options, as the files have them: what comes later goes before what came earlier.
    pub options: Vec<OptionSetting>,
    /// The files, in their order, and whether they could be read.
    pub files: Vec<(PathBuf, bool)>,
    /// Profiles that the files have.
    pub profiles: Vec<String>,
    /// What is wrong in them, each with its file, and was passed over.
    pub problems: Vec<String>,
}

/// Where settings are looked for.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The file that was asked for by name: then it is the only one.
    pub asked: Option<PathBuf>,
    /// Folders that may have a project's file, the first that has one counts.
    pub folders: Vec<PathBuf>,
    /// The profile that was asked for.
    pub profile: Option<String>,
}

/// Reads the file asked for, or the user's own and the project's, as far as they are there.
///
/// # Errors
/// The file that was asked for cannot be read or is no TOML; no file has the profile. All else that is wrong is passed over and named in
/// [`Settings::problems`].
pub fn read(places: &Places, program: &Command) -> Result<Settings, SettingsError> {
    let mut settings = Settings::default();
    let mut sources = Vec::new();
    if let Some(path) = &places.asked {
        settings.files.push((path.clone(), true));
        sources.push(Source::read(path, None)?);
    } else {
        let own = folders::config().map(|folder| (folder.join("config.toml"), None));
        let project = places.folders.iter().map(|f| (f.join(PROJECT), Some(f)));
        let project = project
            .into_iter()
            .find(|(path, _)| path.exists())
            .map(|(path, folder)| (path, folder.cloned()));
        for (path, folder) in own.into_iter().chain(project) {
            let read = Source::read(&path, folder);
            settings.files.push((path, read.is_ok()));
            match read {
                Ok(source) => sources.push(source),
                Err(SettingsError::Io { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => settings.problems.push(error.to_string()),
            }
        }
    }
    for source in &sources {
        settings.add(program, source, &source.table);
        settings
            .profiles
            .extend(source.profiles().map(String::from));
    }
    if let Some(name) = &places.profile {
        let mut found = false;
        for source in &sources {
            if let Some((source, table)) = source.profile(name) {
                settings.add(program, &source, &table);
                found = true;
            }
        }
        if !found {
            let known = settings.profiles.iter().map(String::as_str);
            return Err(SettingsError::Profile {
                suggestion: nearest(name, known).map(String::from),
                name: shortened(name),
            });
        }
    }
    settings.problems.dedup();
    Ok(settings)
}

impl Settings {
    /// Adds what a table says; it goes before what was there.
    fn add(&mut self, program: &Command, source: &Source, table: &toml::Table) {
        for (key, value) in table {
            let done = if key == options::COMMANDS {
                let problems = options::add(program, source, value, &mut self.options);
                self.problems.extend(problems);
                Ok(())
            } else if options::is_common(key) {
                options::common(program, source, key, value).map(|option| self.options.push(option))
            } else if Own::NAMES.contains(&key.as_str()) {
                self.own.add(source, key, value)
            } else if key == source::PROFILES && source.profile.is_none() {
                Ok(())
            } else {
                let known = options::COMMON.into_iter().chain(Own::NAMES);
                let known = known.chain([options::COMMANDS, source::PROFILES]);
                Err(unknown(key, nearest(key, known)))
            };
            if let Err(what) = done {
                self.problems.push(source.problem(&what));
            }
        }
    }

    /// The project's file, if one was read.
    pub fn project(&self) -> Option<&Path> {
        let read = self.files.iter().filter(|(_, is_read)| *is_read);
        let mut paths = read.map(|(path, _)| path.as_path());
        paths.find(|path| path.ends_with(PROJECT))
    }

    /// The theme that is set for the app.
    pub fn theme(&self) -> Option<&str> {
        let of_app = |o: &&OptionSetting| o.command.as_ref().is_none_or(Vec::is_empty);
        let mut options = self.options.iter().filter(of_app);
        let last = options.rfind(|o| o.name == "theme")?;
        last.texts.first().map(String::as_str)
    }

    /// Whether the files say anything.
    pub fn is_empty(&self) -> bool {
        self.own == Own::default() && self.options.is_empty()
    }
}

#[cfg(test)]
fn program() -> Command {
    use clap::CommandFactory;
    super::command::Cli::command()
}

/// Reads a text as the file of that path; `folder`: of a project's file.
#[cfg(test)]
fn of_text(text: &str, path: &Path, folder: Option<&Path>) -> Result<Settings, SettingsError> {
    let source = Source::parse(text.to_string(), path, folder.map(Path::to_path_buf))?;
    let mut settings = Settings::default();
    settings.add(&program(), &source, &source.table);
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Settings {
        of_text(text, Path::new("config.toml"), None).unwrap()
    }

    /// The shipped configuration, with its comment marks taken off.
    #[test]
    fn shipped_configuration_names_every_setting() {
        let shipped = include_str!("../../../docs/config.toml");
        assert_eq!(read_text(shipped), Settings::default());
        let on: String = shipped
            .lines()
            .map(|l| l.strip_prefix("#: ").unwrap_or(l).to_string() + "\n")
            .collect();
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), on).unwrap();
        let s = read(
            &Places {
                asked: Some(path.path().to_path_buf()),
                profile: Some("olmo".into()),
                ..Places::default()
            },
            &program(),
        )
        .unwrap();
        assert_eq!(s.problems, [""; 0]);
        let set: Vec<&str> = s.options.iter().map(|o| o.name.as_str()).collect();
        for name in options::COMMON {
            assert!(set.contains(&name), "{name}");
        }
        assert!(s.options.iter().any(|o| o.command.is_some()));
        assert!(s.own.mouse.is_some() && !s.own.keys.is_empty() && !s.own.indexes.is_empty());
        assert_eq!(s.own.reasoning.pairs().len(), 1);
        let theme = s.theme().unwrap();
        assert!(crate::themes::THEMES.load(theme, None).is_ok());
    }

    #[test]
    fn the_example_of_the_page_is_right() {
        let page = include_str!("../../../docs/settings.md");
        let example = page.split("```").find_map(|p| p.strip_prefix("toml\n"));
        let read = read_text(example.unwrap());
        assert_eq!(read.problems, [""; 0]);
        assert_eq!(read.options.len(), 5);
    }

    #[test]
    fn mistakes_are_named_and_the_rest_counts() {
        for (text, want) in [
            (
                "thme = \"dark\"",
                "config.toml: unknown setting \"thme\"; did you mean \"theme\"?",
            ),
            ("whatever = 1", "config.toml: unknown setting \"whatever\""),
            (
                "color = \"red\"",
                "config.toml: color: invalid value 'red' for '--color <WHEN>'",
            ),
            (
                "threads = 0",
                "config.toml: threads: invalid value '0' for '--threads <N>'",
            ),
            ("theme = { a = 1 }", "config.toml: theme: not a text"),
            ("mouse = \"x\"", "config.toml: mouse: "),
            (
                "[command.scor]\nseed = 1",
                "unknown setting \"command.scor\"; did you mean \"score\"?",
            ),
            (
                "[command.score]\nmax-token = 1",
                "unknown setting \"command.score.max-token\"; did you mean \"max-tokens\"?",
            ),
            (
                "[command.score]\nmax-tokens = \"many\"",
                "command.score.max-tokens: invalid value 'many'",
            ),
            (
                "[command.audit.span]\nshortest = 1",
                "unknown setting \"command.audit.span\"; did you mean \"spans\"?",
            ),
        ] {
            let read = read_text(&format!("index = \"here\"\n{text}"));
            let [problem] = read.problems.as_slice() else {
                panic!("{text}: {:?}", read.problems);
            };
            assert!(problem.contains(want), "{problem}");
            assert_eq!(read.options.len(), 1, "{text}");
        }
        let syntax = |text| {
            let error = of_text(text, Path::new("config.toml"), None).unwrap_err();
            error.to_string()
        };
        assert!(syntax("theme = \"x\"\nindex = ").contains("line 2"));
        for (pair, want) in [
            ("open = \"<x>\"", "missing field `close`"),
            ("open = \"\"\nclose = \"</x>\"", "open is empty"),
            ("open = \"%\"\nclose = \"%\"", "cannot be told"),
            ("opens = \"<x>\"\nclose = \"</x>\"", "unknown field `opens`"),
        ] {
            let read = read_text(&format!("mouse = true\n[[reasoning]]\n{pair}"));
            let problem = &read.problems[0];
            assert!(
                problem.contains(want) && problem.contains("line "),
                "{problem}"
            );
            assert_eq!(read.own.mouse, Some(true));
        }
    }

    #[test]
    fn a_profile_goes_before_the_rest_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let text = "model = \"a\"\n[profile.big]\nmodel = \"b\"\n[profile.big.command.score]\nseed = 3\n[profile.small]\nmouse = false\n";
        std::fs::write(&path, text).unwrap();
        let of = |profile: Option<&str>| {
            read(
                &Places {
                    asked: Some(path.clone()),
                    profile: profile.map(String::from),
                    ..Places::default()
                },
                &program(),
            )
        };
        let values = |s: &Settings| -> Vec<String> {
            s.options.iter().flat_map(|o| o.texts.clone()).collect()
        };
        let plain = of(None).unwrap();
        assert_eq!(values(&plain), ["a"]);
        assert_eq!(plain.profiles, ["big", "small"]);
        let big = of(Some("big")).unwrap();
        assert_eq!(values(&big), ["a", "3", "b"]);
        assert!(big.options[1].origin.contains("profile big"), "{big:?}");
        assert_eq!(of(Some("small")).unwrap().own.mouse, Some(false));
        let error = of(Some("bigg")).unwrap_err().to_string();
        assert!(error.contains("did you mean \"big\""), "{error}");
    }

    #[test]
    fn a_project_reaches_no_server_and_no_file_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let project = |text: &str| {
            let path = folder.path().join(PROJECT);
            of_text(text, &path, Some(folder.path())).unwrap()
        };
        for text in [
            "index = \"infinigram:https://example.org#x\"",
            "[indexes.a]\nindex = \"opensearch:https://example.org/x\"",
            "[command.score]\noutput = \"../x.jsonl\"",
            "[command.score]\noutput = \"/x.jsonl\"",
            "[command.score]\ninsecure = true",
            "[command.index.push]\ninsecure = true",
        ] {
            let read = project(text);
            assert_eq!(read.problems.len(), 1, "{text}");
            assert!(read.problems[0].contains(PROJECT), "{:?}", read.problems);
            assert!(read.is_empty(), "{text}: {read:?}");
        }
        std::fs::create_dir(folder.path().join("ix")).unwrap();
        let read = project(
            "index = \"ix\"\nmodel = \"/models/m.gguf\"\n[command.score]\noutput = \"out/x.jsonl\"\nseed = 4\n",
        );
        assert_eq!(read.problems, [""; 0]);
        let texts: Vec<&str> = read.options.iter().map(|o| o.texts[0].as_str()).collect();
        let under = |name: &str| folder.path().join(name).display().to_string();
        for want in [&under("ix"), "/models/m.gguf", &under("out/x.jsonl"), "4"] {
            assert!(texts.contains(&want), "{want}: {texts:?}");
        }
    }
}
