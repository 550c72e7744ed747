//! Models that nobody here trained: SmolLM2-135M-Instruct and Gemma 3 270M, as `scripts/models.sh` fetches them.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::again::is_made_again;
use crate::support::{root, rotescope, text, traces};
use rotescope_model::{CancelToken, Engine, ModelOptions, Targets, Want, Window};
use rotescope_trace::{Meaning, Trace};
use serde_json::json;

/// Both models. A missing one is a failure.
fn models() -> Vec<String> {
    let folder =
        std::env::var_os("ROTESCOPE_MODELS").expect("ROTESCOPE_MODELS: run make test-models");
    let names = [
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "gemma-3-270m-q4_k_m.gguf",
    ];
    let paths = names.map(|n| PathBuf::from(&folder).join(n));
    paths.map(|p| p.display().to_string()).into()
}

fn run(args: &[&str]) -> String {
    let run = rotescope(args);
    assert!(run.status.success(), "{args:?}\n{}", text(&run.stderr));
    text(&run.stderr)
}

/// Lines of JSON in a new file.
fn lines(file: &Path, lines: &[serde_json::Value]) -> String {
    let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
    std::fs::write(file, text.join("\n")).unwrap();
    file.display().to_string()
}

/// An index of plain sentences with the model's own tokenizer.
fn index(folder: &Path, model: &str) -> String {
    let texts = [
        "Tom has 3 pens and buys 4 more. He has 3 + 4 = 7 pens.",
        "Ann had 9 eggs and used 2. She has 9 - 2 = 7 eggs left.",
        "The sum of 3 and 4 is 7. To find the total, add the numbers.",
    ];
    let corpus = lines(
        &folder.join("corpus.jsonl"),
        &texts.map(|t| json!({"text": t})),
    );
    let out = folder.join("index").display().to_string();
    run(&["index", "build", &corpus, "--out", &out, "--model", model]);
    out
}

/// The tokens are the output, their probabilities are some, and counts come from the index.
fn is_whole(t: &Trace) {
    let bytes: Vec<u8> = t
        .tokens
        .iter()
        .flat_map(rotescope_trace::Token::raw)
        .collect();
    assert!(
        String::from_utf8_lossy(&bytes).starts_with(&t.output),
        "{}",
        t.output
    );
    assert!(t.tokens.len() > 3, "{}", t.output);
    for token in &t.tokens {
        assert!(token.p > 0.0 && token.p <= 1.0 && token.rank >= 1);
        let best = token.candidates.p.windows(2).all(|w| w[0] >= w[1]);
        assert!(best || token.rank > 1, "{token:?}");
    }
    let counted =
        |t: &rotescope_trace::Token| t.local.as_ref().is_some_and(|l| l.context_count > 0);
    assert!(t.tokens.iter().any(counted), "{}", t.output);
}

#[test]
#[ignore = "needs models of others: make test-models"]
fn prompts_are_scored_and_steps_judged() {
    for model in models() {
        let dir = tempfile::tempdir().unwrap();
        let index = index(dir.path(), &model);
        let asked = [
            json!({"id": "pens", "question": "Tom has 3 pens and buys 4 more. How many pens does Tom have?", "answer": "7"}),
            json!({"id": "eggs", "question": "Ann had 9 eggs and used 2. How many eggs are left?", "answer": "#### 7"}),
        ];
        let prompts = lines(&dir.path().join("prompts.jsonl"), &asked);
        let out = dir.path().join("out.jsonl");
        let to = out.display().to_string();
        let args = [
            "score",
            &prompts,
            "--model",
            &model,
            "--index",
            &index,
            "--sources",
            "local",
            "--max-tokens",
            "60",
            "-o",
            &to,
        ];
        run(&args);
        let first = traces(&out);
        assert_eq!(first.len(), 2);
        for t in &first {
            is_whole(t);
            // The expected side is read as an answer, whatever dress it has.
            assert!(t.answer.right.is_some());
        }
        // The same tokens again, whatever else the machine does.
        run(&[&args[..], &["--fresh"]].concat());
        let ids = |t: &Trace| t.tokens.iter().map(|t| t.id).collect::<Vec<_>>();
        for (a, b) in first.iter().zip(&traces(&out)) {
            assert_eq!(ids(a), ids(b));
        }
    }
}

