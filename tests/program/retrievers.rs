//! The retrievers of `retro` beside each other, stores of hidden states, and documents that are left out.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::audit_extract::write;
use crate::retro::{MODEL, held_out, index_of, records, row, said};
use crate::support::{generated, root, rotescope, small_index, text};

/// A store of hidden states of the small index, made once.
fn store() -> &'static str {
    static STORE: OnceLock<(TempDir, String)> = OnceLock::new();
    let make = || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store").display().to_string();
        make_store(&path, "6000");
        (folder, path)
    };
    &STORE.get_or_init(make).1
}

fn make_store(path: &str, tokens: &str) -> String {
    said(&[
        "retro",
        "store",
        "--index",
        small_index(),
        "--tokens",
        tokens,
        "-o",
        path,
    ])
}

/// Options of each retriever.
fn retrievers() -> [Vec<&'static str>; 3] {
    let of = |how| vec!["--index", small_index(), "--retriever", how];
    [
        of("suffix"),
        of("bm25"),
        [of("knn"), vec!["--store", store()]].concat(),
    ]
}

/// What was asked, in the first line of a file.
fn settings(path: &str) -> Value {
    let content = std::fs::read_to_string(path).unwrap();
    let first: Value = serde_json::from_str(content.lines().next().unwrap()).unwrap();
    first["run"]["settings"].clone()
}

#[test]
fn with_each_retriever_a_mixture_predicts_held_out_text_no_worse_than_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder.path().join("texts.jsonl"), held_out());
    let mut of_model = Vec::new();
    for how in retrievers() {
        let name = how[3];
        let out = folder.path().join(name).display().to_string();
        let args = [&["retro", "measure", &file, "-o", &out], &how[..]].concat();
        let tables = said(&args);
        eprintln!("{name}:\n{tables}");
        let [.., plain, mixture] = row(&tables, "| both | ")[..] else {
            panic!("{tables}")
        };
        // The model has read this corpus, so there is little to gain, and weights fitted to other documents may lose a little.
        assert!(plain > 1.0 && mixture <= plain * 1.005, "{tables}");
        let [.., plain, mixture] = row(&tables, "| all | ")[..] else {
            panic!("{tables}")
        };
        assert!(mixture <= plain, "{tables}");
        let records = records(&out);
        let tokens = records.iter().flat_map(|r| r["tokens"].as_array().unwrap());
        let (mut found, mut all, mut model) = (0, 0, Vec::new());
        for t in tokens {
            assert!(name != "knn" || (t["n"] == 0 && t["count"] == 32), "{t}");
            found += u32::from(!t["retrieved"].is_null());
            all += 1;
            model.push(t["model"].as_f64().unwrap());
        }
        assert!(found * 2 > all, "{name} finds {found} of {all}");
        of_model.push(model);
        let asked = settings(&out);
        let named = match name {
            "suffix" => json!({ "retriever": "infinigram" }),
            "bm25" => json!({ "retriever": "bm25", "passages": 8, "query": 64, "ask-every": 8 }),
            _ => json!({ "retriever": "knn", "neighbours": 32, "knn-temperature": 1.0 }),
        };
        for (setting, value) in named.as_object().unwrap() {
            assert_eq!(&asked[setting], value, "{asked}");
        }
        assert_eq!(asked["store"].is_string(), name == "knn");
        // Another retriever's records are not continued.
        let other = [
            "retro",
            "measure",
            &file,
            "-o",
            &out,
            "--index",
            small_index(),
        ];
        let other = rotescope(&[&other[..], &["--model", MODEL, "-q"]].concat());
        assert_eq!(
            other.status.success(),
            name == "suffix",
            "{}",
            text(&other.stderr)
        );
    }
    // What the model says is the same, to the bit, whether its hidden states are read or not.
    assert!(of_model[0] == of_model[1] && of_model[0] == of_model[2]);
}

