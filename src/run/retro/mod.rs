//! A model together with what a corpus alone predicts.
//!
//! | file | what is in it |
//! |---|---|
//! | [`measure`] | windows of a text, each token by the model and by the corpus |
//! | [`tally`] | what many windows say: perplexities by weight, fitted weights, who knows what |
//! | [`decoding`] | completions whose distributions are mixed with retrieved ones |
//! | [`tokens`] | tokens of a trace, by what the corpus alone would have said |
//! | [`states`], [`store`] | hidden states of a corpus, and the file that holds them |
//! | [`credit`] | an answer by the documents of the index that carry it |
//! | [`answers`] | what mixtures of several weights answered |
//! | [`sides`] | windows by what memorizes and what generalizes: `lab model` |

pub mod answers;
pub mod credit;
pub mod decoding;
pub mod measure;
pub mod sides;
pub mod states;
pub mod store;
pub mod tally;
pub mod tokens;
