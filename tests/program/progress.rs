//! What long runs say while they work, on a terminal and elsewhere.

use std::io::{BufRead, BufReader, Read};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::{Command, Stdio};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::Value;

use crate::support::{root, rotescope, text};

/// More prompts than can be done in a few seconds.
fn prompts(folder: &Path) -> String {
    let path = folder.join("prompts.txt");
    let all: Vec<String> = (0..20_000)
        .map(|i| format!("Tom has {i} pens and buys 7 more. How many pens does Tom have?"))
        .collect();
    std::fs::write(&path, all.join("\n")).unwrap();
    path.display().to_string()
}

#[test]
fn without_a_terminal_a_line_comes_now_and_then() {
    let folder = tempfile::tempdir().unwrap();
    let few = [
        "score",
        &prompts(folder.path()),
        "--no-index",
        "--limit",
        "2",
    ];
    let run = rotescope(&few);
    // Two prompts take less than two seconds.
    let said = text(&run.stderr);
    assert!(run.status.success() && !said.contains(" done; "), "{said}");

    let mut child = Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args(["score", &prompts(folder.path()), "--no-index"])
        // Side by side, some are done that wait for an earlier one to be written.
        .args(["--parallel", "1"])
        .current_dir(root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who writes must not wait for who reads.
    let mut written = child.stdout.take().unwrap();
    let stdout = std::thread::spawn(move || {
        let mut all = Vec::new();
        written.read_to_end(&mut all).unwrap();
        text(&all)
    });
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let lines: Vec<String> = lines.map(Result::unwrap).take(2).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let numbers = |line: &str| -> Vec<usize> {
        let words = line.split(|c: char| !c.is_ascii_digit());
        words.filter_map(|w| w.parse().ok()).collect()
    };
    for line in &lines {
        assert!(line.contains(" of 20000 prompts done; "), "{line}");
        assert!(line.ends_with(" left of all"), "{line}");
        assert!(!line.contains(['\r', '\u{1b}']), "{line:?}");
    }
    let done: Vec<usize> = lines.iter().map(|l| numbers(l)[0]).collect();
    assert!(0 < done[0] && done[0] < done[1], "{lines:?}");
    // Nothing but traces on standard output, and as many as was said.
    let stdout = stdout.join().unwrap();
    let whole = stdout.matches('\n').count();
    assert!(done[1] <= whole + 1, "{} of {whole}", done[1]);
    for line in stdout.lines().take(whole) {
        assert!(
            line.starts_with("{\"schema\":\"rotescope.trace/1\""),
            "{line}"
        );
    }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

#[test]
fn on_a_terminal_a_line_is_drawn_anew() {
    let folder = tempfile::tempdir().unwrap();
    let size = PtySize {
        rows: 24,
        cols: 120,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rotescope"));
    let out = folder.path().join("out.jsonl").display().to_string();
    command.args(["score", &prompts(folder.path()), "--no-index", "-o", &out]);
    command.cwd(root());
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).unwrap();
    let mut from = pair.master.try_clone_reader().unwrap();
    let mut screen = vt100::Parser::new(cells(24), cells(120), 0);
    let (mut seen, mut bytes) = (Vec::new(), [0; 4096]);
    while seen.len() < 4 {
        let n = from.read(&mut bytes).unwrap();
        screen.process(&bytes[..n]);
        let shown = screen.screen().contents();
        if shown.contains(" left of all") && seen.last() != Some(&shown) {
            seen.push(shown);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for shown in &seen {
        assert_eq!(
            shown.matches(" of 20000 prompts done; ").count(),
            1,
            "{shown}"
        );
        assert_eq!(shown.trim().lines().count(), 1, "{shown}");
    }
}

#[test]
fn attribution_of_saved_completions_says_how_far_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let traces = folder.path().join("traces.jsonl");
    let to = traces.to_str().unwrap();
    let run = rotescope(&[
        "score",
        "prompts/applied-base.jsonl",
        "--no-index",
        "--limit",
        "30",
        "-q",
        "-o",
        to,
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    // So often that it takes a while, with all sources and the costliest saliency.
    let once = std::fs::read(&traces).unwrap();
    std::fs::write(&traces, once.repeat(20)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args(["attribute", to, "--index", crate::support::small_index()])
        .current_dir(root())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.find_map(|l| {
        Some(l.unwrap()).filter(|l| l.contains("; applied-base-0") && l.ends_with("left of all"))
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let line = line.expect("a line that says it all");
    assert!(line.contains(" of 600 prompts done; "), "{line}");
}

const MODEL: &str = "models/pocket/pocket-q8_0.gguf";

/// Expects a value to be what a part of a schema says, and to have no member that the schema does not name.
fn expect_valid(value: &Value, part: &Value, schema: &Value) {
    if let Some(name) = part["$ref"].as_str() {
        let place = name.strip_prefix('#').unwrap();
        return expect_valid(value, schema.pointer(place).unwrap(), schema);
    }
    let kinds = match &part["type"] {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    assert!(kinds.iter().any(is), "{value} is not {kinds:?}");
    if let Some(only) = part.get("const") {
        assert_eq!(value, only);
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        expect_valid(inner, &part["properties"][name], schema);
    }
    for name in part["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{name}");
    }
    for inner in value.as_array().into_iter().flatten() {
        expect_valid(inner, &part["items"], schema);
    }
}

/// What a command counts, one after another, and how many where that is known.
type Counts<'a> = &'a [(&'a str, Option<u64>)];

/// What a command says, first the records and then all else, with numbers left out.
fn said(args: &[&str]) -> (Vec<Value>, Vec<String>) {
    let run = rotescope(args);
    let said = text(&run.stderr);
    assert!(run.status.success(), "{said}");
    let (records, others): (Vec<&str>, Vec<&str>) = said.lines().partition(|l| l.starts_with('{'));
    let plain = |l: &&str| l.chars().filter(|c| !c.is_ascii_digit()).collect();
    (
        records
            .iter()
            .map(|r| serde_json::from_str(r).unwrap())
            .collect(),
        others.iter().map(plain).collect(),
    )
}

#[test]
fn progress_as_json_is_what_its_schema_says() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let schema = std::fs::read(root().join("docs/schema/progress.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let corpus = place("corpus.jsonl");
    let line = |i| format!("{{\"text\": \"Call 555 01{i:02} or write to p{i}@example.org.\"}}\n");
    std::fs::write(&corpus, (0..20).map(line).collect::<String>()).unwrap();
    let (index, traces) = (place("index"), place("traces.jsonl"));
    let score = [
        "score",
        "prompts/applied-base.jsonl",
        "--no-index",
        "--limit",
        "2",
    ];
    let score = [&score[..], &["--max-tokens", "8"]].concat();
    std::fs::write(&traces, rotescope(&score).stdout).unwrap();
    let build = [
        "index", "build", &corpus, "--model", MODEL, "--out", &index, "--force",
    ];
    let commands: [(&[&str], Counts); 6] = [
        (&score, &[("prompts", Some(2))]),
        (
            &build,
            &[
                ("bytes read", None),
                ("tokens sorted", None),
                ("bytes hashed", None),
            ],
        ),
        (&["pii", "scan", &corpus], &[("documents read", Some(20))]),
        (&["judge", &traces], &[("completions judged", Some(2))]),
        (&["evaluate", &traces], &[("records read", Some(2))]),
        (&["report", &traces], &[("records read", Some(2))]),
    ];
    for (args, wanted) in commands {
        // Without the option only people are told, and work as short as this is not told at all.
        let (none, people) = said(args);
        assert_eq!(none, [] as [Value; 0], "{args:?}");
        let (records, others) = said(&[&["--json-progress"][..], args].concat());
        assert_eq!(others.len(), people.len(), "{others:?} {people:?}");
        records
            .iter()
            .for_each(|r| expect_valid(r, &schema, &schema));
        // At once and at the end, of each part of the work, and nothing between in so short a time.
        assert!(records.len() >= 2 * wanted.len(), "{records:?}");
        assert_eq!(records[0]["done"], 0, "{args:?}");
        let ended: Vec<&Value> = records.iter().filter(|r| r["ended"] == true).collect();
        assert_eq!(ended.len(), wanted.len(), "{records:?}");
        for (last, (what, done)) in ended.iter().zip(wanted) {
            assert_eq!(last["what"], *what);
            if let Some(done) = done {
                assert_eq!(last["done"], *done, "{args:?}");
            }
            if let Some(total) = last.get("total") {
                assert_eq!(&last["done"], total, "{args:?}");
            }
            assert!(last["rate"].as_f64().unwrap() > 0.0);
        }
    }
}

#[test]
fn a_quiet_build_says_nothing_and_a_file_of_settings_may_ask_for_json() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (corpus, settings, index) = (place("a.txt"), place("config.toml"), place("index"));
    std::fs::write(&corpus, "Tom has five pens.").unwrap();
    std::fs::write(&settings, "json-progress = true\n").unwrap();
    let build = ["index", "build", &corpus, "--model", MODEL, "--force"];
    let build = [&build[..], &["--out", &index, "--config", &settings]].concat();
    let (records, others) = said(&build);
    assert!(records.len() >= 6, "{records:?}");
    assert!(others[0].contains(" documents, "), "{others:?}");
    assert_eq!(said(&[&build[..], &["-q"]].concat()), (vec![], vec![]));
}
