//! The terminal app. It knows prompts, traces and what [`crate::run::live`] says; llama.cpp and tantivy stay behind that.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | [`run`]: the loop over keys, the engine's updates and the clock |
//! | [`app`] | the state; `App::step` does what an [`action::Action`] says |
//! | [`session`] | one run of a prompt as it grows |
//! | [`action`] | the table of keys |
//! | [`layout`], [`wrap`] | tokens, and plain text, as wrapped rows |
//! | [`page`] | a document as it is read |
//! | [`draw`] | the screen |
//! | [`compare`] | two chains side by side |
//! | [`style`] | the theme's styles as the terminal's |
//! | [`editor`] | typing |
//! | [`terminal`] | taking the terminal over and giving it back |

pub mod action;
pub mod app;
pub mod compare;
pub mod draw;
pub mod editor;
pub mod layout;
pub mod page;
pub mod session;
pub mod style;
pub mod terminal;
pub mod wrap;

use std::fs::OpenOptions;
use std::io::{self, stdout};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, select, tick, unbounded};
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    self, Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};
use crossterm::execute;
use ratatui::layout::Position;

use self::action::Action;
use self::app::{App, Effect, Mode, Pane};
use self::draw::Areas;
use self::terminal::Screen;
use crate::report;
use crate::run::live::Live;
use crate::theme::Depth;
use crate::trace::Trace;
use crate::trace::jsonl::{self, Record};

/// Least time between two frames.
const FRAME: Duration = Duration::from_millis(25);

/// What the app needs besides its state.
pub struct Options {
    pub depth: Depth,
    /// Where finished traces are kept; `None` keeps none.
    pub traces: Option<PathBuf>,
}

/// Runs the app until the user leaves or the process is told to end.
///
/// # Errors
/// When the terminal cannot be used.
pub fn run(mut app: App, live: &Live, options: &Options) -> io::Result<()> {
    let ending = terminal::ending()?;
    let mut screen = Screen::take(app.mouse)?;
    let input = input();
    let clock = tick(Duration::from_millis(100));
    let (mut areas, mut drawn, mut stale) = (Areas::default(), None::<Instant>, true);
    loop {
        if stale && drawn.is_none_or(|d| d.elapsed() >= FRAME) {
            screen
                .terminal
                .draw(|frame| areas = draw::draw(frame, &mut app, options.depth))?;
            (drawn, stale) = (Some(Instant::now()), false);
        }
        // Where something waits to be drawn, the loop wakes up for it.
        let wait = match (stale, drawn) {
            (true, Some(d)) => FRAME.saturating_sub(d.elapsed()),
            _ => Duration::from_secs(1),
        };
        let mut effects = Vec::new();
        select! {
            recv(input) -> event => match event {
                Ok(event) => {
                    effects.extend(on_input(&mut app, &event, &areas));
                    // A key is answered at once, whatever was drawn just now.
                    (stale, drawn) = (true, None);
                }
                Err(_) => return Ok(()), // the terminal is gone
            },
            recv(live.updates) -> update => {
                // All that has come is taken in before the next frame.
                for update in update.into_iter().chain(live.updates.try_iter()) {
                    effects.extend(app.update(update));
                }
                stale = true;
            },
            recv(clock) -> _ => stale |= app.tick(),
            default(wait) => {}
        }
        if terminal::is_ending(&ending) {
            return Ok(());
        }
        for effect in effects {
            match effect {
                Effect::Quit => return Ok(()),
                Effect::Suspend => screen.suspend()?,
                Effect::Mouse(on) => screen.set_mouse(on)?,
                other => outside(&mut app, live, options, other),
            }
        }
    }
}

/// Reads keys on a thread of its own; it ends with the process.
fn input() -> Receiver<Input> {
    let (send, receive) = unbounded();
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if send.send(event).is_err() {
                break;
            }
        }
    });
    receive
}

/// Does what the app cannot do itself.
fn outside(app: &mut App, live: &Live, options: &Options, effect: Effect) {
    match effect {
        Effect::Run(job) => live.run(*job),
        Effect::Cancel => live.cancel(),
        Effect::LookAt(token) => live.look_at(token),
        Effect::Documents(ngram) => live.documents(ngram),
        Effect::Verbatim(job, output) => live.verbatim(job, output),
        Effect::Change(prompt, plan) => live.change(prompt, plan),
        Effect::Copy(text) => {
            if let Err(e) = execute!(stdout(), CopyToClipboard::to_clipboard_from(text)) {
                app.say(format!("not copied: {e}"));
            }
        }
        Effect::Save(trace) => {
            if let Some(path) = &options.traces
                && let Err(e) = append(path, trace)
            {
                app.say(format!("{}: {e}; this trace is not kept", path.display()));
            }
        }
        Effect::Export(trace, path) => {
            let said = match export(app, &path, trace) {
                Ok(()) => format!("written: {}", path.display()),
                Err(e) => format!("{}: {e}", path.display()),
            };
            app.say(said);
        }
        Effect::ExportComparison(comparison, path) => {
            let said = match export_comparison(&path, &comparison) {
                Ok(()) => format!("written: {}", path.display()),
                Err(e) => format!("{}: {e}", path.display()),
            };
            app.say(said);
        }
        Effect::Quit | Effect::Suspend | Effect::Mouse(_) => {}
    }
}

/// Columns of an exported picture or text.
const PAGE: usize = 100;

