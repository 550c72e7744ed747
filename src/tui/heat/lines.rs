//! The lines at the top and the bottom while heat maps are on the screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::view::HeatView;
use crate::tui::style::Paint;
use rotescope_report::heat::STEPS;
use rotescope_report::theme::{Role, lane};
use rotescope_text::sanitize;
use rotescope_trace::Source;

/// Which model was asked about which index; where the cursor is.
pub fn header(frame: &mut Frame, view: &HeatView, area: Rect, paint: Paint) {
    let run = &view.run;
    let index = run.index.as_ref().map_or("no index", |i| &i.id);
    let about = format!(" {} · {index}", run.model.file);
    let left = Line::from(vec![
        Span::styled(" rotescope ", paint.role(Role::Accent)),
        Span::styled(sanitize::line(&about).into_owned(), paint.role(Role::Dim)),
    ]);
    let runs = view.map().document.runs.len();
    let right = match view.map().run_here() {
        Some(at) => format!("run {} of {runs} ", at + 1),
        None => format!("{runs} runs "),
    };
    let [l, r] = Layout::horizontal([
        Constraint::Fill(1),
        Constraint::Length(right.width() as u16),
    ])
    .areas(area);
    frame.render_widget(left, l);
    frame.render_widget(Line::styled(right, paint.role(Role::Text)), r);
}

/// What the colors mean.
pub fn legend(frame: &mut Frame, area: Rect, paint: Paint) {
    let dim = paint.role(Role::Dim);
    let mut spans = vec![Span::styled(" p of reciting ", paint.role(Role::Title))];
    for (i, from) in STEPS.iter().enumerate() {
        let step = i as u8 + 1;
        let text = format!(" {} {from}", lane(step));
        spans.push(Span::styled(text, paint.source(Source::Local, step)));
    }
    spans.push(Span::styled("  ┃", paint.role(Role::Accent)));
    let run = paint.selected(Source::Local, 0);
    spans.push(Span::styled(" run that can be extracted ", run));
    if area.width >= 100 {
        spans.push(Span::styled("  dim: prefix, not asked", dim));
    }
    frame.render_widget(Line::from(spans), area);
}
