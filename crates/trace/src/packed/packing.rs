//! How files are compressed: what tells it at their beginning, and at the end of their name.

use std::path::{Path, PathBuf};

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Zstd,
}

/// Bytes that tell what a part is.
pub const MAGIC: usize = 4;

impl Packing {
    /// What the end of a file's name asks for: `.gz`, `.zst` or `.zstd`.
    pub fn of_name(path: &Path) -> Option<Packing> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "gz" => Some(Packing::Gzip),
            "zst" | "zstd" => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// What a part is that begins with these bytes, at least [`MAGIC`]; `None` if it is none.
    pub fn of_head(head: &[u8]) -> Option<Packing> {
        match head {
            [0x1f, 0x8b, ..] => Some(Packing::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
            // Frames of zstd that hold nothing to read, as those who index a file write them.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// What a part written here begins with.
    pub fn beginning(self) -> &'static [u8] {
        match self {
            Packing::Gzip => &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0],
            Packing::Zstd => &[0x28, 0xb5, 0x2f, 0xfd],
        }
    }

    /// Whether these bytes, fewer than [`MAGIC`], are where a part was cut off.
    pub fn is_cut(self, head: &[u8]) -> bool {
        self.beginning().starts_with(head)
    }
}

/// The name without the end that says how the file is compressed: `x.jsonl` of `x.jsonl.zst`.
pub fn plain_name(path: &Path) -> PathBuf {
    match Packing::of_name(path) {
        Some(_) => path.with_extension(""),
        None => path.to_path_buf(),
    }
}

/// The ending of a file's name in small letters, beneath that of its compression: `jsonl` of `x.jsonl.zst`.
pub fn ending(path: &Path) -> Option<String> {
    let name = plain_name(path);
    Some(name.extension()?.to_str()?.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_within() {
        for (name, packing, within) in [
            ("a.jsonl", None, Some("jsonl")),
            ("a.JSONL.GZ", Some(Packing::Gzip), Some("jsonl")),
            ("a.b/x.html.zst", Some(Packing::Zstd), Some("html")),
            ("x.zstd", Some(Packing::Zstd), None),
            (".zst", None, None),
        ] {
            let path = Path::new(name);
            assert_eq!(Packing::of_name(path), packing, "{name}");
            assert_eq!(ending(path).as_deref(), within, "{name}");
        }
    }
}
