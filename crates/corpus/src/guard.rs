//! Panics of others' code as errors.
//!
//! tantivy takes what it reads for what it wrote, and panics where it is not.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is caught, so that nothing is to be printed.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// What `work` gives, or what it panicked with, of which nothing is printed.
///
/// What `work` changes must be fit for use after a panic in its midst; it has this thread for itself, and what it hands to others is guarded there too.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if !CAUGHT.get() {
                before(info);
            }
        }));
    });
    let outer = CAUGHT.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    CAUGHT.set(outer);
    done.map_err(|panic| message(panic.as_ref()))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let line = text.and_then(|t| t.lines().next());
    line.unwrap_or("it panicked").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        assert_eq!(guarded(|| 3), Ok(3));
        let empty: Vec<u8> = Vec::new();
        let error = guarded(|| empty[std::hint::black_box(2)]).unwrap_err();
        assert!(error.contains("out of bounds"), "{error}");
        let inner = guarded(|| guarded(|| panic!("first")).unwrap_err());
        assert_eq!(inner, Ok("first".to_string()));
        assert!(!CAUGHT.get());
    }
}
