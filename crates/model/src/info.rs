//! What a model file says about itself.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use sha2::{Digest, Sha256};

use super::error::ModelError;
use rotescope_vocab::ggml::file_type;

/// A loaded model: its file, its numbers, its special tokens.
#[derive(Debug)]
pub struct ModelInfo {
    /// Name of the file without its folder.
    pub file: String,
    pub path: PathBuf,
    /// Bytes of the file.
    pub bytes: u64,
    /// `general.architecture`, such as `llama`.
    pub architecture: String,
    /// `general.name`, if any.
    pub name: Option<String>,
    /// Such as `Q8_0`; `None` if the file does not say.
    pub quantization: Option<String>,
    /// Number of weights.
    pub parameters: u64,
    /// Tokens that the model was trained on.
    pub context_train: usize,
    /// Tokens that prompt and output may have together in this run.
    pub context: usize,
    /// Number of token ids.
    pub vocabulary: usize,
    /// The Jinja template of an instruct model.
    pub chat_template: Option<String>,
    /// The model expects `bos` before a prompt.
    pub add_bos: bool,
    pub bos: Option<u32>,
    /// The end-of-sequence token.
    pub eos: Option<u32>,
    /// All tokens that end a generation, `eos` among them, in order.
    pub end_tokens: Vec<u32>,
    sha256: OnceLock<String>,
}

impl ModelInfo {
    pub(super) fn read(
        model: &LlamaModel,
        path: PathBuf,
        bytes: u64,
        context: Option<usize>,
    ) -> Self {
        let vocab = model.vocab();
        let meta = |key: &str| model.meta_val_str(key).ok();
        let id = |token: LlamaToken| u32::try_from(token.0).ok();
        let context_train = model.n_ctx_train() as usize;
        let file = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        Self {
            file,
            bytes,
            architecture: meta("general.architecture").unwrap_or_default(),
            name: meta("general.name"),
            quantization: meta("general.file_type")
                .and_then(|t| t.parse().ok())
                .and_then(file_type)
                .map(str::to_owned),
            parameters: model.n_params(),
            context_train,
            context: context.unwrap_or(4096).min(context_train),
            vocabulary: usize::try_from(vocab.n_tokens()).unwrap_or(0),
            chat_template: model
                .chat_template(None)
                .ok()
                .and_then(|t| t.to_string().ok()),
            add_bos: vocab.should_add_bos(),
            bos: id(vocab.bos()),
            eos: id(vocab.eos()),
            end_tokens: vocab
                .tokens()
                .filter(|&t| vocab.is_eog(t))
                .filter_map(id)
                .collect(),
            sha256: OnceLock::new(),
            path,
        }
    }

    /// Hex SHA-256 of the file, read on the first call (about 2 s per GB) and remembered.
    ///
    /// # Errors
    /// If the file can no longer be read.
    pub fn sha256(&self) -> Result<&str, ModelError> {
        if let Some(known) = self.sha256.get() {
            return Ok(known);
        }
        let hash = hash_file(&self.path).map_err(|e| ModelError::Unreadable {
            path: self.path.clone(),
            reason: e.to_string(),
        })?;
        Ok(self.sha256.get_or_init(|| hash))
    }
}

fn hash_file(path: &std::path::Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_hashed_in_pieces() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-2, example B.1
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash_file(&path).unwrap(), abc);
        // FIPS 180-2, example B.3: a million times "a" (longer than one piece)
        std::fs::write(&path, vec![b'a'; 1_000_000]).unwrap();
        let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(hash_file(&path).unwrap(), million);
    }
}
