//! Questions, and what is taken from their answers. An answer from a part of the index is none.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::schema::{IDS, LENGTH, NUMBER, WORDS, terms};
use crate::client::message;
use crate::error::RemoteError;

/// How often something occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub documents: u64,
    pub occurrences: u64,
}

/// What a document has to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    query: Value,
    /// Terms whose frequencies make up its score.
    terms: usize,
}

impl Clause {
    pub fn ngram(ids: &[u32]) -> Clause {
        Clause {
            query: json!({"match_phrase": {IDS: {"query": terms(ids)}}}),
            terms: ids.len(),
        }
    }

    pub fn word(word: &str) -> Clause {
        Clause {
            query: json!({"term": {WORDS: {"value": word}}}),
            terms: 1,
        }
    }

    /// Two words at most so many words apart, from start to start.
    pub fn near(a: &str, b: &str, apart: u32) -> Clause {
        let word = |w: &str| json!({"match": {"query": w, "analyzer": "terms"}});
        // Of a word with itself another occurrence is meant.
        let near = json!({
            "intervals": [word(a), word(b)],
            "max_gaps": apart.saturating_sub(1),
            "ordered": a == b,
        });
        Clause {
            query: json!({"intervals": {WORDS: {"all_of": near}}}),
            terms: 0,
        }
    }
}

/// Counts documents and occurrences; the latter only where scores are frequencies.
pub fn count(clause: &Clause, occurrences: bool) -> Value {
    let mut body = documents(std::slice::from_ref(clause));
    if occurrences {
        body["query"] = clause.query.clone();
        body["aggs"] = json!({"occurrences": {"sum": {"script": {"source": "_score"}}}});
    }
    body
}

/// The same, with the token ids of documents that hold it, so many at most.
pub fn count_and_read(clause: &Clause, occurrences: bool, most: u64) -> Value {
    let mut body = count(clause, occurrences);
    body["size"] = most.into();
    body["_source"] = json!([IDS]);
    body
}

/// Counts documents that hold all of some clauses.
pub fn documents(clauses: &[Clause]) -> Value {
    let all: Vec<&Value> = clauses.iter().map(|c| &c.query).collect();
    json!({
        "size": 0,
        "track_total_hits": true,
        "query": {"bool": {"filter": all}},
    })
}

/// Counts documents that hold a clause at least twice.
pub fn twice(clause: &Clause) -> Value {
    json!({
        "size": 0,
        "track_total_hits": true,
        "min_score": 2 * clause.terms,
        "query": clause.query,
    })
}

/// Asks whether any document holds a clause.
pub fn exists(clause: &Clause) -> Value {
    json!({"size": 0, "track_total_hits": 1, "query": {"bool": {"filter": [clause.query]}}})
}

/// Documents that hold a clause, by their numbers from one on.
pub fn list(clause: &Clause, from: u64, most: usize, fields: &[&str]) -> Value {
    json!({
        "size": most,
        "track_total_hits": false,
        "_source": fields,
        "sort": [{NUMBER: "asc"}],
        "query": {"bool": {"filter": [clause.query, {"range": {NUMBER: {"gte": from}}}]}},
    })
}

/// One document.
pub fn one(number: u64) -> Value {
    json!({
        "size": 1,
        "track_total_hits": false,
        "query": {"bool": {"filter": [{"term": {NUMBER: number}}]}},
    })
}

/// How much the index holds.
pub fn whole() -> Value {
    json!({
        "size": 0,
        "track_total_hits": true,
        "query": {"match_all": {}},
        "aggs": {"tokens": {"sum": {"field": LENGTH}}},
    })
}

/// How many documents there are of each stretch of so many numbers.
pub fn stretches(length: u64) -> Value {
    json!({
        "size": 0,
        "track_total_hits": true,
        "query": {"match_all": {}},
        "aggs": {"stretches": {"histogram": {
            "field": NUMBER, "interval": length, "min_doc_count": 1,
        }}},
    })
}

/// An answer of the whole index: all of so many shards, where that is known.
pub fn complete(answer: &Value, shards: Option<u64>) -> Result<&Value, RemoteError> {
    if let Some(error) = message(answer) {
        let status = answer["status"].as_u64().unwrap_or(500) as u16;
        return Err(match status {
            429 | 503 => RemoteError::Busy {
                status,
                after: None,
            },
            500.. => RemoteError::Server {
                status,
                message: error,
            },
            _ => RemoteError::Refused { message: error },
        });
    }
    let partial = |why: &str| Err(RemoteError::Partial { why: why.into() });
    if answer["timed_out"] != false {
        return partial("the search ran out of its time");
    }
    if answer["terminated_early"] == true {
        return partial("the search ended early");
    }
    let of = |name: &str| answer["_shards"][name].as_u64();
    let (Some(total), Some(successful), Some(0)) = (of("total"), of("successful"), of("failed"))
    else {
        return partial(&format!("shards: {}", answer["_shards"]));
    };
    if successful != total || total == 0 || shards.is_some_and(|s| s != total) {
        return partial(&format!("shards: {}", answer["_shards"]));
    }
    Ok(answer)
}

fn malformed<T>(why: &str) -> Result<T, RemoteError> {
    Err(RemoteError::Malformed { why: why.into() })
}

