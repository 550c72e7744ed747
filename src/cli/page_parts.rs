//! A page of many traces: a file with the summary, and a folder of parts beside it.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::run::replace::{folder_of, is_stream};
use rotescope_report::html::{Figure, Page, Parts};
use rotescope_report::{Format, ReportOptions};
use rotescope_trace::packed::Packing;

/// Rows of a part, unless another number is asked for: some five megabytes.
pub const EACH: usize = 300;

/// What folders are called that are not in their place yet.
const PREFIX: &str = ".rotescope-parts-";

/// Where the parts of a page go, if it has some.
#[derive(Debug, Clone)]
pub struct PageParts {
    /// The page's file and the folder beside it; none where the page is no file.
    place: Option<(PathBuf, PathBuf)>,
    each: usize,
}

/// Parts that are whole, and not in their place yet.
#[must_use]
#[derive(Default)]
pub struct Written(Option<(TempDir, PathBuf)>);

impl PageParts {
    /// `page`: the file; `each`: rows of a part, 0 for one page without parts.
    ///
    /// # Errors
    /// Something in the parts' place that a report did not make.
    pub fn beside(page: Option<&Path>, each: usize) -> Result<PageParts> {
        let file = page.filter(|p| !is_stream(p) && Packing::of_name(p).is_none());
        let stem = |p: &Path| Some(p.file_stem()?.to_str()?.to_owned());
        let place =
            file.and_then(|p| Some((p.to_path_buf(), p.with_file_name(stem(p)? + "-parts"))));
        if let Some((_, folder)) = &place {
            expect_parts(folder)?;
        }
        Ok(PageParts { place, each })
    }

    /// Writes the page, and its parts aside.
    ///
    /// # Errors
    /// What cannot be written, with its name.
    pub fn write(
        &self,
        page: Page,
        out: &mut impl Write,
        figures: &[Figure],
        o: &ReportOptions,
    ) -> Result<Written> {
        let mut out = BufWriter::new(out);
        let Some((file, folder)) = self
            .place
            .as_ref()
            .filter(|_| self.each > 0 && page.rows() > self.each)
        else {
            page.finish(&mut out, figures, o)?;
            out.flush()?;
            return Ok(Written(None));
        };
        let name = |path: &Path| {
            let name = path.file_name().and_then(|n| n.to_str());
            name.unwrap_or_default().to_owned()
        };
        let mut aside = tempfile::Builder::new();
        aside.prefix(PREFIX);
        // A temporary folder's own permissions keep everyone else out.
        #[cfg(unix)]
        aside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let aside = aside
            .tempdir_in(folder_of(file))
            .with_context(|| folder.display().to_string())?;
        let parts = Parts {
            each: self.each,
            page: &name(file),
            folder: &name(folder),
        };
        page.finish_in_parts(&mut out, figures, o, parts, &mut |number, content| {
            let part = format!("{number}.html");
            fs::write(aside.path().join(&part), content).map_err(|e| {
                let path = folder.join(part);
                std::io::Error::new(e.kind(), format!("{}: {e}", path.display()))
            })
        })?;
        out.flush()?;
        Ok(Written(Some((aside, folder.clone()))))
    }
}

impl Written {
    /// Where they will be, if there are any.
    pub fn folder(&self) -> Option<PathBuf> {
        self.0.as_ref().map(|(_, folder)| folder.clone())
    }

    /// Moves the parts into their place; those of an earlier page go.
    ///
    /// # Errors
    /// A folder that cannot be moved, or that others filled meanwhile.
    pub fn place(self) -> Result<()> {
        let Some((aside, folder)) = self.0 else {
            return Ok(());
        };
        let named = || folder.display().to_string();
        expect_parts(&folder)?;
        // Gone with its folder, under a name of its own until then: a kill leaves no mixture.
        let away = TempDir::with_prefix_in(PREFIX, folder_of(&folder)).with_context(named)?;
        if folder.exists() {
            fs::rename(&folder, away.path().join("old")).with_context(named)?;
        }
        fs::rename(aside.keep(), &folder).with_context(named)
    }
}

/// Whether a folder may be replaced: it is not there, or holds nothing but parts.
fn expect_parts(folder: &Path) -> Result<()> {
    let named = || folder.display().to_string();
    if folder.symlink_metadata().is_err() {
        return Ok(());
    }
    let is_part = |path: &Path| {
        let stem = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or_default();
        let numbered =
            path.extension().is_some_and(|e| e == "html") && stem.parse::<usize>().is_ok();
        let mut head = Vec::new();
        let read = File::open(path).and_then(|f| f.take(4096).read_to_end(&mut head));
        numbered && read.is_ok() && Format::Html.begins(&head)
    };
    let all = fs::read_dir(folder).with_context(named)?;
    for entry in all {
        let path = entry.with_context(named)?.path();
        if !is_part(&path) {
            bail!(
                "{} is where the parts of this page go, and {} is none: choose another name for the page, or move that away",
                folder.display(),
                path.display()
            );
        }
    }
    Ok(())
}
