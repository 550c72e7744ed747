//! The program alone: copied into an empty folder, with an empty home, it has its bundle.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::support::{self, text};
use rotescope::shipped::BUNDLED;
use tempfile::TempDir;

/// The program, copied to a folder of its own, and a home without anything in it.
struct Installed {
    folder: TempDir,
}

impl Installed {
    fn new() -> Installed {
        let folder = tempfile::tempdir().unwrap();
        for part in ["bin", "home", "here"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
        }
        let own = folder.path().join("bin/rotescope");
        // By a process of its own: a file that this one has open to write, and with it every child that another test starts meanwhile, cannot be run.
        let copied = Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_rotescope"))
            .arg(own)
            .status();
        assert!(copied.unwrap().success());
        Installed { folder }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Sets it up to run from an empty folder, knowing nothing but its home.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.path("home"))
            .current_dir(self.path("here"));
        command
    }

    fn rotescope(&self, args: &[&str]) -> Output {
        let own = self.path("bin/rotescope");
        loop {
            match self.command(&own).args(args).output() {
                // A process that another test starts at this moment has the copy open for writing until it runs its own program.
                Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
                run => return run.unwrap(),
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Where the one file that ends so was unpacked to.
    fn unpacked(&self, end: &str) -> PathBuf {
        let data = self.path("home/.local/share/rotescope");
        let bundle = std::fs::read_dir(data).unwrap().next().unwrap();
        bundle.unwrap().path().join(end)
    }
}

const SCORE: [&str; 7] = [
    "score",
    "bundle:applied-longtail",
    "--limit",
    "1",
    "--max-tokens",
    "8",
    "-q",
];

fn model() -> &'static str {
    BUNDLED.model.path
}

#[test]
fn it_scores_with_the_bundled_model_and_corpus() {
    let installed = Installed::new();
    let sources = ["--sources", "local"];
    let run = installed.rotescope(&[&SCORE[..], &sources].concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
    let trace: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(trace["model"]["sha256"], BUNDLED.model.sha256);
    assert!(trace["index"]["tokens"].as_u64().unwrap() > 1_000_000);
    assert_eq!(trace["tokens"].as_array().unwrap().len(), 8);
    // The index is beside the rest, and is found there: nothing is built again.
    let index = installed.unpacked(BUNDLED.index).join("manifest.json");
    let built = index.metadata().unwrap().modified().unwrap();
    let again = installed.rotescope(&[&SCORE[..], &sources].concat());
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert_eq!(index.metadata().unwrap().modified().unwrap(), built);
    // A checkout scores the same.
    let checkout = support::rotescope(&[&SCORE[..], &["--no-index"]].concat());
    let own = installed.rotescope(&[&SCORE[..], &["--no-index"]].concat());
    let text_of = |run: &Output| {
        let trace: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        trace["output"].clone()
    };
    assert_eq!(text_of(&own), text_of(&checkout));
}

#[test]
fn it_scores_standard_input() {
    use std::io::Write;
    let installed = Installed::new();
    let mut child = installed
        .command(&installed.path("bin/rotescope"))
        .args(["score", "-", "--no-index", "-q", "--max-tokens", "4"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"Compute 2 + 3.\n").unwrap();
    drop(stdin);
    let run = child.wait_with_output().unwrap();
    assert!(run.status.success());
    let trace: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(trace["prompt"]["question"], "Compute 2 + 3.");
}

#[test]
fn a_file_that_was_damaged_is_replaced() {
    let installed = Installed::new();
    let args = [&SCORE[..], &["--no-index"]].concat();
    assert!(installed.rotescope(&args).status.success());
    let path = installed.unpacked(model());
    let mut bytes = std::fs::read(&path).unwrap();
    assert_eq!(bytes, BUNDLED.model.bytes);
    // Of the same length, and then a part.
    bytes[1_000_000] ^= 1;
    for damaged in [&bytes[..], &bytes[..5000]] {
        std::fs::write(&path, damaged).unwrap();
        let run = installed.rotescope(&args);
        assert!(run.status.success(), "{}", text(&run.stderr));
        assert!(std::fs::read(&path).unwrap() == BUNDLED.model.bytes);
    }
}

#[test]
fn two_at_once_and_one_that_was_killed_leave_it_whole() {
    let installed = Installed::new();
    let args = [&SCORE[..], &["--no-index"]].concat();
    let start = || {
        let mut command = installed.command(&installed.path("bin/rotescope"));
        command.args(&args).stdout(std::process::Stdio::null());
        command.spawn().unwrap()
    };
    let mut killed = start();
    let (mut a, mut b) = (start(), start());
    std::thread::sleep(std::time::Duration::from_millis(20));
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(a.wait().unwrap().success() && b.wait().unwrap().success());
    let path = installed.unpacked(model());
    assert!(std::fs::read(path).unwrap() == BUNDLED.model.bytes);
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let installed = Installed::new();
    // No mode keeps the superuser out; a file where a folder should be keeps everyone out.
    std::fs::write(installed.path("home/.local"), "").unwrap();
    let run = installed.rotescope(&[&SCORE[..], &["--no-index"]].concat());
    assert_eq!(run.status.code(), Some(2));
    let message = text(&run.stderr);
    let at = installed.path("home/.local/share/rotescope");
    assert!(
        message.contains(at.to_str().unwrap()) && message.contains("XDG_DATA_HOME"),
        "{message}"
    );
    let doctor = installed.rotescope(&["doctor"]);
    assert_eq!(doctor.status.code(), Some(1));
    assert!(
        text(&doctor.stdout).contains("✗ model"),
        "{}",
        text(&doctor.stdout)
    );
    // With another model nothing of the bundle is needed.
    let (other, prompt) = (
        installed.path("here/other.gguf"),
        installed.path("here/p.txt"),
    );
    let mut bytes = BUNDLED.model.bytes.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&other, bytes).unwrap();
    std::fs::write(&prompt, "Compute 2 + 3.\n").unwrap();
    let mut args = vec!["score", prompt.to_str().unwrap(), "--no-index", "-q"];
    args.extend(["--max-tokens", "2", "--model", other.to_str().unwrap()]);
    let run = installed.rotescope(&args);
    assert!(run.status.success(), "{}", text(&run.stderr));
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_named_and_leaves_no_part() {
    let installed = Installed::new();
    // Files may not grow beyond a megabyte, which is how a disk without room looks to the program.
    let mut limited = installed.command(Path::new("/bin/sh"));
    let own = installed.path("bin/rotescope");
    let run = limited
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$@\"", "sh"])
        .arg(&own)
        .args(SCORE)
        .arg("--no-index")
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    let message = text(&run.stderr);
    let path = installed.unpacked(model());
    assert!(
        message.contains(path.to_str().unwrap()) && message.contains("has room"),
        "{message}"
    );
    let folder = std::fs::read_dir(path.parent().unwrap()).unwrap();
    assert_eq!(folder.count(), 0);
    let run = installed.rotescope(&[&SCORE[..], &["--no-index"]].concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
}

#[test]
fn bundled_prompts_have_names() {
    let installed = Installed::new();
    let doctor = installed.rotescope(&["doctor"]);
    let found = text(&doctor.stdout);
    let data = installed.path("home/.local/share/rotescope");
    assert!(found.contains(data.to_str().unwrap()), "{found}");
    assert!(found.contains("applied-longtail"), "{found}");
    // Changed by an operator that knows their form.
    let perturbed = installed.rotescope(&[
        "perturb",
        "bundle:applied-base.jsonl",
        "--operator",
        "numbers",
    ]);
    assert!(perturbed.status.success(), "{}", text(&perturbed.stderr));
    let first = text(&perturbed.stdout).lines().next().unwrap().to_string();
    let prompt: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert!(prompt["meta"]["equations"].is_array(), "{first}");
    // What is not there says what is meant.
    for (file, want) in [
        ("prompts/applied-longtail.jsonl", "bundle:applied-longtail"),
        ("bundle:applied", "bundle:applied-base"),
        ("none.jsonl", "none.jsonl"),
    ] {
        let run = installed.rotescope(&["perturb", file, "--operator", "numbers"]);
        assert_eq!(run.status.code(), Some(2));
        assert!(text(&run.stderr).contains(want), "{}", text(&run.stderr));
    }
}
