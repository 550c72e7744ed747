//! Lines of traces: read, refused with the field that is wrong, and written again without loss.

use std::path::PathBuf;

use rotescope_trace::files::{self, FileError};
use rotescope_trace::formats;
use rotescope_trace::jsonl::{self, Failed, LineError, Record};
use rotescope_trace::record::Entry;
use rotescope_trace::{AttributionOptions, Flag, Meaning, Prompt, RenderedPrompt, Trace};
use serde_json::{Value, json};

/// A small trace with every optional part.
fn whole() -> Value {
    let token = |id: u32, text: &str, from: usize| {
        json!({
            "id": id, "text": text, "span": [from, from + text.len()], "p": 0.75, "rank": 1, "entropy": 0.5,
            "candidates": {"ids": [id, 9], "text": [text, "x"], "p": [0.75, 0.25], "local": [4, 1], "mid": [0.5, 0.25], "long": [1.0, 2.0]},
            "local": {"score": 0.5, "context": 2, "context_count": 5, "match_count": 4},
            "mid": {"score": 0.5, "words": [{"text": "two", "span": [0, 3], "saliency": 0.1}], "window": [0, 1], "elicited": true},
            "long": {"score": null, "undefined": "constant", "words": [{"text": "Add", "span": [0, 3], "saliency": 0.1, "error": 0.01}]},
            "measures": {"gain": {"local": 0.1, "mid": null, "long": 0.2}},
            "cause": {"source": "local", "strength": 0.4},
        })
    };
    json!({
        "schema": "rotescope.trace/1", "rotescope": "0.1.0",
        "prompt": {"id": "a", "question": "Add 1 and 1.", "text": "Add 1 and 1.\n", "question_span": [0, 12], "tokens": [1, 2], "meta": {"list": ["1"]}},
        "model": {"file": "m.gguf", "sha256": "00", "architecture": "llama", "quantization": "Q8_0", "parameters": 1, "tokenizer": "ff"},
        "sampler": {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0, "max_tokens": 8},
        "attribution": {"candidates": 2, "steps": "sen"},
        "output": "two. yes.",
        "tokens": [token(3, "two", 0), token(4, ".", 3), token(5, " yes", 4), token(6, ".", 8)],
        "steps": [
            {"span": [0, 5], "tokens": [0, 3], "flag": {"p": 0.6, "reasons": ["unsure"], "token": 2},
             "verdict": {"right": false, "by": "arithmetic", "p": 0.1, "span": [0, 3], "tokens": [0], "expected": "2"}},
            {"span": [5, 9], "tokens": [2, 4]},
        ],
        "reasoning": [0, 4],
        "answer": {"extracted": "yes", "span": [5, 8], "expected": "2", "right": false},
        "finish": "end",
        "timing": {"prompt": 0.1, "generate": 0.2, "attribute": 0.1, "tokens_per_second": 9.0},
    })
}

fn error(line: &Value) -> String {
    jsonl::parse(&line.to_string()).unwrap_err().to_string()
}

