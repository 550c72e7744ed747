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
//! | `input` | what keys, clicks and pasted text do |
//! | `files` | what is written |
//! | [`terminal`] | taking the terminal over and giving it back |

pub mod action;
pub mod app;
pub mod compare;
pub mod draw;
pub mod editor;
mod files;
mod input;
pub mod layout;
pub mod page;
pub mod session;
pub mod style;
pub mod terminal;
pub mod wrap;

pub use input::on_input;

use std::io::{self, stdout};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, select, tick, unbounded};
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{self, Event as Input};
use crossterm::execute;

use self::app::{App, Effect};
use self::draw::Areas;
use self::terminal::Screen;
use crate::run::live::Live;
use rotescope_report::theme::Depth;

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
    let input = keys();
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
fn keys() -> Receiver<Input> {
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
                && let Err(e) = files::append(path, trace)
            {
                app.say(format!("{}: {e}; this trace is not kept", path.display()));
            }
        }
        Effect::Export(trace, path) => {
            let said = match files::export(app, &path, trace) {
                Ok(()) => format!("written: {}", path.display()),
                Err(e) => format!("{}: {e}", path.display()),
            };
            app.say(said);
        }
        Effect::ExportComparison(comparison, path) => {
            let said = match files::export_comparison(&path, &comparison) {
                Ok(()) => format!("written: {}", path.display()),
                Err(e) => format!("{}: {e}", path.display()),
            };
            app.say(said);
        }
        Effect::Quit | Effect::Suspend | Effect::Mouse(_) => {}
    }
}
