//! Heat maps of documents: each token by the probability of reciting it, from the records of `audit extract`.
//!
//! | file | what is in it |
//! |---|---|
//! | [`map`] | one document as rows, a cursor over its tokens |
//! | [`view`] | all documents of the files, and which is looked at |
//! | [`screen`] | them on the whole screen: a view |
//! | `text`, `inspect` | the rows of a document; what is known of the token at the cursor |
//! | `lines` | the lines at the top and the bottom |

mod inspect;
pub mod lines;
mod map;
pub mod screen;
mod text;
pub mod view;
