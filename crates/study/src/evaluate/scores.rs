//! The scores of a token by which wrong ones are looked for.

use rotescope_judge::features::closeness;
use rotescope_judge::token_scores::{corpus_surprise, gap, z_score};
use rotescope_trace::{PerSource, Source, Token};

/// Rankings that only restate how unsure the model is.
pub const UNCERTAINTY: [&str; 4] = ["1 - p", "entropy", "margin", "z (Min-K%++)"];

/// What the corpus alone says of a token: how unlikely it holds it, and the decoupling gap.
pub const RETRIEVED: [&str; 2] = ["-log p_ret", "gap"];

/// The scores of one token by name. Higher ranks first.
pub fn scores(t: &Token) -> Vec<(String, f64)> {
    let mut out: Vec<(String, f64)> = Vec::new();
    let mut put = |name: &str, value: Option<f64>| {
        if let Some(v) = value.filter(|v| v.is_finite()) {
            out.push((name.into(), v));
        }
    };
    for s in Source::ALL {
        put(s.name(), t.score(s));
    }
    put("STIM_max", t.stim_max().map(|m| m.1));
    put("cause", t.cause.map(|c| c.strength));
    for (name, values) in &t.measures {
        for s in Source::ALL {
            put(&format!("{name} {s}"), values.get(s));
        }
        put(&format!("{name} max"), PerSource::max(values).map(|m| m.1));
    }
    put(RETRIEVED[0], corpus_surprise(t));
    put(RETRIEVED[1], gap(t));
    put("1 - p", t.probability().map(|p| 1.0 - p));
    put("entropy", t.entropy());
    put("margin", closeness(&t.candidates));
    put("z (Min-K%++)", z_score(t));
    out
}
