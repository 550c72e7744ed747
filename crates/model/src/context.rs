//! Contexts of llama.cpp, for generating and for scoring.

use std::num::NonZeroU32;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};

use super::error::ModelError;
use super::info::ModelInfo;
use super::llama_log;
use super::load;
use super::options::ModelOptions;
use super::weights::Weights;

/// Most tokens that llama.cpp evaluates at a time; larger batches it divides.
pub(super) const MOST_TOKENS: usize = 512;

/// How large a context is, and how it is used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) tokens: u32,
    pub(super) sequences: u32,
    pub(super) batch: usize,
    pub(super) threads: i32,
    /// Whether it gives hidden states beside logits. Then llama.cpp works out both for every token of a batch.
    pub(super) hidden: bool,
}

impl Shape {
    /// Cells of the cache for so many completions. Each gets an equal part of it, in whole blocks.
    pub(super) fn cells(info: &ModelInfo, sequences: usize) -> u32 {
        (info.context.next_multiple_of(256) * sequences) as u32
    }

    /// For so many completions, each as long as the model's context.
    pub(super) fn of(
        info: &ModelInfo,
        sequences: usize,
        batch: usize,
        (threads, hidden): (i32, bool),
    ) -> Shape {
        Shape {
            tokens: Shape::cells(info, sequences),
            sequences: sequences as u32,
            batch,
            threads,
            hidden,
        }
    }
}

/// A context of llama.cpp. The cache is split between sequences, which keeps results free of rounding by neighbours.
pub(super) fn new_context<'m>(
    model: &'m Weights,
    options: &ModelOptions,
    info: &ModelInfo,
    shape: Shape,
) -> Result<LlamaContext<'m>, ModelError> {
    let Shape {
        tokens,
        sequences,
        batch,
        threads,
        hidden,
    } = shape;
    // llama.cpp's flash attention on CPUs sums in 16 bits for some shapes of a batch and in 32 for others: how a batch is packed would move
    // log-probabilities by some 0.02.
    let on_device = load::backend().supports_gpu_offload() && options.gpu_layers != Some(0);
    let attention = if on_device {
        llama_cpp_sys_2::LLAMA_FLASH_ATTN_TYPE_AUTO
    } else {
        llama_cpp_sys_2::LLAMA_FLASH_ATTN_TYPE_DISABLED
    };
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(tokens.max(1)))
        .with_n_batch(batch as u32)
        .with_n_ubatch(batch.min(MOST_TOKENS) as u32)
        .with_n_seq_max(sequences)
        .with_kv_unified(false)
        .with_flash_attention_policy(attention)
        .with_n_threads(threads)
        .with_n_threads_batch(threads)
        .with_embeddings(hidden)
        .with_pooling_type(match hidden {
            true => LlamaPoolingType::None,
            false => LlamaPoolingType::Unspecified,
        })
        .with_no_perf(true);
    let (context, log) = llama_log::with_errors(|| model.new_context(load::backend(), params));
    let mut context = context.map_err(|e| ModelError::Context {
        path: info.path.clone(),
        tokens,
        reason: log.first().cloned().unwrap_or_else(|| e.to_string()),
    })?;
    model.set_adapter(&mut context)?;
    Ok(context)
}

/// llama.cpp could not evaluate a batch that begins at this token.
pub(super) fn decode_error(position: usize, reason: &dyn std::fmt::Display) -> ModelError {
    ModelError::Decode {
        position,
        reason: reason.to_string(),
    }
}
