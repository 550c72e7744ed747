//! `rotescope audit students`: what students, or coarser quantizations, keep of what a model recites.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::texts::{Opened, TextArgs, resumable};
use crate::cli::common::{Global, index_ref, show};
use crate::cli::given::{FieldArgs, all_prompts};
use crate::cli::judging::JudgingArgs;
use crate::cli::patterns::matching;
use crate::cli::told::Told;
use crate::run::audit::answers::{Answers, answer};
use crate::run::audit::error::AuditError;
use crate::run::audit::extract::{Cost, Extractor, PORTION};
use crate::run::audit::inheritance::{Inheritance, TEACHER};
use crate::run::audit::portions::{Audit, Portions};
use crate::run::audit::settings::{GuardMode, Settings};
use crate::run::audit::students::records;
use crate::run::audit::texts::{Cut, Documents, Item, TextWindow};
use crate::run::encoder::encoder;
use crate::run::finish::Finish;
use crate::run::hashes;
use crate::run::pipeline::Scorer;
use crate::say;
use rotescope_audit::Split;
use rotescope_corpus::read::{Format, list};
use rotescope_model::{Engine, ModelOptions, cores, quantizations, quantize};
use rotescope_text::sanitize::line;
use rotescope_trace::audit::students::{StudentWindow, StudentsLine, answer_key};
use rotescope_trace::{Prompt, Sampler};

#[derive(Debug, clap::Args)]
pub struct StudentsArgs {
    #[command(flatten)]
    texts: TextArgs,
    /// The model that the students are held against; --model does the same
    #[arg(long, value_name = "FILE", conflicts_with = "model")]
    teacher: Option<PathBuf>,
    /// Models with the teacher's tokenizer
    #[arg(
        long,
        value_name = "FILE,...",
        value_delimiter = ',',
        required_unless_present = "ladder"
    )]
    students: Vec<PathBuf>,
    /// Students made of the teacher by llama.cpp's quantizer: Q8_0,Q6_K,Q4_K_M,Q3_K_M,Q2_K
    #[arg(long, value_name = "LEVEL,...", value_delimiter = ',', value_parser = level)]
    ladder: Vec<String>,
    /// Keep the files of the ladder here, and use those that are there
    #[arg(long, value_name = "DIR", requires = "ladder")]
    ladder_dir: Option<PathBuf>,
    /// Text that no model was trained on
    #[arg(long, value_name = "FILE")]
    held_out: Vec<PathBuf>,
    /// Prompts that each model answers: whose answers and whose flags change? A file, or bundle:NAME
    #[arg(long, value_name = "FILE")]
    prompts: Vec<PathBuf>,
    /// At most this many of them
    #[arg(long, value_name = "N", requires = "prompts")]
    limit: Option<usize>,
    /// Tokens of an answer at most
    #[arg(long, default_value_t = 256, value_name = "N", requires = "prompts")]
    answer_tokens: usize,
    /// Write out no greedy continuations, and give no ROUGE
    #[arg(long)]
    no_rouge: bool,
}

fn level(name: &str) -> Result<String, String> {
    let name = name.to_ascii_uppercase();
    match quantizations().any(|q| q == name) {
        true => Ok(name),
        false => Err(format!(
            "there are {}",
            quantizations().collect::<Vec<_>>().join(", ")
        )),
    }
}

/// A model that is asked.
struct Student {
    name: String,
    path: PathBuf,
}

