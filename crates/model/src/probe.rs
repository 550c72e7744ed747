//! What stands inside a model while it reads tokens: what goes into its feed-forward output matrices, and its last hidden states.
//!
//! It is seen through llama.cpp's evaluation callback, as llama.cpp's own tools that look inside do it. The safe crate has no such callback, so a probe opens the
//! model once more (its weights are mapped: they are in memory once) with a context of its own.

use std::collections::BTreeMap;
use std::ffi::{CString, c_void};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

use super::error::ModelError;
use super::llama_log;
use super::load;
use super::options::ModelOptions;
use super::weights;

/// A model that is looked into. Runs on the CPU.
pub struct Probe {
    raw: Raw,
    path: PathBuf,
    tokens: usize,
    vocabulary: usize,
    layers: usize,
    width: usize,
}

/// What stood at some positions of a sequence.
#[derive(Debug, Clone, Default)]
pub struct Activations {
    /// By layer, what its `ffn_down` multiplies: a row for each position.
    pub inputs: BTreeMap<usize, Vec<Vec<f32>>>,
    /// The last hidden state, before the last norm: a row for each position.
    pub hidden: Vec<Vec<f32>>,
}

/// How a last hidden state becomes logits: `logits = rows . (norm * hidden / rms(hidden))`.
#[derive(Debug, Clone)]
pub struct Head {
    /// Weights of the last norm, as many as a hidden state is wide.
    pub norm: Vec<f32>,
    /// Rows of the output matrix, by token.
    pub rows: BTreeMap<u32, Vec<f32>>,
}

impl Probe {
    /// Opens a model with its adapter, if it has one, for sequences of at most so many tokens.
    ///
    /// # Errors
    /// A model or an adapter that cannot be opened.
    pub fn open(options: &ModelOptions, tokens: usize) -> Result<Self, ModelError> {
        let (first, _) = load::preflight(&options.path)?;
        if let Some(adapter) = &options.adapter {
            weights::preflight(adapter)?;
        }
        load::backend();
        let raw = Raw::open(&first, tokens, options)?;
        let (vocabulary, layers, width) = raw.sizes();
        Ok(Self {
            raw,
            path: first,
            tokens,
            vocabulary,
            layers,
            width,
        })
    }

    /// Number of layers.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// Numbers in a hidden state.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Reads a sequence, and says what stood at these positions of it, in increasing order; inputs of `ffn_down` of these layers.
    ///
    /// # Errors
    /// A sequence that is empty, too long or of another vocabulary; a model whose layers have no `ffn_down` (experts have several), or whose last norm is no RMS norm;
    /// failures of llama.cpp.
    pub fn run(
        &mut self,
        tokens: &[u32],
        positions: &[usize],
        layers: &[usize],
    ) -> Result<Activations, ModelError> {
        let known = |t: &u32| (*t as usize) < self.vocabulary;
        if tokens.is_empty() || tokens.len() > self.tokens || !tokens.iter().all(known) {
            return Err(ModelError::BadRequest(format!(
                "a sequence of {} tokens, where 1 to {} of the model's vocabulary can be looked at",
                tokens.len(),
                self.tokens
            )));
        }
        self.raw.seen.wanted = layers.to_vec();
        self.raw.seen.inputs.clear();
        self.raw.seen.hidden = Rows::default();
        self.raw.decode(tokens)?;
        let seen = &self.raw.seen;
        let lacking = |what: &str| ModelError::Unsupported {
            path: self.path.clone(),
            what: what.to_owned(),
        };
        let pick = |rows: &Rows| -> Option<Vec<Vec<f32>>> {
            positions.iter().map(|p| rows.row(*p)).collect()
        };
        let mut inputs = BTreeMap::new();
        for layer in layers {
            let rows = seen.inputs.get(layer).and_then(pick);
            let missing = || {
                lacking(
                    "a feed-forward output matrix in every layer (mixtures of experts have several)",
                )
            };
            inputs.insert(*layer, rows.ok_or_else(missing)?);
        }
        let hidden = pick(&seen.hidden).filter(|_| seen.norm.is_some());
        Ok(Activations {
            inputs,
            hidden: hidden.ok_or_else(|| lacking("an RMS norm before its output"))?,
        })
    }

    /// Logits of the next token at a position of the sequence that was read last; `None` where it has no such position.
    pub fn logits(&self, position: usize) -> Option<Vec<f32>> {
        self.raw.logits(position, self.vocabulary)
    }

