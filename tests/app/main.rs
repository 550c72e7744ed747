//! The app: without a terminal (actions on its state, screens with their colors, whole runs of the bundled model), and in a real one.

mod actions;
mod behind;
mod compare;
mod desk;
mod engine;
mod finding;
mod foreign;
mod heat;
mod known;
mod labs;
mod long;
mod notes;
#[cfg(target_os = "linux")]
mod pty;
mod reading;
mod records;
mod regions;
mod remote;
mod saved;
mod screens;
mod support;
mod written;
