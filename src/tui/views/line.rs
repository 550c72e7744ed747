//! One line that is typed at the bottom of the screen: a search, a filter, a note, a file's name, operators, another token.

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::tui::app::{App, Effect};
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::editor::Editor;
use crate::tui::search::Within;
use crate::tui::style::Paint;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

/// What is typed, and for what.
#[derive(Debug)]
pub struct LineView {
    editor: Editor,
    wants: Wants,
    /// Why what was typed before could not be used.
    complaint: String,
}

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    Search(Within),
    Filter,
    /// The file that takes the trace.
    Trace,
    /// The file that takes the comparison.
    Comparison,
    /// The file that takes what is on the screen.
    Screen,
    /// A note on the token at the cursor.
    Note,
    /// Operators that change the prompt for a comparison.
    Operators,
    /// What to continue with instead of the token at the cursor.
    Instead,
}

impl Wants {
    /// What stands before the line.
    fn lead(self) -> String {
        match self {
            Wants::Search(within) => return format!("/ in the {}: ", within.name()),
            Wants::Filter => "filter: ",
            Wants::Trace => "write to (.html .svg .csv .ansi .txt .jsonl): ",
            Wants::Comparison => "write to (.html .json): ",
            Wants::Screen => "write the screen to (.svg .html .txt): ",
            Wants::Note => "note on this token (empty: a bookmark, or none again): ",
            Wants::Operators => "change by (such as rarer:100 noop): ",
            Wants::Instead => "continue from here with: ",
        }
        .into()
    }
}

impl LineView {
    fn new(wants: Wants, text: &str) -> LineView {
        LineView {
            editor: Editor::of(text),
            wants,
            complaint: String::new(),
        }
    }

    /// What it is for.
    pub fn wants(&self) -> Wants {
        self.wants
    }

    pub fn search(app: &App) -> LineView {
        LineView::new(Wants::Search(app.within()), "")
    }

    pub fn filter(app: &App) -> LineView {
        LineView::new(Wants::Filter, &app.filter)
    }

    /// Asks where to write what is on the screen; nothing where there is nothing to write.
    pub fn export(app: &mut App) -> Option<LineView> {
        if let Some(view) = &app.compare.view {
            let c = &view.comparison;
            let name = file_name(&format!("{}--{}", c.a.id, c.b.id));
            return Some(LineView::new(Wants::Comparison, &format!("{name}.html")));
        }
        let Some(trace) = app.session().and_then(|s| s.trace.as_ref()) else {
            app.say("no trace yet: run the prompt first");
            return None;
        };
        let name = file_name(&trace.prompt.id);
        Some(LineView::new(Wants::Trace, &format!("{name}.html")))
    }

    /// Asks where to write what is on the screen.
    pub fn screenshot(app: &App) -> LineView {
        let id = app.entry().map_or("", |e| &e.prompt.id);
        let name = file_name(&format!("screen-{id}"));
        LineView::new(Wants::Screen, &format!("{name}.svg"))
    }

    /// Asks for a note on the token at the cursor; nothing where there is none.
    pub fn note(app: &mut App) -> Option<LineView> {
        let takes = app.takes_note();
        takes.then(|| LineView::new(Wants::Note, app.note_text().unwrap_or_default()))
    }

    pub fn operators() -> LineView {
        LineView::new(Wants::Operators, "")
    }

    pub fn instead(text: &str) -> LineView {
        LineView::new(Wants::Instead, text)
    }

    /// Does what the line is for, or says why it cannot.
    fn sent(&mut self, app: &mut App) -> Result<Vec<Effect>, String> {
        let text = self.editor.text();
        let line = text.trim();
        let one = |effect: Option<Effect>| effect.into_iter().collect();
        Ok(match self.wants {
            Wants::Search(within) => app.search(text, within),
            Wants::Filter => {
                app.filter = line.into();
                app.list();
                Vec::new()
            }
            Wants::Trace => one(app.export(line)),
            Wants::Comparison => one(app.export_comparison(line)),
            Wants::Screen if line.is_empty() => Vec::new(),
            Wants::Screen => vec![Effect::Picture(line.into())],
            Wants::Note => app.note(line),
            Wants::Operators => app.change_by(line)?,
            Wants::Instead => app.instead(text),
        })
    }
}

/// A name for a file, of plain characters.
fn file_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
    name.replace(|c| !plain(c), "_")
}

impl Component for LineView {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let ViewEvent::Key(key) = event else {
            return Handled::Passed;
        };
        match key.code {
            KeyCode::Esc => return Handled::Close(Vec::new()),
            KeyCode::Enter => match self.sent(app) {
                Ok(effects) => return Handled::Close(effects),
                // To be typed on.
                Err(complaint) => self.complaint = format!("  {complaint}"),
            },
            _ => {
                self.editor.key(*key);
            }
        }
        Handled::Done(Vec::new())
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, _: &mut App, paint: Paint) {
        let (before, after) = self.editor.parts();
        let (dim, typed) = (paint.role(Role::Dim), paint.role(Role::Accent));
        let line = Line::from(vec![
            Span::styled(format!(" {}", self.wants.lead()), dim),
            Span::styled(before.to_string(), typed),
            Span::styled("▏", typed),
            Span::styled(after.to_string(), typed),
            Span::styled(
                sanitize::line(&self.complaint).into_owned(),
                paint.role(Role::Error),
            ),
        ]);
        frame.render_widget(ratatui::widgets::Clear, place.foot);
        frame.buffer_mut().set_style(place.foot, paint.base());
        frame.render_widget(line, place.foot);
    }

    fn editor(&mut self) -> Option<&mut Editor> {
        Some(&mut self.editor)
    }
}
