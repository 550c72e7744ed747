//! The commands in the book's pages: the program takes all of them, and those of the pages for beginners and of the recipes run.

mod lines;

use std::path::Path;
use std::process::Command;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use rotescope::cli::Cli;
use serde_json::{Value, json};

use crate::support::{root, text};
use lines::{Line, commands, pages, spoken};

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The name of a command, for no file is called so: one word of letters.
fn is_name(word: &str) -> bool {
    word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase())
}

fn is_command(word: &str) -> bool {
    word == "help" || Cli::command().find_subcommand(word).is_some()
}

/// Why the program would not take a command line. `N` and `SHELL` stand for values that it would take.
fn refused(words: &[String]) -> Option<clap::Error> {
    if let Some(name) = words.get(1).filter(|w| is_name(w) && !is_command(w)) {
        let why = format!("{name} is no command");
        return Some(Cli::command().error(ErrorKind::InvalidSubcommand, why));
    }
    let mut words = words.to_vec();
    loop {
        let error = Cli::try_parse_from(&words).err()?;
        if matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        ) {
            return None;
        }
        let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else {
            return Some(error);
        };
        let stands_for = value.len() == 1 || value.chars().all(|c| c.is_ascii_uppercase());
        let at = words.iter().position(|w| w == value);
        let Some(at) = at.filter(|_| stands_for && value != "1") else {
            return Some(error);
        };
        words[at] = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(all)) if !all.is_empty() => all[0].clone(),
            _ => "1".into(),
        };
    }
}

/// Whether a command that is only spoken of (`rotescope score`) is mistaken in what it says, and not only short of the rest.
fn mistaken(words: &[String]) -> Option<clap::Error> {
    refused(words).filter(|e| {
        matches!(
            e.kind(),
            ErrorKind::UnknownArgument
                | ErrorKind::InvalidSubcommand
                | ErrorKind::InvalidValue
                | ErrorKind::ValueValidation
        )
    })
}

#[test]
fn the_program_takes_every_command_of_the_book() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages(&read("docs/SUMMARY.md")) {
        let content = read(&format!("docs/{page}"));
        let whole = commands(&content)
            .into_iter()
            .map(|l| (refused(&l.words), l));
        let short = spoken(&content)
            .into_iter()
            .map(|l| (mistaken(&l.words), l));
        for (error, Line { number, words }) in whole.chain(short) {
            seen += 1;
            wrong.extend(error.map(|e| format!("{page}:{number}: {words:?}\n{e}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 200, "{seen} commands: are the pages read?");
}

#[test]
fn a_mistake_in_a_command_is_found() {
    let found = |line: &str| {
        let page = format!("```sh\n{line}\n```\n");
        let [line] = &commands(&page)[..] else {
            panic!("one command: {page}");
        };
        refused(&line.words).map(|e| e.kind())
    };
    for (line, kind) in [
        (
            "rotescope score p.jsonl --modle M.gguf",
            ErrorKind::UnknownArgument,
        ),
        ("rotescope scor p.jsonl", ErrorKind::InvalidSubcommand),
        (
            "rotescope index buildd corpus.jsonl",
            ErrorKind::InvalidSubcommand,
        ),
        (
            "rotescope score p.jsonl --limit few",
            ErrorKind::ValueValidation,
        ),
        (
            "rotescope index build corpus.jsonl",
            ErrorKind::MissingRequiredArgument,
        ),
    ] {
        assert_eq!(found(line), Some(kind), "{line}");
    }
    assert_eq!(found("rotescope score p.jsonl --limit N"), None);
}

/// Lines `from` to `to` of a bundled file of prompts.
fn prompts(name: &str, from: usize, to: usize) -> String {
    let all = read(&format!("prompts/{name}.jsonl"));
    let part: Vec<&str> = all.lines().skip(from).take(to - from).collect();
    part.join("\n")
}

/// The files that the pages speak of: a part of the bundled corpus, bundled prompts, texts.
fn lay_out(folder: &Path) {
    let write = |name: &str, content: &str| std::fs::write(folder.join(name), content).unwrap();
    let corpus = std::fs::read(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap();
    let corpus = String::from_utf8(zstd::decode_all(&corpus[..]).unwrap()).unwrap();
    let documents: Vec<&str> = corpus.lines().take(3000).collect();
    let texts: Vec<String> = documents[..40]
        .iter()
        .map(|d| {
            serde_json::from_str::<Value>(d).unwrap()["text"]
                .as_str()
                .unwrap()
                .into()
        })
        .collect();
    for name in ["corpus.jsonl", "olmo-part.jsonl"] {
        write(name, &documents.join("\n"));
    }
    let more: Vec<&str> = corpus.lines().skip(3000).take(20).collect();
    write("more.jsonl", &more.join("\n"));
    write("essay.txt", &texts[..3].join("\n"));
    write("book.txt", &texts.join("\n"));
    std::fs::create_dir(folder.join("texts")).unwrap();
    write(
        "texts/note.txt",
        "Two and two is four, and that is a note.\n",
    );
    write("prompts.jsonl", &prompts("applied-base", 0, 10));
    // Hard enough for as many wrong steps as `calibrate` asks for.
    write("train.jsonl", &prompts("applied-longtail", 0, 60));
    let others = json!({"question": "What is 3 + 4?", "completion": "3 + 4 = 7. So the answer is 7.", "answer": "7"});
    write("generations.jsonl", &others.to_string());
}

/// Whether a test can run it: it opens no app, and asks no server.
fn runs(words: &[String]) -> bool {
    let name = words.get(1);
    let opens = name.is_none_or(|n| n == "show" || !is_command(n));
    !opens && !words.iter().any(|w| w.contains("://"))
}

/// Runs the commands of a page one after the other. Every model that they name is the bundled one.
fn run_all(page: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let model = root().join("models/pocket/pocket-q8_0.gguf");
    let all = commands(&read(page)).into_iter().filter(|l| runs(&l.words));
    let mut ran = 0;
    for Line { number, words } in all {
        for name in words.iter().filter(|w| w.ends_with(".gguf")) {
            std::fs::copy(&model, folder.path().join(name)).unwrap();
        }
        let run = Command::new(env!("CARGO_BIN_EXE_rotescope"))
            .args(&words[1..])
            .env("ROTESCOPE_HOME", root())
            // What is calibrated here must not speak elsewhere.
            .env("XDG_DATA_HOME", folder.path().join("data"))
            .env_remove("ROTESCOPE_MODEL")
            .env_remove("ROTESCOPE_INDEX")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = text(&run.stderr);
        assert!(run.status.success(), "{page}:{number}: {words:?}\n{said}");
        let outputs = words
            .windows(2)
            .filter(|w| ["-o", "--out", "--export"].contains(&w[0].as_str()));
        for written in outputs.map(|w| folder.path().join(&w[1])) {
            assert!(
                written.exists(),
                "{page}:{number}: no {}",
                written.display()
            );
        }
        ran += 1;
    }
    ran
}

#[test]
fn the_commands_of_start_run() {
    assert!(run_all("docs/start.md") > 10);
}

#[test]
fn the_commands_of_the_recipes_run() {
    assert!(run_all("docs/recipes.md") > 35);
}
