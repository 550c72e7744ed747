//! Opening a model file: checks first, since llama.cpp's own messages go to its log and some damage ends the process.

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;

use super::error::ModelError;
use super::llama_log;
use rotescope_vocab::gguf::{GgufError, parts};

/// llama.cpp's global state: made once, with its log routed away from the screen, and kept to the end of the process.
pub(super) fn backend() -> &'static LlamaBackend {
    static BACKEND: OnceLock<LlamaBackend> = OnceLock::new();
    BACKEND.get_or_init(|| {
        llama_log::route();
        match LlamaBackend::init() {
            Ok(backend) => backend,
            // `init` fails only on a second call, and no other place calls it.
            Err(e) => unreachable!("llama.cpp's backend: {e}"),
        }
    })
}

/// Checks what can be checked without llama.cpp: the file exists, is a plain file, and begins like a GGUF file; of a model in several files, each of
/// them. Returns the file that llama.cpp is to open, the first.
pub(super) fn preflight(path: &Path) -> Result<(PathBuf, Head), ModelError> {
    let mut files = parts(path).map_err(|e| match e {
        GgufError::Io { path, source } => ModelError::Unreadable {
            path,
            reason: source.to_string(),
        },
        e => ModelError::Parts(e.to_string()),
    })?;
    let mut whole = Head {
        bytes: 0,
        tensors: 0,
    };
    for file in &files {
        let head = look(file)?;
        whole.bytes += head.bytes;
        whole.tensors += head.tensors;
    }
    Ok((files.swap_remove(0), whole))
}

/// Checks one file.
fn look(path: &Path) -> Result<Head, ModelError> {
    let at = || path.to_path_buf();
    let unreadable = |e: std::io::Error| ModelError::Unreadable {
        path: at(),
        reason: e.to_string(),
    };
    let meta = std::fs::metadata(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => ModelError::Missing { path: at() },
        _ => unreadable(e),
    })?;
    if !meta.is_file() {
        let what = if meta.is_dir() {
            "folder"
        } else {
            "device or pipe"
        };
        return Err(ModelError::NotAFile { path: at(), what });
    }
    if path.to_str().is_none() {
        return Err(ModelError::PathNotUtf8 { path: at() });
    }
    let bytes = meta.len();
    if bytes == 0 {
        return Err(ModelError::Empty { path: at() });
    }
    let mut head = Vec::new();
    File::open(path)
        .and_then(|f| f.take(24).read_to_end(&mut head))
        .map_err(unreadable)?;
    if !head.starts_with(b"GGUF") {
        let begins = format!("{:?}", String::from_utf8_lossy(&head[..head.len().min(4)]));
        return Err(ModelError::NotGguf { path: at(), begins });
    }
    let Some(tensors) = head.get(8..16).and_then(|b| b.try_into().ok()) else {
        let reason = "it ends within its header".to_owned();
        return Err(ModelError::Truncated {
            path: at(),
            bytes,
            reason,
        });
    };
    Ok(Head {
        bytes,
        tensors: u64::from_le_bytes(tensors),
    })
}

/// What [`preflight`] saw.
pub(super) struct Head {
    /// Size of the file, or of all of them.
    pub(super) bytes: u64,
    /// Number of tensors; 0 for a file that holds a vocabulary only.
    pub(super) tensors: u64,
}

/// Opens the file with llama.cpp. `on_progress` gets the share that is loaded (0 to 1) and may stop the loading.
pub(super) fn open(
    path: &Path,
    vocabulary_only: bool,
    gpu_layers: Option<u32>,
    mut on_progress: impl FnMut(f32) -> ControlFlow<()> + 'static,
) -> Result<LlamaModel, ModelError> {
    let (path, head) = preflight(path)?;
    let path = path.as_path();
    let backend = backend();
    let stopped = std::rc::Rc::new(std::cell::Cell::new(false));
    let note = stopped.clone();
    let mut params = LlamaModelParams::default()
        .with_vocab_only(vocabulary_only)
        .with_progress_callback(move |share| {
            let go_on = on_progress(share).is_continue();
            note.set(!go_on);
            go_on
        });
    if let Some(layers) = gpu_layers {
        params = params.with_n_gpu_layers(layers);
    }
    let (loaded, log) =
        llama_log::with_errors(|| LlamaModel::load_from_file(backend, path, &params));
    let model = loaded.map_err(|e| match stopped.get() {
        true => ModelError::LoadStopped,
        false => explain(path, &head, &log, &e.to_string()),
    })?;
    // Without a vocabulary llama.cpp ends the process as soon as a text or a token is asked for.
    match model.meta_val_str("tokenizer.ggml.model").as_deref() {
        Err(_) | Ok("none" | "no_vocab") => Err(ModelError::NoVocabulary {
            path: path.to_path_buf(),
        }),
        Ok(_) => Ok(model),
    }
}

