//! Rebuilt tokenizers against llama.cpp, whose ids are the truth.

#[path = "../../../vocab/tests/vocab/files.rs"]
mod files;
mod real;
mod synthetic;
