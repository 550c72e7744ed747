//! What is known of a rote token that may tell whether it is right.

use std::collections::BTreeSet;

use rotescope_judge::features::{counts, distance};
use rotescope_trace::{PerSource, SalientWord, Source, Token};

/// Something that may tell wrong from right; higher: likelier wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Signal {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) value: Option<f64>,
}

/// All signals of a token, the same ones in the same order for every token.
pub(super) fn signals(t: &Token, asked: &BTreeSet<String>, computed_wrong: bool) -> Vec<Signal> {
    let mut out = Vec::new();
    let mut put = |kind, name: &str, value: Option<f64>| {
        let value = value.filter(|v| v.is_finite());
        let name = name.to_string();
        out.push(Signal { kind, name, value });
    };
    let gains = t.measures.get("gain").copied().unwrap_or_default();
    for s in Source::ALL {
        put("memorization", s.name(), t.score(s));
    }
    put("memorization", "STIM_max", t.stim_max().map(|m| m.1));
    for s in Source::ALL {
        put("memorization", &format!("gain {s}"), gains.get(s));
    }
    put("memorization", "gain max", gains.max().map(|m| m.1));
    // In logarithms, or all that is surer than .999 would look alike to a regression.
    put(
        "uncertainty",
        "1 - p",
        t.probability().map(|p| (1.0 - p).max(1e-6).ln()),
    );
    put(
        "uncertainty",
        "entropy",
        t.entropy().map(|e| e.max(1e-6).ln()),
    );
    let (apart, another) = conflict(t);
    put("conflict", "counts of sources apart", apart);
    put("conflict", "another candidate preferred", another);
    put("conflict", "backed by one source alone", alone(&gains));
    let output = t.mid.as_ref().map(|d| d.words.as_slice());
    let question = t.long.as_ref().map(|d| d.words.as_slice());
    put(
        "support",
        "salience not in the question",
        output.and_then(|w| unsupported(w, asked)),
    );
    let new = !asked.contains(&t.text.trim().to_lowercase());
    put(
        "support",
        "token not in the question",
        Some(f64::from(u8::from(new))),
    );
    put(
        "support",
        "hangs on a word of the question",
        question.and_then(strongest),
    );
    put(
        "support",
        "hangs on a word of the output",
        output.and_then(strongest),
    );
    let called = f64::from(u8::from(computed_wrong));
    put("verifier", "arithmetic says wrong", Some(called));
    out
}

/// How far the candidates' counts by different sources lie apart: the mean total variation distance of pairs. And by what share of its counts a source
/// prefers another candidate: the largest over the sources.
fn conflict(t: &Token) -> (Option<f64>, Option<f64>) {
    let by = Source::ALL.map(|s| counts(&t.candidates, s));
    let pairs = [(0, 1), (0, 2), (1, 2)];
    let apart: Vec<f64> = pairs
        .iter()
        .filter_map(|&(a, b)| distance(&by[a], &by[b]))
        .collect();
    let mean = (!apart.is_empty()).then(|| apart.iter().sum::<f64>() / apart.len() as f64);
    let own = t.candidates.ids.iter().position(|&id| id == t.id);
    let prefers = |n: &Vec<f64>| {
        let total: f64 = n.iter().sum();
        let most = n.iter().copied().fold(0.0, f64::max);
        (total > 0.0).then_some((most - n.get(own?)?) / total)
    };
    (mean, by.iter().filter_map(prefers).reduce(f64::max))
}

/// The largest gain less the second largest.
fn alone(gains: &PerSource) -> Option<f64> {
    let mut known: Vec<f64> = Source::ALL.iter().filter_map(|&s| gains.get(s)).collect();
    known.sort_by(|a, b| b.total_cmp(a));
    Some(known.first()? - known.get(1)?)
}

/// The share of the output's salience (only what raises the token's probability) that lies on words which the question does not hold.
fn unsupported(salient: &[SalientWord], asked: &BTreeSet<String>) -> Option<f64> {
    let sum = |keep: &dyn Fn(&SalientWord) -> bool| -> f64 {
        salient
            .iter()
            .filter(|w| keep(w))
            .map(|w| w.saliency.max(0.0))
            .sum()
    };
    let all = sum(&|_| true);
    (all > 0.0).then(|| sum(&|w| !asked.contains(&w.text.to_lowercase())) / all)
}

/// How many nats the most salient word is worth, in logarithms.
fn strongest(salient: &[SalientWord]) -> Option<f64> {
    salient.first().map(|w| w.saliency.max(1e-6).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflict_by_hand() {
        let mut t: Token = serde_json::from_value(serde_json::json!({
            "id": 7, "text": "4", "span": [0, 1], "p": 0.9, "rank": 1, "entropy": 0.5,
            "candidates": {
                "ids": [7, 8], "text": ["4", "5"], "p": [0.9, 0.1],
                "local": [30, 10], "mid": [1.0, 3.0], "long": [0.0, 0.0],
            },
        }))
        .unwrap();
        // Shares .75 : .25 and .25 : .75; long has no counts.
        assert_eq!(conflict(&t), (Some(0.5), Some(0.5)));
        t.candidates.mid.clear();
        assert_eq!(conflict(&t), (None, Some(0.0)));
    }

    #[test]
    fn support_by_hand() {
        let word = |text: &str, saliency: f64| SalientWord {
            text: text.into(),
            span: [0, 1],
            saliency,
            error: None,
        };
        let salient = [word("nin", 3.0), word("Pens", 1.0), word("x", -9.0)];
        let asked = ["pens".to_string()].into();
        assert_eq!(unsupported(&salient, &asked), Some(0.75));
        assert_eq!(unsupported(&salient[2..], &asked), None);
        assert_eq!(strongest(&salient), Some(3.0_f64.ln()));
        let gains = PerSource::of(|s| match s {
            Source::Local => Some(0.5),
            Source::Long => Some(0.75),
            Source::Mid => None,
        });
        assert_eq!(alone(&gains), Some(0.25));
        assert_eq!(alone(&PerSource::default()), None);
    }
}
