//! What the subcommands share: options, log, output, and finding the bundle.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, StdoutLock, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, OnceLock, PoisonError};

use anyhow::{Context, Result};
use clap::ValueEnum;

use super::loading::Loading;
use crate::bundle::Bundle;
use crate::run::encoder::encoder;
use crate::run::hashes;
use crate::say;
use crate::shipped;
use rotescope_corpus::{Corpus, CorpusError, CorpusInfo, checksums};
use rotescope_model::{CancelToken, Engine, ModelOptions, cores};
pub use rotescope_text::number::grouped;
use rotescope_text::sanitize;
use rotescope_trace::{FileRef, IndexRef, ModelRef};
use rotescope_vocab::gguf::parts;
use rotescope_vocab::hash;

/// Options that every subcommand takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// When to color output
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub color: ColorChoice,
    /// Write a log to this file (what goes into it: environment variable ROTESCOPE_LOG, default "info")
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Settings, and no others; $XDG_CONFIG_HOME/rotescope/config.toml, and rotescope.toml beside the first file that is given, if not given
    #[arg(long, global = true, env = "ROTESCOPE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Settings under this name go before the others: [profile.NAME] in a file of settings
    #[arg(long, global = true, env = "ROTESCOPE_PROFILE", value_name = "NAME")]
    pub profile: Option<String>,
    /// Say progress as JSON on standard error, a line about every second and one at the end of each part of the work
    #[arg(long, global = true)]
    pub json_progress: bool,
    /// What the files of settings say.
    #[arg(skip)]
    pub settings: super::settings::Settings,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    /// Whether to write colors; `piped`: what `auto` means where standard output is no terminal.
    pub fn wanted(self, piped: bool) -> bool {
        match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) => {
                false
            }
            ColorChoice::Auto => piped || std::io::stdout().is_terminal(),
        }
    }
}

/// Which model, which index, on what hardware.
#[derive(Debug, Clone, clap::Args)]
pub struct ModelArgs {
    /// The model (GGUF; of one in several files any of them, or a pattern such as 'M-*.gguf'); the bundled one if not given
    #[arg(short, long, env = "ROTESCOPE_MODEL", value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// The index of the corpus: a folder, infinigram:URL#INDEX, opensearch:URL/INDEX, or a name of the settings; with the bundled model, the bundled corpus. Given
    /// several times, counts are summed
    #[arg(short, long, env = "ROTESCOPE_INDEX", value_name = "DIR")]
    pub index: Vec<PathBuf>,
    /// A LoRA adapter (GGUF) that changes the model, such as `pii edit` writes
    #[arg(long, env = "ROTESCOPE_ADAPTER", value_name = "FILE")]
    pub adapter: Option<PathBuf>,
    /// At most so many threads of the model; one, and one more for every 8 million weights, if not given. Never more than
    /// there are cores, and fewer while other programs keep cores busy
    #[arg(long, value_name = "N", value_parser = threads)]
    pub threads: Option<usize>,
    /// Context length in tokens; what the model was trained for, at most 4096, if not given
    #[arg(long, value_name = "N")]
    pub context: Option<usize>,
    /// Layers on the accelerator, where rotescope was built with one; all if not given
    #[arg(long, value_name = "N")]
    pub gpu_layers: Option<u32>,
    #[command(flatten)]
    pub remote: super::remote::RemoteArgs,
}

impl Default for ModelArgs {
    /// The bundle, as it comes.
    fn default() -> Self {
        ModelArgs {
            model: None,
            index: Vec::new(),
            adapter: None,
            threads: None,
            context: None,
            gpu_layers: None,
            remote: super::remote::RemoteArgs::default(),
        }
    }
}

impl ModelArgs {
    /// Path of the model.
    pub fn model_path(&self) -> Result<PathBuf> {
        match &self.model {
            Some(path) => Ok(path.clone()),
            None => Ok(shipped::bundle()
                .and_then(|b| b.model())
                .context("the bundled model, for no other was given with --model FILE.gguf")?),
        }
    }

