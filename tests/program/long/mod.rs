//! Tests of what the bundled model does on many prompts: `make test-long`.

mod pocket;
mod verdicts;
