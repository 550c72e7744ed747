//! What other tools wrote: imported, judged, evaluated, compared, read by a model.

use std::path::Path;

use crate::support::{rotescope, small_index, text};
use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::{Meaning, Trace};
use serde_json::{Value, json};

/// Generations in the shape of lm-evaluation-harness: a row for each document and filter.
fn lm_eval() -> String {
    let row = |id: usize, filter: &str, question: &str, target: &str, said: &str| {
        json!({
            "doc_id": id, "doc": {"question": question, "answer": format!("It is.\n#### {target}")}, "target": format!("It is.\n#### {target}"),
            "arguments": {"gen_args_0": {"arg_0": format!("Question: {question}\nAnswer:"), "arg_1": {"until": ["\n\n"]}}},
            "resps": [[said]], "filtered_resps": [target], "filter": filter, "metrics": ["exact_match"], "exact_match": 1.0,
        })
        .to_string()
    };
    [
        row(
            0,
            "strict-match",
            "Tom has 3 pens and gets 4. How many?",
            "7",
            " He has 3 + 4 = 7 pens. The answer is 7.",
        ),
        row(
            0,
            "flexible-extract",
            "Tom has 3 pens and gets 4. How many?",
            "7",
            " He has 3 + 4 = 7 pens. The answer is 7.",
        ),
        row(
            1,
            "strict-match",
            "Ann has 5 eggs and eats 2. How many?",
            "3",
            " She has 5 - 2 = 4 eggs. The answer is 4.",
        ),
    ]
    .join("\n")
}

pub(crate) fn write(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_string()
}

pub(crate) fn traces(path: &str) -> Vec<Trace> {
    let file = std::fs::File::open(path).unwrap();
    let read = jsonl::read(std::io::BufReader::new(file));
    read.map(|(_, r)| match r.unwrap() {
        Record::Trace(t) => *t,
        Record::Failed(f) => panic!("{f:?}"),
    })
    .collect()
}

/// Exit code, standard output, standard error.
pub(crate) fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let out = rotescope(arguments);
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

