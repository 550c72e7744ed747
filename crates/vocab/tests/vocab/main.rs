//! GGUF files and what is rebuilt from them.

mod files;
mod gguf;
