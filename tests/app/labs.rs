//! The labs on the screen: worlds that are turned, measured beside the screen, and drawn.

use super::support::*;
use rotescope::run::lab::turned::{Lab, Turned};
use rotescope::themes::THEMES;
use rotescope::tui::views::labs::LabView;

/// The labs on the smallest world of points, so that it is measured at once.
fn labs() -> Ui {
    let mut ui = ui(Vec::new());
    let effects = ui.step(Action::Labs);
    // What is asked for first is passed by.
    assert_eq!(effects.len(), 1);
    let mut newest = Vec::new();
    for _ in 0..2 {
        for _ in 0..8 {
            let asked = ui.step(Action::PreviousToken);
            if !asked.is_empty() {
                newest = asked;
            }
        }
        ui.step(Action::RowDown);
    }
    settle(&mut ui, newest);
    ui.app.message = None;
    ui
}

fn seen(ui: &mut Ui, width: u16, height: u16, depth: Depth) -> String {
    let (buffer, _) = screen(ui, width, height, depth);
    rows(&buffer).join("\n")
}

#[test]
fn a_world_is_drawn_with_its_crossover_and_the_command_that_measures_it() {
    let mut ui = labs();
    assert!(ui.view::<LabView>().is_some());
    let (of, chart) = ui.app.lab.drawn.as_ref().unwrap();
    assert_eq!(ui.app.lab.wanted, Some(*of));
    let mark = chart.panels[1].marks[0].1.clone();
    assert!(mark.starts_with("M*/N = ."), "{mark}");
    // All that the picture says is said in characters too, whatever the theme; without colors by signs and broken lines.
    for theme in THEMES.names() {
        ui.app.theme = THEMES.builtin(theme).unwrap();
        for depth in [Depth::TrueColor, Depth::None] {
            let all = seen(&mut ui, 160, 40, depth);
            for part in [
                "Gaussian lab: d = 2, K = 6, N = 20, sigma = 1",
                &mark,
                " o  knows the mixture: Monte Carlo",
                "─x─ knows the first M = 0.5 N points",
                "╌╌╌ closed form, C = 1",
                "rotescope lab edge --samples 20 --dimension 2 --components 6 --sigma 1 --seeds 1",
                "▸ clouds K",
                " drawn ",
            ] {
                assert!(all.contains(part), "{theme}: {part}\n{all}");
            }
        }
    }
    // Where there is little room, the settings stay and a picture that fits is there.
    let small = seen(&mut ui, 80, 24, Depth::TrueColor);
    assert!(
        small.contains("▸ clouds K") && small.contains("Loss above that"),
        "{small}"
    );
    seen(&mut ui, 20, 5, Depth::TrueColor);
}

#[test]
fn one_more_data_set_and_another_lab_are_measured_and_what_is_old_says_so() {
    let mut ui = labs();
    let more = ui.step(Action::Open);
    let said = seen(&mut ui, 120, 36, Depth::TrueColor);
    assert!(
        said.contains("is being drawn") && said.contains("data sets             2"),
        "{said}"
    );
    settle(&mut ui, more);
    let drawn = ui.app.lab.drawn.as_ref().unwrap().0;
    assert_eq!(drawn.sets, 2);
    let other = ui.step(Action::NextPane);
    let texts = Turned {
        lab: Lab::ALL[1],
        sets: 1,
    };
    assert_eq!(ui.app.lab.wanted, Some(texts));
    let said = seen(&mut ui, 120, 36, Depth::TrueColor);
    assert!(
        said.contains(" lab text ") && !said.contains("Gaussian"),
        "{said}"
    );
    settle(&mut ui, other);
    let said = seen(&mut ui, 120, 36, Depth::TrueColor);
    assert!(
        said.contains("Lab of texts: d = 48, K = 6, V = 32, N = 120, noise = 0.2"),
        "{said}"
    );
    // And back: what was turned there is still so.
    let back = ui.step(Action::NextPane);
    assert_eq!(ui.app.lab.wanted.unwrap().lab, drawn.lab);
    settle(&mut ui, back);
    let copied = ui.step(Action::CopyToken);
    assert!(
        matches!(&copied[..], [Effect::Copy(text)] if text.starts_with("rotescope lab edge --samples 20")),
        "{copied:?}"
    );
    ui.step(Action::Stop);
    assert!(ui.view::<LabView>().is_none());
    // What was measured is not measured again.
    assert!(ui.step(Action::NextPane).is_empty());
}
