//! What others have: prompt files in the shapes in which datasets come, and generations that other tools made, as traces.
//!
//! | module | what is in it |
//! |---|---|
//! | [`fields`] | the names that datasets give to question, answer and completion |
//! | [`objects`] | the JSON objects of a file: lines, an array, a table |
//! | [`messages`] | what is asked: a text, or messages of a conversation |
//! | [`prompts`] | prompt files |
//! | [`generation`] | a completion that another tool wrote, and the trace that is made of it |
//! | [`formats`] | the formats that generations come in, and how to add one |
//! | [`records`] | the one way in which programs read files of traces or generations |
//! | [`labels`] | what people say of a completion, in the ways in which datasets write it |
//! | [`label_file`] | labels in a file of their own |
//! | [`judged`] | what is said of a completion without a model, and how far labels agree |
//! | [`reading`] | what is read from an output: steps, reasoning, answer |
//!
//! What is not understood is refused by name and place, and never taken for plain text.

pub mod fields;
pub mod formats;
pub mod generation;
pub mod judged;
pub mod label_file;
pub mod labels;
pub mod messages;
pub mod objects;
pub mod prompts;
pub mod reading;
pub mod records;
mod unique;

pub use fields::Fields;
pub use generation::Generation;
