//! From a `tokenizer.json` to a vocabulary.
//!
//! Where the file describes byte-level BPE with a pre-tokenizer that is also known here, it
//! becomes the same data as a GGUF file's vocabulary: the same code encodes, and the
//! fingerprints are equal if the vocabularies are. Any other file is left to the `tokenizers`
//! crate, with a fingerprint of its own kind.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokenizers::Tokenizer;

use super::VocabError;
use super::hash::hex;
use super::pre::{self, Pre};
use super::spec::{Algorithm, Kind, Merge, Spec, Token};

/// The patterns as `tokenizer.json` files write them, and the steps that they are here.
const PATTERNS: [(&str, &str); 2] = [
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        pre::QWEN2,
    ),
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        pre::LLAMA3,
    ),
];

pub(super) enum Loaded {
    Spec(Spec),
    Foreign(Box<Foreign>),
}

/// A vocabulary that only the `tokenizers` crate can encode with.
pub(super) struct Foreign {
    pub tokenizer: Tokenizer,
    pub tokens: Vec<Token>,
    pub byte_level: bool,
    pub fingerprint: String,
}

pub(super) fn load(path: &Path) -> Result<Loaded, VocabError> {
    let error = |what: String| VocabError::Json {
        path: path.to_owned(),
        what,
    };
    let text = std::fs::read(path).map_err(|e| error(e.to_string()))?;
    let mut json: Value = serde_json::from_slice(&text).map_err(|e| error(e.to_string()))?;
    if json.pointer("/model").is_none() {
        return Err(error("it has no \"model\"".to_owned()));
    }
    // The crate checks the file as a whole, for both ways.
    let mut tokenizer = Tokenizer::from_bytes(&text).map_err(|e| error(e.to_string()))?;
    if let Some(spec) = known(&json) {
        return Ok(Loaded::Spec(spec));
    }
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(None)
        .map_err(|e| error(e.to_string()))?;
    for key in ["padding", "truncation", "version", "post_processor"] {
        json.as_object_mut().map(|o| o.remove(key));
    }
    let mut hash = Sha256::new();
    hash.update(b"rotescope vocabulary 1, tokenizers\n");
    hash.update(json.to_string());
    let added = added_tokens(&json);
    let vocab = tokenizer.get_vocab(true);
    let size = vocab.values().map(|&id| id as usize + 1).max().unwrap_or(0);
    if size > 1 << 26 {
        return Err(error(format!("it has the token id {}", size - 1)));
    }
    let empty = Token {
        text: Box::default(),
        kind: Kind::Normal,
        lstrip: false,
        rstrip: false,
    };
    let mut tokens = vec![empty; size];
    let fallback = json.pointer("/model/byte_fallback") == Some(&Value::Bool(true));
    for (text, id) in vocab {
        let token = &mut tokens[id as usize];
        token.kind = if added.contains_key(text.as_str()) {
            Kind::Special
        } else if fallback && text.len() == 6 && text.starts_with("<0x") {
            Kind::Byte
        } else {
            Kind::Normal
        };
        token.text = text.into_bytes().into();
    }
    let byte_level = ["/decoder", "/pre_tokenizer"]
        .iter()
        .filter_map(|p| json.pointer(p))
        .any(|v| v.to_string().contains("\"ByteLevel\""));
    Ok(Loaded::Foreign(Box::new(Foreign {
        tokenizer,
        tokens,
        byte_level,
        fingerprint: hex(&hash.finalize()),
    })))
}

fn added_tokens(json: &Value) -> HashMap<&str, &Value> {
    let list = json.pointer("/added_tokens").and_then(Value::as_array);
    let list = list.into_iter().flatten();
    list.filter_map(|t| Some((t.get("content")?.as_str()?, t)))
        .collect()
}

/// The file as data, if everything in it that decides ids is known here.
fn known(json: &Value) -> Option<Spec> {
    let model = json.get("model")?;
    let plain = |key: &str| match model.get(key) {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::String(s)) => s.is_empty(),
        Some(_) => false,
    };
    let plain_model = ["dropout", "unk_token", "continuing_subword_prefix"]
        .iter()
        .chain(&["end_of_word_suffix", "fuse_unk", "byte_fallback"])
        .all(|k| plain(k));
    let null = |key: &str| matches!(json.get(key), None | Some(Value::Null));
    if model.get("type")? != "BPE" || !plain_model || !null("normalizer") {
        return None;
    }
    let pre = pre_tokenizer(json.get("pre_tokenizer")?, !plain("ignore_merges"))?;

    let mut texts: HashMap<u64, (&str, Kind)> = HashMap::new();
    for (text, id) in model.get("vocab")?.as_object()? {
        texts.insert(id.as_u64()?, (text, Kind::Normal));
    }
    for (text, t) in added_tokens(json) {
        let strips = ["single_word", "lstrip", "rstrip"]
            .iter()
            .any(|k| t.get(k) == Some(&Value::Bool(true)));
        if strips || text.is_empty() {
            return None;
        }
        texts.insert(t.get("id")?.as_u64()?, (text, Kind::Special));
    }
    let token = |id: u64| {
        let &(text, kind) = texts.get(&id)?;
        Some(Token {
            text: text.as_bytes().into(),
            kind,
            lstrip: false,
            rstrip: false,
        })
    };
    let tokens: Vec<Token> = (0..texts.len() as u64).map(token).collect::<Option<_>>()?;
    let merges = model.get("merges")?.as_array()?.iter().map(merge);
    Some(Spec {
        algorithm: Algorithm::Bpe {
            pre,
            merges: merges.collect::<Option<_>>()?,
        },
        tokens,
        bos: None,
        eos: None,
        add_bos: false,
    })
}

/// `"a b"` or `["a", "b"]`.
fn merge(v: &Value) -> Option<Merge> {
    let (left, right) = match v {
        Value::String(s) => s.split_once(' ')?,
        Value::Array(pair) if pair.len() == 2 => (pair[0].as_str()?, pair[1].as_str()?),
        _ => return None,
    };
    Some((left.as_bytes().into(), right.as_bytes().into()))
}

fn pre_tokenizer(v: &Value, ignore_merges: bool) -> Option<&'static Pre> {
    let kind = |v: &Value| v.get("type").and_then(Value::as_str).map(str::to_owned);
    let byte_level = |v: &Value, regex: bool| {
        kind(v).as_deref() == Some("ByteLevel")
            && v.get("add_prefix_space") == Some(&Value::Bool(false))
            && v.get("use_regex").and_then(Value::as_bool).unwrap_or(true) == regex
    };
    if byte_level(v, true) {
        return pre::with_steps(&[pre::GPT2], ignore_merges);
    }
    let [first, last] = &v.get("pretokenizers")?.as_array()?[..] else {
        return None;
    };
    match kind(first)?.as_str() {
        "Digits"
            if first.get("individual_digits") == Some(&Value::Bool(true))
                && byte_level(last, true) =>
        {
            pre::with_steps(&[pre::DIGIT, pre::GPT2], ignore_merges)
        }
        "Split" if byte_level(last, false) => {
            let isolated = first.get("behavior")? == "Isolated";
            let inverted = first.get("invert") == Some(&Value::Bool(true));
            let regex = first.pointer("/pattern/Regex")?.as_str()?;
            let step = PATTERNS.iter().find(|p| p.0 == regex)?.1;
            let known = isolated && !inverted;
            known.then(|| pre::with_steps(&[step], ignore_merges))?
        }
        _ => None,
    }
}
