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
fn listing() -> App {
    let mut app = app(Vec::new());
    app.add_traces(pair());
    app.step(Action::Compare);
    app
}

fn keys(app: &mut App, keys: &str) -> Vec<Effect> {
    let code = |c| match c {
        '\n' => KeyCode::Enter,
        '\u{1b}' => KeyCode::Esc,
        c => KeyCode::Char(c),
    };
    let press = |c| Event::Key(KeyEvent::new(code(c), KeyModifiers::NONE));
    let presses: Vec<Event> = keys.chars().map(press).collect();
    let areas = Areas::default();
    presses
        .iter()
        .flat_map(|k| on_input(app, k, &areas))
        .collect()
}

#[test]
fn a_comparison_has_its_colors_at_every_depth() {
    for (name, depth) in [("truecolor", Depth::TrueColor), ("none", Depth::None)] {
        let mut app = listing();
        app.step(Action::Open);
        let (buffer, _) = screen(&mut app, 80, 24, depth);
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
        let mut app = listing();
        for _ in 0..2 {
            let (buffer, _) = screen(&mut app, width, height, Depth::TrueColor);
            for cell in &buffer.content {
                assert!(!cell.symbol().chars().any(char::is_control), "{cell:?}");
            }
            app.step(Action::Open);
        }
        keys(&mut app, "zdGjf");
        screen(&mut app, width, height, Depth::None);
    }
}

#[test]
fn the_other_one_of_a_pair_is_listed_first_and_stands_on_its_side() {
    let mut app = listing();
    let Mode::CompareWith(choices, 0) = &app.mode else {
        panic!("no list");
    };
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
    keys(&mut app, "\n");
    let (buffer, _) = screen(&mut app, 120, 30, Depth::TrueColor);
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
    keys(&mut app, "\u{1b}");
    assert!(app.compare.view.is_none());
    app.pane = Pane::Prompts;
    keys(&mut app, "jc\n");
    let view = app.compare.view.as_ref().expect("a view");
    assert_eq!(view.comparison.b.id, "one+names");
    keys(&mut app, "\u{1b}");
    assert_eq!(app.entry().unwrap().prompt.id, "one+names");
}

#[test]
fn another_models_chain_of_the_same_prompt_is_listed_with_its_model() {
    let mut traces = pair();
    let mut again = traces[0].clone();
    again.model.file = "other.gguf".into();
    traces.push(again);
    let mut app = app(Vec::new());
    app.add_traces(traces);
    app.step(Action::Compare);
    let Mode::CompareWith(choices, _) = &app.mode else {
        panic!("no list");
    };
    let again = choices.iter().find(|c| c.kind == "again").unwrap();
    assert_eq!(again.says, "other.gguf · answer 66 ✓");
    keys(&mut app, "j\n");
    let view = app.compare.view.as_ref().unwrap();
    assert_eq!(
        view.comparison.verdict,
        "Both right; the chains are the same."
    );
}

