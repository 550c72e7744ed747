//! Personal data: found in a corpus, asked of a model, kept out of what it writes.
//!
//! | file | what is in it |
//! |---|---|
//! | [`documents`] | the texts of files or of an index |
//! | [`scan`] | values with their contexts and counts |

pub mod documents;
pub mod scan;
