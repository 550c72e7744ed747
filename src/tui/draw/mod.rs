//! The normal screen: the panes, and the lines around them.
//!
//! | file | what it draws |
//! |---|---|
//! | [`panes`] | all panes, where there is room for them: the view below all others |
//! | [`bars`] | the lines at the top and at the bottom |
//! | [`chart`] | panels of a picture, as views draw them |
//! | `completion` | prompt and completion |
//! | [`branches`] | the runs of a prompt as a tree |
//! | `inspector` | the token at the cursor |
//! | `side` | the list of prompts, the documents, the verbatim spans |

pub mod bars;
pub mod branches;
pub mod chart;
mod completion;
mod inspector;
pub mod panes;
mod side;
