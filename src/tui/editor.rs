//! A small editor for lines and prompts: text, a cursor, and what keys do to them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// Text that is being typed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Editor {
    text: String,
    /// Byte offset, between graphemes.
    at: usize,
    /// Place in the history, counted from the newest; 0 is what is typed now.
    back: usize,
}

impl Editor {
    pub fn of(text: &str) -> Editor {
        Editor {
            text: text.into(),
            at: text.len(),
            back: 0,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Text before and after the cursor.
    pub fn parts(&self) -> (&str, &str) {
        self.text.split_at(self.at)
    }

    pub fn insert(&mut self, text: &str) {
        self.text.insert_str(self.at, text);
        self.at += text.len();
    }

    /// Takes text of the history: one back, or one forward.
    pub fn recall(&mut self, history: &[String], back: bool) {
        let to = if back {
            (self.back + 1).min(history.len())
        } else {
            self.back.saturating_sub(1)
        };
        let text = match to {
            0 => String::new(),
            n => history[history.len() - n].clone(),
        };
        *self = Editor {
            back: to,
            ..Editor::of(&text)
        };
    }

    /// Changes the text as the key says; whether it meant anything.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('a') if control => self.at = 0,
            KeyCode::Char('e') if control => self.at = self.text.len(),
            KeyCode::Char('u') if control => {
                self.text.drain(..self.at);
                self.at = 0;
            }
            KeyCode::Char('w') if control => {
                let kept = self.text[..self.at].trim_end();
                let word = kept.rsplit(char::is_whitespace).next().unwrap_or(kept);
                let from = kept.len() - word.len();
                self.text.drain(from..self.at);
                self.at = from;
            }
            KeyCode::Char(c) if !control => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => {
                let from = self.before();
                self.text.drain(from..self.at);
                self.at = from;
            }
            KeyCode::Delete => {
                let to = self.after();
                self.text.drain(self.at..to);
            }
            KeyCode::Left => self.at = self.before(),
            KeyCode::Right => self.at = self.after(),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            _ => return false,
        }
        true
    }

    fn before(&self) -> usize {
        let last = self.text[..self.at].graphemes(true).next_back();
        self.at - last.map_or(0, str::len)
    }

    fn after(&self) -> usize {
        let next = self.text[self.at..].graphemes(true).next();
        self.at + next.map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(e: &mut Editor, code: KeyCode) {
        assert!(e.key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    #[test]
    fn erasing_a_word_behind_a_wide_space() {
        let mut e = Editor::of("她\u{3000}有 x");
        let erase = KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL);
        for left in ["她\u{3000}有 ", "她\u{3000}", ""] {
            assert!(e.key(erase));
            assert_eq!(e.text(), left);
        }
    }

    #[test]
    fn typing_and_erasing_whole_graphemes() {
        let mut e = Editor::of("ab");
        e.insert("e\u{301}👩‍👧");
        press(&mut e, KeyCode::Backspace);
        press(&mut e, KeyCode::Backspace);
        assert_eq!(e.text(), "ab");
        press(&mut e, KeyCode::Left);
        press(&mut e, KeyCode::Char('x'));
        assert_eq!(e.parts(), ("ax", "b"));
        press(&mut e, KeyCode::Delete);
        e.key(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(e.text(), "");
    }

    #[test]
    fn history_goes_back_and_forth() {
        let history = ["one".to_string(), "two".to_string()];
        let mut e = Editor::default();
        let mut seen = Vec::new();
        for back in [true, true, true, false, false] {
            e.recall(&history, back);
            seen.push(e.text().to_string());
        }
        assert_eq!(seen, ["two", "one", "one", "two", ""]);
    }
}