/// How many documents were found, all counted.
pub fn total(answer: &Value) -> Result<u64, RemoteError> {
    let total = &answer["hits"]["total"];
    match (total["value"].as_u64(), total["relation"].as_str()) {
        (Some(documents), Some("eq")) => Ok(documents),
        _ => malformed("it does not count all documents"),
    }
}

/// The answer to [`count`].
pub fn read_count(
    answer: &Value,
    clause: &Clause,
    occurrences: bool,
) -> Result<Found, RemoteError> {
    let documents = total(answer)?;
    if !occurrences {
        return Ok(Found {
            documents,
            occurrences: documents,
        });
    }
    // A phrase has the sum of the scores of its terms, each of which is the frequency of the phrase.
    let score = whole_number(&answer["aggregations"]["occurrences"]["value"]);
    let terms = clause.terms as u64;
    match score {
        Some(score) if score % terms == 0 && score / terms >= documents => Ok(Found {
            documents,
            occurrences: score / terms,
        }),
        _ => malformed("its scores are no frequencies"),
    }
}

/// The answer to [`exists`].
pub fn read_exists(answer: &Value) -> Result<bool, RemoteError> {
    match answer["hits"]["total"]["value"].as_u64() {
        Some(documents) => Ok(documents > 0),
        None => malformed("it does not count documents"),
    }
}

/// The answer to [`whole`]: documents and tokens.
pub fn read_whole(answer: &Value) -> Result<(u64, u64), RemoteError> {
    match whole_number(&answer["aggregations"]["tokens"]["value"]) {
        Some(tokens) => Ok((total(answer)?, tokens)),
        None => malformed("it does not sum up the tokens"),
    }
}

/// The fields of the documents that were found.
pub fn hits(answer: &Value) -> Result<Vec<Value>, RemoteError> {
    let Some(hits) = answer["hits"]["hits"].as_array() else {
        return malformed("it lists no documents");
    };
    Ok(hits.iter().map(|h| h["_source"].clone()).collect())
}

/// A number that is whole, as far as a double can tell it.
fn whole_number(value: &Value) -> Option<u64> {
    let number = value.as_f64()?;
    let is_whole = number >= 0.0 && number.fract() == 0.0 && number < (1u64 << 53) as f64;
    is_whole.then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(documents: u64, score: Value) -> Value {
        json!({
            "timed_out": false,
            "_shards": {"total": 3, "successful": 3, "skipped": 0, "failed": 0},
            "hits": {"total": {"value": documents, "relation": "eq"}, "hits": []},
            "aggregations": {"occurrences": {"value": score}},
            "status": 200,
        })
    }

    #[test]
    fn a_phrase_occurs_as_often_as_its_score_says_for_each_term() {
        let clause = Clause::ngram(&[5, 6, 5]);
        let read = |a: &Value| read_count(a, &clause, true);
        let found = read(&answer(4, json!(21.0))).unwrap();
        assert_eq!((found.documents, found.occurrences), (4, 7));
        for wrong in [
            answer(4, json!(20.0)),
            answer(4, json!(9.0)),
            answer(4, json!(12.5)),
            answer(4, json!(-3.0)),
            answer(4, json!(null)),
            answer(4, json!(1e300)),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
        let documents = read_count(&answer(4, json!(null)), &clause, false).unwrap();
        assert_eq!(documents.occurrences, 4);
        let mut more = answer(4, json!(21.0));
        more["hits"]["total"]["relation"] = "gte".into();
        assert!(read(&more).is_err());
    }

    #[test]
    fn answers_of_a_part_are_errors() {
        assert!(complete(&answer(1, json!(0)), Some(3)).is_ok());
        assert!(complete(&answer(1, json!(0)), None).is_ok());
        type Change = fn(&mut Value);
        let changes: [Change; 9] = [
            |a| a["timed_out"] = true.into(),
            |a| a["timed_out"] = Value::Null,
            |a| a["terminated_early"] = true.into(),
            |a| a["_shards"]["failed"] = 1.into(),
            |a| a["_shards"]["failed"] = Value::Null,
            |a| a["_shards"]["successful"] = 2.into(),
            |a| a["_shards"] = Value::Null,
            |a| a["_shards"] = json!({"total": 0, "successful": 0, "failed": 0}),
            |a| a["_shards"] = json!({"total": 2, "successful": 2, "failed": 0}),
        ];
        for change in changes {
            let mut partial = answer(1, json!(0));
            change(&mut partial);
            let error = complete(&partial, Some(3)).unwrap_err();
            assert!(matches!(error, RemoteError::Partial { .. }), "{partial}");
            assert!(error.is_passing());
        }
        let error = |status: u16| {
            let cause = json!([{"type": "x_exception", "reason": "for a reason"}]);
            let answer = json!({"error": {"root_cause": cause, "type": "y", "reason": "z"}, "status": status});
            complete(&answer, None).unwrap_err()
        };
        assert!(error(429).is_passing() && error(503).is_passing() && error(500).is_passing());
        assert!(!error(404).is_passing() && !error(400).is_passing());
        assert!(error(400).to_string().contains("x_exception: for a reason"));
    }
}
