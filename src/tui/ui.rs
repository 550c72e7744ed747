//! The layers of the screen: the app's state, the panes, the comparison or heat maps, and the views that lie over them. Events go from the top down.

use crossterm::event::{Event as Input, KeyCode, KeyEventKind, KeyModifiers, MouseEventKind};
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Size};
use ratatui::{Frame, Terminal};

use super::action::{Action, Keymap};
use super::app::{App, Effect};
use super::catalog::Listed;
use super::compare::screen::ComparisonScreen;
use super::component::{Component, Handled, ViewEvent, ViewPlace};
use super::desk::TaskDone;
use super::draw::bars;
use super::draw::panes::{Areas, Panes};
use super::editor::Editor;
use super::heat::lines;
use super::heat::screen::HeatScreen;
use super::records::{self, screen::RecordsScreen};
use super::style::Paint;
use super::views::{self, write::Write};
use crate::run::live::Update;
use rotescope_report::theme::{Depth, Theme};
use rotescope_trace::Prompt;

/// The app and its views.
pub struct Ui {
    pub app: App,
    base: Base,
    /// What lies over them, the topmost last.
    over: Vec<Box<dyn Component>>,
}

/// The views below all others, one of which is on the screen.
#[derive(Default)]
struct Base {
    panes: Panes,
    comparison: ComparisonScreen,
    heat: HeatScreen,
    records: RecordsScreen,
}

impl Base {
    fn view(&mut self, app: &App) -> &mut dyn Component {
        match (&app.heat, &app.records, &app.compare.view) {
            (Some(_), ..) => &mut self.heat,
            (_, Some(_), _) => &mut self.records,
            (_, _, Some(_)) => &mut self.comparison,
            _ => &mut self.panes,
        }
    }
}

impl Ui {
    pub fn new(prompts: Vec<Prompt>, theme: Theme, keymap: Keymap) -> Ui {
        Ui {
            app: App::new(prompts, theme, keymap),
            base: Base::default(),
            over: Vec::new(),
        }
    }

    /// Takes in what the engine says.
    pub fn update(&mut self, update: Update) -> Vec<Effect> {
        self.app.covered = self.is_covered();
        self.app.update(update)
    }

    /// Takes in what was done beside the screen.
    pub fn done(&mut self, done: TaskDone) -> Vec<Effect> {
        self.app.covered = self.is_covered();
        self.app.done(done)
    }

    /// Takes in lines of files of traces.
    pub fn listed(&mut self, lines: Vec<Listed>) -> Vec<Effect> {
        self.app.add_saved(lines)
    }

    fn is_covered(&self) -> bool {
        !self.over.is_empty() || self.app.choosing.is_some()
    }

    /// The topmost view that lies over the panes, if it is one of this type.
    pub fn view<T: Component>(&self) -> Option<&T> {
        let top: &dyn std::any::Any = self.over.last()?.as_ref();
        top.downcast_ref()
    }

    /// The line or text that is typed.
    pub fn editor(&mut self) -> Option<&mut Editor> {
        self.over.last_mut()?.editor()
    }

    /// Where the panes were drawn.
    pub fn areas(&self) -> Areas {
        self.base.panes.areas
    }

    /// What a key, the mouse or pasted text does.
    pub fn input(&mut self, input: &Input) -> Vec<Effect> {
        let typed = self.editor().is_some();
        match input {
            Input::Key(key) if key.kind != KeyEventKind::Release => {
                self.app.hover = None;
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                if control && key.code == KeyCode::Char('c') {
                    return self.step(Action::Quit);
                }
                if typed {
                    return self.event(&ViewEvent::Key(*key));
                }
                let action = self.app.keymap.action(*key);
                action.map_or(Vec::new(), |action| self.step(action))
            }
            Input::Paste(text) => {
                // Terminals paste lines as if Enter had been typed between them.
                let text = text.replace("\r\n", "\n").replace('\r', "\n");
                let effects = self.dispatch(&ViewEvent::Paste(text.clone()));
                match (effects, self.editor()) {
                    (Some(effects), _) => return effects,
                    (None, Some(line)) => line.insert(text.lines().next().unwrap_or("")),
                    // Text pasted into the app is a prompt.
                    (None, None) => self.over.push(Box::new(Write::of(&text))),
                }
                Vec::new()
            }
            Input::Mouse(mouse) => {
                self.app.hover = None;
                match mouse.kind {
                    // The wheel moves in what lies over the panes.
                    MouseEventKind::ScrollDown if !self.over.is_empty() => {
                        self.step(Action::RowDown)
                    }
                    MouseEventKind::ScrollUp if !self.over.is_empty() => self.step(Action::RowUp),
                    _ => self.event(&ViewEvent::Mouse(*mouse)),
                }
            }
            _ => Vec::new(),
        }
    }

