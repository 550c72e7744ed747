//! STIM: memorization scores of tokens (Li et al., EMNLP 2025, arXiv 2508.02037), from a model and a corpus.

pub mod local;
