//! Records of other commands in the app: listed, read, filtered, sorted, searched.

use super::support::*;
use rotescope::tui::records::view::Records;

/// What `compare --json` writes of a pair, and its like.
fn opened() -> (tempfile::TempDir, Ui) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("comparisons.jsonl");
    let empty = Trace::default();
    let lines: Vec<String> = ["one", "two", "three"]
        .into_iter()
        .enumerate()
        .map(|(i, id)| {
            let mut comparison = rotescope_study::compare::compare(&empty, &empty);
            comparison.a.id = id.into();
            comparison.fragility = 0.25 * i as f64;
            serde_json::to_string(&comparison).unwrap()
        })
        .collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    let mut ui = ui(Vec::new());
    ui.app.records = Some(Records::open(&[path]).unwrap());
    (folder, ui)
}

fn seen(ui: &mut Ui, width: u16) -> String {
    rows(&screen(ui, width, 24, Depth::None).0).join("\n")
}

#[test]
fn records_are_listed_and_read() {
    let (_folder, mut ui) = opened();
    let all = seen(&mut ui, 120);
    assert!(all.contains("records 3") && all.contains("▸ one"), "{all}");
    assert!(
        all.contains("id: one") && all.contains("comparisons.jsonl, line 1"),
        "{all}"
    );
    keys(&mut ui, "jj");
    let all = seen(&mut ui, 120);
    assert!(
        all.contains("▸ three") && all.contains("id: three"),
        "{all}"
    );
    // The record is scrolled, no further than to its end.
    act(&mut ui, Action::NextPane);
    keys(&mut ui, "G");
    let all = seen(&mut ui, 120);
    assert!(all.contains("verdict: "), "{all}");
    // A narrow screen has one of both.
    let all = seen(&mut ui, 60);
    assert!(
        all.contains("verdict") && !all.contains("records 3"),
        "{all}"
    );
    act(&mut ui, Action::NextPane);
    assert!(seen(&mut ui, 60).contains("records 3"));
    // What is no matter of records says so.
    assert!(keys(&mut ui, "rxc").is_empty());
    assert!(
        ui.app
            .message
            .as_ref()
            .unwrap()
            .0
            .contains("not in a list of records")
    );
}

#[test]
fn records_are_filtered_sorted_searched_and_copied() {
    let (_folder, mut ui) = opened();
    seen(&mut ui, 120);
    keys(&mut ui, "Sfragil\n");
    keys(&mut ui, "Sfragil\n");
    keys(&mut ui, "g");
    let all = seen(&mut ui, 120);
    assert!(
        all.contains("▾ fragility ↓") && all.contains("▸ three"),
        "{all}"
    );
    keys(&mut ui, "&fragility<0.5\n");
    let all = seen(&mut ui, 120);
    assert!(all.contains("2 of 3") && !all.contains("three"), "{all}");
    keys(&mut ui, "/verdict\n");
    seen(&mut ui, 120);
    let records = ui.app.records.as_ref().unwrap();
    assert!(records.scroll > 0);
    keys(&mut ui, "/nowhere\n");
    assert!(
        ui.app
            .message
            .as_ref()
            .unwrap()
            .0
            .contains("not in the record: nowhere")
    );
    let effects = act(&mut ui, Action::CopyAnswer);
    let [Effect::Copy(text)] = &effects[..] else {
        panic!("{effects:?}");
    };
    let copied: serde_json::Value = serde_json::from_str(text).unwrap();
    assert!(copied["fragility"].as_f64().unwrap() < 0.5);
    // All themes, all depths.
    for name in rotescope::themes::THEMES.names() {
        ui.app.theme = rotescope::themes::THEMES.builtin(name).unwrap();
        for depth in [Depth::None, Depth::Ansi16, Depth::Ansi256, Depth::TrueColor] {
            screen(&mut ui, 120, 24, depth);
        }
    }
}
