//! What a model file says about itself.

use std::path::PathBuf;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use rotescope_vocab::ggml::file_type;

/// A loaded model: its file, its numbers, its special tokens.
#[derive(Debug)]
pub struct ModelInfo {
    /// Name of the file without its folder.
    pub file: String,
    pub path: PathBuf,
    /// Bytes of the file.
    pub bytes: u64,
    /// `general.architecture`, such as `llama`.
    pub architecture: String,
    /// `general.name`, if any.
    pub name: Option<String>,
    /// Such as `Q8_0`; `None` if the file does not say.
    pub quantization: Option<String>,
    /// Number of weights.
    pub parameters: u64,
    /// Number of its layers.
    pub layers: usize,
    /// Tokens that the model was trained on.
    pub context_train: usize,
    /// Tokens that prompt and output may have together in this run.
    pub context: usize,
    /// Number of token ids.
    pub vocabulary: usize,
    /// The Jinja template of an instruct model.
    pub chat_template: Option<String>,
    /// The model expects `bos` before a prompt.
    pub add_bos: bool,
    pub bos: Option<u32>,
    /// The end-of-sequence token.
    pub eos: Option<u32>,
    /// All tokens that end a generation, `eos` among them, in order.
    pub end_tokens: Vec<u32>,
}

impl ModelInfo {
    pub(super) fn read(
        model: &LlamaModel,
        path: PathBuf,
        bytes: u64,
        context: Option<usize>,
    ) -> Self {
        let vocab = model.vocab();
        let meta = |key: &str| model.meta_val_str(key).ok();
        let id = |token: LlamaToken| u32::try_from(token.0).ok();
        let context_train = model.n_ctx_train() as usize;
        let file = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        Self {
            file,
            bytes,
            architecture: meta("general.architecture").unwrap_or_default(),
            name: meta("general.name"),
            quantization: meta("general.file_type")
                .and_then(|t| t.parse().ok())
                .and_then(file_type)
                .map(str::to_owned),
            parameters: model.n_params(),
            layers: model.n_layer() as usize,
            context_train,
            context: context.unwrap_or(4096).min(context_train),
            vocabulary: usize::try_from(vocab.n_tokens()).unwrap_or(0),
            chat_template: model
                .chat_template(None)
                .ok()
                .and_then(|t| t.to_string().ok()),
            add_bos: vocab.should_add_bos(),
            bos: id(vocab.bos()),
            eos: id(vocab.eos()),
            end_tokens: vocab
                .tokens()
                .filter(|&t| vocab.is_eog(t))
                .filter_map(id)
                .collect(),
            path,
        }
    }
}
