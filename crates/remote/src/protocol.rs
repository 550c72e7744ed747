//! Questions of infini-gram's API and what is taken from their answers. Every answer is checked against its question: what does not fit is no
//! answer.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::RemoteError;

/// The most that the API takes.
pub mod most {
    /// Tokens of a question.
    pub const TOKENS: usize = 500;
    /// Occurrences that a distribution of next tokens rests on; beyond it is one of a sample.
    pub const SUPPORT: u64 = 1000;
    /// Occurrences of one clause that are looked at; beyond them it is a sample.
    pub const CLAUSE: u64 = 500_000;
    /// Tokens between two clauses.
    pub const APART: u32 = 1000;
    /// Tokens of a document that are shown.
    pub const SHOWN: usize = 10_000;
}

/// How often something occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub count: u64,
    /// Whether it was worked out from a sample.
    pub approx: bool,
}

/// What follows a context, or its longest suffix that occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// Tokens of the context that occur.
    pub suffix: usize,
    /// How often they do.
    pub count: u64,
    /// Whether `next` comes from a sample. `suffix` and `count` never do.
    pub approx: bool,
    /// Tokens and counts, by ascending id. The end of a document is the index's end token.
    pub next: Vec<(u32, u64)>,
}

impl Distribution {
    /// How often a token follows.
    pub fn of(&self, token: u32) -> u64 {
        let found = self.next.binary_search_by_key(&token, |n| n.0);
        found.map_or(0, |at| self.next[at].1)
    }
}

/// Where something occurs: ranks in the suffix array of each shard, half-open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranks {
    pub count: u64,
    pub shards: Vec<[u64; 2]>,
}

/// A part of a document around an occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    pub document: u64,
    /// Tokens of the document, and of the part that is shown.
    pub tokens: u64,
    pub shown: u64,
    pub before: String,
    pub matched: String,
    pub after: String,
    /// As the index has it: `{"path", "linenum", "metadata"}` in JSON.
    pub metadata: String,
    /// Not shown, at the wish of its owner.
    pub blocked: bool,
}

pub fn count(ids: &[u32]) -> Value {
    json!({"query_type": "count", "query_ids": ids})
}

/// Two n-grams within so many tokens: the occurrences of the rarer one that have the other near.
pub fn count_together(a: &[u32], b: &[u32], apart: u32) -> Value {
    json!({
        "query_type": "count",
        "query_ids": [[a], [b]],
        "max_clause_freq": most::CLAUSE,
        "max_diff_tokens": apart.clamp(1, most::APART),
    })
}

/// What follows the context as a whole.
pub fn next(context: &[u32]) -> Value {
    json!({"query_type": "ntd", "query_ids": context, "max_support": most::SUPPORT})
}

/// What follows the longest suffix of the context that occurs.
pub fn longest_next(context: &[u32]) -> Value {
    json!({"query_type": "infgram_ntd", "query_ids": context, "max_support": most::SUPPORT})
}

pub fn find(ids: &[u32]) -> Value {
    json!({"query_type": "find", "query_ids": ids})
}

pub fn document(ids: &[u32], shard: u64, rank: u64) -> Value {
    json!({
        "query_type": "get_doc_by_rank",
        "query_ids": ids,
        "s": shard,
        "rank": rank,
        "max_disp_len": most::SHOWN,
    })
}

pub fn read_count(answer: &Value) -> Result<Count, RemoteError> {
    Ok(Count {
        count: number(answer, "count")?,
        approx: flag(answer, "approx")?,
    })
}

/// An answer to [`next`] with so many tokens.
pub fn read_next(answer: &Value, tokens: usize) -> Result<Distribution, RemoteError> {
    distribution(answer, tokens)
}

/// An answer to [`longest_next`] with so many tokens.
pub fn read_longest_next(answer: &Value, tokens: usize) -> Result<Distribution, RemoteError> {
    let suffix = number(answer, "suffix_len")? as usize;
    if suffix > tokens {
        return Err(malformed(format!("suffix_len {suffix} of {tokens} tokens")));
    }
    distribution(answer, suffix)
}

fn distribution(answer: &Value, suffix: usize) -> Result<Distribution, RemoteError> {
    let count = number(answer, "prompt_cnt")?;
    let approx = flag(answer, "approx")?;
    let by_id = answer["result_by_token_id"]
        .as_object()
        .ok_or_else(|| missing("result_by_token_id"))?;
    let one = |(id, found): (&String, &Value)| {
        let id = id
            .parse()
            .map_err(|_| malformed(format!("token id {id:?}")))?;
        Ok((id, number(found, "cont_cnt")?))
    };
    let mut next: Vec<(u32, u64)> = by_id.iter().map(one).collect::<Result<_, RemoteError>>()?;
    next.sort_unstable();
    let sum: u64 = next.iter().fold(0, |sum, n| sum.saturating_add(n.1));
    // Each occurrence goes on somehow.
    if !approx && sum != count {
        return Err(malformed(format!(
            "{sum} continuations of {count} occurrences"
        )));
    }
    Ok(Distribution {
        suffix,
        count,
        approx,
        next,
    })
}

pub fn read_find(answer: &Value) -> Result<Ranks, RemoteError> {
    let count = number(answer, "cnt")?;
    let shards: Vec<[u64; 2]> = serde_json::from_value(answer["segment_by_shard"].clone())
        .map_err(|e| malformed(format!("segment_by_shard: {e}")))?;
    let ranks = shards.iter().map(|[from, to]| to.saturating_sub(*from));
    let sum = ranks.fold(0u64, u64::saturating_add);
    if sum != count {
        return Err(malformed(format!("{sum} places of {count} occurrences")));
    }
    Ok(Ranks { count, shards })
}

pub fn read_document(answer: &Value) -> Result<Excerpt, RemoteError> {
    let spans: Vec<(String, Option<u64>)> = serde_json::from_value(answer["spans"].clone())
        .map_err(|e| malformed(format!("spans: {e}")))?;
    let mut parts = [String::new(), String::new(), String::new()];
    let mut part = 0;
    for (text, clause) in spans {
        // Only the first occurrence is the one that was asked for; what comes after it is text around it.
        part = match (part, clause) {
            (0, Some(_)) => 1,
            (1, _) => 2,
            (p, _) => p,
        };
        parts[part].push_str(&text);
    }
    let [before, matched, after] = parts;
    let metadata = match &answer["metadata"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Ok(Excerpt {
        document: number(answer, "doc_ix")?,
        tokens: number(answer, "doc_len")?,
        shown: number(answer, "disp_len")?,
        before,
        matched,
        after,
        metadata,
        blocked: answer["blocked"].as_bool().unwrap_or(false),
    })
}

pub fn number(answer: &Value, name: &str) -> Result<u64, RemoteError> {
    answer[name].as_u64().ok_or_else(|| missing(name))
}

fn flag(answer: &Value, name: &str) -> Result<bool, RemoteError> {
    answer[name].as_bool().ok_or_else(|| missing(name))
}

pub fn missing(name: &str) -> RemoteError {
    malformed(format!("{name} is missing, or of another kind"))
}

pub fn malformed(why: String) -> RemoteError {
    RemoteError::Malformed { why }
}
