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

impl Bars {
    /// Whether the model knows a token, and whether the corpus does.
    pub fn known(self, log_model: f64, retrieved: f64) -> (bool, bool) {
        (log_model.exp() >= self.model, retrieved >= self.corpus)
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
        let known = |p: f64, r| bars.known(p.ln(), r);
        assert_eq!(known(0.5, 0.25), (true, true));
        assert_eq!(known(0.9, 0.2), (true, false));
        assert_eq!(known(0.4, 1.0), (false, true));
        assert_eq!(known(0.0, 0.0), (false, false));
        assert_eq!(gap(0.5f64.ln(), 0.5), Some(0.0));
        assert_eq!(gap(0.5f64.ln(), 0.0), None);
    }
}