#[test]
fn without_the_corpus_answers_are_the_models_with_each_retriever() {
    let folder = tempfile::tempdir().unwrap();
    let base = generated("applied-base", 3, 200);
    for how in retrievers() {
        let out = |n: u8| {
            folder
                .path()
                .join(format!("{}{n}", how[3]))
                .display()
                .to_string()
        };
        let run = |out: &str| {
            let args = [
                "retro",
                "answer",
                "prompts/applied-base.jsonl",
                "--limit",
                "3",
            ];
            let more = ["--max-tokens", "200", "--lam", "0,.5", "-o", out];
            said(&[&args[..], &more, &how].concat());
            records(out)
        };
        let answers = run(&out(0));
        assert_eq!(answers.len(), 6);
        for (answer, trace) in answers.iter().zip(&base) {
            let ids: Vec<u32> = trace.tokens.iter().map(|t| t.id).collect();
            assert_eq!(answer["tokens"], json!(ids));
            assert_eq!(answer["output"], trace.output.as_str());
        }
        // The same again.
        assert_eq!(run(&out(1)), answers);
    }
}

#[test]
fn a_windows_own_document_can_be_left_out() {
    let lacks = |tables: &str| {
        let line = tables.lines().find(|l| l.starts_with("| all | ")).unwrap();
        let cell = line.split('|').nth(4).unwrap();
        cell.trim().trim_end_matches(" %").parse::<f64>().unwrap()
    };
    for how in retrievers() {
        let with = |more: &[&str]| {
            let args = ["retro", "measure", "--documents", "10,11,12,13,14,15"];
            lacks(&said(&[&args[..], &how, more].concat()))
        };
        let (found, left_out) = (with(&[]), with(&["--leave-out-own"]));
        eprintln!("{}: lacks {found} %, {left_out} % without its own", how[3]);
        match how[3] {
            "suffix" => assert!(found == 0.0 && left_out > 1.0, "{found} {left_out}"),
            // Few words may fit other documents better.
            "bm25" => assert!(found < 10.0 && left_out > found, "{found} {left_out}"),
            // The store holds a part of the documents, perhaps not these.
            _ => assert!(left_out >= found, "{found} {left_out}"),
        }
    }
}

#[test]
fn stores_that_cannot_be_used_are_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let file = write(
        &folder.path().join("t.jsonl"),
        ["one two three".to_string()],
    );
    let with = |model: &str, index: &str, store: &[&str]| {
        let args = ["retro", "measure", &file, "--retriever", "knn", "-q"];
        let more = ["--model", model, "--index", index];
        let run = rotescope(&[&args[..], &more, store].concat());
        (run.status.code(), text(&run.stderr))
    };
    let refused = |model: &str, index: &str, store: &str, words: &[&str]| {
        let (code, said) = with(model, index, &["--store", store]);
        assert_eq!(code, Some(2), "{said}");
        for word in words {
            assert!(said.contains(word), "{word:?} in {said}");
        }
    };
    let (code, said) = with(MODEL, small_index(), &[]);
    assert!(code == Some(2) && said.contains("retro store"), "{said}");
    let own = path("own");
    assert!(make_store(&own, "300").contains("300 hidden states of 256"));
    assert_eq!(with(MODEL, small_index(), &["--store", &own]).0, Some(0));
    // The same seed, the same bytes.
    let again = path("again");
    make_store(&again, "300");
    let bytes = std::fs::read(&own).unwrap();
    assert!(std::fs::read(&again).unwrap() == bytes);

    let damaged = path("damaged");
    let body = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
    let cuts = [bytes.len() - 1, bytes.len() / 2, body, body - 1, 70];
    let flips = [body, body + 999, bytes.len() - 1];
    for (cut, flip) in cuts
        .map(|c| (c, None))
        .into_iter()
        .chain(flips.map(|f| (bytes.len(), Some(f))))
    {
        let mut bytes = bytes[..cut].to_vec();
        if let Some(flip) = flip {
            bytes[flip] ^= 1;
        }
        std::fs::write(&damaged, bytes).unwrap();
        refused(
            MODEL,
            small_index(),
            &damaged,
            &["damaged", "retro store --force"],
        );
    }
    // And can be made anew.
    make_store(&damaged, "300");
    assert!(std::fs::read(&damaged).unwrap() == bytes);
    std::fs::write(path("empty"), "").unwrap();
    for other in [&file, &path("empty")] {
        refused(MODEL, small_index(), other, &["no store", "retro store"]);
    }
    refused(MODEL, small_index(), &path("missing"), &["missing"]);
    // What is no store is not replaced.
    let run = rotescope(&[
        "retro",
        "store",
        "--index",
        small_index(),
        "--tokens",
        "9",
        "-o",
        &file,
    ]);
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));

    // The same model with another file is another one; so is another index.
    let model = path("other.gguf");
    let mut content = std::fs::read(root().join(MODEL)).unwrap();
    let last = content.len() - 1;
    content[last] ^= 1;
    std::fs::write(&model, content).unwrap();
    refused(
        &model,
        small_index(),
        &own,
        &["own", "other.gguf", "retro store"],
    );
    let index = index_of(folder.path(), ["one two".to_string()], &["--model", MODEL]);
    refused(
        MODEL,
        &index,
        &own,
        &["own", "another corpus", "retro store"],
    );
    for wrong in [
        ["--neighbours", "0"],
        ["--neighbours", "101"],
        ["--knn-temperature", "0"],
    ] {
        let store = ["--store", &own];
        let (code, said) = with(MODEL, small_index(), &[&store[..], &wrong].concat());
        assert!(code == Some(2) && said.contains(wrong[0]), "{said}");
    }
}

