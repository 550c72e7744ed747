//! What is seen, written to files: the screen, a comparison; and the command that makes a completion again.

use super::support::*;
use ratatui::layout::Size;
use rotescope::run::command::Places;
use rotescope::themes::THEMES;
use rotescope::tui::views::tour::Tour;

/// Does what a line asked for that names a file, for a screen of a size.
fn written(ui: &mut Ui, effects: Vec<Effect>) -> String {
    let [Effect::Picture(path)] = &effects[..] else {
        panic!("{effects:?}");
    };
    let seen = ui.screen(Size::new(100, 30), Depth::TrueColor);
    let write = ui.app.write_screen(seen, path.clone());
    settle(ui, vec![write]);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_screen_is_written_as_it_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut ui = ui(vec![prompt("one & only", "How <many>?")]);
    let job = stream(&mut ui, &CHAIN);
    finish(&mut ui, job, None);
    let name = |end: &str| format!("{}/s.{end}", folder.path().display());
    let erase = "\u{8}".repeat("screen-one___only.svg".len());
    let mut write = |end: &str| {
        let effects = keys(&mut ui, &format!("E{erase}{}\n", name(end)));
        ui.app.message = None;
        written(&mut ui, effects)
    };
    let text = write("txt");
    assert_eq!(text.lines().count(), 30);
    assert!(
        text.contains("How <many>?") && text.contains("ten and two make 12."),
        "{text}"
    );
    // The line that its name was typed in is not on it.
    assert!(!text.contains("write the screen"), "{text}");
    let page = write("html");
    assert!(
        page.contains("How &lt;many&gt;?") && !page.contains("<many>"),
        "{page}"
    );
    let strip = |page: &str| {
        let (mut out, mut inside) = (String::new(), false);
        for c in page
            .split_once("<pre")
            .unwrap()
            .1
            .split_once('>')
            .unwrap()
            .1
            .chars()
        {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => out.push(c),
                _ => {}
            }
        }
        let out = out
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
        lines.join("\n").trim_end().to_string()
    };
    assert_eq!(strip(&page), text.trim_end());
    let picture = write("svg");
    assert!(picture.starts_with("<svg ") && picture.contains("How &lt;many&gt;?"));

    // A file that is there stays, and other names are refused.
    let said = |ui: &Ui| ui.app.message.as_ref().unwrap().0.clone();
    for (end, says) in [
        ("svg", "exists already"),
        ("png", "must end in .svg, .html or .txt"),
    ] {
        let effects = keys(&mut ui, &format!("E{erase}{}\n", name(end)));
        let [Effect::Picture(path)] = &effects[..] else {
            panic!("{effects:?}");
        };
        let seen = ui.screen(Size::new(100, 30), Depth::TrueColor);
        let write = ui.app.write_screen(seen, path.clone());
        settle(&mut ui, vec![write]);
        assert!(said(&ui).contains(says), "{}", said(&ui));
    }
    assert_eq!(std::fs::read_to_string(name("svg")).unwrap(), picture);
}

#[test]
fn the_command_that_makes_a_completion_is_copied() {
    let mut ui = ui(vec![prompt("one", "It's how many?")]);
    let copied = |ui: &mut Ui| {
        let effects = act(ui, Action::CopyCommand);
        let text = effects.into_iter().find_map(|e| match e {
            Effect::Copy(text) => Some(text),
            _ => None,
        });
        text.ok_or(ui.app.message.as_ref().unwrap().0.clone())
    };
    assert!(
        copied(&mut ui)
            .unwrap_err()
            .contains("run the prompt first")
    );
    let job = stream(&mut ui, &CHAIN);
    assert!(
        copied(&mut ui)
            .unwrap_err()
            .contains("when the completion is there")
    );
    let s = &ui.app.sessions[0];
    let trace = Trace {
        prompt: prompt("one", "It's how many?").into(),
        tokens: s.tokens().to_vec(),
        steps: s.steps.clone(),
        model: ModelRef {
            file: "m.gguf".into(),
            ..Default::default()
        },
        finish: "end".into(),
        ..Trace::default()
    };
    let trace = Box::new(trace);
    let effects = ui.update(Update::Finished { job, trace });
    settle(&mut ui, effects);
    let line = copied(&mut ui).unwrap();
    assert!(
        line.starts_with("printf '%s\\n' '{\"id\":\"one\""),
        "{line}"
    );
    assert!(
        line.contains("| rotescope score - --model m.gguf --no-index "),
        "{line}"
    );
    let said = ui.app.message.as_ref().unwrap().0.clone();
    assert_eq!(said, "copied; put the folders before: m.gguf");
    ui.app.places = Places {
        given: vec!["/models/m.gguf".into()],
        ..Places::default()
    };
    assert!(copied(&mut ui).unwrap().contains("--model /models/m.gguf "));
}

#[test]
fn the_tour_has_five_screens_and_what_it_speaks_of_can_be_done_at_once() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    ui.step(Action::Tour);
    let title = |ui: &mut Ui, width: u16, height: u16| {
        let all = rows(&screen(ui, width, height, Depth::None).0).join("\n");
        let at = all.find(" of 5 · ").unwrap_or_else(|| panic!("{all}"));
        (all.as_bytes()[at - 1], all)
    };
    for screen in b'1'..=b'5' {
        for (width, height) in [(80, 24), (200, 60)] {
            let (at, all) = title(&mut ui, width, height);
            assert_eq!(at, screen, "{all}");
            // All of it, down to its keys.
            assert!(all.contains("leave"), "{all}");
        }
        if screen < b'5' {
            keys(&mut ui, "\n");
        }
    }
    assert!(title(&mut ui, 80, 24).1.contains("all keys"));
    keys(&mut ui, "k");
    assert_eq!(title(&mut ui, 80, 24).0, b'4');
    keys(&mut ui, "jj");
    assert!(ui.view::<Tour>().is_none());
    // A key that a screen speaks of leaves it and does what it says.
    ui.step(Action::Tour);
    keys(&mut ui, "ji");
    assert!(ui.view::<Tour>().is_none() && ui.editor().is_some());
    keys(&mut ui, "\u{1b}");
    ui.step(Action::Tour);
    keys(&mut ui, "\u{1b}");
    assert!(ui.view::<Tour>().is_none());
    // In each theme, with and without colors.
    for name in THEMES.names() {
        ui.app.theme = THEMES.builtin(name).unwrap();
        ui.step(Action::Tour);
        for depth in [Depth::None, Depth::Ansi16, Depth::Ansi256, Depth::TrueColor] {
            screen(&mut ui, 80, 24, depth);
        }
        ui.step(Action::Tour);
    }
}
