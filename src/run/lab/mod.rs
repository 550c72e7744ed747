//! The labs, for commands and the app.
//!
//! | file | what is in it |
//! |---|---|
//! | [`figure`] | what was measured as a picture |
//! | [`turned`] | a world whose settings are turned one by one |

pub mod figure;
pub mod turned;
