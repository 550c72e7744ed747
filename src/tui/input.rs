//! What keys, clicks and pasted text do.

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};
use ratatui::layout::Position;

use super::action::Action;
use super::app::{self, App, Effect, Mode, Pane};
use super::draw::Areas;
use super::editor;

/// What a key, a click or pasted text does.
pub fn on_input(app: &mut App, event: &Input, areas: &Areas) -> Vec<Effect> {
    match event {
        Input::Key(key) if key.kind != KeyEventKind::Release => on_key(app, *key),
        Input::Paste(text) => {
            match &mut app.mode {
                Mode::Edit(e) => e.insert(text),
                mode => match mode.editor() {
                    Some(line) => line.insert(text.lines().next().unwrap_or("")),
                    // Text pasted into the app is a prompt.
                    None => *mode = Mode::Edit(editor::Editor::of(text)),
                },
            }
            Vec::new()
        }
        Input::Mouse(mouse) => on_mouse(app, *mouse, areas),
        _ => Vec::new(),
    }
}

fn on_key(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    app.hover = None;
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if control && key.code == KeyCode::Char('c') {
        return app.step(Action::Quit);
    }
    if app.mode.editor().is_none() {
        return app
            .keymap
            .action(key)
            .map_or(Vec::new(), |action| app.step(action));
    }
    let history = app.history.clone();
    match (&mut app.mode, key.code) {
        (_, KeyCode::Esc) => return app.step(Action::Stop),
        (Mode::Edit(e), KeyCode::Enter) if key.modifiers.contains(KeyModifiers::ALT) => {
            e.insert("\n");
        }
        (_, KeyCode::Enter) => return app.sent(),
        (Mode::Palette(e, line), KeyCode::Down) => {
            *line = (*line + 1).min(app::palette(e.text()).len().saturating_sub(1));
        }
        (Mode::Palette(_, line), KeyCode::Up) => *line = line.saturating_sub(1),
        (Mode::Palette(e, line), _) => {
            if e.key(key) {
                *line = 0;
            }
        }
        (Mode::Edit(e), KeyCode::Up | KeyCode::Down) => {
            e.recall(&history, key.code == KeyCode::Up);
        }
        (mode, _) => {
            if let Some(e) = mode.editor() {
                e.key(key);
            }
        }
    }
    Vec::new()
}

fn on_mouse(app: &mut App, mouse: MouseEvent, areas: &Areas) -> Vec<Effect> {
    if let Some(effects) = app.mouse_comparison(mouse) {
        return effects;
    }
    let at = Position::new(mouse.column, mouse.row);
    app.hover = None;
    let over = [
        (areas.prompts, Pane::Prompts),
        (areas.chain, Pane::Chain),
        (areas.token, Pane::Token),
        (areas.documents, Pane::Documents),
        (areas.spans, Pane::Documents),
    ];
    let Some((area, pane)) = over.into_iter().find(|(a, _)| a.contains(at)) else {
        return Vec::new();
    };
    if mouse.kind == MouseEventKind::Moved {
        let rows = areas.rows;
        app.hover = app.session().filter(|_| rows.contains(at)).and_then(|s| {
            let row = s.scroll + usize::from(at.y - rows.y);
            s.layout.token_at(row, at.x - rows.x)
        });
        return Vec::new();
    }
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) if areas.branches.contains(at) => app.click_branch(
            usize::from(mouse.row - areas.branches.y),
            usize::from(areas.branches.height),
        ),
        MouseEventKind::Down(MouseButton::Left) if areas.spans.contains(at) => app.click_span(
            usize::from(mouse.row.saturating_sub(areas.spans.y + 1)),
            usize::from(areas.spans.height.saturating_sub(2)),
        ),
        MouseEventKind::Down(MouseButton::Left) if areas.rows.contains(at) => app.click_chain(
            usize::from(mouse.row - areas.rows.y),
            mouse.column - areas.rows.x,
        ),
        MouseEventKind::Down(MouseButton::Left) => {
            app.pane = pane;
            let row = usize::from(mouse.row.saturating_sub(area.y + 1));
            match pane {
                Pane::Prompts => app.click_prompt(row, usize::from(area.height.saturating_sub(2))),
                Pane::Documents => {
                    app.click_document(row, usize::from(area.height.saturating_sub(2)))
                }
                _ => Vec::new(),
            }
        }
        MouseEventKind::ScrollDown | MouseEventKind::ScrollUp => {
            app.pane = if pane == Pane::Token {
                Pane::Chain
            } else {
                pane
            };
            app.step(if mouse.kind == MouseEventKind::ScrollDown {
                Action::RowDown
            } else {
                Action::RowUp
            })
        }
        _ => Vec::new(),
    }
}
