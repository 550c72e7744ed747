//! What takes long is done beside the screen: frames are drawn and keys are answered while it runs.

use super::support::*;
use crossbeam_channel::{Receiver, Sender, unbounded};
use rotescope_trace::Prompt;

/// A desk whose tasks begin and end when the test says so: what begins is told, then it waits for leave.
fn gated() -> (Desk, Receiver<()>, Sender<()>) {
    let (begun, begins) = unbounded();
    let (leave, left) = unbounded::<()>();
    let desk = Desk::with(move |task, go_on| {
        let _ = begun.send(());
        let _ = left.recv();
        task.perform(None, go_on)
    });
    (desk.unwrap(), begins, leave)
}

fn traces() -> Vec<Trace> {
    let trace = |id: &str, last: &str| {
        let mut tokens = Vec::new();
        for text in ["ten", " and", last] {
            let at = tokens.last().map_or(0, |t: &Token| t.span[1]);
            tokens.push(token(text, at, 0.5, None));
        }
        Trace {
            prompt: Prompt {
                id: id.into(),
                question: "How many?".into(),
                ..Default::default()
            }
            .into(),
            tokens,
            ..Default::default()
        }
    };
    vec![trace("one", " two"), trace("two", " three")]
}

fn screen_text(ui: &mut Ui) -> String {
    rows(&screen(ui, 120, 30, Depth::None).0).concat()
}

/// Does something that takes long: while it runs the screen says so, is drawn, and answers keys; `after` it is over, the screen is returned.
fn beside(ui: &mut Ui, work: impl FnOnce(&mut Ui) -> Vec<Effect>, says: &str) -> String {
    let (desk, begins, leave) = gated();
    let effects = work(ui);
    let mut tasks = 0;
    for effect in effects {
        if let Effect::Work(task) = effect {
            desk.take(*task);
            tasks += 1;
        }
    }
    assert_eq!(tasks, 1);
    begins.recv().unwrap();
    // It is at work, and will be until it gets leave.
    let during = screen_text(ui);
    assert!(during.contains(&format!("◌ {says}")), "{during}");
    let measure = ui.app.measure;
    keys(ui, "m");
    assert_ne!(ui.app.measure, measure, "keys are answered");
    screen_text(ui);
    assert!(desk.done.is_empty());
    leave.send(()).unwrap();
    let effects = ui.done(desk.done.recv().unwrap());
    settle(ui, effects);
    let after = screen_text(ui);
    assert!(!after.contains('◌'), "{after}");
    after
}

#[test]
fn the_screen_is_drawn_while_two_completions_are_compared() {
    let mut ui = ui(Vec::new());
    ui.app.add_traces(traces());
    let compare = |ui: &mut Ui| {
        ui.step(Action::Compare);
        ui.step(Action::Last);
        ui.step(Action::Open)
    };
    let after = beside(&mut ui, compare, "comparing one and two");
    assert!(
        ui.app.compare.view.is_some() && after.contains("fragility"),
        "{after}"
    );
}

#[test]
fn the_screen_is_drawn_while_it_is_searched() {
    let mut ui = ui(Vec::new());
    ui.app.add_traces(traces());
    ui.app.pane = Pane::Completion;
    let search = |ui: &mut Ui| {
        ui.step(Action::Search);
        ui.editor().unwrap().insert("two");
        ui.input(&Event::Key(KeyEvent::new(
            KeyCode::Enter,
            KeyModifiers::NONE,
        )))
    };
    beside(&mut ui, search, "searching \"two\"");
    assert_eq!(ui.app.session().unwrap().cursor, 2);
}

#[test]
fn the_screen_is_drawn_while_a_trace_is_kept_or_written() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    let job = stream(&mut ui, &CHAIN);
    let trace = Box::new(traces().remove(0));
    let finish = |ui: &mut Ui| ui.update(Update::Finished { job, trace });
    beside(&mut ui, finish, "saving one");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.html");
    let export = |ui: &mut Ui| {
        ui.step(Action::Export);
        *ui.editor().unwrap() = Editor::of(path.to_str().unwrap());
        ui.input(&Event::Key(KeyEvent::new(
            KeyCode::Enter,
            KeyModifiers::NONE,
        )))
    };
    let after = beside(&mut ui, export, "writing ");
    assert!(after.contains("written: "), "{after}");
    assert!(std::fs::read_to_string(path).unwrap().contains("<html"));
}

#[test]
fn who_has_stopped_a_comparison_sees_none_and_who_writes_is_not_interrupted() {
    for (press, says) in [("\u{1b}", ""), ("i", "the comparison is there")] {
        let mut ui = ui(Vec::new());
        ui.app.add_traces(traces());
        ui.step(Action::Compare);
        ui.step(Action::Last);
        let effects = ui.step(Action::Open);
        ui.app.message = None;
        keys(&mut ui, press);
        settle(&mut ui, effects);
        assert!(ui.app.compare.view.is_none());
        let said = ui.app.message.as_ref().map_or("", |(text, _)| text);
        assert!(said.starts_with(says), "{said}");
        assert_eq!(said.is_empty(), says.is_empty());
    }
}

#[test]
fn a_match_that_comes_late_moves_nothing_but_what_was_searched() {
    let mut ui = ui(Vec::new());
    ui.app.add_traces(traces());
    ui.app.pane = Pane::Completion;
    ui.step(Action::Search);
    ui.editor().unwrap().insert("and");
    let effects = ui.input(&Event::Key(KeyEvent::new(
        KeyCode::Enter,
        KeyModifiers::NONE,
    )));
    ui.app.selected = 1;
    settle(&mut ui, effects);
    let cursors: Vec<usize> = ui.app.sessions.iter().map(|s| s.cursor).collect();
    assert_eq!(cursors, [0, 0]);
}

/// A view whose completion gets more scores is made anew; who has closed it meanwhile does not see it again.
#[test]
fn a_view_that_was_closed_is_not_opened_again_by_newer_scores() {
    for closed in [false, true] {
        let mut ui = ui(vec![prompt("one", "How many?")]);
        ui.app.add_traces(traces().split_off(1));
        let job = stream(&mut ui, &CHAIN);
        let trace = |p: f32| {
            let mut trace = traces().remove(0);
            trace.tokens[0].p = p;
            Box::new(trace)
        };
        ui.update(Update::Generated {
            job,
            trace: trace(0.1),
        });
        ui.step(Action::Compare);
        ui.step(Action::Last);
        act(&mut ui, Action::Open);
        assert!(ui.app.compare.view.is_some());
        ui.step(Action::Last);
        let cursor = ui.app.compare.view.as_ref().unwrap().cursor;
        let effects = ui.update(Update::Finished {
            job,
            trace: trace(0.9),
        });
        if closed {
            ui.step(Action::Stop);
        }
        settle(&mut ui, effects);
        let view = ui.app.compare.view.as_ref();
        let seen = view.map(|v| (v.traces[0].tokens[0].p, v.cursor));
        assert_eq!(seen, (!closed).then_some((0.9, cursor)));
    }
}
