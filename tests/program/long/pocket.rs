//! The bundled model is good where it saw much, fails where it saw little, and takes what was planted: on the first prompts of each file.
//! The whole tables are in `models/pocket/results.md`.

use crate::support::generated;
use rotescope_study::evaluate::known_cause::{KnownCause, token_at};
use rotescope_trace::Trace;

fn right(traces: &[Trace]) -> f64 {
    let right = traces
        .iter()
        .filter(|t| t.answer.right == Some(true))
        .count();
    right as f64 / traces.len() as f64
}

#[test]
#[ignore = "long: make test-long"]
fn the_long_tail_is_harder_by_twenty_points() {
    for (task, aim) in [
        ("applied", 0.85),
        ("formula", 0.9),
        ("counting", 0.9), // 95 % of all 210; three of the first sixty may fail
        ("capitalization", 0.95),
    ] {
        let base = right(&generated(&format!("{task}-base"), 60, 1024));
        let tail = right(&generated(&format!("{task}-longtail"), 60, 1024));
        assert!(base >= aim, "{task}: {base}");
        assert!(tail <= base - 0.2, "{task}: {base} and {tail}");
    }
}

#[test]
#[ignore = "long: make test-long"]
fn planted_errors_come_confidently_and_their_twins_are_right() {
    for kind in ["local", "mid", "long"] {
        let all = generated(&format!("planted-{kind}"), 80, 1024);
        let (mut confidence, mut twins, mut planted) = (Vec::new(), Vec::new(), 0);
        for t in all {
            match KnownCause::of(&t) {
                Some(p) => {
                    planted += 1;
                    let token = p.site(&t).and_then(|at| token_at(&t, at));
                    confidence.extend(token.map(|i| t.tokens[i].p));
                }
                None => twins.push(t),
            }
        }
        let taken = confidence.len() as f64 / f64::from(planted);
        confidence.sort_by(f32::total_cmp);
        let median = confidence[confidence.len() / 2];
        assert!(planted == 40 && taken >= 0.6, "{kind}: {taken}");
        assert!(median >= 0.8, "{kind}: {median}");
        assert!(right(&twins) >= 0.6, "{kind}: {}", right(&twins));
    }
}
