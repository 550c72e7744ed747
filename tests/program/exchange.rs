//! Completions that come and go: exported and imported again, files of real tools, damaged ones, numbers of other locales.

use std::path::Path;

use crate::import::{run, traces, write};
use crate::support::small_index;
use rotescope_trace::Trace;
use serde_json::{Value, json};

/// Written by `score`, exported in each form that holds completions, imported again: the same text, answers, steps and verdicts.
#[test]
fn what_is_exported_comes_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let own = [
        json!({"id": "raw", "question": "Tom has 3 pens and gets 4. So he has", "raw": true, "answer": "7"}),
        json!({"id": "shots", "question": "How many are 2 pens and 3 pens?", "instruction": "Think.", "examples": "Question: 1 + 1?\nAnswer: 2", "answer": "5", "locale": "comma", "meta": {"note": [1]}}),
    ];
    let own = write(
        folder.path(),
        "own.jsonl",
        &own.map(|p| p.to_string()).join("\n"),
    );
    let scored = at("scored.jsonl");
    let score = [
        "score",
        "prompts/formula-base.jsonl",
        "prompts/counting-base.jsonl",
        &own,
        "-o",
        &scored,
        "--index",
        small_index(),
        "--sources",
        "local",
        "--threads",
        "1",
        "--candidates",
        "20",
        "--max-tokens",
        "48",
    ];
    let limited = ["--id", "raw", "--id", "shots"].into_iter();
    let ids = ids_of("prompts/formula-base.jsonl", 4)
        .into_iter()
        .chain(ids_of("prompts/counting-base.jsonl", 4));
    let ids: Vec<String> = ids.flat_map(|id| ["--id".to_string(), id]).collect();
    let args: Vec<&str> = score
        .into_iter()
        .chain(limited)
        .chain(ids.iter().map(String::as_str))
        .collect();
    let (code, _, said) = run(&args);
    assert_eq!(code, Some(0), "{said}");
    let before = traces(&scored);
    assert_eq!(before.len(), 10);
    assert!(
        before
            .iter()
            .any(|t| t.steps.iter().any(|s| s.verdict.is_some()))
    );
    for format in ["jsonl", "openai"] {
        let (exported, imported) = (at(&format!("{format}.out")), at(&format!("{format}.jsonl")));
        let (code, _, said) = run(&["report", &scored, "--format", format, "-o", &exported]);
        assert_eq!(code, Some(0), "{said}");
        let (code, _, said) = run(&["import", &exported, "-o", &imported]);
        assert_eq!(code, Some(0), "{said}");
        let after = traces(&imported);
        assert_eq!(after.len(), before.len());
        for (a, b) in before.iter().zip(&after) {
            let id = &a.prompt.id;
            assert_eq!(
                (id, &a.output, &a.finish),
                (&b.prompt.id, &b.output, &b.finish)
            );
            let answer = |t: &Trace| serde_json::to_value(&t.answer).unwrap();
            assert_eq!(answer(a), answer(b), "{id}");
            let judged = |t: &Trace| -> Vec<_> {
                let steps = t
                    .steps
                    .iter()
                    .map(|s| (s.span, s.tokens, s.verdict.clone()));
                steps.collect()
            };
            assert_eq!(judged(a), judged(b), "{id}");
            assert_eq!(
                (a.prompt.raw, &a.prompt.locale, &a.prompt.meta),
                (b.prompt.raw, &b.prompt.locale, &b.prompt.meta)
            );
            for (x, y) in a.tokens.iter().zip(&b.tokens) {
                assert_eq!(
                    (x.id, x.raw(), &x.candidates.ids),
                    (y.id, y.raw(), &y.candidates.ids)
                );
                assert!((x.p - y.p).abs() <= 1e-5 * x.p, "{id}: {} {}", x.p, y.p);
            }
        }
        // It is written over one of its kind, and the bad line of a damaged one is named.
        assert_eq!(
            run(&["report", &scored, "--format", format, "-o", &exported]).0,
            Some(0)
        );
        let whole = std::fs::read(&exported).unwrap();
        std::fs::write(&exported, &whole[..whole.len() - 40]).unwrap();
        let (code, _, said) = run(&["import", &exported, "-o", &imported, "--force"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains(&format!("{format}.out")) && said.contains("10"),
            "{said}"
        );
        let (code, _, said) = run(&[
            "import",
            &exported,
            "-o",
            &imported,
            "--force",
            "--skip-bad",
        ]);
        assert_eq!((code, traces(&imported).len()), (Some(1), 9), "{said}");
    }
}

/// The first ids of a prompt file.
fn ids_of(path: &str, n: usize) -> Vec<String> {
    let content = std::fs::read_to_string(path).unwrap();
    let id = |l: &str| {
        serde_json::from_str::<Value>(l).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_string()
    };
    content.lines().take(n).map(id).collect()
}

