//! A cluster of OpenSearch.

mod faults;
mod remote;
