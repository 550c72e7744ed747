//! The weights of a model, and an adapter that changes them: low-rank changes of its matrices in a file of their own (LoRA), as llama.cpp loads them.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::{LlamaLoraAdapter, LlamaModel};

use super::error::ModelError;
use super::llama_log;
use rotescope_vocab::gguf::{Gguf, GgufError};

/// A loaded model, with its adapter if it has one.
pub(super) struct Weights {
    model: LlamaModel,
    adapter: Option<Adapter>,
}

struct Adapter {
    /// llama.cpp asks for exclusive use, though contexts only read it.
    loaded: Mutex<LlamaLoraAdapter>,
    path: PathBuf,
}

impl From<LlamaModel> for Weights {
    fn from(model: LlamaModel) -> Self {
        Weights {
            model,
            adapter: None,
        }
    }
}

impl Deref for Weights {
    type Target = LlamaModel;

    fn deref(&self) -> &LlamaModel {
        &self.model
    }
}

impl Weights {
    /// Loads an adapter, which every context has from now on that it is set in.
    ///
    /// # Errors
    /// A file that is none, or an adapter of another architecture or of other shapes.
    pub(super) fn adapt(&mut self, path: &Path) -> Result<(), ModelError> {
        let file = preflight(path)?;
        let own = self.model.meta_val_str("general.architecture");
        let (own, its) = (
            own.unwrap_or_default(),
            file.architecture().unwrap_or_default(),
        );
        if own != its {
            let reason = format!("it is made for the architecture {its}, and the model's is {own}");
            return Err(refused(path, &reason));
        }
        let (loaded, log) = llama_log::with_errors(|| self.model.lora_adapter_init(path));
        let loaded = loaded.map_err(|e| {
            let reason = log.first().cloned().unwrap_or_else(|| e.to_string());
            refused(path, &reason)
        })?;
        self.adapter = Some(Adapter {
            loaded: Mutex::new(loaded),
            path: path.into(),
        });
        Ok(())
    }

    /// Puts the adapter, if there is one, into a context, in full strength.
    ///
    /// # Errors
    /// What llama.cpp refuses.
    pub(super) fn set_adapter(&self, context: &mut LlamaContext<'_>) -> Result<(), ModelError> {
        let Some(adapter) = &self.adapter else {
            return Ok(());
        };
        let mut loaded = adapter
            .loaded
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let set = context.lora_adapter_set(&mut loaded, 1.0);
        set.map_err(|e| refused(&adapter.path, &e.to_string()))
    }
}

/// Checks what can be checked without llama.cpp: a whole GGUF file that says it is an adapter.
pub(super) fn preflight(path: &Path) -> Result<Gguf, ModelError> {
    let damaged = |e: GgufError| ModelError::Adapter(e.to_string());
    if path.exists() && !path.is_file() {
        return Err(refused(path, "it is a folder, a device or a pipe"));
    }
    let file = Gguf::open(path).map_err(damaged)?;
    if file.str("general.type") != Some("adapter") || file.str("adapter.type") != Some("lora") {
        return Err(refused(path, "it is no LoRA adapter, but perhaps a model"));
    }
    file.check_weights().map_err(damaged)?;
    Ok(file)
}

fn refused(path: &Path, reason: &str) -> ModelError {
    ModelError::Adapter(format!("{}: {reason}", path.display()))
}
