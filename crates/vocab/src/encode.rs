//! What every vocabulary does.

use super::error::VocabError;

/// Turns text into the token ids of one model, the same ids that the model itself is fed.
///
/// Implementations add no special tokens of their own (no BOS, no EOS), and read special tokens
/// that stand literally in the text as those tokens, as `tokenizers` and llama.cpp's
/// `parse_special = true` do.
pub trait Encode: Send + Sync {
    /// Token ids of each text, in the order of `texts`. May use all cores.
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError>;
    /// The bytes of one token as they appear in text (a lone byte of a multi-byte character is one byte); empty for an unknown id.
    fn token_bytes(&self, id: u32) -> Vec<u8>;
    /// Number of token ids; every id is below it.
    fn size(&self) -> usize;
    /// Hex SHA-256 over everything that decides the ids. Equal fingerprints give equal ids.
    fn fingerprint(&self) -> &str;
}
