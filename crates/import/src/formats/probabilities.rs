//! Log-probabilities as servers give them.

use rotescope_text::scored;
use rotescope_trace::{Candidates, Token};
use serde_json::Value;

/// From here down a log-probability says "not in the list": OpenAI writes -9999, llama.cpp the lowest number of its type.
const NOT_LISTED: f64 = -9000.0;

/// One alternative at a position.
struct Alternative {
    id: u32,
    bytes: Vec<u8>,
    /// `None` where it was not in the list.
    p: Option<f64>,
}

impl Alternative {
    /// `{token, logprob, bytes?, id?}`, with `prob` for probabilities after sampling.
    fn read(value: &Value) -> Option<Alternative> {
        let text = value
            .get("token")
            .or_else(|| value.get("tok_str"))
            .or_else(|| value.get("decoded_token"))?
            .as_str()?;
        let bytes = value.get("bytes").and_then(Value::as_array).map(|all| {
            let byte = |b: &Value| b.as_u64().and_then(|b| u8::try_from(b).ok());
            all.iter().map(byte).collect::<Option<Vec<u8>>>()
        });
        let p = value.get("prob").and_then(Value::as_f64);
        let log = value.get("logprob").and_then(Value::as_f64);
        Some(Alternative {
            id: id(value.get("id"))
                .or_else(|| named_id(text))
                .unwrap_or(Token::NO_ID),
            bytes: bytes.flatten().unwrap_or_else(|| text.as_bytes().to_vec()),
            p: p.or_else(|| log.filter(|l| *l > NOT_LISTED).map(f64::exp)),
        })
    }
}

fn id(value: Option<&Value>) -> Option<u32> {
    value?.as_u64().and_then(|n| u32::try_from(n).ok())
}

/// vLLM's `token_id:123`.
fn named_id(text: &str) -> Option<u32> {
    text.strip_prefix("token_id:")?.parse().ok()
}

/// Tokens of a list of `{token, logprob, bytes?, top_logprobs[]}` (OpenAI's chat, llama.cpp's server, vLLM) or `{content, probs[]}` (llama.cpp before
/// December 2024). `None` where it is no such list.
pub fn listed(list: &Value) -> Option<Vec<Token>> {
    list.as_array()?.iter().map(position).collect()
}

fn position(value: &Value) -> Option<Token> {
    let tops = ["top_logprobs", "top_probs", "probs"];
    let tops = tops
        .iter()
        .find_map(|n| value.get(*n))
        .and_then(Value::as_array);
    let tops: Vec<Alternative> = tops
        .into_iter()
        .flatten()
        .filter_map(Alternative::read)
        .collect();
    let own = match value.get("content").and_then(Value::as_str) {
        Some(text) => Alternative {
            id: Token::NO_ID,
            p: tops
                .iter()
                .find(|a| a.bytes == text.as_bytes())
                .and_then(|a| a.p),
            bytes: text.as_bytes().to_vec(),
        },
        None => Alternative::read(value)?,
    };
    Some(token(own, tops))
}

/// Legacy completions: `{tokens, token_logprobs, top_logprobs[{token: logprob}]}`.
pub fn columns(of: &Value) -> Option<Vec<Token>> {
    let column = |name: &str| of.get(name).and_then(Value::as_array);
    let (tokens, own) = (column("tokens")?, column("token_logprobs")?);
    if tokens.len() != own.len() {
        return None;
    }
    let tops = column("top_logprobs");
    let at = |i: usize| -> Option<Token> {
        let text = tokens[i].as_str()?;
        let of = |text: &str, log: Option<f64>| Alternative {
            id: named_id(text).unwrap_or(Token::NO_ID),
            bytes: legacy_bytes(text),
            p: log.filter(|l| *l > NOT_LISTED).map(f64::exp),
        };
        let top = tops.and_then(|t| t.get(i)).and_then(Value::as_object);
        let top = top.into_iter().flatten();
        let mut top: Vec<Alternative> = top.map(|(t, l)| of(t, l.as_f64())).collect();
        top.sort_by(|a, b| b.p.unwrap_or(0.0).total_cmp(&a.p.unwrap_or(0.0)));
        Some(token(of(text, own[i].as_f64()), top))
    };
    (0..tokens.len()).map(at).collect()
}

/// `bytes:\xe2\x80` in old completions stands for bytes that are no whole character.
fn legacy_bytes(text: &str) -> Vec<u8> {
    let Some(escaped) = text.strip_prefix("bytes:") else {
        return text.as_bytes().to_vec();
    };
    let parts = escaped.split("\\x").skip(1);
    let bytes: Option<Vec<u8>> = parts.map(|p| u8::from_str_radix(p, 16).ok()).collect();
    bytes
        .filter(|b| !b.is_empty())
        .unwrap_or_else(|| text.as_bytes().to_vec())
}

/// The token, its alternatives as candidates; it is among them where its probability is known.
fn token(own: Alternative, tops: Vec<Alternative>) -> Token {
    let listed = tops.iter().position(|a| same(a, &own));
    let p = own.p.or_else(|| tops[listed?].p);
    let mut candidates = Candidates::default();
    let mut add = |a: &Alternative, p: f64| {
        candidates.ids.push(a.id);
        candidates
            .text
            .push(String::from_utf8_lossy(&a.bytes).into_owned());
        candidates.p.push(p.clamp(0.0, 1.0) as f32);
    };
    for a in &tops {
        if let Some(p) = a.p {
            add(a, p);
        }
    }
    if let (None, Some(p)) = (listed, p) {
        add(&own, p);
    }
    let (text, bytes) = match String::from_utf8(own.bytes) {
        Ok(text) => (text, None),
        Err(e) => {
            let hex = e.as_bytes().iter().map(|b| format!("{b:02x}"));
            (
                String::from_utf8_lossy(e.as_bytes()).into_owned(),
                Some(hex.collect()),
            )
        }
    };
    Token {
        id: own.id,
        skipped: scored(&text).err().map(|s| s.name().to_string()),
        text,
        bytes,
        p: p.unwrap_or(0.0).clamp(0.0, 1.0) as f32,
        // Known only where it is in the list, which is sorted.
        rank: listed.and_then(|i| u32::try_from(i + 1).ok()).unwrap_or(0),
        candidates,
        ..Token::default()
    }
}

fn same(a: &Alternative, b: &Alternative) -> bool {
    a.bytes == b.bytes && (a.id == b.id || a.id == Token::NO_ID || b.id == Token::NO_ID)
}
