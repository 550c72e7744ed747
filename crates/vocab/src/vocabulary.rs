//! A vocabulary that encodes and decodes.

use std::path::Path;

use rayon::prelude::*;

use super::bpe::{self, Bpe};
use super::gguf::Gguf;
use super::json::{self, Foreign, Loaded};
use super::spec::{Algorithm, Kind, Spec, Token};
use super::special::{Part, Specials};
use super::split::Splitter;
use super::spm::{self, Spm};
use super::words::{Desk, Desks};
use super::{Encode, VocabError, from_gguf};
use rustc_hash::FxHashMap;

/// A tokenizer rebuilt from a GGUF file's metadata, or read from a `tokenizer.json`.
///
/// Ids are those of llama.cpp with `add_special = false, parse_special = true`; for a
/// `tokenizer.json` that is not byte-level BPE of a known kind, those of the `tokenizers` crate.
pub struct Vocabulary {
    engine: Engine,
    specials: Specials,
    ids: FxHashMap<Box<[u8]>, u32>,
    /// What each token stands for in text.
    pieces: Vec<Box<[u8]>>,
    special: Vec<bool>,
    /// Whether encoding puts a space before text that begins the text or follows a special token.
    space_prefix: bool,
    bos: Option<u32>,
    eos: Option<u32>,
    add_bos: bool,
    fingerprint: String,
    desks: Desks,
}

// One for each vocabulary: its size does not matter.
#[allow(clippy::large_enum_variant)]
enum Engine {
    Bpe(Splitter, Bpe),
    Spm(Spm),
    Foreign(Box<Foreign>),
}

impl Vocabulary {
    /// The vocabulary in a GGUF file's metadata.
    ///
    /// # Errors
    /// [`VocabError::Unsupported`] for tokenizers and pre-tokenizers that are not reproduced
    /// exactly; [`VocabError::Missing`] and [`VocabError::Invalid`] for broken metadata.
    pub fn from_gguf(gguf: &Gguf) -> Result<Vocabulary, VocabError> {
        Vocabulary::from_spec(from_gguf::spec(gguf)?, gguf.path())
    }

    /// The vocabulary in a Hugging Face `tokenizer.json`.
    ///
    /// # Errors
    /// [`VocabError::Json`] if the file cannot be read or is none.
    pub fn from_json(path: &Path) -> Result<Vocabulary, VocabError> {
        let foreign = match json::load(path)? {
            Loaded::Spec(spec) => return Vocabulary::from_spec(spec, path),
            Loaded::Foreign(foreign) => foreign,
        };
        let style = if foreign.byte_level {
            Style::Bytes
        } else {
            Style::Spaces
        };
        Ok(Vocabulary {
            specials: Specials::default(),
            ids: ids(&foreign.tokens),
            pieces: foreign.tokens.iter().map(|t| piece(t, style)).collect(),
            special: foreign
                .tokens
                .iter()
                .map(|t| t.kind == Kind::Special)
                .collect(),
            space_prefix: false,
            bos: None,
            eos: None,
            add_bos: false,
            fingerprint: foreign.fingerprint.clone(),
            desks: Desks::default(),
            engine: Engine::Foreign(foreign),
        })
    }

    fn from_spec(spec: Spec, path: &Path) -> Result<Vocabulary, VocabError> {
        let fingerprint = spec.fingerprint();
        let unsupported = |what: String| VocabError::Unsupported {
            path: path.to_owned(),
            what,
        };
        let specials = spec
            .specials()
            .map_err(|id| unsupported(format!("its special token {id}, whose text is no UTF-8")))?;
        let specials = Specials::new(specials).map_err(|(a, b)| {
            unsupported(format!(
                "its special tokens {a:?} and {b:?}, which are equally long and can overlap"
            ))
        })?;
        let ids = ids(&spec.tokens);
        let (engine, style, space_prefix) = match spec.algorithm {
            Algorithm::Bpe { pre, merges } => {
                let mut whole = FxHashMap::default();
                if pre.ignore_merges {
                    let texts = spec.tokens.iter().zip(0..);
                    whole.extend(texts.filter_map(|(t, id)| {
                        Some((bpe::text_bytes(&t.text)?.into_boxed_slice(), id))
                    }));
                }
                let bpe = Bpe::new(&merges, |text| ids.get(text).copied(), whole);
                (Engine::Bpe(Splitter::new(pre), bpe), Style::Bytes, false)
            }
            Algorithm::Spm {
                scores,
                add_space_prefix,
            } => {
                let spm = Spm::new(ids.clone(), scores, add_space_prefix);
                (Engine::Spm(spm), Style::Spaces, add_space_prefix)
            }
        };
        Ok(Vocabulary {
            engine,
            specials,
            ids,
            pieces: spec.tokens.iter().map(|t| piece(t, style)).collect(),
            special: spec
                .tokens
                .iter()
                .map(|t| t.kind == Kind::Special)
                .collect(),
            space_prefix,
            bos: spec.bos,
            eos: spec.eos,
            add_bos: spec.add_bos,
            fingerprint,
            desks: Desks::default(),
        })
    }

