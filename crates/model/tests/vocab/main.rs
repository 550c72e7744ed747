//! Rebuilt tokenizers against llama.cpp, whose ids are the truth.

mod data;
mod pocket;
mod support;
mod synthetic;
