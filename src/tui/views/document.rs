//! A document that is read, its match marked.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::tui::action::Action;
use crate::tui::app::{App, steps};
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::markup::{middle, pane};
use crate::tui::search::{Within, contains};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

/// The document at the cursor, from the row [`App::reading`] on.
#[derive(Debug)]
pub struct DocumentView;

impl Component for DocumentView {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let ViewEvent::Action(action) = event else {
            return Handled::Passed;
        };
        match (action, steps(*action, app.page)) {
            (Action::Stop, _) => {
                app.reading = None;
                Handled::Close(Vec::new())
            }
            (Action::Open, _) => Handled::Done(Vec::new()),
            (_, None) => Handled::Passed,
            (_, Some(by)) => {
                let last = app.document().map_or(0, |d| d.rows.len()).saturating_sub(1);
                if let Some(row) = &mut app.reading {
                    *row = row.saturating_add_signed(by).min(last);
                }
                Handled::Done(Vec::new())
            }
        }
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        let Some((h, page)) = app.found.hits.get(app.hit).zip(app.document()) else {
            return;
        };
        let from = app.reading.unwrap_or(0);
        let height = place.body.height.saturating_sub(2);
        let area = middle(frame, place.body, App::READING, height, paint);
        let title = format!(
            " {} · {} ",
            sanitize::line(&h.id),
            sanitize::line(&h.source)
        );
        let at = format!(" row {} of {} ", from + 1, page.rows.len());
        let block = pane(title, true, paint).title_bottom(Line::from(at).right_aligned());
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let (plain, matched) = (paint.role(Role::Text), paint.role(Role::Match));
        let searched = app.searched == Within::Document;
        let rows = page.rows.iter().skip(from).take(usize::from(inner.height));
        let lines: Vec<Line> = rows
            .map(|row| {
                let at = |i: usize| i.clamp(row.start, row.end);
                let (a, b) = (at(page.matched.start), at(page.matched.end));
                let mut spans = vec![
                    Span::styled(&page.text[row.start..a], plain),
                    Span::styled(&page.text[a..b], matched),
                    Span::styled(&page.text[b..row.end], plain),
                ];
                if searched && contains(&page.text[row.clone()], &app.search) {
                    spans.push(Span::styled(" ◂", paint.role(Role::Accent)));
                }
                Line::from(spans)
            })
            .collect();
        frame.render_widget(Paragraph::new(lines), inner);
    }
}
