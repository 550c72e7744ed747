//! Bounds of what a template takes. Jinja counts its steps, but one step may double a text, or search one that is long.
//!
//! A template is rendered by a thread of its own. If that takes too long it is left alone, and if it asks for too much memory, of which the program's allocator
//! tells, it gets none and sleeps for ever: nobody can end a thread. So no template gets a second one after that.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// Bytes that a template may hold at a time. Those of published models hold some ten kilobytes.
const MOST: isize = 256 << 20;
/// How long a template may take. Those of published models take about a thousandth of a second.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether it asked for too much memory.
const LOOK: Duration = Duration::from_millis(50);

/// Threads that render, with those that were left alone: mostly none, so that an allocator has no more to do.
static RENDERING: AtomicU64 = AtomicU64::new(0);
/// The number of the last thread that asked for too much.
static ASKED_TOO_MUCH: AtomicU64 = AtomicU64::new(0);
/// What was left alone, by hash.
static LEFT: Mutex<Option<HashMap<u64, Beyond>>> = Mutex::new(None);

thread_local! {
    /// The number of this thread if it renders, and the bytes that it holds.
    static HELD: Cell<Option<(u64, isize)>> = const { Cell::new(None) };
}

/// What a template takes too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    Memory,
    Time,
    /// There is no thread for it.
    Threads,
}

impl std::fmt::Display for Beyond {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Beyond::Memory => write!(f, "it takes more than {} MB of memory", MOST >> 20),
            Beyond::Time => write!(f, "it takes more than {} seconds", PATIENCE.as_secs()),
            Beyond::Threads => f.write_str(
                "no thread can be started for it: let the program have more memory (ulimit -v)",
            ),
        }
    }
}

/// For an allocator: this thread takes so many bytes, or gives them back if negative. Does not return where that is more than a template may hold.
#[inline]
pub fn take(bytes: isize) {
    if RENDERING.load(Ordering::Relaxed) > 0 {
        take_here(bytes);
    }
}

#[cold]
fn take_here(bytes: isize) {
    // A thread that ends has none any more.
    let Ok(Some((number, held))) = HELD.try_with(Cell::get) else {
        return;
    };
    let held = held.saturating_add(bytes);
    HELD.set(Some((number, held)));
    if held > MOST {
        ASKED_TOO_MUCH.store(number, Ordering::SeqCst);
        loop {
            std::thread::sleep(Duration::from_secs(3600));
        }
    }
}

/// Does what depends on a template within its bounds. `key`: the template, and all else that the work depends on.
pub(super) fn bounded<T: Send + 'static>(
    key: &(impl Hash + ?Sized),
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Beyond> {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let key = hasher.finish();
    let left = || LEFT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(beyond) = left().as_ref().and_then(|all| all.get(&key)) {
        return Err(*beyond);
    }
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let (send, done) = channel();
    let rendering = move || {
        RENDERING.fetch_add(1, Ordering::Relaxed);
        HELD.set(Some((number, 0)));
        let result = work();
        HELD.set(None);
        RENDERING.fetch_sub(1, Ordering::Relaxed);
        let _ = send.send(result);
    };
    let begun = Instant::now();
    let thread = Builder::new().name("template".into()).spawn(rendering);
    let thread = thread.map_err(|_| Beyond::Threads)?;
    loop {
        let beyond = match done.recv_timeout(LOOK) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Err(panic) => std::panic::resume_unwind(panic),
                Ok(()) => unreachable!("it sends before it ends"),
            },
            Err(_) if ASKED_TOO_MUCH.load(Ordering::SeqCst) == number => Beyond::Memory,
            Err(_) if begun.elapsed() > PATIENCE => Beyond::Time,
            Err(RecvTimeoutError::Timeout) => continue,
        };
        left().get_or_insert_default().insert(key, beyond);
        return Err(beyond);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_too_much_is_left_alone_and_nobody_else() {
        take(MOST + 1);
        assert_eq!(bounded(&1, || 5), Ok(5));
        let much = || {
            take(MOST);
            take(-1);
            take(1);
            std::thread::spawn(|| take(MOST + 1)).join().unwrap();
        };
        assert_eq!(bounded(&2, much), Ok(()));
        assert_eq!(bounded(&3, || take(MOST + 1)), Err(Beyond::Memory));
        // It gets no second thread.
        assert_eq!(bounded(&3, || ()), Err(Beyond::Memory));
        assert_eq!(bounded(&4, || ()), Ok(()));
    }
}