impl StudentsArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        if let Some(teacher) = self.teacher.take() {
            self.texts.parts.model = Some(teacher);
        }
        self.texts.usual = Split {
            prefix: 50,
            continuation: 50,
        };
        self.held_out = matching(&self.held_out)?;
        let settings = Settings {
            splits: self.texts.splits(),
            guard: GuardMode::Off,
            near: None,
            seed: self.texts.seed,
            ..Settings::default()
        };
        let mut named = settings.named();
        let students = self.students.iter().map(|s| Ok(hashes::sha256(s)?));
        let students: Result<Vec<String>> = students.collect();
        named.insert("students".into(), students.context("--students")?.into());
        named.insert("ladder".into(), self.ladder.clone().into());
        let held_out: Vec<String> = self
            .held_out
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        named.insert("held-out".into(), held_out.into());
        named.insert("rouge".into(), (!self.no_rouge).into());
        let prompts: Vec<String> = self
            .prompts
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        named.insert("prompts".into(), prompts.into());
        named.insert("limit".into(), self.limit.into());
        named.insert("answer-tokens".into(), self.answer_tokens.into());
        let mut prompts = match self.prompts.as_slice() {
            [] => Vec::new(),
            files => all_prompts(&matching(files)?, &FieldArgs::default())?,
        };
        prompts.truncate(self.limit.unwrap_or(usize::MAX));
        let opened = self.texts.open(global, named)?;
        let mut all = Inheritance::new(self.texts.seed);
        let mut answers = Answers::default();
        let file = self.texts.file(&opened.run, &mut |line: &StudentsLine| {
            line.window.iter().for_each(|w| all.add(w));
            line.answer.iter().for_each(|a| answers.add(a));
        })?;
        let (train, test) = self.windows(&opened)?;
        if train.is_empty() {
            bail!("no document has the tokens of a window; give a shorter --window");
        }

        let (ladder, _temporary) = self.made(&opened)?;
        let given = self.students.iter().map(|path| Student {
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            path: path.clone(),
        });
        let students: Vec<Student> = given.chain(ladder).collect();
        let total = (train.len() + test.len() + prompts.len()) * (students.len() + 1);
        let work = Work {
            opened: &opened,
            settings: &settings,
            rouge: !self.no_rouge,
            asked: None,
            all,
            answers,
            told: Told::start("windows and answers", Some(total), self.texts.quiet),
        };
        let mut work = Portions::new(work, file, PORTION);
        // One flag for all: what differs are the models.
        let finish = Arc::new(JudgingArgs::default().load(&opened.run.model)?);
        let mut ask = |name: &str, engine: &Engine| -> Result<()> {
            work.audit.all.size(name, engine.info().bytes);
            for (test, windows) in [(false, &train), (true, &test)] {
                work.audit.asked = Some((engine.clone(), name.to_string(), test));
                let done = windows.iter().try_for_each(|w| work.take(w.clone()));
                let done = done.and_then(|()| work.flush());
                done.map_err(|e| resumable(e, self.texts.output.is_some()))?;
            }
            self.answer(&opened, engine, name, &prompts, &finish, &mut work)?;
            // Its memory is the next one's.
            work.audit.asked = None;
            Ok(())
        };
        ask(TEACHER, &opened.engine)?;
        for student in &students {
            let tokenizer = encoder(Some(&student.path), None)?;
            if tokenizer.fingerprint() != opened.encoder.fingerprint() {
                bail!(
                    "{}: has another tokenizer than the teacher, so that windows of tokens are not the same text; give students of the same family",
                    student.path.display()
                );
            }
            let mut options = ModelOptions::new(student.path.clone());
            (options.threads, options.context) =
                (self.texts.parts.threads, self.texts.parts.context);
            options.gpu_layers = self.texts.parts.gpu_layers;
            let engine = Engine::load(options, |_| ControlFlow::Continue(()))?;
            ask(&student.name, &engine)?;
        }
        let Work {
            all, answers, told, ..
        } = work.audit;
        drop(told);
        show(&(all.tables() + &answers.table()))?;
        Ok(ExitCode::SUCCESS)
    }

    /// What a model answers.
    fn answer(
        &self,
        opened: &Opened,
        engine: &Engine,
        name: &str,
        prompts: &[Prompt],
        finish: &Arc<Finish>,
        work: &mut Portions<Work<'_>>,
    ) -> Result<()> {
        let corpus = opened.corpus.as_ref();
        let scorer = Scorer {
            corpus: corpus.map(|c| (c.clone(), index_ref(c.as_ref()))),
            sampler: Sampler {
                max_tokens: self.answer_tokens,
                stop_loops: true,
                ..Sampler::default()
            },
            finish: finish.clone(),
            ..Scorer::new(engine.clone())
        };
        for prompt in prompts {
            if work.holds(&answer_key(name, &prompt.id)) {
                work.audit.told.skip(1);
                continue;
            }
            let made = answer(&scorer, name, prompt, &opened.cancel).and_then(|answer| {
                work.put(StudentsLine {
                    answer: Some(answer),
                    ..StudentsLine::new()
                })
            });
            made.map_err(|e| resumable(e, self.texts.output.is_some()))?;
            work.audit.told.step(1, &line(name));
        }
        Ok(())
    }

    /// The windows of the text, and of what is held out.
    fn windows(&self, opened: &Opened) -> Result<(Vec<TextWindow>, Vec<TextWindow>)> {
        let (mut train, mut test) = (Vec::new(), Vec::new());
        let taker = |into: &mut Vec<TextWindow>, item: Item| -> Result<(), AuditError> {
            match item {
                Item::Window(window) => into.push(window),
                Item::Skipped(s) => say!("{}: {}", line(&s.document), s.why),
            }
            Ok(())
        };
        self.texts
            .windows(opened, &mut |item| taker(&mut train, item))?;
        let inputs = list(&self.held_out, Format::Auto)?;
        let cut = Cut {
            splits: self.texts.splits(),
            stride: self.texts.stride(),
            pieces: false,
        };
        Documents::Files(&inputs.files, opened.encoder.as_ref())
            .windows(&cut, &mut |item| taker(&mut test, item))?;
        Ok((train, test))
    }

    /// The students of the ladder, and the folder that goes with them.
    fn made(&self, opened: &Opened) -> Result<(Vec<Student>, Option<TempDir>)> {
        if self.ladder.is_empty() {
            return Ok((Vec::new(), None));
        }
        let temporary = match self.ladder_dir {
            Some(_) => None,
            None => Some(TempDir::with_prefix("rotescope-")?),
        };
        let folder = self
            .ladder_dir
            .as_deref()
            .or(temporary.as_ref().map(TempDir::path));
        let folder = folder.context("a folder for the ladder")?;
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let info = opened.engine.info();
        let mut made = Vec::new();
        for level in &self.ladder {
            let path = folder.join(format!("{}-{level}.gguf", &opened.run.model.sha256[..12]));
            if !path.is_file() {
                if !self.texts.quiet {
                    say!("{level}: written by llama.cpp's quantizer");
                }
                // What is half written must not be taken for whole.
                let part = path.with_extension("part");
                quantize(
                    &info.path,
                    &part,
                    level,
                    self.texts.parts.threads.unwrap_or_else(cores),
                )?;
                std::fs::rename(&part, &path).with_context(|| path.display().to_string())?;
            }
            made.push(Student {
                name: level.clone(),
                path,
            });
        }
        Ok((made, temporary))
    }
}

