//! Where the tokens of a completion come from: a model that generates, a saved trace, or whatever else implements [`TokenSource`].
//!
//! # How to add a token source
//!
//! 1. Make a type that implements [`TokenSource`], in a file of its own beside [`generation`](super::generation) (a model) and
//!    [`saved`](super::saved) (a trace), which are short examples.
//! 2. [`TokenSource::start`] gives a [`Trace`] with all that is known before the first token. The prompt and its token ids must be in it: the
//!    text right before the first token of the completion is the end of the prompt. Name the model that wrote the completion, and its
//!    tokenizer's fingerprint, or counts of one vocabulary are looked up in another.
//! 3. [`TokenSource::next`] gives one token after another; [`plain_token`] makes one of an id and its bytes. Probability, rank, entropy and
//!    candidates are filled where the source knows them. Where it does not, leave `rank` 0: then the longest match in the corpus is found, but
//!    scores, which compare candidates, stay undefined, and no step is flagged by probabilities that nobody knows. What another run scored
//!    does not belong in it; it is scored here.
//! 4. A source that already knows output, steps, reasoning and answer says so by [`TokenSource::is_read`]. For others they are read from the
//!    tokens: nothing is to be done.
//! 5. Give it to [`Attributor::complete`](super::attributor::Attributor::complete), and the trace that comes out to
//!    [`Attributor::deepen`](super::attributor::Attributor::deepen) for mid-range and long-range scores, verdicts and flags.
//!
//! `attributor.rs` has a test with a source of plain text, from tokens to a finished trace.

use super::error::RunError;
use rotescope_text::scored;
use rotescope_trace::{Timing, Token, Trace};
use rotescope_vocab::hash::hex;

/// What gives the tokens of one completion, with or without their probabilities and candidates.
pub trait TokenSource {
    /// All that is known before the first token comes. Tokens that the trace already has stay as they are, but for local scores that they
    /// lack; those that come follow them.
    fn start(&mut self) -> Trace;

    /// Whether the trace of [`TokenSource::start`] already has output, steps, reasoning and answer, which then stay. Otherwise they are read
    /// from the tokens.
    fn is_read(&self) -> bool {
        false
    }

    /// Whether it was stopped: then what is still asked of a corpus is not waited for.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// What comes next. Nothing is asked after [`Next::End`].
    ///
    /// # Errors
    /// When the source fails; to be stopped is no error, but an end.
    fn next(&mut self) -> Result<Next, RunError>;
}

/// What comes next of a completion.
#[derive(Debug, Clone)]
pub enum Next {
    /// Tokens of the prompt read, of all, where that takes time.
    Prompt {
        done: usize,
        total: usize,
    },
    /// Its place in the output (`span`) is filled by the taker.
    Token(Box<Token>),
    End(End),
}

/// How a completion ended.
#[derive(Debug, Clone, Default)]
pub struct End {
    /// As in [`Trace::finish`].
    pub finish: String,
    /// Bytes of the output, where it ends before its last token does (at a stop string).
    pub length: Option<usize>,
    /// All but the time of attribution.
    pub timing: Timing,
}

/// A token without probabilities and candidates, not yet scored.
pub fn plain_token(id: u32, bytes: Vec<u8>) -> Token {
    let (text, raw) = match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(e) => (
            String::from_utf8_lossy(e.as_bytes()).into_owned(),
            Some(hex(e.as_bytes())),
        ),
    };
    Token {
        id,
        skipped: scored(&text).err().map(|s| s.name().to_string()),
        text,
        bytes: raw,
        ..Token::default()
    }
}
