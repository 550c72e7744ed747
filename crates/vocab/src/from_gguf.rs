//! From a GGUF file's metadata to a vocabulary, with llama.cpp's defaults and corrections.

use std::collections::HashMap;

use super::VocabError;
use super::gguf::Gguf;
use super::pre;
use super::spec::{Algorithm, Kind, Merge, Spec, Token};

const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;
const NORMAL: i32 = 1;

/// Tokens that end a text or a turn; llama.cpp makes them control tokens by their text.
const ENDS: &[&str] = &[
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "</s>",
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",
    "<turn|>",
    "<|tool_response>",
    "<｜end▁of▁sentence｜>",
    "[e~[",
];

/// Tokens that llama.cpp always takes for user-defined.
const ALWAYS_SHOWN: &[&str] = &["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"];

/// Fill-in-the-middle tokens: the keys that may name one, and the texts by which llama.cpp
/// finds it (and makes it a control token) if none does.
const FILL_IN: &[(&[&str], &[&str])] = &[
    (
        &["fim_pre_token_id", "prefix_token_id"],
        &[
            "<|fim_prefix|>",
            "<fim-prefix>",
            "<fim_prefix>",
            "<｜fim▁begin｜>",
            "<PRE>",
            "▁<PRE>",
            "<|code_prefix|>",
            "<|prefix|>",
        ],
    ),
    (
        &["fim_suf_token_id", "suffix_token_id"],
        &[
            "<|fim_suffix|>",
            "<fim-suffix>",
            "<fim_suffix>",
            "<｜fim▁hole｜>",
            "<SUF>",
            "▁<SUF>",
            "<|code_suffix|>",
            "<|suffix|>",
        ],
    ),
    (
        &["fim_mid_token_id", "middle_token_id"],
        &[
            "<|fim_middle|>",
            "<fim-middle>",
            "<fim_middle>",
            "<｜fim▁end｜>",
            "<MID>",
            "▁<MID>",
            "<|code_middle|>",
            "<|middle|>",
        ],
    ),
    (
        &["fim_pad_token_id"],
        &["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"],
    ),
    (
        &["fim_rep_token_id"],
        &[
            "<|fim_repo|>",
            "<|repo_name|>",
            "<fim-repo>",
            "<REPO>",
            "<reponame>",
        ],
    ),
    (&["fim_sep_token_id"], &["<|file_sep|>"]),
];

/// Reads the vocabulary of a GGUF file.
pub(super) fn spec(g: &Gguf) -> Result<Spec, VocabError> {
    let from = Source { g };
    let model = from.required_str("tokenizer.ggml.model")?;
    let pre_name = g.str("tokenizer.ggml.pre").unwrap_or_default();
    let (default_bos, default_eos) = match model {
        "gpt2" => (Some(11), Some(11)),
        "llama" => (Some(1), Some(2)),
        other => return Err(from.unsupported(format!("its tokenizer {other:?}"))),
    };

    let texts = from.texts()?;
    let ids: HashMap<&[u8], u32> = texts.iter().map(|t| &t[..]).zip(0..).collect();
    if ids.len() != texts.len() {
        return Err(from.invalid("tokenizer.ggml.tokens", "a token occurs twice"));
    }
    let special_id = |key: &str, default: Option<u32>| {
        let named = g
            .uint(&format!("tokenizer.ggml.{key}"))
            .and_then(|n| u32::try_from(n).ok());
        let in_range = |&id: &u32| (id as usize) < texts.len();
        named.filter(in_range).or(default.filter(in_range))
    };
    let eos = special_id("eos_token_id", default_eos);
    let kinds = from.kinds(texts.len(), &ids, eos)?;

    let (algorithm, add_bos, bos) = if model == "gpt2" {
        let Some(pre) = pre::find(pre_name) else {
            return Err(from.unsupported(format!("its pre-tokenizer {pre_name:?}")));
        };
        let merges = match from.merges() {
            // Kimi K2 may come without; llama.cpp then knows its bytes and special tokens only.
            Err(VocabError::Missing { .. }) if pre_name == "kimi-k2" => Vec::new(),
            merges => merges?,
        };
        let default = if pre.no_bos { None } else { default_bos };
        let bos = special_id("bos_token_id", default);
        (Algorithm::Bpe { pre, merges }, pre.add_bos, bos)
    } else {
        let scores = from.scores(texts.len())?;
        let add_space_prefix = g.bool("tokenizer.ggml.add_space_prefix").unwrap_or(true);
        let algorithm = Algorithm::Spm {
            scores,
            add_space_prefix,
        };
        (algorithm, true, special_id("bos_token_id", default_bos))
    };
    let mut tokens: Vec<Token> = texts
        .iter()
        .zip(kinds)
        .map(|(text, kind)| Token {
            text: text.clone(),
            kind,
            lstrip: false,
            rstrip: false,
        })
        .collect();
    strip(g, pre_name, &ids, &mut tokens);
    Ok(Spec {
        algorithm,
        tokens,
        bos,
        eos,
        add_bos: g.bool("tokenizer.ggml.add_bos_token").unwrap_or(add_bos),
    })
}

