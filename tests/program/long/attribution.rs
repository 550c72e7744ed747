//! How good scores are: under other batches and masks, and on planted errors.

use rotescope_stim::NonLocalSettings;
use rotescope_study::evaluate::known_cause::{KnownCause, token_at};
use rotescope_trace::{Source, Trace};

use crate::stim::{attribute, chain, load, parts, prompts_of, score, scored};

#[test]
#[ignore = "long: make test-long"]
fn other_batches_change_few_scores() {
    let settings = NonLocalSettings::default();
    let (mut a, mut b) = (chain(), chain());
    attribute(&mut a, &parts().scorer.engine, &settings);
    attribute(&mut b, &load(1, 3, 128), &settings);
    let (mut same, mut all) = (0, 0);
    for (a, b) in a.tokens.iter().zip(&b.tokens) {
        for s in [Source::Mid, Source::Long] {
            all += usize::from(a.skipped.is_none());
            same += usize::from(a.skipped.is_none() && a.score(s) == b.score(s));
        }
    }
    eprintln!("scores that other batches leave as they are: {same} of {all}");
    assert!(same as f64 >= 0.8 * all as f64, "{same} of {all}");
}

#[test]
#[ignore = "long: make test-long"]
fn words_rank_alike_under_another_mask() {
    let engine = &parts().scorer.engine;
    let with = |mask: Option<u32>| {
        let mut trace = chain();
        attribute(
            &mut trace,
            engine,
            &NonLocalSettings {
                mask,
                ..Default::default()
            },
        );
        trace
    };
    let plain = with(None);
    let other = with(engine.tokenize(" ", false, false).last().copied());
    let (mut same, mut all) = (0, 0);
    for t in scored(&plain) {
        for source in [Source::Mid, Source::Long] {
            let words = |trace: &Trace| -> Vec<String> {
                let token = &trace.tokens[t];
                let d = if source == Source::Mid {
                    &token.mid
                } else {
                    &token.long
                };
                d.as_ref()
                    .unwrap()
                    .words
                    .iter()
                    .map(|w| w.text.clone())
                    .collect()
            };
            let (a, b) = (words(&plain), words(&other));
            same += a.iter().filter(|w| b.contains(w)).count();
            all += a.len();
        }
    }
    let share = same as f64 / all as f64;
    eprintln!("salient words that another mask finds too: {same} of {all} = {share:.3}");
    assert!(share > 0.5, "{share}");
}

#[test]
#[ignore = "long: make test-long"]
fn planted_errors_are_given_their_source() {
    let engine = &parts().scorer.engine;
    for kind in Source::ALL {
        let all = prompts_of(&format!("planted-{kind}.jsonl"));
        let (mut named, mut sites) = (0, 0);
        for prompt in all.iter().filter(|p| p.pair.is_none()) {
            let mut trace = score(prompt);
            let Some(site) = KnownCause::of(&trace).and_then(|p| p.site(&trace)) else {
                continue;
            };
            let at = token_at(&trace, site).unwrap();
            attribute(&mut trace, engine, &NonLocalSettings::default());
            sites += 1;
            named += usize::from(trace.tokens[at].cause.is_some_and(|c| c.source == kind));
            if sites == 6 {
                break;
            }
        }
        eprintln!("{kind}: {named} of {sites}");
        assert!(sites == 6 && named >= 4, "{kind}: {named} of {sites}");
    }
}
