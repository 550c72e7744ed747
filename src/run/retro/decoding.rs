//! Completions whose distributions are mixed with retrieved ones.

use std::sync::Arc;

use rotescope_model::{Mixing, Mixture, Softmax};
use rotescope_retro::{Place, Retriever, Weights, blend};

/// A mixture of every model's distribution with a retrieved one.
pub struct Decoding {
    pub retriever: Arc<dyn Retriever>,
    pub weights: Weights,
}

impl Mixture for Decoding {
    fn follow(self: Arc<Self>, prompt: &[u32]) -> Box<dyn Mixing> {
        Box::new(Following {
            decoding: self,
            context: prompt.to_vec(),
            hidden: Vec::new(),
        })
    }

    fn reads_hidden(&self) -> bool {
        self.retriever.reads_hidden() && !self.weights.are_zero()
    }
}

/// One completion.
struct Following {
    decoding: Arc<Decoding>,
    /// All tokens so far, those of the prompt too.
    context: Vec<u32>,
    /// The model's hidden state behind these.
    hidden: Vec<f32>,
}

impl Mixing for Following {
    fn see(&mut self, hidden: &[f32]) {
        self.hidden.clear();
        self.hidden.extend(hidden);
    }

    fn mixed(&mut self, row: &Softmax<'_>) -> Result<Option<Vec<f32>>, String> {
        let Decoding { retriever, weights } = &*self.decoding;
        if weights.are_zero() {
            return Ok(None);
        }
        let place = Place {
            hidden: Some(&self.hidden[..]).filter(|h| !h.is_empty()),
            ..Place::behind(&self.context)
        };
        let found = retriever.retrieve(&[place]).map_err(|e| e.to_string())?;
        let Some(found) = found.first() else {
            return Ok(None);
        };
        let weight = weights.of(found);
        if weight == 0.0 {
            return Ok(None);
        }
        let all = blend(weight, row.size(), |id| row.log_probability(id), found);
        Ok(Some(all.into_iter().map(|x| x as f32).collect()))
    }

    fn take(&mut self, token: u32) {
        self.context.push(token);
    }
}
