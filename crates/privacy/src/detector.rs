//! What finds the values of one kind.

use std::ops::Range;

use crate::kind::Kind;

/// Bytes of a line before a value that a detector looks at.
pub const LEFT: usize = 64;
/// Bytes of a value, at most, where its form alone sets no bound.
pub const REACH: usize = 256;

/// Finds the values of one kind.
///
/// It sees one line, and looks for words before a value within [`LEFT`] bytes. It takes time linear in the line, whatever stands there.
pub trait Detector: Send + Sync {
    fn kind(&self) -> Kind;

    /// The byte ranges of values, ascending, without overlap. Full-width characters of the line and digits of other scripts are ASCII already.
    fn find(&self, line: &str) -> Vec<Range<usize>>;
}

/// A value in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub kind: Kind,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// Countries whose national numbers are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Country {
    Us,
    Gb,
    Es,
    It,
    Nl,
    Pl,
    Br,
    Ca,
    Se,
    Fr,
    De,
}

impl Country {
    pub const ALL: [(&'static str, Country); 11] = [
        ("us", Country::Us),
        ("gb", Country::Gb),
        ("es", Country::Es),
        ("it", Country::It),
        ("nl", Country::Nl),
        ("pl", Country::Pl),
        ("br", Country::Br),
        ("ca", Country::Ca),
        ("se", Country::Se),
        ("fr", Country::Fr),
        ("de", Country::De),
    ];

    /// By its two letters, as ISO 3166 has them.
    pub fn of_name(name: &str) -> Option<Country> {
        let found = Country::ALL.into_iter().find(|(n, _)| *n == name);
        found.map(|(_, country)| country)
    }
}
