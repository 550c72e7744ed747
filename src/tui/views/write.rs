//! A prompt that is written.

use crossterm::event::{KeyCode, KeyModifiers};
use ratatui::Frame;

use crate::tui::app::App;
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::editor::Editor;
use crate::tui::markup::{middle, pane, wrapped};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

/// The text, as far as it is written.
#[derive(Debug, Default)]
pub struct Write {
    editor: Editor,
}

impl Write {
    pub fn of(text: &str) -> Write {
        Write {
            editor: Editor::of(text),
        }
    }
}

impl Component for Write {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let key = match event {
            ViewEvent::Key(key) => *key,
            ViewEvent::Paste(text) => {
                self.editor.insert(text);
                return Handled::Done(Vec::new());
            }
            _ => return Handled::Passed,
        };
        match key.code {
            KeyCode::Esc => return Handled::Close(Vec::new()),
            KeyCode::Enter if key.modifiers.contains(KeyModifiers::ALT) => {
                self.editor.insert("\n");
            }
            KeyCode::Enter => return Handled::Close(app.run_written(self.editor.text())),
            KeyCode::Up | KeyCode::Down => {
                self.editor.recall(&app.history, key.code == KeyCode::Up);
            }
            _ => {
                self.editor.key(key);
            }
        }
        Handled::Done(Vec::new())
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, _: &mut App, paint: Paint) {
        let area = middle(frame, place.body, 90, 12, paint);
        let block = pane(
            " prompt · Enter runs it, Alt-Enter breaks the line, ↑ ↓ earlier ones, Esc ",
            true,
            paint,
        );
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let (before, after) = self.editor.parts();
        let text = format!("{}▏{}", sanitize::block(before), sanitize::block(after));
        frame.render_widget(wrapped(text, paint.role(Role::Text)), inner);
    }

    fn editor(&mut self) -> Option<&mut Editor> {
        Some(&mut self.editor)
    }
}