    /// How hidden states become the logits of some tokens. Known after the first [`Probe::run`].
    ///
    /// # Errors
    /// A model that keeps its output matrix in a form that cannot be read.
    pub fn head(&self, tokens: impl IntoIterator<Item = u32>) -> Result<Head, ModelError> {
        let lacking = || ModelError::Unsupported {
            path: self.path.clone(),
            what: "an output matrix that can be read".into(),
        };
        let norm = self.raw.seen.norm.clone().ok_or_else(lacking)?;
        let row = |t: u32| Some((t, self.raw.output_row(t, self.width)?));
        let rows = tokens.into_iter().map(row).collect::<Option<_>>();
        Ok(Head {
            norm,
            rows: rows.ok_or_else(lacking)?,
        })
    }
}

/// Rows of numbers that were copied out of a tensor.
#[derive(Debug, Default)]
struct Rows {
    width: usize,
    values: Vec<f32>,
}

impl Rows {
    fn row(&self, i: usize) -> Option<Vec<f32>> {
        let row = self.values.chunks_exact(self.width.max(1)).nth(i);
        row.map(<[f32]>::to_vec)
    }
}

/// What the callback fills.
#[derive(Debug, Default)]
struct Seen {
    /// Numbers in a hidden state.
    width: i64,
    /// Layers whose inputs are copied.
    wanted: Vec<usize>,
    inputs: BTreeMap<usize, Rows>,
    /// What the last layer leaves: of all sums that are as wide as a hidden state, the last. The norm that reads it may write its result in its place.
    hidden: Rows,
    norm: Option<Vec<f32>>,
    /// The output matrix, which lives as long as the model.
    output: Option<NonNull<sys::ggml_tensor>>,
}

/// What is to be copied at a step of the computation.
enum Look {
    /// The input of this layer's `ffn_down`.
    Input(usize),
    /// A sum that may be the last hidden state.
    Hidden,
    /// The weights of the last norm.
    Norm,
    Output,
}

impl Seen {
    /// What a step is, by what it multiplies, and by how wide what it makes is.
    fn look(&self, op: sys::ggml_op, wide: i64, sources: [Option<String>; 2]) -> Option<Look> {
        let [first, second] = sources.map(Option::unwrap_or_default);
        match op {
            sys::GGML_OP_MUL_MAT => {
                if matches!(first.as_str(), "output.weight" | "token_embd.weight") {
                    return Some(Look::Output);
                }
                let layer = first
                    .strip_prefix("blk.")?
                    .strip_suffix(".ffn_down.weight")?;
                let layer = layer.parse().ok()?;
                self.wanted.contains(&layer).then_some(Look::Input(layer))
            }
            sys::GGML_OP_ADD if wide == self.width => Some(Look::Hidden),
            sys::GGML_OP_MUL if second == "output_norm.weight" && self.norm.is_none() => {
                Some(Look::Norm)
            }
            _ => None,
        }
    }
}

/// llama.cpp's model, adapter and context, and what the callback fills. Freed together.
struct Raw {
    model: *mut sys::llama_model,
    context: *mut sys::llama_context,
    seen: Box<Seen>,
}

#[expect(unsafe_code, reason = "the safe crate has no evaluation callback")]
mod raw {
    use super::{
        CString, Look, ModelError, ModelOptions, NonNull, Path, Raw, Rows, Seen, c_void, llama_log,
        sys,
    };

    // SAFETY: llama.cpp's model and context are bound to no thread; `Raw` owns them, and `&mut` is needed for whatever changes them.
    unsafe impl Send for Raw {}

