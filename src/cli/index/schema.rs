//! Schemas of what `index count`, `next` and `docs` print as JSON.

use serde_json::{Value, json};

/// A whole number, not negative.
fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn ids() -> Value {
    json!({"description": "The tokens that were asked for.", "type": "array", "items": count()})
}

fn basis() -> Value {
    json!({
        "description": "What the counts rest on, in words; absent where they are exact and of occurrences.",
        "type": "string",
    })
}

/// What each of several indexes says.
fn parts(properties: &[&str]) -> Value {
    let numbers = properties.iter().map(|p| ((*p).to_string(), count()));
    let mut all = json!({"index": text()});
    if let Value::Object(all) = &mut all {
        all.extend(numbers);
        all.insert("basis".into(), basis());
    }
    let required = [&["index"], properties].concat();
    json!({
        "description": "What each index says, where several were asked.",
        "type": "array",
        "items": {"type": "object", "properties": all, "required": required},
    })
}

/// Of `index count`.
pub fn counted() -> Value {
    let reading = |text_name: &str, more: &[&str]| {
        let mut properties = json!({text_name: text(), "ids": ids(), "count": count()});
        for name in more {
            properties[*name] = count();
        }
        let required = [&[text_name, "ids", "count"], more].concat();
        json!({"type": "object", "properties": properties, "required": required})
    };
    json!({
        "type": "object",
        "properties": {
            "ids": ids(),
            "count": count(),
            "other_readings": {
                "description": "Other ways to cut the text into tokens that occur: with a space before it, and within longer tokens, in so many ways.",
                "type": "array",
                "items": {"anyOf": [reading("text", &[]), reading("within", &["ways"])]},
            },
            "parts": parts(&["count"]),
            "basis": basis(),
        },
        "required": ["ids", "count"],
    })
}

/// Of `index next`.
pub fn next() -> Value {
    json!({
        "type": "object",
        "properties": {
            "ids": ids(),
            "count": {"description": "How often they occur.", "type": "integer", "minimum": 0},
            "ends": {"description": "How often a document ends behind them.", "type": "integer", "minimum": 0},
            "distinct": {"description": "Different tokens behind them.", "type": "integer", "minimum": 0},
            "tokens": {
                "description": "The most frequent first, as many as were asked for.",
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": count(),
                        "text": text(),
                        "count": count(),
                        "probability": {"type": "number", "minimum": 0, "maximum": 1},
                        "shares": {
                            "description": "The count by each of `parts`.",
                            "type": "array",
                            "items": count(),
                        },
                    },
                    "required": ["id", "text", "count", "probability"],
                },
            },
            "parts": parts(&["count", "ends", "distinct"]),
            "basis": basis(),
        },
        "required": ["ids", "count", "ends", "distinct", "tokens"],
    })
}

/// Of `index docs`.
pub fn docs() -> Value {
    json!({
        "type": "object",
        "properties": {
            "document": {"description": "Its number in the index.", "type": "integer", "minimum": 0},
            "position": {"description": "Tokens of the document before the occurrence.", "type": "integer", "minimum": 0},
            "id": {"description": "Its own name.", "type": ["string", "null"]},
            "source": text(),
            "line": count(),
            "meta": {"description": "Whatever else the corpus says of it.", "type": "object"},
            "before": text(),
            "text": text(),
            "after": text(),
            "index": {"description": "Where several were asked: which one holds it.", "type": "string"},
        },
        "required": ["document", "position", "id", "source", "line", "meta", "before", "text", "after"],
    })
}
