//! One line of many, found by letters of it: commands, prompts, notes, columns and fields to sort by.

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use crate::run::notes::Note;
use crate::tui::action::{Action, TABLE};
use crate::tui::app::{App, Column, Effect};
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::editor::Editor;
use crate::tui::fuzzy::ranked;
use crate::tui::markup::{fitted, middle, pane};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

/// Columns that the first part of a line has.
const NAME: usize = 20;
/// Columns that the second part has.
const SECOND: usize = 14;

/// What is typed, and the lines that fit.
#[derive(Debug)]
pub struct Finder {
    editor: Editor,
    /// Place among the lines that fit.
    line: usize,
    among: Among,
}

/// What is found.
#[derive(Debug)]
enum Among {
    /// Lines that are few, and the places of those that fit.
    Few {
        title: &'static str,
        lines: Vec<Found>,
        fit: Vec<usize>,
    },
    /// Entries of the app, which ranks them beside the screen.
    Prompts(Vec<usize>),
}

/// A line that can be chosen.
#[derive(Debug)]
struct Found {
    cells: [String; 3],
    leads: Leads,
}

/// Where choosing a line leads.
#[derive(Debug)]
enum Leads {
    Action(Action),
    Sorting(Column),
    /// Sorting records by a field.
    Field(String),
    Note(Box<Note>),
}

impl Finder {
    fn few(title: &'static str, lines: Vec<Found>) -> Finder {
        let mut finder = Finder {
            editor: Editor::default(),
            line: 0,
            among: Among::Few {
                title,
                lines,
                fit: Vec::new(),
            },
        };
        finder.rank();
        finder
    }

    /// All commands.
    pub fn commands(app: &App) -> Finder {
        let line = |b: &crate::tui::action::Binding| Found {
            cells: [
                b.name.into(),
                app.keymap.keys(b.action).join(" "),
                b.says.into(),
            ],
            leads: Leads::Action(b.action),
        };
        Finder::few("command", TABLE.iter().map(line).collect())
    }

    /// What the list can be sorted by.
    pub fn columns(app: &App) -> Finder {
        if let Some(records) = &app.records {
            let line = |field: &str| Found {
                cells: [field.into(), String::new(), String::new()],
                leads: Leads::Field(field.into()),
            };
            return Finder::few("sort by", records.fields().into_iter().map(line).collect());
        }
        let line = |column: Column| {
            let next = app.order.then(column).name();
            let now = match column == app.order.column {
                true => "now",
                false => "",
            };
            Found {
                cells: [next, now.into(), column.about().into()],
                leads: Leads::Sorting(column),
            }
        };
        Finder::few("sort by", Column::ALL.map(line).into())
    }

    /// All bookmarks and notes; nothing where there is none.
    pub fn notes(app: &mut App) -> Option<Finder> {
        let line = |note: &Note| Found {
            cells: [
                note.completion.id.clone(),
                format!("token {}", note.token + 1),
                match &note.note {
                    Some(text) => format!("{:?}: {text}", note.text),
                    None => format!("{:?}", note.text),
                },
            ],
            leads: Leads::Note(Box::new(note.clone())),
        };
        let lines: Vec<Found> = app.notes.iter().map(line).collect();
        if lines.is_empty() {
            app.say(
                "no bookmarks and no notes: B sets one on the token at the cursor, a writes one",
            );
            return None;
        }
        Some(Finder::few("note", lines))
    }

    /// The prompts that are listed.
    pub fn prompts(app: &mut App) -> Finder {
        // No task has this number: what an earlier finder has asked for comes too late.
        app.matched = (0, (0..app.listed.len()).collect());
        Finder {
            editor: Editor::default(),
            line: 0,
            among: Among::Prompts(app.listed.clone()),
        }
    }

    /// Ranks what is few by what is typed.
    fn rank(&mut self) {
        if let Among::Few { lines, fit, .. } = &mut self.among {
            // Names go before what is said of them.
            let typed = self.editor.text();
            let names = ranked(typed, lines.iter().map(|l| l.cells[0].as_str()));
            let all: Vec<String> = lines.iter().map(|l| l.cells.join(" ")).collect();
            let others = ranked(typed, all.iter().map(String::as_str));
            let mut there = vec![false; lines.len()];
            let both = names.into_iter().chain(others);
            *fit = both
                .filter(|&i| !std::mem::replace(&mut there[i], true))
                .collect();
        }
    }

    /// How many lines fit.
    fn count(&self, app: &App) -> usize {
        match &self.among {
            Among::Few { fit, .. } => fit.len(),
            Among::Prompts(_) => app.matched.1.len(),
        }
    }