/// Writes a trace as a report; the end of the name says which. A file that exists is left alone.
fn export(app: &App, path: &std::path::Path, trace: Box<Trace>) -> Result<(), String> {
    let format = report::Format::of(path)
        .ok_or("the name must end in .html, .svg, .csv, .ansi, .txt or .jsonl")?;
    let plain = path.extension().is_some_and(|e| e == "txt");
    let options = report::Options {
        measure: report::Measure::parse(app.measure.key()),
        theme: app.theme.clone(),
        dark: None,
        depth: if plain { Depth::None } else { Depth::TrueColor },
        width: PAGE,
    };
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let line = serde_json::to_string(&trace).map_err(|e| text(&e))?;
    let file = new_file(path)?;
    let mut made =
        report::Report::begin(io::BufWriter::new(file), format, options).map_err(|e| text(&e))?;
    made.add(&line, &Record::Trace(trace))
        .and_then(|()| made.finish())
        .map_err(|e| text(&e))?;
    Ok(())
}

/// Writes a comparison as a line of JSON. A file that exists is left alone.
fn export_comparison(
    path: &std::path::Path,
    comparison: &crate::compare::Comparison,
) -> Result<(), String> {
    let line = serde_json::to_string(comparison).map_err(|e| e.to_string())? + "\n";
    let mut file = new_file(path)?;
    io::Write::write_all(&mut file, line.as_bytes()).map_err(|e| e.to_string())
}

fn new_file(path: &std::path::Path) -> Result<std::fs::File, String> {
    std::fs::File::create_new(path).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => "exists already; choose another name".into(),
        _ => e.to_string(),
    })
}

fn append(path: &std::path::Path, trace: Box<Trace>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    jsonl::append(&mut file, &Record::Trace(trace))
}

/// What a key, a click or pasted text does.
pub fn on_input(app: &mut App, event: &Input, areas: &Areas) -> Vec<Effect> {
    match event {
        Input::Key(key) if key.kind != KeyEventKind::Release => on_key(app, *key),
        Input::Paste(text) => {
            match &mut app.mode {
                Mode::Edit(e) => e.insert(text),
                mode => match mode.editor() {
                    Some(line) => line.insert(text.lines().next().unwrap_or("")),
                    // Text pasted into the app is a prompt.
                    None => *mode = Mode::Edit(editor::Editor::of(text)),
                },
            }
            Vec::new()
        }
        Input::Mouse(mouse) => on_mouse(app, *mouse, areas),
        _ => Vec::new(),
    }
}

fn on_key(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    app.hover = None;
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if control && key.code == KeyCode::Char('c') {
        return app.step(Action::Quit);
    }
    if !app.typing() {
        return app
            .keymap
            .action(key)
            .map_or(Vec::new(), |action| app.step(action));
    }
    let history = app.history.clone();
    match (&mut app.mode, key.code) {
        (_, KeyCode::Esc) => return app.step(Action::Stop),
        (Mode::Edit(e), KeyCode::Enter) if key.modifiers.contains(KeyModifiers::ALT) => {
            e.insert("\n");
        }
        (_, KeyCode::Enter) => return app.sent(),
        (Mode::Palette(e, line), KeyCode::Down) => {
            *line = (*line + 1).min(app::palette(e.text()).len().saturating_sub(1));
        }
        (Mode::Palette(_, line), KeyCode::Up) => *line = line.saturating_sub(1),
        (Mode::Palette(e, line), _) => {
            if e.key(key) {
                *line = 0;
            }
        }
        (Mode::Edit(e), KeyCode::Up | KeyCode::Down) => {
            e.recall(&history, key.code == KeyCode::Up);
        }
        (mode, _) => {
            if let Some(e) = mode.editor() {
                e.key(key);
            }
        }
    }
    Vec::new()
}

fn on_mouse(app: &mut App, mouse: MouseEvent, areas: &Areas) -> Vec<Effect> {
    if let Some(effects) = app.mouse_comparison(mouse) {
        return effects;
    }
    let at = Position::new(mouse.column, mouse.row);
    app.hover = None;
    let over = [
        (areas.prompts, Pane::Prompts),
        (areas.chain, Pane::Chain),
        (areas.token, Pane::Token),
        (areas.documents, Pane::Documents),
        (areas.spans, Pane::Documents),
    ];
    let Some((area, pane)) = over.into_iter().find(|(a, _)| a.contains(at)) else {
        return Vec::new();
    };
    if mouse.kind == MouseEventKind::Moved {
        let rows = areas.rows;
        app.hover = app.session().filter(|_| rows.contains(at)).and_then(|s| {
            let row = s.scroll + usize::from(at.y - rows.y);
            s.layout.token_at(row, at.x - rows.x)
        });
        return Vec::new();
    }
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) if areas.branches.contains(at) => app.click_branch(
            usize::from(mouse.row - areas.branches.y),
            usize::from(areas.branches.height),
        ),
        MouseEventKind::Down(MouseButton::Left) if areas.spans.contains(at) => app.click_span(
            usize::from(mouse.row.saturating_sub(areas.spans.y + 1)),
            usize::from(areas.spans.height.saturating_sub(2)),
        ),
        MouseEventKind::Down(MouseButton::Left) if areas.rows.contains(at) => app.click_chain(
            usize::from(mouse.row - areas.rows.y),
            mouse.column - areas.rows.x,
        ),
        MouseEventKind::Down(MouseButton::Left) => {
            app.pane = pane;
            let row = usize::from(mouse.row.saturating_sub(area.y + 1));
            match pane {
                Pane::Prompts => app.click_prompt(row, usize::from(area.height.saturating_sub(2))),
                Pane::Documents => {
                    app.click_document(row, usize::from(area.height.saturating_sub(2)))
                }
                _ => Vec::new(),
            }
        }
        MouseEventKind::ScrollDown | MouseEventKind::ScrollUp => {
            app.pane = if pane == Pane::Token {
                Pane::Chain
            } else {
                pane
            };
            app.step(if mouse.kind == MouseEventKind::ScrollDown {
                Action::RowDown
            } else {
                Action::RowUp
            })
        }
        _ => Vec::new(),
    }
}
