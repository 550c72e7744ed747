//! The app without a terminal: actions on its state, screens with their colors, and whole runs of the bundled model.

mod actions;
mod compare;
mod engine;
mod reading;
mod screens;
mod support;
mod svg;
