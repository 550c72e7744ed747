//! Rows of a table as columns in Arrow's memory, with the types that the table has as Parquet.

use std::io;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float32Builder, Float64Builder, Int64Builder, ListBuilder,
    StringBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use rotescope_report::Measure;
use rotescope_report::table::columns::{columns, rows};
use rotescope_report::table::{Kind, Table, Value};
use rotescope_trace::record::Record;

/// Rows of a batch, and bytes of text at which one ends before it has so many: offsets have 32 bits.
const ROWS: usize = 1 << 15;
const BYTES: usize = 32 << 20;

/// Columns of a table that are being filled.
pub struct Rows {
    table: Table,
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
    done: Vec<RecordBatch>,
}

impl Rows {
    pub fn of(table: Table) -> Rows {
        let columns = columns(table);
        let field =
            |c: &rotescope_report::table::Column| Field::new(&c.name, of_kind(c.kind), true);
        Rows {
            table,
            schema: Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>())),
            columns: columns.iter().map(|c| Column::of(c.kind)).collect(),
            rows: 0,
            bytes: 0,
            done: Vec::new(),
        }
    }

    /// Adds the rows of a record.
    ///
    /// # Errors
    /// None that is known.
    pub fn add(&mut self, record: &Record, measure: &Measure) -> io::Result<()> {
        rows(self.table, record, measure, &mut |row| {
            for (column, value) in self.columns.iter_mut().zip(row) {
                self.bytes += column.push(value);
            }
            self.rows += 1;
            if self.rows >= ROWS || self.bytes >= BYTES {
                let (schema, rows) = (self.schema.clone(), self.rows);
                self.done.push(batch(schema, &mut self.columns, rows)?);
                (self.rows, self.bytes) = (0, 0);
            }
            Ok(())
        })
    }

    /// All rows.
    ///
    /// # Errors
    /// None that is known.
    pub fn finish(mut self) -> io::Result<(SchemaRef, Vec<RecordBatch>)> {
        if self.rows > 0 || self.done.is_empty() {
            let last = batch(self.schema.clone(), &mut self.columns, self.rows)?;
            self.done.push(last);
        }
        Ok((self.schema, self.done))
    }
}

fn batch(schema: SchemaRef, columns: &mut [Column], rows: usize) -> io::Result<RecordBatch> {
    let columns = columns.iter_mut().map(Column::finish).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema, columns, &options).map_err(io::Error::other)
}

fn of_kind(kind: Kind) -> DataType {
    match kind {
        Kind::Bool => DataType::Boolean,
        Kind::Count => DataType::Int64,
        Kind::Single => DataType::Float32,
        Kind::Number => DataType::Float64,
        Kind::Name | Kind::Text => DataType::Utf8,
        Kind::Texts => DataType::List(element()),
    }
}

/// As Parquet's lists have it.
fn element() -> FieldRef {
    Arc::new(Field::new("element", DataType::Utf8, false))
}

enum Column {
    Bool(BooleanBuilder),
    Count(Int64Builder),
    Single(Float32Builder),
    Number(Float64Builder),
    Text(StringBuilder),
    Texts(ListBuilder<StringBuilder>),
}

impl Column {
    fn of(kind: Kind) -> Column {
        match kind {
            Kind::Bool => Column::Bool(BooleanBuilder::new()),
            Kind::Count => Column::Count(Int64Builder::new()),
            Kind::Single => Column::Single(Float32Builder::new()),
            Kind::Number => Column::Number(Float64Builder::new()),
            Kind::Name | Kind::Text => Column::Text(StringBuilder::new()),
            Kind::Texts => {
                Column::Texts(ListBuilder::new(StringBuilder::new()).with_field(element()))
            }
        }
    }

    /// Adds a value, and says how many bytes of text it holds. What is of another kind than the column is missing.
    fn push(&mut self, value: Value) -> usize {
        match (self, value) {
            (Column::Bool(all), Value::Bool(b)) => all.append_value(b),
            (Column::Count(all), Value::Count(n)) => {
                all.append_value(i64::try_from(n).unwrap_or(i64::MAX));
            }
            (Column::Single(all), Value::Single(x)) => all.append_value(x),
            (Column::Number(all), Value::Number(x)) => all.append_value(x),
            (Column::Text(all), Value::Text(text)) => {
                all.append_value(&text);
                return text.len();
            }
            (Column::Texts(all), Value::Texts(texts)) => {
                texts
                    .iter()
                    .for_each(|text| all.values().append_value(text));
                all.append(true);
                return texts.iter().map(String::len).sum();
            }
            (Column::Bool(all), _) => all.append_null(),
            (Column::Count(all), _) => all.append_null(),
            (Column::Single(all), _) => all.append_null(),
            (Column::Number(all), _) => all.append_null(),
            (Column::Text(all), _) => all.append_null(),
            (Column::Texts(all), _) => all.append_null(),
        }
        0
    }

    fn finish(&mut self) -> ArrayRef {
        let builder: &mut dyn ArrayBuilder = match self {
            Column::Bool(all) => all,
            Column::Count(all) => all,
            Column::Single(all) => all,
            Column::Number(all) => all,
            Column::Text(all) => all,
            Column::Texts(all) => all,
        };
        builder.finish()
    }
}
