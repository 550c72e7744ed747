//! Rows as Parquet: typed, dictionary-encoded, compressed, a group of rows at a time in memory.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, FloatType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;

use super::columns::{columns, rows};
use super::{Column, Kind, Table, Value};
use crate::Measure;
use rotescope_trace::record::Record;

/// What a file of ours says of who wrote it, at its end.
pub const WRITER: &str = concat!("rotescope ", env!("CARGO_PKG_VERSION"));

/// How every file of Parquet begins, and ends.
pub const MAGIC: &[u8] = b"PAR1";

/// Rows of a group, and bytes of text at which a group ends before it has so many.
const ROWS: usize = 1 << 15;
const BYTES: usize = 32 << 20;

/// A file of Parquet that is being written.
pub struct ParquetTable<W: Write + Send> {
    table: Table,
    out: SerializedFileWriter<W>,
    /// What is not written yet.
    columns: Vec<Buffer>,
    rows: usize,
    bytes: usize,
}

impl<W: Write + Send> ParquetTable<W> {
    /// Begins it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(out: W, table: Table) -> io::Result<ParquetTable<W>> {
        let columns = columns(table);
        let schema = parse_message_type(&schema(table, &columns)).map_err(failed)?;
        let about = KeyValue::new("rotescope.table".to_string(), table.name().to_string());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(WRITER.into())
            .set_key_value_metadata(Some(vec![about]))
            .build();
        let out = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties));
        Ok(ParquetTable {
            table,
            out: out.map_err(failed)?,
            columns: columns.iter().map(|c| Buffer::new(c.kind)).collect(),
            rows: 0,
            bytes: 0,
        })
    }

    /// Adds the rows of a record. `measure`: what stands in the column of that name.
    ///
    /// # Errors
    /// Those of what is written into.
    pub fn add(&mut self, record: &Record, measure: &Measure) -> io::Result<()> {
        rows(self.table, record, measure, &mut |row| self.row(row))
    }

    fn row(&mut self, row: Vec<Value>) -> io::Result<()> {
        for (column, value) in self.columns.iter_mut().zip(row) {
            self.bytes += column.push(value);
        }
        self.rows += 1;
        match self.rows >= ROWS || self.bytes >= BYTES {
            true => self.write().map_err(failed),
            false => Ok(()),
        }
    }

    fn write(&mut self) -> Result<(), ParquetError> {
        let mut group = self.out.next_row_group()?;
        for column in &mut self.columns {
            if let Some(mut to) = group.next_column()? {
                column.write(&mut to)?;
                to.close()?;
            }
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }

    /// Writes the rest and the end.
    ///
    /// # Errors
    /// Those of what is written into.
    pub fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write().map_err(failed)?;
        }
        self.out.into_inner().map_err(failed)
    }
}

/// The failure of what is written into, where it is one.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(inner) => *inner,
            Err(inner) => io::Error::other(inner),
        },
        error => io::Error::other(error),
    }
}

/// The columns as Parquet's schemas are written.
fn schema(table: Table, columns: &[Column]) -> String {
    let fields: String = columns.iter().map(field).collect();
    format!("message {} {{ {fields} }}", table.name())
}

fn field(column: &Column) -> String {
    let name = &column.name;
    match column.kind {
        Kind::Bool => format!("OPTIONAL BOOLEAN {name};\n"),
        Kind::Count => format!("OPTIONAL INT64 {name};\n"),
        Kind::Single => format!("OPTIONAL FLOAT {name};\n"),
        Kind::Number => format!("OPTIONAL DOUBLE {name};\n"),
        Kind::Name | Kind::Text => format!("OPTIONAL BYTE_ARRAY {name} (STRING);\n"),
        Kind::Texts => format!(
            "OPTIONAL GROUP {name} (LIST) {{ REPEATED GROUP list {{ REQUIRED BYTE_ARRAY element (STRING); }} }}\n"
        ),
    }
}

/// The values of a column that are not written yet, with Parquet's levels: how much of a value's path is there, and for lists where one begins.
#[derive(Debug)]
struct Buffer {
    values: Values,
    defined: Vec<i16>,
    repeated: Vec<i16>,
}

#[derive(Debug)]
enum Values {
    Bool(Vec<bool>),
    Count(Vec<i64>),
    Single(Vec<f32>),
    Number(Vec<f64>),
    Text(Vec<ByteArray>),
    Texts(Vec<ByteArray>),
}

impl Buffer {
    fn new(kind: Kind) -> Buffer {
        Buffer {
            values: match kind {
                Kind::Bool => Values::Bool(Vec::new()),
                Kind::Count => Values::Count(Vec::new()),
                Kind::Single => Values::Single(Vec::new()),
                Kind::Number => Values::Number(Vec::new()),
                Kind::Name | Kind::Text => Values::Text(Vec::new()),
                Kind::Texts => Values::Texts(Vec::new()),
            },
            defined: Vec::new(),
            repeated: Vec::new(),
        }
    }

    /// Adds a value, and says how many bytes of text it holds. What is of another kind than the column is missing.
    fn push(&mut self, value: Value) -> usize {
        let mut bytes = 0;
        let defined = match (&mut self.values, value) {
            (Values::Bool(all), Value::Bool(b)) => keep(all, b),
            (Values::Count(all), Value::Count(n)) => {
                keep(all, i64::try_from(n).unwrap_or(i64::MAX))
            }
            (Values::Single(all), Value::Single(x)) => keep(all, x),
            (Values::Number(all), Value::Number(x)) => keep(all, x),
            (Values::Text(all), Value::Text(text)) => {
                bytes = text.len();
                keep(all, ByteArray::from(text.into_bytes()))
            }
            (Values::Texts(all), Value::Texts(texts)) => {
                for (i, text) in texts.iter().enumerate() {
                    bytes += text.len();
                    all.push(ByteArray::from(text.as_str()));
                    self.defined.push(2);
                    self.repeated.push(i16::from(i > 0));
                }
                if !texts.is_empty() {
                    return bytes;
                }
                1
            }
            _ => 0,
        };
        self.defined.push(defined);
        self.repeated.push(0);
        bytes
    }

    /// Writes what there is, and forgets it.
    fn write(&mut self, to: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let defined = Some(self.defined.as_slice());
        match &mut self.values {
            Values::Bool(all) => {
                to.typed::<BoolType>().write_batch(all, defined, None)?;
                all.clear();
            }
            Values::Count(all) => {
                to.typed::<Int64Type>().write_batch(all, defined, None)?;
                all.clear();
            }
            Values::Single(all) => {
                to.typed::<FloatType>().write_batch(all, defined, None)?;
                all.clear();
            }
            Values::Number(all) => {
                to.typed::<DoubleType>().write_batch(all, defined, None)?;
                all.clear();
            }
            Values::Text(all) => {
                to.typed::<ByteArrayType>()
                    .write_batch(all, defined, None)?;
                all.clear();
            }
            Values::Texts(all) => {
                let repeated = Some(self.repeated.as_slice());
                to.typed::<ByteArrayType>()
                    .write_batch(all, defined, repeated)?;
                all.clear();
            }
        }
        self.defined.clear();
        self.repeated.clear();
        Ok(())
    }
}

fn keep<T>(all: &mut Vec<T>, value: T) -> i16 {
    all.push(value);
    1
}
