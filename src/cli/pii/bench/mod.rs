//! `rotescope pii bench`: four protections, alone and together.

mod shown;

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};
use serde_json::{Map, json};

use self::shown::{chart, costs, holes};
use super::answered::{AnswerArgs, How};
use super::asked::{AT_ONCE, AskArgs, Prepared};
use crate::cli::audit::resumable;
use crate::cli::common::{Global, check_tokenizer, grouped, index_ref, show};
use crate::cli::outputs::Outputs;
use crate::cli::patterns::matching;
use crate::cli::picture::PictureArgs;
use crate::cli::told::Told;
use crate::run::audit::error::AuditError;
use crate::run::audit::file::AuditFile;
use crate::run::pii::attack::asks::wanted;
use crate::run::pii::bench::guard::{EntropyFilter, Guard};
use crate::run::pii::bench::measure::{Bench, Side};
use crate::run::pii::bench::subset::{Protection, Subset, subsets};
use crate::run::pii::bench::tally::Tally;
use crate::run::pii::gate::DecodeGate;
use crate::run::pii::verify::kept::BEHIND;
use rotescope_model::{Engine, Mixer, Sampling};
use rotescope_privacy::noise::Noise;
use rotescope_trace::audit::bench::{BenchLine, Benched};
use rotescope_trace::{GateRef, Prompt};

#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    #[command(flatten)]
    asked: AskArgs,
    /// Protections of which all subsets are tried: dedup, dp, entropy, pattern [default: all; dedup where --deduplicated is given, entropy where there is an index]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = protection)]
    protections: Vec<Protection>,
    /// dedup: the model (GGUF) that was trained on a corpus without copies, such as `pii dedup` writes; with the same tokenizer
    #[arg(long, value_name = "FILE")]
    deduplicated: Option<PathBuf>,
    /// dp: share of the model in what tokens are drawn from, between 0 and 1; the rest is the same for all tokens
    #[arg(long, default_value_t = 0.5, value_name = "SHARE")]
    dp_keep: f64,
    /// entropy: a model is sure of a token below so many nats
    #[arg(long, default_value_t = 0.1, value_name = "NATS")]
    entropy_below: f64,
    /// entropy: tokens of a run that the index is asked for
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    entropy_run: usize,
    /// entropy: runs that stand in the index more often are no secrets
    #[arg(long, default_value_t = 100, value_name = "N")]
    entropy_rare: u64,
    /// Answers that are drawn to each question, from the whole distribution
    #[arg(long, default_value_t = 4, value_name = "N")]
    samples: usize,
    /// So many texts that hold no value, drawn by the seed; 0 for none
    #[arg(long, default_value_t = 100, value_name = "N")]
    held_out_texts: usize,
    /// Texts that they are drawn from [default: the corpus]
    #[arg(long, value_name = "FILE")]
    held_out: Vec<PathBuf>,
    #[command(flatten)]
    answers: AnswerArgs,
    /// Generate under every subset and without, in turns, and say what it costs
    #[arg(long)]
    speed: bool,
    #[command(flatten)]
    picture: PictureArgs,
    /// Write a JSON line for each question, text and prompt; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn protection(name: &str) -> Result<Protection, String> {
    let names = || Protection::ALL.map(Protection::name).join(", ");
    Protection::of_name(name).ok_or_else(|| format!("no protection; there are {}", names()))
}

/// What the protections need.
struct Parts {
    /// In the order of [`Protection::ALL`].
    protections: Vec<Protection>,
    deduplicated: Option<Engine>,
    noise: Noise,
    entropy: Option<EntropyFilter>,
}

