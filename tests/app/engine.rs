//! Whole runs of the bundled model.

use super::support::*;

#[test]
fn the_bundled_model_streams_is_explained_and_branches() {
    let (mut ui, live) = bundled();
    // Asked for before the model is there: it waits and runs then.
    let effects = ui.step(Action::RunPrompt);
    follow(&mut ui, &live, effects, |a| {
        a.running.is_none() && a.session().is_some_and(|s| s.trace.is_some())
    });
    let session = ui.app.session().unwrap();
    assert!(session.tokens().iter().any(|t| t.local.is_some()));
    assert!(session.tokens().iter().any(|t| t.mid.is_some()));
    let first: Vec<u32> = session.tokens().iter().map(|t| t.id).collect();

    // Documents come for the token at the cursor, and hold what they are said to hold.
    let effects = ui.step(Action::First);
    follow(&mut ui, &live, effects, |a| !a.found.hits.is_empty());
    let effects = ui.step(Action::NextFlag);
    follow(&mut ui, &live, effects, |a| !a.looking_up());
    ui.app.message = None;
    let (buffer, _) = screen(&mut ui, 160, 44, Depth::TrueColor);
    assert!(rows(&buffer).concat().contains("documents with"));
    picture("tour", &buffer);

    ui.step(Action::Export);
    assert_eq!(ui.editor().unwrap().text(), "applied-base-000.html");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.svg");
    *ui.editor().unwrap() = Editor::of(path.to_str().unwrap());
    keys(&mut ui, "\n");
    assert!(std::fs::read_to_string(path).unwrap().contains("<svg"));

    // The same token taken again goes on as it went on before; another one is kept.
    for candidate in [0, 1] {
        ui.step(Action::First);
        for _ in 0..4 {
            ui.step(Action::NextToken);
        }
        ui.step(Action::Candidate);
        for _ in 0..candidate {
            ui.step(Action::RowDown);
        }
        let at = ui.app.session().unwrap().cursor;
        let order = ui
            .app
            .candidate_order(ui.app.session().unwrap().token().unwrap());
        let taken = ui.app.session().unwrap().token().unwrap().candidates.ids[order[candidate]];
        let effects = ui.step(Action::Open);
        follow(&mut ui, &live, effects, |a| {
            a.running.is_none() && a.session().is_some_and(|s| s.trace.is_some())
        });
        let ids: Vec<u32> = ui
            .app
            .session()
            .unwrap()
            .tokens()
            .iter()
            .map(|t| t.id)
            .collect();
        assert_eq!(ids[..at], first[..at]);
        assert_eq!(ids[at], taken);
        if taken == first[at] {
            assert_eq!(ids, first);
        }
        ui.step(Action::PreviousBranch);
    }

    // A text of one's own is read through the model, and gone on from.
    ui.app.show_branch(0);
    ui.step(Action::First);
    ui.step(Action::NextStep);
    let at = ui.app.session().unwrap().cursor;
    ui.step(Action::Candidate);
    ui.step(Action::Edit);
    *ui.editor().unwrap() = Editor::of(" So 3 + 4 = 9.");
    let effects = keys(&mut ui, "\n");
    let mut flags = 0;
    follow(&mut ui, &live, effects, |a| {
        let s = a.session().unwrap();
        // Steps that are over are judged while the rest is still to come.
        if s.trace.is_none() {
            let judged = s.steps.iter().filter(|s| s.verdict.is_some()).count();
            flags = flags.max(judged);
        }
        a.running.is_none() && s.trace.is_some()
    });
    let s = ui.app.session().unwrap();
    let typed: String = s.tokens()[at..].iter().map(|t| t.text.as_str()).collect();
    assert!(typed.starts_with(" So 3 + 4 = 9."), "{typed}");
    assert!(s.tokens()[at].candidates.ids.len() >= 20);
    assert!(s.tokens()[at..].iter().any(|t| t.local.is_some()));
    assert!(typed.len() > " So 3 + 4 = 9.".len());
    assert!(flags > 0, "no step was judged before the end");
    let verdict = s.steps[s.step_of(at)].verdict.as_ref();
    assert!(verdict.is_some_and(|v| !v.right), "{verdict:?}");
    ui.app.message = None;
    let (buffer, _) = screen(&mut ui, 160, 44, Depth::TrueColor);
    picture("tour-branches", &buffer);
}

#[test]
fn stopping_ends_at_once_even_what_has_not_begun() {
    let (mut ui, live) = bundled();
    follow(&mut ui, &live, Vec::new(), |a| a.ready.is_some());
    let mut effects = ui.step(Action::RunPrompt);
    effects.extend(ui.step(Action::Stop));
    assert!(matches!(effects.last(), Some(Effect::Cancel)));
    follow(&mut ui, &live, effects, |a| a.running.is_none());
    let s = ui.app.session().unwrap();
    assert!(!s.running);
    assert!(s.trace.as_ref().is_none_or(|t| t.finish == "cancelled"));
}
