//! The app without a terminal: actions on its state, screens with their colors, and whole runs of the bundled model.

mod tui_compare;
mod tui_support;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use rotescope::cli::common::{Parts, index_ref};
use rotescope::corpus::Corpus;
use rotescope::model::{Engine, ModelOptions};
use rotescope::run::bundle::Bundle;
use rotescope::run::live::{Hit, Job, Live, Ready, Update};
use rotescope::run::pipeline::Scorer;
use rotescope::run::prompts::{self, PromptSpec};
use rotescope::stim::DistantSettings;
use rotescope::text::SplitBy;
use rotescope::theme::{Depth, Theme};
use rotescope::trace::{
    Candidates, Distant, Flag, Local, ModelRef, SalientWord, Sampler, Step, Token, Trace,
};
use rotescope::tui::action::{Action, Keymap, markdown};
use rotescope::tui::app::{App, Effect, Mode, Order, Pane};
use rotescope::tui::draw::{self, Areas};
use rotescope::tui::editor::Editor;
use rotescope::tui::on_input;

fn prompt(id: &str, question: &str) -> PromptSpec {
    PromptSpec {
        id: id.into(),
        question: question.into(),
        ..Default::default()
    }
}

fn app(prompts: Vec<PromptSpec>) -> App {
    let mut app = App::new(prompts, Theme::builtin("dark").unwrap(), Keymap::default());
    let model = ModelRef {
        file: "pocket.gguf".into(),
        ..Default::default()
    };
    app.update(Update::Ready(Ready { model, index: None }));
    app
}

/// A token with a local score and, where `mid` is given, a mid-range one.
fn token(text: &str, at: usize, local: f64, mid: Option<f64>) -> Token {
    Token {
        id: 7,
        text: text.into(),
        bytes: None,
        span: [at, at + text.len()],
        p: 0.75,
        rank: 1,
        entropy: 0.5,
        candidates: Candidates {
            ids: vec![7, 8],
            text: vec![text.into(), " other".into()],
            p: vec![0.75, 0.125],
            local: vec![12, 3],
            ..Default::default()
        },
        local: Some(Local {
            score: Some(local),
            undefined: None,
            context: 1,
            context_count: 15,
            match_count: 12,
        }),
        mid: mid.map(|score| Distant {
            score: Some(score),
            undefined: None,
            words: vec![SalientWord {
                text: "ten".into(),
                span: [0, 3],
                saliency: 0.5,
                error: None,
            }],
            window: Some([0, 1]),
            elicited: Some(true),
        }),
        long: None,
        measures: Default::default(),
        cause: None,
        skipped: None,
    }
}

/// Starts the selected prompt and lets tokens come; returns the job's id.
fn stream(app: &mut App, tokens: &[(&str, f64, Option<f64>)]) -> u64 {
    let effects = app.step(Action::RunPrompt);
    let Some(Effect::Run(job)) = effects.into_iter().next() else {
        panic!("no job");
    };
    let mut at = 0;
    for (text, local, mid) in tokens {
        app.update(Update::Token {
            job: job.id,
            token: Box::new(token(text, at, *local, *mid)),
        });
        at += text.len();
    }
    job.id
}

fn screen(app: &mut App, width: u16, height: u16, depth: Depth) -> (Buffer, Areas) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut areas = Areas::default();
    terminal
        .draw(|f| areas = draw::draw(f, app, depth))
        .unwrap();
    (terminal.backend().buffer().clone(), areas)
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    buffer
        .content
        .chunks(width)
        .map(|row| row.iter().map(Cell::symbol).collect())
        .collect()
}