    /// Does what an action says: the topmost view that uses it, else it opens a view, else it is the app's.
    pub fn step(&mut self, action: Action) -> Vec<Effect> {
        self.app.hint = false;
        let mut effects = match self.dispatch(&ViewEvent::Action(action)) {
            Some(effects) => effects,
            None => match views::open(action, &mut self.app) {
                Some(view) => {
                    self.put(view);
                    Vec::new()
                }
                None => self.app.step(action),
            },
        };
        effects.extend(self.app.look_up());
        effects
    }

    fn event(&mut self, event: &ViewEvent) -> Vec<Effect> {
        let mut effects = self.dispatch(event).unwrap_or_default();
        effects.extend(self.app.look_up());
        effects
    }

    /// Puts a view on top, unless one of its kind is there.
    fn put(&mut self, view: Box<dyn Component>) {
        let kind = |v: &dyn Component| std::any::Any::type_id(v);
        let there = self
            .over
            .iter()
            .any(|v| kind(v.as_ref()) == kind(view.as_ref()));
        if !there {
            self.over.push(view);
        }
    }

    /// Brings an event to the views from the top down; nothing where none uses it.
    fn dispatch(&mut self, event: &ViewEvent) -> Option<Vec<Effect>> {
        for i in (0..self.over.len()).rev() {
            match self.over[i].handle(event, &mut self.app) {
                // What cannot be stopped otherwise closes.
                Handled::Passed if matches!(event, ViewEvent::Action(Action::Stop)) => {
                    self.over.remove(i);
                    return Some(Vec::new());
                }
                Handled::Passed => {}
                handled => return Some(self.follow(handled, Some(i))),
            }
        }
        let below = self.base.view(&self.app);
        match below.handle(event, &mut self.app) {
            Handled::Passed => None,
            handled => Some(self.follow(handled, None)),
        }
    }

    /// Does what a view has said; `over`: its place among those that can close.
    fn follow(&mut self, handled: Handled, over: Option<usize>) -> Vec<Effect> {
        if let (Handled::Close(_) | Handled::Instead(_) | Handled::Step(_), Some(i)) =
            (&handled, over)
        {
            self.over.remove(i);
        }
        match handled {
            Handled::Passed => Vec::new(),
            Handled::Done(effects) | Handled::Close(effects) => effects,
            Handled::Instead(view) => {
                self.over.push(view);
                Vec::new()
            }
            Handled::Step(action) => self.step(action),
        }
    }

    /// What a screen of a size shows.
    pub fn screen(&mut self, size: Size, depth: Depth) -> Buffer {
        // Nothing can fail that draws into memory.
        let Ok(mut terminal) = Terminal::new(TestBackend::new(size.width, size.height));
        let Ok(_) = terminal.draw(|frame| self.draw(frame, depth));
        terminal.backend().buffer().clone()
    }

    /// Draws everything.
    pub fn draw(&mut self, frame: &mut Frame, depth: Depth) {
        let theme = self.app.theme.clone();
        let paint = Paint {
            theme: &theme,
            depth,
        };
        let area = frame.area();
        self.app.width = area.width;
        frame.buffer_mut().set_style(area, paint.base());
        let [head, body, legend, foot] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Min(1),
            Constraint::Length(1),
            Constraint::Length(1),
        ])
        .areas(area);
        let place = ViewPlace { body, foot };
        match (&self.app.heat, &self.app.records) {
            (Some(view), _) => {
                lines::header(frame, view, head, paint);
                lines::legend(frame, legend, paint);
            }
            (None, Some(view)) => records::screen::header(frame, view, head, paint),
            (None, None) => {
                bars::header(frame, &self.app, head, paint);
                bars::legend(frame, &self.app, legend, paint);
            }
        }
        self.base.panes.areas = Areas::default();
        let below = self.base.view(&self.app);
        below.draw(frame, place, &mut self.app, paint);
        let help = below.help();
        let helps = self.over.iter().rev().map(|v| v.help());
        let help = helps.into_iter().find(|h| !h.is_empty()).unwrap_or(help);
        bars::footer(frame, &self.app, &help, foot, paint);
        for view in &mut self.over {
            view.draw(frame, place, &mut self.app, paint);
        }
    }
}
