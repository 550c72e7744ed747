//! Audits of memorization. They need a corpus and a text; what needs a model too stands above.
//!
//! | module | what is in it |
//! |---|---|
//! | [`pieces`] | a text as tokens, and where words and sentences end in it |
//! | [`spans`] | the stretches of a text that stand in the corpus, and OLMoTrace's choice of them |
//! | [`sources`] | the documents behind the chosen stretches, the most relevant first |

pub mod pieces;
pub mod sources;
pub mod spans;

pub use pieces::Pieces;
pub use sources::{SourceDocument, sources};
pub use spans::{Span, SpanOptions, spans};
