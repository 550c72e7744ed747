//! A gate before what a model says: no listed value passes, whatever its spelling.
//!
//! Text is compared in a normal form ([`normal`]) that is made character by character, so that it does not matter how a value is cut into tokens. What
//! could complete a listed value is refused before it is said; how values get around that is in [`spelling`].
//!
//! | file | what is in it |
//! |---|---|
//! | [`normal`] | the normal form of characters |
//! | [`protected`] | the listed values, as patterns in it |
//! | `screen` | what tells most texts apart from listed values at once |
//! | [`stream`] | [`Gate`], which follows a completion token by token |
//! | [`spelling`] | ways to write a value: those that are refused, and the known holes |

pub mod normal;
pub mod protected;
mod screen;
pub mod spelling;
pub mod stream;

pub use protected::{GateError, Protected};
pub use stream::{Gate, Stream};