/// What goes on while windows come.
struct Work<'a> {
    opened: &'a Opened,
    settings: &'a Settings,
    /// Whether greedy continuations are written out.
    rouge: bool,
    /// The model that is asked, its name, and whether about text that is held out.
    asked: Option<(Engine, String, bool)>,
    all: Inheritance,
    answers: Answers,
    told: Told,
}

impl Audit for Work<'_> {
    type Line = StudentsLine;

    fn key(&self, w: &TextWindow) -> String {
        let (name, test) = self.asked.as_ref().map_or(("", false), |a| (&a.1, a.2));
        StudentWindow {
            model: name.into(),
            test,
            document: w.document.to_string(),
            start: w.start,
            split: [w.split.prefix, w.split.continuation],
            ..StudentWindow::default()
        }
        .key()
    }

    fn lines(&mut self, windows: &[TextWindow]) -> Result<Vec<StudentsLine>, AuditError> {
        let Some((engine, name, test)) = &self.asked else {
            return Ok(Vec::new());
        };
        let Opened {
            encoder, cancel, ..
        } = self.opened;
        let extractor = Extractor::new(engine, encoder.as_ref(), None, self.settings, cancel)?;
        let mut cost = Cost::default();
        let made = records(&extractor, name, *test, windows, self.rouge, &mut cost)?;
        let line = |window| StudentsLine {
            window: Some(window),
            ..StudentsLine::new()
        };
        Ok(made.into_iter().map(line).collect())
    }

    fn add(&mut self, line: &StudentsLine) {
        line.window.iter().for_each(|w| self.all.add(w));
        line.answer.iter().for_each(|a| self.answers.add(a));
    }

    fn told(&mut self, held: usize, new: usize, _: &str) {
        self.told.skip(held);
        let name = self.asked.as_ref().map_or("", |a| &a.1);
        self.told.step(new, &line(name));
    }
}
