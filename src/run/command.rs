//! The command line that makes a trace again, for a shell of POSIX.

use std::path::{Path, PathBuf};

use rotescope_trace::{FileRef, Flag, ModelRef, Sampler, Source, Step, Trace};

/// Where files of traces lie that a trace knows by their names alone.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Files and folders given on the command line.
    pub given: Vec<PathBuf>,
    /// The SHA-256 of the model that is taken where none is given.
    pub bundled: Option<String>,
}

impl Places {
    /// The file or folder of a name.
    fn given(&self, name: &str) -> Option<&PathBuf> {
        let named = |p: &&PathBuf| p.file_name().is_some_and(|n| n == Path::new(name));
        self.given.iter().find(named)
    }
}

/// Why no command makes a trace again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCommand {
    #[error("another tool wrote this completion; no command of rotescope makes it")]
    Imported,
    #[error("this completion was stopped by hand; no command stops at the same token")]
    Stopped,
}

/// A command, and what it names that has to be found first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub line: String,
    /// Files by their names alone: where they lie, the trace does not say.
    pub unplaced: Vec<String>,
}

/// The command that makes a trace again, prompt included.
///
/// # Errors
/// When there is none.
pub fn reproducing(trace: &Trace, places: &Places) -> Result<Command, NoCommand> {
    if trace.import.is_some() {
        return Err(NoCommand::Imported);
    }
    if trace.finish == "cancelled" {
        return Err(NoCommand::Stopped);
    }
    let mut w = Writer {
        places,
        words: Vec::new(),
        unplaced: Vec::new(),
    };
    w.model(&trace.model);
    let own_index = w.index(trace);
    w.sampler(&trace.sampler);
    w.run(trace);
    w.attribution(trace, own_index);
    w.judging(trace);
    let prompt = serde_json::to_string(&trace.asked()).unwrap_or_default();
    Ok(Command {
        line: format!(
            "printf '%s\\n' {} | rotescope score - {}",
            quoted(&prompt),
            w.words.join(" ")
        ),
        unplaced: w.unplaced,
    })
}

/// A word as the shell takes it whole.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The options, as they come together.
struct Writer<'a> {
    places: &'a Places,
    words: Vec<String>,
    unplaced: Vec<String>,
}

