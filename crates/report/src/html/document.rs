//! A document behind a token.

use serde::Serialize;

/// A document of the corpus that holds the run of tokens which a token ends.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TokenDocument {
    /// As the corpus names it.
    pub id: String,
    /// Text before the run, the run, text after it.
    pub text: [String; 3],
}
