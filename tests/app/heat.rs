//! Heat maps on the screen: the text by p of reciting, jumps from run to run, what is known of a window.

use insta::assert_snapshot;

use super::support::*;
use rotescope::run::audit::maps::documents;
use rotescope::tui::heat::view::HeatView;
use rotescope_trace::audit::extract::{ExtractCounts, ExtractGuard, ExtractLine, ExtractWindow};
use rotescope_trace::audit::{AuditLine, AuditRun};

/// A window of a made-up text of which some words are recited; four words of prefix, four to recite.
fn window(document: &str, words: &[&str], start: usize) -> ExtractWindow {
    let text = |i: usize| match i {
        0 => words[0].to_string(),
        i if words[i - 1].ends_with('\n') => words[i].to_string(),
        i => format!(" {}", words[i]),
    };
    let known = words[start..start + 8].iter().all(|w| w.trim() != "new");
    let p: f64 = if known { 0.995 } else { 0.3 };
    ExtractWindow {
        document: document.into(),
        start,
        split: [4, 4],
        prefix: (start..start + 4).map(text).collect(),
        text: (start + 4..start + 8).map(text).collect(),
        drawn: vec![Some(p.ln()); 4],
        log_p: vec![Some(p.ln()); 4],
        matched: if known { 1.0 } else { 0.25 },
        recited: if known { 4 } else { 1 },
        free_running: if known { [1.0; 2] } else { [0.25, 0.75] },
        log_p_z: Some(4.0 * p.ln()),
        draws: Some(if known { 1.0 } else { 86.0 }),
        nll: Some(-4.0 * p.ln()),
        claim: known,
        guard: known.then_some(ExtractGuard {
            pam: 31.5,
            prior: -31.5,
            prefixes: 32,
            bound: true,
            common: false,
        }),
        counts: Some(ExtractCounts {
            prefix: 12,
            continuation: 9,
            whole: 8,
        }),
        label: known.then(|| "recite".into()),
        ..ExtractWindow::default()
    }
}

const LICENCE: &str = "Everyone is permitted to copy and distribute verbatim copies\n of this licence document, but changing it is not allowed.\n This new line is new to all new readers of it, new and old. \n You may copy and distribute verbatim copies of this Program as you receive it";

/// The app on the records of two documents, and the folder that they are in.
fn maps() -> Ui {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.jsonl");
    let mut run = AuditRun::default();
    run.model.file = "m.gguf".into();
    let mut lines = vec![ExtractLine::of_run(run)];
    for (name, text) in [("LICENCE", LICENCE), ("folder/other", &LICENCE[..90])] {
        let words: Vec<&str> = text
            .split_inclusive('\n')
            .flat_map(|l| l.split(' '))
            .collect();
        let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
        for start in (0..words.len() - 8).step_by(4) {
            lines.push(ExtractLine {
                window: Some(window(name, &words, start)),
                ..ExtractLine::new()
            });
        }
    }
    let line = |l: &ExtractLine| serde_json::to_string(l).unwrap() + "\n";
    std::fs::write(&path, lines.iter().map(line).collect::<String>()).unwrap();
    let (run, documents) = documents(&[path]).unwrap();
    let mut ui = Ui::new(
        Vec::new(),
        rotescope::themes::THEMES.builtin("dark").unwrap(),
        Keymap::default(),
    );
    ui.app.heat = HeatView::new(run, documents);
    ui
}

fn shown(ui: &mut Ui, width: u16, height: u16) -> Vec<String> {
    rows(&screen(ui, width, height, Depth::TrueColor).0)
}

#[test]
fn a_document_is_shown_with_its_runs_and_what_is_known_of_them() {
    let mut ui = maps();
    let narrow = shown(&mut ui, 80, 24).join("\n");
    assert_snapshot!("heat-80", narrow);
    act(&mut ui, Action::NextFlag);
    let wide = shown(&mut ui, 140, 20).join("\n");
    assert_snapshot!("heat-140", wide);
    for (name, depth) in [("none", Depth::None), ("16", Depth::Ansi16)] {
        let (buffer, _) = screen(&mut ui, 80, 12, depth);
        assert_snapshot!(format!("heat-{name}"), styled(&buffer));
    }
}

