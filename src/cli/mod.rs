//! The command line: one file per subcommand. With `main`, the only part that uses `anyhow`.

pub mod app;
pub mod attribute;
pub mod audit;
mod cache;
pub mod calibrate;
mod command;
pub mod common;
pub mod compare;
mod compare_view;
pub mod demo;
pub mod doctor;
pub mod evaluate;
pub mod given;
pub mod import;
pub mod index;
pub mod judge;
pub mod judging;
pub mod keys;
mod labels;
pub mod line;
pub mod log;
pub mod manual;
mod open;
pub mod outputs;
mod patterns;
pub mod perturb;
pub mod prelude;
mod progress;
pub mod queries;
pub mod remote;
pub mod report;
pub mod score;
pub mod settings;
pub mod sources;
mod template;

pub use command::{Cli, Command, run};
