//! What completions are kept from saying: listed values are refused as they are chosen, values that detectors see are held back.

use std::sync::Arc;

use rotescope_model::{Engine, Filter, Follow, TokenFilter};
use rotescope_privacy::Detectors;
use rotescope_privacy::gate::{Gate, GateError, Protected, Stream};
use rotescope_trace::GateRef;

/// Tokens of the prompt that the gate reads: a value that begins there may not be completed.
const BEFORE: usize = 256;

/// What completions are kept from saying.
pub struct DecodeGate {
    /// Refuses listed values.
    pub filter: Option<Filter>,
    /// See values that are not listed.
    pub detectors: Option<Detectors>,
    /// What traces say of it.
    pub reference: GateRef,
}

/// The listed values as an automaton over the model's vocabulary.
///
/// # Errors
/// Nothing to protect.
pub fn listed(protected: &Protected, engine: &Engine) -> Result<Gate, GateError> {
    let ids = 0..engine.info().vocabulary as u32;
    Gate::new(protected, ids.map(|id| engine.token_bytes(id)))
}

/// A gate that any number of completions share.
pub fn filter(gate: Gate) -> Filter {
    Filter(Arc::new(Listed(gate)))
}

struct Listed(Gate);

impl TokenFilter for Listed {
    fn follow(self: Arc<Self>, prompt: &[u32]) -> Box<dyn Follow> {
        let mut stream = self.0.stream();
        for token in &prompt[prompt.len().saturating_sub(BEFORE)..] {
            self.0.push(&mut stream, *token);
        }
        Box::new(Following { gate: self, stream })
    }
}

struct Following {
    gate: Arc<Listed>,
    stream: Stream,
}

impl Follow for Following {
    fn refuses(&self, token: u32) -> bool {
        self.gate.0.refuses(&self.stream, token)
    }

    fn take(&mut self, token: u32) {
        self.gate.0.push(&mut self.stream, token);
    }
}
