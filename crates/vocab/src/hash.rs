//! SHA-256 of files, and bytes in hexadecimal.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Size in bytes and hex SHA-256 of a file, which is read in pieces (about 2 s per GB).
///
/// # Errors
/// If the file cannot be read to its end.
pub fn of_file(path: &Path) -> io::Result<(u64, String)> {
    of_files(&[path], &mut |_| ())
}

/// The same of several files, as if they were one, one behind the other. `read`: is told how many bytes are read, now and then.
///
/// # Errors
/// If one of them cannot be read to its end.
pub fn of_files<P: AsRef<Path>>(
    paths: &[P],
    read: &mut dyn FnMut(u64),
) -> io::Result<(u64, String)> {
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 20], 0);
    for path in paths {
        let mut file = File::open(path)?;
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => {
                    hash.update(&buffer[..n]);
                    bytes += n as u64;
                    read(bytes);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
    Ok((bytes, hex(&hash.finalize())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_hashed_in_pieces() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-2, example B.1
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_file(&path).unwrap(), (3, abc.into()));
        // FIPS 180-2, example B.3: a million times "a"
        std::fs::write(&path, vec![b'a'; 1_000_000]).unwrap();
        let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(of_file(&path).unwrap(), (1_000_000, million.into()));
        // Longer than one piece: the same as in one.
        let long: Vec<u8> = (0..3 << 20).map(|i| (i % 251) as u8).collect();
        std::fs::write(&path, &long).unwrap();
        let whole = hex(&Sha256::digest(&long));
        assert_eq!(of_file(&path).unwrap(), (3 << 20, whole));
        let second = dir.path().join("second");
        std::fs::write(&second, &long[1 << 20..]).unwrap();
        std::fs::write(&path, &long[..1 << 20]).unwrap();
        let mut read = 0;
        assert_eq!(
            of_files(&[&path, &second], &mut |n| read = n).unwrap().1,
            hex(&Sha256::digest(&long))
        );
        assert_eq!(read, 3 << 20);
        assert!(of_file(&dir.path().join("none")).is_err());
    }
}
