//! A picture that a command draws beside what it says.

use std::path::PathBuf;

use anyhow::Result;

use super::outputs::{OutputPlace, Outputs};
use crate::folders;
use crate::themes::THEMES;
use rotescope_report::Format;
use rotescope_report::chart::Chart;
use rotescope_report::theme::Theme;

#[derive(Debug, clap::Args)]
pub struct PictureArgs {
    /// Draw it into this SVG file
    #[arg(long, value_name = "FILE")]
    figure: Option<PathBuf>,
    /// Of the picture: built-in theme, theme of your own, or theme file
    #[arg(
        long,
        env = "ROTESCOPE_THEME",
        default_value = "light",
        value_name = "NAME|FILE"
    )]
    theme: String,
    /// Replace a file of another kind with the picture
    #[arg(long)]
    pub force: bool,
}

/// Where a picture goes, if one is wanted.
pub struct Picture(Option<(OutputPlace, Theme)>);

impl PictureArgs {
    /// Finds the place and the theme.
    ///
    /// # Errors
    /// A file that must not be written, no such theme.
    pub fn open(&self, outputs: &mut Outputs) -> Result<Picture> {
        let Some(path) = &self.figure else {
            return Ok(Picture(None));
        };
        let place = outputs.file("--figure", path, "picture", |h| Format::Svg.begins(h))?;
        let folder = folders::config().map(|f| f.join("themes"));
        let theme = THEMES.load(&self.theme, folder.as_deref())?;
        Ok(Picture(Some((place, theme))))
    }
}

impl Picture {
    /// # Errors
    /// A file that cannot be written.
    pub fn draw(self, chart: &Chart) -> Result<()> {
        match self.0 {
            Some((place, theme)) => place.write(chart.svg(&theme).as_bytes()),
            None => Ok(()),
        }
    }
}
