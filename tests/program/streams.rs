//! Standard output, standard error, pipes: what is written where nobody guards it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::{generated, root, rotescope, small_index, text};
use rotescope_text::sanitize::is_unsafe;
use rotescope_trace::jsonl::{self, Record};
use serde_json::{Value, json};

/// Recolors, retitles and reorders what a terminal shows, ends a line, a cell and a row.
const HOSTILE: &str = "a\u{1b}[31m\u{1b}]0;owned\u{7}\u{202e}\u{9b}2J\r\n| x | y\u{200b}";

/// The program, to be started by hand.
fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rotescope"));
    command
        .args(args)
        .env("ROTESCOPE_HOME", root())
        .env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"))
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a command says holds nothing that steers a terminal.
fn expect_harmless(what: &str, said: &Output) {
    for stream in [&said.stdout, &said.stderr] {
        let shown = text(stream);
        let bad = shown.chars().find(|c| is_unsafe(*c) && *c != '\n');
        assert_eq!(bad, None, "{what}: {shown:?}");
    }
}

/// Traces of the bundled model whose every field that a file can fill is hostile.
fn hostile_traces(folder: &Path) -> String {
    let path = folder.join("t.jsonl");
    let mut lines = Vec::new();
    for (i, mut trace) in generated("applied-base", 2, 24).into_iter().enumerate() {
        trace.prompt.id = format!("{HOSTILE}{i}");
        trace.prompt.task = Some(HOSTILE.into());
        trace.prompt.split = Some(HOSTILE.into());
        trace.model.file = HOSTILE.into();
        trace.answer.expected = Some(HOSTILE.into());
        trace.answer.right = Some(i == 0);
        jsonl::append(&mut lines, &Record::Trace(Box::new(trace))).unwrap();
    }
    std::fs::write(&path, lines).unwrap();
    path.to_str().unwrap().into()
}

#[test]
fn names_of_others_do_not_reach_the_terminal_as_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let traces = hostile_traces(folder.path());
    let csv = folder.path().join("tables");
    let said = rotescope(&["evaluate", &traces, "--csv", csv.to_str().unwrap()]);
    assert!(said.status.success(), "{}", text(&said.stderr));
    let table = text(&said.stdout);
    assert!(table.contains("a␛[31m␛]0;owned␇⟨202E⟩"), "{table}");
    // The name stays in its cell: the rows of a table have as many ends of cells as its head.
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    for rows in table.split("\n\n").filter(|t| t.starts_with('|')) {
        let count: Vec<usize> = rows.trim_end().lines().map(cells).collect();
        assert!(count.iter().all(|n| *n == count[0]), "{rows}");
    }
    expect_harmless("evaluate", &said);

    let prompts = folder.path().join("p.jsonl");
    let prompt = |id: &str, question: &str| json!({"id": id, "question": question, "task": HOSTILE, "answer": "5"});
    let line = |v: Value| v.to_string() + "\n";
    let long = "many words ".repeat(3000);
    let two =
        line(prompt(HOSTILE, "Tom has 2 pens.")) + &line(prompt(&format!("{HOSTILE}2"), &long));
    std::fs::write(&prompts, two).unwrap();
    let prompts = prompts.to_str().unwrap();
    let no_index = ["--no-index", "--max-tokens", "4"];
    let out = folder.path().join("o.jsonl");
    for what in [
        vec!["report", &traces],
        vec!["judge", &traces],
        vec!["compare", &traces, &traces],
        vec!["score", prompts, "-o", out.to_str().unwrap()],
        // Again: what failed before is named.
        vec!["score", prompts, "-o", out.to_str().unwrap()],
        vec!["evaluate", out.to_str().unwrap()],
        vec!["evaluate", HOSTILE],
        vec!["perturb", prompts, "--operator", HOSTILE],
        vec!["index", "info", HOSTILE],
        vec!["doctor", "--model", HOSTILE],
    ] {
        let more = if what[0] == "score" {
            &no_index[..]
        } else {
            &[]
        };
        let said = rotescope(&[&what, more].concat());
        assert!(!said.stdout.is_empty() || !said.stderr.is_empty());
        // Records are for programs: JSON escapes what it must.
        let said = match what[0] {
            "perturb" => Output {
                stdout: Vec::new(),
                ..said
            },
            _ => said,
        };
        expect_harmless(&what.join(" "), &said);
    }
}

#[test]
fn cells_of_tables_are_no_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.jsonl");
    let mut lines = Vec::new();
    for (i, mut trace) in generated("applied-base", 2, 24).into_iter().enumerate() {
        trace.prompt.task = Some(["=cmd|'/c calc'!A0", "@SUM(A1)"][i].into());
        trace.answer.right = Some(i == 0);
        trace.answer.expected = Some("5".into());
        jsonl::append(&mut lines, &Record::Trace(Box::new(trace))).unwrap();
    }
    std::fs::write(&path, lines).unwrap();
    let tables = folder.path().join("tables");
    let (path, csv) = (path.to_str().unwrap(), tables.to_str().unwrap());
    let said = rotescope(&["evaluate", path, "--csv", csv]);
    assert!(said.status.success(), "{}", text(&said.stderr));
    let mut named = 0;
    for file in std::fs::read_dir(&tables).unwrap() {
        let file = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in file.lines() {
            assert!(!line.starts_with(['=', '@', '+']), "{line}");
            assert!(!line.contains(",=") && !line.contains(",@"), "{line}");
            named += usize::from(line.starts_with("'=cmd"));
        }
    }
    assert!(named > 0);
}

