//! Files of traces, and of what other tools wrote, read on a thread of its own: Python goes on meanwhile, and Ctrl-C ends it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use rotescope_import::fields::Fields;
use rotescope_import::formats::named;
use rotescope_import::records::{self, Options};
use rotescope_trace::files::Located;

use crate::errors::{Failure, caught};

/// One path, or several.
pub struct Paths(Vec<PathBuf>);

impl<'py> FromPyObject<'_, 'py> for Paths {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(path) = object.extract::<PathBuf>() {
            return Ok(Paths(vec![path]));
        }
        let wanted = |_| PyTypeError::new_err("a path (str or os.PathLike) or several are wanted");
        let all = object.try_iter().map_err(wanted)?;
        let all: Vec<PathBuf> = all
            .map(|p| p?.extract().map_err(wanted))
            .collect::<PyResult<_>>()?;
        match all.is_empty() {
            true => Err(PyValueError::new_err("no files: name at least one")),
            false => Ok(Paths(all)),
        }
    }
}

/// How files of other tools are read.
pub struct Foreign<'a> {
    /// By name; recognized if not given.
    pub format: Option<&'a str>,
    /// Which fields hold what.
    pub fields: Option<BTreeMap<String, String>>,
}

impl Foreign<'_> {
    fn options(self) -> PyResult<Options> {
        let format = self.format.map(named).transpose();
        let mut fields = Fields::default();
        for (part, field) in self.fields.into_iter().flatten() {
            let place = match part.as_str() {
                "id" => &mut fields.id,
                "prompt" => &mut fields.prompt,
                "completion" => &mut fields.completion,
                "answer" => &mut fields.answer,
                _ => {
                    return Err(PyValueError::new_err(format!(
                        "fields are those of \"id\", \"prompt\", \"completion\" and \"answer\", not of {part:?}"
                    )));
                }
            };
            *place = Some(field);
        }
        Ok(Options {
            format: format.map_err(PyValueError::new_err)?,
            fields,
            ..Options::default()
        })
    }
}

/// What a thread reads, in order, a batch at a time.
pub struct Records<T> {
    from: Mutex<Receiver<Sent<T>>>,
}

/// `None` is the end.
type Sent<T> = Result<Option<Vec<T>>, Failure>;

/// Records of a batch, and batches that are read ahead.
const BATCH: usize = 16;
const AHEAD: usize = 4;

/// How long to wait until Python is asked for Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(50);

impl<T: Send + 'static> Records<T> {
    /// Begins to read. `make`: what is wanted of a record, made on the thread.
    ///
    /// # Errors
    /// There is no such format or field.
    pub fn begin(
        paths: Paths,
        foreign: Foreign,
        make: impl Fn(Located) -> Result<T, Failure> + Send + 'static,
    ) -> PyResult<Records<T>> {
        let options = foreign.options()?;
        let (to, from) = sync_channel(AHEAD);
        let read = move || {
            let end = caught(|| all(&paths.0, &options, &make, &to));
            // Nobody listens any more: then nobody wants to know.
            let _ = to.send(end.map(|()| None));
        };
        std::thread::Builder::new()
            .name("rotescope-read".into())
            .spawn(read)?;
        Ok(Records {
            from: Mutex::new(from),
        })
    }

    /// The next batch, taken by `take` while other threads of Python run; `None` at the end.
    ///
    /// # Errors
    /// Of the file, of `take`, and Ctrl-C.
    pub fn next<U: Send>(
        &self,
        py: Python<'_>,
        take: impl Fn(Vec<T>) -> Result<U, Failure> + Send + Sync,
    ) -> PyResult<Option<U>> {
        loop {
            let got = py.detach(|| {
                let from = self.from.lock().unwrap_or_else(PoisonError::into_inner);
                match from.recv_timeout(PATIENCE) {
                    Ok(Ok(batch)) => Some(batch.map(|b| caught(|| take(b))).transpose()),
                    Ok(Err(failure)) => Some(Err(failure)),
                    Err(RecvTimeoutError::Timeout) => None,
                    // Behind the end there is nothing.
                    Err(RecvTimeoutError::Disconnected) => Some(Ok(None)),
                }
            });
            py.check_signals()?;
            if let Some(got) = got {
                return Ok(got?);
            }
        }
    }
}

/// Sends all records of the files, until there is nobody left to get them.
fn all<T>(
    paths: &[PathBuf],
    options: &Options,
    make: &impl Fn(Located) -> Result<T, Failure>,
    to: &SyncSender<Sent<T>>,
) -> Result<(), Failure> {
    let mut batch = Vec::new();
    for given in records::given(paths, options) {
        // What was read before an error comes before it.
        match given
            .and_then(|g| g.located(options))
            .map_err(Failure::from)
            .and_then(make)
        {
            Ok(made) => batch.push(made),
            Err(failure) => {
                let _ = to.send(Ok(Some(batch)));
                return Err(failure);
            }
        }
        if batch.len() >= BATCH && to.send(Ok(Some(std::mem::take(&mut batch)))).is_err() {
            return Ok(());
        }
    }
    let _ = to.send(Ok(Some(batch)));
    Ok(())
}
