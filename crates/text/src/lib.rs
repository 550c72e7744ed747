//! Text: stop words, words and their byte spans, numbers, steps, final answers, safe display, safe cells of tables.
//!
//! Pure functions over strings. A span is a half-open range of byte offsets into the text that it
//! was made from.

pub mod answers;
mod counted;
pub mod csv;
mod digits;
pub mod growing;
mod markup;
pub mod number;
mod repetition;
mod same;
pub mod sanitize;
mod sentences;
pub mod steps;
pub mod stopwords;
pub mod think;
mod whole;
pub mod words;

pub use answers::{AnswerRule, FoundAnswer, expected_answer, final_answer};
pub use digits::ascii_digit;
pub use growing::Growing;
pub use number::Rational;
pub use repetition::{Repeats, Repetition, repetition};
pub use same::{Locale, same_answer, same_answer_in};
pub use steps::{SplitBy, is_filler, split_steps, token_spans};
pub use stopwords::{Skip, is_stop_word, scored};
pub use whole::{settled, whole_texts};
pub use words::{Word, words};

/// A half-open range of byte offsets.
pub type ByteRange = std::ops::Range<usize>;
