//! An index behind a network: against a real engine (ignored: `make test-remote`), and against a server that says what it is told to.

mod cutting;
mod data;
mod faults;
mod gsm8k;
mod opensearch;
mod remote;
mod support;