#[test]
fn samples_of_a_harness_become_traces_that_every_command_takes() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "samples_gsm8k.jsonl", &lm_eval());
    let out = folder.path().join("traces.jsonl");
    let out = out.to_str().unwrap();
    let (code, _, said) = run(&["import", &file, "-o", out]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("samples of lm-evaluation-harness") && said.contains("2 completions, 1 of 2"),
        "{said}"
    );
    let all = traces(out);
    let [right, wrong] = &all[..] else {
        panic!("{all:?}")
    };
    assert_eq!(
        (
            right.prompt.id.as_str(),
            right.answer.right,
            wrong.answer.right
        ),
        ("0", Some(true), Some(false))
    );
    assert_eq!(
        right.prompt.text,
        "Question: Tom has 3 pens and gets 4. How many?\nAnswer:"
    );
    let verdict = wrong.steps[0].verdict.as_ref().unwrap();
    assert_eq!(
        (verdict.right, verdict.expected.as_deref()),
        (false, Some("3"))
    );
    let import = right.import.as_ref().unwrap();
    assert_eq!(
        (import.format.as_str(), import.probabilities.as_str()),
        ("lm-eval", "none")
    );
    // The same from the file itself and from the traces.
    for given in [&file, out] {
        let (code, tables, said) = run(&["evaluate", given, "--resamples", "0"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(tables.contains("2 traces, 0 failed prompts"), "{tables}");
        let (code, page, said) = run(&["report", given, "--format", "csv"]);
        assert_eq!(code, Some(0), "{said}");
        // Words stand in for tokens, without a probability.
        let row = page.lines().find(|l| l.contains("eggs")).unwrap();
        assert!(row.contains(",,,"), "{row}");
    }
    let (code, shown, said) = run(&["compare", &file, out]);
    assert_eq!(code, Some(0), "{said}");
    assert!(shown.contains("2 pairs"), "{shown}");
}

#[test]
fn completions_are_judged_without_a_model_and_agree_with_labels() {
    let folder = tempfile::tempdir().unwrap();
    let line = |id: &str, steps: [&str; 2], label: i64, right: bool, answer: &str| {
        json!({"id": id, "problem": "?", "steps": steps, "label": label, "is_correct": right, "expected": answer}).to_string()
    };
    let file = write(
        folder.path(),
        "labelled.jsonl",
        &[
            line(
                "a",
                ["First 2 + 2 = 4.", "So the answer is 4."],
                -1,
                true,
                "4",
            ),
            line(
                "b",
                ["First 2 + 2 = 5.", "So the answer is 5."],
                0,
                false,
                "4",
            ),
            line(
                "c",
                [
                    "First 2 + 2 = 4.",
                    "So it is twice as much, the answer is 9.",
                ],
                1,
                false,
                "8",
            ),
        ]
        .join("\n"),
    );
    let out = folder.path().join("judged.jsonl");
    let (code, summary, said) = run(&["judge", &file, "-o", out.to_str().unwrap(), "--json"]);
    assert_eq!(code, Some(0), "{said}");
    let sums: Value = serde_json::from_str(&summary).unwrap();
    for (name, want) in [
        ("completions", 3),
        ("right", 1),
        ("agreed", 3),
        ("flawed", 2),
        ("named", 1),
        ("clean", 1),
        ("spared", 1),
    ] {
        assert_eq!(sums[name], want, "{name}: {summary}");
    }
    let lines: Vec<Value> = std::fs::read_to_string(&out)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(
        (&lines[1]["id"], &lines[1]["answer"]["right"]),
        (&json!("b"), &json!(false))
    );
    assert_eq!(lines[1]["steps"][0]["verdict"]["expected"], "4");
    // Written again over one of its kind, never over another.
    assert_eq!(
        run(&["judge", &file, "-o", out.to_str().unwrap()]).0,
        Some(0)
    );
    assert_eq!(
        run(&["judge", out.to_str().unwrap(), "-o", &file]).0,
        Some(2)
    );
}

#[test]
fn what_is_damaged_is_named_and_the_rest_kept_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let content = lm_eval()
        + "\n{\"doc_id\": 2, \"doc\"\n{\"doc_id\": 3, \"doc\": {\"question\": \"q\"}, \"target\": \"1\", \"resps\": [[\"1\"]]}\n";
    let file = write(folder.path(), "samples_x.jsonl", &content);
    let out = folder.path().join("t.jsonl");
    let out = out.to_str().unwrap();
    let (code, _, said) = run(&["import", &file, "-o", out]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("samples_x.jsonl, item 4: not JSON") && said.contains("--skip-bad"),
        "{said}"
    );
    assert!(!Path::new(out).exists());
    let (code, _, said) = run(&["import", &file, "-o", out, "--skip-bad"]);
    assert_eq!((code, traces(out).len()), (Some(1), 3), "{said}");
    let notes = write(
        folder.path(),
        "notes.md",
        "How many are 2 and 2?\n---\nIt is 2 + 2 = 5.\n",
    );
    let (code, _, said) = run(&["judge", &notes]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("notes.md: of no format that is known"),
        "{said}"
    );
    let (code, summary, said) = run(&["judge", &notes, "--input-format", "text"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(summary.contains("steps called wrong    1"), "{summary}");
}

#[test]
fn a_model_reads_what_others_wrote_with_its_own_probabilities() {
    let folder = tempfile::tempdir().unwrap();
    let said = "Tom has 3 + 4 = 7 pens. So the answer is 7.";
    let line = json!({"id": "a", "question": "Tom has 3 pens and gets 4. How many pens has he?", "completion": said, "answer": "7", "model": "somebody"});
    let file = write(folder.path(), "generations.jsonl", &line.to_string());
    let out = folder.path().join("read.jsonl");
    let out = out.to_str().unwrap();
    let (code, _, told) = run(&[
        "attribute",
        &file,
        "-o",
        out,
        "--sources",
        "local",
        "--threads",
        "1",
    ]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("reads what others wrote"), "{told}");
    let all = traces(out);
    let [t] = &all[..] else { panic!("{all:?}") };
    assert_eq!(
        (t.output.as_str(), t.answer.right, t.steps.len()),
        (said, Some(true), 2)
    );
    assert_eq!(
        (
            t.model.file.as_str(),
            t.import.as_ref().unwrap().writer.as_str()
        ),
        ("pocket-q8_0.gguf", "somebody")
    );
    let known =
        |t: &&rotescope_trace::Token| t.rank > 0 && t.p > 0.0 && t.candidates.ids.len() >= 20;
    assert_eq!(t.tokens.iter().filter(known).count(), t.tokens.len());
    assert!(t.tokens.iter().any(|t| t.local.is_some()));
    assert!(t.steps.iter().all(|s| s.flag.is_some()), "{:?}", t.steps);
}

/// Words alone, and a model that no flag was fitted to: here the bundled one with a byte more, which has another hash.
#[test]
fn records_of_any_model_get_flags_that_rank() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let said =
        "Tom has 3 + 4 = 7 pens. Then he buys 58 more, 7 + 58 = 99 pens. So the answer is 99.";
    let line = json!({"id": "a", "question": "Tom has 3 pens and gets 4. How many pens has he?", "completion": said});
    let file = write(folder.path(), "words.jsonl", &line.to_string());
    let (code, _, told) = run(&["import", &file, "-o", &at("imported.jsonl")]);
    assert_eq!(code, Some(0), "{told}");

    let mut model = std::fs::read("models/pocket/pocket-q8_0.gguf").unwrap();
    model.push(0);
    std::fs::write(at("other.gguf"), model).unwrap();
    let read = |out: &str, model: &str| {
        let (code, _, told) = run(&[
            "attribute",
            &file,
            "-m",
            model,
            "-i",
            small_index(),
            "-o",
            out,
            "--sources",
            "local",
            "--threads",
            "1",
        ]);
        assert_eq!(code, Some(0), "{told}");
    };
    read(&at("other.jsonl"), &at("other.gguf"));
    read(&at("own.jsonl"), "models/pocket/pocket-q8_0.gguf");

    for name in ["imported.jsonl", "other.jsonl"] {
        let all = traces(&at(name));
        let [t] = &all[..] else { panic!("{all:?}") };
        let file = &t.judging.as_ref().unwrap().flag.as_ref().unwrap().model;
        assert_eq!((file.file.as_str(), file.sha256.len()), ("flag.json", 64));
        let flags: Vec<_> = t.steps.iter().map(|s| s.flag.clone().unwrap()).collect();
        assert!(flags.iter().all(|f| f.meaning == Meaning::Ranked), "{name}");
        // What is false is likelier wrong than what computes.
        assert!(flags[1].p > flags[0].p, "{name}: {flags:?}");
    }
    let own = &traces(&at("own.jsonl"))[0];
    let flags = own.steps.iter().map(|s| s.flag.as_ref().unwrap());
    assert!(flags.clone().all(|f| f.meaning == Meaning::Probability));
    assert_eq!(flags.count(), 3);
}

/// `inspect.eval` was written by inspect_ai 0.3 with its mock model: two samples, the second one wrong.
#[test]
fn a_log_of_inspect_is_read_whole_and_refused_when_cut() {
    let folder = tempfile::tempdir().unwrap();
    let log =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/inspect.eval"))
            .unwrap();
    let path = folder.path().join("log.eval");
    std::fs::write(&path, &log).unwrap();
    let out = folder.path().join("t.jsonl");
    let (code, _, said) = run(&[
        "import",
        path.to_str().unwrap(),
        "-o",
        out.to_str().unwrap(),
    ]);
    assert_eq!(code, Some(0), "{said}");
    let all = traces(out.to_str().unwrap());
    let answers: Vec<_> = all
        .iter()
        .map(|t| (t.prompt.id.as_str(), t.answer.right))
        .collect();
    assert_eq!(answers, [("a", Some(true)), ("b", Some(false))]);
    assert_eq!(all[1].model.file, "mockllm/model");
    for cut in [4, 100, log.len() / 2, log.len() - 1] {
        std::fs::write(&path, &log[..cut]).unwrap();
        let (code, _, said) = run(&["import", path.to_str().unwrap()]);
        assert_eq!(code, Some(2), "{cut}: {said}");
        assert!(said.contains("log.eval, item 1"), "{cut}: {said}");
    }
}

/// Tokens that their files name by text alone have no ids: they are compared by their text.
#[test]
fn imported_completions_are_compared_by_their_words() {
    let folder = tempfile::tempdir().unwrap();
    let answer = |said: &str| {
        let token =
            |t: &str| json!({"token": t, "logprob": -0.1, "bytes": null, "top_logprobs": []});
        let tokens: Vec<Value> = said.split_inclusive(' ').map(token).collect();
        json!({
            "id": "a", "prompt": "1+1?", "model": "m", "target": "#### 2",
            "choices": [{"finish_reason": "stop", "message": {"content": said}, "logprobs": {"content": tokens}}],
        })
        .to_string()
    };
    let a = write(folder.path(), "a.json", &answer("The answer is 2."));
    for (said, same) in [("The answer is 2.", true), ("No idea at all, so 3.", false)] {
        let b = write(folder.path(), "b.json", &answer(said));
        let (code, shown, told) = run(&["compare", &a, &b, "--json"]);
        assert_eq!(code, Some(0), "{told}");
        let c: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(
            (&c["by"], c["first_divergence"].is_null()),
            (&json!("text"), same),
            "{shown}"
        );
    }
}