/// Turns llama.cpp's log lines into one of our errors.
fn explain(path: &Path, head: &Head, log: &[String], otherwise: &str) -> ModelError {
    let path = path.to_path_buf();
    let reason = log
        .iter()
        .find(|line| line.contains("error loading model"))
        .or(log.first())
        .map_or(otherwise, |line| {
            line.trim_start_matches("error loading model: ")
        })
        .to_owned();
    let all = log.join("\n");
    if let Some((_, rest)) = all.split_once("unknown model architecture: '") {
        let architecture = rest.split('\'').next().unwrap_or_default().to_owned();
        return ModelError::UnsupportedArchitecture { path, architecture };
    }
    if all.contains("invalid split file") {
        let why = "is one of several files of a model, but its name does not say so: name them NAME-00001-of-00003.gguf and so on, or join them with llama.cpp's gguf-split --merge";
        return ModelError::Parts(format!("{} {why}", path.display()));
    }
    if head.tensors == 0 {
        return ModelError::VocabularyOnly { path };
    }
    let cut = [
        "not within the file bounds",
        "failed to read",
        "failed to load model from",
        "unexpectedly reached end",
    ];
    if cut.iter().any(|sign| all.contains(sign)) {
        return ModelError::Truncated {
            path,
            bytes: head.bytes,
            reason,
        };
    }
    ModelError::Load { path, reason }
}

/// Bytes that new allocations can have without swapping, as Linux estimates it; `None` elsewhere.
pub(super) fn available_memory() -> Option<u64> {
    parse_available(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

fn parse_available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|l| l.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// An error if `needed` bytes exceed what is free. Says nothing where the system does not tell.
pub(super) fn check_memory(path: &Path, what: &'static str, needed: u64) -> Result<(), ModelError> {
    match available_memory() {
        Some(available) if needed > available => Err(ModelError::Memory {
            path: path.to_path_buf(),
            what,
            needed,
            available,
        }),
        _ => Ok(()),
    }
}

/// Bytes of a cache of `tokens` tokens in 16-bit floats: keys and values of every layer. An upper estimate for models
/// with sliding windows or recurrent layers.
pub(super) fn cache_bytes(model: &LlamaModel, tokens: u64) -> u64 {
    let arch = model
        .meta_val_str("general.architecture")
        .unwrap_or_default();
    let meta = |key: &str| {
        model
            .meta_val_str(&format!("{arch}.attention.{key}"))
            .ok()?
            .parse::<u64>()
            .ok()
    };
    let heads = u64::from(model.n_head().max(1));
    let width = u64::try_from(model.n_embd()).unwrap_or(0) / heads;
    let per_head = meta("key_length").unwrap_or(width) + meta("value_length").unwrap_or(width);
    2 * tokens * u64::from(model.n_layer()) * u64::from(model.n_head_kv()) * per_head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_memory_is_read_in_bytes() {
        let text = "MemTotal:       24000000 kB\nMemFree:  1 kB\nMemAvailable:   21500000 kB\n";
        assert_eq!(parse_available(text), Some(21_500_000 * 1024));
        assert_eq!(parse_available("MemTotal: 3 kB\n"), None);
    }

    /// Only Linux says how much is free; elsewhere nothing is refused.
    #[cfg(target_os = "linux")]
    #[test]
    fn more_memory_than_any_machine_has_is_refused() {
        let error = check_memory(Path::new("m.gguf"), "its weights", u64::MAX).unwrap_err();
        assert!(matches!(error, ModelError::Memory { .. }));
        assert!(check_memory(Path::new("m.gguf"), "its weights", 1).is_ok());
    }

    #[test]
    fn reasons_of_llama_become_errors() {
        let path = Path::new("m.gguf");
        let log = |s: &str| {
            vec![
                format!("error loading model: {s}"),
                "failed to load model".into(),
            ]
        };
        let head = Head {
            bytes: 9,
            tensors: 3,
        };
        assert_eq!(
            explain(
                path,
                &head,
                &log("error loading model architecture: unknown model architecture: 'x'"),
                ""
            ),
            ModelError::UnsupportedArchitecture {
                path: path.into(),
                architecture: "x".into()
            }
        );
        assert!(matches!(
            explain(
                path,
                &head,
                &log("tensor 'a' data is not within the file bounds, model is corrupted"),
                ""
            ),
            ModelError::Truncated { .. }
        ));
        assert_eq!(
            explain(path, &head, &log("bad shape"), ""),
            ModelError::Load {
                path: path.into(),
                reason: "bad shape".into()
            }
        );
        assert_eq!(
            explain(path, &head, &[], "null result"),
            ModelError::Load {
                path: path.into(),
                reason: "null result".into()
            }
        );
    }
}
