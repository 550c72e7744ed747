//! What happens when there is no memory left: it is said, with the way out, and what was half made is removed.
//!
//! Rust aborts the process when an allocation fails, wherever that is. Here it ends as after any other error.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, TryLockError};
use std::time::Duration;

use rotescope_corpus::build::abandon_now;
use rotescope_model::chat::room;

/// The system's allocator, whose failure ends the process with an error. It tells what chat templates take.
pub struct Memory;

/// Given back when there is nothing else left, so that the end has some memory to work with.
static RESERVE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
/// Removing folders takes some ten kilobytes, and the allocator takes more at a time.
const RESERVED: usize = 2 << 20;

/// Sets memory aside for the end. Without it half-made files may stay, until the next build removes them.
pub fn reserve() {
    if let Ok(mut reserve) = RESERVE.lock()
        && reserve.capacity() == 0
    {
        *reserve = Vec::with_capacity(RESERVED);
    }
}

fn checked(pointer: *mut u8, bytes: usize) -> *mut u8 {
    if pointer.is_null() {
        none_left(bytes);
    }
    pointer
}

#[expect(unsafe_code, reason = "there is no safe way to be an allocator")]
// SAFETY: each call is the system's allocator's, handed on as it came; what it gives is handed back as it is, or the process ends.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        room::take(layout.size() as isize);
        // SAFETY: the caller keeps to the same contract.
        checked(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        room::take(layout.size() as isize);
        // SAFETY: the caller keeps to the same contract.
        checked(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        room::take(size as isize - layout.size() as isize);
        // SAFETY: the caller keeps to the same contract.
        checked(unsafe { System.realloc(pointer, layout, size) }, size)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        room::take(-(layout.size() as isize));
        // SAFETY: the caller keeps to the same contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

thread_local! {
    /// Whether this thread ends the process.
    static ENDS: Cell<bool> = const { Cell::new(false) };
}

/// Ends the process. Holds no lock that another thread could wait for, and waits for none.
#[cold]
fn none_left(bytes: usize) -> ! {
    static ENDING: AtomicBool = AtomicBool::new(false);
    if ENDS.replace(true) {
        // Not even the end has enough.
        signal_hook::low_level::exit(2);
    }
    if ENDING.swap(true, Ordering::SeqCst) {
        // Another thread is at it.
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
    match RESERVE.try_lock() {
        Ok(mut reserve) => *reserve = Vec::new(),
        Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => {}
    }
    abandon_now();
    // Nothing is allocated for it.
    let _ = writeln!(
        std::io::stderr(),
        "rotescope: memory does not suffice: {bytes} bytes more are not to be had; let it have more (ulimit -v), or ask for less: --memory for an index, --threads and --jobs for the rest"
    );
    signal_hook::low_level::exit(2)
}
