//! Files of settings, from the outside.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::{root, text, traces};

/// A home with settings, and a project elsewhere with prompts and settings.
struct Place(TempDir);

impl Place {
    fn new(own: &str, project: &str) -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        for folder in ["home/rotescope", "project", "elsewhere"] {
            std::fs::create_dir_all(place.path(folder)).unwrap();
        }
        std::fs::write(place.path("home/rotescope/config.toml"), own).unwrap();
        if !project.is_empty() {
            std::fs::write(place.path("project/rotescope.toml"), project).unwrap();
        }
        let prompts = std::fs::read_to_string(root().join("prompts/applied-base.jsonl")).unwrap();
        let first = prompts.lines().next().unwrap();
        std::fs::write(place.path("project/prompts.jsonl"), first).unwrap();
        place
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program in a folder.
    fn run(&self, folder: &str, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_rotescope"))
            .args(args)
            .env("ROTESCOPE_HOME", root())
            .env("XDG_CONFIG_HOME", self.path("home"))
            .env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"))
            .env_remove("ROTESCOPE_CONFIG")
            .env_remove("ROTESCOPE_PROFILE")
            .current_dir(self.path(folder))
            .output()
            .unwrap()
    }

    /// Scores the prompt from another folder; how many tokens the answer has, and what was said.
    fn score(&self, more: &[&str]) -> (usize, String) {
        let out = self.path("elsewhere/traces.jsonl");
        let _ = std::fs::remove_file(&out);
        let prompts = self.path("project/prompts.jsonl");
        let args = [
            "score",
            prompts.to_str().unwrap(),
            "--no-index",
            "-q",
            "-o",
            out.to_str().unwrap(),
        ];
        let run = self.run("elsewhere", &[&args[..], more].concat());
        assert!(run.status.success(), "{}", text(&run.stderr));
        (traces(Path::new(&out))[0].tokens.len(), text(&run.stderr))
    }
}

#[test]
fn what_is_nearer_goes_before_what_is_farther() {
    let own = "[command.score]\nmax-tokens = 3\n[profile.long.command.score]\nmax-tokens = 6\n";
    let place = Place::new(own, "");
    assert_eq!(place.score(&[]).0, 3);
    assert_eq!(place.score(&["--max-tokens", "2"]).0, 2);
    assert_eq!(place.score(&["--profile", "long"]).0, 6);
    assert_eq!(
        place
            .score(&["--config", "/dev/null", "--max-tokens", "5"])
            .0,
        5
    );
    let place = Place::new(own, "[command.score]\nmax-tokens = 4\n");
    let (tokens, said) = place.score(&[]);
    assert_eq!(tokens, 4);
    assert!(
        said.contains("project/rotescope.toml are in force"),
        "{said}"
    );
    assert_eq!(place.score(&["--profile", "long"]).0, 6);
    let unknown = place.run("elsewhere", &["judge", "x.jsonl", "--profile", "lung"]);
    assert_eq!(unknown.status.code(), Some(2));
    let said = text(&unknown.stderr);
    assert!(said.contains("did you mean \"long\""), "{said}");
}

#[test]
fn what_is_wrong_is_named_and_stops_nothing() {
    let place = Place::new(
        "thme = \"dark\"\n[command.score]\nmax-token = 9\nmax-tokens = 3\nseed = \"x\"\n",
        "index = ",
    );
    let (tokens, said) = place.score(&[]);
    assert_eq!(tokens, 3);
    for part in [
        "did you mean \"theme\"",
        "did you mean \"max-tokens\"",
        "command.score.seed",
        "project/rotescope.toml: TOML parse error",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let config = place.run("elsewhere", &["config"]);
    assert_eq!(config.status.code(), Some(1));
    assert!(text(&config.stdout).contains("did you mean \"theme\""));
    // A file that was asked for by name and is none.
    let asked = place.run("elsewhere", &["judge", "x", "--config", "no-such.toml"]);
    assert_eq!(asked.status.code(), Some(2));
    assert!(text(&asked.stderr).contains("no-such.toml"));
}

#[test]
fn a_project_of_somebody_else_writes_nothing_elsewhere_and_asks_no_server() {
    let elsewhere = std::env::temp_dir().join("x.jsonl");
    let project = format!(
        "index = 'infinigram:http://127.0.0.1:9#x'\nlog = 'x'\n[command.app]\nlog = '../log'\n[command.score]\noutput = '{}'\nmax-tokens = 2\n",
        elsewhere.display()
    );
    let place = Place::new("", &project);
    let (tokens, said) = place.score(&["--log", "mine"]);
    assert_eq!(tokens, 2);
    for part in [
        "reaches none",
        "unknown setting \"log\"",
        "command.app.log: ../log lies outside",
        "x.jsonl lies outside",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!place.path("log").exists());
}

#[test]
fn config_prints_what_is_in_force_and_from_where() {
    let place = Place::new(
        "mouse = false\ntheme = \"light\"\n[keys]\nquit = \"q\"\n[indexes.a]\nindex = \"/x\"\n[[reasoning]]\nopen = \"<<hm\"\nclose = \"hm>>\"\n[command.score]\nseed = 3\n",
        "[command.score]\nseed = 4\nid = [\"a\", \"b\"]\n",
    );
    let all = place.run("project", &["config"]);
    assert!(all.status.success(), "{}", text(&all.stderr));
    let printed = text(&all.stdout);
    for part in [
        "home/rotescope/config.toml\n",
        "theme = \"light\" # ",
        "seed = 4 # ./rotescope.toml",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert!(!printed.contains("seed = 3"), "{printed}");
    // Printed again from what it printed, nothing changes but where it comes from.
    let file = place.path("elsewhere/again.toml");
    std::fs::write(&file, &printed).unwrap();
    let again = place.run("elsewhere", &["config", "--config", file.to_str().unwrap()]);
    let said = |text: &str| -> toml::Table { toml::from_str(text).unwrap() };
    assert_eq!(said(&printed), said(&text(&again.stdout)));
    assert_eq!(said(&printed).len(), 6, "{printed}");
    let score = text(&place.run("project", &["config", "score"]).stdout);
    for part in ["\nseed = 4 # ./rotescope.toml", "\n#max-tokens = "] {
        assert!(score.contains(part), "{part}: {score}");
    }
}
