//! Comparing in the app: the list of what to compare with, the view with its colors, and whole runs of the bundled model.

use insta::assert_snapshot;

use super::support::*;
use rotescope::themes::THEMES;
use rotescope_trace::{Answer, Prompt, Step, Trace};

/// A trace of words with a score each; a step ends with every full stop.
pub fn trace(id: &str, question: &str, words: &[(&str, f64)], answer: (&str, bool)) -> Trace {
    let (mut tokens, mut steps, mut at) = (Vec::new(), Vec::<Step>::new(), 0);
    for (text, score) in words {
        let mut t = token(text, at, *score, None);
        t.id = text
            .bytes()
            .fold(7, |h: u32, b| h.wrapping_mul(31).wrapping_add(b.into()));
        at += text.len();
        tokens.push(t);
        if text.ends_with('.') {
            let [from, first] = steps.last().map_or([0, 0], |s| [s.span[1], s.tokens[1]]);
            steps.push(Step {
                span: [from, at],
                tokens: [first, tokens.len()],
                flag: None,
                verdict: None,
                region: None,
            });
        }
    }
    Trace {
        prompt: Prompt {
            id: id.into(),
            question: question.into(),
            ..Default::default()
        }
        .into(),
        output: tokens.iter().map(|t| t.text.as_str()).collect(),
        tokens,
        steps,
        answer: Answer {
            extracted: Some(answer.0.into()),
            span: None,
            expected: Some("66".into()),
            right: Some(answer.1),
        },
        ..Trace::default()
    }
}

fn pair() -> Vec<Trace> {
    let a = [
        ("Count", 0.2),
        (" all", 0.0),
        (".", 0.0),
        ("Tom", 0.95),
        (" has", 0.1),
        (" ", 0.0),
        ("56", 0.6),
        (" \u{1b}[31m", 0.3),
        (".", 0.0),
        ("So", 0.0),
        (" 日本", 0.8),
        (".", 0.0),
    ];
    let b = [
        ("Count", 0.2),
        (" all", 0.0),
        (".", 0.0),
        ("Mia", 0.75),
        (" has", 0.4),
        (" ", 0.0),
        ("473", 0.1),
        (" \u{1b}[31m", 0.3),
        (".", 0.0),
        ("So", 0.0),
        (" two", 0.2),
        (".", 0.0),
        ("Really", 0.0),
        (".", 0.0),
    ];
    let mut b = trace("one+names", "Mia has 473.\tHow many?", &b, ("12", false));
    b.prompt.pair = Some("one".into());
    b.tokens[6].p = 0.25;
    vec![trace("one", "Tom has 56. How many?", &a, ("66", true)), b]
}

/// The app on two traces, with the list of what the first can be compared with.
fn listing() -> Ui {
    let mut ui = ui(Vec::new());
    ui.app.add_traces(pair());
    ui.step(Action::Compare);
    ui
}

/// The list of what to compare with, on screen.
fn list(ui: &Ui) -> &Choose {
    ui.view().expect("the list")
}

#[test]
fn a_comparison_has_its_colors_at_every_depth() {
    for (name, depth) in [("truecolor", Depth::TrueColor), ("none", Depth::None)] {
        let mut ui = listing();
        act(&mut ui, Action::Open);
        let (buffer, _) = screen(&mut ui, 80, 24, depth);
        assert_snapshot!(format!("compare-{name}"), styled(&buffer));
    }
}

#[test]
fn nothing_in_a_comparison_acts_on_the_terminal_whatever_its_size() {
    for (width, height) in [
        (1, 1),
        (3, 2),
        (20, 6),
        (40, 10),
        (80, 24),
        (109, 17),
        (140, 40),
        (200, 60),
    ] {
        let mut ui = listing();
        for _ in 0..2 {
            let (buffer, _) = screen(&mut ui, width, height, Depth::TrueColor);
            for cell in &buffer.content {
                assert!(!cell.symbol().chars().any(char::is_control), "{cell:?}");
            }
            act(&mut ui, Action::Open);
        }
        keys(&mut ui, "zdGjf");
        screen(&mut ui, width, height, Depth::None);
    }
}

#[test]
fn the_other_one_of_a_pair_is_listed_first_and_stands_on_its_side() {
    let mut ui = listing();
    let Choose {
        choices, chosen, ..
    } = list(&ui);
    assert_eq!(*chosen, 0);
    assert_eq!(
        (choices[0].kind, choices[0].name.as_str()),
        ("pair", "one+names")
    );
    assert!(!choices[0].runs());
    assert!(
        choices
            .iter()
            .skip(1)
            .all(|c| c.kind == "change" && c.runs())
    );
    assert!(choices.iter().any(|c| c.name == "reverse"));
    keys(&mut ui, "\n");
    let (buffer, _) = screen(&mut ui, 120, 30, Depth::TrueColor);
    let all = rows(&buffer).concat();
    for text in [
        "Right before, wrong after",
        "‹56›",
        "‹473›",
        "«Really».",
        "A  answer 66 ✓",
        "B  answer 12 ✗ (66 expected)",
    ] {
        assert!(all.contains(text), "{text} in {all}");
    }
    // From the variant, the original still is the first side; closing goes back to where it was opened.
    keys(&mut ui, "\u{1b}");
    assert!(ui.app.compare.view.is_none());
    ui.app.pane = Pane::Prompts;
    keys(&mut ui, "jc\n");
    let view = ui.app.compare.view.as_ref().expect("a view");
    assert_eq!(view.comparison.b.id, "one+names");
    keys(&mut ui, "\u{1b}");
    assert_eq!(ui.app.entry().unwrap().prompt.id, "one+names");
}

