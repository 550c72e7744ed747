//! What several views draw alike: frames, boxes, figures, tokens in their color, texts cut to a width.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Clear, Paragraph, Wrap};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::session::ShownMeasure;
use super::style::Paint;
use rotescope_report::theme::{self, Role};
use rotescope_trace::{Known, RegionStretch, Source, StepRegion, Token};

/// A frame with a title; the focus is a heavier line, not only another color.
pub fn pane<'a>(title: impl Into<Line<'a>>, focus: bool, paint: Paint) -> Block<'a> {
    let (role, lines) = if focus {
        (Role::Focus, BorderType::Thick)
    } else {
        (Role::Border, BorderType::Plain)
    };
    Block::new()
        .borders(Borders::ALL)
        .border_type(lines)
        .border_style(paint.role(role))
        .title(title)
        .title_style(paint.role(Role::Title))
}

/// A box in the middle, cleared.
pub fn middle(frame: &mut Frame, body: Rect, width: u16, height: u16, paint: Paint) -> Rect {
    let [row] = Layout::vertical([Constraint::Length(height.min(body.height))])
        .flex(Flex::Center)
        .areas(body);
    let [area] = Layout::horizontal([Constraint::Length(width.min(body.width))])
        .flex(Flex::Center)
        .areas(row);
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, paint.base());
    area
}

/// Text in a paragraph that wraps.
pub fn wrapped(text: String, style: Style) -> Paragraph<'static> {
    Paragraph::new(text).style(style).wrap(Wrap { trim: false })
}

/// Keys and what they do, as the bottom line has them.
pub fn keys<'a>(keys: impl IntoIterator<Item = (String, &'a str)>, paint: Paint) -> Line<'a> {
    let mut line = Line::default();
    for (key, says) in keys {
        line.push_span(Span::styled(format!(" {key}"), paint.role(Role::Accent)));
        line.push_span(Span::styled(format!(" {says} "), paint.role(Role::Dim)));
    }
    line
}

/// The style of a token by who knows it. Strengths differ, so that it does without colors too; what neither knows is plain.
pub fn known_style(known: Known, paint: Paint) -> Style {
    match known {
        Known::Both => paint.source(Source::Local, 4),
        Known::Weights => paint.source(Source::Mid, 3),
        Known::Corpus => paint.source(Source::Long, 5),
        Known::Neither => paint.role(Role::Text),
    }
}

/// The style of a token: source and strength; dim where it is not scored.
pub fn token_style(token: &Token, measure: ShownMeasure, paint: Paint) -> Style {
    if measure == ShownMeasure::Known {
        let known = token.retrieved.as_ref().map(|r| r.known);
        return known.map_or(paint.role(Role::Dim), |known| known_style(known, paint));
    }
    match measure.of(token) {
        Some((source, score)) => paint.source(source, theme::strength(score)),
        None if token.skipped.is_some() => paint.role(Role::Dim),
        None => paint.role(Role::Text),
    }
}

/// The style of a token by what a document has of its step: template, numbers and names, or nothing of it.
pub fn region_style(region: Option<(&StepRegion, Option<RegionStretch>)>, paint: Paint) -> Style {
    match region {
        None => paint.role(Role::Dim),
        Some((_, None)) => paint.role(Role::Text),
        Some((_, Some(stretch))) => {
            let (source, strength) = region_color(stretch.foreground);
            paint.source(source, strength)
        }
    }
}

/// The color of numbers and names that a document has, and of the template around them. Strengths differ, so that they do without colors too.
pub fn region_color(foreground: bool) -> (Source, u8) {
    match foreground {
        true => (Source::Long, 5),
        false => (Source::Local, 3),
    }
}

/// A probability in five columns: `.62`, `1.00`, `3e-5`.
pub fn p_text(p: f32) -> String {
    if p >= 0.995 {
        "1.00".into()
    } else if p >= 0.001 {
        format!("{p:.3}").trim_start_matches('0').into()
    } else {
        format!("{p:.0e}")
    }
}

/// A change as arrow and figure.
pub fn change<'a>(by: f64, paint: Paint) -> Span<'a> {
    let figure = format!("{:.2}", by.abs());
    let figure = figure.strip_prefix('0').unwrap_or(&figure);
    let (arrow, role) = match by {
        _ if figure == ".00" => ("·", Role::Dim),
        b if b > 0.0 => ("▲", Role::Added),
        _ => ("▼", Role::Removed),
    };
    Span::styled(format!("{arrow}{figure}"), paint.role(role))
}

/// As much of a text as fits, with … where it is cut.
pub fn fitted(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let (mut out, mut used) = (String::new(), 1);
    for g in text.graphemes(true) {
        used += g.width();
        if used > width {
            break;
        }
        out += g;
    }
    if width > 0 {
        out.push('…');
    }
    out
}

/// As many columns of a text as fit, from its end or from its beginning.
pub fn cut(text: &str, width: usize, from_end: bool) -> String {
    let mut used = 0;
    let mut fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= width
    };
    if from_end {
        let kept: Vec<char> = text.chars().rev().take_while(|c| fits(c)).collect();
        kept.into_iter().rev().collect()
    } else {
        text.chars().take_while(|c| fits(c)).collect()
    }
}
