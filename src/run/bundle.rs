//! Where the pocket bundle lies: the model, corpus and prompts that rotescope ships.

use std::path::{Path, PathBuf};

/// The bundle's files, found beside the program.
#[derive(Debug, Clone)]
pub struct Bundle {
    root: PathBuf,
}

const MODEL: &str = "models/pocket/pocket-q8_0.gguf";

impl Bundle {
    /// Looks in `ROTESCOPE_HOME`, in the working directory, and in the folders above the program. `None` when it lies in none of them.
    pub fn find() -> Option<Bundle> {
        let exe = std::env::current_exe().ok();
        let above = exe
            .iter()
            .flat_map(|e| e.ancestors().skip(1))
            .map(Path::to_path_buf);
        std::env::var_os("ROTESCOPE_HOME")
            .map(PathBuf::from)
            .into_iter()
            .chain(std::env::current_dir().ok())
            .chain(above)
            .find(|root| root.join(MODEL).is_file())
            .map(|root| Bundle { root })
    }

    /// The bundled model (GGUF, Q8_0).
    pub fn model(&self) -> PathBuf {
        self.root.join(MODEL)
    }

    /// The flag's model, fitted to chains of the bundled model.
    pub fn flag(&self) -> PathBuf {
        self.root.join("models/pocket/flag.json")
    }

    /// The whole corpus that the model was trained on (compressed JSON lines).
    pub fn corpus(&self) -> PathBuf {
        self.root.join("indexes/pocket/corpus.jsonl.zst")
    }

    /// Where the index of the corpus is, or is to be built.
    pub fn index(&self) -> PathBuf {
        self.root.join("indexes/built/pocket")
    }

    /// The folder of prompt files.
    pub fn prompts(&self) -> PathBuf {
        self.root.join("prompts")
    }
}
