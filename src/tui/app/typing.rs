//! What is typed, and what it does when it is sent.

use std::path::PathBuf;

use super::{App, Effect, Entry, Mode, Pane, Within};
use crate::tui::action::{Action, TABLE};
use rotescope_trace::Prompt;

impl App {
    /// What a line that was typed does when it is sent.
    pub fn sent(&mut self) -> Vec<Effect> {
        match std::mem::take(&mut self.mode) {
            Mode::Edit(editor) => {
                let text = editor.text().trim().to_string();
                if text.is_empty() {
                    return Vec::new();
                }
                self.history.push(text.clone());
                self.compare.view = None;
                let id = format!("typed-{}", self.history.len());
                self.entries.push(Entry {
                    prompt: Prompt {
                        id,
                        question: text,
                        ..Default::default()
                    },
                    sessions: Vec::new(),
                    shown: 0,
                });
                self.filter.clear();
                self.list();
                self.selected = self.listed.len() - 1;
                self.step(Action::RunPrompt)
            }
            Mode::Instead(editor) => self.instead(editor.text()),
            Mode::Search(editor, within) => {
                self.search = editor.text().to_string();
                self.searched = within;
                match within {
                    Within::Prompts => self.pane = Pane::Prompts,
                    Within::Chain => self.pane = Pane::Chain,
                    Within::Documents => self.pane = Pane::Documents,
                    Within::Document => self.read_document(),
                }
                self.find(true);
                self.look_up()
            }
            Mode::Filter(editor) => {
                self.filter = editor.text().trim().to_string();
                self.list();
                Vec::new()
            }
            Mode::Export(editor) if self.compare.view.is_some() => {
                let to = editor.text().trim();
                self.export_comparison(to).into_iter().collect()
            }
            Mode::Export(editor) => match self.session().and_then(|s| s.trace.clone()) {
                Some(trace) if !editor.text().trim().is_empty() => {
                    let path = PathBuf::from(editor.text().trim());
                    vec![Effect::Export(trace, path)]
                }
                _ => Vec::new(),
            },
            Mode::Change(editor) => self.typed_change(editor),
            Mode::Palette(editor, line) => {
                let chosen = palette(editor.text()).get(line).copied();
                chosen.map_or(Vec::new(), |a| self.step(a))
            }
            other => {
                self.mode = other;
                Vec::new()
            }
        }
    }
}

/// The actions whose name or description holds the letters of `text` in order, best first.
pub fn palette(text: &str) -> Vec<Action> {
    let wanted: Vec<char> = text.to_lowercase().chars().filter(|c| *c != ' ').collect();
    // The span of the letters in the text: the shorter, the better; names go before descriptions.
    let rank = |s: &str| -> Option<usize> {
        let s: Vec<char> = s.to_lowercase().chars().collect();
        let starts = (0..s.len()).filter(|&i| wanted.first().is_none_or(|c| s[i] == *c));
        starts
            .filter_map(|from| {
                let mut at = from;
                for c in &wanted {
                    at += s[at..].iter().position(|x| x == c)? + 1;
                }
                Some(at - from)
            })
            .min()
    };
    let mut found: Vec<(usize, Action)> = TABLE
        .iter()
        .filter_map(|b| {
            let by_name = rank(b.name);
            let by_text = rank(b.says).map(|r| r + 100);
            Some((by_name.into_iter().chain(by_text).min()?, b.action))
        })
        .collect();
    found.sort_by_key(|(r, _)| *r);
    found.into_iter().map(|(_, a)| a).collect()
}
