//! Five screens for who opens the app for the first time: what is seen, and the keys that lead on.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::action::Action;
use crate::tui::app::{App, steps};
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::markup::{keys, middle, pane};
use crate::tui::style::Paint;
use rotescope_report::theme::{self, Role};
use rotescope_trace::Source;

/// A screen of the tour: its title, what it says, and the keys that it speaks of.
struct Screen {
    title: &'static str,
    says: &'static [&'static str],
    keys: &'static [(Action, &'static str)],
}

const SCREENS: [Screen; 5] = [
    Screen {
        title: "what this is",
        says: &[
            "A language model often reaches an answer by rote: a step looks like reasoning, but its tokens follow what was frequent in the text that the model learned \
             from, and that is where it goes wrong.",
            "rotescope runs a model, counts in the text that it learned from, and colors each token by where that memorization comes from. The bundled model is small and was \
             trained on the bundled corpus, so all that is shown is exact.",
        ],
        keys: &[(Action::RowDown, "next screen"), (Action::Stop, "to work")],
    },
    Screen {
        title: "run a prompt",
        says: &[
            "On the left is a list of prompts. Choose one and run it: its completion streams into the middle, a line for each row, a number for each step.",
            "Local scores come with the tokens; mid-range and long-range scores when the completion is there, as the line at the top says.",
        ],
        keys: &[
            (Action::Open, "run the chosen prompt"),
            (Action::Edit, "write one"),
            (Action::Find, "find one"),
            (Action::Stop, "stop"),
        ],
    },
    Screen {
        title: "read the colors",
        says: &[
            "The color says which source a token owes most to, its strength how much. Lines and dots under the words say the same without color; the legend at the bottom shows them.",
            "⚑ marks a step that is likely wrong, ✗ one that was computed to be wrong. A strong color alone is no error: text that everybody writes is frequent, and right.",
        ],
        keys: &[
            (Action::NextFlag, "next flag"),
            (Action::NextStep, "next step"),
            (Action::NextToken, "next token"),
            (Action::Measure, "color by something else"),
        ],
    },
    Screen {
        title: "see why",
        says: &[
            "The pane on the right says why the token at the cursor came: its probability, its three scores, the words that elicit it, and what else the model had in mind, each beside \
             its count in the corpus.",
            "The pane at the bottom has the documents that hold the text before it. Open one to read it at that place.",
        ],
        keys: &[
            (Action::NextPane, "next pane"),
            (Action::NextSpan, "next verbatim stretch"),
            (
                Action::Candidate,
                "take another token, and see what comes of it",
            ),
        ],
    },
    Screen {
        title: "go on",
        says: &[
            "Compare a completion with that of a changed prompt, keep bookmarks and notes, write what you see to a file, or copy the command that makes it again.",
            "Your own model and corpus: rotescope --model MODEL.gguf --index FOLDER. Many prompts without a screen: rotescope score. This tour is behind its key, and so is all help.",
        ],
        keys: &[
            (Action::Compare, "compare"),
            (Action::Bookmark, "bookmark"),
            (Action::Note, "note"),
            (Action::Export, "write to a file"),
            (Action::CopyCommand, "copy the command"),
            (Action::Help, "all keys"),
            (Action::Tour, "this tour"),
        ],
    },
];

/// Which screen is shown.
#[derive(Debug, Default)]
pub struct Tour {
    at: usize,
}

impl Component for Tour {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let ViewEvent::Action(action) = event else {
            return Handled::Passed;
        };
        let by = match action {
            Action::Open | Action::NextPane => 1,
            Action::PreviousPane => -1,
            Action::Quit | Action::Suspend | Action::Stop => return Handled::Passed,
            Action::Tour => return Handled::Close(Vec::new()),
            other => match steps(*other, app.page) {
                Some(by) => by.signum(),
                // What a screen speaks of can be done at once.
                None if SCREENS[self.at].keys.iter().any(|(a, _)| a == other) => {
                    return Handled::Step(*other);
                }
                None => return Handled::Passed,
            },
        };
        if by > 0 && self.at + 1 == SCREENS.len() {
            return Handled::Close(Vec::new());
        }
        self.at = self.at.saturating_add_signed(by).min(SCREENS.len() - 1);
        Handled::Done(Vec::new())
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        let screen = &SCREENS[self.at];
        let area = middle(frame, place.body, 84, 20, paint);
        let title = format!(" {} of {} · {} ", self.at + 1, SCREENS.len(), screen.title);
        let block = pane(title, true, paint);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let (text, dim) = (paint.role(Role::Text), paint.role(Role::Dim));
        let mut lines = vec![Line::default()];
        for says in screen.says {
            lines.extend([Line::styled(*says, text), Line::default()]);
        }
        if screen.title == "read the colors" {
            lines.extend([colors(paint), Line::default()]);
        }
        let first = |action| app.keymap.keys(action).into_iter().next();
        lines.extend(screen.keys.iter().map(|(action, says)| {
            let key = first(*action).unwrap_or_default();
            Line::from(vec![
                Span::styled(format!("{key:>8}  "), paint.role(Role::Accent)),
                Span::styled(*says, text),
            ])
        }));
        let [body, foot] =
            Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(inner);
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), body);
        let turn = [
            (Action::RowDown, "next"),
            (Action::RowUp, "before"),
            (Action::Stop, "leave"),
        ];
        let turn = turn.map(|(action, says)| (first(action).unwrap_or_default(), says));
        let line = keys(turn, paint).patch_style(dim);
        frame.render_widget(line, foot);
    }
}

/// The sources as the completion shows them, from weak to strong.
fn colors<'a>(paint: Paint) -> Line<'a> {
    let mut line = Line::default();
    for source in Source::ALL {
        line.push_span(Span::styled(format!("  {source} "), paint.role(Role::Dim)));
        for strength in 1..=5 {
            let mark = theme::mark(source).to_string();
            line.push_span(Span::styled(mark, paint.source(source, strength)));
        }
    }
    line
}
