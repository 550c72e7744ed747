//! An index behind a network: scores come behind their tokens.

use crate::support::*;
use rotescope::run::live::{Ready, Update};
use rotescope_trace::IndexRef;

#[test]
fn the_header_says_how_many_scores_are_to_come() {
    let mut ui = ui(vec![prompt("a", "How many?")]);
    ui.update(Update::Ready(Ready {
        remote: true,
        model: ModelRef::default(),
        index: Some(IndexRef::default()),
        note: None,
    }));
    let effects = ui.step(Action::RunPrompt);
    let job = effects.into_iter().find_map(|e| match e {
        Effect::Run(job) => Some(job.id),
        _ => None,
    });
    let job = job.expect("a job");
    let header = |ui: &mut Ui| rows(&screen(ui, 100, 30, Depth::None).0)[0].clone();
    let whole = [token("two", 0, 0.5, None), token(" pens", 3, 0.25, None)];
    for token in &whole {
        let without = Token {
            local: None,
            ..token.clone()
        };
        let effects = ui.update(Update::Token {
            job,
            token: Box::new(without),
        });
        // Documents of tokens that are passed by are not asked for.
        assert!(!effects.iter().any(|e| matches!(e, Effect::Documents(_))));
    }
    assert!(
        header(&mut ui).contains("2 tokens · 2 local scores to come"),
        "{}",
        header(&mut ui)
    );
    for (index, waiting, says) in [(1, 1, "1 local score to come"), (0, 0, "local live")] {
        ui.update(Update::Local {
            job,
            index,
            token: Box::new(whole[index].clone()),
            waiting,
        });
        assert!(header(&mut ui).contains(says), "{}", header(&mut ui));
    }
    let tokens = ui.app.session().unwrap().tokens();
    assert!(tokens.iter().all(|t| t.local.is_some()));
}
