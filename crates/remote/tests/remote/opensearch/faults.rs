//! Each way in which a cluster's answer can be wrong, from a server that says what it is told to.

use std::sync::Arc;

use rotescope_corpus::{CorpusError, MemoryCorpus, NgramCounts};
use rotescope_remote::{Cache, Credentials, Limits, OpenSearch, Options, PushOptions, push};
use serde_json::{Value, json as value};

use crate::faults::{Told, json, reply};
use crate::support::{options, quick};

/// An index of 2 documents and 5 tokens on 2 shards, as it describes itself.
fn described() -> Value {
    value!({"mine": {
        "mappings": {"_meta": {"rotescope": {
            "format": 1, "fingerprint": "f", "tokenizer": "t", "tokenizer_name": "t.gguf",
            "documents": 2, "tokens": 5, "words": 3, "bytes": 9, "occurrences": true,
        }}},
        "settings": {"index": {"uuid": "u", "number_of_shards": "2"}},
    }})
}

fn found(documents: u64, score: f64) -> Value {
    value!({
        "timed_out": false,
        "_shards": {"total": 2, "successful": 2, "skipped": 0, "failed": 0},
        "hits": {"total": {"value": documents, "relation": "eq"}, "hits": []},
        "aggregations": {"occurrences": {"value": score}, "tokens": {"value": score}},
        "status": 200,
    })
}

fn answers(all: &[Value]) -> String {
    json(&value!({"took": 1, "responses": all}).to_string())
}

fn opening() -> Vec<String> {
    vec![json(&described().to_string()), answers(&[found(2, 5.0)])]
}

/// What comes of the count of an n-gram of two tokens, and how often was asked for it.
fn counted(then: Vec<String>) -> (Result<u64, String>, usize) {
    let told = Told::new([opening(), then].concat());
    let opened = open(&told, options(limits(), Arc::new(Cache::in_memory()))).unwrap();
    let count = opened.count(&[7, 8]);
    let asked = told.heard.lock().unwrap().len() - 2;
    (count.map(|c| c.value).map_err(|e| e.to_string()), asked)
}

fn limits() -> Limits {
    Limits {
        attempts: 3,
        ..quick()
    }
}

fn open(told: &Told, options: Options) -> Result<OpenSearch, CorpusError> {
    let name = format!("opensearch:http://127.0.0.1:{}/mine", told.port);
    OpenSearch::open(name.parse().unwrap(), options)
}

#[test]
fn a_part_of_an_answer_is_asked_for_again_and_never_taken() {
    let right = || answers(&[found(2, 6.0)]);
    assert_eq!(counted(vec![right()]), (Ok(3), 1));
    type Change = fn(&mut Value);
    let changes: [Change; 8] = [
        |a| a["_shards"] = value!({"total": 2, "successful": 1, "failed": 1}),
        |a| a["_shards"] = value!({"total": 2, "successful": 1, "failed": 0}),
        |a| a["_shards"] = value!({"total": 1, "successful": 1, "failed": 0}),
        |a| a["timed_out"] = true.into(),
        |a| a["terminated_early"] = true.into(),
        |a| a["hits"]["total"]["relation"] = "gte".into(),
        |a| a["aggregations"]["occurrences"]["value"] = 5.0.into(),
        |a| *a = value!({"error": {"type": "search_phase_execution_exception", "reason": "all shards failed"}, "status": 503}),
    ];
    for change in changes {
        let mut wrong = found(2, 6.0);
        change(&mut wrong);
        let wrong = answers(&[wrong]);
        // Once, and right the second time.
        assert_eq!(counted(vec![wrong.clone(), right()]), (Ok(3), 2), "{wrong}");
        // Always.
        let (result, asked) = counted(vec![wrong.clone(), wrong.clone(), wrong.clone()]);
        let error = result.unwrap_err();
        assert_eq!(asked, 3, "{error}");
        assert!(error.contains("(3 attempts)"), "{error}");
    }
    for passing in [
        reply(429, "application/json", "", "{}"),
        reply(503, "text/plain", "", "no"),
        reply(502, "text/html", "", "<html>"),
        json("{\"responses\": ["),
        json("{}"),
        answers(&[]),
        answers(&[found(2, 6.0), found(2, 6.0)]),
    ] {
        assert_eq!(
            counted(vec![passing.clone(), right()]),
            (Ok(3), 2),
            "{passing}"
        );
    }
}

#[test]
fn what_stays_wrong_is_said_at_once() {
    let cause = value!([{"type": "parsing_exception", "reason": "unknown query"}]);
    let refused =
        value!({"error": {"root_cause": cause, "type": "x", "reason": "y"}, "status": 400});
    let missing = value!({"error": {"root_cause": [{"type": "index_not_found_exception", "reason": "no such index [mine]"}]}, "status": 404});
    for (answer, said) in [
        (
            answers(std::slice::from_ref(&refused)),
            "parsing_exception: unknown query",
        ),
        (
            answers(std::slice::from_ref(&missing)),
            "no such index [mine]",
        ),
        (
            reply(400, "application/json", "", &refused.to_string()),
            "unknown query",
        ),
        (reply(401, "text/plain", "", ""), "ROTESCOPE_OPENSEARCH_KEY"),
    ] {
        let (result, asked) = counted(vec![answer]);
        let error = result.unwrap_err();
        assert!(error.contains(said), "{error}");
        assert_eq!(asked, 1, "{error}");
    }
}