#[test]
fn keys_go_from_run_to_run_and_from_document_to_document() {
    let mut ui = maps();
    let header = |ui: &mut Ui| shown(ui, 140, 20)[0].trim_end().to_string();
    assert!(
        header(&mut ui).ends_with("run 1 of 2"),
        "{}",
        header(&mut ui)
    );
    keys(&mut ui, "f");
    assert!(header(&mut ui).ends_with("run 2 of 2"));
    keys(&mut ui, "f");
    let foot = shown(&mut ui, 140, 20)[19].clone();
    assert!(foot.contains("last run"), "{foot}");
    keys(&mut ui, "F");
    assert!(header(&mut ui).ends_with("run 1 of 2"));
    // What no heat map knows is said, and leaves nothing open.
    keys(&mut ui, "r");
    assert!(shown(&mut ui, 140, 20)[19].contains("not in a heat map"));
    keys(&mut ui, "e");
    assert!(shown(&mut ui, 140, 20)[19].contains("rotescope report"));
    ui.step(Action::NextPane);
    let all = shown(&mut ui, 140, 20).join("\n");
    assert!(all.contains("folder/other · 2 of 2"), "{all}");
    ui.step(Action::NextPane);
    assert!(
        shown(&mut ui, 140, 20)
            .join("\n")
            .contains("LICENCE · 1 of 2")
    );
    // Help and themes lie over it.
    keys(&mut ui, "?");
    assert!(shown(&mut ui, 140, 40).join("\n").contains("next token"));
    keys(&mut ui, "\u{1b}");
    assert!(matches!(keys(&mut ui, "q").as_slice(), [Effect::Quit]));
}

#[test]
fn the_mouse_points_at_tokens_and_documents() {
    let mut ui = maps();
    let all = shown(&mut ui, 140, 20);
    let at = |what: &str| {
        let row = all.iter().position(|r| r.contains(what)).unwrap();
        let column = all[row]
            .find(what)
            .map(|b| all[row][..b].chars().count())
            .unwrap();
        (column as u16, row as u16)
    };
    let click = |ui: &mut Ui, (column, row): (u16, u16)| {
        ui.input(&Event::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }));
    };
    click(&mut ui, at("readers"));
    let said = shown(&mut ui, 140, 20).join("\n");
    assert!(said.contains("\" readers\"  p of reciting .300"), "{said}");
    click(&mut ui, at("folder/other"));
    assert!(
        shown(&mut ui, 140, 20)
            .join("\n")
            .contains("folder/other · 2 of 2")
    );
}

#[test]
fn any_size_is_drawn_and_nothing_of_a_text_acts_on_the_terminal() {
    let mut ui = maps();
    let documents = ui.app.heat.as_ref().unwrap().documents();
    let mut hostile = documents[0].document.clone();
    for token in &mut hostile.tokens {
        token.text = format!("\u{1b}[2J\u{9b}31m{}", token.text.replace(' ', "\t"));
    }
    hostile.name = "\u{1b}]0;evil\u{7}".into();
    ui.app.heat = HeatView::new(AuditRun::default(), vec![hostile]);
    for (width, height) in [(80, 24), (120, 40), (200, 60), (20, 6), (7, 3), (1, 1)] {
        let (buffer, _) = screen(&mut ui, width, height, Depth::TrueColor);
        for cell in &buffer.content {
            assert!(!cell.symbol().chars().any(char::is_control), "{cell:?}");
        }
        act(&mut ui, Action::PageDown);
    }
    assert!(HeatView::new(AuditRun::default(), Vec::new()).is_none());
}
