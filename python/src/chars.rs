//! Offsets in characters, as Python slices text, where rotescope has bytes.

/// A text whose bytes are places.
pub struct Chars {
    /// Where each character begins; none where all are of one byte.
    starts: Option<Vec<usize>>,
}

impl Chars {
    pub fn of(text: &str) -> Chars {
        let starts = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Chars { starts }
    }

    /// The number of characters before a byte.
    pub fn at(&self, byte: usize) -> usize {
        match &self.starts {
            None => byte,
            Some(starts) => starts.partition_point(|start| *start < byte),
        }
    }
}