    /// The bundle, where its model is the one: none other was given.
    pub fn bundle(&self) -> Result<Option<Bundle>> {
        match (&self.model, shipped::bundle()) {
            (None, bundle) => Ok(Some(bundle?)),
            (Some(path), Ok(bundle)) => Ok(Some(bundle).filter(|b| b.is_model(path))),
            (Some(_), Err(_)) => Ok(None), // another model does without
        }
    }

    /// What is read of it, as far as it can be said: the files and folders.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut index = self.index.clone();
        if index.is_empty() {
            index.extend(shipped::bundle().ok().map(|b| b.index()));
        }
        let model = self.model_path().ok();
        let model = model.map_or(Vec::new(), |m| parts(&m).unwrap_or(vec![m]));
        let adapter = self.adapter.clone();
        model.into_iter().chain(adapter).chain(index).collect()
    }

    /// Loads the model on its thread.
    pub fn load_model(&self) -> Result<Engine> {
        self.load_one_of(1, (1, true))
    }

    /// Loads one of several copies of the model that compute at the same time, each for so many completions at a time; `exact`: as
    /// [`ModelOptions::exact`].
    pub fn load_one_of(&self, copies: usize, (sequences, exact): (usize, bool)) -> Result<Engine> {
        let mut options = ModelOptions::new(self.model_path()?);
        options.adapter = self.adapter.clone();
        options.side_by_side = copies;
        (options.sequences, options.exact) = (sequences, exact);
        options.threads = self.threads;
        options.context = self.context;
        options.gpu_layers = self.gpu_layers;
        let files = parts(&options.path).unwrap_or_default();
        let sizes = files.iter().filter_map(|p| p.metadata().ok());
        let bytes = sizes.map(|m| m.len()).sum();
        let mut loading = Loading::new("MB of the model loaded", bytes);
        let told = move |share| {
            loading.reach(f64::from(share));
            ControlFlow::Continue(())
        };
        Ok(Engine::load(options, told)?)
    }

    /// Reference to a loaded model, for a trace.
    pub fn model_ref(&self, engine: &Engine) -> Result<ModelRef> {
        let info = engine.info();
        let encoder = encoder(Some(&info.path), None)?;
        let mut loading = Loading::new("MB of the model read for its hash", info.bytes);
        let whole = info.bytes.max(1) as f64;
        let sha256 = hashes::sha256_told(&info.path, &mut |n| loading.reach(n as f64 / whole));
        Ok(ModelRef {
            file: info.file.clone(),
            sha256: sha256.with_context(|| info.path.display().to_string())?,
            architecture: info.architecture.clone(),
            quantization: info
                .quantization
                .clone()
                .unwrap_or_else(|| "unknown".into()),
            parameters: info.parameters,
            tokenizer: encoder.fingerprint().to_string(),
            adapter: self.adapter.as_deref().map(file_ref).transpose()?,
        })
    }
}

/// Threads as they are asked for. More than there are cores would wait for each other without end.
fn threads(asked: &str) -> Result<usize, String> {
    match asked.parse() {
        Ok(0) | Err(_) => Err("give a whole number, at least 1".into()),
        Ok(n) if n > cores() => {
            // The command line is looked at more than once.
            static SAID: Once = Once::new();
            let cores = cores();
            SAID.call_once(|| {
                say!("note: {n} threads are more than this machine's cores; {cores} are taken");
            });
            Ok(cores)
        }
        Ok(n) => Ok(n),
    }
}

/// Refuses a corpus that was encoded with another tokenizer than the model's: its counts would be of other tokens.
pub fn check_tokenizer(model: &ModelRef, corpus: &dyn Corpus) -> Result<(), CorpusError> {
    corpus
        .info()
        .expect_tokenizer(&model.tokenizer, &model.file)
}

/// Reference to a corpus, for a trace.
pub fn index_ref(corpus: &dyn Corpus) -> IndexRef {
    let parts = corpus.parts().into_iter().map(|p| reference(p, Vec::new()));
    reference(corpus.info(), parts.collect())
}

fn reference(info: CorpusInfo, parts: Vec<IndexRef>) -> IndexRef {
    IndexRef {
        counts: rests_on(&info),
        id: info.name,
        tokens: info.tokens,
        documents: info.documents,
        fingerprint: info.fingerprint,
        parts,
    }
}

