//! The files of settings.

use std::path::{Component, Path, PathBuf};

use super::error::{SettingsError, shortened};
use rotescope_remote::Address;

/// The table of profiles, by name.
pub const PROFILES: &str = "profile";

/// A file, or a profile of it.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    text: String,
    pub table: toml::Table,
    /// Where it lies, of a project's file. Whoever opens a folder from elsewhere must not be made to send or write anything by that.
    pub folder: Option<PathBuf>,
    pub profile: Option<String>,
}

impl Source {
    /// `folder`: of a project's file.
    pub fn read(path: &Path, folder: Option<PathBuf>) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|source| SettingsError::Io {
            path: path.to_path_buf(),
            source,
        })?;
        Self::parse(text, path, folder)
    }

    pub fn parse(
        text: String,
        path: &Path,
        folder: Option<PathBuf>,
    ) -> Result<Self, SettingsError> {
        let table = toml::from_str(&text).map_err(|e| SettingsError::Syntax {
            path: path.to_path_buf(),
            message: shortened(&e.to_string()),
        })?;
        Ok(Self {
            path: path.to_path_buf(),
            text,
            table,
            folder,
            profile: None,
        })
    }

    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        let profiles = self.table.get(PROFILES).and_then(|p| p.as_table());
        let names = profiles.into_iter().flat_map(toml::Table::keys);
        names.map(String::as_str)
    }

    /// What the file has under the name of a profile.
    pub fn profile(&self, name: &str) -> Option<(Self, toml::Table)> {
        let table = self.table.get(PROFILES)?.get(name)?.as_table()?.clone();
        let source = Self {
            path: self.path.clone(),
            text: self.text.clone(),
            table: toml::Table::new(),
            folder: self.folder.clone(),
            profile: Some(name.to_string()),
        };
        Some((source, table))
    }

    /// Where a setting comes from, for people.
    pub fn origin(&self) -> String {
        match &self.profile {
            Some(name) => format!("{}, profile {name}", self.path.display()),
            None => self.path.display().to_string(),
        }
    }

    pub fn problem(&self, what: &str) -> String {
        format!("{}: {what}", self.origin())
    }

    /// What is wrong with the value of a key, with its line where that can be told.
    pub fn wrong<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
        error: &toml::de::Error,
    ) -> String {
        // The value alone has no place in the text.
        let placed = toml::from_str::<T>(&self.text).err();
        let placed = placed.filter(|_| self.profile.is_none());
        let told = placed.as_ref().unwrap_or(error).to_string();
        format!("{key}: {}", shortened(&told))
    }

    /// An index as this file may name it.
    pub fn index(&self, name: &str) -> Result<String, String> {
        if self.folder.is_some() && Address::is_one(name) {
            return Err(format!(
                "{name} is on a server, and a project's file reaches none: name it in your own settings"
            ));
        }
        Ok(self.beside(name))
    }

    /// The path of a file that lies beside a project's; as it stands where there is none, or the file is not the project's.
    pub fn beside(&self, path: &str) -> String {
        let beside = self.folder.as_ref().map(|folder| folder.join(path));
        match beside.filter(|path| path.exists()) {
            Some(path) => path.display().to_string(),
            None => path.to_string(),
        }
    }

    /// A path that may be written.
    pub fn below(&self, path: &str) -> Result<String, String> {
        let Some(folder) = &self.folder else {
            return Ok(path.to_string());
        };
        let below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(path).components().all(below) {
            return Err(format!(
                "{path} lies outside of the project's folder, and its file may name no such path"
            ));
        }
        Ok(folder.join(path).display().to_string())
    }
}
