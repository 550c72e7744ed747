//! Options of a run: the date that chat templates print, threads.

use std::path::{Path, PathBuf};
use std::process::Command;

use rotescope_trace::Trace;
use rotescope_trace::jsonl;

use crate::support::{root, rotescope, small_index, text, traces};

/// The bundled model with another chat template in its file, padded to the length of its own.
fn with_template(template: &str, folder: &Path) -> PathBuf {
    let mut model = std::fs::read(root().join("models/pocket/pocket-q8_0.gguf")).unwrap();
    let key = b"tokenizer.chat_template";
    let at = model.windows(key.len()).position(|w| w == key).unwrap();
    // The key, the type of the value, its length.
    let begin = at + key.len() + 4 + 8;
    let length = u64::from_le_bytes(model[begin - 8..begin].try_into().unwrap()) as usize;
    let padded = format!("{template:\n>length$}");
    model[begin..begin + length].copy_from_slice(padded.as_bytes());
    let path = folder.join("dated.gguf");
    std::fs::write(&path, model).unwrap();
    path
}

#[test]
fn a_date_is_fixed_recorded_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let template = "Today is {{ strftime_now('%d %B %Y') }}.\n{{ messages[0].content }}";
    let model = with_template(template, folder.path());
    let prompts = folder.path().join("prompts.jsonl");
    let lines = "{\"id\":\"a\",\"question\":\"What is 1 + 1?\"}\n{\"id\":\"b\",\"question\":\"Go on\",\"raw\":true}\n";
    std::fs::write(&prompts, lines).unwrap();
    let out = folder.path().join("out.jsonl");
    let score = |more: &[&str], epoch: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rotescope"));
        command
            .args(["score", prompts.to_str().unwrap(), "--no-index", "-o"])
            .args([out.to_str().unwrap(), "--max-tokens", "4", "--model"])
            .arg(&model)
            .args(more)
            .env_remove("SOURCE_DATE_EPOCH")
            .envs(epoch.map(|e| ("SOURCE_DATE_EPOCH", e)));
        command.output().unwrap()
    };
    let traces = || traces(Path::new(&out));

    let run = score(&["--date", "2024-02-29", "--limit", "1"], None);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let first = traces().remove(0);
    let want = "Today is 29 February 2024.\nWhat is 1 + 1?";
    assert_eq!(first.prompt.text.trim_start(), want);
    assert_eq!(first.prompt.date.as_deref(), Some("2024-02-29"));
    let [from, to] = first.prompt.question_span;
    assert_eq!(&first.prompt.text[from..to], "What is 1 + 1?");

    // On another day, the same file takes no more, and says how it would.
    let run = score(&["--date", "2024-03-01"], None);
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
    let said = text(&run.stderr);
    assert!(said.contains("--date: 2024-02-29 in the file"), "{said}");
    let run = score(&[], None);
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));

    // The same day by the variable that builds use; a raw prompt has no date in it.
    let run = score(&[], Some("1709251199"));
    assert!(run.status.success(), "{}", text(&run.stderr));
    let both = traces();
    assert_eq!((both.len(), both[1].prompt.date.as_deref()), (2, None));

    // Again from nothing: the same text, the same tokens.
    std::fs::remove_file(&out).unwrap();
    let run = score(&["--date", "2024-02-29"], Some("0"));
    assert!(run.status.success(), "{}", text(&run.stderr));
    let again = traces();
    let made = |t: &Trace| (t.prompt.clone(), t.output.clone());
    assert_eq!(
        again.iter().map(made).collect::<Vec<_>>(),
        both.iter().map(made).collect::<Vec<_>>()
    );

    let run = score(&["--date", "yesterday"], None);
    assert_eq!(run.status.code(), Some(2));
    assert!(
        text(&run.stderr).contains("YYYY-MM-DD"),
        "{}",
        text(&run.stderr)
    );
}

#[test]
fn more_threads_than_cores_are_cut_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.jsonl");
    let run = crate::support::rotescope(&[
        "score",
        "prompts/formula-base.jsonl",
        "--no-index",
        "--limit",
        "1",
        "--threads",
        "999",
        "-o",
        out.to_str().unwrap(),
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let said = text(&run.stderr);
    assert!(said.contains("999 threads are more than"), "{said}");
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 1);
}

/// A file alone opens the app; without a terminal it is said what does the same work there.
#[test]
fn a_file_alone_is_opened_by_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let prompts = file("p.jsonl", "{\"question\": \"2 + 2?\", \"answer\": \"4\"}\n");
    let written = file(
        "w.jsonl",
        "{\"question\": \"2 + 2?\", \"completion\": \"It is 4.\"}\n",
    );
    let table = file("p.csv", "question,answer\n2 + 2?,4\n");
    for (given, instead) in [(&prompts, "score"), (&table, "score"), (&written, "report")] {
        let run = rotescope(&[given]);
        let why = text(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{why}");
        assert!(
            why.contains("no terminal") && why.contains(&format!("rotescope {instead}")),
            "{why}"
        );
    }
    let mistyped = rotescope(&["scor", "p.jsonl"]);
    let why = text(&mistyped.stderr);
    assert!(why.contains("no command of that name"), "{why}");
}

