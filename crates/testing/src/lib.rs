//! What the tests of several crates share: where files lie, and traces made by hand. No crate but tests may depend on this one.

pub mod gguf;
pub mod infinigram;
pub mod opensearch;
pub mod pairs;
pub mod traces;

use std::path::{Path, PathBuf};

/// A file or folder of the repository, such as `models/pocket`.
pub fn repository(file: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(file)
}

/// The bundled model.
pub fn pocket() -> PathBuf {
    repository("models/pocket/pocket-q8_0.gguf")
}

/// A file or folder of the data that is no part of the repository, in the folder that `ROTESCOPE_SHARED` names.
///
/// # Panics
/// If the variable is not set or the file is not there: a test that needs foreign data fails without it, and passes never by doing nothing.
/// Such tests are ignored unless asked for, with `make test-data DATA=DIR`.
pub fn data(file: &str) -> PathBuf {
    let Some(folder) = std::env::var_os("ROTESCOPE_SHARED") else {
        panic!(
            "set ROTESCOPE_SHARED to the folder of foreign data, or run: make test-data DATA=DIR"
        );
    };
    let path = PathBuf::from(folder).join(file);
    assert!(path.exists(), "{} is not there", path.display());
    path
}
