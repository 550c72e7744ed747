//! What the tests of the app share: prompts and tokens made up, screens as text, the bundled model on its threads.

use rotescope::themes::THEMES;
pub use std::ops::ControlFlow;
pub use std::path::PathBuf;
pub use std::sync::Arc;
pub use std::time::Duration;

pub use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
pub use ratatui::Terminal;
pub use ratatui::backend::TestBackend;
pub use ratatui::buffer::{Buffer, Cell};
pub use rotescope::cli::common::{ModelArgs, index_ref};
pub use rotescope::run::live::{FoundDocuments, Hit, Job, Live, Passage, Ready, Update};
pub use rotescope::run::pipeline::Scorer;
pub use rotescope::run::prompts;
pub use rotescope::shipped;
pub use rotescope::tui::action::{Action, Keymap, markdown};
pub use rotescope::tui::app::{App, Effect, Pane};
pub use rotescope::tui::compare::choose::Choose;
pub use rotescope::tui::desk::Desk;
pub use rotescope::tui::draw::panes::Areas;
pub use rotescope::tui::editor::Editor;
pub use rotescope::tui::ui::Ui;
pub use rotescope::tui::views::finder::Finder;
pub use rotescope::tui::views::help::Help;
pub use rotescope::tui::views::line::{LineView, Wants};
pub use rotescope_corpus::Corpus;
pub use rotescope_model::{Engine, ModelOptions};
pub use rotescope_report::theme::Depth;
pub use rotescope_stim::NonLocalSettings;
pub use rotescope_text::SplitBy;
pub use rotescope_trace::Prompt;
pub use rotescope_trace::{
    Candidates, Flag, Local, ModelRef, NonLocal, SalientWord, Sampler, Step, Token, Trace,
};

pub fn prompt(id: &str, question: &str) -> Prompt {
    Prompt {
        id: id.into(),
        question: question.into(),
        ..Default::default()
    }
}

pub fn ui(prompts: Vec<Prompt>) -> Ui {
    let mut ui = Ui::new(prompts, THEMES.builtin("dark").unwrap(), Keymap::default());
    let model = ModelRef {
        file: "pocket.gguf".into(),
        ..Default::default()
    };
    ui.update(Update::Ready(Ready {
        remote: false,
        model,
        index: None,
        note: None,
    }));
    ui
}

/// A token with a local score and, where `mid` is given, a mid-range one.
pub fn token(text: &str, at: usize, local: f64, mid: Option<f64>) -> Token {
    Token {
        id: 7,
        text: text.into(),
        bytes: None,
        span: [at, at + text.len()],
        p: 0.75,
        rank: 1,
        refused: 0,
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
            aligned: None,
        }),
        mid: mid.map(|score| NonLocal {
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
        retrieved: None,
        pending: Vec::new(),
        skipped: None,
    }
}

/// Starts the selected prompt and lets tokens come; returns the job's id.
pub fn stream(ui: &mut Ui, tokens: &[(&str, f64, Option<f64>)]) -> u64 {
    let effects = ui.step(Action::RunPrompt);
    let Some(Effect::Run(job)) = effects.into_iter().next() else {
        panic!("no job");
    };
    let mut at = 0;
    for (text, local, mid) in tokens {
        ui.update(Update::Token {
            job: job.id,
            token: Box::new(token(text, at, *local, *mid)),
        });
        at += text.len();
    }
    job.id
}

pub fn screen(ui: &mut Ui, width: u16, height: u16, depth: Depth) -> (Buffer, Areas) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|f| ui.draw(f, depth)).unwrap();
    (terminal.backend().buffer().clone(), ui.areas())
}

/// Does what is to be done beside the screen, at once; what else is to be done is left.
pub fn settle(ui: &mut Ui, effects: Vec<Effect>) -> Vec<Effect> {
    let mut left = Vec::new();
    for effect in effects {
        match effect {
            Effect::Work(task) => {
                let done = task.perform(None, &|| true);
                let more = ui.done(done);
                left.extend(settle(ui, more));
            }
            other => left.push(other),
        }
    }
    left
}

/// Does an action, and what it asks to be done beside the screen.
pub fn act(ui: &mut Ui, action: Action) -> Vec<Effect> {
    let effects = ui.step(action);
    settle(ui, effects)
}

