//! What the program says on standard error: the one place that writes there.
//!
//! Lines hold names, fields and messages from files, models and servers: what could steer a terminal is made visible
//! ([`rotescope_text::sanitize`]). A standard error that is closed stops nothing.

use std::fmt::Arguments;
use std::io::Write;

use rotescope_text::sanitize;

/// Says a line on standard error, as `eprintln!` does, but safe to show, and never a panic.
#[macro_export]
macro_rules! say {
    ($($said:tt)*) => { $crate::say::line(format_args!($($said)*)) };
}

/// What [`say!`](crate::say!) calls; a text of several lines stays one.
pub fn line(said: Arguments) {
    let text = said.to_string();
    // There is nowhere to say that nothing can be said.
    let _ = writeln!(std::io::stderr().lock(), "{}", sanitize::block(&text));
}
