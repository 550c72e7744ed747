//! `retro` and `lab model` from the outside, on the bundled model and its corpus.

use std::path::Path;

use serde_json::{Value, json};

use crate::audit_extract::{passages, write};
use crate::support::{generated, root, rotescope, small_index, text};

pub(crate) const MODEL: &str = "models/pocket/pocket-q8_0.gguf";

pub(crate) fn said(args: &[&str]) -> String {
    let all = [args, &["--model", MODEL, "--threads", "1", "-q"]].concat();
    let run = rotescope(&all);
    assert!(run.status.success(), "{args:?}\n{}", text(&run.stderr));
    text(&run.stdout)
}

pub(crate) fn records(path: &str) -> Vec<Value> {
    let content = std::fs::read_to_string(path).unwrap();
    let lines = content.lines().map(serde_json::from_str::<Value>);
    let records = lines.filter_map(|l| l.unwrap().get("record").cloned());
    records.collect()
}

/// An index of these texts.
pub(crate) fn index_of(
    folder: &Path,
    texts: impl IntoIterator<Item = String>,
    more: &[&str],
) -> String {
    let file = write(&folder.join("corpus.jsonl"), texts);
    let out = folder.join("index").display().to_string();
    let built = rotescope(&[&["index", "build", &file, "--out", &out], more].concat());
    assert!(built.status.success(), "{}", text(&built.stderr));
    out
}

/// The cells of a row of a table, as numbers where they are some.
pub(crate) fn row(said: &str, begins: &str) -> Vec<f64> {
    let line = said.lines().find(|l| l.starts_with(begins));
    let line = line.unwrap_or_else(|| panic!("{begins:?} in\n{said}"));
    let cells = line.split('|').map(|c| c.trim().replace(',', ""));
    cells.filter_map(|c| c.parse().ok()).collect()
}

/// Documents of the corpus' kinds that it does not have: passages, and worked problems.
pub(crate) fn held_out() -> Vec<String> {
    let unseen = passages(4).into_iter().filter(|p| p.0 == 0).map(|p| p.1);
    let mut all: Vec<String> = unseen.take(16).collect();
    for task in ["applied", "formula", "counting"] {
        let prompts = root().join(format!("prompts/{task}-base.jsonl"));
        let prompts = std::fs::read_to_string(prompts).unwrap();
        for line in prompts.lines().take(12) {
            let row: Value = serde_json::from_str(line).unwrap();
            let said = |v: &Value| v.as_str().unwrap().to_string();
            let (question, chain) = (said(&row["question"]), said(&row["meta"]["chain"]));
            all.push(format!("Question: {question}\nAnswer: {chain}"));
        }
    }
    all
}

