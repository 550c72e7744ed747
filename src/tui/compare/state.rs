//! What of the app's state concerns comparisons.

use super::view::View;

/// What of the app's state concerns comparisons.
#[derive(Debug, Default)]
pub struct Compare {
    /// The comparison on screen; it covers the panes.
    pub view: Option<Box<View>>,
    /// The session that is to be compared and the entry whose completion it waits for.
    pub awaited: Option<(usize, usize)>,
    /// The session that is to be compared with a prompt that the corpus is being asked for.
    pub asked: Option<usize>,
    /// The task that makes the view which is to open, or to take the place of an older one.
    pub making: Option<u64>,
}

impl Compare {
    /// Opens nothing that was asked for and is not there yet.
    pub fn forget(&mut self) {
        (self.awaited, self.asked, self.making) = (None, None, None);
    }
}
