//! What actions and keys do: moving, typing, sorting, running.

use super::support::*;

#[test]
fn actions_move_the_cursor() {
    use Action::*;
    // Actions after the chain has come, and the token that the cursor is on then.
    for (actions, wanted) in [
        (&[][..], 7),
        (&[First], 0),
        (&[First, NextToken, NextToken], 2),
        (&[First, PreviousToken], 0),
        (&[Last, NextToken], 7),
        (&[First, NextWord], 1),
        (&[First, NextStep], 5),
        (&[Last, PreviousStep], 5),
        (&[Last, PreviousStep, PreviousStep], 0),
        (&[NextFlag], 7),
        (&[Last, PreviousFlag], 6),
        (&[First, RowDown], 5),
    ] {
        let mut app = app(vec![prompt("one", "How many?")]);
        stream(&mut app, &CHAIN);
        screen(&mut app, 120, 30, Depth::TrueColor); // rows are known once drawn
        for a in actions {
            app.step(*a);
        }
        assert_eq!(app.session().unwrap().cursor, wanted, "{actions:?}");
    }
}

#[test]
fn typing_searches_filters_and_asks() {
    let mut app = app(vec![
        prompt("add-1", "How many?"),
        prompt("count-1", "What is it?"),
    ]);
    let areas = Areas::default();
    let keys = |app: &mut App, keys: &str| -> Vec<Effect> {
        let code = |c| match c {
            '\n' => KeyCode::Enter,
            '\u{1b}' => KeyCode::Esc,
            c => KeyCode::Char(c),
        };
        keys.chars()
            .flat_map(|c| {
                let key = Event::Key(KeyEvent::new(code(c), KeyModifiers::NONE));
                on_input(app, &key, &areas)
            })
            .collect()
    };
    keys(&mut app, "&count\n");
    assert_eq!(app.listed, [1]);
    keys(&mut app, "&");
    for _ in 0..5 {
        let key = KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE);
        on_input(&mut app, &Event::Key(key), &Areas::default());
    }
    keys(&mut app, "\n");
    assert_eq!(app.listed, [0, 1]);

    stream(&mut app, &CHAIN);
    let effects = keys(&mut app, "/two\n");
    assert_eq!(app.session().unwrap().cursor, 2);
    assert!(matches!(effects[..], [Effect::LookAt(2)]), "{effects:?}");
    let effects = keys(&mut app, "/nowhere\n");
    assert!(
        matches!(effects[..], []),
        "the cursor has not moved: {effects:?}"
    );
    assert!(app.message.as_ref().unwrap().0.contains("nowhere"));

    // The palette finds by a part of the name; q in it is a letter, not the way out.
    let effects = keys(&mut app, ":qu");
    assert!(effects.is_empty() && matches!(app.mode, Mode::Palette(..)));
    let effects = keys(&mut app, "it\n");
    assert!(matches!(effects[..], [Effect::Quit]));

    let effects = keys(&mut app, "iWhat is 2 + 2?\n");
    let job = effects.iter().find_map(|e| match e {
        Effect::Run(job) => Some(job),
        _ => None,
    });
    assert_eq!(job.unwrap().prompt.question, "What is 2 + 2?");
    assert_eq!(app.history, ["What is 2 + 2?"]);
}

#[test]
fn all_listed_prompts_run_one_after_the_other() {
    let mut app = app((0..3).map(|i| prompt(&format!("p{i}"), "?")).collect());
    let run = |effects: Vec<Effect>| -> Option<Box<Job>> {
        effects.into_iter().find_map(|e| match e {
            Effect::Run(job) => Some(job),
            _ => None,
        })
    };
    let mut job = run(app.step(Action::RunAll));
    let mut ran = Vec::new();
    while let Some(j) = job {
        ran.push(j.prompt.id.clone());
        job = run(app.update(Update::Failed {
            job: j.id,
            error: "no".into(),
        }));
    }
    assert_eq!(ran, ["p0", "p1", "p2"]);
}

#[test]
fn prompts_are_sorted_and_the_selected_one_stays() {
    let spec = |id: &str, task: &str| Prompt {
        task: Some(task.into()),
        ..prompt(id, "?")
    };
    let mut app = app(vec![spec("c", "2"), spec("a", "1"), spec("b", "2")]);
    stream(&mut app, &CHAIN);
    assert_eq!(app.selected, 0);
    let mut seen = Vec::new();
    for _ in 0..7 {
        app.step(Action::SortPrompts);
        seen.push((app.order, app.listed.clone()));
        assert_eq!(app.entry().unwrap().prompt.id, "c");
    }
    assert_eq!(seen[0], (Order::Id, vec![1, 2, 0]));
    assert_eq!(seen[1], (Order::Task, vec![1, 0, 2]));
    assert_eq!(seen[5], (Order::Length, vec![0, 1, 2]));
    assert_eq!(seen[6], (Order::File, vec![0, 1, 2]));
}

#[test]
fn a_theme_is_seen_before_it_is_taken() {
    let mut app = app(vec![prompt("one", "How many?")]);
    let name = |app: &App| app.theme.name().to_string();
    app.step(Action::Theme);
    app.step(Action::RowDown);
    let seen = name(&app);
    assert_ne!(seen, "dark");
    app.step(Action::Stop);
    assert_eq!(name(&app), "dark");
    app.step(Action::Theme);
    app.step(Action::RowDown);
    app.step(Action::Open);
    assert_eq!(name(&app), seen);
    assert!(matches!(app.mode, Mode::Normal));
}

#[test]
fn keys_of_the_docs_are_those_of_the_table() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    if std::env::var_os("ROTESCOPE_BLESS").is_some() {
        std::fs::write(&path, markdown()).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        markdown(),
        "make it anew: rotescope keys > docs/keys.md"
    );
}

#[test]
fn without_prompts_it_says_how_to_give_some_and_takes_one_that_is_typed() {
    let mut app = app(Vec::new());
    let shown = rows(&screen(&mut app, 140, 30, Depth::None).0).join("\n");
    assert!(
        shown.contains("--prompts FILE") && shown.contains("bundle:NAME"),
        "{shown}"
    );
    // Nothing that moves or runs minds that there is none.
    for action in [Action::RowDown, Action::RunPrompt, Action::NextToken] {
        app.step(action);
    }
    for key in ['i', 'W', 'h', 'y', '?', '\n'] {
        let code = if key == '\n' {
            KeyCode::Enter
        } else {
            KeyCode::Char(key)
        };
        let key = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
        on_input(&mut app, &key, &Areas::default());
    }
    assert_eq!(app.entry().unwrap().prompt.question, "Why?");
}
