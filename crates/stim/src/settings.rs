//! What is scored beyond the local source, and how.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use std::fmt;
use std::str::FromStr;

use super::budget::Budget;
use super::cooccurrence::Forms;
use super::mask::neutral_mask;
use rotescope_corpus::Cooccur;
use rotescope_model::Engine;
use rotescope_trace::{NonLocalOptions, Source, Trace};

/// How mid-range and long-range memorization are scored.
#[derive(Debug, Clone)]
pub struct NonLocalSettings {
    /// Which of those that are not local.
    pub sources: Vec<Source>,
    pub scope: Scope,
    pub saliency: Method,
    /// Random subsets for each context token (LERG_S only); `None` takes the authors' `max(500 / n, 5)`, `n` the number of tokens that can
    /// be masked.
    pub samples: Option<usize>,
    /// That many times as many samples as `samples` says. For experiments: traces do not record it.
    pub times: usize,
    /// Of the random subsets.
    pub seed: u64,
    /// What occurring together means.
    pub cooccur: Cooccur,
    /// What a candidate is counted as.
    pub forms: Forms,
    /// How many salient words.
    pub words: usize,
    /// Eliciting windows are at most this long, in tokens: it bounds the work on long completions. Where no window elicits a token that has more
    /// tokens before it, its context is the last that many of them, and up to 63 more (so that neighbours share their passes).
    pub longest_window: usize,
    /// How much may be spent on a completion; without one all of its tokens in scope are worked out.
    pub budget: Option<Budget>,
    /// Steps whose tokens come first, as indices into [`Trace::steps`]; the others follow in their order. The results do not depend on it.
    pub order: Option<Vec<usize>>,
    /// The token that someone looks at now, an index into the trace's tokens: whenever a step is done, the one that holds it comes next.
    /// The results do not depend on it.
    pub focus: Option<Arc<AtomicUsize>>,
    /// The token put in the place of a masked one; `None` takes [`neutral_mask`].
    pub mask: Option<u32>,
}

impl Default for NonLocalSettings {
    fn default() -> Self {
        NonLocalSettings {
            sources: Source::non_local().collect(),
            scope: Scope::Chain,
            saliency: Method::LeaveOneOut,
            samples: None,
            times: 1,
            seed: 0,
            cooccur: Cooccur::Document,
            forms: Forms::default(),
            words: 5,
            longest_window: 256,
            budget: None,
            order: None,
            focus: None,
            mask: None,
        }
    }
}

impl NonLocalSettings {
    /// The token put in the place of a masked one.
    pub fn mask(&self, engine: &Engine) -> u32 {
        self.mask.unwrap_or_else(|| neutral_mask(engine))
    }

    /// What traces say of it.
    pub fn options(&self, engine: &Engine) -> NonLocalOptions {
        let mask = engine.token_bytes(self.mask(engine));
        self.with_mask(String::from_utf8_lossy(&mask).into())
    }

    fn with_mask(&self, mask: String) -> NonLocalOptions {
        let sampled = self.saliency == Method::LergS;
        NonLocalOptions {
            sources: self.sources.clone(),
            scope: self.scope.to_string(),
            saliency: self.saliency.name().into(),
            samples: self.samples.filter(|_| sampled),
            seed: sampled.then_some(self.seed),
            cooccurrence: self.cooccur.to_string(),
            forms: (self.forms != Forms::Words).then(|| self.forms.to_string()),
            words: self.words,
            mask: Some(mask),
            budget: self.budget.map(|b| b.to_string()),
        }
    }

    pub(super) fn wants(&self, source: Source) -> bool {
        self.sources.contains(&source)
    }
}

/// About how many tokens the model reads for a completion of `output` tokens after a question of `question`, all tokens in scope, for saying what to
/// expect before it is known: by [`AttributionPart`](super::progress::AttributionPart). Rough: the shapes follow from what is read, but how long eliciting windows are, and how many
/// tokens share one, is taken from completions of one small model (docs/attribution.md) and differs from model to model.
///
/// - **windows**: a pass from every start to the end, or as far as windows go: `T^2 / 2` up to the longest window `W`, `W T - W^2 / 2` beyond.
/// - **question**: a pass for each token that can be masked (about half), from there to the end of the completion.
/// - **output**: tokens that no window elicits have all before them as context: a pass for each token that can be masked, from there on, `T^2 / 4` up to
///   `W`, then in proportion. Windows that elicit are some ten tokens long, and are shared by few.
pub fn expected_evaluated(
    settings: &NonLocalSettings,
    question: usize,
    output: usize,
) -> [usize; 4] {
    /// Tokens of an eliciting window, and for how many tokens of the output there is one more start of windows.
    const WINDOW: usize = 12;
    const PER_START: usize = 3;
    let longest = settings.longest_window.max(1);
    let near = output.min(longest);
    let masked = |n: usize| n.div_ceil(2);
    // How many tokens are read for a context of `n` tokens and what comes behind it.
    let read = |n: usize, behind: usize| match settings.saliency {
        // From the masked token on; what precedes it is shared.
        Method::LeaveOneOut | Method::Contrastive => masked(n) * (n / 2 + behind),
        // Spans of four words, and the words of most of them.
        Method::Staged => masked(n) * 5 / 4 * (n / 2 + behind),
        // Almost everything, since of a random subset some token comes early.
        Method::LergS => {
            let m = masked(n).max(1);
            let usual = settings.samples.unwrap_or((500 / m).max(5));
            2 * m * usual * settings.times.max(1) * (n * 3 / 4 + behind)
        }
    };
    let mut parts = [0; 4];
    if settings.forms == Forms::Completed {
        // Some 20 candidates of half of the tokens, of which some go on.
        parts[3] = question + output + output / 2 * 28;
    }
    if settings.wants(Source::Mid) {
        parts[0] = match settings.saliency {
            // The grid, and three steps of bisection for half of the tokens.
            Method::Staged => (near * near / 16).min(8 * output) + 3 * WINDOW * output / 2,
            _ => near * near / 2 + (output - near) * longest,
        };
        parts[2] = read(near, 0) * output / near.max(1) + output / PER_START * read(WINDOW, WINDOW);
    }
    if settings.wants(Source::Long) {
        parts[1] = read(question, output);
    }
    parts
}