#[test]
fn a_mixture_predicts_held_out_text_no_worse_than_the_model_and_goes_on_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let file = write(&folder.path().join("texts.jsonl"), held_out());
    let out = path("out.jsonl");
    let args = [
        "retro",
        "measure",
        &file,
        "--index",
        small_index(),
        "-o",
        &out,
        "--lam",
        ".3/.1",
    ];
    let whole = said(&args);
    let model = row(&whole, "| 0 | ")[1];
    let held_out = row(&whole, "| both | ");
    eprintln!("{whole}");
    assert!(model > 1.0 && whole.contains("| 1 | infinite |"), "{whole}");
    let [.., plain, mixture] = held_out[..] else {
        panic!("{whole}")
    };
    // The model has read this corpus, so there is little to gain, and weights fitted to other documents may lose a little.
    assert!(plain > 1.0 && mixture <= plain * 1.005, "{whole}");
    let [.., plain, mixture] = row(&whole, "| all | ")[..] else {
        panic!("{whole}")
    };
    assert!(mixture <= plain, "{whole}");

    let mut sums = [0.0; 2];
    let mut tokens = 0.0;
    for record in records(&out) {
        let all = record["tokens"].as_array().unwrap();
        assert_eq!(record["split"][1], all.len());
        for t in all {
            let of = |name: &str| t[name].as_f64();
            let model = of("model").unwrap();
            match (of("retrieved"), of("gap")) {
                (Some(r), Some(gap)) => {
                    assert!(r <= 0.0 && (model - r - gap).abs() < 1e-9, "{t}");
                    // Of one token that is found the probability is 1.
                    assert!(t["sparse"] == json!(false) || r == 0.0, "{t}");
                    // Shares of a count are no less than one of it.
                    let count = of("count").unwrap();
                    assert!(r.exp() * count > 0.99, "{t}");
                }
                other => assert_eq!(other, (None, None), "{t}"),
            }
            let known = (
                model.exp() >= 0.5,
                of("retrieved").is_some_and(|r| r.exp() >= 0.5),
            );
            let name = match known {
                (true, true) => "both",
                (true, false) => "weights",
                (false, true) => "corpus",
                (false, false) => "neither",
            };
            assert_eq!(t["known"], name);
            sums[0] -= model;
            let half = 0.5 * of("retrieved").map_or(0.0, f64::exp) + 0.5 * model.exp();
            sums[1] -= half.ln();
            tokens += 1.0;
        }
    }
    // The tables are what the records say.
    for (lam, sum) in ["| 0 | ", "| 0.5 | "].into_iter().zip(sums) {
        let perplexity = (sum / tokens).exp();
        assert!((row(&whole, lam)[1] - perplexity).abs() < 0.001, "{whole}");
    }

    let bytes = std::fs::read(&out).unwrap();
    for cut in [bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&out, &bytes[..cut]).unwrap();
        assert_eq!(said(&args), whole);
        assert_eq!(std::fs::read(&out).unwrap(), bytes);
    }
}

#[test]
fn without_the_corpus_answers_are_the_models_and_without_the_model_the_corpus() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let out = path("out.jsonl");
    let table = said(&[
        "retro",
        "answer",
        "prompts/applied-base.jsonl",
        "--limit",
        "4",
        "--index",
        small_index(),
        "--lam",
        "0,.5",
        "-o",
        &out,
    ]);
    let base = generated("applied-base", 4, 256);
    let answers = records(&out);
    assert_eq!(answers.len(), 8, "{table}");
    for (answer, trace) in answers.iter().zip(&base) {
        assert_eq!(answer["output"], trace.output.as_str());
        let ids: Vec<u32> = trace.tokens.iter().map(|t| t.id).collect();
        assert_eq!(answer["tokens"], json!(ids));
        assert_eq!(answer["right"], json!(trace.answer.right));
    }
    assert!(table.contains("| 0 | 0 | 4 | "), "{table}");

    // Prompts that read differently now are not taken for those that were answered.
    let kept = path("kept.jsonl");
    let changed = path("changed.jsonl");
    let bundled = std::fs::read_to_string(root().join("prompts/applied-base.jsonl")).unwrap();
    let first = bundled.lines().next().unwrap();
    let answer = |content: &str| {
        std::fs::write(&changed, content).unwrap();
        let args = [
            "retro",
            "answer",
            &changed,
            "--index",
            small_index(),
            "--lam",
            "0",
            "--max-tokens",
            "4",
            "-q",
            "-o",
            &kept,
        ];
        rotescope(&args)
    };
    assert!(answer(first).status.success() && answer(first).status.success());
    let before = std::fs::read(&kept).unwrap();
    let other = answer(&first.replacen("many", "much", 1));
    let error = text(&other.stderr);
    assert!(
        other.status.code() == Some(2) && error.contains("kept.jsonl"),
        "{error}"
    );
    assert_eq!(std::fs::read(&kept).unwrap(), before);

    // Of a toy corpus: behind "two and two is" stands " five" twice and " four" once, whatever the model holds of it, and then the document ends.
    let toy = [
        "two and two is five",
        "two and two is five",
        "two and two is four",
    ];
    let index = index_of(folder.path(), toy.map(String::from), &["--model", MODEL]);
    let prompt = path("prompt.jsonl");
    let line = json!({"id": "sum", "question": "two and two is", "answer": "five", "raw": true});
    std::fs::write(&prompt, line.to_string()).unwrap();
    let out = path("toy.jsonl");
    said(&[
        "retro", "answer", &prompt, "--index", &index, "--lam", "1", "-o", &out,
    ]);
    let answers = records(&out);
    assert_eq!(answers[0]["output"], " five");
    assert_eq!(answers[0]["finish"], "end");
    // Drawn, it is four in a third of the cases, and nothing else.
    let mut four = 0;
    for seed in 0..30 {
        let (out, seed) = (path(&format!("{seed}.jsonl")), seed.to_string());
        let args = [
            "retro", "answer", &prompt, "--index", &index, "--lam", "1", "-o", &out,
        ];
        said(&[&args[..], &["--temperature", "1", "--seed", &seed]].concat());
        let answers = records(&out);
        let output = answers[0]["output"].as_str().unwrap();
        assert!([" five", " four"].contains(&output), "{output:?}");
        four += u32::from(output == " four");
    }
    assert!((4..=17).contains(&four), "{four} of 30");
}

