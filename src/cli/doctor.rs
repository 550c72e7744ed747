//! `rotescope doctor`: what it finds on this machine, and what is wrong with it.

use std::fmt::Write;
use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Result;

use super::common::{Global, ModelArgs, grouped, message, show};
use super::{remote, report};
use crate::bundle::PREFIX;
use crate::folders;
use crate::run::encoder::encoder;
use crate::shipped;
use crate::themes::THEMES;
use rotescope_model::cores;
use rotescope_text::sanitize;
use rotescope_vocab::gguf;

#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub parts: ModelArgs,
}

/// Looks at everything without loading the model or building an index; the bundled model is unpacked if it is not yet, to see whether it can be.
/// Exit code 1 when something is wrong.
pub fn run(global: &Global, args: DoctorArgs) -> Result<ExitCode> {
    let mut look = Findings::default();
    look.fine(
        "version",
        format!(
            "rotescope {}, {} {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
    );
    bundle(&mut look);
    let tokenizer = model(&mut look, &args.parts);
    index(&mut look, &args.parts, tokenizer.as_deref());
    let terminal = std::io::stdout().is_terminal();
    let term = std::env::var("TERM").unwrap_or_else(|_| "not set".into());
    look.fine(
        "terminal",
        format!(
            "{}, TERM {term}, {} columns",
            if terminal { "yes" } else { "no" },
            report::columns()
        ),
    );
    look.fine(
        "colors",
        format!("{:?}", report::depth(global.color, false)),
    );
    config(&mut look, global);
    let threads = args
        .parts
        .threads
        .map_or_else(|| "as many as pay for the model".into(), |n| n.to_string());
    look.fine("threads", format!("{threads}, of {} cores", cores()));
    look.fine(
        "memory",
        memory().map_or("unknown".into(), |(free, all)| {
            format!("{free:.1} of {all:.1} GiB free")
        }),
    );
    show(&look.text)?;
    Ok(if look.wrong {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

#[derive(Default)]
struct Findings {
    text: String,
    wrong: bool,
}

impl Findings {
    fn fine(&mut self, what: &str, found: String) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "✓ {what:<9} {found}");
    }

    fn wrong(&mut self, what: &str, found: String) {
        self.wrong = true;
        let _ = writeln!(self.text, "✗ {what:<9} {found}");
    }
}

/// Says where the bundle is, and how its prompts are called. Without one another model does.
fn bundle(look: &mut Findings) {
    match shipped::bundle() {
        Ok(bundle) => {
            let names: Vec<&str> = bundle.prompt_names().collect();
            look.fine("bundle", bundle.to_string());
            look.fine("prompts", format!("{PREFIX}NAME for {}", names.join(", ")));
        }
        Err(e) => look.fine("bundle", format!("none: {e}")),
    }
}

/// Looks at the model; returns the fingerprint of its tokenizer.
fn model(look: &mut Findings, parts: &ModelArgs) -> Option<String> {
    let path = match parts.model_path() {
        Ok(p) => p,
        Err(e) => {
            look.wrong("model", message(&e));
            return None;
        }
    };
    let files = match gguf::parts(&path) {
        Ok(files) if files.iter().all(|f| f.is_file()) => files,
        Ok(_) => {
            look.wrong("model", format!("{}: no such file", path.display()));
            return None;
        }
        Err(e) => {
            look.wrong("model", e.to_string());
            return None;
        }
    };
    match encoder(Some(&path), None) {
        Ok(e) => {
            let sizes = files.iter().filter_map(|f| f.metadata().ok());
            let bytes: u64 = sizes.map(|m| m.len()).sum();
            let count = match files.len() {
                1 => String::new(),
                n => format!(" in {n} files"),
            };
            look.fine(
                "model",
                format!("{}, {} bytes{count}", files[0].display(), grouped(bytes)),
            );
            Some(e.fingerprint().to_string())
        }
        Err(e) => {
            look.wrong("model", e.to_string());
            None
        }
    }
}

fn index(look: &mut Findings, parts: &ModelArgs, tokenizer: Option<&str>) {
    let path = match (parts.index.is_empty(), parts.bundle()) {
        (false, _) => remote::joined(&parts.index),
        (true, Ok(Some(bundle))) => bundle.index(),
        _ => return look.wrong("index", "none for this model: make one with `rotescope index build`, and give it with --index DIR".into()),
    };
    if parts.index.is_empty() && !path.join("manifest.json").is_file() {
        return look.fine(
            "index",
            format!("{}, to be built on first use", path.display()),
        );
    }
    let opened = match parts.index.is_empty() {
        false => parts.open_index(),
        true => rotescope_corpus::open(&path).map(Some).map_err(Into::into),
    };
    let Some(opened) = opened.transpose() else {
        return look.wrong("index", "none".into());
    };
    match opened {
        Err(e) => look.wrong("index", message(&e)),
        Ok(i) if tokenizer.is_some_and(|t| t != i.info().tokenizer) => {
            look.wrong(
                "index",
                format!(
                    "{}: made with another tokenizer than the model's",
                    path.display()
                ),
            );
        }
        Ok(i) => {
            let info = i.info();
            let matching = if tokenizer.is_some() {
                ", matches the model"
            } else {
                ""
            };
            look.fine(
                "index",
                format!(
                    "{}, {} tokens{}{matching}",
                    path.display(),
                    grouped(info.tokens),
                    info.documents
                        .map_or(String::new(), |d| format!(" in {} documents", grouped(d)))
                ),
            );
        }
    }
}

fn config(look: &mut Findings, global: &Global) {
    let settings = &global.settings;
    let files: Vec<String> = settings
        .files
        .iter()
        .map(|(path, is_read)| match is_read {
            true => path.display().to_string(),
            false => format!("{} (not read)", path.display()),
        })
        .collect();
    for problem in &settings.problems {
        look.wrong("config", problem.clone());
    }
    if settings.problems.is_empty() {
        let files = match files.as_slice() {
            [] => "no home folder".to_string(),
            files => files.join(", "),
        };
        let nothing = if settings.is_empty() {
            ", sets nothing"
        } else {
            ""
        };
        look.fine("config", format!("{files}{nothing}"));
    }
    let name = settings.theme().unwrap_or(THEMES.names()[0]);
    let pairs = settings.own.reasoning.pairs().iter();
    let own: Vec<String> = pairs
        .map(|p| format!("{} ... {}", p.open, p.close))
        .collect();
    if !own.is_empty() {
        let own = sanitize::line(&own.join(", ")).into_owned();
        look.fine("reasoning", format!("between what is known, and {own}"));
    }
    match THEMES.load(name, folders::config().map(|f| f.join("themes")).as_deref()) {
        Ok(t) => look.fine("theme", t.name().to_string()),
        Err(e) => look.wrong("theme", e.to_string()),
    }
}

/// Free and all memory in GiB, where the system says so as Linux does.
fn memory() -> Option<(f64, f64)> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let of = |key: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(key))?;
        Some(line.split_whitespace().next()?.parse::<f64>().ok()? / f64::from(1 << 20))
    };
    Some((of("MemAvailable:")?, of("MemTotal:")?))
}
