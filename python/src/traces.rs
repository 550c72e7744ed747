//! Records as dicts.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use rotescope_trace::files::Located;
use rotescope_trace::record::Record;

use crate::errors::Failure;
use crate::json::loads;
use crate::records::{Foreign, Paths, Records};

/// An iterator over the records of files of traces, as dicts: see read_traces.
#[pyclass(frozen, module = "rotescope")]
pub struct Traces {
    records: Records<String>,
    waiting: Mutex<VecDeque<String>>,
}

/// The records of files of traces, one after another, as dicts with the fields of docs/trace.md.
///
/// Files of other tools (lm-eval, inspect, OpenAI-like servers, any objects with a completion) are read as `rotescope report` reads them. `.gz` and `.zst` are
/// unpacked. Memory does not grow with the files. Each trace is checked as the program checks it. Spans are in bytes of the UTF-8 text, not in characters.
///
/// A prompt that failed is a dict with "id" and "error", without "tokens".
///
/// Args:
///     paths: a file, or several.
///     format: "lm-eval", "inspect", "openai", "fields" or "text", for a file of another tool; recognized if not given.
///     fields: which field of such a file holds the "id", "prompt", "completion" or "answer", such as {"completion": "output"}; the usual names if not given.
///
/// Raises:
///     OSError: a file is missing or cannot be read.
///     RotescopeError: a line is no trace; the message names file, line and field. What comes before it was given.
#[pyfunction]
#[pyo3(signature = (paths, *, format=None, fields=None))]
pub fn read_traces(
    paths: Paths,
    format: Option<&str>,
    fields: Option<BTreeMap<String, String>>,
) -> PyResult<Traces> {
    Ok(Traces {
        records: Records::begin(paths, Foreign { format, fields }, line)?,
        waiting: Mutex::default(),
    })
}

/// A record as JSON: the line that it was read from, where it has one.
fn line(located: Located) -> Result<String, Failure> {
    let entry = located.entry;
    let made = match (&entry.record, entry.text) {
        (_, Some(text)) => Ok(text),
        (Record::Trace(trace), None) => serde_json::to_string(trace),
        (Record::Failed(failed), None) => serde_json::to_string(failed),
    };
    made.map_err(|e| Failure::Asked(e.to_string()))
}

#[pymethods]
impl Traces {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        loop {
            let next = self
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front();
            if let Some(line) = next {
                return loads(py, &line).map(Some);
            }
            let Some(batch) = self.records.next(py, Ok)? else {
                return Ok(None);
            };
            self.waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(batch);
        }
    }
}
