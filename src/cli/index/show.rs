//! How answers of the index are written for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use schemars::JsonSchema;
use serde::Serialize;

pub use crate::cli::common::grouped;
use crate::cli::common::stdout;
use rotescope_corpus::manifest::Manifest;
use rotescope_corpus::{About, Basis, Continuations, Corpus, CorpusInfo, Document, LocalIndex};
use rotescope_text::sanitize;

/// An amount of bytes: `5.8 MB`.
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            let places = usize::from(unit != "B" && value < 100.0);
            return format!("{value:.places$} {unit}");
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

pub fn info(out: &mut dyn Write, index: &LocalIndex) -> io::Result<()> {
    let (m, info) = (index.manifest(), index.info());
    let on_disk = index.bytes_on_disk();
    let shards = m.shards.len();
    let rows = [
        ("index", index.folder().display().to_string()),
        ("documents", grouped(m.documents)),
        ("tokens", grouped(info.tokens)),
        ("words", grouped(m.words)),
        ("text", size(m.bytes)),
        (
            "on disk",
            format!(
                "{} ({:.2} bytes a token), {shards} shard{}",
                size(on_disk),
                on_disk as f64 / info.tokens.max(1) as f64,
                if shards == 1 { "" } else { "s" },
            ),
        ),
        (
            "tokenizer",
            format!(
                "{}, {} ids, fingerprint {}",
                m.tokenizer.description,
                grouped(m.tokenizer.size as u64),
                m.tokenizer.fingerprint
            ),
        ),
        ("fingerprint", info.fingerprint.clone()),
        ("made by", format!("rotescope {}", index.made_by())),
    ];
    for (name, value) in rows {
        writeln!(out, "{name:<12} {}", one_line(&value))?;
    }
    const SHOWN: usize = 20;
    let mut sources = m.sources.iter();
    for (i, part) in m.parts.iter().enumerate() {
        let mut own = sources.by_ref().take(part.sources);
        let first = own.next().map_or("", |s| s.path.as_str());
        let others = match own.count() {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        if i < SHOWN {
            writeln!(
                out,
                "{:<12} {} documents, {} tokens, {}: {}{others}",
                if i == 0 { "parts" } else { "" },
                grouped(part.documents),
                grouped(part.tokens),
                size(part.bytes),
                one_line(first),
            )?;
        }
    }
    if m.parts.len() > SHOWN {
        let more = m.parts.len() - SHOWN;
        writeln!(out, "{:<12} and {more} more (--json lists all)", "")?;
    }
    for (i, source) in m.sources.iter().take(SHOWN).enumerate() {
        writeln!(
            out,
            "{:<12} {} ({} documents, {})",
            if i == 0 { "sources" } else { "" },
            one_line(&source.path),
            grouped(source.documents),
            size(source.bytes)
        )?;
    }
    if m.sources.len() > SHOWN {
        let more = m.sources.len() - SHOWN;
        writeln!(out, "{:<12} and {more} more (--json lists all)", "")?;
    }
    Ok(())
}

/// What `index info --json` prints; of an index behind a network what it says of itself.
#[derive(Serialize, JsonSchema)]
pub struct IndexAbout {
    pub index: CorpusInfo,
    /// The rotescope that built it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_on_disk: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Manifest>,
}

impl IndexAbout {
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> Result<()> {
        writeln!(out, "{}", serde_json::to_string_pretty(self)?)?;
        Ok(())
    }
}

/// What an index behind a network says of itself.
pub fn remote(index: &dyn Corpus, json: bool) -> Result<()> {
    let info = index.info();
    let mut out = stdout();
    if json {
        let about = IndexAbout {
            index: info,
            made_by: None,
            bytes_on_disk: None,
            manifest: None,
        };
        return about.write(&mut out);
    }
    let tokens = match info.documents {
        Some(n) => format!("{} in {} documents", grouped(info.tokens), grouped(n)),
        None => format!(
            "{} (the ends of documents among them)",
            grouped(info.tokens)
        ),
    };
    let rows = [
        ("index", info.place),
        ("tokens", tokens),
        ("tokenizer", info.tokenizer_name),
        ("counts", info.basis.to_string()),
        ("together", info.cooccurrence.to_string()),
        ("fingerprint", info.fingerprint),
    ];
    for (name, value) in rows {
        writeln!(out, "{name:<12} {}", one_line(&value))?;
    }
    Ok(())
}

/// The most frequent continuations, one a line.
pub fn next(
    out: &mut dyn Write,
    next: &Continuations,
    top: usize,
    text: impl Fn(u32) -> String,
) -> io::Result<()> {
    let total = next.total();
    if total == 0 {
        return writeln!(out, "does not occur");
    }
    let share = |count: u64| count as f64 / total as f64;
    writeln!(
        out,
        "{} occurrences, {} different tokens",
        grouped(total),
        grouped(next.tokens.len() as u64)
    )?;
    for &(id, count) in next.tokens.iter().take(top) {
        let text = format!("{:?}", text(id));
        writeln!(
            out,
            "{:>12} {:>8.4} {id:>8} {text}",
            grouped(count),
            share(count)
        )?;
    }
    if next.ends > 0 {
        writeln!(
            out,
            "{:>12} {:>8.4} {:>8} end of the document",
            grouped(next.ends),
            share(next.ends),
            ""
        )?;
    }
    Ok(())
}

/// Of several indexes each one's share of a count, one a line.
pub fn shares<'a>(
    out: &mut dyn Write,
    shares: impl IntoIterator<Item = (&'a str, u64, Basis)>,
) -> io::Result<()> {
    for (place, count, basis) in shares {
        let basis = match basis.is_exact_occurrences() {
            true => String::new(),
            false => format!(" ({basis})"),
        };
        writeln!(out, "{:>12}  {}{basis}", grouped(count), one_line(place))?;
    }
    Ok(())
}

/// An occurrence of a text with what stands around it.
pub struct Snippet {
    pub cut_before: bool,
    pub before: String,
    pub text: String,
    pub after: String,
    pub cut_after: bool,
}

pub fn hit(out: &mut dyn Write, document: &Document, snippet: &Snippet) -> io::Result<()> {
    let dim = Style::new().dimmed();
    let strong = Style::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
    let mut name = match &document.id {
        Some(id) => format!("document {}, id {id}", document.ordinal),
        None => format!("document {}", document.ordinal),
    };
    if let Some(corpus) = &document.corpus {
        name = format!("{corpus}: {name}");
    }
    let mut meta = String::new();
    for (field, value) in &document.meta {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_string);
        // Long fields are for --json.
        if value.chars().count() <= 40 {
            meta.push_str(&format!(", {field} {value}"));
        }
    }
    writeln!(
        out,
        "\n{dim}{}{dim:#}",
        one_line(&format!(
            "{name}{meta}, {}:{}",
            document.source, document.line
        ))
    )?;
    // Marks, so that the text stands out without colors too.
    writeln!(
        out,
        "{}{}{strong}«{}»{strong:#}{}{}",
        if snippet.cut_before { "… " } else { "" },
        one_line(&snippet.before),
        one_line(&snippet.text),
        one_line(&snippet.after),
        if snippet.cut_after { " …" } else { "" },
    )
}

/// On one line, with what could steer a terminal made visible.
fn one_line(text: &str) -> String {
    sanitize::line(&text.replace('\n', "⏎").replace('\t', " ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1234567), "1 234 567");
        assert_eq!(grouped(123456), "123 456");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(5_780_000), "5.8 MB");
        assert_eq!(size(2_000_000_000_000), "2.0 TB");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(one_line("a\n\tb\u{1b}[31m\u{202e}"), "a⏎ b␛[31m⟨202E⟩");
    }
}
