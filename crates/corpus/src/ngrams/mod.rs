//! Exact counts of n-grams: a suffix array over token ids, in one or several shards.
//!
//! Documents are joined into one stream with a separator after each, so that no n-gram reaches
//! from one document into the next. Suffixes are ordered by the numeric ids; the separator is
//! above all of them. All suffixes that begin with an n-gram stand side by side, so its count is
//! the length of a range, found by binary search: first among the beginnings of every 64th suffix,
//! which stand in a table of their own, then among the suffixes between. A corpus whose suffix array does not fit into
//! the memory allowed is cut (between documents) into shards, each with an array of its own;
//! counts are sums over shards, and no answer depends on where the cuts are.
//!
//! The arrays lie beside the tantivy index, not inside of its segments (as a `SegmentPlugin` would
//! have it): shards follow the order of the input and the memory allowed, while tantivy's segments
//! follow its threads and merges, which would sort every array again.

mod files;
mod index;
mod join;
mod keys;
mod pairs;
mod search;
mod shard;
mod sort;
mod stream;
mod within;
mod write;

pub use files::{ShardInfo, Width};
pub use index::NgramIndex;
pub use write::{NgramWriter, Written};

pub(crate) use files::FOLDER;
pub(crate) use index::ShardView;
pub(crate) use join::{FILES, KEYS, Piece};
pub(crate) use pairs::count_pairs;
