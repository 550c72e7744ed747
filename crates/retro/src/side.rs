//! Whether a model is nearer to a copy of a text or to what one can know of it without.

/// Losses of one text in nats for each token.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Losses {
    /// Of the model in question.
    pub model: f64,
    /// Of a copy of the corpus, the text in it.
    pub copy: f64,
    /// Of what generalizes: it has not seen the text.
    pub general: f64,
}

impl Losses {
    /// No worse than what generalizes, and nearer to the copy than to it: the counterpart of the hypothesis of arXiv 2508.17689, by analogy only.
    pub fn memorizes(&self) -> bool {
        let away = |other: f64| (self.model - other).abs();
        self.model <= self.general && away(self.copy) < away(self.general)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_taken_by_the_nearer_loss() {
        let memorizes = |model| {
            Losses {
                model,
                copy: 1.0,
                general: 3.0,
            }
            .memorizes()
        };
        assert!(memorizes(1.9) && memorizes(0.2));
        assert!(!memorizes(2.0) && !memorizes(2.5) && !memorizes(3.5));
        // What generalizes is as good as the copy: there is nothing to tell by.
        let same = Losses {
            model: 1.0,
            copy: 1.0,
            general: 1.0,
        };
        assert!(!same.memorizes());
    }
}