    impl Raw {
        pub(super) fn open(
            path: &Path,
            tokens: usize,
            options: &ModelOptions,
        ) -> Result<Raw, ModelError> {
            let adapter = options.adapter.as_deref();
            let name = |path: &Path| {
                let text = path.to_str().map(CString::new);
                let bad = || ModelError::PathNotUtf8 { path: path.into() };
                text.and_then(Result::ok).ok_or_else(bad)
            };
            let (file, adapter_file) = (name(path)?, adapter.map(name).transpose()?);
            let mut raw = Raw {
                model: std::ptr::null_mut(),
                context: std::ptr::null_mut(),
                seen: Box::default(),
            };
            let tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
            // SAFETY: names are C strings that outlive the calls; parameters are llama.cpp's own, with plain values set; pointers are checked before they are used, and
            // freed in `drop`. What the callback gets is behind a box that lives as long as the context.
            let (failed, log) = llama_log::with_errors(|| unsafe {
                let mut how = sys::llama_model_default_params();
                how.n_gpu_layers = 0;
                // Weights stay as they are in the file, so that they can be read.
                how.use_extra_bufts = false;
                raw.model = sys::llama_model_load_from_file(file.as_ptr(), how);
                if raw.model.is_null() {
                    return Some(path);
                }
                raw.seen.width = i64::from(sys::llama_model_n_embd(raw.model));
                let mut how = sys::llama_context_default_params();
                (how.n_ctx, how.n_batch, how.n_ubatch) = (tokens, tokens, tokens);
                how.n_seq_max = 1;
                let threads = options.threads(sys::llama_model_n_params(raw.model));
                (how.n_threads, how.n_threads_batch) = (threads, threads);
                how.flash_attn_type = sys::LLAMA_FLASH_ATTN_TYPE_DISABLED;
                how.no_perf = true;
                how.cb_eval = Some(callback);
                how.cb_eval_user_data = (&raw mut *raw.seen).cast::<c_void>();
                raw.context = sys::llama_init_from_model(raw.model, how);
                if raw.context.is_null() {
                    return Some(path);
                }
                if let (Some(file), Some(path)) = (&adapter_file, adapter) {
                    let mut adapter = sys::llama_adapter_lora_init(raw.model, file.as_ptr());
                    let mut scale = 1.0;
                    if adapter.is_null()
                        || sys::llama_set_adapters_lora(
                            raw.context,
                            &raw mut adapter,
                            1,
                            &raw mut scale,
                        ) != 0
                    {
                        return Some(path);
                    }
                }
                None
            });
            match failed {
                None => Ok(raw),
                Some(path) => Err(ModelError::Load {
                    path: path.into(),
                    reason: log
                        .first()
                        .cloned()
                        .unwrap_or_else(|| "it cannot be loaded".into()),
                }),
            }
        }

        /// Tokens, layers, width.
        pub(super) fn sizes(&self) -> (usize, usize, usize) {
            // SAFETY: the model is there.
            let all = unsafe {
                [
                    sys::llama_vocab_n_tokens(sys::llama_model_get_vocab(self.model)),
                    sys::llama_model_n_layer(self.model),
                    sys::llama_model_n_embd(self.model),
                ]
            };
            let [tokens, layers, width] = all.map(|n| usize::try_from(n).unwrap_or(0));
            (tokens, layers, width)
        }

        /// Evaluates a sequence from its beginning. Its tokens are known and fit.
        pub(super) fn decode(&mut self, tokens: &[u32]) -> Result<(), ModelError> {
            let mut ids: Vec<i32> = tokens.iter().map(|t| *t as i32).collect();
            let mut places: Vec<i32> = (0..ids.len()).map(|i| i as i32).collect();
            let mut counts = vec![1i32; ids.len()];
            let mut sequence = [0i32];
            let mut sequences = vec![sequence.as_mut_ptr(); ids.len()];
            let mut logits = vec![1i8; ids.len()];
            // SAFETY: all arrays have as many elements as the batch says and live until the call returns, which reads them only.
            let code = unsafe {
                sys::llama_memory_clear(sys::llama_get_memory(self.context), true);
                let batch = sys::llama_batch {
                    n_tokens: ids.len() as i32,
                    token: ids.as_mut_ptr(),
                    embd: std::ptr::null_mut(),
                    pos: places.as_mut_ptr(),
                    n_seq_id: counts.as_mut_ptr(),
                    seq_id: sequences.as_mut_ptr(),
                    logits: logits.as_mut_ptr(),
                };
                sys::llama_decode(self.context, batch)
            };
            match code {
                0 => Ok(()),
                code => Err(ModelError::Decode {
                    position: 0,
                    reason: format!("llama.cpp says {code}"),
                }),
            }
        }

        pub(super) fn logits(&self, position: usize, vocabulary: usize) -> Option<Vec<f32>> {
            // SAFETY: llama.cpp gives null or a row as long as the vocabulary, which stays until the next evaluation.
            unsafe {
                let row = sys::llama_get_logits_ith(self.context, i32::try_from(position).ok()?);
                (!row.is_null()).then(|| std::slice::from_raw_parts(row, vocabulary).to_vec())
            }
        }

