//! Compressed files, gzip and zstd: read by what they begin with, whatever their name, and written by the end of their name.
//!
//! Both formats allow parts (members of gzip, frames of zstd) one behind the other, and their content is that of all parts. So a file can be appended
//! to, and what a kill leaves of a part can be taken away without what stands before it.
//!
//! | file | what is in it |
//! |---|---|
//! | [`unpack`] | reading, from the beginning or from a place that was noted |
//! | [`pack`] | writing |
//! | [`packing`] | which formats there are, and what tells them |

pub mod pack;
pub mod packing;
pub mod unpack;

pub use pack::{Packer, part};
pub use packing::{MAGIC, Packing, ending, plain_name};
pub use unpack::{Part, Parts, Unpacked, head, open, read_at};
