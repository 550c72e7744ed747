//! A cluster of OpenSearch.

mod remote;