        /// A row of the output matrix, as numbers.
        pub(super) fn output_row(&self, token: u32, width: usize) -> Option<Vec<f32>> {
            // SAFETY: the tensor belongs to the model, which is there, and its rows are checked: as many as the token needs, as wide as the vector.
            unsafe {
                let tensor = self.seen.output?.as_ref();
                let rows = u32::try_from(tensor.ne[1]).ok()?;
                let wide = usize::try_from(tensor.ne[0]).ok()?;
                if token >= rows || wide != width || !sys::ggml_is_contiguous(tensor) {
                    return None;
                }
                let size = sys::ggml_row_size(tensor.type_, tensor.ne[0]);
                let mut bytes = vec![0u8; size];
                sys::ggml_backend_tensor_get(
                    tensor,
                    bytes.as_mut_ptr().cast(),
                    size * token as usize,
                    size,
                );
                if tensor.type_ == sys::GGML_TYPE_F32 {
                    return Some(numbers(&bytes));
                }
                let convert = (*sys::ggml_get_type_traits(tensor.type_)).to_float?;
                let mut row = vec![0f32; width];
                convert(bytes.as_ptr().cast(), row.as_mut_ptr(), tensor.ne[0]);
                Some(row)
            }
        }
    }

    impl Drop for Raw {
        fn drop(&mut self) {
            // SAFETY: both are null or made by llama.cpp, the context before the model that it uses; an adapter is freed with its model.
            unsafe {
                if !self.context.is_null() {
                    sys::llama_free(self.context);
                }
                if !self.model.is_null() {
                    sys::llama_model_free(self.model);
                }
            }
        }
    }

    /// llama.cpp asks first (`ask`) whether a step is to be seen, and calls again when it was computed; to answer no then ends the evaluation.
    unsafe extern "C" fn callback(
        step: *mut sys::ggml_tensor,
        ask: bool,
        seen: *mut c_void,
    ) -> bool {
        // SAFETY: llama.cpp passes a tensor of its graph, and the pointer that it was given, whose box nobody else uses during an evaluation.
        let (step, seen) = unsafe { (&*step, &mut *seen.cast::<Seen>()) };
        // SAFETY: sources are null or tensors of the same graph.
        let sources = [0, 1].map(|i| unsafe { step.src[i].as_ref() });
        let look = seen.look(step.op, step.ne[0], sources.map(|s| s.map(name)));
        let (Some(look), [Some(first), second]) = (look, sources) else {
            return !ask;
        };
        if ask {
            return true;
        }
        match (look, second) {
            (Look::Input(layer), Some(input)) => _ = seen.inputs.insert(layer, rows(input)),
            (Look::Hidden, _) => seen.hidden = rows(step),
            (Look::Norm, Some(weights)) => seen.norm = Some(rows(weights).values),
            (Look::Output, _) => seen.output = Some(NonNull::from(first)),
            _ => {}
        }
        true
    }

    fn name(tensor: &sys::ggml_tensor) -> String {
        let bytes = tensor.name.iter().take_while(|c| **c != 0);
        bytes.map(|c| char::from(*c as u8)).collect()
    }

    /// The rows of a tensor of 32-bit floats; empty for any other.
    fn rows(tensor: &sys::ggml_tensor) -> Rows {
        let whole = |n: i64| usize::try_from(n).unwrap_or(0);
        let (width, count) = (whole(tensor.ne[0]), whole(tensor.ne[1]));
        // SAFETY: the tensor was computed, and its shape is looked at: two dimensions of 32-bit floats, each row in one piece. Bytes are copied by ggml.
        unsafe {
            if tensor.type_ != sys::GGML_TYPE_F32
                || tensor.ne[2] != 1
                || tensor.ne[3] != 1
                || !sys::ggml_is_contiguous(tensor)
            {
                return Rows::default();
            }
            let mut bytes = vec![0u8; width * count * 4];
            sys::ggml_backend_tensor_get(tensor, bytes.as_mut_ptr().cast(), 0, bytes.len());
            Rows {
                width,
                values: numbers(&bytes),
            }
        }
    }

    fn numbers(bytes: &[u8]) -> Vec<f32> {
        let (all, _) = bytes.as_chunks::<4>();
        all.iter().map(|b| f32::from_ne_bytes(*b)).collect()
    }
}