impl BenchArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        let Some(noise) = Noise::new(self.dp_keep) else {
            bail!("--dp-keep is between 0 and 1: at 1 nothing is protected, at 0 nothing is said");
        };
        self.held_out = matching(&self.held_out)?;
        let prompts = self.answers.read()?;
        let mut settings = self.asked.settings(None, false)?;
        settings.samples = self.samples;
        // Of all tokens: what cuts the distribution leaves no bound.
        settings.sampling = Sampling {
            temperature: 1.0,
            ..Sampling::default()
        };
        let mut outputs = self.outputs(global)?;
        let picture = self.picture.open(&mut outputs)?;
        let parts = self.parts(noise)?;
        let named = self.named(&parts, &prompts)?;
        let prepared = self.asked.prepare(settings, named)?;
        self.check(&parts, &prepared)?;
        let texts = self.asked.kept(
            &prepared,
            &self.held_out,
            (self.held_out_texts, prepared.settings.seed),
            BEHIND,
        )?;
        let mut tally = Tally::default();
        let mut file = match &self.output {
            Some(path) => Some(AuditFile::<BenchLine>::open(
                path,
                &prepared.run,
                &mut |line| {
                    line.record.iter().for_each(|r| tally.add(r));
                },
            )?),
            None => None,
        };
        let bench = self.bench(&prepared, &parts, !prompts.is_empty());
        let all = wanted(&prepared.targets, &prepared.settings);
        let resumes = self.output.is_some();
        let mut work = |what, count, each: Work<'_>| -> Result<()> {
            let mut told = Told::start(what, Some(count), self.asked.quiet);
            let done = each(&mut file, &mut |held, new| {
                new.iter().for_each(|r| tally.add(r));
                told.skip(held);
                told.step(new.len(), "");
            });
            drop(told);
            done.map_err(|e| resumable(e, resumes))
        };
        work("questions", all.len(), &|file, told| {
            bench.values(&all, file, told)
        })?;
        work("texts without values", texts.len(), &|file, told| {
            bench.texts(&texts, file, told)
        })?;
        work("prompts", prompts.len(), &|file, told| {
            bench.prompts(&prompts, file, told)
        })?;
        let mut out = self.head(&prepared, &parts, all.len());
        out += &tally.tables();
        if let Some(detectors) = bench.pattern {
            out += &holes(&prepared.targets, detectors);
        }
        show(&out)?;
        if self.speed {
            show(&costs(&bench, &prepared.cancel, self.asked.quiet)?)?;
        }
        picture.draw(&chart(&tally.sums()))?;
        Ok(ExitCode::SUCCESS)
    }

    fn outputs(&self, global: &Global) -> Result<Outputs> {
        let read = self.deduplicated.iter().chain(&self.held_out);
        let read: Vec<PathBuf> = read.chain(&self.answers.prompts).cloned().collect();
        let mut outputs = self.asked.outputs(global, self.picture.force, &read)?;
        if let Some(path) = &self.output {
            outputs.appended("-o", path)?;
        }
        Ok(outputs)
    }

    /// Loads what the protections need, before the corpus is read: what is wrong is said at once.
    fn parts(&self, noise: Noise) -> Result<Parts> {
        let asked = |p: &Protection| self.protections.contains(p);
        if asked(&Protection::Dedup) && self.deduplicated.is_none() {
            bail!(
                "dedup: a corpus without copies protects by what is trained on it; give that model with --deduplicated"
            );
        }
        let unlisted = self.protections.is_empty();
        let parts = &self.asked.source.parts;
        let corpus = match unlisted || asked(&Protection::Entropy) {
            true => parts.open_index()?,
            false => None,
        };
        // Over a network every sure token is a question, so that is not done unasked.
        let corpus = corpus.filter(|c| asked(&Protection::Entropy) || !c.info().is_remote);
        if asked(&Protection::Entropy) && corpus.is_none() {
            bail!("entropy: no index for this model: give one with --index DIR");
        }
        let entropy = corpus.map(|corpus| EntropyFilter {
            corpus,
            run: self.entropy_run,
            below: self.entropy_below,
            rare: self.entropy_rare,
        });
        let there = |p: &Protection| match p {
            Protection::Dedup => self.deduplicated.is_some(),
            Protection::Entropy => entropy.is_some(),
            Protection::Dp | Protection::Pattern => true,
        };
        let all = Protection::ALL.into_iter();
        let protections: Vec<Protection> = match unlisted {
            true => all.filter(there).collect(),
            false => all.filter(asked).collect(),
        };
        let deduplicated = self.deduplicated.as_ref().map(|path| {
            let mut other = parts.clone();
            other.model = Some(path.clone());
            other.load_one_of(1, (AT_ONCE, true))
        });
        Ok(Parts {
            protections,
            deduplicated: deduplicated.transpose()?,
            noise,
            entropy,
        })
    }

    /// What changes a record, beside what is asked.
    fn named(&self, parts: &Parts, prompts: &[Prompt]) -> Result<Map<String, serde_json::Value>> {
        let shown: Vec<String> = self
            .held_out
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        let other = match &parts.deduplicated {
            Some(engine) => Some(self.asked.source.parts.model_ref(engine)?.sha256),
            None => None,
        };
        let index = parts.entropy.as_ref().map(|e| index_ref(e.corpus.as_ref()));
        let named = json!({
            "protections": parts.protections.iter().map(|p| p.name()).collect::<Vec<_>>(),
            "deduplicated": other,
            "entropy-index": index.map(|i| i.fingerprint),
            "dp-keep": self.dp_keep,
            "entropy-below": self.entropy_below,
            "entropy-run": self.entropy_run,
            "entropy-rare": self.entropy_rare,
            "held-out": shown,
            "held-out-texts": self.held_out_texts,
        });
        let mut named = named.as_object().cloned().unwrap_or_default();
        named.extend(self.answers.named(prompts)?);
        Ok(named)
    }

    /// Whether all speak of the same tokens.
    fn check(&self, parts: &Parts, prepared: &Prepared) -> Result<()> {
        if let Some(entropy) = &parts.entropy {
            check_tokenizer(&prepared.run.model, entropy.corpus.as_ref())?;
        }
        if let Some(engine) = &parts.deduplicated {
            let other = self.asked.source.parts.model_ref(engine)?;
            if other.tokenizer != prepared.run.model.tokenizer {
                bail!(
                    "{}: has another tokenizer than {}",
                    other.file,
                    prepared.run.model.file
                );
            }
        }
        Ok(())
    }

    fn bench<'a>(&self, prepared: &'a Prepared, parts: &'a Parts, answers: bool) -> Bench<'a> {
        let pattern = parts.protections.contains(&Protection::Pattern);
        let rest: Subset = parts
            .protections
            .iter()
            .copied()
            .filter(|p| *p != Protection::Pattern)
            .collect();
        let side = |subset: Subset| {
            let has = |p| subset.contains(&p);
            let engine = match &parts.deduplicated {
                Some(engine) if has(Protection::Dedup) => engine,
                _ => &prepared.engine,
            };
            let guard = Guard {
                entropy: parts.entropy.clone().filter(|_| has(Protection::Entropy)),
                noise: Some(parts.noise).filter(|_| has(Protection::Dp)),
            };
            let mixture = (!guard.is_none()).then(|| Mixer(Arc::new(guard)));
            let mut asker = prepared.attack(None).asker;
            asker.reader.engine = engine;
            asker.mixture = mixture.clone();
            // Whatever comes behind the first value is looked at too.
            asker.stops = false;
            let scorer = |gate: Option<DecodeGate>| {
                let how = How {
                    temperature: if has(Protection::Dp) { 1.0 } else { 0.0 },
                    gate,
                    mixture: mixture.clone(),
                };
                self.answers.scorer(prepared, engine, how)
            };
            let gate = DecodeGate {
                filter: None,
                detectors: Some(self.asked.source.detectors()),
                reference: GateRef::default(),
            };
            Side {
                engine,
                asker,
                scorers: [
                    answers.then(|| scorer(None)),
                    (answers && pattern).then(|| scorer(Some(gate))),
                ],
                subset,
            }
        };
        Bench {
            sides: subsets(&rest).into_iter().map(side).collect(),
            pattern: pattern.then_some(&prepared.detectors),
            encoder: prepared.encoder.as_ref(),
            settings: &prepared.settings,
            targets: &prepared.targets,
        }
    }

    /// What is tried, and by which settings.
    fn head(&self, prepared: &Prepared, parts: &Parts, questions: usize) -> String {
        let mut out = format!(
            "{} values, {} questions; {}\n\n",
            grouped(prepared.targets.len() as u64),
            grouped(questions as u64),
            prepared.run.model.shown()
        );
        for p in &parts.protections {
            let said = match p {
                Protection::Dedup => {
                    let file = parts.deduplicated.as_ref().map(|e| e.info().file.clone());
                    format!("{}, trained without copies", file.unwrap_or_default())
                }
                Protection::Dp => {
                    let epsilon = parts.noise.epsilon(prepared.engine.info().vocabulary);
                    format!(
                        "tokens are drawn from {} of the model and {:.3} of all tokens alike: epsilon is {epsilon:.2} a token, {:.0} for an answer of {} tokens",
                        self.dp_keep,
                        1.0 - self.dp_keep,
                        epsilon * prepared.settings.tokens as f64,
                        prepared.settings.tokens
                    )
                }
                Protection::Entropy => format!(
                    "where the entropy is below {} nats, no run of {} tokens is completed that stands in the index at most {} times",
                    self.entropy_below, self.entropy_run, self.entropy_rare
                ),
                Protection::Pattern => "placeholders for what detectors see".into(),
            };
            let _ = writeln!(out, "- {}: {said}", p.name());
        }
        out + "\n"
    }
}

/// A part of the work: records go to a file, and are told.
type Work<'w> = &'w dyn Fn(
    &mut Option<AuditFile<BenchLine>>,
    &mut dyn FnMut(usize, &[Benched]),
) -> Result<(), AuditError>;
