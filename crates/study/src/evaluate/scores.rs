//! The scores of a token by which wrong ones are looked for.

use rotescope_judge::features::closeness;
use rotescope_trace::{PerSource, Source, Token};

/// Rankings that only restate how unsure the model is.
pub const UNCERTAINTY: [&str; 4] = ["1 - p", "entropy", "margin", "z (Min-K%++)"];

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
    put("1 - p", t.probability().map(|p| 1.0 - p));
    put("entropy", t.entropy());
    put("margin", closeness(&t.candidates));
    put("z (Min-K%++)", z_score(t));
    out
}

/// Min-K%++ (Zhang et al., 2024): how far the token's log-probability lies above its mean under the model's own distribution, in
/// standard deviations of it. The variance is exact over the candidates; the tokens beyond them are taken at their mean
/// log-probability, which the entropy gives.
pub fn z_score(t: &Token) -> Option<f64> {
    let entropy = t.entropy()? * std::f64::consts::LN_2;
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for p in t
        .candidates
        .p
        .iter()
        .map(|&p| f64::from(p))
        .filter(|p| *p > 0.0)
    {
        mass += p;
        first -= p * p.ln();
        second += p * p.ln() * p.ln();
    }
    let rest = 1.0 - mass;
    if rest > 1e-6 {
        let mean = (entropy - first).max(0.0) / rest;
        second += rest * mean * mean;
    }
    let variance = second - entropy * entropy;
    let lnp = f64::from(t.p.max(1e-30)).ln();
    (variance > 1e-12).then(|| (lnp + entropy) / variance.sqrt())
}
