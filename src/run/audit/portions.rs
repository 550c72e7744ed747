//! Windows portion by portion: what the file holds is passed over, what is new is worked out, appended and told.

use super::error::AuditError;
use super::file::AuditFile;
use super::texts::TextWindow;
use rotescope_trace::audit::AuditLine;

/// What an audit does with windows.
pub trait Audit {
    type Line: AuditLine;

    /// The name of a window's line.
    fn key(&self, window: &TextWindow) -> String {
        window.key()
    }

    /// A line for each of some windows, in their order.
    ///
    /// # Errors
    /// Failures of the model or the index; to be cancelled.
    fn lines(&mut self, windows: &[TextWindow]) -> Result<Vec<Self::Line>, AuditError>;

    /// Takes a new line into the tables.
    fn add(&mut self, line: &Self::Line);

    /// Says how far it is: windows that were in the file, and new ones; `document`: of the last.
    fn told(&mut self, held: usize, new: usize, document: &str);
}

/// Windows at hand, and the file that takes their lines.
pub struct Portions<A: Audit> {
    pub audit: A,
    file: Option<AuditFile<A::Line>>,
    /// Windows that are worked on together. A run that goes on keeps the borders, since what a window's numbers are rounded like depends on its neighbours.
    size: usize,
    waiting: Vec<TextWindow>,
}

impl<A: Audit> Portions<A> {
    pub fn new(audit: A, file: Option<AuditFile<A::Line>>, size: usize) -> Portions<A> {
        Portions {
            audit,
            file,
            size,
            waiting: Vec::new(),
        }
    }

    /// Takes the next window.
    ///
    /// # Errors
    /// What the audit says, and a file that cannot be written.
    pub fn take(&mut self, window: TextWindow) -> Result<(), AuditError> {
        self.waiting.push(window);
        match self.waiting.len() >= self.size {
            true => self.flush(),
            false => Ok(()),
        }
    }

    /// Whether the file held a line of this name when it was opened.
    pub fn holds(&self, key: &str) -> bool {
        self.file.as_ref().is_some_and(|f| f.holds(key))
    }

    /// Takes and writes a line that is of no window, unless the file held it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn put(&mut self, line: A::Line) -> Result<(), AuditError> {
        if line.key().is_some_and(|k| self.holds(&k)) {
            return Ok(());
        }
        self.audit.add(&line);
        match &mut self.file {
            Some(file) => file.append(&[line]),
            None => Ok(()),
        }
    }

    /// Works on the windows at hand, however few.
    ///
    /// # Errors
    /// As [`Portions::take`].
    pub fn flush(&mut self) -> Result<(), AuditError> {
        let portion = std::mem::take(&mut self.waiting);
        let is_there = |w: &TextWindow| {
            let file = self.file.as_ref();
            file.is_some_and(|f| f.holds(&self.audit.key(w)))
        };
        let there: Vec<bool> = portion.iter().map(is_there).collect();
        let held = there.iter().filter(|t| **t).count();
        let document = portion.last().map_or("", |w| &*w.document);
        if held == portion.len() {
            self.audit.told(held, 0, document);
            return Ok(());
        }
        let lines = self.audit.lines(&portion)?;
        let new = lines.into_iter().zip(there).filter(|(_, there)| !there);
        let new: Vec<A::Line> = new.map(|(line, _)| line).collect();
        new.iter().for_each(|line| self.audit.add(line));
        if let Some(file) = &mut self.file {
            file.append(&new)?;
        }
        self.audit.told(held, new.len(), document);
        Ok(())
    }
}
