//! The tables of traces: tokens, steps, traces.

use std::collections::BTreeMap;
use std::sync::Mutex;

use arrow_array::cast::AsArray;
use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Float32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchIterator};
use arrow_schema::{DataType, SchemaRef};
use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};
use rotescope_report::Measure;
use rotescope_report::table::Table as Which;

use crate::arrow::Rows;
use crate::errors::Failure;
use crate::records::{Foreign, Paths, Records};

/// A table in memory, as rotescope.tokens, steps and traces give it.
///
/// polars.DataFrame(table), pyarrow.table(table), duckdb and whatever else knows Arrow's PyCapsule interface take it as it is, without a copy. to_pandas() and
/// to_polars() make data frames, to_dict() needs neither. len(table) is the number of rows.
#[pyclass(frozen, module = "rotescope")]
pub struct Table {
    which: Which,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

#[pymethods]
impl Table {
    /// The names of the columns, in order.
    #[getter]
    fn columns(&self) -> Vec<&str> {
        self.schema
            .fields()
            .iter()
            .map(|f| f.name().as_str())
            .collect()
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn __repr__(&self) -> String {
        let (name, rows) = (self.which.name(), self.__len__());
        format!(
            "<rotescope.Table {name}: {rows} rows, {} columns>",
            self.schema.fields().len()
        )
    }

    /// The columns as lists, by name. What is undefined, or was not asked for, is None.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for (i, field) in self.schema.fields().iter().enumerate() {
            let column = PyList::empty(py);
            for batch in &self.batches {
                append(&column, batch.column(i))?;
            }
            all.set_item(field.name(), column)?;
        }
        Ok(all)
    }

    /// A pandas.DataFrame, as pandas.read_parquet has it of what `rotescope report -o x.parquet` writes.
    ///
    /// Raises:
    ///     ImportError: pandas or pyarrow is not installed.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let arrow = imported(py, "pyarrow", "pandas")?.call_method1("table", (slf,))?;
        let frame = imported(py, "pandas", "pandas")?.getattr("DataFrame")?;
        match frame.getattr_opt("from_arrow")? {
            Some(from_arrow) => from_arrow.call1((arrow,)),
            None => arrow.call_method0("to_pandas"),
        }
    }

    /// A polars.DataFrame.
    ///
    /// Raises:
    ///     ImportError: polars is not installed.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let polars = imported(slf.py(), "polars", "polars")?;
        polars.call_method1("DataFrame", (slf,))
    }

    /// Arrow's PyCapsule interface: the types of the columns.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref());
        let schema = schema.map_err(|e| Failure::Asked(e.to_string()))?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// Arrow's PyCapsule interface: the rows, without a copy. Columns come in their own types, whatever is requested.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches = self.batches.clone().into_iter().map(Ok);
        let batches = RecordBatchIterator::new(batches, self.schema.clone());
        let stream = FFI_ArrowArrayStream::new(Box::new(batches));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }
}

/// A module, or what to install that it is there.
fn imported<'py>(py: Python<'py>, module: &str, extra: &str) -> PyResult<Bound<'py, PyModule>> {
    py.import(module).map_err(|e| {
        let is_absent = e.is_instance_of::<PyImportError>(py);
        let wanted = format!("{module} is needed: pip install 'rotescope[{extra}]'");
        if is_absent {
            PyImportError::new_err(wanted)
        } else {
            e
        }
    })
}

fn append(to: &Bound<'_, PyList>, column: &ArrayRef) -> PyResult<()> {
    match column.data_type() {
        DataType::Boolean => column.as_boolean().iter().try_for_each(|v| to.append(v)),
        DataType::Int64 => column
            .as_primitive::<Int64Type>()
            .iter()
            .try_for_each(|v| to.append(v)),
        DataType::Float32 => column
            .as_primitive::<Float32Type>()
            .iter()
            .try_for_each(|v| to.append(v)),
        DataType::Float64 => column
            .as_primitive::<Float64Type>()
            .iter()
            .try_for_each(|v| to.append(v)),
        DataType::List(_) => column.as_list::<i32>().iter().try_for_each(|texts| {
            let texts = texts.map(|t| {
                t.as_string::<i32>()
                    .iter()
                    .map(|t| t.map(str::to_string))
                    .collect::<Vec<_>>()
            });
            to.append(texts)
        }),
        _ => column
            .as_string::<i32>()
            .iter()
            .try_for_each(|v| to.append(v)),
    }
}

/// Reads a table of files, while other threads of Python run.
fn table(
    py: Python<'_>,
    which: Which,
    paths: Paths,
    measure: &str,
    foreign: Foreign,
) -> PyResult<Table> {
    let records = Records::begin(paths, foreign, Ok)?;
    let (rows, measure) = (Mutex::new(Rows::of(which)), Measure::parse(measure));
    let failed = |e: std::io::Error| Failure::Asked(e.to_string());
    while records
        .next(py, |batch| {
            let mut rows = rows
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            batch
                .iter()
                .try_for_each(|r| rows.add(&r.entry.record, &measure))
                .map_err(failed)
        })?
        .is_some()
    {}
    let rows = rows
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let (schema, batches) = rows.finish().map_err(failed)?;
    Ok(Table {
        which,
        schema,
        batches,
    })
}

macro_rules! tables {
    ($($(#[doc = $doc:literal])* $name:ident($which:expr);)*) => {
        $(
            $(#[doc = $doc])*
            ///
            /// Files of other tools are read as well, `.gz` and `.zst` are unpacked: see read_traces. The whole table is in memory.
            ///
            /// Args:
            ///     paths: a file, or several.
            ///     measure: what the column "measure" has: "stim" (the largest published score), "cause", or another measure of the traces.
            ///     format: "lm-eval", "inspect", "openai", "fields" or "text", for a file of another tool; recognized if not given.
            ///     fields: which field of such a file holds the "id", "prompt", "completion" or "answer", such as {"completion": "output"}; the usual names if not given.
            ///
            /// Raises:
            ///     OSError: a file is missing or cannot be read.
            ///     RotescopeError: a line is no trace; the message names file, line and field.
            #[pyfunction]
            #[pyo3(signature = (paths, *, measure="stim", format=None, fields=None))]
            pub fn $name(py: Python<'_>, paths: Paths, measure: &str, format: Option<&str>, fields: Option<BTreeMap<String, String>>) -> PyResult<Table> {
                table(py, $which, paths, measure, Foreign { format, fields })
            }
        )*
    };
}

tables! {
    /// A row a token: text, probability, scores and their evidence, with the columns of docs/report.md.
    tokens(Which::Tokens);
    /// A row a step: text, flag, verdict, its largest score, with the columns of docs/report.md.
    steps(Which::Steps);
    /// A row a trace, or a prompt that failed: question, answer, model, times, with the columns of docs/report.md.
    traces(Which::Traces);
}
