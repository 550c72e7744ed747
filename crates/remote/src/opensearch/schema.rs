//! The fields of a document, and what an index says of itself.

use rotescope_corpus::{CorpusInfo, Document, words};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What rotescope writes into the `_meta` of the index' mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    pub format: u32,
    /// As in [`CorpusInfo`], of the index that was loaded.
    pub fingerprint: String,
    pub tokenizer: String,
    pub tokenizer_name: String,
    pub documents: u64,
    pub tokens: u64,
    pub words: Option<u64>,
    pub bytes: Option<u64>,
    /// Whether scores are frequencies, so that occurrences can be counted.
    pub occurrences: bool,
}

/// The version of fields and their meaning.
pub const FORMAT: u32 = 1;
/// The name of [`Meta`] within `_meta`.
pub const OURS: &str = "rotescope";
/// Token ids, in decimal, with spaces between them.
pub const IDS: &str = "ids";
/// Words, as [`words`] cuts them, with spaces between them.
pub const WORDS: &str = "words";
/// The document's number from 0.
pub const NUMBER: &str = "n";
/// How many token ids it has.
pub const LENGTH: &str = "length";

/// Lucene takes no longer terms (in bytes); a longer word stands as [`TOO_LONG`] in its place.
const LONGEST_TERM: usize = 32_000;
const TOO_LONG: &str = "\u{FFFD}";

impl Meta {
    pub fn of(info: &CorpusInfo, occurrences: bool) -> Meta {
        Meta {
            format: FORMAT,
            fingerprint: info.fingerprint.clone(),
            tokenizer: info.tokenizer.clone(),
            tokenizer_name: info.tokenizer_name.clone(),
            documents: info.documents.unwrap_or(0),
            tokens: info.tokens,
            words: info.words,
            bytes: info.bytes,
            occurrences,
        }
    }

    /// What an index holds by its answer to `GET`, with its name and uuid there; `None`: it is none of ours.
    pub fn read(index: &Value) -> Option<Meta> {
        serde_json::from_value(index["mappings"]["_meta"][OURS].clone()).ok()
    }
}

/// The body that makes an index.
pub fn create(meta: &Meta, shards: usize, replicas: usize) -> Value {
    // Terms are what stands between spaces, whatever it is.
    let tokenizer = json!({"type": "whitespace", "max_token_length": LONGEST_TERM});
    let mut terms = json!({"type": "text", "analyzer": "terms", "norms": false});
    let mut settings = json!({
        "number_of_shards": shards,
        "number_of_replicas": replicas,
        "codec": "best_compression",
        "refresh_interval": "30s",
        "analysis": {
            "tokenizer": {"terms": tokenizer},
            "analyzer": {"terms": {"type": "custom", "tokenizer": "terms"}},
        },
    });
    if meta.occurrences {
        settings["similarity"] = json!({
            "frequency": {"type": "scripted", "script": {"source": "return doc.freq"}}
        });
        terms["similarity"] = "frequency".into();
    }
    json!({
        "settings": {"index": settings},
        "mappings": {
            "dynamic": "strict",
            "_meta": {OURS: meta},
            "_source": {"excludes": [WORDS]},
            "properties": {
                NUMBER: {"type": "long"},
                LENGTH: {"type": "long"},
                IDS: terms,
                WORDS: terms,
                "text": {"type": "text", "index": false},
                "about": {"type": "object", "enabled": false},
            },
        },
    })
}

/// A document as the two lines of a bulk request.
pub fn lines(document: &Document) -> String {
    let words = words::split(&document.text);
    let words = words.into_iter().map(|(_, w)| match w.len() {
        0..=LONGEST_TERM => w,
        _ => TOO_LONG,
    });
    let action = json!({"index": {"_id": document.ordinal.to_string()}});
    let fields = json!({
        NUMBER: document.ordinal,
        LENGTH: document.tokens.len(),
        IDS: terms(&document.tokens),
        WORDS: words.collect::<Vec<_>>().join(" "),
        "text": document.text,
        "about": {
            "id": document.id,
            "source": document.source,
            "line": document.line,
            "byte": document.byte,
            "meta": document.meta,
        },
    });
    format!("{action}\n{fields}\n")
}

/// Token ids as they stand in [`IDS`].
pub fn terms(ids: &[u32]) -> String {
    let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
    ids.join(" ")
}

/// The token ids of a document's fields.
pub fn ids(source: &Value) -> Option<Vec<u32>> {
    let terms = source[IDS].as_str()?.split(' ').filter(|t| !t.is_empty());
    terms.map(|t| t.parse().ok()).collect()
}

/// Where in some ids an n-gram begins.
pub fn starts<'a>(ids: &'a [u32], ngram: &'a [u32]) -> impl Iterator<Item = usize> + 'a {
    let windows = ids.windows(ngram.len()).enumerate();
    windows.filter(move |(_, w)| *w == ngram).map(|(at, _)| at)
}

/// A document from its fields.
pub fn document(source: &Value) -> Option<Document> {
    let about = &source["about"];
    let meta = match &about["meta"] {
        Value::Object(fields) => fields.clone(),
        _ => Map::new(),
    };
    Some(Document {
        ordinal: source[NUMBER].as_u64()?,
        id: about["id"].as_str().map(str::to_string),
        text: source["text"].as_str()?.to_string(),
        meta,
        source: about["source"].as_str().unwrap_or("unknown").to_string(),
        line: about["line"].as_u64().unwrap_or(0),
        byte: about["byte"].as_u64().unwrap_or(0),
        tokens: ids(source)?,
        corpus: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_comes_back_as_it_was_written() {
        let written = Document {
            ordinal: 7,
            id: Some("d7".into()),
            text: "Two\npens, \"5\" and \u{1F980}".into(),
            meta: Map::from_iter([("a".to_string(), json!([1, null]))]),
            source: "corpus.jsonl".into(),
            line: 8,
            byte: 1 << 40,
            tokens: vec![0, 5, 4_000_000_000],
            corpus: None,
        };
        for document_ in [
            written.clone(),
            Document {
                id: None,
                text: String::new(),
                tokens: Vec::new(),
                ..written
            },
        ] {
            let lines = lines(&document_);
            let [action, fields] = lines.trim_end().split('\n').collect::<Vec<_>>()[..] else {
                panic!("{lines}");
            };
            assert_eq!(action, r#"{"index":{"_id":"7"}}"#);
            let fields: Value = serde_json::from_str(fields).unwrap();
            assert_eq!(document(&fields).unwrap(), document_);
        }
    }

    #[test]
    fn words_keep_their_places_however_long_they_are() {
        let long = "x".repeat(LONGEST_TERM + 1);
        let document = Document {
            ordinal: 0,
            id: None,
            text: format!("one {long} two"),
            meta: Map::new(),
            source: String::new(),
            line: 1,
            byte: 0,
            tokens: Vec::new(),
            corpus: None,
        };
        let lines = lines(&document);
        let fields: Value = serde_json::from_str(lines.lines().nth(1).unwrap()).unwrap();
        assert_eq!(fields[WORDS], "one \u{FFFD} two");
    }
}