    fn chosen(&self, app: &mut App) -> Handled {
        match &self.among {
            Among::Prompts(entries) => {
                let place = app.matched.1.get(self.line);
                if let Some(&entry) = place.and_then(|&p| entries.get(p)) {
                    app.select(entry);
                }
                Handled::Close(Vec::new())
            }
            Among::Few { lines, fit, .. } => match fit.get(self.line).map(|&i| &lines[i].leads) {
                None => Handled::Close(Vec::new()),
                Some(Leads::Action(action)) => Handled::Step(*action),
                Some(Leads::Sorting(column)) => {
                    app.sort_by(*column);
                    Handled::Close(Vec::new())
                }
                Some(Leads::Field(field)) => {
                    if let Some(records) = &mut app.records {
                        records.sort_by(field, &app.filter);
                    }
                    Handled::Close(Vec::new())
                }
                Some(Leads::Note(note)) => Handled::Close(app.show_note(note)),
            },
        }
    }

    /// What has been typed changed: the best line is chosen.
    fn typed(&mut self, app: &mut App) -> Vec<Effect> {
        self.line = 0;
        match &self.among {
            Among::Few { .. } => {
                self.rank();
                Vec::new()
            }
            Among::Prompts(entries) => app.find_prompts(self.editor.text(), entries),
        }
    }

    fn title(&self, app: &App) -> String {
        let (what, all) = match &self.among {
            Among::Few { title, lines, .. } => (*title, lines.len()),
            Among::Prompts(entries) => ("prompt", entries.len()),
        };
        let (before, after) = self.editor.parts();
        let count = self.count(app);
        let before = sanitize::line(before);
        let after = sanitize::line(after);
        format!(" {what}: {before}▏{after} · {count} of {all} ")
    }

    /// The parts of a line.
    fn cells(&self, app: &App, place: usize) -> Option<[String; 3]> {
        match &self.among {
            Among::Few { lines, fit, .. } => Some(lines.get(*fit.get(place)?)?.cells.clone()),
            Among::Prompts(entries) => {
                let entry = *entries.get(*app.matched.1.get(place)?)?;
                let p = &app.entries.get(entry)?.prompt;
                let task = p.task.clone().unwrap_or_default();
                // More than any screen shows.
                let question = p.question.chars().take(400).collect();
                Some([p.id.clone(), task, question])
            }
        }
    }
}

impl Component for Finder {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let ViewEvent::Key(key) = event else {
            return Handled::Passed;
        };
        let last = self.count(app).saturating_sub(1);
        match key.code {
            KeyCode::Esc => return Handled::Close(Vec::new()),
            KeyCode::Enter => return self.chosen(app),
            KeyCode::Down => self.line = (self.line + 1).min(last),
            KeyCode::Up => self.line = self.line.saturating_sub(1),
            KeyCode::PageDown => self.line = (self.line + 10).min(last),
            KeyCode::PageUp => self.line = self.line.saturating_sub(10),
            _ => {
                if self.editor.key(*key) {
                    return Handled::Done(self.typed(app));
                }
            }
        }
        Handled::Done(Vec::new())
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        let area = middle(frame, place.body, 100, 20, paint);
        let room = usize::from(area.width).saturating_sub(4);
        let block = pane(fitted(&self.title(app), room), true, paint);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let height = usize::from(inner.height);
        let from = (self.line + 1).saturating_sub(height);
        let rows = (from..self.count(app)).take(height);
        let lines: Vec<Line> = rows
            .filter_map(|i| {
                let [name, second, says] =
                    self.cells(app, i)?.map(|c| sanitize::line(&c).into_owned());
                let here = i == self.line;
                let mut style = paint.role(Role::Text);
                if here {
                    style = style
                        .patch(paint.role(Role::Selection))
                        .add_modifier(Modifier::BOLD);
                }
                Some(Line::from(vec![
                    Span::styled(if here { "▸ " } else { "  " }, style),
                    Span::styled(column(&name, NAME), style),
                    Span::styled(column(&second, SECOND), paint.role(Role::Accent)),
                    Span::styled(says, paint.role(Role::Dim)),
                ]))
            })
            .collect();
        frame.render_widget(Paragraph::new(lines), inner);
    }

    fn editor(&mut self) -> Option<&mut Editor> {
        Some(&mut self.editor)
    }
}

/// A text in a column, with a blank behind it.
fn column(text: &str, width: usize) -> String {
    let text = fitted(text, width - 1);
    let pad = width.saturating_sub(text.width());
    format!("{text}{:pad$}", "")
}
