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
pub use rotescope::cli::common::{Parts, index_ref};
pub use rotescope::run::live::{Hit, Job, Live, Ready, Update};
pub use rotescope::run::pipeline::Scorer;
pub use rotescope::run::prompts;
pub use rotescope::shipped;
pub use rotescope::tui::action::{Action, Keymap, markdown};
pub use rotescope::tui::app::{App, Effect, Mode, Order, Pane};
pub use rotescope::tui::draw::{self, Areas};
pub use rotescope::tui::editor::Editor;
pub use rotescope::tui::on_input;
pub use rotescope_corpus::Corpus;
pub use rotescope_model::{Engine, ModelOptions};
pub use rotescope_report::theme::Depth;
pub use rotescope_stim::DistantSettings;
pub use rotescope_text::SplitBy;
pub use rotescope_trace::Prompt;
pub use rotescope_trace::{
    Candidates, Distant, Flag, Local, ModelRef, SalientWord, Sampler, Step, Token, Trace,
};

pub fn prompt(id: &str, question: &str) -> Prompt {
    Prompt {
        id: id.into(),
        question: question.into(),
        ..Default::default()
    }
}

pub fn app(prompts: Vec<Prompt>) -> App {
    let mut app = App::new(prompts, THEMES.builtin("dark").unwrap(), Keymap::default());
    let model = ModelRef {
        file: "pocket.gguf".into(),
        ..Default::default()
    };
    app.update(Update::Ready(Ready { model, index: None }));
    app
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
pub fn stream(app: &mut App, tokens: &[(&str, f64, Option<f64>)]) -> u64 {
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

pub fn screen(app: &mut App, width: u16, height: u16, depth: Depth) -> (Buffer, Areas) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut areas = Areas::default();
    terminal
        .draw(|f| areas = draw::draw(f, app, depth))
        .unwrap();
    (terminal.backend().buffer().clone(), areas)
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
pub fn finish(app: &mut App, job: u64, reasoning: Option<[usize; 2]>) {
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

/// Draws a screen for the docs, where that is asked for.
pub fn picture(name: &str, buffer: &Buffer) {
    if std::env::var_os("ROTESCOPE_BLESS").is_some() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("docs/{name}.svg"));
        std::fs::write(path, super::svg::svg(buffer)).unwrap();
    }
}

/// The app on two bundled prompts, and the bundled model and corpus on their threads.
pub fn bundled() -> (App, Live) {
    let bundle = shipped::bundle().unwrap();
    let mut prompts = prompts::read(&bundle.prompts("applied-base").unwrap()).unwrap();
    prompts.truncate(2);
    let theme = THEMES.builtin("dark").unwrap();
    (App::new(prompts, theme, Keymap::default()), live())
}

/// The bundled model and corpus on their threads.
pub fn live() -> Live {
    let open = |_: &crossbeam_channel::Sender<Update>| {
        let bundle = shipped::bundle().map_err(|e| e.to_string())?;
        let index = Parts::default()
            .open_index()
            .map_err(|e| format!("{e:#}"))?
            .ok_or("no index")?;
        let options = ModelOptions {
            threads: Some(1),
            ..ModelOptions::new(bundle.model().map_err(|e| e.to_string())?)
        };
        let reference = index_ref(index.as_ref());
        let engine =
            Engine::load(options, |_| ControlFlow::Continue(())).map_err(|e| e.to_string())?;
        Ok(Scorer {
            corpus: Some((index as Arc<dyn Corpus>, reference)),
            sampler: Sampler {
                max_tokens: 120,
                ..Default::default()
            },
            distant: Some(DistantSettings::default()),
            ..Scorer::new(engine)
        })
    };
    Live::start(open).unwrap()
}

/// Takes in updates and does what they ask for, until `done`.
pub fn follow(
    app: &mut App,
    live: &Live,
    effects: Vec<Effect>,
    mut done: impl FnMut(&App) -> bool,
) {
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
