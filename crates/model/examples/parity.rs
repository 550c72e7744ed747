//! Compares llama.cpp's logits with PyTorch's: `parity MODEL-f32.gguf parity.jsonl` (written by `training/parity.py`).
//!
//! Flash attention off and a float32 cache, so that both compute the same thing; fails when a logit differs by more than 1e-3.

use std::io::BufRead;
use std::num::NonZeroU32;

use anyhow::{Context, Result, ensure};
use llama_cpp_2::context::params::{KvCacheType, LlamaContextParams};
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    ids: Vec<i32>,
    /// Of the last positions.
    logits: Vec<Vec<f32>>,
}

const LIMIT: f32 = 1e-3;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (model, cases) = args
        .next()
        .zip(args.next())
        .context("usage: parity MODEL-f32.gguf parity.jsonl")?;
    let mut backend = LlamaBackend::init()?;
    backend.void_logs();
    let model = LlamaModel::load_from_file(&backend, &model, &LlamaModelParams::default())?;
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(512))
        .with_n_batch(512)
        .with_type_k(KvCacheType::F32)
        .with_type_v(KvCacheType::F32)
        .with_flash_attention_policy(llama_cpp_sys_2::LLAMA_FLASH_ATTN_TYPE_DISABLED);
    let mut context = model.new_context(&backend, params)?;
    let (mut worst, mut positions, mut same) = (0f32, 0usize, 0usize);
    for line in
        std::io::BufReader::new(std::fs::File::open(&cases).with_context(|| cases.clone())?).lines()
    {
        let case: Case = serde_json::from_str(&line?)?;
        context.clear_kv_cache();
        let mut batch = LlamaBatch::new(512, 1);
        let first = case.ids.len() - case.logits.len();
        for (i, id) in case.ids.iter().enumerate() {
            batch.add(LlamaToken(*id), i as i32, &[0], i >= first)?;
        }
        context.decode(&mut batch)?;
        for (i, theirs) in case.logits.iter().enumerate() {
            let ours = context.get_logits_ith((first + i) as i32);
            let difference = ours
                .iter()
                .zip(theirs)
                .map(|(a, b)| (a - b).abs())
                .fold(0f32, f32::max);
            let best = |v: &[f32]| {
                v.iter()
                    .enumerate()
                    .max_by(|a, b| a.1.total_cmp(b.1))
                    .map(|(i, _)| i)
            };
            ensure!(
                difference <= LIMIT,
                "{}: logits differ by {difference} at position {}",
                case.id,
                first + i
            );
            worst = worst.max(difference);
            same += usize::from(best(ours) == best(theirs));
            positions += 1;
        }
    }
    println!(
        "{positions} positions: largest difference of a logit {worst:.2e}, same most probable token at {same}"
    );
    Ok(())
}
