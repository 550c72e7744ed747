//! What a command may write: the one place that decides it.
//!
//! No command writes onto a file that it reads, by whatever name, with or without `--force`. A file that exists is replaced only by one of the
//! same kind, and where the option says that its file must not exist not at all, unless `--force` is given. Every file is written aside and
//! moved into its place when it is whole; only what is no file (a pipe, a device) is written as it comes. What is named `.gz` or `.zst` is compressed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

use super::common::Global;
use crate::run::replace::{beside, is_pipe, is_stream, same_file, target};
use crate::say;
use rotescope_trace::packed::{self, Packer, Packing};

/// How much of a file is read to tell its kind.
const HEAD: usize = 4096;

/// What a command reads, and what it was told to write so far.
#[derive(Debug)]
pub struct Outputs {
    inputs: Vec<PathBuf>,
    log: Option<PathBuf>,
    /// Option and place of each file.
    chosen: Vec<(String, PathBuf)>,
    force: bool,
}

/// A file that may be written.
#[derive(Debug)]
pub struct OutputPlace {
    path: PathBuf,
    replaces: bool,
}

/// A file that is being written.
#[derive(Debug)]
pub struct NewFile {
    place: OutputPlace,
    to: Packer<To>,
}

#[derive(Debug)]
enum To {
    Aside(NamedTempFile),
    /// A pipe or a device.
    Straight(File),
}

impl Outputs {
    /// `force`: files that exist may be replaced, those that are read excepted.
    pub fn new(global: &Global, force: bool) -> Outputs {
        Outputs {
            inputs: Vec::new(),
            log: global.log.clone(),
            chosen: Vec::new(),
            force,
        }
    }

    /// Names files and folders that the command reads.
    ///
    /// # Errors
    /// When the log is one of them.
    pub fn reads<P: AsRef<Path>>(mut self, paths: impl IntoIterator<Item = P>) -> Result<Self> {
        for path in paths {
            let path = path.as_ref();
            if self.log.as_ref().is_some_and(|log| same_file(log, path)) {
                bail!(
                    "--log: {} is read by this command; choose another",
                    path.display()
                );
            }
            self.inputs.push(path.to_path_buf());
        }
        Ok(self)
    }

    /// A file that must not exist.
    ///
    /// # Errors
    /// When it does and there is no `--force`, or when it is read, or another option writes it.
    pub fn fresh(&mut self, option: &str, path: &Path) -> Result<OutputPlace> {
        self.refuse_inputs(option, path)?;
        if !self.force && is_something(path) {
            bail!(
                "{}: exists already; choose another {option}, remove it, or give --force",
                path.display()
            );
        }
        Ok(self.take(option, path))
    }

    /// A file that replaces one of its kind; `is` tells it by its beginning, `kind` names it.
    ///
    /// # Errors
    /// When a file of another kind is there and there is no `--force`, or when it is read, or another option writes it.
    pub fn file(
        &mut self,
        option: &str,
        path: &Path,
        kind: &str,
        is: impl Fn(&[u8]) -> bool,
    ) -> Result<OutputPlace> {
        self.refuse_inputs(option, path)?;
        if !self.force && is_something(path) && !is(&head(path)?) {
            bail!(
                "{}: is there already, and is no {kind}; choose another {option}, or give --force to replace it",
                path.display()
            );
        }
        Ok(self.take(option, path))
    }

    /// A folder that is replaced as a whole: what is read must not lie in it.
    ///
    /// # Errors
    /// When it is, or holds, something that is read.
    pub fn folder(&mut self, option: &str, path: &Path) -> Result<()> {
        self.refuse_inputs(option, path)?;
        let folder = target(path);
        let read = self.inputs.iter().chain(&self.log);
        if let Some(inside) = read.into_iter().find(|i| target(i).starts_with(&folder)) {
            bail!(
                "{option} {}: would replace {}, which this command reads or writes; choose another",
                path.display(),
                inside.display()
            );
        }
        Ok(())
    }

    /// A file that is appended to, of whose content its writer takes care.
    ///
    /// # Errors
    /// When it is read, or another option writes it.
    pub fn appended(&mut self, option: &str, path: &Path) -> Result<()> {
        self.refuse_inputs(option, path)?;
        self.take(option, path);
        Ok(())
    }