#[test]
fn a_comparison_is_written_as_the_program_writes_it() {
    let mut app = listing();
    keys(&mut app, "\ne");
    let effects = keys(&mut app, "\n");
    let [Effect::ExportComparison(c, path)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(path.to_str(), Some("one--one+names.json"));
    let pair = pair();
    let wanted = rotescope_study::compare::compare(&pair[0], &pair[1]);
    assert_eq!(
        serde_json::to_value(c).unwrap(),
        serde_json::to_value(wanted).unwrap()
    );
    assert!(app.compare.view.is_some());
}

#[test]
fn other_keys_do_not_leave_the_comparison() {
    let mut app = listing();
    keys(&mut app, "\n");
    assert!(keys(&mut app, "rRx").is_empty());
    assert!(app.message.as_ref().unwrap().0.contains("esc closes"));
    keys(&mut app, "?");
    assert!(matches!(app.mode, Mode::Help(_)));
    keys(&mut app, "\u{1b}");
    assert!(app.compare.view.is_some(), "closes the help only");
    let wheel = crossterm::event::MouseEvent {
        kind: crossterm::event::MouseEventKind::ScrollDown,
        column: 40,
        row: 10,
        modifiers: KeyModifiers::NONE,
    };
    keys(&mut app, "g");
    let (_, areas) = screen(&mut app, 80, 24, Depth::TrueColor);
    let before = app.compare.view.as_ref().unwrap().cursor;
    on_input(&mut app, &Event::Mouse(wheel), &areas);
    assert!(app.compare.view.as_ref().unwrap().cursor > before);
}

#[test]
fn a_prompt_without_a_chain_is_not_compared() {
    let mut app = app(vec![prompt("one", "How many?")]);
    keys(&mut app, "c");
    assert!(matches!(app.mode, Mode::Normal));
    assert!(
        app.message
            .as_ref()
            .unwrap()
            .0
            .contains("run the prompt first")
    );
}

#[test]
fn operators_are_typed_with_their_options() {
    let mut app = listing();
    let Mode::CompareWith(choices, _) = &app.mode else {
        panic!("no list");
    };
    let at = choices.iter().position(|c| c.name == "…").unwrap();
    keys(&mut app, &("j".repeat(at) + "\n" + "rotat\n"));
    assert!(matches!(app.mode, Mode::Change(_)), "to be typed on");
    let (buffer, _) = screen(&mut app, 120, 24, Depth::TrueColor);
    assert!(rows(&buffer)[23].contains("no operator is called \"rotat\""));
    let effects = keys(&mut app, "e casing:upper\n");
    let [Effect::Run(job)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(job.prompt.id, "one+rotate+casing:upper");
    assert_eq!(job.prompt.question, "56. HOW MANY? TOM HAS");
    let mut trace = pair().remove(1);
    trace.prompt.id = job.prompt.id.clone();
    app.update(Update::Finished {
        job: job.id,
        trace: Box::new(trace),
    });
    assert!(app.compare.view.is_some());
    // Typed again, nothing has to be run again.
    keys(&mut app, "\u{1b}cG");
    let Mode::CompareWith(choices, _) = &app.mode else {
        panic!("no list");
    };
    let typed = choices.iter().position(|c| c.name == "…").unwrap();
    let up = choices.len() - 1 - typed;
    let effects = keys(&mut app, &("k".repeat(up) + "\nrotate casing:upper\n"));
    assert!(effects.is_empty() && app.compare.view.is_some());
}

#[test]
fn stopping_what_is_run_for_a_comparison_opens_none() {
    let mut app = listing();
    let Mode::CompareWith(choices, _) = &app.mode else {
        panic!("no list");
    };
    let at = choices.iter().position(|c| c.name == "reverse").unwrap();
    let effects = keys(&mut app, &("j".repeat(at) + "\n"));
    let [Effect::Run(job)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(job.prompt.id, "one+reverse");
    assert_eq!(job.prompt.pair.as_deref(), Some("one"));
    assert_eq!(job.prompt.meta["perturbation"]["operators"][0], "reverse");
    let mut half = pair().remove(0);
    half.finish = "cancelled".into();
    keys(&mut app, "\u{1b}");
    app.update(Update::Finished {
        job: job.id,
        trace: Box::new(half),
    });
    assert!(app.compare.view.is_none());
}

#[test]
fn the_bundled_model_runs_a_changed_prompt_and_the_view_opens() {
    let (mut app, live) = bundled();
    let effects = app.step(Action::RunPrompt);
    follow(&mut app, &live, effects, |a| {
        a.running.is_none() && a.session().is_some_and(|s| s.trace.is_some())
    });
    keys(&mut app, "c");
    let Mode::CompareWith(choices, _) = &app.mode else {
        panic!("no list");
    };
    let at = choices.iter().position(|c| c.name == "numbers").unwrap();
    let effects = keys(&mut app, &("j".repeat(at) + "\n"));
    follow(&mut app, &live, effects, |a| a.compare.view.is_some());
    assert_eq!(app.entries.len(), 3);
    assert_eq!(app.entries[2].prompt.id, "applied-base-000+numbers");
    // It opens when the chain is there, and has the scores when those are.
    follow(&mut app, &live, Vec::new(), |a| a.running.is_none());
    let view = app.compare.view.as_ref().unwrap();
    assert!(view.traces[1].tokens.iter().any(|t| t.long.is_some()));
    assert!(!view.comparison.mapping.is_empty());
    let verdict: String = view.comparison.verdict.chars().take(30).collect();
    app.message = None;
    let (buffer, _) = screen(&mut app, 160, 44, Depth::TrueColor);
    let all = rows(&buffer).concat();
    assert!(all.contains(&verdict), "{verdict} in {all}");
    keys(&mut app, "\u{1b}");
    assert_eq!(app.entry().unwrap().prompt.id, "applied-base-000");
    // One that asks the corpus says what it did, or why it cannot.
    keys(&mut app, "c");
    let Mode::CompareWith(choices, _) = &app.mode else {
        panic!("no list");
    };
    let at = choices.iter().position(|c| c.name == "rarer").unwrap();
    let effects = keys(&mut app, &("j".repeat(at) + "\n"));
    assert!(matches!(effects[..], [Effect::Change(..)]));
    follow(&mut app, &live, effects, |a| a.compare.view.is_some());
    let view = app.compare.view.as_ref().unwrap();
    assert_eq!(view.comparison.b.id, "applied-base-000+rarer");
    assert!(app.entries[3].prompt.meta["rarity"].is_object());
    follow(&mut app, &live, Vec::new(), |a| a.running.is_none());
    keys(&mut app, "\u{1b}");
    // What an operator made once is the pair from now on.
    keys(&mut app, "c");
    let Mode::CompareWith(choices, _) = &app.mode else {
        panic!("no list");
    };
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
    let mut prompts = prompts::read(&bundle.prompts("planted-local").unwrap()).unwrap();
    prompts.truncate(2);
    assert_eq!(prompts[1].pair.as_ref(), Some(&prompts[0].id));
    let mut app = App::new(prompts, THEMES.builtin("dark").unwrap(), Keymap::default());
    let live = live();
    let effects = app.step(Action::RunPrompt);
    // Its mid-range and long-range scores are not all there yet; the other prompt waits for them.
    follow(&mut app, &live, effects, |a| {
        a.session().is_some_and(|s| s.trace.is_some())
    });
    let effects = keys(&mut app, "c\n");
    follow(&mut app, &live, effects, |a| {
        a.compare.view.is_some() && a.running.is_none()
    });
    let view = app.compare.view.as_ref().unwrap();
    for trace in &view.traces {
        assert!(
            trace.tokens.iter().any(|t| t.long.is_some()),
            "{}",
            trace.prompt.id
        );
    }
    app.message = None;
    let (buffer, _) = screen(&mut app, 120, 32, Depth::TrueColor);
    let all = rows(&buffer).concat();
    assert!(
        all.contains("fragility") && all.contains("A  answer"),
        "{all}"
    );
    if std::env::var_os("ROTESCOPE_BLESS").is_some() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/compare.svg");
        std::fs::write(path, super::svg::svg(&buffer)).unwrap();
    }
}
