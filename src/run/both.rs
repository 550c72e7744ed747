//! Two things at once.

use std::panic::resume_unwind;
use std::thread::{Builder, scope};

/// Does both at once; one after the other where no thread can be started, for want of memory.
pub fn both<A: Send, B>(other: impl Fn() -> A + Sync, own: impl FnOnce() -> B) -> (A, B) {
    scope(|scope| {
        let started = Builder::new().spawn_scoped(scope, &other);
        let own = own();
        let other = match started {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => other(),
        };
        (other, own)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done_at_once() {
        let (give, take) = crossbeam_channel::bounded::<u32>(0);
        // Each waits for the other.
        let (taken, given) = both(|| take.recv(), || give.send(7));
        assert_eq!((taken, given), (Ok(7), Ok(())));
    }
}