/// Which special tokens swallow white space, which llama.cpp decides by names.
fn strip(g: &Gguf, pre: &str, ids: &HashMap<&[u8], u32>, tokens: &mut [Token]) {
    let has = |text: &str, parts: &[&str]| parts.iter().any(|p| text.contains(p));
    let name = g.name().unwrap_or_default().to_ascii_lowercase();
    let architecture = g.architecture().unwrap_or_default();
    let lstripped = if has(pre, &["jina-v2-de", "jina-v2-es", "jina-v2-code", "mmbert"])
        || has(architecture, &["nomic-bert-moe", "jina-bert-v3"])
    {
        "<mask>"
    } else if has(&name, &["phi-3", "phi3"]) {
        for t in tokens {
            let plain = [&b"<unk>"[..], b"<s>", b"<|endoftext|>"].contains(&&t.text[..]);
            t.rstrip = (t.kind == Kind::Special || *t.text == *b"</s>") && !plain;
        }
        return;
    } else if has(&name, &["modern-bert"]) {
        "[MASK]"
    } else {
        return;
    };
    if let Some(&id) = ids.get(lstripped.as_bytes()) {
        tokens[id as usize].lstrip = true;
    }
}

struct Source<'a> {
    g: &'a Gguf,
}

impl Source<'_> {
    fn required_str(&self, key: &str) -> Result<&str, VocabError> {
        self.g.str(key).ok_or_else(|| self.missing(key))
    }

    fn texts(&self) -> Result<Vec<Box<[u8]>>, VocabError> {
        let key = "tokenizer.ggml.tokens";
        let strings = self.g.strings(key).ok_or_else(|| self.missing(key))?;
        if u32::try_from(strings.len()).is_err() {
            return Err(self.invalid(key, "there are more than 2^32 tokens"));
        }
        let named = strings.iter().enumerate().map(|(i, text)| match text {
            // llama.cpp cannot hold an empty token either.
            [] => format!("[EMPTY_{i}]").into_bytes().into(),
            _ => text.into(),
        });
        Ok(named.collect())
    }

    fn kinds(
        &self,
        n: usize,
        ids: &HashMap<&[u8], u32>,
        eos: Option<u32>,
    ) -> Result<Vec<Kind>, VocabError> {
        let key = "tokenizer.ggml.token_type";
        let mut types = match self.g.get(key) {
            None => vec![NORMAL; n],
            Some(_) => self
                .g
                .i32s(key)
                .filter(|t| t.len() >= n)
                .ok_or_else(|| self.invalid(key, "it is not one 32-bit integer per token"))?,
        };
        types.truncate(n);
        let id = |text: &str| ids.get(text.as_bytes()).map(|&id| id as usize);
        let special = |t: i32| matches!(t, 2 | CONTROL | USER_DEFINED);
        for (keys, texts) in FILL_IN {
            let named = keys.iter().any(|k| {
                let id = self.g.uint(&format!("tokenizer.ggml.{k}"));
                id.is_some_and(|id| id < n as u64)
            });
            let found: Vec<usize> = texts.iter().filter_map(|t| id(t)).collect();
            match found[..] {
                [one] if !named && !special(types[one]) => types[one] = CONTROL,
                [_, _, ..] if !named && !found.iter().all(|&i| special(types[i])) => {
                    // llama.cpp takes the one that its hash table happens to give first.
                    return Err(self.unsupported(format!(
                        "that several of its tokens could be {}",
                        keys[0].trim_end_matches("_token_id")
                    )));
                }
                _ => {}
            }
        }
        for i in ENDS.iter().filter_map(|t| id(t)) {
            if types[i] != USER_DEFINED && types[i] != 2 {
                types[i] = CONTROL;
            }
        }
        for i in ALWAYS_SHOWN.iter().filter_map(|t| id(t)) {
            types[i] = USER_DEFINED;
        }
        let plamo = id("<|plamo:eos|>");
        let has_other_end = id("<|tool_response>").is_some()
            || (plamo.is_some() && plamo == eos.map(|e| e as usize));
        if let (true, Some(i)) = (has_other_end, id("</s>")) {
            types[i] = NORMAL;
        }
        let kind = |&t: &i32| match t {
            t if special(t) => Kind::Special,
            6 => Kind::Byte,
            _ => Kind::Normal,
        };
        Ok(types.iter().map(kind).collect())
    }

    fn merges(&self) -> Result<Vec<Merge>, VocabError> {
        let key = "tokenizer.ggml.merges";
        let strings = self.g.strings(key).ok_or_else(|| self.missing(key))?;
        let halves = strings.iter().map(|line| {
            // The blank that parts the two is never the first character.
            let cut = line.iter().skip(1).position(|&b| b == b' ');
            match cut {
                Some(i) => (line[..=i].into(), line[i + 2..].into()),
                None => (Box::default(), Box::default()),
            }
        });
        Ok(halves.collect())
    }

    fn scores(&self, n: usize) -> Result<Vec<f32>, VocabError> {
        let key = "tokenizer.ggml.scores";
        if self.g.get(key).is_none() {
            return Ok(vec![0.0; n]);
        }
        let scores = self.g.f32s(key).filter(|s| s.len() >= n);
        let mut scores =
            scores.ok_or_else(|| self.invalid(key, "it is not one number per token"))?;
        scores.truncate(n);
        if scores.iter().any(|s| s.is_nan()) {
            return Err(self.invalid(key, "a score is not a number"));
        }
        Ok(scores)
    }

    fn missing(&self, key: &str) -> VocabError {
        VocabError::Missing {
            path: self.g.path().to_owned(),
            key: key.to_owned(),
        }
    }

    fn invalid(&self, key: &str, what: &str) -> VocabError {
        VocabError::Invalid {
            path: self.g.path().to_owned(),
            what: format!("{key}: {what}"),
        }
    }

    fn unsupported(&self, what: String) -> VocabError {
        VocabError::Unsupported {
            path: self.g.path().to_owned(),
            what,
        }
    }
}
