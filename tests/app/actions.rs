//! What actions and keys do: moving, typing, sorting, running.

use super::support::*;
use rotescope::tui::views::themes::ThemeList;

/// What the bell rings for, of effects.
fn rung(effects: Vec<Effect>) -> Vec<String> {
    let rung = effects.into_iter().filter_map(|e| match e {
        Effect::Ring(text) => Some(text),
        _ => None,
    });
    rung.collect()
}

#[test]
fn the_bell_rings_for_work_that_took_long() {
    let finished = |job, finish: &str| {
        let trace = Box::new(Trace {
            prompt: prompt("one", "Ten and two?").into(),
            finish: finish.into(),
            ..Trace::default()
        });
        Update::Finished { job, trace }
    };
    let failed = |job| Update::Failed {
        job,
        error: "lost".into(),
    };
    let hour = Duration::from_secs(3600);
    for (bell, rings) in [
        (None, false),
        (Some(hour), false),
        (Some(Duration::ZERO), true),
    ] {
        let mut ui = ui(vec![prompt("one", "Ten and two?")]);
        ui.app.bell = bell;
        let wanted = |texts: &[&str]| match rings {
            true => texts.iter().map(ToString::to_string).collect(),
            false => Vec::<String>::new(),
        };
        let job = stream(&mut ui, &CHAIN);
        let effects = ui.update(finished(job, "stop"));
        // Work beside the screen rings too.
        let texts = rung(settle(&mut ui, effects));
        assert_eq!(texts, wanted(&["saving one: done", "one: done"]));
        let job = stream(&mut ui, &CHAIN);
        assert_eq!(rung(ui.update(failed(job))), wanted(&["lost"]));
        // Who stops a chain sees that it ends.
        let job = stream(&mut ui, &CHAIN);
        assert_eq!(rung(ui.update(finished(job, "cancelled"))), [""; 0]);
        assert_eq!(rung(ui.update(failed(job))), [""; 0], "it is over");
    }
}

#[test]
fn actions_move_the_cursor() {
    use Action::*;
    // Actions after the completion has come, and the token that the cursor is on then.
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
        let mut ui = ui(vec![prompt("one", "How many?")]);
        stream(&mut ui, &CHAIN);
        screen(&mut ui, 120, 30, Depth::TrueColor); // rows are known once drawn
        for a in actions {
            ui.step(*a);
        }
        assert_eq!(ui.app.session().unwrap().cursor, wanted, "{actions:?}");
    }
}

#[test]
fn typing_searches_filters_and_asks() {
    let mut ui = ui(vec![
        prompt("add-1", "How many?"),
        prompt("count-1", "What is it?"),
    ]);
    keys(&mut ui, "&count\n");
    assert_eq!(ui.app.listed, [1]);
    keys(&mut ui, "&\u{8}\u{8}\u{8}\u{8}\u{8}\n");
    assert_eq!(ui.app.listed, [0, 1]);

    stream(&mut ui, &CHAIN);
    let effects = keys(&mut ui, "/two\n");
    assert_eq!(ui.app.session().unwrap().cursor, 2);
    assert!(matches!(effects[..], [Effect::LookAt(2)]), "{effects:?}");
    let effects = keys(&mut ui, "/nowhere\n");
    assert!(
        matches!(effects[..], []),
        "the cursor has not moved: {effects:?}"
    );
    assert!(ui.app.message.as_ref().unwrap().0.contains("nowhere"));

    // The palette finds by a part of the name; q in it is a letter, not the way out.
    let effects = keys(&mut ui, ":qu");
    assert!(effects.is_empty() && ui.view::<Finder>().is_some());
    let effects = keys(&mut ui, "it\n");
    assert!(matches!(effects[..], [Effect::Quit]));

    let effects = keys(&mut ui, "iWhat is 2 + 2?\n");
    let job = effects.iter().find_map(|e| match e {
        Effect::Run(job) => Some(job),
        _ => None,
    });
    assert_eq!(job.unwrap().prompt.question, "What is 2 + 2?");
    assert_eq!(ui.app.history, ["What is 2 + 2?"]);
}

#[test]
fn all_listed_prompts_run_one_after_the_other() {
    let mut ui = ui((0..3).map(|i| prompt(&format!("p{i}"), "?")).collect());
    let run = |effects: Vec<Effect>| -> Option<Box<Job>> {
        effects.into_iter().find_map(|e| match e {
            Effect::Run(job) => Some(job),
            _ => None,
        })
    };
    let mut job = run(ui.step(Action::RunAll));
    let mut ran = Vec::new();
    while let Some(j) = job {
        ran.push(j.prompt.id.clone());
        job = run(ui.update(Update::Failed {
            job: j.id,
            error: "no".into(),
        }));
    }
    assert_eq!(ran, ["p0", "p1", "p2"]);
}

#[test]
fn a_theme_is_seen_before_it_is_taken() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    let name = |ui: &Ui| ui.app.theme.name().to_string();
    ui.step(Action::Theme);
    ui.step(Action::RowDown);
    let seen = name(&ui);
    assert_ne!(seen, "dark");
    ui.step(Action::Stop);
    assert_eq!(name(&ui), "dark");
    ui.step(Action::Theme);
    ui.step(Action::RowDown);
    ui.step(Action::Open);
    assert_eq!(name(&ui), seen);
    assert!(ui.view::<ThemeList>().is_none());
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
    let mut ui = ui(Vec::new());
    let shown = rows(&screen(&mut ui, 140, 30, Depth::None).0).join("\n");
    assert!(
        shown.contains("--prompts FILE") && shown.contains("bundle:NAME"),
        "{shown}"
    );
    // Nothing that moves or runs minds that there is none.
    for action in [Action::RowDown, Action::RunPrompt, Action::NextToken] {
        ui.step(action);
    }
    keys(&mut ui, "iWhy?\n");
    assert_eq!(ui.app.entry().unwrap().prompt.question, "Why?");
    // Terminals paste line breaks as carriage returns.
    ui.input(&crossterm::event::Event::Paste(
        "Tom has 3.\rHe buys 4.\r\nHow many?\n".into(),
    ));
    keys(&mut ui, "\n");
    let asked = &ui.app.entry().unwrap().prompt.question;
    assert_eq!(asked, "Tom has 3.\nHe buys 4.\nHow many?");
}
