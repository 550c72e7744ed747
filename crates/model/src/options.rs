//! How to load and run a model.

use std::path::PathBuf;

/// How to load and run a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelOptions {
    /// A GGUF file.
    pub path: PathBuf,
    /// A LoRA adapter (GGUF) that changes it.
    pub adapter: Option<PathBuf>,
    /// Threads of llama.cpp, at least 1; `None` takes what pays for the size of the model. Never more than the cores that this model has
    /// to itself and that other programs leave free.
    pub threads: Option<usize>,
    /// Models of this process that compute at the same time, this one among them: they share the cores.
    pub side_by_side: usize,
    /// Tokens of prompt and output together; `None` takes what the model was trained on, at most 4,096.
    /// Never more than the model was trained on.
    pub context: Option<usize>,
    /// Most tokens in one call of llama.cpp. Prompts are evaluated, and can be cancelled, in chunks of this size or
    /// smaller ones (large models).
    pub batch: usize,
    /// Layers on the accelerator; `None` takes all if there is one.
    pub gpu_layers: Option<u32>,
    /// Completions generated at a time, fewer where memory is short; each needs its own part of the cache.
    pub sequences: usize,
    /// Generate several at a time only where a probe shows that llama.cpp gives the same bits as for one alone, and where their cache takes no more
    /// memory than the model, or 512 MiB.
    pub exact: bool,
    /// Windows scored at a time; each needs its own part of the cache.
    pub parallel: usize,
    /// Refuse a model that does not fit into free memory, by estimate, instead of trying.
    pub check_memory: bool,
}

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl ModelOptions {
    /// The defaults, for the model at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            adapter: None,
            threads: None,
            side_by_side: 1,
            context: None,
            batch: 512,
            gpu_layers: None,
            sequences: 1,
            exact: true,
            parallel: 8,
            check_memory: true,
        }
    }

    /// Threads for a model of this many weights.
    ///
    /// llama.cpp's threads spin while they wait for each other, hundreds of times per token. A small model gains
    /// little by more of them and loses all as soon as one core has other work (5 million weights, two threads on
    /// two busy cores: 250 times slower than one thread). So by default one thread, and one more for every 8
    /// million weights, and whatever is asked for, at most one per core: with more they wait for each other for ever. Several completions at a
    /// time are that much more work between two waits.
    pub(super) fn threads(&self, parameters: u64) -> i32 {
        self.threads_of(parameters, cores())
    }

    fn threads_of(&self, parameters: u64, cores: usize) -> i32 {
        let work = parameters.saturating_mul(self.sequences.max(1) as u64);
        let useful = || usize::try_from(1 + work / 8_000_000).unwrap_or(usize::MAX);
        let most = (cores / self.side_by_side.max(1)).clamp(1, 512);
        self.threads.unwrap_or_else(useful).clamp(1, most) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_models_get_few_threads_and_none_more_than_cores() {
        let mut options = ModelOptions::new("m.gguf");
        assert_eq!(options.threads_of(5_000_000, 4), 1);
        assert_eq!(options.threads_of(8_000_000, 4), 2);
        assert_eq!(options.threads_of(8_000_000_000, 4), 4);
        for (asked, got) in [(0, 1), (1, 1), (3, 3), (4, 4), (5, 4), (usize::MAX, 4)] {
            options.threads = Some(asked);
            assert_eq!(options.threads_of(5_000_000, 4), got, "{asked} asked for");
        }
    }

    #[test]
    fn models_side_by_side_share_the_cores() {
        let mut options = ModelOptions::new("m.gguf");
        for (models, got) in [(0, 4), (1, 4), (2, 2), (3, 1), (9, 1)] {
            options.side_by_side = models;
            assert_eq!(options.threads_of(8_000_000_000, 4), got, "{models} models");
        }
    }
}
