//! What forbids tokens, whatever the model would choose.

use std::fmt;
use std::sync::Arc;

/// Forbids tokens, by what was said before.
pub trait TokenFilter: Send + Sync {
    /// Follows one completion behind the tokens of a prompt.
    fn follow(self: Arc<Self>, prompt: &[u32]) -> Box<dyn Follow>;
}

/// A filter at its place in a completion.
pub trait Follow: Send {
    /// Whether this token must not come next. End tokens are not asked about.
    fn refuses(&self, token: u32) -> bool;

    /// This token was chosen.
    fn take(&mut self, token: u32);
}

/// A filter as a request has it.
#[derive(Clone)]
pub struct Filter(pub Arc<dyn TokenFilter>);

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter")
    }
}

impl PartialEq for Filter {
    /// Whether it is the same one.
    fn eq(&self, other: &Filter) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
