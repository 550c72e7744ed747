//! Hashes of an index's files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::checksums::PAGE;
use crate::error::CorpusError;
use rotescope_vocab::hash::hex;

/// What a file holds, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hashed {
    pub(crate) bytes: u64,
    /// In hexadecimal.
    pub(crate) sha256: String,
    /// CRC-32 of each page.
    pub(crate) pages: Vec<u32>,
}

/// Hashes a file, read in pieces.
pub(crate) fn hash_file(path: &Path) -> Result<Hashed, CorpusError> {
    let failed = |e| CorpusError::io(path, "read the file", e);
    let mut file = File::open(path).map_err(failed)?;
    let (mut hash, mut bytes, mut pages) = (Sha256::new(), 0, Vec::new());
    let mut buffer = vec![0; 64 * PAGE];
    loop {
        let n = fill(&mut file, &mut buffer).map_err(failed)?;
        let piece = &buffer[..n];
        hash.update(piece);
        pages.extend(piece.chunks(PAGE).map(crc32fast::hash));
        bytes += n as u64;
        // Only the end of the file leaves room: pages of all other pieces are whole.
        if n < buffer.len() {
            let sha256 = hex(&hash.finalize());
            return Ok(Hashed {
                bytes,
                sha256,
                pages,
            });
        }
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match file.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn pieces_are_hashed_as_the_whole(pages in 0usize..140, more in 0usize..3) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("file");
            let content: Vec<u8> = (0..pages * PAGE + more).map(|i| (i / 7 % 251) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            let hashed = hash_file(&path).unwrap();
            prop_assert_eq!(hashed.bytes, content.len() as u64);
            prop_assert_eq!(hashed.sha256, hex(&Sha256::digest(&content)));
            let crcs: Vec<u32> = content.chunks(PAGE).map(crc32fast::hash).collect();
            prop_assert_eq!(hashed.pages, crcs);
        }
    }
}
