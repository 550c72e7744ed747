//! The texts of tokens as they are read.

use rotescope_text::whole_texts;
use rotescope_trace::Token;

/// The texts of tokens with the characters whole that tokens cut: each stands in the token that
/// begins it. Together they are the output. See [`whole_texts`].
pub fn token_texts(tokens: &[Token]) -> Vec<String> {
    let raw: Vec<Vec<u8>> = tokens.iter().map(Token::raw).collect();
    whole_texts(&raw)
}
