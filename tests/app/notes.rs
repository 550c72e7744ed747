//! Bookmarks and notes: on the screen at once, in a file beside the traces, and the way back to them.

use std::io::Write;
use std::path::Path;

use super::support::*;
use rotescope::run::notes::{self, Note};
use rotescope::tui::app::Notes;
use rotescope::tui::catalog::{self, Listing};
use rotescope_trace::SCHEMA;

/// A file of traces, each with an id and what it says.
fn traces(path: &Path, all: &[(&str, &str)]) {
    let mut file = std::fs::File::create(path).unwrap();
    for (id, says) in all {
        let trace = Trace {
            schema: SCHEMA.into(),
            prompt: prompt(id, &format!("What is {id}?")).into(),
            output: format!("{says} ends"),
            tokens: vec![
                token(says, 0, 0.5, None),
                token(" ends", says.len(), 0.1, None),
            ],
            steps: vec![Step {
                span: [0, says.len() + 5],
                tokens: [0, 2],
                flag: None,
                verdict: None,
                region: None,
            }],
            finish: "end".into(),
            ..Default::default()
        };
        writeln!(file, "{}", serde_json::to_string(&trace).unwrap()).unwrap();
    }
}

fn opened(path: &Path) -> Ui {
    let mut ui = ui(Vec::new());
    let (notes, wrong) = Notes::open(&[(path.into(), path.into())], None);
    assert_eq!(wrong, None);
    ui.app.notes = notes;
    for said in catalog::open(&[path.into()]).unwrap() {
        if let Listing::Lines(lines) = said {
            let effects = ui.listed(lines);
            settle(&mut ui, effects);
        }
    }
    ui.app.pane = Pane::Completion;
    ui
}

fn kept(path: &Path) -> Vec<Note> {
    let file = notes::read(path).unwrap();
    assert!(file.others.is_empty());
    file.notes.into_values().collect()
}

fn seen(ui: &mut Ui) -> String {
    rows(&screen(ui, 120, 30, Depth::None).0).join("\n")
}

#[test]
fn a_note_is_seen_kept_and_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let beside = folder.path().join("run.notes.jsonl");
    traces(&path, &[("a", "one"), ("b", "two")]);
    let mut ui = opened(&path);
    assert!(!seen(&mut ui).contains('✎'));
    keys(&mut ui, "laby rote?\n");
    let all = seen(&mut ui);
    assert!(all.contains("✎ by rote?"), "{all}");
    // In the list and in the margin.
    assert!(
        all.lines().any(|l| l.contains("a ") && l.contains('✎')),
        "{all}"
    );
    assert!(all.contains("  1✎   one ends"), "{all}");
    let notes = kept(&beside);
    assert_eq!(notes.len(), 1);
    let note = &notes[0];
    assert_eq!(
        (note.completion.id.as_str(), note.token, note.step),
        ("a", 1, Some(0))
    );
    assert_eq!((note.text.as_str(), note.span), (" ends", [3, 8]));
    assert_eq!(note.note.as_deref(), Some("by rote?"));

    // A bookmark on another token, and one taken away again.
    keys(&mut ui, "hB");
    assert_eq!(kept(&beside).len(), 2);
    keys(&mut ui, "B");
    assert_eq!(kept(&beside), notes);
    // A note is not lost to the key of bookmarks.
    keys(&mut ui, "lB");
    assert!(
        ui.app
            .message
            .as_ref()
            .unwrap()
            .0
            .contains("there is a note")
    );
    assert_eq!(kept(&beside), notes);

    // Opened anew it is there; changed, and taken away by an empty line.
    let mut ui = opened(&path);
    keys(&mut ui, "la, surely\n");
    assert_eq!(kept(&beside)[0].note.as_deref(), Some("by rote?, surely"));
    let erase = "\u{8}".repeat("by rote?, surely".len());
    keys(&mut ui, &format!("a{erase}\n"));
    assert!(!beside.exists());
    assert!(!seen(&mut ui).contains('✎'));
}

#[test]
fn the_list_of_notes_leads_to_the_completion_that_each_is_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    // Three completions of one prompt, and another prompt.
    let all = [("a", "one"), ("a", "two"), ("a", "three"), ("b", "four")];
    traces(&path, &all);
    let mut first = opened(&path);
    first.app.pane = Pane::Prompts;
    act(&mut first, Action::RowDown);
    act(&mut first, Action::RowDown);
    first.app.pane = Pane::Completion;
    keys(&mut first, "laon three\n");
    first.app.pane = Pane::Prompts;
    act(&mut first, Action::Last);
    first.app.pane = Pane::Completion;
    keys(&mut first, "B");

    // None but the first is read yet.
    let mut ui = opened(&path);
    keys(&mut ui, "'");
    assert!(ui.view::<Finder>().is_some());
    let all = seen(&mut ui);
    assert!(all.contains("2 of 2") && all.contains("on three"), "{all}");
    keys(&mut ui, "three\n");
    let session = ui.app.session().unwrap();
    let output = String::from_utf8(session.output_bytes()).unwrap();
    assert_eq!((output.as_str(), session.cursor), ("three ends", 1));
    assert_eq!(ui.app.selected, 2);
    keys(&mut ui, "'four\n");
    assert_eq!(ui.app.entry().unwrap().prompt.id, "b");
    assert_eq!(ui.app.session().unwrap().cursor, 0);
    // What is noted is listed by it.
    keys(&mut ui, "&noted !id:b\n");
    assert_eq!(ui.app.listed, [0, 1, 2]);
}

#[test]
fn a_note_on_a_completion_that_is_gone_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    traces(&path, &[("a", "one")]);
    let mut ui = opened(&path);
    keys(&mut ui, "B");
    traces(&path, &[("a", "other"), ("a", "third")]);
    let mut ui = opened(&path);
    keys(&mut ui, "'\n");
    let said = &ui.app.message.as_ref().unwrap().0;
    assert_eq!(said, "no completion of a is listed that this note is on");
}

#[test]
fn what_cannot_be_kept_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    traces(&path, &[("a", "one")]);
    let beside = folder.path().join("run.notes.jsonl");
    std::fs::create_dir(&beside).unwrap();
    let mut ui = ui(Vec::new());
    let (notes, wrong) = Notes::open(&[(path.clone(), path.clone())], None);
    let wrong = wrong.unwrap();
    assert!(wrong.contains("run.notes.jsonl"), "{wrong}");
    ui.app.notes = notes;
    for said in catalog::open(&[path]).unwrap() {
        if let Listing::Lines(lines) = said {
            let effects = ui.listed(lines);
            settle(&mut ui, effects);
        }
    }
    ui.app.pane = Pane::Completion;
    keys(&mut ui, "B");
    let said = &ui.app.message.as_ref().unwrap().0;
    assert!(
        said.contains("run.notes.jsonl") && said.ends_with("the note is not kept"),
        "{said}"
    );
}

#[test]
fn a_completion_of_this_run_has_its_notes_beside_what_the_app_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("1700000000.jsonl");
    let mut ui = ui(vec![prompt("one", "How many?")]);
    ui.app.notes = Notes::open(&[], Some(own)).0;
    let job = stream(&mut ui, &CHAIN);
    // Not before it is all there.
    keys(&mut ui, "a");
    assert!(
        ui.app
            .message
            .as_ref()
            .unwrap()
            .0
            .contains("when it is there")
    );
    finish(&mut ui, job, None);
    keys(&mut ui, "B");
    assert_eq!(kept(&folder.path().join("1700000000.notes.jsonl")).len(), 1);
}