/// `| head -1`: the reader goes away, and that is all.
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.jsonl");
    let trace = generated("applied-base", 1, 40).remove(0);
    let mut lines = Vec::new();
    for i in 0..400 {
        let mut trace = trace.clone();
        trace.prompt.id = format!("t{i}");
        jsonl::append(&mut lines, &Record::Trace(Box::new(trace))).unwrap();
    }
    std::fs::write(&path, lines).unwrap();
    let path = path.to_str().unwrap();
    for args in [
        vec!["report", path],
        vec!["report", path, "--format", "html"],
        vec!["report", path, "--format", "csv"],
        vec!["report", path, "--format", "jsonl"],
        vec!["import", path],
        vec![
            "index",
            "next",
            "--index",
            small_index(),
            "--top",
            "5000",
            "the",
        ],
        vec![
            "index",
            "docs",
            "--index",
            small_index(),
            "--limit",
            "2000",
            "the",
        ],
        vec![
            "score",
            "prompts/applied-base.jsonl",
            "--no-index",
            "-q",
            "--max-tokens",
            "200",
        ],
    ] {
        let mut child = program(&args).spawn().unwrap();
        let mut first = String::new();
        let mut out = BufReader::with_capacity(64, child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        drop(out);
        let mut said = String::new();
        let mut errors = child.stderr.take().unwrap();
        errors.read_to_string(&mut said).unwrap();
        let status = child.wait().unwrap();
        assert!(!first.is_empty(), "{args:?}");
        assert!(
            status.success() && !said.contains("rotescope:") && !said.contains("panicked"),
            "{args:?}: {status}, {said}"
        );
    }
}

/// A standard error that is closed stops nothing, and a full device is no success.
#[cfg(target_os = "linux")]
#[test]
fn closed_and_full_streams() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("t.jsonl");
    let run = |shell: &str| {
        let binary = env!("CARGO_BIN_EXE_rotescope");
        let script = format!(
            "\"$0\" score prompts/applied-base.jsonl --no-index --limit 1 --max-tokens 4 {shell}"
        );
        Command::new("sh")
            .args(["-c", &script, binary, out.to_str().unwrap()])
            .env("ROTESCOPE_HOME", root())
            .env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"))
            .current_dir(root())
            .output()
            .unwrap()
    };
    let said = run("-o \"$1\" 2>&-");
    assert!(said.status.success());
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 1);
    std::fs::remove_file(&out).unwrap();
    let said = run("-o \"$1\" 2> /dev/full");
    assert!(said.status.success());
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 1);
    let said = run("> /dev/full");
    assert_eq!(said.status.code(), Some(2));
    assert!(
        text(&said.stderr).contains("No space left"),
        "{}",
        text(&said.stderr)
    );
    let said = rotescope(&[
        "report",
        out.to_str().unwrap(),
        "-o",
        "/dev/full",
        "--format",
        "csv",
    ]);
    assert_eq!(said.status.code(), Some(2));
    let error = text(&said.stderr);
    assert!(error.contains("/dev/full: No space left"), "{error}");
}

/// Who removes the file of a run in its midst hears of it.
#[cfg(unix)]
#[test]
fn an_output_that_is_removed_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("t.jsonl");
    let path = out.to_str().unwrap();
    let args = [
        "score",
        "prompts/counting-base.jsonl",
        "--no-index",
        "-q",
        "--limit",
        "400",
        "-o",
        path,
    ];
    let child = program(&args).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while std::fs::metadata(&out).map_or(0, |m| m.len()) == 0 {
        assert!(Instant::now() < until, "nothing is written");
        std::thread::sleep(Duration::from_millis(2));
    }
    std::fs::remove_file(&out).unwrap();
    let said = child.wait_with_output().unwrap();
    assert_eq!(said.status.code(), Some(2), "{}", text(&said.stderr));
    let error = text(&said.stderr);
    assert!(error.contains("t.jsonl: was removed"), "{error}");
    assert!(error.contains("run the same command again"), "{error}");
}

/// A pipe that nobody reads yet: the program says what it waits for, and a signal ends it.
#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_reads_is_waited_for_aloud() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let path = pipe.to_str().unwrap();
    let args = [
        "score",
        "prompts/applied-base.jsonl",
        "--no-index",
        "--limit",
        "2",
        "--max-tokens",
        "4",
        "-o",
        path,
    ];
    let mut child = program(&args).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    assert!(said.contains("is a pipe"), "{said}");
    let written = std::fs::read_to_string(&pipe).unwrap();
    assert_eq!(written.lines().count(), 2);
    assert!(child.wait().unwrap().success());

    let mut child = program(&args).spawn().unwrap();
    let mut line = String::new();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    errors.read_line(&mut line).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let until = Instant::now() + Duration::from_secs(10);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "deaf to signals");
        std::thread::sleep(Duration::from_millis(20));
    }
}