    fn take(&mut self, option: &str, path: &Path) -> OutputPlace {
        self.chosen.push((option.to_string(), target(path)));
        if is_pipe(path) {
            let path = path.display();
            say!("note: {option} {path} is a pipe: it is written when another program reads it");
        }
        OutputPlace {
            path: path.to_path_buf(),
            replaces: self.force || path.exists(),
        }
    }

    fn refuse_inputs(&self, option: &str, path: &Path) -> Result<()> {
        if is_stream(path) {
            return Ok(());
        }
        let place = target(path);
        let is_or_holds = |input: &&PathBuf| {
            same_file(input, path)
                || (path.is_file() && input.is_dir() && place.starts_with(target(input)))
        };
        if let Some(input) = self.inputs.iter().find(is_or_holds) {
            bail!(
                "{option} {}: this command reads {}; choose another {option}",
                path.display(),
                input.display()
            );
        }
        if self.log.as_ref().is_some_and(|log| same_file(log, path)) {
            bail!(
                "{option} {}: is the log; choose another {option}",
                path.display()
            );
        }
        let other = |(_, chosen): &&(String, PathBuf)| *chosen == place;
        if let Some((other, _)) = self.chosen.iter().find(other) {
            bail!(
                "{}: {other} and {option} would both write it; give them two names",
                path.display()
            );
        }
        Ok(())
    }
}

impl OutputPlace {
    /// Begins the file.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn create(self) -> Result<NewFile> {
        let named = |e: io::Error| anyhow::Error::from(e).context(self.path.display().to_string());
        let to = if is_stream(&self.path) {
            To::Straight(
                OpenOptions::new()
                    .write(true)
                    .open(&self.path)
                    .map_err(named)?,
            )
        } else {
            To::Aside(beside(&target(&self.path)).map_err(named)?)
        };
        let to = Packer::new(Packing::of_name(&self.path), to).map_err(named)?;
        Ok(NewFile { place: self, to })
    }

    /// Writes the whole file.
    ///
    /// # Errors
    /// As [`OutputPlace::create`] and [`NewFile::finish`].
    pub fn write(self, content: &[u8]) -> Result<()> {
        let name = self.path.display().to_string();
        let mut file = self.create()?;
        file.write_all(content).context(name)?;
        file.finish()
    }
}

impl Write for To {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            To::Aside(file) => file.as_file_mut().write(bytes),
            To::Straight(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            To::Aside(file) => file.as_file_mut().flush(),
            To::Straight(file) => file.flush(),
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes).map_err(|e| named(&self.place, &e))
    }

    fn flush(&mut self) -> io::Result<()> {
        // Nobody reads the one aside before it is whole, and what is compressed grows by every flush.
        match self.to.get_ref() {
            To::Aside(_) => Ok(()),
            To::Straight(_) => self.to.flush().map_err(|e| named(&self.place, &e)),
        }
    }
}

/// The error with the name of the file that could not be written, not of the one aside.
fn named(place: &OutputPlace, error: &io::Error) -> io::Error {
    let path = place.path.display();
    io::Error::new(error.kind(), format!("{path}: {error}"))
}

impl NewFile {
    /// Moves the whole file into its place. A link that is there stays, and leads to the new file.
    ///
    /// # Errors
    /// Where it cannot be moved, or where a file came there meanwhile that must not be replaced.
    pub fn finish(self) -> Result<()> {
        let place = &self.place;
        let To::Aside(file) = self.to.finish().map_err(|e| named(place, &e))? else {
            return Ok(());
        };
        let named = || place.path.display().to_string();
        file.as_file().sync_all().with_context(named)?;
        let place = target(&self.place.path);
        let moved = if self.place.replaces {
            file.persist(place)
        } else {
            file.persist_noclobber(place)
        };
        moved.map_err(|e| e.error).with_context(named)?;
        Ok(())
    }
}

/// Whether there is something at the path that could be lost.
pub(super) fn is_something(path: &Path) -> bool {
    match path.metadata() {
        Ok(meta) => meta.is_dir() || (meta.is_file() && meta.len() > 0),
        Err(_) => false,
    }
}

/// The beginning of what is in a file, perhaps compressed.
pub(super) fn head(path: &Path) -> Result<Vec<u8>> {
    packed::head(path, HEAD).with_context(|| path.display().to_string())
}
