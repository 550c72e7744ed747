//! Personal data in a corpus, and in what a model says.
//!
//! | file | what is in it |
//! |---|---|
//! | [`attack`] | what a model gives away of values, asked in several ways |
//! | [`bench`] | four protections, and all that can be made of them |
//! | [`cost`] | what a protection costs |
//! | [`dedup`] | a corpus without copies |
//! | [`documents`] | the texts of files or of an index |
//! | [`edit`] | a model edited so that values are not said |
//! | [`gate`] | what completions are kept from saying |
//! | [`held`] | tokens that are held back until no value can come of them |
//! | [`list`] | listed values of a file |
//! | [`portion`] | records portion by portion |
//! | [`scan`] | values with their contexts and counts |
//! | [`verify`] | what a protection changes |
//! | [`watch`] | a text as it is read under a protection |

pub mod attack;
pub mod bench;
pub mod cost;
pub mod dedup;
pub mod documents;
pub mod edit;
pub mod gate;
pub mod held;
pub mod list;
pub mod portion;
pub mod scan;
pub mod verify;
pub mod watch;