#[test]
fn another_models_chain_of_the_same_prompt_is_listed_with_its_model() {
    let mut traces = pair();
    let mut again = traces[0].clone();
    again.model.file = "other.gguf".into();
    traces.push(again);
    let mut ui = ui(Vec::new());
    ui.app.add_traces(traces);
    ui.step(Action::Compare);
    let choices = &list(&ui).choices;
    let again = choices.iter().find(|c| c.kind == "again").unwrap();
    assert_eq!(again.says, "other.gguf · answer 66 ✓");
    keys(&mut ui, "j\n");
    let view = ui.app.compare.view.as_ref().unwrap();
    assert_eq!(
        view.comparison.verdict,
        "Both right; the completions are the same."
    );
}

#[test]
fn a_comparison_is_written_as_the_program_writes_it() {
    let mut ui = listing();
    keys(&mut ui, "\ne");
    assert_eq!(ui.editor().unwrap().text(), "one--one+names.html");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.json");
    *ui.editor().unwrap() = Editor::of(path.to_str().unwrap());
    keys(&mut ui, "\n");
    let pair = pair();
    let wanted = rotescope_study::compare::compare(&pair[0], &pair[1]);
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, serde_json::to_string(&wanted).unwrap() + "\n");
    assert!(ui.app.message.as_ref().unwrap().0.contains("written: "));
    // Never over a file that is there.
    keys(&mut ui, "e");
    *ui.editor().unwrap() = Editor::of(path.to_str().unwrap());
    keys(&mut ui, "\n");
    assert!(
        ui.app
            .message
            .as_ref()
            .unwrap()
            .0
            .contains("exists already")
    );
    assert!(ui.app.compare.view.is_some());
}

#[test]
fn other_keys_do_not_leave_the_comparison() {
    let mut ui = listing();
    keys(&mut ui, "\n");
    assert!(keys(&mut ui, "rRx").is_empty());
    assert!(ui.app.message.as_ref().unwrap().0.contains("esc closes"));
    keys(&mut ui, "?");
    assert!(ui.view::<Help>().is_some());
    keys(&mut ui, "\u{1b}");
    assert!(ui.app.compare.view.is_some(), "closes the help only");
    let wheel = crossterm::event::MouseEvent {
        kind: crossterm::event::MouseEventKind::ScrollDown,
        column: 40,
        row: 10,
        modifiers: KeyModifiers::NONE,
    };
    keys(&mut ui, "g");
    screen(&mut ui, 80, 24, Depth::TrueColor);
    let before = ui.app.compare.view.as_ref().unwrap().cursor;
    ui.input(&Event::Mouse(wheel));
    assert!(ui.app.compare.view.as_ref().unwrap().cursor > before);
}

#[test]
fn a_prompt_without_a_chain_is_not_compared() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    keys(&mut ui, "c");
    assert!(ui.view::<Choose>().is_none());
    assert!(
        ui.app
            .message
            .as_ref()
            .unwrap()
            .0
            .contains("run the prompt first")
    );
}

