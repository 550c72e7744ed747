//! What a format of generations is.

use std::io::BufRead;

use crate::fields::Fields;
use crate::generation::Generation;

/// Items of a file with their lines or places, from 1.
pub type Generations = Box<dyn Iterator<Item = (usize, Result<Generation, String>)>>;

/// A format that generations are read from.
pub trait GenerationReader: Sync {
    /// What users call the format, and what `--format` takes.
    fn name(&self) -> &'static str;

    /// For people.
    fn about(&self) -> &'static str;

    /// Whether a file that begins with these bytes (some thousand, of a pipe perhaps fewer) is of this format. `ending`: that of its name.
    fn recognizes(&self, ending: Option<&str>, head: &[u8]) -> bool;

    /// All generations of a file, from its beginning.
    fn read(&self, from: Box<dyn BufRead>, ending: Option<&str>, fields: &Fields) -> Generations;
}

/// Whether one of the first objects of a file, or its only one, has all these keys. `head` may end within it.
pub(super) fn has_keys(head: &[u8], keys: &[&str]) -> bool {
    keys.iter().all(|key| {
        let quoted = format!("\"{key}\"");
        head.windows(quoted.len()).any(|w| w == quoted.as_bytes())
    })
}
