//! A vocabulary as data: everything that decides which ids a text gets, and nothing else.

use sha2::{Digest, Sha256};

use super::hash::hex;
use super::pre::Pre;
use super::special::Special;

/// The two sides of a merge, as token texts.
pub(super) type Merge = (Box<[u8]>, Box<[u8]>);

/// How texts become tokens.
#[derive(Debug, Clone)]
pub(super) enum Algorithm {
    /// Byte-level byte-pair encoding; earlier merges go first.
    Bpe {
        pre: &'static Pre,
        merges: Vec<Merge>,
    },
    /// SentencePiece's BPE; one score per token, higher ones go first.
    Spm {
        scores: Vec<f32>,
        add_space_prefix: bool,
    },
}

/// How the text of a token relates to the bytes that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Encoded: the byte alphabet, or `▁` for a space.
    Normal,
    /// Taken from the text literally, before anything else.
    Special,
    /// `<0xXX>`: one byte.
    Byte,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub text: Box<[u8]>,
    pub kind: Kind,
    pub lstrip: bool,
    pub rstrip: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub algorithm: Algorithm,
    /// By id.
    pub tokens: Vec<Token>,
    pub bos: Option<u32>,
    pub eos: Option<u32>,
    pub add_bos: bool,
}

impl Spec {
    /// Hex SHA-256 over the algorithm, the steps of the pre-tokenizer, the tokens in order, and
    /// the merges or scores.
    ///
    /// Not in it is what leaves the ids of a text alone: the name under which the steps go, the
    /// begin and end tokens (which are never added here), and whether a special token is a
    /// control token or one defined by a user.
    pub(super) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let mut put = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        put(b"rotescope vocabulary 1");
        match &self.algorithm {
            Algorithm::Bpe { pre, .. } => {
                put(b"bpe");
                put(&[u8::from(pre.ignore_merges)]);
                put(&(pre.steps.len() as u64).to_le_bytes());
                pre.steps.iter().for_each(|s| put(s.as_bytes()));
            }
            Algorithm::Spm {
                add_space_prefix, ..
            } => {
                put(b"spm");
                put(&[u8::from(*add_space_prefix)]);
            }
        }
        put(&(self.tokens.len() as u64).to_le_bytes());
        for t in &self.tokens {
            put(&t.text);
            let special = t.kind == Kind::Special;
            put(&[u8::from(special) | u8::from(t.lstrip) << 1 | u8::from(t.rstrip) << 2]);
        }
        match &self.algorithm {
            Algorithm::Bpe { merges, .. } => {
                for (left, right) in merges {
                    put(left);
                    put(right);
                }
            }
            Algorithm::Spm { scores, .. } => {
                scores.iter().for_each(|s| put(&s.to_le_bytes()));
            }
        }
        hex(&hash.finalize())
    }

    /// The special tokens; `Err` holds the id of one whose text is no UTF-8.
    pub(super) fn specials(&self) -> Result<Vec<Special>, u32> {
        let all = self.tokens.iter().zip(0..);
        all.filter(|(t, _)| t.kind == Kind::Special)
            .map(|(t, id)| {
                let text = std::str::from_utf8(&t.text).map_err(|_| id)?;
                Ok(Special {
                    id,
                    text: text.into(),
                    lstrip: t.lstrip,
                    rstrip: t.rstrip,
                })
            })
            .collect()
    }
}
