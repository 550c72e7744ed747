//! Traces as tables: of tokens, of steps, of traces. The columns are defined once, here and in [`columns`], and written as CSV or as Parquet; they are
//! described in docs/report.md.
//!
//! | file | what is in it |
//! |---|---|
//! | [`columns`] | the columns of each table, and their rows |
//! | [`csv`] | rows as comma-separated values |
//! | [`parquet`] | rows as Parquet |

pub mod columns;
pub mod csv;
pub mod parquet;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// A token of a completion.
    Tokens,
    /// A step of a completion.
    Steps,
    /// A trace, or a prompt that failed.
    Traces,
}

impl Table {
    pub const ALL: [Table; 3] = [Table::Tokens, Table::Steps, Table::Traces];

    pub fn name(self) -> &'static str {
        match self {
            Table::Tokens => "tokens",
            Table::Steps => "steps",
            Table::Traces => "traces",
        }
    }

    /// Its file where all tables are asked for by one name: the tokens get the name itself, `x.parquet`, the others stand beside it, `x.steps.parquet`.
    pub fn beside(self, path: &Path) -> PathBuf {
        if self == Table::Tokens {
            return path.to_path_buf();
        }
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        path.with_extension(format!("{}.{ending}", self.name()))
    }
}

/// What the values of a column are. Every value may be missing: undefined, or not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    /// A whole number, not negative.
    Count,
    /// A number of 32 bits, as models give it.
    Single,
    /// A number of 64 bits.
    Number,
    /// Text that may be what people wrote: in CSV nothing that a spreadsheet takes for a formula.
    Name,
    /// Text to the letter: in CSV a JSON string, in its quotes.
    Text,
    /// A list of texts: in CSV a JSON array.
    Texts,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    None,
    Bool(bool),
    Count(u64),
    Single(f32),
    Number(f64),
    Text(String),
    Texts(Vec<String>),
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}
