//! Where a model's chains, their labels and its flag lie: a folder of the user's data for each model, by the hash of its file.

use std::io;
use std::path::{Path, PathBuf};

use rotescope_judge::flag::FlagModel;

use crate::folders;

/// The folder of one model.
#[derive(Debug, Clone)]
pub struct ModelFolder(PathBuf);

impl ModelFolder {
    /// `sha256`: of the model's file, in hex. `None` where the user has no folder for data.
    pub fn of(sha256: &str) -> Option<ModelFolder> {
        let hex = !sha256.is_empty() && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        Some(ModelFolder(all()?.join(sha256))).filter(|_| hex)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The chains that the model wrote, as traces.
    pub fn chains(&self) -> PathBuf {
        self.0.join("chains.jsonl")
    }

    /// The first wrong step of each, as `evaluate --labels` reads it.
    pub fn labels(&self) -> PathBuf {
        self.0.join("labels.jsonl")
    }

    pub fn flag(&self) -> PathBuf {
        self.0.join("flag.json")
    }
}

/// The folders of all models.
fn all() -> Option<PathBuf> {
    Some(folders::data()?.join("calibrated"))
}

/// All flags that were fitted to models of the user, with their files, in order of the models' names; what is no flag is passed over.
///
/// # Errors
/// The folder cannot be read.
pub fn flags() -> io::Result<Vec<(PathBuf, FlagModel)>> {
    let Some(all) = all().filter(|f| f.is_dir()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in all.read_dir()? {
        let path = ModelFolder(entry?.path()).flag();
        if let Ok(flag) = FlagModel::load(&path) {
            found.push((path, flag));
        }
    }
    found.sort_by(|(_, a), (_, b)| a.trained.model.file.cmp(&b.trained.model.file));
    Ok(found)
}
