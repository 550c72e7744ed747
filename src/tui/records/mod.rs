//! Records of any command but traces and heat maps: a list of them, and all that one says.
//!
//! | file | what is in it |
//! |---|---|
//! | [`view`] | the records, which are listed, and which is looked at |
//! | [`outline`] | one record as indented lines |
//! | [`screen`] | them on the whole screen: a view |

pub mod outline;
pub mod screen;
pub mod view;