/// `lm-eval-*.jsonl` were written by lm-evaluation-harness 0.4.13 on questions of GSM8K, answered by SmolLM2-135M-Instruct: plain completions, and
/// a conversation with a worked example; and a task with choices, which generates nothing.
#[test]
fn files_of_the_real_harness_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("t.jsonl");
    let out = out.to_str().unwrap();
    let real = |name: &str| format!("{}/tests/program/{name}", env!("CARGO_MANIFEST_DIR"));
    for (name, ids) in [
        ("lm-eval-completions.jsonl", ["1", "3"]),
        ("lm-eval-chat.jsonl", ["0", "3"]),
    ] {
        let path = real(name);
        let (code, _, said) = run(&["import", &path, "-o", out, "--force"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("samples of lm-evaluation-harness"), "{said}");
        let all = traces(out);
        let found: Vec<&str> = all.iter().map(|t| t.prompt.id.as_str()).collect();
        assert_eq!(found, ids);
        for t in &all {
            // The worked example stands before the question, in whatever way it was given.
            assert!(t.prompt.text.contains("#### ") && t.prompt.text.contains(&t.prompt.question));
            assert!(!t.prompt.question.contains("Question:") && t.answer.right == Some(false));
        }
        for command in [
            &["evaluate", &path, "--resamples", "0"][..],
            &["judge", &path],
            &["report", &path],
        ] {
            let (code, shown, said) = run(command);
            assert!(code == Some(0) && !shown.is_empty(), "{command:?}: {said}");
        }
        damage(&path, 2);
    }
    let all = traces(out);
    assert!(
        all[0].steps[0].verdict.as_ref().is_some_and(|v| !v.right),
        "48/5 is not 12"
    );
    let (code, _, said) = run(&["judge", &real("lm-eval-choice.jsonl")]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("lm-eval-choice.jsonl, item 1: ") && said.contains("log-likelihoods"),
        "{said}"
    );
}

/// A file of items, one a line, cut short, half written over, with foreign lines: each is named by file and line, and the rest is kept on request.
/// `rows`: lines of one item.
fn damage(path: &str, rows: usize) {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(path).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
    let last = lines.last().unwrap();
    let items = lines.len() / rows;
    let before = whole.len() - last.len();
    let mut cases: Vec<(Vec<u8>, usize)> = [2, 20, last.len() / 2, last.len() - 3]
        .map(|n| (whole[..before + n].to_vec(), lines.len()))
        .to_vec();
    let foreign: [&[u8]; 8] = [
        b"{\n",
        b"[1, 2]\n",
        b"null\n",
        b"plain words\n",
        b"\xff\xfe\n",
        b"{\"doc_id\": \"\\ud800\"}\n",
        b"{\"doc_id\": NaN}\n",
        b"{\"other\": 1}\n",
    ];
    for line in foreign {
        let content = [lines[0], line, &lines[1..].concat()].concat();
        cases.push((content, 2));
    }
    for (content, line) in cases {
        let bad = write_bytes(folder.path(), "bad.jsonl", &content);
        let shown =
            String::from_utf8_lossy(&content[content.len().saturating_sub(60)..]).into_owned();
        let (code, _, said) = run(&["import", &bad]);
        assert_eq!(code, Some(2), "{shown}: {said}");
        assert!(
            said.contains(&format!("bad.jsonl, item {line}: ")),
            "{shown}: {said}"
        );
        let out = folder.path().join("rest.jsonl");
        let out = out.to_str().unwrap();
        let (code, _, said) = run(&["import", &bad, "-o", out, "--force", "--skip-bad"]);
        assert_eq!(code, Some(1), "{shown}: {said}");
        assert!(
            traces(out).len() >= items - usize::from(rows == 1),
            "{shown}: {said}"
        );
    }
}

fn write_bytes(folder: &Path, name: &str, content: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_string()
}

/// In files of others, in our own traces, in prompts.
#[test]
fn a_locale_says_what_points_and_commas_are() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let line = |id: &str, own: Value| {
        let mut line = json!({"id": id, "question": "Wie viele?", "completion": "The answer is 1.500.", "answer": "1500"});
        line.as_object_mut()
            .unwrap()
            .extend(own.as_object().unwrap().clone());
        line.to_string()
    };
    let lines = [
        line("a", json!({})),
        line("b", json!({"locale": "point"})),
        line("c", json!({"locale": "de_DE"})),
    ];
    let file = write(folder.path(), "words.jsonl", &lines.join("\n"));
    let (code, _, said) = run(&["import", &file, "-o", &at("point.jsonl")]);
    assert_eq!(code, Some(0), "{said}");
    let comma = [
        "import",
        &file,
        "-o",
        &at("comma.jsonl"),
        "--locale",
        "comma",
    ];
    assert_eq!(run(&comma).0, Some(0));
    let right =
        |path: &str| -> Vec<Option<bool>> { traces(path).iter().map(|t| t.answer.right).collect() };
    assert_eq!(right(&at("point.jsonl")), [Some(false); 3]);
    let want = [Some(true), Some(false), Some(true)];
    assert_eq!(right(&at("comma.jsonl")), want);
    // Traces that say nothing of it are read anew.
    let point = at("point.jsonl");
    for (given, locale, right) in [
        (&file, "comma", "2 of 3"),
        (&point, "comma", "2 of 3"),
        (&point, "point", "0 of 3"),
    ] {
        let (code, summary, said) = run(&["judge", given, "--locale", locale]);
        assert_eq!(code, Some(0), "{said}");
        assert!(
            summary.contains(&format!("answer right          {right}")),
            "{summary}"
        );
    }
    let compare = ["compare", &point, &file, "--json", "--locale", "comma"];
    let (code, compared, said) = run(&compare);
    assert_eq!(code, Some(0), "{said}");
    let pairs = compared
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap());
    let pairs: Vec<Value> = pairs.collect();
    let side = |side: &str| -> Vec<bool> {
        let of = |pair: &Value| pair[side]["answer"]["right"].as_bool().unwrap();
        pairs.iter().map(of).collect()
    };
    assert_eq!(
        (side("a"), side("b")),
        (vec![true, false, true], vec![true, false, true])
    );
    let (code, _, said) = run(&["judge", &file, "--locale", "de"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("unknown locale 'de'"), "{said}");
    let prompts = write(folder.path(), "prompts.jsonl", &lines[2]);
    let (code, _, said) = run(&["score", &prompts, "--limit", "1", "-o", &at("s.jsonl")]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("prompts.jsonl, line 1: unknown locale 'de_DE'"),
        "{said}"
    );
}
