//! Audits that need a model: it reads, the index counts, and records come of both.
//!
//! | file | what is in it |
//! |---|---|
//! | [`settings`] | what is asked, with its defaults |
//! | [`texts`] | the windows of files and of an index |
//! | [`unrelated`] | prefixes that have nothing to do with a text |
//! | [`reading`], [`guarding`] | texts as the model reads them; continuations after unrelated prefixes |
//! | [`extract`] | windows to records |
//! | [`redundancy`], [`vulnerable`] | windows under changes of their prefix; what many say together |
//! | [`regions`] | regions of answers as records; what many say together |
//! | [`students`], [`inheritance`] | windows by several models; what many say together |
//! | [`answers`] | prompts answered by several models |
//! | [`file`], [`portions`] | the file of records, continued after a kill; windows portion by portion |
//! | [`lines`] | files of records, read line by line |
//! | [`maps`] | the records read again, as documents of heat maps |
//! | [`speed`] | how fast it reads, beside plain prefill |
//! | [`tally`] | what many records say together |

pub mod answers;
pub mod error;
pub mod extract;
pub mod file;
pub mod guarding;
pub mod inheritance;
pub mod lines;
pub mod maps;
pub mod portions;
pub mod reading;
pub mod redundancy;
pub mod regions;
pub mod settings;
pub mod speed;
pub mod students;
pub mod tally;
pub mod texts;
pub mod unrelated;
pub mod vulnerable;
