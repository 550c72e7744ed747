//! A folder with prompts, a corpus and texts in it, and the program run there as a user of whom nothing must be told.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::support::root;

/// Stands in the folder's name, the user's name and the environment.
pub const CANARY: &str = "kanarie";

pub struct Place {
    _dir: tempfile::TempDir,
    pub folder: PathBuf,
}

impl Place {
    pub fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(CANARY);
        fs::create_dir_all(folder.join("home")).unwrap();
        let write = |name: &str, content: String| fs::write(folder.join(name), content).unwrap();
        let prompts = fs::read_to_string(root().join("prompts/applied-base.jsonl")).unwrap();
        write("p.jsonl", lines(prompts.lines().take(3)));
        let corpus = fs::File::open(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap();
        let corpus = String::from_utf8(zstd::decode_all(corpus).unwrap()).unwrap();
        write("c.jsonl", lines(corpus.lines().take(60)));
        let cards = corpus.lines().filter(|l| l.contains("Contact card"));
        write("people.jsonl", lines(cards.take(8)));
        write("t.txt", "Tom has 3 pens. He buys 4 more.\n".into());
        write("list.txt", "+1 415 555 0100\n".into());
        let model = root().join("models/pocket/pocket-q8_0.gguf");
        std::os::unix::fs::symlink(model, folder.join("m.gguf")).unwrap();
        Place { _dir: dir, folder }
    }

    /// The program, with a umask that leaves others nothing.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "umask 027; exec \"$0\" \"$@\"",
                env!("CARGO_BIN_EXE_rotescope"),
            ])
            .args(args)
            .current_dir(&self.folder)
            .env("ROTESCOPE_HOME", root())
            .env("HOME", self.folder.join("home"))
            .envs([("USER", CANARY), ("LOGNAME", CANARY), ("SECRET", CANARY)])
            .envs(
                ["CONFIG", "CACHE", "STATE", "DATA"]
                    .map(|n| (format!("XDG_{n}_HOME"), self.folder.join("home"))),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn lines<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(|l| format!("{l}\n")).collect()
}