/// The tokens of the first trace of a file.
fn tokens(path: &str) -> Vec<Value> {
    let content = std::fs::read_to_string(path).unwrap();
    let trace: Value = serde_json::from_str(content.lines().next().unwrap()).unwrap();
    trace["tokens"].as_array().unwrap().clone()
}

#[test]
fn traces_say_of_each_token_what_measuring_its_text_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let out = path("traces.jsonl");
    let prompts = "prompts/applied-base.jsonl";
    let score = ["score", prompts, "--limit", "1", "--sources", "local"];
    said(&[&score[..], &["--index", small_index(), "-o", &out]].concat());
    let scored = tokens(&out);
    let trace: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    let whole = format!(
        "{}{}",
        trace["prompt"]["text"].as_str().unwrap(),
        trace["output"].as_str().unwrap()
    );
    let file = write(&folder.path().join("text.jsonl"), [whole]);
    let measured = path("measured.jsonl");
    let measure = ["retro", "measure", &file, "--index", small_index()];
    said(&[&measure[..], &["--window", "1/900", "-o", &measured]].concat());
    let measured = records(&measured).remove(0);
    let measured = measured["tokens"].as_array().unwrap();
    let behind = &measured[measured.len() - scored.len()..];
    for (token, want) in scored.iter().zip(behind) {
        let found = &token["retrieved"];
        assert_eq!(token["id"], want["id"], "the same tokens");
        for name in ["n", "count", "sparse"] {
            assert_eq!(found[name], want[name], "{name} of {token}");
        }
        let number = |v: &Value| v.as_f64().unwrap_or(f64::NEG_INFINITY);
        let share = number(&want["retrieved"]).exp();
        assert!((number(&found["p"]) - share).abs() < 1e-6, "{token} {want}");
        assert_eq!(found["gap"].is_null(), share == 0.0);
        // The model read the text in other portions.
        if share > 0.0 {
            let apart = number(&found["gap"]) - number(&want["gap"]);
            assert!(apart.abs() < 0.02, "{token} {want}");
        }
        if (number(&token["p"]) - 0.5).abs() > 0.02 {
            assert_eq!(found["known"], want["known"], "{token}");
        }
    }
    let knows = |name: &str| scored.iter().any(|t| t["retrieved"]["known"] == name);
    assert!(knows("both") && knows("weights"));

    // Without the model it stays as far as it speaks of the same corpus.
    let toy = index_of(folder.path(), ["one two".into()], &["--model", MODEL]);
    for (index, stays) in [(small_index(), true), (&toy, false)] {
        let again = path(if stays { "same.jsonl" } else { "other.jsonl" });
        let args = ["attribute", &out, "--sources", "local", "--index", index];
        let run = rotescope(&[&args[..], &["-o", &again]].concat());
        assert!(run.status.success(), "{}", text(&run.stderr));
        for (token, before) in tokens(&again).iter().zip(&scored) {
            let want = if stays {
                &before["retrieved"]
            } else {
                &Value::Null
            };
            assert_eq!(&token["retrieved"], want);
        }
    }
}

