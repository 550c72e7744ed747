//! Who knows a token: the weights of the model, the corpus, both, or neither.

/// The decoupling gap in nats, `log p_model - log p_ret`. `None` where the corpus does not have the token at all, and the gap has no bound.
pub fn gap(log_model: f64, retrieved: f64) -> Option<f64> {
    (retrieved > 0.0).then(|| log_model - retrieved.ln())
}

/// From which probability on a token counts as known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bars {
    pub model: f64,
    pub corpus: f64,
}

impl Default for Bars {
    /// A half: more likely than all others together.
    fn default() -> Self {
        Bars {
            model: 0.5,
            corpus: 0.5,
        }
    }
}

/// Who knows a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    Both,
    /// The model knows what the corpus does not have behind this context.
    Weights,
    /// The model does not know what stands in the corpus: retrieval would mend it.
    Corpus,
    Neither,
}

impl Known {
    pub const ALL: [Known; 4] = [Known::Both, Known::Weights, Known::Corpus, Known::Neither];

    pub fn new(log_model: f64, retrieved: f64, bars: Bars) -> Known {
        match (log_model.exp() >= bars.model, retrieved >= bars.corpus) {
            (true, true) => Known::Both,
            (true, false) => Known::Weights,
            (false, true) => Known::Corpus,
            (false, false) => Known::Neither,
        }
    }

    /// As records have it.
    pub fn name(self) -> &'static str {
        match self {
            Known::Both => "both",
            Known::Weights => "weights",
            Known::Corpus => "corpus",
            Known::Neither => "neither",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_the_bars() {
        let bars = Bars {
            model: 0.5,
            corpus: 0.25,
        };
        let known = |p: f64, r| Known::new(p.ln(), r, bars).name();
        assert_eq!(known(0.5, 0.25), "both");
        assert_eq!(known(0.9, 0.2), "weights");
        assert_eq!(known(0.4, 1.0), "corpus");
        assert_eq!(known(0.0, 0.0), "neither");
        assert_eq!(gap(0.5f64.ln(), 0.5), Some(0.0));
        assert_eq!(gap(0.5f64.ln(), 0.0), None);
    }
}
