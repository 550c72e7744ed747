//! Attacks on what a model keeps of persons, as far as they need no model: what is asked, and what an answer gives away.
//!
//! | file | what is in it |
//! |---|---|
//! | [`judge`] | whether a text holds a value, exactly or nearly |
//! | [`names`] | names before values, other people in their place, values that a name gives away |
//! | [`templates`] | questions that hold nothing but a name |
//! | [`said`] | the first value of a continuation |

pub mod judge;
pub mod names;
pub mod said;
pub mod templates;

pub use judge::Held;
pub use names::{Names, Person, is_guessable};
pub use said::{First, first};
pub use templates::{Template, TemplateError, Templates};