#[test]
fn indexes_that_cannot_be_asked_are_not_opened() {
    let with = |change: fn(&mut Value)| {
        let mut index = described();
        change(&mut index["mine"]["mappings"]["_meta"]);
        json(&index.to_string())
    };
    let missing = value!({"error": {"root_cause": [{"type": "index_not_found_exception", "reason": "no such index [mine]"}]}, "status": 404});
    let mut two = described();
    two["other"] = two["mine"].clone();
    for (describes, said) in [
        (with(|m| *m = value!({})), "no token ids"),
        (
            with(|m| m["rotescope"]["format"] = 2.into()),
            "another version",
        ),
        (
            with(|m| m["rotescope"]["documents"] = 3.into()),
            "2 documents of 5 tokens where 3 of 5",
        ),
        (
            with(|m| m["rotescope"]["tokens"] = 6.into()),
            "where 2 of 6",
        ),
        (json(&two.to_string()), "several indexes"),
        (
            reply(404, "application/json", "", &missing.to_string()),
            "no index mine there",
        ),
    ] {
        let told = Told::new(vec![describes, answers(&[found(2, 5.0)])]);
        let opened = open(&told, options(limits(), Arc::new(Cache::in_memory())));
        let error = opened.err().unwrap().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn credentials_go_to_the_server_and_nowhere_else() {
    let told = Told::new(vec![
        opening()[0].clone(),
        opening()[1].clone(),
        reply(403, "text/plain", "", ""),
    ]);
    let with = |cache| Options {
        credentials: Some(Credentials::user("me", "secret")),
        ..options(limits(), cache)
    };
    let opened = open(&told, with(Arc::new(Cache::in_memory()))).unwrap();
    let error = opened.count(&[1]).unwrap_err();
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(
            !shown.contains("secret") && !shown.contains("bWU6c2VjcmV0"),
            "{shown}"
        );
    }
    let heard = told.heard.lock().unwrap().clone();
    let sent = |h: &String| {
        h.to_ascii_lowercase()
            .contains("authorization: basic bwu6c2vjcmv0")
    };
    assert!(heard.iter().all(sent), "{heard:?}");
    let far = "opensearch:http://search.example.org/mine".parse().unwrap();
    let error = OpenSearch::open(far, with(Arc::new(Cache::in_memory())));
    assert!(error.err().unwrap().to_string().contains("--insecure"));
}

#[test]
fn answers_that_are_known_are_not_asked_for_and_equal_questions_once() {
    let told = Told::new([opening(), vec![answers(&[found(2, 6.0), found(1, 4.0)])]].concat());
    let opened = open(&told, options(limits(), Arc::new(Cache::in_memory()))).unwrap();
    let ngrams: [&[u32]; 5] = [&[7, 8], &[8, 7], &[7, 8], &[], &[7, 8]];
    for _ in 0..2 {
        let counts = opened.counts(&ngrams).unwrap();
        let counts: Vec<u64> = counts.into_iter().map(|c| c.value).collect();
        assert_eq!(counts, [3, 2, 3, 7, 3]);
    }
    assert_eq!(told.heard.lock().unwrap().len(), 3);
}

/// Of a load: an index that is not there is made; what the cluster has no room for is sent again, and only that.
#[test]
fn a_load_waits_for_room_and_sends_again_what_was_not_taken() {
    let missing = value!({"error": {"root_cause": [{"type": "index_not_found_exception", "reason": "no such index [mine]"}]}, "status": 404});
    let memory = MemoryCorpus::of_tokens("m", vec![vec![1, 2], vec![3, 4, 5]]);
    let mut there = described();
    let info = rotescope_corpus::About::info(&memory);
    let meta = &mut there["mine"]["mappings"]["_meta"]["rotescope"];
    (meta["fingerprint"], meta["tokenizer"]) = (info.fingerprint.into(), info.tokenizer.into());
    (meta["words"], meta["bytes"]) = (info.words.into(), info.bytes.into());
    let refreshed = json(r#"{"_shards": {"total": 2, "successful": 2, "failed": 0}}"#);
    let mut empty = found(0, 0.0);
    empty["aggregations"]["stretches"] = value!({"buckets": []});
    let item = |status: u16| value!({"index": {"status": status}});
    let bulk =
        |a: u16, b: u16| json(&value!({"errors": true, "items": [item(a), item(b)]}).to_string());
    let one = json(&value!({"errors": false, "items": [item(201)]}).to_string());
    let script = vec![
        reply(404, "application/json", "", &missing.to_string()),
        json(r#"{"number_of_data_nodes": 3}"#),
        json(r#"{"acknowledged": true}"#),
        json(&there.to_string()),
        refreshed.clone(),
        answers(&[empty]),
        reply(429, "application/json", "", "{}"),
        bulk(201, 429),
        one,
        refreshed,
        answers(&[found(2, 5.0)]),
    ];
    let told = Told::new(script);
    let address = format!("opensearch:http://127.0.0.1:{}/mine", told.port);
    let patient = options(quick(), Arc::new(Cache::in_memory()));
    let pushed = push(
        &memory,
        &address.parse().unwrap(),
        patient,
        &PushOptions::default(),
        &|_| true,
    );
    let pushed = pushed.unwrap();
    assert_eq!(
        (pushed.documents, pushed.of, pushed.before, pushed.held_back),
        (2, 2, 0, 2)
    );
    let heard = told.heard.lock().unwrap().clone();
    assert_eq!(heard.len(), 11);
    let made = &heard[2];
    assert!(
        made.starts_with("PUT /mine") && made.contains("\"number_of_shards\":3"),
        "{made}"
    );
    assert!(heard[7].contains("\"ids\":\"1 2\"") && heard[7].contains("\"ids\":\"3 4 5\""));
    assert!(!heard[8].contains("\"ids\":\"1 2\"") && heard[8].contains("\"ids\":\"3 4 5\""));
}
