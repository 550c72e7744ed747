//! GGUF files and what is rebuilt from them.

mod data;
mod gguf;