impl Writer<'_> {
    /// `--name value`. A value that looks like an option is held to its name.
    fn option(&mut self, name: &str, value: impl ToString) {
        let value = value.to_string();
        if value.starts_with('-') {
            return self.words.push(quoted(&format!("--{name}={value}")));
        }
        self.words.push(format!("--{name} {}", quoted(&value)));
    }

    fn switch(&mut self, name: &str) {
        self.words.push(format!("--{name}"));
    }

    /// An option whose value is a file that the trace knows by its name.
    fn file(&mut self, name: &str, file: &str) {
        match self.places.given(file) {
            Some(path) => self.option(name, path.display()),
            None => {
                self.unplaced.push(file.into());
                self.option(name, file);
            }
        }
    }

    fn is_given(&self, file: &str) -> bool {
        self.places.given(file).is_some()
    }

    fn model(&mut self, model: &ModelRef) {
        let bundled = self.places.bundled.as_ref() == Some(&model.sha256);
        if self.is_given(&model.file) || !bundled {
            self.file("model", &model.file);
        }
        if let Some(FileRef { file, .. }) = &model.adapter {
            self.file("adapter", file);
        }
    }

    /// Whether an index was asked.
    fn index(&mut self, trace: &Trace) -> bool {
        let Some(index) = &trace.index else {
            self.switch("no-index");
            return false;
        };
        let ids: Vec<&str> = match index.parts.as_slice() {
            [] => vec![&index.id],
            parts => parts.iter().map(|p| p.id.as_str()).collect(),
        };
        // The bundled model brings its own.
        let bundled = self.places.bundled.as_ref() == Some(&trace.model.sha256);
        if !bundled || ids.iter().any(|id| self.is_given(id)) {
            ids.into_iter().for_each(|id| self.file("index", id));
        }
        true
    }

    fn sampler(&mut self, s: &Sampler) {
        let usual = Sampler::default();
        self.option("temperature", s.temperature);
        self.option("seed", s.seed);
        self.option("max-tokens", s.max_tokens);
        if s.top_k != usual.top_k {
            self.option("top-k", s.top_k);
        }
        if s.top_p != usual.top_p {
            self.option("top-p", s.top_p);
        }
        if s.min_p != usual.min_p {
            self.option("min-p", s.min_p);
        }
        for stop in &s.stop {
            self.option("stop", stop);
        }
        if s.stop_loops {
            self.switch("stop-loops");
        }
    }

    fn run(&mut self, trace: &Trace) {
        if let Some(date) = &trace.prompt.date {
            self.option("date", date);
        }
        let Some(run) = &trace.run else {
            return;
        };
        if run.raw {
            self.switch("raw");
        }
        if run.context > 0 {
            self.option("context", run.context);
        }
        for (name, value) in &run.template_variables {
            self.option("template-var", format!("{name}={value}"));
        }
        if let Some(system) = &run.system {
            self.option("system", system);
        }
        if let Some(parallel) = run.parallel {
            self.option("parallel", parallel);
        }
        if let Some(gate) = &run.gate {
            if !gate.file.is_empty() {
                self.file("gate", &gate.file);
            }
            self.option("gate-share", gate.share);
            if !gate.kinds.is_empty() {
                self.option("gate-kinds", gate.kinds.join(","));
            }
        }
    }

    fn attribution(&mut self, trace: &Trace, own_index: bool) {
        let a = &trace.attribution;
        self.option("candidates", a.candidates);
        if a.steps == "new_line" {
            self.option("steps", "line");
        }
        if a.regions.is_some() {
            self.switch("regions");
        }
        let Some(n) = &a.non_local else {
            if own_index {
                self.option("sources", Source::Local);
            }
            return;
        };
        let sources: Vec<String> = n.sources.iter().map(ToString::to_string).collect();
        self.option("sources", sources.join(","));
        self.option("scope", &n.scope);
        self.option("saliency", &n.saliency);
        self.option("cooccur", &n.cooccurrence);
        if let Some(samples) = n.samples {
            self.option("samples", samples);
        }
        if let Some(forms) = &n.forms {
            self.option("forms", forms);
        }
        if let Some(budget) = &n.budget {
            self.option("budget", budget);
        }
    }

    fn judging(&mut self, trace: &Trace) {
        let Some(judging) = &trace.judging else {
            return;
        };
        match &judging.flag {
            None => self.option("step-classifier", "none"),
            Some(flag) => {
                // One that was not given is the one that the program finds for the model.
                if self.is_given(&flag.model.file) {
                    self.file("step-classifier", &flag.model.file);
                }
                // Where it was given, flags of steps say so.
                let says = |s: &Step| s.flag.as_ref().is_some_and(|f| f.threshold.is_some());
                if flag.threshold != Flag::THRESHOLD || trace.steps.iter().any(says) {
                    self.option("flag-threshold", flag.threshold);
                }
            }
        }
        if let Some(prm) = &judging.prm {
            self.file("prm", &prm.model.file);
            self.option("prm-good", &prm.good);
            self.option("prm-bad", &prm.bad);
            self.option("prm-separator", prm.separator.replace('\n', "\\n"));
            self.option("prm-threshold", prm.threshold);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::Import;

    #[test]
    fn words_reach_the_program_as_they_are() {
        for word in [
            "",
            "plain-1.5",
            "it's",
            "a b",
            "$HOME `x` \\ \"",
            "%s\n!",
            "ä",
        ] {
            let shell = std::process::Command::new("sh")
                .args(["-c", &format!("printf '[%s]' {}", quoted(word))])
                .output()
                .unwrap();
            assert_eq!(
                String::from_utf8(shell.stdout).unwrap(),
                format!("[{word}]")
            );
        }
    }

    #[test]
    fn what_no_command_makes_is_said() {
        let imported = Trace {
            import: Some(Import::default()),
            ..Trace::default()
        };
        let stopped = Trace {
            finish: "cancelled".into(),
            ..Trace::default()
        };
        let none = |t: &Trace| reproducing(t, &Places::default()).unwrap_err();
        assert_eq!(none(&imported), NoCommand::Imported);
        assert_eq!(none(&stopped), NoCommand::Stopped);
    }

    #[test]
    fn files_are_named_with_their_folders_where_these_are_known() {
        let mut trace = Trace::default();
        trace.model.file = "m.gguf".into();
        trace.model.sha256 = "aa".into();
        let bare = reproducing(&trace, &Places::default()).unwrap();
        assert_eq!(bare.unplaced, ["m.gguf"]);
        let places = Places {
            given: vec!["some where/m.gguf".into()],
            bundled: Some("bb".into()),
        };
        let placed = reproducing(&trace, &places).unwrap();
        assert!(
            placed.line.contains("--model 'some where/m.gguf' "),
            "{placed:?}"
        );
        assert!(placed.unplaced.is_empty());
        let bundled = Places {
            bundled: Some("aa".into()),
            ..Places::default()
        };
        let line = reproducing(&trace, &bundled).unwrap().line;
        assert!(!line.contains("--model"), "{line}");
    }
}
