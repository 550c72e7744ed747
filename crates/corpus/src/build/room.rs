//! Whether there is room in memory for what cannot fail properly.
//!
//! A thread that starts and finds no room for its signal stack aborts the process, and so does an allocation in others' code that fails. So
//! room is asked for ahead, at moments at which an error can be returned, and given back at once.

use crate::error::CorpusError;

/// For the stacks of all threads of a build: two mebibytes each for tantivy's writers (at most 8), their compressors, its pools (5), the
/// encoder's (one a core), and what they take to begin.
pub(super) const TO_BEGIN: usize = 80 << 20;
/// For a batch, and for the thread that compresses a segment.
pub(super) const AT_WORK: usize = 24 << 20;

/// # Errors
/// So much memory is not to be had.
pub(super) fn expect(bytes: usize) -> Result<(), CorpusError> {
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(bytes)
        .map_err(|_| CorpusError::NoMemory { bytes })
}

/// Has the allocator give what was freed back to the system. The word index is written in many small pieces on several threads, and glibc keeps
/// some of their pages: of 121 MB before, 80 were left after it in a build with 256 MiB.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn give_back() {
    #[expect(unsafe_code, reason = "there is no safe way to ask for it")]
    // SAFETY: it takes no pointer, touches nothing that is in use, and may be called by any thread at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_there_is_is_an_error() {
        expect(TO_BEGIN).unwrap();
        let error = expect(1 << 62).unwrap_err().to_string();
        assert!(error.contains("ulimit -v"), "{error}");
    }
}