/// Which tokens are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// All.
    #[default]
    Chain,
    /// Those of steps that are flagged (see [`rotescope_trace::Flag::is_raised`]) or that a verifier calls wrong.
    Flagged,
    /// Those of one step, counted from 1.
    Step(usize),
}

impl Scope {
    /// Whether a step of a trace (counted from 0) is in scope.
    pub fn holds(self, trace: &Trace, step: usize) -> bool {
        match self {
            Scope::Chain => true,
            Scope::Step(n) => step + 1 == n,
            Scope::Flagged => trace.steps.get(step).is_some_and(|s| {
                s.flag
                    .as_ref()
                    .is_some_and(rotescope_trace::Flag::is_raised)
                    || s.verdict.as_ref().is_some_and(|v| !v.right)
            }),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Scope::Chain => f.write_str("chain"),
            Scope::Flagged => f.write_str("flagged"),
            Scope::Step(n) => write!(f, "step:{n}"),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let step = s.strip_prefix("step:").and_then(|n| n.parse().ok());
        match (s, step) {
            ("chain", _) => Ok(Scope::Chain),
            ("flagged", _) => Ok(Scope::Flagged),
            (_, Some(n)) if n > 0 => Ok(Scope::Step(n)),
            _ => Err(format!(
                "{s:?} is none of `chain`, `flagged` and `step:N` (steps count from 1)"
            )),
        }
    }
}

/// How it is measured which tokens of a context matter for a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// `log P` of the token with the whole context, less `log P` with one context token masked.
    #[default]
    LeaveOneOut,
    /// The same, less the mean of it over the five best alternatives (contrastive erasure).
    Contrastive,
    /// Shapley values by sampling: the same, averaged over contexts in which random other tokens are masked too.
    LergS,
    /// Leave one out in two stages, spans first and then the words of the best; eliciting windows by bisection.
    Staged,
}

impl Method {
    pub const ALL: [Method; 4] = [
        Method::LeaveOneOut,
        Method::Contrastive,
        Method::LergS,
        Method::Staged,
    ];

    /// The one that is usual for a model of so many parameters: small ones read fast enough for the full search.
    pub fn usual(parameters: u64) -> Method {
        const SMALL: u64 = 50_000_000;
        match parameters > SMALL {
            true => Method::Staged,
            false => Method::LeaveOneOut,
        }
    }

    /// The name that traces and options use.
    pub fn name(self) -> &'static str {
        match self {
            Method::LeaveOneOut => "leave_one_out",
            Method::Contrastive => "contrastive",
            Method::LergS => "lerg_s",
            Method::Staged => "staged",
        }
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Method::ALL
            .into_iter()
            .find(|m| m.name() == s)
            .ok_or_else(|| {
                format!("{s:?} is none of `leave_one_out`, `contrastive`, `lerg_s` and `staged`")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for scope in [Scope::Chain, Scope::Flagged, Scope::Step(3)] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        for bad in ["", "step:0", "step:", "step:x", "all"] {
            assert!(bad.parse::<Scope>().is_err(), "{bad}");
        }
        for method in Method::ALL {
            assert_eq!(method.name().parse(), Ok(method));
        }
        assert!("lerg".parse::<Method>().is_err());
    }

    /// Tokens of question and output, and what was read on average for windows, question and output: problems, then lists (docs/attribution.md).
    const MEASURED: [(usize, usize, [usize; 3]); 5] = [
        (55, 60, [1_730, 3_107, 2_380]),
        (105, 60, [1_709, 7_846, 2_315]),
        (175, 120, [6_929, 22_248, 6_932]),
        (175, 240, [28_360, 34_411, 22_789]),
        (202, 400, [68_618, 59_737, 33_493]),
    ];

    #[test]
    fn what_is_expected_is_near_what_was_measured() {
        let settings = NonLocalSettings::default();
        for (question, output, measured) in MEASURED {
            let expected = expected_evaluated(&settings, question, output);
            for (e, m) in expected.into_iter().zip(measured) {
                let ratio = e as f64 / m as f64;
                assert!(
                    (0.7..1.4).contains(&ratio),
                    "{output} tokens: {expected:?}, measured {measured:?}"
                );
            }
        }
    }

    #[test]
    fn only_sampling_records_samples_and_seed() {
        let options = |s: &NonLocalSettings| s.with_mask("_".into());
        let mut settings = NonLocalSettings {
            samples: Some(9),
            ..Default::default()
        };
        assert_eq!(
            (options(&settings).samples, options(&settings).seed),
            (None, None)
        );
        settings.saliency = Method::LergS;
        assert_eq!(
            (options(&settings).samples, options(&settings).seed),
            (Some(9), Some(0))
        );
    }
}
