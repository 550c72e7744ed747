//! The lines around a view: what is loaded and what runs, what the colors mean, and a message or the keys that matter most.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::markup::{fitted, keys, known_style, region_color};
use crate::tui::session::ShownMeasure;
use crate::tui::style::Paint;
use rotescope_report::theme::{self, Role};
use rotescope_text::sanitize;
use rotescope_trace::{Known, RegionClass, Source};

/// Columns that the line at the top has for what is done beside the screen.
const WORK: usize = 40;

pub fn header(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    let mut left = vec![Span::styled(" rotescope ", paint.role(Role::Accent))];
    if let Some(r) = &app.ready {
        let index = r.index.as_ref().map_or("no index".into(), |i| {
            format!("{} {:.1} M tokens", i.id, i.tokens as f64 / 1e6)
        });
        left.push(Span::styled(
            format!(" {} · {index}", r.model.shown()),
            paint.role(Role::Dim),
        ));
    }
    let mut right = String::new();
    if let Some((_, says, _)) = app.work.last() {
        right = format!("◌ {} ", fitted(&sanitize::line(says), WORK));
    }
    if !app.loading.is_empty() {
        right += &format!("◌ {} ", app.loading);
    } else if let Some(r) = app.running {
        let s = &app.sessions[r];
        right += &match s.attributed {
            _ if s.trace.is_none() => {
                let local = match s.waiting {
                    0 => "local live".into(),
                    1 => "1 local score to come".into(),
                    n => format!("{n} local scores to come"),
                };
                format!(
                    "● {:.0} tok/s · {} tokens · {local} ",
                    app.tokens_per_second(),
                    s.tokens().len()
                )
            }
            (_, 0) => "● mid and long: windows ".into(),
            (done, total) => format!("● mid/long {} % ", done * 100 / total),
        };
        if !app.queue.is_empty() {
            right += &format!("· {} wait ", app.queue.len());
        }
    } else if let Some(t) = app.session().and_then(|s| s.trace.as_ref()) {
        right += &format!("○ {:.0} tok/s ", t.timing.tokens_per_second);
    }
    let [l, r] = Layout::horizontal([
        Constraint::Fill(1),
        Constraint::Length(right.width() as u16),
    ])
    .areas(area);
    frame.render_widget(Line::from(left), l);
    frame.render_widget(Line::styled(right, paint.role(Role::Text)), r);
}

/// What the colors and marks mean; in fewer words where there is little room.
pub fn legend(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    let name = app.measure.name();
    let (name, likely, computed, unsure) = if area.width < 104 {
        let name = name.split(',').next().unwrap_or(&name).to_string();
        (name, " ⚑ likely ", " ✗ computed wrong ", " ? p<.5")
    } else {
        (
            name,
            "  ⚑ likely wrong ",
            "  ✗ computed wrong ",
            "  ? p < .5",
        )
    };
    let mut spans = vec![Span::styled(format!(" {name} "), paint.role(Role::Title))];
    let others = match app.measure {
        ShownMeasure::Regions => regions(area, paint),
        ShownMeasure::Known => known(area, paint),
        _ => Vec::new(),
    };
    if !others.is_empty() {
        spans.extend(others);
        return frame.render_widget(Line::from(spans), area);
    }
    for source in Source::ALL {
        spans.push(Span::styled(format!(" {source} "), paint.role(Role::Dim)));
        for strength in 1..=5 {
            spans.push(Span::styled(
                theme::mark(source).to_string(),
                paint.source(source, strength),
            ));
        }
    }
    spans.push(Span::styled(likely, paint.role(Role::Flag)));
    spans.push(Span::styled(computed, paint.role(Role::Error)));
    spans.push(Span::styled(unsure, paint.role(Role::Unsure)));
    frame.render_widget(Line::from(spans), area);
}

/// What the colors of regions mean.
fn regions<'a>(area: Rect, paint: Paint) -> Vec<Span<'a>> {
    let dim = paint.role(Role::Dim);
    let kinds = [(false, "template"), (true, "numbers, names")];
    let mut spans = vec![Span::styled(" a document has the ", dim)];
    for (foreground, says) in kinds {
        let (source, strength) = region_color(foreground);
        spans.push(Span::styled(says, paint.source(source, strength)));
        spans.push(Span::styled(" · ", dim));
    }
    let classes = match area.width {
        0..100 => "VM both FM BM NM neither".into(),
        _ => {
            let all = RegionClass::ALL.map(|c| format!("{} {}", c.name(), c.about()));
            all.join("; ")
        }
    };
    spans.push(Span::styled(classes, dim));
    spans
}

/// What the colors of who knows a token mean.
fn known<'a>(area: Rect, paint: Paint) -> Vec<Span<'a>> {
    let dim = paint.role(Role::Dim);
    let lead = if area.width < 100 {
        " "
    } else {
        " the token: "
    };
    let mut spans = vec![Span::styled(lead, dim)];
    for known in Known::ALL {
        spans.push(Span::styled(known.about(), known_style(known, paint)));
        spans.push(Span::styled(" · ", dim));
    }
    spans.push(Span::styled("not asked", dim));
    spans
}

/// A message, or the keys of the view on top.
pub fn footer(
    frame: &mut Frame,
    app: &App,
    help: &[(Action, &'static str)],
    area: Rect,
    paint: Paint,
) {
    if let Some((text, _)) = &app.message {
        let text = format!(" {}", sanitize::line(text));
        let line = Line::styled(text, paint.role(Role::Accent));
        return frame.render_widget(line, area);
    }
    let first = |action| app.keymap.keys(action).into_iter().next();
    let all = help
        .iter()
        .map(|(action, says)| (first(*action).unwrap_or_default(), *says));
    frame.render_widget(keys(all, paint), area);
}
