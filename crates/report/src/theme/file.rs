//! Theme files: TOML, one color for each role, five for each source.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Rgb, Role, Style, Theme};

/// Themes that a program brings along, by name; the first is its default.
#[derive(Debug, Clone, Copy)]
pub struct Themes {
    files: &'static [(&'static str, &'static str)],
}

/// Why a theme could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {message}", path.display())]
    File { path: PathBuf, message: String },
    #[error("there is no theme {name:?}: give a path, or one of {}", known.join(", "))]
    Unknown {
        name: String,
        known: Vec<&'static str>,
    },
}

/// A theme file. What it leaves out it has from the theme that it inherits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    inherits: Option<String>,
    background: Option<String>,
    /// Names for colors, used instead of them below.
    #[serde(default)]
    palette: HashMap<String, String>,
    #[serde(default)]
    roles: BTreeMap<String, RoleStyle>,
    /// Five colors each, weak to strong.
    #[serde(default)]
    sources: BTreeMap<String, [String; 5]>,
}

/// A color, or a table with more.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RoleStyle {
    Color(String),
    Full {
        fg: Option<String>,
        bg: Option<String>,
        #[serde(default)]
        bold: bool,
        #[serde(default)]
        dim: bool,
        #[serde(default)]
        italic: bool,
        #[serde(default)]
        underline: bool,
        #[serde(default)]
        reverse: bool,
    },
}

impl Themes {
    /// Pairs of a name and a theme file's text.
    pub const fn new(files: &'static [(&'static str, &'static str)]) -> Themes {
        Themes { files }
    }

    pub fn names(&self) -> Vec<&'static str> {
        self.files.iter().map(|(name, _)| *name).collect()
    }

    /// A theme that is built in.
    pub fn builtin(&self, name: &str) -> Option<Theme> {
        let (_, text) = self.files.iter().find(|(n, _)| *n == name)?;
        self.parse(name, text).ok()
    }

    /// A theme by its built-in name, by its name in the user's folder (`NAME.toml`), or by its path.
    ///
    /// # Errors
    /// No such theme; a file that cannot be read or is no theme, with the place in it.
    pub fn load(&self, name: &str, folder: Option<&Path>) -> Result<Theme, ThemeError> {
        if let Some(theme) = self.builtin(name) {
            return Ok(theme);
        }
        let own = folder
            .map(|f| f.join(format!("{name}.toml")))
            .filter(|p| p.is_file());
        let path = match own {
            Some(path) => path,
            None if name.ends_with(".toml") || name.contains(['/', '\\']) => PathBuf::from(name),
            None => {
                return Err(ThemeError::Unknown {
                    name: name.into(),
                    known: self.names(),
                });
            }
        };
        let text = std::fs::read_to_string(&path).map_err(|source| ThemeError::Io {
            path: path.clone(),
            source,
        })?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        self.parse(&stem, &text)
            .map_err(|message| ThemeError::File { path, message })
    }

    fn parse(&self, name: &str, text: &str) -> Result<Theme, String> {
        let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
        let color = |c: &str| color(file.palette.get(c).map_or(c, String::as_str));
        let mut theme = match file.inherits.as_deref() {
            Some(parent) => self
                .builtin(parent)
                .ok_or_else(|| format!("inherits {parent:?}, which is not built in"))?,
            None => Theme {
                name: String::new(),
                background: Rgb::default(),
                roles: HashMap::new(),
                sources: Default::default(),
            },
        };
        theme.name = name.into();
        if let Some(b) = &file.background {
            theme.background = color(b)?;
        } else if file.inherits.is_none() {
            return Err("it has no background and inherits none".into());
        }
        for (key, value) in &file.roles {
            let role = Role::ALL
                .into_iter()
                .find(|r| r.name() == key)
                .ok_or_else(|| format!("roles.{key}: no such role"))?;
            let style = style(value, &color).map_err(|e| format!("roles.{key}: {e}"))?;
            theme.roles.insert(role, style);
        }
        if file.inherits.is_none() {
            // Of sources that it does not name.
            let accent = theme.style(Role::Accent).fg.unwrap_or_default();
            theme.sources = [[accent; 5]; _];
        }
        for (key, five) in &file.sources {
            let source = rotescope_trace::Source::named(key)
                .ok_or_else(|| format!("sources.{key}: no such source"))?;
            for (to, c) in theme.sources[source as usize].iter_mut().zip(five) {
                *to = color(c).map_err(|e| format!("sources.{key}: {e}"))?;
            }
        }
        if file.inherits.is_none()
            && let Some(missing) = Role::ALL.into_iter().find(|r| !theme.roles.contains_key(r))
        {
            return Err(format!("roles.{} is missing", missing.name()));
        }
        Ok(theme)
    }
}

fn style(value: &RoleStyle, color: &impl Fn(&str) -> Result<Rgb, String>) -> Result<Style, String> {
    Ok(match value {
        RoleStyle::Color(c) => Style {
            fg: Some(color(c)?),
            ..Style::default()
        },
        RoleStyle::Full {
            fg,
            bg,
            bold,
            dim,
            italic,
            underline,
            reverse,
        } => Style {
            fg: fg.as_deref().map(color).transpose()?,
            bg: bg.as_deref().map(color).transpose()?,
            bold: *bold,
            dim: *dim,
            italic: *italic,
            underline: *underline,
            reverse: *reverse,
        },
    })
}

/// `#rrggbb`.
fn color(text: &str) -> Result<Rgb, String> {
    let wrong = || format!("{text:?} is no color, such as #d08030, and no name of the palette");
    let hex = text
        .strip_prefix('#')
        .filter(|h| h.len() == 6 && h.is_ascii())
        .ok_or_else(wrong)?;
    let part = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16).map_err(|_| wrong());
    Ok(Rgb(part(0)?, part(2)?, part(4)?))
}
