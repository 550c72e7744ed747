//! How many words documents have: in a document that is no longer than a window, all words are within it of each other.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::Field;
use tantivy::{DocId, SegmentReader};

/// The lengths of a segment's documents, in the classes that tantivy keeps: exact up to 40 words, and an eighth wide from there on.
pub(super) struct Lengths {
    /// None in indexes of older versions.
    classes: Option<FieldNormReader>,
    /// Class of the longest document.
    longest: u8,
}

impl Lengths {
    pub(super) fn of(segment: &SegmentReader, words: Field) -> tantivy::Result<Self> {
        if !segment.schema().get_field_entry(words).has_fieldnorms() {
            return Ok(Lengths::unknown());
        }
        let classes = segment.get_fieldnorms_reader(words)?;
        let longest = (0..classes.num_docs())
            .map(|d| classes.fieldnorm_id(d))
            .max();
        Ok(Lengths {
            longest: longest.unwrap_or(0),
            classes: Some(classes),
        })
    }

    /// Any document may be of any length.
    pub(super) fn unknown() -> Self {
        Lengths {
            classes: None,
            longest: u8::MAX,
        }
    }

    /// Words at most `n` apart, in documents of these lengths.
    pub(super) fn window(&self, n: u32) -> Window<'_> {
        let most = |class: u8| FieldNormReader::id_to_fieldnorm(class + 1) - 1;
        // The last class is open, so that its documents are never short.
        let short = (0..u8::MAX).take_while(|&class| u64::from(most(class)) <= u64::from(n) + 1);
        let most = short.last();
        Window {
            n,
            classes: self.classes.as_ref(),
            most,
            all_are_short: most.is_some_and(|most| self.longest <= most),
        }
    }
}

/// A window, and which documents are surely no longer than it.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    /// Words apart.
    pub(super) n: u32,
    classes: Option<&'a FieldNormReader>,
    /// The greatest class whose documents are short.
    most: Option<u8>,
    pub(super) all_are_short: bool,
}

impl Window<'_> {
    /// Whether all words of the document are surely within the window of each other.
    #[inline]
    pub(super) fn spans(&self, document: DocId) -> bool {
        self.all_are_short
            || match (self.classes, self.most) {
                (Some(classes), Some(most)) => classes.fieldnorm_id(document) <= most,
                _ => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_short_when_its_longest_document_is() {
        let most = |n| Lengths::unknown().window(n).most;
        // One word is 0 apart from itself; 41 words are 40 apart at most.
        assert_eq!(most(0), Some(1));
        assert_eq!(most(30), Some(31));
        for n in [40, 41, 100, 1000, 65_535, 1_000_000] {
            let class = most(n).unwrap();
            let longest = FieldNormReader::id_to_fieldnorm(class + 1) - 1;
            assert!(
                longest <= n + 1 && u64::from(longest) * 9 / 8 + 8 >= u64::from(n),
                "{n}"
            );
            // A document of that length is in a short class, and the first that is too long is not.
            assert!(FieldNormReader::fieldnorm_to_id(longest) <= class);
            assert!(FieldNormReader::fieldnorm_to_id(n + 2) > class, "{n}");
        }
        assert!(!Lengths::unknown().window(u32::MAX).spans(0));
    }
}