/// Presses keys, and does what they ask to be done beside the screen.
pub fn keys(ui: &mut Ui, keys: &str) -> Vec<Effect> {
    let code = |c| match c {
        '\n' => KeyCode::Enter,
        '\u{1b}' => KeyCode::Esc,
        '\u{8}' => KeyCode::Backspace,
        c => KeyCode::Char(c),
    };
    let mut effects = Vec::new();
    for c in keys.chars() {
        let asked = ui.input(&Event::Key(KeyEvent::new(code(c), KeyModifiers::NONE)));
        effects.extend(settle(ui, asked));
    }
    effects
}

pub fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    buffer
        .content
        .chunks(width)
        .map(|row| row.iter().map(Cell::symbol).collect())
        .collect()
}

/// The screen with its styles: each run of cells of one style as `{fg/bg/modifiers}text`, rows as lines, plain style as `{}`.
pub fn styled(buffer: &Buffer) -> String {
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

pub const CHAIN: [(&str, f64, Option<f64>); 8] = [
    ("ten", 0.95, None),
    (" and", -0.2, None),
    (" two", 0.1, Some(0.7)),
    (" make", 0.45, None),
    (" 12.", 0.3, None),
    (" So", 0.62, None),
    (" 日本", 0.81, None),
    ("\u{1b}[31m.", 0.0, None),
];

/// Ends the job with a trace of what was streamed; `reasoning`: bytes of the output that are `<think>` text.
pub fn finish(ui: &mut Ui, job: u64, reasoning: Option<[usize; 2]>) {
    let s = ui.app.sessions.iter().find(|s| s.job == job).unwrap();
    let trace = Trace {
        tokens: s.tokens().to_vec(),
        steps: s.steps.clone(),
        reasoning,
        ..Trace::default()
    };
    let trace = Box::new(trace);
    let effects = ui.update(Update::Finished { job, trace });
    settle(ui, effects);
}

/// Draws a screen for the docs, where that is asked for.
pub fn picture(name: &str, buffer: &Buffer) {
    if std::env::var_os("ROTESCOPE_BLESS").is_some() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("docs/{name}.svg"));
        std::fs::write(path, rotescope::tui::picture::svg(buffer)).unwrap();
    }
}

/// The app on two bundled prompts, and the bundled model and corpus on their threads.
pub fn bundled() -> (Ui, Live) {
    let bundle = shipped::bundle().unwrap();
    let mut prompts = prompts::read_plainly(&bundle.prompts("applied-base").unwrap()).unwrap();
    prompts.truncate(2);
    let theme = THEMES.builtin("dark").unwrap();
    (Ui::new(prompts, theme, Keymap::default()), live())
}

/// The bundled model and corpus on their threads.
pub fn live() -> Live {
    live_with(|| {
        ModelArgs::default()
            .open_index()
            .unwrap()
            .expect("the bundle")
    })
}

/// The bundled model and some index on their threads.
pub fn live_with(index: impl FnOnce() -> Arc<dyn Corpus> + Send + 'static) -> Live {
    let open = |_: &crossbeam_channel::Sender<Update>| {
        let bundle = shipped::bundle().map_err(|e| e.to_string())?;
        let index = index();
        let options = ModelOptions {
            threads: Some(1),
            ..ModelOptions::new(bundle.model().map_err(|e| e.to_string())?)
        };
        let reference = index_ref(index.as_ref());
        let engine =
            Engine::load(options, |_| ControlFlow::Continue(())).map_err(|e| e.to_string())?;
        let scorer = Scorer {
            corpus: Some((index, reference)),
            sampler: Sampler {
                max_tokens: 120,
                ..Default::default()
            },
            non_local: Some(NonLocalSettings::default()),
            ..Scorer::new(engine)
        };
        Ok((scorer, None))
    };
    Live::start(open).unwrap()
}

/// Takes in updates and does what they ask for, until `done`.
pub fn follow(ui: &mut Ui, live: &Live, effects: Vec<Effect>, mut done: impl FnMut(&App) -> bool) {
    let mut effects = effects;
    loop {
        for effect in settle(ui, effects) {
            match effect {
                Effect::Run(job) => live.run(*job),
                Effect::Cancel => live.cancel(),
                Effect::Documents(passage) => live.documents(passage),
                Effect::Verbatim(job, output) => live.verbatim(job, output),
                Effect::Regions(job, output, steps) => live.regions(job, output, steps),
                Effect::Change(prompt, plan) => live.change(prompt, plan),
                _ => {}
            }
        }
        if done(&ui.app) {
            return;
        }
        let update = live
            .updates
            .recv_timeout(Duration::from_secs(120))
            .expect("the engine says something");
        effects = ui.update(update);
        assert_eq!(ui.app.broken, None);
    }
}
