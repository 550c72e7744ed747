//! What is on the screen, with its colors.

use insta::assert_snapshot;

use super::support::*;

#[test]
fn screens_have_their_colors_at_every_depth() {
    for (name, depth) in [
        ("truecolor", Depth::TrueColor),
        ("256", Depth::Ansi256),
        ("16", Depth::Ansi16),
        ("none", Depth::None),
    ] {
        let mut ui = ui(vec![prompt("one", "How many?"), prompt("two", "And now?")]);
        stream(&mut ui, &CHAIN);
        ui.step(Action::First);
        ui.app.message = None;
        let (buffer, _) = screen(&mut ui, 120, 16, depth);
        // The rate of tokens is that of this machine.
        let text: Vec<String> = styled(&buffer).lines().skip(1).map(String::from).collect();
        assert_snapshot!(format!("chain-{name}"), text.join("\n"));
    }
}

#[test]
fn without_color_sources_and_strengths_still_differ() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    stream(&mut ui, &CHAIN);
    ui.step(Action::Last);
    let (buffer, areas) = screen(&mut ui, 120, 24, Depth::None);
    let style = |text: &str| {
        let row = areas.rows;
        let line: Vec<&Cell> = (row.y..row.bottom())
            .flat_map(|y| (row.x..row.right()).map(move |x| (x, y)))
            .map(|p| &buffer[p])
            .collect();
        let all: String = line.iter().map(|c| c.symbol()).collect();
        let at = all.find(text).unwrap_or_else(|| panic!("{text} in {all}"));
        line[all[..at].chars().count()].modifier
    };
    assert_ne!(style("ten"), style("and"), "strongest and none");
    assert_ne!(style("ten"), style("make"), "strongest and middle");
}

#[test]
fn nothing_from_the_model_acts_on_the_terminal() {
    let mut ui = ui(vec![prompt(
        "\u{1b}]0;evil\u{7}",
        "Clear \u{1b}[2J\tnow\u{9b}31m",
    )]);
    stream(&mut ui, &CHAIN);
    for (width, height) in [(80, 24), (120, 40), (200, 60), (20, 6), (1, 1)] {
        let (buffer, _) = screen(&mut ui, width, height, Depth::TrueColor);
        for cell in &buffer.content {
            assert!(!cell.symbol().chars().any(char::is_control), "{cell:?}");
        }
    }
}

#[test]
fn small_screens_show_one_pane_and_large_ones_all() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    stream(&mut ui, &CHAIN);
    let (_, areas) = screen(&mut ui, 200, 60, Depth::TrueColor);
    for area in [
        areas.prompts,
        areas.completion,
        areas.token,
        areas.documents,
    ] {
        assert!(!area.is_empty());
    }
    let mut seen = Vec::new();
    for _ in Pane::ALL {
        let (buffer, areas) = screen(&mut ui, 80, 24, Depth::TrueColor);
        seen.push(ui.app.pane);
        assert_eq!(areas.prompts.is_empty(), ui.app.pane != Pane::Prompts);
        assert_eq!(areas.documents.is_empty(), ui.app.pane != Pane::Documents);
        let all = rows(&buffer);
        assert!(all[22].contains("local"), "the legend: {}", all[22]);
        ui.step(Action::NextPane);
    }
    seen.sort_by_key(|p| *p as usize);
    assert_eq!(seen, Pane::ALL);
}
