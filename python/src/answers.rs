//! The dicts that an index answers with.

use pyo3::prelude::*;
use rotescope_corpus::{Document, Occurrence};
use serde_json::Value;

use crate::json::Json;

/// What follows a text.
#[derive(IntoPyObject)]
pub struct Next {
    pub ids: Vec<u32>,
    pub count: u64,
    pub ends: u64,
    pub distinct: usize,
    pub tokens: Vec<NextToken>,
}

#[derive(IntoPyObject)]
pub struct NextToken {
    pub id: u32,
    pub text: Option<String>,
    pub count: u64,
    pub probability: f64,
}

/// An occurrence in a document.
#[derive(IntoPyObject)]
pub struct Hit {
    document: u64,
    position: u32,
    id: Option<String>,
    source: String,
    line: u64,
    meta: Json,
    before: Option<String>,
    text: Option<String>,
    after: Option<String>,
}

impl Hit {
    /// With the texts before it, of it, and after it.
    pub fn of(hit: Occurrence, document: Document, texts: [Option<String>; 3]) -> Hit {
        let [before, text, after] = texts;
        Hit {
            document: hit.document,
            position: hit.position,
            id: document.id,
            source: document.source,
            line: document.line,
            meta: Json(Value::Object(document.meta)),
            before,
            text,
            after,
        }
    }
}

/// A document.
#[derive(IntoPyObject)]
pub struct Whole {
    document: u64,
    id: Option<String>,
    source: String,
    line: u64,
    byte: u64,
    meta: Json,
    text: String,
    tokens: Vec<u32>,
}

impl From<Document> for Whole {
    fn from(document: Document) -> Self {
        Whole {
            document: document.ordinal,
            id: document.id,
            source: document.source,
            line: document.line,
            byte: document.byte,
            meta: Json(Value::Object(document.meta)),
            text: document.text,
            tokens: document.tokens,
        }
    }
}
