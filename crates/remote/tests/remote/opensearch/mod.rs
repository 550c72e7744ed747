//! A cluster of OpenSearch.

mod both;
mod faults;
mod remote;
