//! Keys, the mouse and what the engine says, as far as they concern comparisons.

use std::path::PathBuf;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::Done;
use crate::tui::action::Action;
use crate::tui::app::{App, Effect, Mode};
use crate::tui::editor::Editor;

impl App {
    /// Does what an action says to the list or the view; `None` where the action is for the rest of the app.
    pub(in crate::tui) fn step_comparison(&mut self, action: Action) -> Option<Vec<Effect>> {
        if let Mode::CompareWith(choices, chosen) = &mut self.mode {
            let (last, at) = (choices.len().saturating_sub(1), *chosen);
            let to = match action {
                Action::RowDown | Action::NextToken => at + 1,
                Action::RowUp | Action::PreviousToken => at.saturating_sub(1),
                Action::PageDown => at + 10,
                Action::PageUp => at.saturating_sub(10),
                Action::First => 0,
                Action::Last => last,
                Action::Open => {
                    let choice = choices.get(at).cloned();
                    return Some(choice.map_or(Vec::new(), |c| self.chosen(c)));
                }
                // What is over everything, and leaving.
                Action::Stop | Action::Quit | Action::Suspend | Action::Theme => return None,
                _ => at,
            };
            *chosen = to.min(last);
            return Some(Vec::new());
        }
        if !matches!(self.mode, Mode::Normal) {
            return None;
        }
        if self.compare.view.is_none() {
            if action == Action::Compare {
                self.open_choices();
                return Some(Vec::new());
            }
            if action == Action::Stop {
                (self.compare.awaited, self.compare.asked) = (None, None);
            }
            return None;
        }
        self.step_view(action)
    }

    fn step_view(&mut self, action: Action) -> Option<Vec<Effect>> {
        use Action::*;
        match action {
            Stop => {
                self.close_view();
                return Some(Vec::new());
            }
            Export => {
                self.mode = Mode::Export(Editor::of(&self.comparison_file()));
                return Some(Vec::new());
            }
            Quit | Suspend | Help | Palette | Theme | Mouse | Measure | FoldPrompt | Edit => {
                return None;
            }
            _ => {}
        }
        match self.compare.view.as_mut().map(|v| v.act(action)) {
            Some(Done::Said(text)) => self.say(text),
            Some(Done::Passed) => {
                let close = self.keymap.keys(Stop).into_iter().next();
                self.say(format!(
                    "not in a comparison; {} closes it",
                    close.unwrap_or_default()
                ));
            }
            _ => {}
        }
        Some(Vec::new())
    }

    /// Closes the view and goes back to the chain that it was opened from.
    fn close_view(&mut self) {
        let Some(view) = self.compare.view.take() else {
            return;
        };
        let mut entries = self.entries.iter();
        if let Some(entry) = entries.position(|e| e.sessions.contains(&view.from)) {
            self.select(entry);
        }
    }

    /// A name for the file that takes the comparison.
    fn comparison_file(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
        let name = self.compare.view.as_ref().map_or(String::new(), |v| {
            format!("{}--{}", v.comparison.a.id, v.comparison.b.id)
        });
        format!("{}.json", name.replace(|c| !plain(c), "_"))
    }

    /// The comparison on screen, to be written to a file.
    pub(in crate::tui) fn export_comparison(&self, path: &str) -> Option<Effect> {
        let view = self.compare.view.as_ref()?;
        let comparison = Box::new(view.comparison.clone());
        Some(Effect::ExportComparison(comparison, PathBuf::from(path)))
    }

    /// A chain has come or has more scores: the view that waits for it opens, one that shows it is made anew.
    pub(in crate::tui) fn chain_has_come(&mut self, job: u64) {
        let Some(session) = self.sessions.iter().position(|s| s.job == job) else {
            return;
        };
        let trace = self.sessions[session].trace.as_deref();
        if let Some((a, entry)) = self.compare.awaited
            && self.entries[entry].sessions.contains(&session)
        {
            self.compare.awaited = None;
            let free = matches!(self.mode, Mode::Normal) && self.compare.view.is_none();
            match trace {
                Some(t) if t.finish == "cancelled" => {}
                Some(_) if free => {
                    self.message = None;
                    self.open_view([a, session]);
                }
                // Who writes, chooses or looks at something is not interrupted.
                Some(_) => self.say("the chain to compare with is there"),
                None => {}
            }
            return;
        }
        let trace = trace.cloned();
        if let (Some(view), Some(trace)) = (&mut self.compare.view, trace)
            && let Some(side) = view.sessions.iter().position(|s| *s == session)
        {
            view.renew(side, trace);
        }
    }

    /// What the mouse does while the list or the view is open; `None` where neither is.
    pub(in crate::tui) fn mouse_comparison(&mut self, mouse: MouseEvent) -> Option<Vec<Effect>> {
        let listing = matches!(self.mode, Mode::CompareWith(..));
        let viewing = matches!(self.mode, Mode::Normal) && self.compare.view.is_some();
        if !listing && !viewing {
            return None;
        }
        match mouse.kind {
            MouseEventKind::ScrollDown => return Some(self.step(Action::RowDown)),
            MouseEventKind::ScrollUp => return Some(self.step(Action::RowUp)),
            MouseEventKind::Down(MouseButton::Left) if viewing => {}
            _ => return Some(Vec::new()),
        }
        if let Some(view) = &mut self.compare.view {
            let at = Position::new(mouse.column, mouse.row);
            if let Some(side) = view.columns.iter().position(|c| c.contains(at)) {
                let area = view.columns[side];
                view.click(usize::from(at.y - area.y), side, at.x - area.x);
            }
        }
        Some(Vec::new())
    }
}