#[test]
fn operators_are_typed_with_their_options() {
    let mut ui = listing();
    let choices = &list(&ui).choices;
    let at = choices.iter().position(|c| c.name == "…").unwrap();
    keys(&mut ui, &("j".repeat(at) + "\n" + "rotat\n"));
    let typed = ui.view::<LineView>().map(LineView::wants);
    assert_eq!(typed, Some(Wants::Operators), "to be typed on");
    let (buffer, _) = screen(&mut ui, 120, 24, Depth::TrueColor);
    assert!(rows(&buffer)[23].contains("no operator is called \"rotat\""));
    let effects = keys(&mut ui, "e casing:upper\n");
    let [Effect::Run(job)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(job.prompt.id, "one+rotate+casing:upper");
    assert_eq!(job.prompt.question, "56. HOW MANY? TOM HAS");
    let mut trace = pair().remove(1);
    trace.prompt.id = job.prompt.id.clone();
    let effects = ui.update(Update::Finished {
        job: job.id,
        trace: Box::new(trace),
    });
    settle(&mut ui, effects);
    assert!(ui.app.compare.view.is_some());
    // Typed again, nothing has to be run again.
    keys(&mut ui, "\u{1b}cG");
    let choices = &list(&ui).choices;
    let typed = choices.iter().position(|c| c.name == "…").unwrap();
    let up = choices.len() - 1 - typed;
    let effects = keys(&mut ui, &("k".repeat(up) + "\nrotate casing:upper\n"));
    assert!(effects.is_empty() && ui.app.compare.view.is_some());
}

#[test]
fn stopping_what_is_run_for_a_comparison_opens_none() {
    let mut ui = listing();
    let choices = &list(&ui).choices;
    let at = choices.iter().position(|c| c.name == "reverse").unwrap();
    let effects = keys(&mut ui, &("j".repeat(at) + "\n"));
    let [Effect::Run(job)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(job.prompt.id, "one+reverse");
    assert_eq!(job.prompt.pair.as_deref(), Some("one"));
    assert_eq!(job.prompt.meta["perturbation"]["operators"][0], "reverse");
    let mut half = pair().remove(0);
    half.finish = "cancelled".into();
    keys(&mut ui, "\u{1b}");
    let effects = ui.update(Update::Finished {
        job: job.id,
        trace: Box::new(half),
    });
    settle(&mut ui, effects);
    assert!(ui.app.compare.view.is_none());
}

#[test]
fn the_bundled_model_runs_a_changed_prompt_and_the_view_opens() {
    let (mut ui, live) = bundled();
    let effects = ui.step(Action::RunPrompt);
    follow(&mut ui, &live, effects, |a| {
        a.running.is_none() && a.session().is_some_and(|s| s.trace.is_some())
    });
    keys(&mut ui, "c");
    let choices = &list(&ui).choices;
    let at = choices.iter().position(|c| c.name == "numbers").unwrap();
    let effects = keys(&mut ui, &("j".repeat(at) + "\n"));
    follow(&mut ui, &live, effects, |a| a.compare.view.is_some());
    assert_eq!(ui.app.entries.len(), 3);
    assert_eq!(ui.app.entries[2].prompt.id, "applied-base-000+numbers");
    // It opens when the completion is there, and has the scores when those are.
    follow(&mut ui, &live, Vec::new(), |a| a.running.is_none());
    let view = ui.app.compare.view.as_ref().unwrap();
    assert!(view.traces[1].tokens.iter().any(|t| t.long.is_some()));
    assert!(!view.comparison.mapping.is_empty());
    let verdict: String = view.comparison.verdict.chars().take(30).collect();
    ui.app.message = None;
    let (buffer, _) = screen(&mut ui, 160, 44, Depth::TrueColor);
    let all = rows(&buffer).concat();
    assert!(all.contains(&verdict), "{verdict} in {all}");
    keys(&mut ui, "\u{1b}");
    assert_eq!(ui.app.entry().unwrap().prompt.id, "applied-base-000");
    // One that asks the corpus says what it did, or why it cannot.
    keys(&mut ui, "c");
    let choices = &list(&ui).choices;
    let at = choices.iter().position(|c| c.name == "rarer").unwrap();
    let effects = keys(&mut ui, &("j".repeat(at) + "\n"));
    assert!(matches!(effects[..], [Effect::Change(..)]));
    follow(&mut ui, &live, effects, |a| a.compare.view.is_some());
    let view = ui.app.compare.view.as_ref().unwrap();
    assert_eq!(view.comparison.b.id, "applied-base-000+rarer");
    assert!(ui.app.entries[3].prompt.meta["rarity"].is_object());
    follow(&mut ui, &live, Vec::new(), |a| a.running.is_none());
    keys(&mut ui, "\u{1b}");
    // What an operator made once is the pair from now on.
    keys(&mut ui, "c");
    let choices = &list(&ui).choices;
    assert_eq!((choices[0].kind, choices[0].runs()), ("pair", false));
    assert!(
        choices
            .iter()
            .all(|c| c.kind != "change" || c.name != "numbers")
    );
}

#[test]
fn the_other_prompt_of_a_planted_pair_is_run_and_compared() {
    let bundle = shipped::bundle().unwrap();
    let mut prompts = prompts::read_plainly(&bundle.prompts("planted-local").unwrap()).unwrap();
    prompts.truncate(2);
    assert_eq!(prompts[1].pair.as_ref(), Some(&prompts[0].id));
    let mut ui = Ui::new(prompts, THEMES.builtin("dark").unwrap(), Keymap::default());
    let live = live();
    let effects = ui.step(Action::RunPrompt);
    // Its mid-range and long-range scores are not all there yet; the other prompt waits for them.
    follow(&mut ui, &live, effects, |a| {
        a.session().is_some_and(|s| s.trace.is_some())
    });
    let effects = keys(&mut ui, "c\n");
    follow(&mut ui, &live, effects, |a| {
        a.compare.view.is_some() && a.running.is_none()
    });
    let view = ui.app.compare.view.as_ref().unwrap();
    for trace in &view.traces {
        assert!(
            trace.tokens.iter().any(|t| t.long.is_some()),
            "{}",
            trace.prompt.id
        );
    }
    ui.app.message = None;
    let (buffer, _) = screen(&mut ui, 120, 32, Depth::TrueColor);
    let all = rows(&buffer).concat();
    assert!(
        all.contains("fragility") && all.contains("A  answer"),
        "{all}"
    );
    if std::env::var_os("ROTESCOPE_BLESS").is_some() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/compare.svg");
        std::fs::write(path, rotescope::tui::picture::svg(&buffer)).unwrap();
    }
}
