//! All keys.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::tui::action::TABLE;
use crate::tui::app::{App, steps};
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::markup::{middle, pane};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;

/// The key table, from a line on.
#[derive(Debug, Default)]
pub struct Help {
    from: usize,
}

impl Component for Help {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let ViewEvent::Action(action) = event else {
            return Handled::Passed;
        };
        match steps(*action, app.page) {
            None => Handled::Passed,
            Some(by) => {
                self.from = self.from.saturating_add_signed(by).min(TABLE.len());
                Handled::Done(Vec::new())
            }
        }
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        let area = middle(frame, place.body, 92, TABLE.len() as u16 + 2, paint);
        let block = pane(" keys · j k scroll, Esc closes ", true, paint);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let height = usize::from(inner.height);
        self.from = self.from.min(TABLE.len().saturating_sub(height));
        let shown = TABLE.iter().skip(self.from).take(height);
        let line = |b: &crate::tui::action::Binding| {
            let keys = app.keymap.keys(b.action).join(" ");
            Line::from(vec![
                Span::styled(format!("{keys:>16}  "), paint.role(Role::Accent)),
                Span::styled(b.says, paint.role(Role::Text)),
            ])
        };
        frame.render_widget(Paragraph::new(shown.map(line).collect::<Vec<_>>()), inner);
    }
}
