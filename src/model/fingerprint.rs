//! What in a GGUF file decides the token ids, hashed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::info::hex;

/// Metadata that decides how llama.cpp turns text into ids. BOS, EOS and the chat template do not.
const DECIDING: [&str; 12] = [
    "general.architecture",
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.merges",
    "tokenizer.ggml.unknown_token_id",
    "tokenizer.ggml.add_space_prefix",
    "tokenizer.ggml.remove_extra_whitespaces",
    "tokenizer.ggml.escape_whitespaces",
    "tokenizer.ggml.precompiled_charsmap",
];

/// Hex SHA-256 over the deciding metadata of a file that llama.cpp has accepted, in the order of their names.
pub(super) fn fingerprint(path: &Path) -> std::io::Result<String> {
    let mut reader = Reader(BufReader::with_capacity(1 << 20, File::open(path)?));
    reader.bytes(4 + 4 + 8)?; // magic, version, number of tensors
    let count = reader.u64()?;
    let mut deciding = BTreeMap::new();
    for _ in 0..count {
        let length = reader.u64()?;
        let key = reader.bytes(length)?;
        let kind = reader.u32()?;
        let key = String::from_utf8_lossy(&key).into_owned();
        let wanted = DECIDING.contains(&key.as_str());
        let name_matters = key == "general.name";
        let mut value = Vec::new();
        reader.value(kind, &mut |bytes| {
            if wanted || name_matters {
                value.extend_from_slice(bytes);
            }
        })?;
        if wanted {
            deciding.insert(key, Sha256::digest(&value));
        } else if name_matters {
            // llama.cpp treats spaces after special tokens otherwise for models of this name.
            let name = String::from_utf8_lossy(&value).to_lowercase();
            if name.contains("phi-3") || name.contains("phi3") {
                deciding.insert("phi-3".to_owned(), Sha256::digest(b"phi-3"));
            }
        }
    }
    let mut hash = Sha256::new();
    hash.update(b"llama.cpp tokenizer/1\n");
    for (key, digest) in deciding {
        hash.update(key.as_bytes());
        hash.update([0]);
        hash.update(digest);
    }
    Ok(hex(&hash.finalize()))
}

struct Reader(BufReader<File>);

impl Reader {
    /// The next `n` bytes; allocates only what the file really holds.
    fn bytes(&mut self, n: u64) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.0).take(n).read_to_end(&mut bytes)?;
        match bytes.len() as u64 == n {
            true => Ok(bytes),
            false => Err(std::io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn u32(&mut self) -> std::io::Result<u32> {
        let mut b = [0; 4];
        self.0.read_exact(&mut b)?;
        Ok(u32::from_le_bytes(b))
    }

    fn u64(&mut self) -> std::io::Result<u64> {
        let mut b = [0; 8];
        self.0.read_exact(&mut b)?;
        Ok(u64::from_le_bytes(b))
    }

    /// Reads a value of a GGUF type and shows its bytes, lengths of strings and arrays included.
    fn value(&mut self, kind: u32, see: &mut dyn FnMut(&[u8])) -> std::io::Result<()> {
        let size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 => {
                let length = self.u64()?;
                see(&length.to_le_bytes());
                length
            }
            9 => {
                let kind = self.u32()?;
                let count = self.u64()?;
                see(&count.to_le_bytes());
                for _ in 0..count {
                    self.value(kind, see)?;
                }
                return Ok(());
            }
            _ => return Err(std::io::Error::other(format!("unknown GGUF type {kind}"))),
        };
        see(&self.bytes(size)?);
        Ok(())
    }
}
