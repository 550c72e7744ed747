//! Finding prompts and commands by letters of them, sorting and filtering the list by its columns.

use super::support::*;
use rotescope::tui::app::Column;

fn of(id: &str, task: &str, question: &str) -> Prompt {
    Prompt {
        task: Some(task.into()),
        ..prompt(id, question)
    }
}

fn three() -> Ui {
    ui(vec![
        of("c", "2", "Janet's ducks lay 16 eggs."),
        of("a", "1", "A robe takes 2 bolts."),
        of("b", "2", "James runs three sprints."),
    ])
}

#[test]
fn a_prompt_is_found_by_letters_of_it() {
    let mut ui = three();
    ui.input(&Event::Key(KeyEvent::new(
        KeyCode::Char('f'),
        KeyModifiers::CONTROL,
    )));
    assert!(ui.view::<Finder>().is_some());
    let all = rows(&screen(&mut ui, 100, 30, Depth::None).0).join("\n");
    assert!(all.contains("3 of 3") && all.contains("bolts"), "{all}");
    keys(&mut ui, "sprnt");
    let all = rows(&screen(&mut ui, 100, 30, Depth::None).0).join("\n");
    assert!(all.contains("prompt: sprnt▏ · 1 of 3"), "{all}");
    keys(&mut ui, "\n");
    assert_eq!(ui.app.entry().unwrap().prompt.id, "b");
    assert!(ui.view::<Finder>().is_none());
    // Nothing that fits changes nothing.
    act(&mut ui, Action::Find);
    keys(&mut ui, "zzz\n");
    assert_eq!(ui.app.entry().unwrap().prompt.id, "b");
}

/// Whatever is typed meanwhile, an answer to what was typed before is not taken for one to it.
#[test]
fn only_the_newest_letters_count() {
    let mut ui = three();
    ui.step(Action::Find);
    let key = |c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    let mut effects = ui.input(&key('b'));
    effects.extend(ui.input(&key('o')));
    // The first is done last.
    effects.reverse();
    settle(&mut ui, effects);
    keys(&mut ui, "lts\n");
    assert_eq!(ui.app.entry().unwrap().prompt.id, "a");
}

/// What was asked for by a finder that is closed says nothing of the list of a new one.
#[test]
fn a_new_finder_begins_anew() {
    let mut ui = three();
    ui.step(Action::Find);
    let key = |code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    let late = ui.input(&key(KeyCode::Char('b')));
    ui.input(&key(KeyCode::Esc));
    ui.step(Action::Find);
    settle(&mut ui, late);
    let all = rows(&screen(&mut ui, 100, 30, Depth::None).0).join("\n");
    assert!(all.contains("prompt: ▏ · 3 of 3"), "{all}");
}

#[test]
fn any_column_sorts_the_list_and_again_turns_it_round() {
    let mut ui = three();
    stream(&mut ui, &CHAIN);
    let sorted = |ui: &mut Ui, by: &str| {
        keys(ui, &format!("S{by}\n"));
        // The selected one stays.
        assert_eq!(ui.app.entry().unwrap().prompt.id, "c");
        ui.app.listed.clone()
    };
    assert_eq!(sorted(&mut ui, "id"), [1, 2, 0]);
    assert_eq!(sorted(&mut ui, "id"), [0, 2, 1]);
    assert_eq!(sorted(&mut ui, "task"), [1, 0, 2]);
    assert_eq!(sorted(&mut ui, "question"), [1, 2, 0]);
    // What a column says nothing of comes last, whichever way.
    assert_eq!(sorted(&mut ui, "tokens"), [0, 1, 2]);
    assert_eq!(sorted(&mut ui, "tokens"), [0, 1, 2]);
    assert_eq!(sorted(&mut ui, "file"), [0, 1, 2]);
    assert_eq!(sorted(&mut ui, "file"), [2, 1, 0]);
    assert_eq!(ui.app.order.column, Column::File);
    let all = rows(&screen(&mut ui, 140, 30, Depth::None).0).join("\n");
    assert!(all.contains("▾ file ↓"), "{all}");
}

#[test]
fn filters_ask_columns() {
    let mut ui = three();
    let job = stream(&mut ui, &CHAIN);
    finish(&mut ui, job, None);
    let mut listed = |filter: &str| {
        let erase = "\u{8}".repeat(ui.app.filter.len());
        keys(&mut ui, &format!("&{erase}{filter}\n"));
        ui.app.listed.clone()
    };
    assert_eq!(listed("task:2"), [0, 2]);
    assert_eq!(listed("task:2 !run"), [2]);
    assert_eq!(listed("tokens>7"), [0]);
    assert!(listed("tokens>8").is_empty());
    assert_eq!(listed("tokens<=8 tokens>=8"), [0]);
    assert_eq!(listed("!tokens=8"), [1, 2]);
    assert_eq!(listed("question:ROBE"), [1]);
    // No column of that name: then it is text.
    assert!(listed("eggs:").is_empty());
    assert_eq!(listed("!james"), [0, 1]);
    assert_eq!(listed(""), [0, 1, 2]);
}