/// What its counts rest on, where that is not plain, and those of words that occur together, where they rest on something else.
fn rests_on(info: &CorpusInfo) -> Option<String> {
    let (counts, together) = (info.basis, info.cooccurrence);
    if together != counts && !together.is_exact_occurrences() {
        return Some(format!("{counts}; together: {together}"));
    }
    (!counts.is_exact_occurrences()).then(|| counts.to_string())
}

/// Name and hash of a file.
pub fn file_ref(path: &Path) -> Result<FileRef> {
    let (_, sha256) = hash::of_file(path).with_context(|| path.display().to_string())?;
    let name = path.file_name().unwrap_or_default();
    Ok(FileRef {
        file: name.to_string_lossy().into_owned(),
        sha256,
    })
}

/// Standard output: the one way to it.
pub fn stdout() -> Printed {
    Printed(std::io::stdout().lock())
}

/// Standard output, which remembers that its reader went away ([`reader_is_gone`]).
#[derive(Debug)]
pub struct Printed(StdoutLock<'static>);

static READER_GONE: AtomicBool = AtomicBool::new(false);

impl Printed {
    fn noted<T>(done: io::Result<T>) -> io::Result<T> {
        if matches!(&done, Err(e) if e.kind() == io::ErrorKind::BrokenPipe) {
            READER_GONE.store(true, Ordering::Relaxed);
        }
        done
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::noted(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::noted(self.0.flush())
    }
}

/// Whether the reader of standard output went away (`rotescope ... | head`): that ends a command, and is no failure. A pipe that an option names
/// is another matter, whatever its error looks like.
pub fn reader_is_gone() -> bool {
    READER_GONE.load(Ordering::Relaxed)
}

/// Writes to standard output, byte for byte: records, scripts, text that is safe already.
pub fn print(text: &str) -> Result<()> {
    let mut out = stdout();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes text for people to standard output, with what could steer a terminal made visible.
pub fn show(text: &str) -> Result<()> {
    print(&sanitize::block(text))
}

/// What is to be said of an index in a folder without checksums: its answers are not checked.
pub fn unchecked(folder: &Path) -> Option<String> {
    let lacks = folder.is_dir() && !folder.join(checksums::FILE).exists();
    lacks.then(|| {
        format!(
            "{}: made by an older version, without checksums: damage to its files may go unnoticed; build it again (rotescope index build --force)",
            folder.display()
        )
    })
}

/// Says so on standard error, once a run for each folder.
pub fn say_unchecked(folder: &Path) {
    static SAID: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    if let Some(note) = unchecked(folder) {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        if said.insert(folder.to_path_buf()) {
            say!("{note}");
        }
    }
}

/// What is set by Ctrl-C and its like, the same for the whole program; from the first call on they stop it no other way.
///
/// # Errors
/// No handler can be set.
pub fn cancel_on_signal() -> Result<CancelToken> {
    static SIGNALLED: OnceLock<CancelToken> = OnceLock::new();
    if let Some(known) = SIGNALLED.get() {
        return Ok(known.clone());
    }
    let cancel = SIGNALLED.get_or_init(CancelToken::new).clone();
    let on_signal = cancel.clone();
    ctrlc::set_handler(move || on_signal.cancel()).context(
        "the thread that hears Ctrl-C cannot be started: let the program have more memory (ulimit -v)",
    )?;
    Ok(cancel)
}

/// An error with its causes in one line. Some errors say their cause themselves, and some causes say what they are the cause of: nothing is said twice.
pub fn message(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        let told = cause.strip_prefix(&line);
        if line.is_empty() || told.is_some_and(|rest| rest.starts_with(": ")) {
            line = cause;
        } else if !line.ends_with(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::{About, Basis, Counted, Documents, MemoryCorpus};
    use rotescope_corpus::{AnswerPart, NgramCounts, Quality, WordCounts};

    #[test]
    fn a_cause_is_said_once() {
        let file = rotescope_trace::files::read(&["/no/such/file"]).next();
        let error = anyhow::Error::new(file.unwrap().unwrap_err()).context("reading traces");
        let said = message(&error);
        assert_eq!(
            said,
            "reading traces: /no/such/file: No such file or directory (os error 2)"
        );
        let error = anyhow::anyhow!("inner").context("outer");
        assert_eq!(message(&error), "outer: inner");
        let error = anyhow::anyhow!("x.json: no space").context("x.json");
        assert_eq!(message(&error), "x.json: no space");
    }

    /// A corpus of documents that cannot be counted whole.
    struct Sampled;

    impl About for Sampled {
        fn info(&self) -> CorpusInfo {
            let basis = Basis {
                quality: Quality::Approximate {
                    from: 3,
                    of: AnswerPart::Shards,
                },
                counted: Counted::Documents,
                retokenized: false,
            };
            CorpusInfo {
                documents: None,
                basis,
                ..MemoryCorpus::of_tokens("sampled", vec![vec![1, 2]]).info()
            }
        }
    }

    impl NgramCounts for Sampled {}
    impl WordCounts for Sampled {}
    impl Documents for Sampled {}

    #[test]
    fn a_reference_says_what_counts_rest_on_where_it_is_not_plain() {
        let several: Vec<std::sync::Arc<dyn Corpus>> = vec![
            std::sync::Arc::new(MemoryCorpus::of_tokens("m", vec![vec![1, 2]])),
            std::sync::Arc::new(MemoryCorpus::of_tokens("n", vec![vec![1], vec![3]])),
        ];
        let several = index_ref(&rotescope_corpus::Several::new(several).unwrap());
        assert_eq!((several.id.as_str(), several.tokens), ("m + n", 4));
        let parts = several.parts.iter().map(|p| (p.id.as_str(), p.documents));
        assert_eq!(parts.collect::<Vec<_>>(), [("m", Some(1)), ("n", Some(2))]);
        let written = serde_json::to_string(&several).unwrap();
        let read: IndexRef = serde_json::from_str(&written).unwrap();
        assert_eq!(read, several);

        let exact = index_ref(&MemoryCorpus::of_tokens("m", vec![vec![1, 2]]));
        let line = format!(
            r#"{{"id":"m","tokens":2,"documents":1,"fingerprint":"{}"}}"#,
            exact.fingerprint
        );
        assert_eq!(serde_json::to_string(&exact).unwrap(), line);
        assert_eq!(serde_json::from_str::<IndexRef>(&line).unwrap(), exact);

        let sampled = index_ref(&Sampled);
        let written = serde_json::to_value(&sampled).unwrap();
        assert_eq!(written["counts"], "documents, approximate, from 3 shards");
        assert_eq!(written.get("documents"), None);
        assert_eq!(
            serde_json::from_value::<IndexRef>(written).unwrap(),
            sampled
        );
    }

    #[test]
    fn another_tokenizer_is_refused_by_the_name_of_the_corpus() {
        let corpus = MemoryCorpus::of_tokens("m", Vec::new());
        let model = |tokenizer: &str| ModelRef {
            file: "other.gguf".into(),
            tokenizer: tokenizer.into(),
            ..ModelRef::default()
        };
        check_tokenizer(&model(""), &corpus).unwrap();
        let error = check_tokenizer(&model("f00"), &corpus)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("m: "), "{error}");
        assert!(error.contains("other.gguf, fingerprint f00"), "{error}");
    }

    #[test]
    fn kinds_of_corpora_that_are_not_known_are_refused_by_name() {
        let parts = ModelArgs {
            index: vec!["quickwit:https://localhost:9200/dolma".into()],
            ..ModelArgs::default()
        };
        let error = parts.open_index().err().expect("an error").to_string();
        assert!(error.contains("`quickwit:`"), "{error}");
    }

    #[test]
    fn threads_are_at_least_one_and_at_most_the_cores() {
        assert_eq!(threads("1"), Ok(1));
        assert_eq!(threads(&cores().to_string()), Ok(cores()));
        assert_eq!(threads(&(cores() + 1).to_string()), Ok(cores()));
        for wrong in ["0", "-1", "", "two", "1.5"] {
            assert!(threads(wrong).is_err(), "{wrong:?}");
        }
    }
}
