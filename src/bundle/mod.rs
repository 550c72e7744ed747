//! The model that comes with the program: where its files lie.
//!
//! In a checkout, or where `ROTESCOPE_HOME` points to one, the files there are used as they are. Elsewhere they come out of the program itself:
//! each is unpacked when it is first needed, to a folder of the user's data that is named after the bundle and its hash.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | [`Bundle`] |
//! | [`contents`] | what a bundle is made of |
//! | [`unpack`] | files of the program, unpacked and found whole |
//! | [`error`] | why a file cannot be had |
//!
//! Knows no particular model: [`shipped`](crate::shipped) does.

pub mod contents;
pub mod error;
pub mod unpack;

use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::folders;
use contents::{Contents, Demo, File, Prompts};
pub use error::BundleError;
use rotescope_vocab::hash::hex;
use unpack::unpacked;

/// What stands before the name of bundled prompts where a file is expected.
pub const PREFIX: &str = "bundle:";

/// A bundle and where it lies.
#[derive(Debug, Clone)]
pub struct Bundle {
    contents: &'static Contents,
    root: PathBuf,
    /// The files come out of the program.
    packed: bool,
}

impl Bundle {
    /// Looks in `ROTESCOPE_HOME`, in the working directory, and in the folders above the program. Where it lies in none of them, its place is the
    /// user's data folder: `$XDG_DATA_HOME/rotescope`, or `~/.local/share/rotescope`.
    ///
    /// # Errors
    /// When there is no data folder.
    pub fn find(contents: &'static Contents) -> Result<Bundle, BundleError> {
        let exe = std::env::current_exe().ok();
        let above = exe
            .iter()
            .flat_map(|e| e.ancestors().skip(1))
            .map(Path::to_path_buf);
        let checkout = std::env::var_os("ROTESCOPE_HOME")
            .map(PathBuf::from)
            .into_iter()
            .chain(std::env::current_dir().ok())
            .chain(above)
            .find(|root| root.join(contents.model.path).is_file());
        let (root, packed) = match checkout {
            Some(root) => (root, false),
            None => {
                let data = folders::data().ok_or(BundleError::NoHome)?;
                (data.join(folder(contents)), true)
            }
        };
        Ok(Bundle {
            contents,
            root,
            packed,
        })
    }

    /// The folder that holds its files, or will when they are needed.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn file(&self, file: &File) -> Result<PathBuf, BundleError> {
        if self.packed {
            unpacked(file, &self.root)
        } else {
            Ok(self.root.join(file.path))
        }
    }

    /// The model (GGUF).
    ///
    /// # Errors
    /// When it cannot be unpacked; so for the other files.
    pub fn model(&self) -> Result<PathBuf, BundleError> {
        self.file(&self.contents.model)
    }

    /// Hex SHA-256 of the model that comes with this program.
    pub fn model_sha256(&self) -> &'static str {
        self.contents.model.sha256
    }

    /// Whether a path is the bundled model's; unpacks nothing.
    pub fn is_model(&self, path: &Path) -> bool {
        let own = self.root.join(self.contents.model.path);
        matches!((own.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b)
    }

    /// The step flag that comes with a model of this hash; `None` for another model, or where a checkout has none.
    ///
    /// # Errors
    /// When it cannot be unpacked.
    pub fn flag(&self, model_sha256: &str) -> Result<Option<PathBuf>, BundleError> {
        // Of another model nothing needs to be unpacked. What a checkout holds may be newer than this program.
        if self.packed && model_sha256 != self.contents.model.sha256 {
            return Ok(None);
        }
        Ok(Some(self.file(&self.contents.flag)?).filter(|p| p.is_file()))
    }

    /// The step flag for models that none fits; `None` where a checkout has none.
    ///
    /// # Errors
    /// When it cannot be unpacked.
    pub fn default_flag(&self) -> Result<Option<PathBuf>, BundleError> {
        Ok(Some(self.file(&self.contents.default_flag)?).filter(|p| p.is_file()))
    }

    /// Where the flag for all other models lies, or will when it is unpacked.
    pub fn default_flag_path(&self) -> PathBuf {
        self.root.join(self.contents.default_flag.path)
    }

    /// Where the flag lies, or will when it is unpacked.
    pub fn flag_path(&self) -> PathBuf {
        self.root.join(self.contents.flag.path)
    }

    /// All that the model was trained on (compressed JSON lines).
    ///
    /// # Errors
    /// When it cannot be unpacked.
    pub fn corpus(&self) -> Result<PathBuf, BundleError> {
        self.file(&self.contents.corpus)
    }

    /// Where the index of the corpus is, or is to be built.
    pub fn index(&self) -> PathBuf {
        self.root.join(self.contents.index)
    }

    /// The prompts of this name, with or without `.jsonl`.
    ///
    /// # Errors
    /// When there are none, or they cannot be unpacked.
    pub fn prompts(&self, name: &str) -> Result<PathBuf, BundleError> {
        let wanted = name.strip_suffix(".jsonl").unwrap_or(name);
        match self.contents.prompts.iter().find(|p| p.name == wanted) {
            Some(prompts) => self.file(&prompts.file),
            None => Err(BundleError::NoPrompts {
                name: name.into(),
                known: self
                    .prompt_names()
                    .map(|n| format!("{PREFIX}{n}"))
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }

    /// The names of all prompts, those that show most first.
    pub fn prompt_names(&self) -> impl Iterator<Item = &'static str> {
        self.contents.prompts.iter().map(|p| p.name)
    }

    /// The prompts that the app lists when no others are given, in order.
    pub fn listed(&self) -> impl Iterator<Item = &'static Prompts> {
        self.contents.prompts.iter().filter(|p| p.listed)
    }

    /// The prompt that is run where there is no terminal for the app.
    pub fn demo(&self) -> &'static Demo {
        &self.contents.demo
    }
}

/// The folder of a bundle: another one for each content, so that two versions of the program do not take each other's files.
fn folder(contents: &Contents) -> String {
    let mut hash = Sha256::new();
    let own = [
        &contents.model,
        &contents.flag,
        &contents.default_flag,
        &contents.corpus,
    ];
    for file in own
        .into_iter()
        .chain(contents.prompts.iter().map(|p| &p.file))
    {
        hash.update(file.sha256);
    }
    format!("{}-{}", contents.name, &hex(&hash.finalize())[..12])
}

impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let from = if self.packed {
            ", unpacked from the program as needed"
        } else {
            ""
        };
        write!(f, "{}{from}", self.root.display())
    }
}