/// An index of unlike documents and these, and the records of what carries the answers of some traces.
fn credited(
    folder: &Path,
    name: &str,
    planted: &[String],
    (traces, places): (&str, &str),
) -> Vec<Value> {
    let folder = folder.join(name);
    std::fs::create_dir(&folder).unwrap();
    let others = held_out().into_iter().take(12);
    let index = index_of(
        &folder,
        others.chain(planted.iter().cloned()),
        &["--model", MODEL],
    );
    let out = folder.join("out.jsonl").display().to_string();
    let args = [
        "retro", "credit", traces, "--index", &index, "--places", places, "-o", &out,
    ];
    let table = said(&args);
    eprintln!("{table}");
    assert!(table.contains("index's share"), "{table}");
    let bytes = std::fs::read(&out).unwrap();
    assert_eq!(said(&args), table);
    assert_eq!(std::fs::read(&out).unwrap(), bytes);
    records(&out)
}

#[test]
fn the_planted_document_carries_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let traces = folder.path().join("traces.jsonl").display().to_string();
    let prompts = "prompts/applied-base.jsonl";
    let score = [
        "score",
        prompts,
        "--limit",
        "1",
        "--no-index",
        "-o",
        &traces,
    ];
    said(&score);
    let content = std::fs::read_to_string(&traces).unwrap();
    let trace: Value = serde_json::from_str(content.lines().next().unwrap()).unwrap();
    let words = |v: &Value| v.as_str().unwrap().to_string();
    let planted = words(&trace["prompt"]["text"]) + &words(&trace["output"]);
    // Nearly the same.
    let copy = format!("{planted}\nThat is all.");
    let with = credited(
        folder.path(),
        "with",
        &[planted.clone(), copy],
        (&traces, "64"),
    )
    .remove(0);
    let without = credited(folder.path(), "without", &[], (&traces, "64")).remove(0);
    let number = |v: &Value| v.as_f64().unwrap();
    let first = &with["documents"][0];
    let mut both = vec![first["document"].as_u64().unwrap()];
    both.extend(
        first["copies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c.as_u64().unwrap()),
    );
    both.sort_unstable();
    assert_eq!(both, [12, 13]);
    assert!(number(&first["share"]) > 0.8, "{with}");
    assert!(
        planted.contains(first["token"].as_str().unwrap()),
        "{first}"
    );
    // What they carry is what the answer lacks where the index never had them.
    let lost = number(&with["mixture"]) - number(&without["mixture"]);
    assert!(
        (number(&first["credit"]) - lost).abs() < 1e-6,
        "{lost} {first}"
    );
    assert_eq!(with["model"], without["model"]);
    assert!(lost > 0.0, "{lost}");
    // One document that has it twice is all there is, but at more places than one.
    let twice = format!("{planted}\n{planted}");
    let [one, two] = ["1", "2"].map(|places| {
        let name = format!("at {places}");
        credited(
            folder.path(),
            &name,
            std::slice::from_ref(&twice),
            (&traces, places),
        )
        .remove(0)
    });
    let credit = |r: &Value| match r["documents"].as_array().unwrap().first() {
        Some(first) => number(&first["credit"]),
        None => 0.0,
    };
    assert!(
        number(&one["common"]) > number(&two["common"]),
        "{one} {two}"
    );
    assert!(credit(&one) < credit(&two) / 2.0, "{one} {two}");

    let refused = rotescope(&[
        "retro",
        "credit",
        &traces,
        "--lam",
        "0",
        "--index",
        small_index(),
    ]);
    assert!(
        text(&refused.stderr).contains("--lam 0"),
        "{}",
        text(&refused.stderr)
    );
}
