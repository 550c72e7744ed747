//! The compiled part of the Python package `rotescope`. What Python sees is described where Python looks: in the docstrings here, and in `_rotescope.pyi`.
//!
//! | file | what is in it |
//! |---|---|
//! | `errors` | failures as Python's exceptions; work without the interpreter's lock |
//! | `records` | files of traces, read on a thread of its own |
//! | `traces` | records as dicts |
//! | `tables`, `arrow` | the tables of traces, and their columns in Arrow's memory |
//! | `index`, `answers` | an index of a corpus: counts, continuations, documents, words together |
//! | `vocabulary` | its tokenizer |
//! | `attribution` | what a corpus says of each token of a text |
//! | `judge` | answers, steps, equations, without model and corpus |
//! | `query`, `chars`, `json` | texts or token ids; offsets in characters; JSON as Python's values |

mod answers;
mod arrow;
mod attribution;
mod chars;
mod errors;
mod index;
mod json;
mod judge;
mod query;
mod records;
mod tables;
mod traces;
mod vocabulary;

/// The compiled part of rotescope.
#[pyo3::pymodule(name = "_rotescope")]
mod module {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::errors::RotescopeError;
    #[pymodule_export]
    use crate::index::Index;
    #[pymodule_export]
    use crate::judge::{
        completion, equations, expected_answer, final_answer, same_answer, split_steps,
    };
    #[pymodule_export]
    use crate::tables::{Table, steps, tokens, traces};
    #[pymodule_export]
    use crate::traces::{Traces, read_traces};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
