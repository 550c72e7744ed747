//! Every command that names no remote, in a folder of its own: it opens no socket, its files have the user's permissions, and they say nothing of the machine.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rotescope_trace::packed::unpack;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

use super::place::{CANARY, Place};
use crate::support::{root, text};

/// In order: later ones read what earlier ones wrote.
const COMMANDS: &str = "
index build c.jsonl --model m.gguf -o ix
index info ix
index check ix
index count ix pens
index next ix the
index docs ix the
index append ix t.txt
index merge ix -o merged
score p.jsonl --limit 2 --max-tokens 12 --index ix --log log.txt -o traces.jsonl
score p.jsonl --limit 1 --max-tokens 8 --no-index -o traces.jsonl.gz
attribute traces.jsonl --index ix -o again.jsonl
import traces.jsonl -o imported.jsonl.zst
judge traces.jsonl -o judged.jsonl
evaluate traces.jsonl --json evaluated.json
perturb p.jsonl --operator typos -o changed.jsonl
compare p.jsonl --operator typos --index ix --max-tokens 6 --scope step:1 -o pairs.jsonl --keep kept
calibrate --prompts p.jsonl --index ix --limit 2 --max-tokens 12 --rollouts 1 --sources local
calibrate --list
report traces.jsonl -o report.html
report traces.jsonl.gz -o report.svg
report traces.jsonl -o report.csv
figure sources traces.jsonl -o figure.svg
keys
doctor
completions bash
man
cache info
lab edge --samples 12 --dimension 4 --components 2 --draws 2 --times 3 --seeds 1 --figure lab.svg -o lab.jsonl
lab text --samples 12 --length 6 --templates 2 --masks 2 --seeds 1 -o labtext.jsonl
lab model c.jsonl --index ix --sample 4 --window 16/16 -o labmodel.jsonl
audit spans t.txt --index ix -o spans.jsonl
audit extract c.jsonl --index ix --sample 2 --window 16/16 -o extract.jsonl
audit redundancy c.jsonl --index ix --sample 2 --window 16/16 -o redundancy.jsonl
audit regions t.txt --index ix -o regions.jsonl
audit students c.jsonl --index ix --ladder q4_0 --ladder-dir ladder --sample 2 --window 16/16 -o students.jsonl
pii scan people.jsonl -o pii.jsonl
pii gate list.txt
pii attack people.jsonl --kinds phone --prefix 60 --values 1 --samples 0 --no-templates -o attack.jsonl
pii verify people.jsonl --gate list.txt --kinds phone --prefix 60 --no-templates --values 1 --samples 0 --max-tokens 12 --held-out-texts 0 -o verify.jsonl
retro measure c.jsonl --index ix --sample 2 --window 16/16 -o measured.jsonl
retro answer p.jsonl --index ix --limit 1 --max-tokens 8 -o answers.jsonl
";

/// All below a folder.
pub fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        into.push(path.clone());
        if path.is_dir() {
            files(&path, into);
        }
    }
}

/// From now on this thread, and every process that it starts, is killed when it asks for a socket.
fn forbid_sockets() {
    let always = Vec::new();
    let filter = SeccompFilter::new(
        BTreeMap::from([(libc::SYS_socket, always)]),
        SeccompAction::Allow,
        SeccompAction::KillProcess,
        std::env::consts::ARCH.try_into().unwrap(),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    apply_filter(&program).unwrap();
}

#[test]
fn no_command_opens_a_socket_or_says_anything_of_the_machine() {
    let place = Place::new();
    let given: Vec<PathBuf> = {
        let mut given = Vec::new();
        files(&place.folder, &mut given);
        given
    };
    std::thread::scope(|scope| {
        let place = &place;
        let run = move || {
            forbid_sockets();
            for line in COMMANDS.lines().filter(|l| !l.is_empty()) {
                // Inputs by their whole paths, which nothing that is written may repeat.
                let whole = |word: &str| match place.path(word) {
                    path if path.exists() => path.display().to_string(),
                    _ => word.to_string(),
                };
                let words: Vec<String> = line.split(' ').map(whole).collect();
                let ended = place.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
                // Two prompts are too few to fit a flag to.
                let expected = if line.starts_with("calibrate --prompts") {
                    2
                } else {
                    0
                };
                let said = text(&ended.stderr);
                assert_eq!(ended.status.code(), Some(expected), "{line}: {said}");
            }
            // The filter would have told: this one names a remote.
            let remote = place.run(&["index", "info", "infinigram:http://127.0.0.1:9#x"]);
            assert_eq!(
                remote.status.signal(),
                Some(libc::SIGSYS),
                "{}",
                text(&remote.stderr)
            );
        };
        scope.spawn(run).join().unwrap();
    });
    let mut written = Vec::new();
    files(&place.folder, &mut written);
    written.retain(|path| !given.contains(path));
    assert!(written.len() > 40, "{written:?}");
    for path in written {
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(
            mode,
            if path.is_dir() { 0o750 } else { 0o640 },
            "{}",
            path.display()
        );
        // A log is for who wrote it, and says which files were opened.
        if path.is_file() && !path.ends_with("log.txt") {
            let bytes = fs::read(&path).unwrap();
            let mut plain = Vec::new();
            unpack::content(&bytes[..]).read_to_end(&mut plain).unwrap();
            let found = plain.windows(CANARY.len()).any(|w| w == CANARY.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

/// A command line tool is run by services that have neither a home nor a name.
#[test]
fn without_an_environment_everything_works() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("t.jsonl");
    let run = Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args([
            "score",
            "prompts/applied-base.jsonl",
            "--limit",
            "1",
            "--max-tokens",
            "4",
            "-o",
        ])
        .arg(&out)
        .current_dir(root())
        .env_clear()
        .env("ROTESCOPE_HOME", root())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert_eq!(fs::read_to_string(out).unwrap().lines().count(), 1);
}