#[test]
fn what_cannot_be_is_refused_with_the_way_out() {
    let refused = |args: &[&str]| {
        let run = rotescope(&[args, &["--model", MODEL]].concat());
        assert_eq!(run.status.code(), Some(2), "{args:?} {}", text(&run.stdout));
        text(&run.stderr)
    };
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder.path().join("t.jsonl"), ["one two".to_string()]);
    let with = |more: &[&'static str]| {
        let all = [&["retro", "measure", &file, "--index", small_index()], more].concat();
        refused(&all)
    };
    for wrong in ["1.5", "x", ".5/-1"] {
        assert!(with(&["--lam", wrong]).contains("from 0"), "{wrong}");
    }
    assert!(with(&["--known-model", "0"]).contains("above 0"));
    assert!(refused(&["retro", "measure", &file, "--no-index"]).contains("--no-index"));
    // An index of another vocabulary.
    let own = std::fs::read_to_string(root().join("models/pocket/tokenizer.json")).unwrap();
    let other = folder.path().join("tokenizer.json");
    std::fs::write(&other, own.replace("<|endoftext|>", "<|end|>")).unwrap();
    let more = ["--tokenizer", other.to_str().unwrap()];
    let index = index_of(folder.path(), ["one two three".to_string()], &more);
    for args in [
        &["retro", "measure", &file][..],
        &["retro", "answer", "prompts/applied-base.jsonl"],
        &["lab", "model", &file],
    ] {
        let said = refused(&[args, &["--index", &index]].concat());
        assert!(
            said.contains("tokenizer") && said.contains("build"),
            "{said}"
        );
    }
}

#[test]
fn more_is_memorized_of_what_the_corpus_had_more_often() {
    let folder = tempfile::tempdir().unwrap();
    let all = passages(8);
    let file = write(
        &folder.path().join("p.jsonl"),
        all.iter().map(|p| p.1.clone()),
    );
    // What the corpus has of their kind, each once: enough to learn how such passages are made.
    let seen = passages(usize::MAX).into_iter();
    let seen = seen.filter(|p| p.0 > 0).map(|p| p.1);
    let index = index_of(folder.path(), seen, &["--model", MODEL]);
    let out = folder.path().join("out.jsonl").display().to_string();
    let args = ["lab", "model", &file, "--index", &index, "-o", &out];
    let table = said(&args);
    assert!(table.contains("analogy"), "{table}");
    let share = |from: u64, to: u64| {
        let of = |r: &&Value| {
            // Documents were read from their beginning in training.
            let line = r["document"].as_str().unwrap().rsplit(':').next().unwrap();
            let copies = all[line.parse::<usize>().unwrap() - 1].0;
            r["start"] == 0 && (from..to).contains(&copies)
        };
        let records = records(&out);
        let some: Vec<&Value> = records.iter().filter(of).collect();
        assert!(some.len() >= 8, "{from} to {to}: {}", some.len());
        let yes = some.iter().filter(|r| r["memorizes"] == true).count();
        yes as f64 / some.len() as f64
    };
    let (few, many) = (share(1, 5), share(20, 1000));
    eprintln!("memorizing: {few} of passages with few copies, {many} with many\n{table}");
    assert!(
        few <= 0.5 && many >= 0.8 && few + 0.3 < many,
        "{few} {many}\n{table}"
    );
    assert!(!table.contains("inf"), "{table}");
    assert_eq!(said(&args), table);
    // A model that generalizes is refused nothing but another tokenizer: here it is the model itself, which is never nearer to anything else.
    let own = said(&[
        "lab",
        "model",
        &file,
        "--index",
        &index,
        "--generalizer",
        MODEL,
    ]);
    let last = own.lines().find(|l| l.starts_with("| all | "));
    assert!(last.is_some_and(|l| l.ends_with("| 0.0 % |")), "{own}");
}
