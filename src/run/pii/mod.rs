//! Personal data in a corpus.
//!
//! | file | what is in it |
//! |---|---|
//! | [`documents`] | the texts of files or of an index |
//! | [`scan`] | values with their contexts and counts |

pub mod documents;
pub mod scan;
