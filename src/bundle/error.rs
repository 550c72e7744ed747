//! Why a file of the bundle cannot be had.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error(
        "no folder for the files of the bundled model: neither XDG_DATA_HOME nor HOME is set; set one of them, or ROTESCOPE_HOME to a checkout of rotescope"
    )]
    NoHome,
    #[error(
        "{}: cannot unpack the bundled model's file of {bytes} bytes there: {source}; set XDG_DATA_HOME to a folder that can be written to and has room, or ROTESCOPE_HOME to a checkout of rotescope",
        path.display()
    )]
    Unpack {
        path: PathBuf,
        bytes: usize,
        source: std::io::Error,
    },
    #[error("no bundled prompts are called {name:?}; there are: {known}")]
    NoPrompts { name: String, known: String },
}
