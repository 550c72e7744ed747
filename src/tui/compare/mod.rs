//! Two completions side by side.
//!
//! | file | what is in it |
//! |---|---|
//! | [`view`] | two traces, their comparison, a cursor over its pairs of tokens |
//! | `moves` | where actions take the cursor |
//! | `shown` | tokens and questions as they are shown, with what differs marked |
//! | [`rows`] | the lines of both columns, laid out once for a width |
//! | `columns` | where the columns stand |
//! | [`state`] | what of the app's state concerns comparisons |
//! | [`choice`] | one thing that a completion can be compared with |
//! | `choices` | all that there is for one |
//! | [`choose`] | the list of them: a view |
//! | `begin` | what was chosen is made, run and compared |
//! | [`screen`] | the comparison on screen: a view |
//! | `head` | verdict, answers and questions |
//! | `completions` | the lines of both columns |
//! | `inspect` | both sides of the pair at the cursor |

mod begin;
pub mod choice;
mod choices;
pub mod choose;
pub(super) mod columns;
mod completions;
mod head;
mod inspect;
mod moves;
pub mod rows;
pub mod screen;
mod shown;
pub mod state;
#[cfg(test)]
mod tests;
pub mod view;