    /// Token ids of one text.
    ///
    /// # Errors
    /// [`VocabError::Encode`] if the vocabulary has no tokens for something in the text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, VocabError> {
        self.encode_at(text, &mut self.desks.take().desk)
    }

    /// The bytes of a whole encoding. What [`Vocabulary::encode`] made comes back as it was,
    /// unless a special token swallowed white space or the vocabulary lacks bytes. The space that
    /// some vocabularies put before text is taken away again; pieces of the middle of a text are
    /// better put together from [`Encode::token_bytes`].
    pub fn decode(&self, ids: &[u32]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut first = self.space_prefix;
        for &id in ids {
            let piece = self.pieces.get(id as usize).map_or(&[][..], |p| &p[..]);
            let special = self.special.get(id as usize) == Some(&true);
            out.extend_from_slice(match piece {
                [b' ', rest @ ..] if first && !special => rest,
                _ => piece,
            });
            first = self.space_prefix && special;
        }
        out
    }

    /// The token that begins a text, if there is one.
    pub fn bos(&self) -> Option<u32> {
        self.bos
    }

    /// The token that ends a text, if there is one.
    pub fn eos(&self) -> Option<u32> {
        self.eos
    }

    /// Whether the model wants its texts to begin with [`Vocabulary::bos`]. Encoding never adds it.
    pub fn add_bos(&self) -> bool {
        self.add_bos
    }

    /// The id of the token with this text as the vocabulary writes it (`Ġthe`, `▁the`, `</s>`).
    pub fn id_of(&self, text: &str) -> Option<u32> {
        self.ids.get(text.as_bytes()).copied()
    }

    fn encode_at(&self, text: &str, desk: &mut Desk) -> Result<Vec<u32>, VocabError> {
        let mut out = Vec::with_capacity(text.len() / 3 + 1);
        if let Engine::Foreign(f) = &self.engine {
            let encoding = f.tokenizer.encode_fast(text, false);
            let encoding = encoding.map_err(|e| VocabError::Encode {
                what: e.to_string(),
            })?;
            out.extend_from_slice(encoding.get_ids());
            return Ok(out);
        }
        let mut parts = Vec::new();
        self.specials.split(text, &mut parts);
        let mut first = true;
        for part in parts {
            match (part, &self.engine) {
                (Part::Token(id), _) => out.push(id),
                (Part::Text(t), Engine::Bpe(splitter, bpe)) => {
                    let Desk {
                        words,
                        split,
                        merge,
                        ..
                    } = desk;
                    splitter.split(t, split, |piece| {
                        let piece = piece.as_bytes();
                        let encoded = words.encode(piece, &mut out, |out| {
                            bpe.encode(piece, merge, out);
                            Ok::<(), std::convert::Infallible>(())
                        });
                        let Ok(()) = encoded;
                    });
                }
                (Part::Text(t), Engine::Spm(spm)) => spm.encode(t, first, desk, &mut out)?,
                (Part::Text(_), Engine::Foreign(_)) => {}
            }
            first = matches!(part, Part::Token(_));
        }
        Ok(out)
    }
}

impl Encode for Vocabulary {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        texts
            .par_iter()
            .map_init(
                || self.desks.take(),
                |seat, text| self.encode_at(text, &mut seat.desk),
            )
            .collect()
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        self.pieces
            .get(id as usize)
            .map(|p| p.to_vec())
            .unwrap_or_default()
    }

    fn size(&self) -> usize {
        self.pieces.len()
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn ids(tokens: &[Token]) -> FxHashMap<Box<[u8]>, u32> {
    tokens.iter().map(|t| t.text.clone()).zip(0..).collect()
}

/// How normal tokens are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Each byte as a character of GPT-2's alphabet.
    Bytes,
    /// As they are, with `▁` for a space.
    Spaces,
}

/// What a token stands for in text.
fn piece(token: &Token, style: Style) -> Box<[u8]> {
    let text = &token.text;
    match (token.kind, style) {
        (Kind::Special, _) => text.clone(),
        (Kind::Byte, _) => {
            let hex = text.get(3..5).and_then(|h| std::str::from_utf8(h).ok());
            let byte = hex.and_then(|h| u8::from_str_radix(h, 16).ok());
            byte.map_or_else(|| text.clone(), |b| [b].into())
        }
        (Kind::Normal, Style::Bytes) => {
            bpe::text_bytes(text).map_or_else(|| text.clone(), Vec::into_boxed_slice)
        }
        (Kind::Normal, Style::Spaces) => match std::str::from_utf8(text) {
            Ok(t) => t.replace(spm::SPACE, " ").into_bytes().into(),
            Err(_) => text.clone(),
        },
    }
}