/// The screen with its styles: each run of cells of one style as `{fg/bg/modifiers}text`, rows as lines, plain style as `{}`.
fn styled(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in buffer.content.chunks(usize::from(buffer.area.width)) {
        let mut last = String::new();
        let mut line = String::new();
        for cell in row {
            let style = format!("{{{}/{}/{:?}}}", cell.fg, cell.bg, cell.modifier);
            if style != last {
                line += &style;
                last = style;
            }
            line += cell.symbol();
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

/// Compares with the stored screen; `ROTESCOPE_BLESS=1` stores it anew.
fn snapshot(name: &str, found: &str) {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.txt"));
    if std::env::var_os("ROTESCOPE_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
        return;
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    for (i, (f, w)) in found.lines().zip(wanted.lines()).enumerate() {
        assert_eq!(f, w, "{name}, row {}; ROTESCOPE_BLESS=1 accepts it", i + 1);
    }
    assert_eq!(found.lines().count(), wanted.lines().count(), "{name}");
}

const CHAIN: [(&str, f64, Option<f64>); 8] = [
    ("ten", 0.95, None),
    (" and", -0.2, None),
    (" two", 0.1, Some(0.7)),
    (" make", 0.45, None),
    (" 12.", 0.3, None),
    (" So", 0.62, None),
    (" 日本", 0.81, None),
    ("\u{1b}[31m.", 0.0, None),
];

#[test]
fn screens_have_their_colors_at_every_depth() {
    for (name, depth) in [
        ("truecolor", Depth::TrueColor),
        ("256", Depth::Ansi256),
        ("16", Depth::Ansi16),
        ("none", Depth::None),
    ] {
        let mut app = app(vec![prompt("one", "How many?"), prompt("two", "And now?")]);
        stream(&mut app, &CHAIN);
        app.step(Action::First);
        app.message = None;
        let (buffer, _) = screen(&mut app, 120, 16, depth);
        // The rate of tokens is that of this machine.
        let text: Vec<String> = styled(&buffer).lines().skip(1).map(String::from).collect();
        snapshot(&format!("chain-{name}"), &(text.join("\n") + "\n"));
    }
}

#[test]
fn without_color_sources_and_strengths_still_differ() {
    let mut app = app(vec![prompt("one", "How many?")]);
    stream(&mut app, &CHAIN);
    app.step(Action::Last);
    let (buffer, areas) = screen(&mut app, 120, 24, Depth::None);
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
    let mut app = app(vec![prompt(
        "\u{1b}]0;evil\u{7}",
        "Clear \u{1b}[2J\tnow\u{9b}31m",
    )]);
    stream(&mut app, &CHAIN);
    for (width, height) in [(80, 24), (120, 40), (200, 60), (20, 6), (1, 1)] {
        let (buffer, _) = screen(&mut app, width, height, Depth::TrueColor);
        for cell in &buffer.content {
            assert!(!cell.symbol().chars().any(char::is_control), "{cell:?}");
        }
    }
}

#[test]
fn small_screens_show_one_pane_and_large_ones_all() {
    let mut app = app(vec![prompt("one", "How many?")]);
    stream(&mut app, &CHAIN);
    let (_, areas) = screen(&mut app, 200, 60, Depth::TrueColor);
    for area in [areas.prompts, areas.chain, areas.token, areas.documents] {
        assert!(!area.is_empty());
    }
    let mut seen = Vec::new();
    for _ in Pane::ALL {
        let (buffer, areas) = screen(&mut app, 80, 24, Depth::TrueColor);
        seen.push(app.pane);
        assert_eq!(areas.prompts.is_empty(), app.pane != Pane::Prompts);
        assert_eq!(areas.documents.is_empty(), app.pane != Pane::Documents);
        let all = rows(&buffer);
        assert!(all[22].contains("local"), "the legend: {}", all[22]);
        app.step(Action::NextPane);
    }
    seen.sort_by_key(|p| *p as usize);
    assert_eq!(seen, Pane::ALL);
}

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
    keys(&mut app, "/two\n");
    assert_eq!(app.session().unwrap().cursor, 2);
    keys(&mut app, "/nowhere\n");
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
fn a_candidate_taken_instead_makes_a_branch() {
    let mut app = app(vec![prompt("one", "How many?")]);
    stream(&mut app, &CHAIN);
    app.step(Action::First);
    app.step(Action::NextToken);
    app.step(Action::Candidate);
    assert!(matches!(app.mode, Mode::Candidate(0)));
    app.step(Action::RowDown);
    let effects = app.step(Action::Open);
    let Some(Effect::Run(job)) = effects.into_iter().next() else {
        panic!("no job");
    };
    let kept: Vec<&str> = job.from.kept.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(kept, ["ten", " other"]);
    assert_eq!(job.from.kept[1].id, 8);
    assert_eq!(app.entry().unwrap().sessions.len(), 2);
    app.step(Action::PreviousBranch);
    assert_eq!(app.session().unwrap().tokens.len(), CHAIN.len());
}

/// Ends the job with a trace of what was streamed; `reasoning`: bytes of the output that are `<think>` text.
fn finish(app: &mut App, job: u64, reasoning: Option<[usize; 2]>) {
    let s = app.sessions.iter().find(|s| s.job == job).unwrap();
    let trace = Trace {
        tokens: s.tokens.clone(),
        steps: s.steps.clone(),
        reasoning,
        ..Trace::default()
    };
    let trace = Box::new(trace);
    app.update(Update::Finished { job, trace });
}

#[test]
fn reasoning_is_open_while_live_and_folded_after() {
    let mut app = app(vec![prompt("one", "How many?")]);
    let job = stream(
        &mut app,
        &[
            ("<think>", 0.0, None),
            (" ten", 0.9, None),
            (" and", 0.9, None),
            (" two.", 0.9, None),
            ("</think>\n\n", 0.0, None),
            (" It", 0.5, None),
            (" is", 0.5, None),
            (" 12.", 0.5, None),
        ],
    );
    app.step(Action::First);
    let all = |app: &mut App| rows(&screen(app, 120, 30, Depth::None).0).concat();
    assert!(all(&mut app).contains("ten and two."));
    finish(&mut app, job, Some([8, 20]));
    let folded = all(&mut app);
    assert!(folded.contains("reasoning, 3 tokens; Z unfolds"));
    assert!(!folded.contains("ten and") && folded.contains("It is 12."));
    // The fold is passed like one token, in both directions.
    for (action, wanted) in [
        (Action::NextToken, 1),
        (Action::NextToken, 4),
        (Action::PreviousToken, 1),
        (Action::PreviousToken, 0),
        (Action::NextStep, 5),
    ] {
        app.step(action);
        assert_eq!(app.session().unwrap().cursor, wanted, "{action:?}");
    }
    // What is found in it unfolds it; Z folds it again, with the cursor on the fold.
    app.search = "two".into();
    app.step(Action::NextMatch);
    assert!(all(&mut app).contains("ten and two."));
    assert_eq!(app.session().unwrap().cursor, 3);
    app.step(Action::FoldReasoning);
    assert!(!all(&mut app).contains("ten and two."));
    assert_eq!(app.session().unwrap().cursor, 1);
}

#[test]
fn flags_come_with_the_steps_and_stay() {
    let mut app = app(vec![prompt("one", "How many?")]);
    let job = stream(&mut app, &CHAIN);
    let mut step = app.session().unwrap().steps[0].clone();
    step.flag = Some(Flag {
        p: 0.9,
        reasons: vec!["rare".into()],
        token: Some(2),
    });
    let other = Step {
        span: [0, 3],
        ..step.clone()
    };
    app.update(Update::Steps {
        job,
        steps: vec![step, other],
    });
    let at = app.session().unwrap().tokens.last().unwrap().span[1];
    for (i, text) in [" So", " on", "."].into_iter().enumerate() {
        let token = Box::new(token(text, at + i, 0.1, None));
        app.update(Update::Token { job, token });
    }
    let flags: Vec<bool> = app
        .session()
        .unwrap()
        .steps
        .iter()
        .map(|s| s.flag.is_some())
        .collect();
    assert!(flags[0] && flags[1..].iter().all(|f| !f), "{flags:?}");
    app.step(Action::NextFlag);
    app.step(Action::First);
    app.step(Action::NextFlag);
    assert_eq!(app.session().unwrap().cursor, 2);
}

#[test]
fn a_text_of_ones_own_makes_a_branch_and_branches_are_a_tree() {
    let mut app = app(vec![prompt("one", "How many?")]);
    let first = stream(&mut app, &CHAIN);
    finish(&mut app, first, None);
    let branch = |app: &mut App, at: usize, typed: &str| -> Box<Job> {
        app.step(Action::First);
        for _ in 0..at {
            app.step(Action::NextToken);
        }
        app.step(Action::Candidate);
        app.step(Action::Edit);
        let Mode::Instead(editor) = &mut app.mode else {
            panic!("{:?}", app.mode);
        };
        editor.insert(typed);
        let job = app.sent().into_iter().find_map(|e| match e {
            Effect::Run(job) => Some(job),
            _ => None,
        });
        job.expect("a job")
    };
    let job = branch(&mut app, 2, "thirty");
    assert_eq!(job.from.kept.len(), 2);
    assert_eq!(job.from.typed, " twothirty");
    let text = Box::new(token(" twothirty", 8, 0.1, None));
    app.update(Update::Token {
        job: job.id,
        token: text,
    });
    let child = job.id;
    finish(&mut app, child, None);
    let inner = branch(&mut app, 1, "!");
    app.show_branch(0);
    branch(&mut app, 5, "?");
    // The first run, its branch and the branch of that, then the second branch.
    let entry = app.entry().unwrap().clone();
    let tree: Vec<(usize, usize)> = app
        .branches(&entry)
        .iter()
        .map(|b| (b.place, b.depth))
        .collect();
    assert_eq!(tree, [(0, 0), (1, 1), (2, 2), (3, 1)]);
    app.show_branch(1);
    app.step(Action::NextBranch);
    assert_eq!(app.session().unwrap().job, inner.id);
    let (buffer, areas) = screen(&mut app, 120, 40, Depth::None);
    let all = rows(&buffer);
    let row = |i: u16| &all[usize::from(areas.branches.y + i)];
    assert!(row(0).contains("first run"), "{}", row(0));
    assert!(
        row(1).contains("at 3: \" two\" → \" twothirty\""),
        "{}",
        row(1)
    );
    // A click shows a branch.
    let click = Event::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: areas.branches.x + 3,
        row: areas.branches.y,
        modifiers: KeyModifiers::NONE,
    });
    on_input(&mut app, &click, &areas);
    assert_eq!(app.session().unwrap().job, first);
}

#[test]
fn searches_look_through_what_has_the_focus() {
    let mut app = app(vec![
        prompt("a", "Ann has one apple"),
        prompt("b", "Bob has one pear"),
    ]);
    let search = |app: &mut App, text: &str| {
        app.step(Action::Search);
        let Mode::Search(editor, _) = &mut app.mode else {
            panic!();
        };
        editor.insert(text);
        app.sent();
    };
    search(&mut app, "pear");
    assert_eq!((app.selected, app.pane), (1, Pane::Prompts));
    stream(&mut app, &CHAIN);
    let hit = |id: &str, text: String| Hit {
        id: id.into(),
        source: String::new(),
        text,
        matched: [0, 1],
        copies: 1,
    };
    let long: String = (0..100).map(|i| format!("line {i}\n")).collect();
    app.found.hits = vec![hit("x", "first text".into()), hit("y", long)];
    app.pane = Pane::Documents;
    search(&mut app, "LINE 7");
    assert!(
        app.message
            .as_ref()
            .unwrap()
            .0
            .contains("not in the documents")
    );
    search(&mut app, "line 7");
    assert_eq!(app.hit, 1);
    app.step(Action::Open);
    search(&mut app, "line 42");
    assert!(matches!(app.mode, Mode::Document(42)), "{:?}", app.mode);
    let (buffer, _) = screen(&mut app, 80, 24, Depth::None);
    assert!(
        rows(&buffer)[3].contains("line 42 ◂"),
        "{}",
        rows(&buffer)[3]
    );
    // Esc closes the document; the chain has its own.
    app.step(Action::Stop);
    app.pane = Pane::Token;
    search(&mut app, "make");
    assert_eq!((app.pane, app.session().unwrap().cursor), (Pane::Chain, 3));
}

#[test]
fn prompts_are_sorted_and_the_selected_one_stays() {
    let spec = |id: &str, task: &str| PromptSpec {
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
fn the_mouse_explains_what_it_is_over_and_leaves_the_cursor() {
    let mut app = app(vec![prompt("one", "How many?")]);
    stream(&mut app, &CHAIN);
    app.step(Action::First);
    let (_, areas) = screen(&mut app, 120, 30, Depth::None);
    let over = |app: &mut App, column: u16, row: u16| {
        let moved = MouseEvent {
            kind: MouseEventKind::Moved,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        };
        on_input(app, &Event::Mouse(moved), &areas);
        rows(&screen(app, 120, 30, Depth::None).0).concat()
    };
    let all = over(&mut app, areas.rows.x + 5, areas.rows.y);
    assert!(all.contains("token under the mouse") && all.contains("\" and\"  p .750"));
    assert_eq!(app.session().unwrap().cursor, 0);
    let all = over(&mut app, 0, 0);
    assert!(all.contains("\"ten\"  p .750"));
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
fn keys_of_the_docs_are_those_of_the_table() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        markdown(),
        "make it anew: rotescope keys > docs/keys.md"
    );
}

/// Draws a screen for the docs, where that is asked for.
fn picture(name: &str, buffer: &Buffer) {
    if std::env::var_os("ROTESCOPE_BLESS").is_some() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("docs/{name}.svg"));
        std::fs::write(path, tui_support::svg(buffer)).unwrap();
    }
}

/// The bundled model and corpus on their threads.
fn live() -> Live {
    let open = |_: &crossbeam_channel::Sender<Update>| {
        let bundle = Bundle::find().ok_or("no bundle")?;
        let index = Parts::default()
            .open_index()
            .map_err(|e| format!("{e:#}"))?
            .ok_or("no index")?;
        let options = ModelOptions {
            threads: Some(1),
            ..ModelOptions::new(bundle.model())
        };
        let reference = index_ref(&index);
        Ok(Scorer {
            engine: Engine::load(options, |_| ControlFlow::Continue(()))
                .map_err(|e| e.to_string())?,
            corpus: Some((index as Arc<dyn Corpus>, reference)),
            model: ModelRef::default(),
            sampler: Sampler {
                max_tokens: 120,
                top_p: 1.0,
                ..Default::default()
            },
            candidates: 20,
            distant: Some(DistantSettings::default()),
            split: SplitBy::Sentence,
            raw: false,
            finish: Default::default(),
        })
    };
    Live::start(open).unwrap()
}

/// Takes in updates and does what they ask for, until `done`.
fn follow(app: &mut App, live: &Live, effects: Vec<Effect>, mut done: impl FnMut(&App) -> bool) {
    let mut effects = effects;
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Run(job) => live.run(*job),
                Effect::Cancel => live.cancel(),
                Effect::Documents(ngram) => live.documents(ngram),
                Effect::Verbatim(job, output) => live.verbatim(job, output),
                Effect::Change(prompt, plan) => live.change(prompt, plan),
                _ => {}
            }
        }
        if done(app) {
            return;
        }
        let update = live
            .updates
            .recv_timeout(Duration::from_secs(120))
            .expect("the engine says something");
        effects = app.update(update);
        assert_eq!(app.broken, None);
    }
}

