//! Audits of memorization: what can be said of a text, its tokens and a corpus. The model stands above: its numbers come as arguments.
//!
//! | module | what is in it |
//! |---|---|
//! | [`pieces`] | a text as tokens, and where words and sentences end in it |
//! | [`spans`] | the stretches of a text that stand in the corpus, and OLMoTrace's choice of them |
//! | [`sources`] | the documents behind the chosen stretches, the most relevant first |
//! | [`extraction`] | windows of a text: greedy share, p_z, (n, p)-extractable |
//! | [`guard`] | whether a continuation is likely after any prefix |
//! | [`membership`] | loss, zlib, Min-K%, Min-K%++ |
//! | [`near`], [`clusters`], [`minhash`] | near-duplicates in the corpus, and among many texts |
//! | [`redundancy`], [`random`] | how redundant a text is, changes of its prefix, and what they are drawn by |
//! | [`regions`] | foreground and background of an answer, and which of them a source has |
//! | [`students`] | overlap of texts, what a student keeps of its teacher's memory |
//! | [`template`], [`taxonomy`] | text that is predictable by itself; recite, reconstruct, recollect |

pub mod clusters;
pub mod extraction;
pub mod guard;
pub mod membership;
pub mod minhash;
pub mod near;
pub mod pieces;
pub mod random;
pub mod redundancy;
pub mod regions;
pub mod sources;
pub mod spans;
pub mod students;
pub mod taxonomy;
pub mod template;

pub use clusters::Clusters;
pub use extraction::{Extraction, Split, TokenScore};
pub use guard::Guard;
pub use membership::Membership;
pub use minhash::MinHash;
pub use near::{Near, NearOptions, near_duplicates};
pub use pieces::Pieces;
pub use random::Random;
pub use sources::{FoundDocument, SourceDocument, ranked, sources};
pub use spans::{Span, SpanOptions, spans};
pub use taxonomy::Label;
pub use template::Template;
