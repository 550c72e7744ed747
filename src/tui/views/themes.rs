//! The themes: the one at the cursor is shown at once.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};

use crate::themes::THEMES;
use crate::tui::action::Action;
use crate::tui::app::{App, steps};
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::markup::pane;
use crate::tui::style::Paint;
use rotescope_report::theme::{Role, Theme};

/// The chosen line, and the theme to go back to.
#[derive(Debug)]
pub struct ThemeList {
    line: usize,
    before: Theme,
}

impl ThemeList {
    pub fn new(app: &App) -> ThemeList {
        let names = THEMES.names();
        let at = names.iter().position(|n| *n == app.theme.name());
        ThemeList {
            line: at.unwrap_or(0),
            before: app.theme.clone(),
        }
    }
}

impl Component for ThemeList {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let ViewEvent::Action(action) = event else {
            return Handled::Passed;
        };
        match (action, steps(*action, app.page)) {
            (Action::Open, _) => return Handled::Close(Vec::new()),
            (Action::Stop, _) => {
                app.theme = self.before.clone();
                return Handled::Close(Vec::new());
            }
            (_, None) => return Handled::Passed,
            (_, Some(by)) => {
                let names = THEMES.names();
                let last = names.len().saturating_sub(1);
                self.line = self.line.saturating_add_signed(by).min(last);
                if let Some(theme) = names.get(self.line).and_then(|n| THEMES.builtin(n)) {
                    app.theme = theme;
                }
            }
        }
        Handled::Done(Vec::new())
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, _: &mut App, paint: Paint) {
        let (names, body) = (THEMES.names(), place.body);
        let height = (names.len() as u16 + 2).min(body.height);
        let width = 40.min(body.width);
        // In a corner, so that the completion is seen in the new colors.
        let area = Rect {
            x: body.right() - width,
            y: body.bottom() - height,
            width,
            height,
        };
        frame.render_widget(Clear, area);
        frame.buffer_mut().set_style(area, paint.base());
        let block = pane(" theme · j k look, Enter takes it, Esc ", true, paint);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let from = (self.line + 1).saturating_sub(usize::from(inner.height));
        let lines: Vec<Line> = names
            .iter()
            .enumerate()
            .skip(from)
            .map(|(i, name)| {
                let here = i == self.line;
                let mut style = paint.role(Role::Text);
                if here {
                    style = style.patch(paint.role(Role::Selection));
                }
                Line::styled(format!("{}{name}", if here { "▸ " } else { "  " }), style)
            })
            .collect();
        frame.render_widget(Paragraph::new(lines), inner);
    }
}