#[test]
#[ignore = "needs models of others: make test-models"]
fn what_others_wrote_is_read_byte_for_byte() {
    let written = "She had 9 − 2 = 7 eggs 🥚.\r\nSo 她 has 7.\n\nThe answer is 7.";
    for model in models() {
        let dir = tempfile::tempdir().unwrap();
        let index = index(dir.path(), &model);
        let given = [
            json!({"id": "eggs", "question": "How many eggs?", "completion": written, "answer": "7"}),
        ];
        let given = lines(&dir.path().join("given.jsonl"), &given);
        let out = dir.path().join("read.jsonl");
        let to = out.display().to_string();
        run(&[
            "attribute",
            &given,
            "--model",
            &model,
            "--index",
            &index,
            "--sources",
            "local",
            "-o",
            &to,
        ]);
        let [read] = &traces(&out)[..] else {
            panic!("one trace");
        };
        assert_eq!(read.output, written);
        assert_eq!(read.answer.right, Some(true));
        is_whole(read);
        // Whoever wrote it is not the model that read it.
        let name = Path::new(&model).file_name().unwrap().to_str().unwrap();
        assert_eq!(read.model.file, name);
        assert!(read.import.is_some());
    }
}

#[test]
#[ignore = "needs models of others: make test-models"]
fn a_loop_is_ended_and_said() {
    for model in models() {
        let dir = tempfile::tempdir().unwrap();
        let song = "la la la ".repeat(12);
        let prompts = lines(
            &dir.path().join("p.jsonl"),
            &[json!({"id": "song", "question": song.trim(), "raw": true})],
        );
        let out = dir.path().join("out.jsonl");
        let to = out.display().to_string();
        let args = [
            "score",
            &prompts,
            "--model",
            &model,
            "--no-index",
            "--max-tokens",
            "200",
            "-o",
            &to,
        ];
        let said = run(&[&args[..], &["--stop-loops"]].concat());
        let [t] = &traces(&out)[..] else {
            panic!("one trace");
        };
        assert_eq!(t.finish, "loop", "{}", t.output);
        assert!(t.tokens.len() < 200 && t.sampler.stop_loops);
        assert!(said.contains("1 ended early"), "{said}");
        let said = run(&[&args[..], &["--fresh"]].concat());
        assert_eq!(traces(&out)[0].finish, "length");
        assert!(said.contains("--stop-loops"), "{said}");
    }
}

/// Changed problems keep a truth, so that accuracy before and after can be compared.
#[test]
#[ignore = "needs models of others: make test-models"]
fn changed_problems_are_compared_with_their_originals() {
    let model = &models()[0];
    let dir = tempfile::tempdir().unwrap();
    let problem = |id: &str, a: u32, b: u32| {
        let answer = format!(
            "Tom has {a} + {b} = <<{a}+{b}={}>>{} pens.\n#### {}",
            a + b,
            a + b,
            a + b
        );
        json!({"id": id, "question": format!("Tom has {a} pens and buys {b} more. How many pens does Tom have?"), "answer": answer})
    };
    let prompts = lines(
        &dir.path().join("p.jsonl"),
        &[problem("one", 3, 4), problem("two", 12, 30)],
    );
    let [changed, before, after] =
        ["changed", "before", "after"].map(|n| dir.path().join(n).display().to_string() + ".jsonl");
    run(&[
        "perturb",
        &prompts,
        "--operator",
        "numbers:carried",
        "-o",
        &changed,
    ]);
    for (from, to) in [(&prompts, &before), (&changed, &after)] {
        run(&[
            "score",
            from,
            "--model",
            model,
            "--no-index",
            "--max-tokens",
            "60",
            "-o",
            to,
        ]);
    }
    let judged = |file: &str| {
        traces(Path::new(file))
            .iter()
            .all(|t| t.answer.right.is_some())
    };
    assert!(judged(&before) && judged(&after));
    let compared = rotescope(&["compare", &before, &after]);
    let said = text(&compared.stdout);
    assert!(compared.status.success() && said.contains("Right answers before and after"));
    // Both pairs count: the truth of a changed problem is known.
    assert!(said.contains("\n| 2 "), "{said}");
    assert!(said.contains("one+numbers:carried"), "{said}");
}