/// Several files are one run; examples and an instruction stand before each question, and in the record.
#[test]
fn several_files_are_scored_with_examples() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let a = file(
        "a.jsonl",
        "{\"id\": \"1\", \"question\": \"2 + 2 = ?\", \"answer\": \"4\"}\n",
    );
    let b = file("b.csv", "id,question,answer\n1,3 + 3 = ?,6\n");
    let train = file(
        "train.jsonl",
        "{\"question\": \"2 + 2 = ?\", \"answer\": \"It is 4.\"}\n{\"question\": \"5 + 5 = ?\", \"answer\": \"It is 10.\"}\n",
    );
    let out = dir.path().join("out.jsonl").display().to_string();
    let args = [
        "score",
        &a,
        &b,
        "--instruction",
        "Add.",
        "--shots",
        "1",
        "--shots-from",
        &train,
        "--no-index",
        "--max-tokens",
        "4",
        "-o",
        &out,
    ];
    let run = rotescope(&args);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let traces = traces(Path::new(&out));
    let ids: Vec<&str> = traces.iter().map(|t| t.prompt.id.as_str()).collect();
    assert_eq!(ids, ["1", "b:1"]);
    assert!(traces.iter().all(|t| t.prompt.text.contains("Add.")));
    // The question itself is no example of itself.
    assert!(
        traces[0].prompt.text.contains("It is 10.") && !traces[0].prompt.text.contains("It is 4.")
    );
    assert!(traces[1].prompt.text.contains("It is 4."));
    // The same command has nothing left to do; other examples are another run.
    let again = rotescope(&args);
    assert!(
        text(&again.stderr).contains("2 of 2 prompts"),
        "{}",
        text(&again.stderr)
    );
    let more = rotescope(&[&args[..4], &["Count."], &args[5..]].concat());
    assert!(
        !more.status.success() || text(&more.stderr).contains("instruction"),
        "{}",
        text(&more.stderr)
    );
}

#[test]
fn quoted_patterns_are_the_files_that_they_fit() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    for (name, id) in [("b", 2), ("a", 1)] {
        let line = format!(
            "{{\"id\": \"{id}\", \"question\": \"{id} + 2 = ?\", \"answer\": \"{}\"}}\n",
            id + 2
        );
        std::fs::write(at(&format!("{name}.jsonl")), line).unwrap();
    }
    let run = |args: &[&str]| {
        let run = rotescope(args);
        (run.status.code(), text(&run.stdout), text(&run.stderr))
    };
    let few = ["--no-index", "--max-tokens", "4", "-q"];
    let ids = |lines: &str| -> Vec<String> {
        let all = jsonl::read(lines.as_bytes());
        all.map(|(_, r)| r.unwrap().id().to_owned()).collect()
    };
    let (code, both, said) = run(&[&["score", &at("[ab].jsonl")][..], &few].concat());
    assert_eq!(
        (code, ids(&both)),
        (Some(0), vec!["1".into(), "2".into()]),
        "{said}"
    );
    for (name, line) in both.lines().enumerate() {
        std::fs::write(at(&format!("t{name}.traces")), format!("{line}\n")).unwrap();
    }
    let traces = at("t?.traces");
    for (args, says) in [
        (
            &["report", &traces, "--format", "jsonl"][..],
            "\"id\":\"2\"",
        ),
        (&["evaluate", &traces, "--resamples", "0"], "2"),
        (&["judge", &traces], "completions           2"),
        (&["compare", &traces], "1 + 2"),
        (&["import", &traces], "\"id\":\"2\""),
        (
            &[
                "attribute",
                &traces,
                "--sources",
                "local",
                "--index",
                small_index(),
            ],
            "\"id\":\"2\"",
        ),
    ] {
        let (code, out, said) = run(args);
        if args[0] == "compare" {
            // Of other prompts: there is no pair, but two files.
            assert!(said.contains("t0.traces") || !out.is_empty(), "{said}");
            continue;
        }
        assert_eq!(code, Some(0), "{args:?}: {said}");
        assert!(out.contains(says), "{args:?}: {out}{said}");
    }
    for command in [
        "score",
        "report",
        "evaluate",
        "judge",
        "compare",
        "import",
        "attribute",
    ] {
        let (code, out, said) = run(&[command, &at("*.none")]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{command}: {said}");
        assert!(
            said.contains("*.none: no file matches"),
            "{command}: {said}"
        );
    }
    let (code, _, said) = run(&[&at("*.none")]);
    assert!(
        code == Some(2) && said.contains("no file matches"),
        "{said}"
    );
    // One name and one pattern that fits it too.
    let (_, both, _) = run(&[&["score", &at("b.jsonl"), &at("*.jsonl")][..], &few].concat());
    assert_eq!(ids(&both), ["2", "1"]);
}

/// Making them looks at every option of every command, and at which exclude each other.
#[test]
fn every_shell_has_completions() {
    for (shell, has) in [
        ("bash", "complete -F _rotescope"),
        ("zsh", "#compdef rotescope"),
        ("fish", "complete -c rotescope"),
        ("elvish", "edit:completion:arg-completer[rotescope]"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let made = rotescope(&["completions", shell]);
        assert!(made.status.success(), "{shell}: {}", text(&made.stderr));
        let made = text(&made.stdout);
        assert!(made.contains(has) && made.contains("isolate"), "{shell}");
    }
    let both = [
        "compare",
        "p.jsonl",
        "--operator",
        "numbers",
        "--model-b",
        "m.gguf",
    ];
    let both = rotescope(&both);
    assert_eq!(both.status.code(), Some(2));
    assert!(text(&both.stderr).contains("cannot be used with"));
}
