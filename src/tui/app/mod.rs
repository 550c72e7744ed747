//! The state of the app. Keys become [`super::action::Action`]s, [`App::step`] changes state and says what is to be done outside; views draw it.
//!
//! | file | what is in it |
//! |---|---|
//! | [`state`] | the state |
//! | [`effect`] | what is to be done outside of it |
//! | [`entry`] | a line of the list of prompts |
//! | [`columns`] | what is known of it: it is sorted and filtered by that |
//! | [`notes`], `noting` | bookmarks and notes of the files that are open; taking them, and going to one |
//! | `engine` | what the engine says, and what it is asked: jobs, lookups |
//! | `fits` | whether a trace's model and tokenizer are those that are loaded |
//! | `work` | what is done beside the screen: asking for it, and taking it in |
//! | `saved` | traces of files: listed, read when they are looked at |
//! | `step` | what each action does |
//! | `moves` | moving in what has the focus |
//! | `branches` | another token at the cursor, and what comes of it |
//! | `lists` | which prompts are listed, and what a click chooses |

mod branches;
pub mod columns;
pub mod effect;
mod engine;
pub mod entry;
mod fits;
mod lists;
mod moves;
pub mod notes;
mod noting;
mod saved;
pub mod state;
mod step;
mod work;

pub use branches::Branch;
pub use columns::{Column, Order};
pub use effect::Effect;
pub use entry::PromptEntry;
pub use lists::flags;
pub use moves::steps;
pub use notes::Notes;
pub use state::{App, Pane, SortBy};