/// The lines of the README, as they are, on files of GSM8K's shape.
#[test]
#[ignore = "needs models of others: make test-models"]
fn the_readme_walks_from_a_model_to_a_report() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme.split_once("## A real model on GSM8K").unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    // The last line opens the app, which needs a terminal.
    let (lines, app) = block.trim_end().rsplit_once('\n').unwrap();
    assert!(app.starts_with("rotescope traces.jsonl"), "{app}");
    let dir = tempfile::tempdir().unwrap();
    let solved = |a: u32, b: u32| {
        json!({
            "question": format!("Tom has {a} pens and buys {b} more. How many pens does Tom have?"),
            "answer": format!("Tom has {a} + {b} = <<{a}+{b}={}>>{} pens.\n#### {}", a + b, a + b, a + b),
        })
    };
    lines_to(dir.path(), "train.jsonl", &[solved(3, 4), solved(8, 9)]);
    lines_to(dir.path(), "test.jsonl", &[solved(5, 6), solved(12, 30)]);
    let program = Path::new(env!("CARGO_BIN_EXE_rotescope"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let scripts = root().join("scripts").display().to_string();
    let examples = root().join("examples").display().to_string();
    let run = |lines: &str| {
        std::process::Command::new("sh")
            .args([
                "-euc",
                &lines
                    .replace("scripts/models.sh", &format!("{scripts}/models.sh"))
                    .replace("=examples/", &format!("={examples}/")),
            ])
            .env("PATH", &path)
            .env("ROTESCOPE_HOME", root())
            .env("XDG_DATA_HOME", dir.path())
            .current_dir(dir.path())
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    };
    let done = run(lines);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let scored = traces(&dir.path().join("traces.jsonl"));
    assert_eq!(scored.len(), 2);
    for t in &scored {
        is_whole(t);
        assert!(t.answer.right.is_some());
        // The step flag is fitted to this very model.
        let flags: Vec<_> = t.steps.iter().filter_map(|s| s.flag.as_ref()).collect();
        assert_eq!(flags.len(), t.steps.len());
        assert!(flags.iter().all(|f| f.meaning == Meaning::Probability));
    }
    let report = std::fs::read_to_string(dir.path().join("traces.html")).unwrap();
    assert!(report.contains("SmolLM2"), "the report names the model");
    let refused = run(&format!("{}\n{app}", lines.lines().next().unwrap()));
    assert!(
        text(&refused.stderr).contains("no terminal"),
        "{}",
        text(&refused.stderr)
    );
}

fn lines_to(folder: &Path, name: &str, all: &[serde_json::Value]) {
    lines(&folder.join(name), all);
}

/// A prompt of some parts that others begin with too has the numbers that it has alone, also where layers look back over a window (Gemma).
#[test]
#[ignore = "needs models of others: make test-models"]
fn prompts_that_begin_alike_get_what_they_get_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = root().join("examples/word-problems.jsonl");
    let file = file.display().to_string();
    for (i, model) in models().iter().enumerate() {
        let score = |name: &str, ids: &[&str]| {
            let out = folder.path().join(format!("{name}-{i}.jsonl"));
            let at = out.display().to_string();
            let fixed = ["score", &file, "--model", model, "--no-index", "-o", &at];
            let shots = ["--shots", "5", "--shots-from", &file, "--max-tokens", "6"];
            let ids: Vec<&str> = ids.iter().flat_map(|id| ["--id", id]).collect();
            run(&[&fixed[..], &shots, &ids].concat());
            traces(&out)
        };
        let ids = ["word-0100", "word-0101", "word-0102"];
        let together = score("together", &ids);
        assert_eq!(together.len(), ids.len());
        assert!(together[0].prompt.tokens.len() > 200);
        for (id, t) in ids.iter().zip(&together) {
            let alone = &score(id, &[id])[0];
            let tokens = |t: &Trace| serde_json::to_value(&t.tokens).unwrap();
            assert_eq!(tokens(t), tokens(alone), "{id} of {model}");
            assert_eq!(t.prompt.tokens, alone.prompt.tokens);
        }
    }
}

