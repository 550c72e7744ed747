//! Commands by a part of their name.

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::tui::action::{Action, TABLE};
use crate::tui::app::App;
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::editor::Editor;
use crate::tui::markup::{middle, pane};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;

/// What is typed, and the chosen line.
#[derive(Debug, Default)]
pub struct Palette {
    editor: Editor,
    line: usize,
}

impl Component for Palette {
    fn handle(&mut self, event: &ViewEvent, _: &mut App) -> Handled {
        let ViewEvent::Key(key) = event else {
            return Handled::Passed;
        };
        let found = matching(self.editor.text());
        match key.code {
            KeyCode::Esc => return Handled::Close(Vec::new()),
            KeyCode::Enter => {
                return match found.get(self.line) {
                    Some(action) => Handled::Step(*action),
                    None => Handled::Close(Vec::new()),
                };
            }
            KeyCode::Down => self.line = (self.line + 1).min(found.len().saturating_sub(1)),
            KeyCode::Up => self.line = self.line.saturating_sub(1),
            _ => {
                if self.editor.key(*key) {
                    self.line = 0;
                }
            }
        }
        Handled::Done(Vec::new())
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        let area = middle(frame, place.body, 76, 18, paint);
        let (before, after) = self.editor.parts();
        let block = pane(format!(" : {before}▏{after} "), true, paint);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let height = usize::from(inner.height);
        let from = (self.line + 1).saturating_sub(height);
        let lines: Vec<Line> = matching(self.editor.text())
            .into_iter()
            .enumerate()
            .skip(from)
            .take(height)
            .filter_map(|(i, a)| {
                let b = TABLE.iter().find(|b| b.action == a)?;
                let keys = app.keymap.keys(a).join(" ");
                let here = i == self.line;
                let mut style = paint.role(Role::Text);
                if here {
                    style = style
                        .patch(paint.role(Role::Selection))
                        .add_modifier(Modifier::BOLD);
                }
                Some(Line::from(vec![
                    Span::styled(if here { "▸ " } else { "  " }, style),
                    Span::styled(format!("{:<18}", b.name), style),
                    Span::styled(format!("{keys:<12}"), paint.role(Role::Accent)),
                    Span::styled(b.says, paint.role(Role::Dim)),
                ]))
            })
            .collect();
        frame.render_widget(Paragraph::new(lines), inner);
    }

    fn editor(&mut self) -> Option<&mut Editor> {
        Some(&mut self.editor)
    }
}

/// The actions whose name or description holds the letters of `text` in order, best first.
fn matching(text: &str) -> Vec<Action> {
    let wanted: Vec<char> = text.to_lowercase().chars().filter(|c| *c != ' ').collect();
    // The span of the letters in the text: the shorter, the better; names go before descriptions.
    let rank = |s: &str| -> Option<usize> {
        let s: Vec<char> = s.to_lowercase().chars().collect();
        let starts = (0..s.len()).filter(|&i| wanted.first().is_none_or(|c| s[i] == *c));
        starts
            .filter_map(|from| {
                let mut at = from;
                for c in &wanted {
                    at += s[at..].iter().position(|x| x == c)? + 1;
                }
                Some(at - from)
            })
            .min()
    };
    let mut found: Vec<(usize, Action)> = TABLE
        .iter()
        .filter_map(|b| {
            let by_name = rank(b.name);
            let by_text = rank(b.says).map(|r| r + 100);
            Some((by_name.into_iter().chain(by_text).min()?, b.action))
        })
        .collect();
    found.sort_by_key(|(r, _)| *r);
    found.into_iter().map(|(_, a)| a).collect()
}
