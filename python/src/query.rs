//! What is looked for: a text, or token ids.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

pub enum Query {
    Text(String),
    Ids(Vec<u32>),
}

impl<'py> FromPyObject<'_, 'py> for Query {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = object.cast::<PyString>() {
            return Ok(Query::Text(text.to_str()?.to_string()));
        }
        let wanted = || {
            let name = object
                .get_type()
                .name()
                .map_or("?".into(), |n| n.to_string());
            PyTypeError::new_err(format!(
                "a text (str) or token ids (a sequence of int) are looked for, not {name}"
            ))
        };
        if object.is_instance_of::<PyBytes>() {
            return Err(wanted());
        }
        let mut ids = Vec::new();
        for id in object.try_iter().map_err(|_| wanted())? {
            let id = id?;
            match id.extract::<i128>() {
                Ok(n) => ids.push(u32::try_from(n).map_err(|_| {
                    PyValueError::new_err(format!(
                        "{n} is no token id: they go from 0 to {}",
                        u32::MAX
                    ))
                })?),
                Err(_) => return Err(wanted()),
            }
        }
        Ok(Query::Ids(ids))
    }
}