#[test]
fn newer_and_foreign_lines_are_told_apart() {
    assert!(matches!(
        jsonl::parse(r#"{"schema":"rotescope.trace/2"}"#),
        Err(LineError::Newer(_))
    ));
    assert!(matches!(
        jsonl::parse(r#"{"a":1}"#),
        Err(LineError::NotATrace)
    ));
    assert!(matches!(
        jsonl::parse(r#"{"schema":"rotescope.tr"#),
        Err(LineError::Json(_))
    ));
}

#[test]
fn what_does_not_fit_is_named() {
    jsonl::parse(&whole().to_string()).unwrap();
    for (at, value, want) in [
        (
            "/steps/0/tokens",
            json!([2, 1]),
            "steps[0].tokens: [2, 1] ends before it begins",
        ),
        (
            "/steps/1/tokens",
            json!([2, 5]),
            "steps[1].tokens: [2, 5] lies beyond the 4 tokens",
        ),
        (
            "/steps/1/tokens",
            json!([0, 2]),
            "steps[1].tokens: stand before",
        ),
        (
            "/steps/1/span",
            json!([5, 10]),
            "steps[1].span: [5, 10] lies beyond the 9 bytes of the output",
        ),
        (
            "/steps/1/span",
            json!([4, 9]),
            "steps[1].span: begins before",
        ),
        (
            "/steps/0/span",
            json!([5, 4]),
            "steps[0].span: [5, 4] ends before",
        ),
        (
            "/steps/0/flag/token",
            json!(4),
            "steps[0].flag.token: 4, but there are 4 tokens",
        ),
        (
            "/steps/0/flag/p",
            json!(1.5),
            "steps[0].flag.p: 1.5 is no probability",
        ),
        (
            "/steps/0/verdict/tokens",
            json!([0, 7]),
            "steps[0].verdict.tokens: 7",
        ),
        (
            "/steps/0/verdict/span",
            json!([0, 99]),
            "steps[0].verdict.span: [0, 99]",
        ),
        ("/steps/0/verdict/p", json!(-1), "steps[0].verdict.p"),
        (
            "/tokens/1/candidates/p",
            json!([0.5]),
            "tokens[1].candidates.p: 1 values for 2 ids",
        ),
        (
            "/tokens/1/candidates/p",
            json!([0.5, 1e300]),
            "tokens[1].candidates.p[1]: no probability",
        ),
        (
            "/tokens/1/candidates/text",
            json!([]),
            "tokens[1].candidates.text: 0 values for 2 ids",
        ),
        (
            "/tokens/1/candidates/local",
            json!([1, 2, 3]),
            "tokens[1].candidates.local: 3 values for 2 ids",
        ),
        (
            "/tokens/1/candidates/mid",
            json!([1.0]),
            "tokens[1].candidates.mid",
        ),
        (
            "/tokens/1/candidates/long",
            json!([1.0]),
            "tokens[1].candidates.long",
        ),
        (
            "/tokens/2/p",
            json!(1e39),
            "tokens[2].p: inf is no probability",
        ),
        ("/tokens/2/p", json!(-0.5), "tokens[2].p"),
        (
            "/tokens/2/entropy",
            json!(1e39),
            "tokens[2].entropy: inf is no finite number",
        ),
        (
            "/tokens/2/span",
            json!([4, 9]),
            "tokens[2].span: [4, 9], but its bytes stand at [4, 8]",
        ),
        (
            "/tokens/2/bytes",
            json!("2"),
            "tokens[2].bytes: not bytes in hex",
        ),
        (
            "/tokens/2/mid/window",
            json!([1, 9]),
            "tokens[2].mid.window",
        ),
        (
            "/tokens/2/mid/words/0/span",
            json!([3, 2]),
            "tokens[2].mid.words[0].span",
        ),
        (
            "/tokens/2/long/words/0/span",
            json!([3, 20]),
            "tokens[2].long.words[0].span: [3, 20] lies beyond the 13 bytes of prompt.text",
        ),
        (
            "/prompt/question_span",
            json!([0, 14]),
            "prompt.question_span: [0, 14] lies beyond the 13 bytes of prompt.text",
        ),
        (
            "/prompt/text",
            json!("Add 1 and é1."),
            "prompt.question_span",
        ),
        (
            "/sampler/temperature",
            json!(1e39),
            "sampler.temperature: inf is no finite number",
        ),
        ("/reasoning", json!([4, 3]), "reasoning: [4, 3]"),
        ("/answer/span", json!([4, 33]), "answer.span: [4, 33]"),
        // Of another type.
        (
            "/tokens/2/p",
            json!(null),
            "tokens[2].p: invalid type: null",
        ),
        ("/steps/1/span", json!([0]), "steps[1].span"),
        ("/prompt/tokens", json!([-1]), "prompt.tokens[0]"),
    ] {
        let mut line = whole();
        let (part, key) = at.rsplit_once('/').unwrap();
        match line.pointer_mut(part).unwrap() {
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
            object => object[key] = value,
        }
        if at == "/prompt/text" {
            line["prompt"]["question_span"] = json!([0, 11]);
        }
        let error = error(&line);
        assert!(
            error.starts_with("not a trace: ") && error.contains(want),
            "{at}: {error}"
        );
    }
}

/// A token whose bytes are no UTF-8 of their own: the output shows a longer mark for it, positions count its own bytes.
#[test]
fn positions_count_the_bytes_of_the_tokens() {
    let mut line = whole();
    line["tokens"][3] = json!({"id": 6, "text": "\u{fffd}", "bytes": "e2", "span": [8, 9], "p": 1.0, "rank": 1, "entropy": 0.0,
        "candidates": {"ids": [], "text": [], "p": []}});
    line["output"] = json!("two. yes\u{fffd}");
    jsonl::parse(&line.to_string()).unwrap();
    line["steps"][1]["span"] = json!([5, 11]);
    assert!(
        error(&line).contains("beyond the 9 bytes"),
        "{}",
        error(&line)
    );
}

/// A stop string ends the output within what the tokens say.
#[test]
fn tokens_may_reach_beyond_the_output() {
    let mut line = whole();
    line["output"] = json!("two. yes");
    line["steps"][1]["span"] = json!([5, 8]);
    jsonl::parse(&line.to_string()).unwrap();
}

/// Fields of a version to come stay where they are, in every part, when what was understood is changed and written again; those of a score that
/// was made anew do not.
#[test]
fn unknown_fields_survive_a_rewrite() {
    let mut line = whole();
    for part in [
        "",
        "/prompt",
        "/model",
        "/sampler",
        "/tokens/1",
        "/tokens/1/candidates",
        "/steps/1",
        "/answer",
        "/tokens/2/local",
        "/steps/0/flag",
    ] {
        line.pointer_mut(part).unwrap()["novel"] = json!({"of": part});
    }
    line["prompt"]["meta"]["mine"] = json!([1, {"b": 2}]);
    let text = line.to_string();
    let Record::Trace(mut trace) = jsonl::parse(&text).unwrap() else {
        panic!()
    };
    trace.finish = "stop".into();
    trace.tokens[2].local.as_mut().unwrap().score = Some(0.25);
    trace.tokens[2].mid = None;
    trace.steps[0].flag.as_mut().unwrap().p = 0.5;
    let entry = Entry {
        record: Record::Trace(trace),
        text: Some(text),
    };
    let mut out = Vec::new();
    formats::writer(None).write(&mut out, &entry).unwrap();
    assert_eq!(out.iter().filter(|b| **b == b'\n').count(), 1);
    let new: Value = serde_json::from_slice(&out).unwrap();
    let mut want = line;
    want["finish"] = json!("stop");
    // Those at the top are kept whatever changes.
    want["tokens"][2]["local"] =
        json!({"score": 0.25, "context": 2, "context_count": 5, "match_count": 4});
    want["tokens"][2].as_object_mut().unwrap().remove("mid");
    want["steps"][0]["flag"] = json!({"p": 0.5, "reasons": ["unsure"], "token": 2});
    assert_eq!(new, want);
}

#[test]
fn a_line_without_unknown_fields_is_written_as_ever() {
    let text = whole().to_string();
    let record = jsonl::parse(&text).unwrap();
    let mut plain = Vec::new();
    jsonl::append(&mut plain, &record).unwrap();
    let mut written = Vec::new();
    let entry = Entry {
        record,
        text: Some(text),
    };
    formats::writer(None).write(&mut written, &entry).unwrap();
    assert_eq!(plain, written);
}

#[test]
fn failed_prompts_round_trip() {
    let line = r#"{"schema":"rotescope.trace/1","id":"a","error":"too long","novel":[1]}"#;
    let mut out = Vec::new();
    jsonl::append(&mut out, &jsonl::parse(line).unwrap()).unwrap();
    assert_eq!(out, format!("{line}\n").as_bytes());
    let records: Vec<_> = jsonl::read(&out[..]).collect();
    match &records[..] {
        [(1, Ok(Record::Failed(f)))] => {
            assert_eq!((f.id.as_str(), f.error.as_str()), ("a", "too long"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_are_read_one_after_another_and_errors_name_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (
        folder.path().join("good.jsonl"),
        folder.path().join("bad.jsonl"),
    );
    let mut content = Vec::new();
    jsonl::append(&mut content, &Record::Failed(Failed::new("a", "e".into()))).unwrap();
    std::fs::write(&good, &content).unwrap();
    content.extend(b"\n{\"schema\":\"rotescope.trace/1\",\"id\":\"\xff\"}\n");
    std::fs::write(&bad, &content).unwrap();
    let read: Vec<_> = files::read(&[&good, &bad]).collect();
    assert_eq!(read.len(), 3);
    let places: Vec<_> = read[..2].iter().map(|r| r.as_ref().unwrap()).collect();
    assert_eq!((&*places[1].path, places[1].line), (bad.as_path(), 1));
    match &read[2] {
        Err(
            e @ FileError::Line {
                line: 3,
                source: LineError::NotUtf8 { byte: 37 },
                ..
            },
        ) => {
            assert!(
                e.to_string()
                    .starts_with(&format!("{}, line 3: not UTF-8", bad.display())),
                "{e}"
            );
        }
        other => panic!("{other:?}"),
    }
    let missing = files::read(&[PathBuf::from("no/such.jsonl")])
        .next()
        .unwrap()
        .unwrap_err();
    assert!(missing.to_string().contains("no/such.jsonl"), "{missing}");
}

#[test]
fn every_format_that_is_written_is_recognized_and_read() {
    for writer in formats::WRITERS {
        let mut out = Vec::new();
        let record = jsonl::parse(&whole().to_string()).unwrap();
        writer.write(&mut out, &record.into()).unwrap();
        let reader = formats::READERS
            .iter()
            .find(|r| r.name() == writer.name())
            .unwrap();
        assert!(reader.recognizes(&out) && !reader.recognizes(b"{\"question\":\"a\"}\n"));
        let entries: Vec<_> = formats::read(std::io::Cursor::new(out)).unwrap().collect();
        assert!(matches!(&entries[..], [(1, Ok(e))] if e.record.id() == "a"));
    }
}

#[test]
fn prompts_differ_in_what_was_asked() {
    let one = Prompt {
        question: "a".into(),
        ..Prompt::default()
    };
    // What a model made of it is not compared.
    let two = RenderedPrompt {
        text: "[a]".into(),
        tokens: vec![1],
        ..one.clone().into()
    };
    assert_eq!(one.difference(&two), None);
    let three = Prompt {
        meta: json!({"a": 1}),
        ..one.clone()
    };
    assert_eq!(one.difference(&three), Some("meta"));
    let four = Prompt {
        question: "b".into(),
        ..one.clone()
    };
    assert_eq!(one.difference(&four), Some("question"));
}

/// Traces of before the mask was recorded are read, and go on in the same file.
#[test]
fn a_mask_that_is_not_said_agrees_with_any() {
    let options = |mask: &str| -> AttributionOptions {
        let non_local = r#""sources":["mid"],"scope":"chain","saliency":"leave_one_out","cooccurrence":"document","words":5"#;
        let line = format!(r#"{{"candidates":20,"steps":"sen","distant":{{{non_local}{mask}}}}}"#);
        serde_json::from_str(&line).unwrap()
    };
    let (old, new, other) = (
        options(""),
        options(r#","mask":"_""#),
        options(r#","mask":" ""#),
    );
    assert!(old.agrees(&new) && new.agrees(&old) && new.agrees(&new));
    assert!(!new.agrees(&other) && !other.agrees(&new));
    let local = AttributionOptions {
        non_local: None,
        ..old.clone()
    };
    assert!(!local.agrees(&new) && !new.agrees(&local));
    assert!(!serde_json::to_string(&old).unwrap().contains("mask"));
}

/// A trace without the fields that came later.
#[test]
fn an_older_trace_says_nothing_of_its_run() {
    let Record::Trace(old) = jsonl::parse(&whole().to_string()).unwrap() else {
        panic!()
    };
    assert!(old.run.is_none() && old.judging.is_none());
    let written = serde_json::to_value(*old).unwrap();
    assert!(written.get("run").is_none() && written.get("judging").is_none());
    assert!(Trace::default().validate().is_ok());
}

#[test]
fn an_older_flag_is_a_probability() {
    let old = r#"{"p":0.25,"reasons":[]}"#;
    let mut flag: Flag = serde_json::from_str(old).unwrap();
    assert_eq!(flag.meaning, Meaning::Probability);
    assert_eq!(serde_json::to_string(&flag).unwrap(), old);
    flag.meaning = Meaning::Ranked;
    let written = serde_json::to_string(&flag).unwrap();
    assert_eq!(written, r#"{"p":0.25,"meaning":"ranked","reasons":[]}"#);
    assert_eq!(serde_json::from_str::<Flag>(&written).unwrap(), flag);
}