#[test]
fn the_bundled_model_streams_is_explained_and_branches() {
    let bundle = Bundle::find().unwrap();
    let mut prompts = prompts::read(&bundle.prompts().join("applied-base.jsonl")).unwrap();
    prompts.truncate(2);
    let mut app = App::new(prompts, Theme::builtin("dark").unwrap(), Keymap::default());
    let live = live();
    // Asked for before the model is there: it waits and runs then.
    let effects = app.step(Action::RunPrompt);
    follow(&mut app, &live, effects, |a| {
        a.running.is_none() && a.session().is_some_and(|s| s.trace.is_some())
    });
    let session = app.session().unwrap();
    assert!(session.tokens.iter().any(|t| t.local.is_some()));
    assert!(session.tokens.iter().any(|t| t.mid.is_some()));
    let first: Vec<u32> = session.tokens.iter().map(|t| t.id).collect();

    // Documents come for the token at the cursor, and hold what they are said to hold.
    let effects = app.step(Action::First);
    follow(&mut app, &live, effects, |a| !a.found.hits.is_empty());
    let effects = app.step(Action::NextFlag);
    follow(&mut app, &live, effects, |a| !a.looking_up());
    app.message = None;
    let (buffer, _) = screen(&mut app, 160, 44, Depth::TrueColor);
    assert!(rows(&buffer).concat().contains("documents with"));
    picture("tour", &buffer);

    app.step(Action::Export);
    assert!(matches!(app.mode, Mode::Export(_)));
    let effects = app.sent();
    assert!(
        matches!(&effects[..], [Effect::Export(t, to)] if t.prompt.id == "applied-base-000" && to.ends_with("applied-base-000.html")),
        "{effects:?}"
    );

    // The same token taken again goes on as it went on before; another one is kept.
    for candidate in [0, 1] {
        app.step(Action::First);
        for _ in 0..4 {
            app.step(Action::NextToken);
        }
        app.step(Action::Candidate);
        for _ in 0..candidate {
            app.step(Action::RowDown);
        }
        let at = app.session().unwrap().cursor;
        let order = app.candidate_order(app.session().unwrap().token().unwrap());
        let taken = app.session().unwrap().token().unwrap().candidates.ids[order[candidate]];
        let effects = app.step(Action::Open);
        follow(&mut app, &live, effects, |a| {
            a.running.is_none() && a.session().is_some_and(|s| s.trace.is_some())
        });
        let ids: Vec<u32> = app.session().unwrap().tokens.iter().map(|t| t.id).collect();
        assert_eq!(ids[..at], first[..at]);
        assert_eq!(ids[at], taken);
        if taken == first[at] {
            assert_eq!(ids, first);
        }
        app.step(Action::PreviousBranch);
    }

    // A text of one's own is read through the model, and gone on from.
    app.show_branch(0);
    app.step(Action::First);
    app.step(Action::NextStep);
    let at = app.session().unwrap().cursor;
    app.step(Action::Candidate);
    app.step(Action::Edit);
    let Mode::Instead(editor) = &mut app.mode else {
        panic!("{:?}", app.mode);
    };
    *editor = Editor::of(" So 3 + 4 = 9.");
    let effects = app.sent();
    let mut flags = 0;
    follow(&mut app, &live, effects, |a| {
        let s = a.session().unwrap();
        // Steps that are over are judged while the rest is still to come.
        if s.trace.is_none() {
            let judged = s.steps.iter().filter(|s| s.verdict.is_some()).count();
            flags = flags.max(judged);
        }
        a.running.is_none() && s.trace.is_some()
    });
    let s = app.session().unwrap();
    let typed: String = s.tokens[at..].iter().map(|t| t.text.as_str()).collect();
    assert!(typed.starts_with(" So 3 + 4 = 9."), "{typed}");
    assert!(s.tokens[at].candidates.ids.len() >= 20);
    assert!(s.tokens[at..].iter().any(|t| t.local.is_some()));
    assert!(typed.len() > " So 3 + 4 = 9.".len());
    assert!(flags > 0, "no step was judged before the end");
    let verdict = s.steps[s.step_of(at)].verdict.as_ref();
    assert!(verdict.is_some_and(|v| !v.right), "{verdict:?}");
    app.message = None;
    let (buffer, _) = screen(&mut app, 160, 44, Depth::TrueColor);
    picture("tour-branches", &buffer);
}

#[test]
fn stopping_ends_at_once_even_what_has_not_begun() {
    let bundle = Bundle::find().unwrap();
    let mut prompts = prompts::read(&bundle.prompts().join("applied-base.jsonl")).unwrap();
    prompts.truncate(1);
    let mut app = App::new(prompts, Theme::builtin("dark").unwrap(), Keymap::default());
    let live = live();
    follow(&mut app, &live, Vec::new(), |a| a.ready.is_some());
    let mut effects = app.step(Action::RunPrompt);
    effects.extend(app.step(Action::Stop));
    assert!(matches!(effects.last(), Some(Effect::Cancel)));
    follow(&mut app, &live, effects, |a| a.running.is_none());
    let s = app.session().unwrap();
    assert!(!s.running);
    assert!(s.trace.as_ref().is_none_or(|t| t.finish == "cancelled"));
}