/// With a chat template that prints the day, a system's message, worked examples, and an index of its own.
#[test]
#[ignore = "needs models of others: make test-models"]
fn a_completion_is_made_again_by_its_command() {
    let folder = tempfile::tempdir().unwrap();
    let file = root().join("examples/word-problems.jsonl");
    let file = file.display().to_string();
    for model in &models() {
        let index = index(folder.path(), model);
        // Gemma's file has no chat template, so that it takes no system's message.
        let before = match model.contains("SmolLM2") {
            true => "--system",
            false => "--instruction",
        };
        let args = [
            file.as_str(),
            "--id",
            "word-0101",
            "--model",
            model,
            "--index",
            &index,
            "--shots",
            "2",
            "--shots-from",
            &file,
            before,
            "Be brief; it's late.",
            "--date",
            "2026-02-03",
            "--temperature",
            "0.8",
            "--seed",
            "5",
            "--max-tokens",
            "12",
            "--sources",
            "long",
        ];
        let trace = is_made_again(&args, &[model, &index]);
        assert!(
            trace.prompt.text.contains("it's late"),
            "{}",
            trace.prompt.text
        );
        std::fs::remove_dir_all(&index).unwrap();
    }
}

/// llama.cpp rounds what is left over of a batch otherwise than the rest, which moved gemma's numbers by what was read beside them.
#[test]
#[ignore = "needs models of others: make test-models"]
fn windows_side_by_side_have_the_numbers_of_windows_alone() {
    let text = std::fs::read_to_string(root().join("LICENSE-APACHE")).unwrap();
    for model in models() {
        let load = |batch| {
            let options = ModelOptions {
                batch,
                ..ModelOptions::new(&model)
            };
            Engine::load(options, |_| ControlFlow::Continue(())).unwrap()
        };
        let engine = load(512);
        let ids = engine.tokenize(&text, true, false);
        // Strangers of all lengths, and some that begin alike.
        let cuts = [
            (0, 509),
            (500, 1010),
            (0, 131),
            (1130, 1530),
            (3, 80),
            (0, 140),
            (20, 90),
        ];
        let window = |(from, to): (usize, usize)| Window {
            tokens: [&ids[..1], &ids[from + 1..to]].concat(),
            positions: (1..to - from - 1).collect(),
            want: Want {
                targets: Targets::Next,
                candidates: 0,
            },
        };
        let windows: Vec<Window> = cuts.map(window).into();
        let score = |engine: &Engine, windows: &[Window]| {
            let scored = engine.score(windows.to_vec(), &CancelToken::new());
            scored.unwrap().windows
        };
        let together = score(&engine, &windows);
        for (window, together) in windows.iter().zip(&together) {
            let alone = score(&engine, std::slice::from_ref(window));
            assert!(
                alone[0] == *together,
                "{model}: {} tokens",
                window.tokens.len()
            );
        }
        drop(engine);
        assert!(
            score(&load(30), &windows) == together,
            "{model}: batches of 30"
        );
    }
}
