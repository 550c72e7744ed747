//! The terminal app. It knows prompts, traces and what [`crate::run::live`] says; llama.cpp and tantivy stay behind that.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | [`run`]: the loop over keys, the engine's updates, what is done beside the screen, and the clock |
//! | [`ui`] | the layers of the screen: state, panes, and views over them |
//! | [`component`] | what a view is, and how to add one |
//! | [`views`] | the views that lie over the panes |
//! | [`draw`] | the panes, and the lines around them |
//! | [`compare`] | two completions side by side |
//! | [`heat`] | heat maps of documents |
//! | [`records`] | records of other kinds: their list, and all that one says |
//! | [`app`] | the state; `App::step` does what an [`action::Action`] says |
//! | [`session`] | one run of a prompt as it grows |
//! | [`desk`] | what takes long and needs no model: writing, comparing, searching, reading traces |
//! | `files` | files that the app writes: a trace, a comparison, the screen |
//! | [`search`], [`fuzzy`], [`filter`] | what `/` looks through, and how; finding by letters typed in order; which rows of a list are shown, and in which order |
//! | [`catalog`] | files of traces as a list |
//! | [`action`] | the table of keys |
//! | [`layout`], [`wrap`] | tokens, and plain text, as wrapped rows |
//! | [`page`] | a document as it is read |
//! | [`markup`] | what several views draw alike |
//! | [`picture`] | the screen as a picture, a page or text |
//! | [`style`] | the theme's styles as the terminal's |
//! | [`editor`] | typing |
//! | [`terminal`] | taking the terminal over and giving it back |

pub mod action;
pub mod app;
pub mod catalog;
pub mod compare;
pub mod component;
pub mod desk;
pub mod draw;
pub mod editor;
mod files;
pub mod filter;
pub mod fuzzy;
pub mod heat;
pub mod layout;
mod markup;
pub mod page;
pub mod picture;
pub mod records;
pub mod search;
pub mod session;
pub mod style;
pub mod terminal;
pub mod ui;
pub mod views;
pub mod wrap;

use std::io::{self, stdout};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded, never, select, tick};
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{self, Event as Input};
use crossterm::execute;

use self::app::Effect;
use self::catalog::Listing;
use self::desk::Desk;
use self::terminal::Screen;
use self::ui::Ui;
use crate::run::live::Live;
use rotescope_report::theme::Depth;

/// Least time between two frames.
const FRAME: Duration = Duration::from_millis(25);

/// What the app needs besides its state.
pub struct AppOptions {
    pub depth: Depth,
    /// Where finished traces are kept; `None` keeps none.
    pub traces: Option<PathBuf>,
    /// Files of traces, as they are gone through.
    pub listing: Option<Receiver<Listing>>,
}

/// Runs the app until the user leaves or the process is told to end. What is being written then is waited for.
///
/// # Errors
/// When the terminal cannot be used.
pub fn run(mut ui: Ui, live: &Live, options: AppOptions) -> io::Result<()> {
    let ending = terminal::ending()?;
    // Dropped after the screen: while it waits, the terminal is the user's again.
    let desk = Desk::start(options.traces)?;
    let mut listing = options.listing.unwrap_or_else(never);
    let mut screen = Screen::take(ui.app.mouse)?;
    let input = keys();
    let clock = tick(Duration::from_millis(100));
    let (mut drawn, mut stale) = (None::<Instant>, true);
    loop {
        if stale && drawn.is_none_or(|d| d.elapsed() >= FRAME) {
            screen
                .terminal
                .draw(|frame| ui.draw(frame, options.depth))?;
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
                    effects = taken_in(&mut ui, &event, &input);
                    // A key is answered at once, whatever was drawn just now.
                    (stale, drawn) = (true, None);
                }
                Err(_) => return Ok(()), // the terminal is gone
            },
            recv(live.updates) -> update => {
                // All that has come is taken in before the next frame.
                for update in update.into_iter().chain(live.updates.try_iter()) {
                    effects.extend(ui.update(update));
                }
                stale = true;
            },
            recv(desk.done) -> done => {
                for done in done.into_iter().chain(desk.done.try_iter()) {
                    effects.extend(ui.done(done));
                }
                stale = true;
            },
            recv(listing) -> lines => {
                match lines {
                    Ok(Listing::Lines(lines)) => effects.extend(ui.listed(lines)),
                    Ok(Listing::Over { failed: 0 }) => {}
                    Ok(Listing::Over { failed }) => {
                        ui.app.say(format!("{failed} prompts that failed are not listed"));
                    }
                    Err(_) => listing = never(),
                }
                stale = true;
            },
            recv(clock) -> _ => stale |= ui.app.tick(),
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
                Effect::Ring(text) => terminal::ring(&text)?,
                Effect::Picture(path) => {
                    let size = screen.terminal.size()?;
                    let seen = ui.screen(size, options.depth);
                    let write = ui.app.write_screen(seen, path);
                    outside(&mut ui, live, &desk, write);
                }
                other => outside(&mut ui, live, &desk, other),
            }
        }
    }
}

/// Takes in an event and those that have come behind it, as many as there is time for before the next frame: to draw after each of many keys would
/// take seconds. What the next one needs done outside, such as the end, is waited for.
fn taken_in(ui: &mut Ui, first: &Input, more: &Receiver<Input>) -> Vec<Effect> {
    let began = Instant::now();
    let mut effects = ui.input(first);
    let waits = |e: &Effect| {
        matches!(
            e,
            Effect::Quit | Effect::Suspend | Effect::Mouse(_) | Effect::Picture(_)
        )
    };
    while began.elapsed() < FRAME && !effects.iter().any(waits) {
        let Ok(event) = more.try_recv() else {
            break;
        };
        effects.extend(ui.input(&event));
    }
    effects
}

/// Events that are read ahead; whoever types more waits.
const AHEAD: usize = 1024;

/// Reads keys on a thread of its own; it ends with the process.
fn keys() -> Receiver<Input> {
    let (send, receive) = bounded(AHEAD);
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
fn outside(ui: &mut Ui, live: &Live, desk: &Desk, effect: Effect) {
    match effect {
        Effect::Run(job) => live.run(*job),
        Effect::Cancel => live.cancel(),
        Effect::LookAt(token) => live.look_at(token),
        Effect::Documents(passage) => live.documents(passage),
        Effect::Verbatim(job, output) => live.verbatim(job, output),
        Effect::Regions(job, output, steps) => live.regions(job, output, steps),
        Effect::Change(prompt, plan) => live.change(prompt, plan),
        Effect::Work(task) => desk.take(*task),
        Effect::Copy(text) => {
            if let Err(e) = execute!(stdout(), CopyToClipboard::to_clipboard_from(text)) {
                ui.app.say(format!("not copied: {e}"));
            }
        }
        Effect::Quit
        | Effect::Suspend
        | Effect::Mouse(_)
        | Effect::Ring(_)
        | Effect::Picture(_) => {}
    }
}
