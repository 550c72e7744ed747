//! Documents, and where in them an n-gram occurs.

use serde::Serialize;

/// Where an n-gram occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Occurrences {
    /// Of all occurrences, also of those not listed; of documents where the answer's basis says so.
    pub count: u64,
    /// Of all documents that hold it, where the corpus tells.
    pub documents: Option<u64>,
    pub hits: Vec<Occurrence>,
}

/// One occurrence of an n-gram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Occurrence {
    pub document: u64,
    /// Tokens of the document before it.
    pub position: u32,
}

/// One document of the corpus.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    pub ordinal: u64,
    /// Field `id` of a JSON line, as text.
    pub id: Option<String>,
    pub text: String,
    /// The other fields of its JSON line.
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// What it came from: the file, as given when the index was built, or the name of the corpus.
    pub source: String,
    /// Line of the (decompressed) file where it begins, from 1.
    pub line: u64,
    /// Byte of the (decompressed) file where it begins, from 0. JSON: where its line begins.
    pub byte: u64,
    pub tokens: Vec<u32>,
    /// Which corpus holds it, by its place, where several are asked as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corpus: Option<String>,
}
