//! Whole runs of the bundled model.

use super::support::*;

#[test]
fn the_bundled_model_streams_is_explained_and_branches() {
    let (mut app, live) = bundled();
    // Asked for before the model is there: it waits and runs then.
    let effects = app.step(Action::RunPrompt);
    follow(&mut app, &live, effects, |a| {
        a.running.is_none() && a.session().is_some_and(|s| s.trace.is_some())
    });
    let session = app.session().unwrap();
    assert!(session.tokens.iter().any(|t| t.local.is_some()));
    assert!(session.tokens.iter().any(|t| t.mid.is_some()));
    let first: Vec<u32> = session.tokens.iter().map(|t| t.id).collect();

    // Documents come for the token at the cursor, and hold what they are said to hold.
    let effects = app.step(Action::First);
    follow(&mut app, &live, effects, |a| !a.found.hits.is_empty());
    let effects = app.step(Action::NextFlag);
    follow(&mut app, &live, effects, |a| !a.looking_up());
    app.message = None;
    let (buffer, _) = screen(&mut app, 160, 44, Depth::TrueColor);
    assert!(rows(&buffer).concat().contains("documents with"));
    picture("tour", &buffer);

    app.step(Action::Export);
    assert!(matches!(app.mode, Mode::Export(_)));
    let effects = app.sent();
    assert!(
        matches!(&effects[..], [Effect::Export(t, to)] if t.prompt.id == "applied-base-000" && to.ends_with("applied-base-000.html")),
        "{effects:?}"
    );

    // The same token taken again goes on as it went on before; another one is kept.
    for candidate in [0, 1] {
        app.step(Action::First);
        for _ in 0..4 {
            app.step(Action::NextToken);
        }
        app.step(Action::Candidate);
        for _ in 0..candidate {
            app.step(Action::RowDown);
        }
        let at = app.session().unwrap().cursor;
        let order = app.candidate_order(app.session().unwrap().token().unwrap());
        let taken = app.session().unwrap().token().unwrap().candidates.ids[order[candidate]];
        let effects = app.step(Action::Open);
        follow(&mut app, &live, effects, |a| {
            a.running.is_none() && a.session().is_some_and(|s| s.trace.is_some())
        });
        let ids: Vec<u32> = app.session().unwrap().tokens.iter().map(|t| t.id).collect();
        assert_eq!(ids[..at], first[..at]);
        assert_eq!(ids[at], taken);
        if taken == first[at] {
            assert_eq!(ids, first);
        }
        app.step(Action::PreviousBranch);
    }

    // A text of one's own is read through the model, and gone on from.
    app.show_branch(0);
    app.step(Action::First);
    app.step(Action::NextStep);
    let at = app.session().unwrap().cursor;
    app.step(Action::Candidate);
    app.step(Action::Edit);
    let Mode::Instead(editor) = &mut app.mode else {
        panic!("{:?}", app.mode);
    };
    *editor = Editor::of(" So 3 + 4 = 9.");
    let effects = app.sent();
    let mut flags = 0;
    follow(&mut app, &live, effects, |a| {
        let s = a.session().unwrap();
        // Steps that are over are judged while the rest is still to come.
        if s.trace.is_none() {
            let judged = s.steps.iter().filter(|s| s.verdict.is_some()).count();
            flags = flags.max(judged);
        }
        a.running.is_none() && s.trace.is_some()
    });
    let s = app.session().unwrap();
    let typed: String = s.tokens[at..].iter().map(|t| t.text.as_str()).collect();
    assert!(typed.starts_with(" So 3 + 4 = 9."), "{typed}");
    assert!(s.tokens[at].candidates.ids.len() >= 20);
    assert!(s.tokens[at..].iter().any(|t| t.local.is_some()));
    assert!(typed.len() > " So 3 + 4 = 9.".len());
    assert!(flags > 0, "no step was judged before the end");
    let verdict = s.steps[s.step_of(at)].verdict.as_ref();
    assert!(verdict.is_some_and(|v| !v.right), "{verdict:?}");
    app.message = None;
    let (buffer, _) = screen(&mut app, 160, 44, Depth::TrueColor);
    picture("tour-branches", &buffer);
}

#[test]
fn stopping_ends_at_once_even_what_has_not_begun() {
    let (mut app, live) = bundled();
    follow(&mut app, &live, Vec::new(), |a| a.ready.is_some());
    let mut effects = app.step(Action::RunPrompt);
    effects.extend(app.step(Action::Stop));
    assert!(matches!(effects.last(), Some(Effect::Cancel)));
    follow(&mut app, &live, effects, |a| a.running.is_none());
    let s = app.session().unwrap();
    assert!(!s.running);
    assert!(s.trace.as_ref().is_none_or(|t| t.finish == "cancelled"));
}
