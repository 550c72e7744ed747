//! The terminal: taken over, and given back on every way out.

use std::io::{self, Stdout, Write, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rotescope_text::sanitize;

/// The screen while the app runs. Dropping it gives the terminal back.
pub struct Screen {
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    pub mouse: bool,
}

impl Screen {
    /// Takes the terminal. A panic anywhere gives it back before it prints.
    pub fn take(mouse: bool) -> io::Result<Screen> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        enter(mouse)?;
        let terminal =
            Terminal::new(CrosstermBackend::new(stdout())).inspect_err(|_| give_back())?;
        Ok(Screen { terminal, mouse })
    }

    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        if on {
            execute!(stdout(), EnableMouseCapture)
        } else {
            execute!(stdout(), DisableMouseCapture)
        }
    }

    /// Gives the terminal back, stops the process as Ctrl-Z does, and takes it again when it goes on.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        #[cfg(unix)]
        signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)?;
        enter(self.mouse)?;
        // A new one draws everything. To clear the old one would ask the terminal where the cursor is, whose answer the thread that reads keys
        // takes.
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    execute!(
        stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        cursor::Hide
    )
    .and_then(|()| {
        if mouse {
            execute!(stdout(), EnableMouseCapture)
        } else {
            Ok(())
        }
    })
    .inspect_err(|_| give_back())
}

fn give_back() {
    // Whatever fails here, the rest should still be tried.
    let _ = execute!(
        stdout(),
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
    let _ = stdout().flush();
}

/// Rings the bell and sends a notification, where the terminal shows such.
pub fn ring(text: &str) -> io::Result<()> {
    let mut out = stdout();
    out.write_all(notification(text).as_bytes())?;
    out.flush()
}

/// BEL, and OSC 9 with a text that cannot end it. A text that begins with a number would be a command of another kind to some terminals.
fn notification(text: &str) -> String {
    format!("\u{7}\u{1b}]9;rotescope: {}\u{7}", sanitize::line(text))
}

/// A flag that a request to end (SIGTERM, SIGHUP, SIGINT) sets.
pub fn ending() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    for signal in [
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
        signal_hook::consts::SIGINT,
    ] {
        signal_hook::flag::register(signal, flag.clone())?;
    }
    Ok(flag)
}

/// Whether the flag is set.
pub fn is_ending(flag: &AtomicBool) -> bool {
    flag.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_cannot_be_ended_by_its_text() {
        assert_eq!(
            notification("4;a\u{7}\u{1b}\\b\u{9c}c"),
            "\u{7}\u{1b}]9;rotescope: 4;a␇␛\\b⟨009C⟩c\u{7}"
        );
    }
}
