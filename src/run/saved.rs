//! A saved trace as a source of tokens: its completion is scored again, without a model that generates.

use super::error::RunError;
use super::source::{End, Next, TokenSource};
use rotescope_stim::completion::clear;
use rotescope_trace::{Token, Trace};

/// The tokens of a trace; what it says of output, steps, reasoning and answer stays.
pub struct SavedTrace {
    trace: Trace,
    tokens: std::vec::IntoIter<Token>,
    end: End,
}

impl SavedTrace {
    pub fn new(mut trace: Trace) -> SavedTrace {
        clear(&mut trace);
        SavedTrace::going_on(trace)
    }

    /// With all that was found beyond the local source, to go on with what was not.
    pub fn going_on(mut trace: Trace) -> SavedTrace {
        SavedTrace {
            tokens: std::mem::take(&mut trace.tokens).into_iter(),
            end: End {
                finish: trace.finish.clone(),
                length: None,
                timing: trace.timing.clone(),
            },
            trace,
        }
    }
}

impl TokenSource for SavedTrace {
    fn start(&mut self) -> Trace {
        std::mem::take(&mut self.trace)
    }

    fn is_read(&self) -> bool {
        true
    }

    fn next(&mut self) -> Result<Next, RunError> {
        Ok(match self.tokens.next() {
            Some(token) => Next::Token(Box::new(token)),
            None => Next::End(std::mem::take(&mut self.end)),
        })
    }
}
