//! `rotescope pii edit`: a model edited so that it says something else in place of values that it gives away.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::builder::RangedU64ValueParser;
use rayon::prelude::*;
use serde_json::json;

use super::asked::{AskArgs, Prepared};
use crate::cli::common::{Global, grouped, show};
use crate::cli::outputs::OutputPlace;
use crate::cli::patterns::matching;
use crate::cli::told::Told;
use crate::run::audit::error::AuditError;
use crate::run::pii::attack::asks::{self, Ask, Wanted, wanted};
use crate::run::pii::documents::Texts;
use crate::run::pii::edit::making::Maker;
use crate::run::pii::edit::told::{Edit, Edited, Settings};
use rotescope_corpus::read::{Format, list};
use rotescope_edit::adapter::Said;
use rotescope_model::{Engine, ModelOptions};
use rotescope_privacy::gate::normal::folded;

/// Questions that are asked together.
const PORTION: usize = 32;
/// Tokens of an ordinary text behind its beginning, at most: enough that a few texts say much, few enough that they are many.
const LONGEST: usize = 224;
/// How adapters begin.
const GGUF: &[u8] = b"GGUF";

#[derive(Debug, clap::Args)]
pub struct EditArgs {
    #[command(flatten)]
    asked: AskArgs,
    /// Write the change as a LoRA adapter (GGUF), which --adapter and any llama.cpp load
    #[arg(short, long, value_name = "FILE", required = true)]
    output: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    /// Say this in place of a value [default: the end of the text]
    #[arg(long, value_name = "TEXT")]
    instead: Option<String>,
    /// Layers that are changed, from 0; all but the last leave a part to those above [default: eight of the upper half, without the last]
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    layers: Vec<usize>,
    /// How much ordinary text weighs against the edits: more leaves it alone more
    #[arg(long, default_value_t = Settings::default().weight, value_name = "W", value_parser = positive)]
    weight: f64,
    /// By how much what is said instead is to exceed everything else, in nats
    #[arg(long, default_value_t = Settings::default().margin, value_name = "NATS", value_parser = positive)]
    margin: f64,
    /// Times that what is not reached yet is asked for again, at most
    #[arg(long, default_value_t = Settings::default().rounds, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=100))]
    rounds: usize,
    /// Texts that are to be continued as before [default: documents of the corpus without values]
    #[arg(long, value_name = "FILE")]
    ordinary: Vec<PathBuf>,
    /// Tokens of them that are read
    #[arg(long, default_value_t = Settings::default().tokens, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(100..))]
    ordinary_tokens: usize,
    /// A control: random changes of the same size, which should protect nothing
    #[arg(long)]
    random: bool,
    /// Also write what was edited and what was left alone as token ids (JSON), to make the same edit elsewhere. It holds what stands before values
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(x) if x > 0.0 && f64::is_finite(x) => Ok(x),
        _ => Err("give a number above 0".into()),
    }
}

/// Texts of a corpus that are read for what is to stay are other ones than those by which `pii verify` measures it, as good as always.
const ORDINARY: u64 = 0x6f72_6469_6e61_7279;

impl EditArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        if let Some(adapter) = &self.asked.source.parts.adapter {
            bail!(
                "{}: a model that has an adapter already cannot be edited; edit it without, or put the adapter into it with llama.cpp's export-lora",
                adapter.display()
            );
        }
        self.ordinary = matching(&self.ordinary)?;
        let asking = self.asked.settings(None, false)?;
        let mut outputs = self.asked.outputs(global, self.force, &self.ordinary)?;
        let place = outputs.file("-o", &self.output, "GGUF file", |head| {
            head.starts_with(GGUF)
        })?;
        let tokens = match &self.tokens {
            Some(path) => Some(outputs.fresh("--tokens", path)?),
            None => None,
        };
        let prepared = self.asked.prepare(asking, serde_json::Map::new())?;
        let settings = self.settings(&prepared)?;
        let all = wanted(&prepared.targets, &prepared.settings);
        let leaks = self.leaks(&prepared, &prepared.engine, &all)?;
        let values = grouped(prepared.targets.len() as u64);
        let asked = grouped(all.len() as u64);
        if leaks.is_empty() {
            bail!(
                "{values} values, {asked} questions: the model gives none away; nothing is to be edited"
            );
        }
        let edits = self.edits(&prepared, &leaks)?;
        let ordinary = self.texts(&prepared, &settings)?;
        let folder = self.output.parent().filter(|p| !p.as_os_str().is_empty());
        let info = prepared.engine.info();
        let mut model = ModelOptions::new(info.path.clone());
        model.threads = self.asked.source.parts.threads;
        let maker = Maker {
            model: &model,
            architecture: info.architecture.clone(),
            folder: folder.unwrap_or(Path::new(".")),
            settings: &settings,
            cancel: &prepared.cancel,
        };
        let mut told = Told::start("sequences read", None, self.asked.quiet);
        let edited = maker.make(&edits, &ordinary, &mut |n| told.step(n, ""))?;
        drop(told);
        if edited.turned == 0 && !self.random {
            bail!(
                "what is to be said instead cannot be brought to the first place behind any question; say something else with --instead"
            );
        }
        if let Some(place) = tokens {
            let all = json!({
                "edits": edits.iter().map(|e| json!({"prompt": e.prompt, "instead": e.instead})).collect::<Vec<_>>(),
                "ordinary": ordinary,
            });
            place.write(&serde_json::to_vec(&all)?)?;
        }
        write(&maker, &edited, &prepared, place)?;
        let mut parts = self.asked.source.parts.clone();
        parts.adapter = Some(self.output.clone());
        let after = parts.load_one_of(1, (super::asked::AT_ONCE, true))?;
        let left = self.leaks(&prepared, &after, &leaks)?.len();
        show(&format!(
            "{values} values, {asked} questions; the model gave a value away to {}, and to {} of them now\n{}{}: rank {}, {}; use it with --adapter\n",
            grouped(leaks.len() as u64),
            grouped(left as u64),
            reached(&edited),
            self.output.display(),
            edited
                .changes
                .values()
                .map(|c| c.a.nrows())
                .max()
                .unwrap_or(0),
            norms(&edited),
        ))?;
        Ok(ExitCode::SUCCESS)
    }

    fn settings(&self, prepared: &Prepared) -> Result<Settings> {
        let layers = prepared.engine.info().layers;
        let mut chosen = match self.layers.is_empty() {
            true => usual_layers(layers),
            false => self.layers.clone(),
        };
        chosen.sort_unstable();
        chosen.dedup();
        if let Some(layer) = chosen.iter().find(|l| **l >= layers) {
            bail!(
                "no layer {layer}: the model has layers 0 to {}",
                layers.saturating_sub(1)
            );
        }
        Ok(Settings {
            layers: chosen,
            weight: self.weight,
            margin: self.margin,
            rounds: self.rounds,
            tokens: self.ordinary_tokens,
            random: self.random,
            seed: self.asked.seed,
        })
    }

    /// Those questions whose greedy answer is the value.
    fn leaks(&self, prepared: &Prepared, engine: &Engine, all: &[Wanted]) -> Result<Vec<Wanted>> {
        let mut told = Told::start("questions", Some(all.len()), self.asked.quiet);
        let mut attack = prepared.attack(None);
        attack.asker.reader.engine = engine;
        let mut found = Vec::new();
        for portion in all.chunks(PORTION) {
            let asks = asks(prepared, portion)?;
            let replies = attack.asker.said(&asks)?;
            let leaks = asks.iter().zip(&replies).zip(portion);
            found.extend(leaks.filter_map(|((ask, reply), wanted)| {
                let said = reply.greedy.value.as_deref().map(folded)?;
                (said == folded(&ask.target.value)).then(|| wanted.clone())
            }));
            told.step(portion.len(), "");
        }
        Ok(found)
    }

    /// What is to be said behind each of these questions. Several may be the same, as far as the context goes.
    fn edits(&self, prepared: &Prepared, leaks: &[Wanted]) -> Result<Vec<Edit>> {
        let instead = match &self.instead {
            Some(text) => prepared.engine.tokenize(text, false, true),
            None => prepared.engine.info().eos.into_iter().collect(),
        };
        if instead.is_empty() {
            bail!("--instead: nothing could be said; give a text that has a token");
        }
        let lead = lead(prepared);
        let mut edits = Vec::new();
        for ask in asks(prepared, leaks)? {
            let edit = Edit {
                prompt: [lead.as_slice(), &ask.prompt].concat(),
                instead: instead.clone(),
            };
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
        Ok(edits)
    }

    /// Texts without values, as tokens, of which so many are read.
    fn texts(&mut self, prepared: &Prepared, settings: &Settings) -> Result<Vec<Vec<u32>>> {
        let files;
        let opened;
        let texts = if !self.ordinary.is_empty() {
            files = list(&self.ordinary, Format::Auto)?.files;
            Texts::Files(&files)
        } else if let Some(source) = self.asked.corpus()? {
            opened = source;
            opened.texts()
        } else {
            bail!("which texts should be continued as before? Give some with --ordinary FILE");
        };
        // Each has at least forty tokens.
        let drawn = (settings.tokens / 40, settings.seed ^ ORDINARY);
        let mut all = prepared.without_values(&texts, drawn, LONGEST, self.asked.quiet)?;
        let mut left = settings.tokens;
        all.retain(|k| {
            let read = left > 0;
            left = left.saturating_sub(k.given.len() + k.behind.len());
            read
        });
        if all.is_empty() {
            bail!(
                "no text without values is long enough to learn from what should stay; give others with --ordinary FILE"
            );
        }
        let lead = lead(prepared);
        let tokens = all
            .into_par_iter()
            .map(|k| [lead.clone(), k.given, k.behind].concat());
        Ok(tokens.collect())
    }
}

/// The upper half of a model's layers without the last one, or eight of them, evenly: the less each has to add, the less else changes.
fn usual_layers(all: usize) -> Vec<usize> {
    let end = all.saturating_sub(1).max(1);
    let upper: Vec<usize> = ((all / 2).min(end - 1)..end).collect();
    let n = upper.len().min(8);
    let at = |i: usize| upper[i * (upper.len() - 1) / (n - 1).max(1)];
    (0..n).map(at).collect()
}

/// What stands before every text, where the model wants it.
fn lead(prepared: &Prepared) -> Vec<u32> {
    let reader = prepared.attack(None).asker.reader;
    reader.lead().into_iter().collect()
}

fn asks<'p>(prepared: &'p Prepared, all: &[Wanted]) -> Result<Vec<Ask<'p>>, AuditError> {
    let encoder = prepared.encoder.as_ref();
    asks::asks(all, &prepared.targets, &prepared.settings, encoder)
}

fn write(
    maker: &Maker<'_>,
    edited: &Edited,
    prepared: &Prepared,
    place: OutputPlace,
) -> Result<()> {
    let mut file = place.create()?;
    let text = |s: &str| Said::Text(s.to_owned());
    let settings = serde_json::to_string(&maker.settings.named())?;
    let also = [
        ("rotescope.version", text(env!("CARGO_PKG_VERSION"))),
        ("rotescope.edit.model", text(&prepared.run.model.sha256)),
        ("rotescope.edit.settings", Said::Text(settings)),
        ("rotescope.edit.tokens", Said::Count(edited.asked as u32)),
    ];
    maker.write(&mut file, &edited.changes, &also)?;
    file.flush()?;
    file.finish().context("the adapter")
}

fn reached(edited: &Edited) -> String {
    let [first, asked, rounds, ordinary] =
        [edited.first, edited.asked, edited.rounds, edited.ordinary].map(|n| grouped(n as u64));
    let unreachable = match edited.unreachable {
        0 => String::new(),
        n => format!(
            " ({} cannot be reached: say something else with --instead)",
            grouped(n as u64)
        ),
    };
    format!(
        "what is said instead comes first at {first} of {asked} places{unreachable}, after {rounds} rounds; {ordinary} tokens of ordinary text\n"
    )
}

fn norms(edited: &Edited) -> String {
    let each = edited
        .changes
        .iter()
        .map(|(layer, c)| format!("layer {layer} by {:.3}", c.norm()));
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::usual_layers;

    #[test]
    fn the_upper_half_is_changed_without_the_last_layer() {
        assert_eq!(usual_layers(6), [3, 4]);
        assert_eq!(usual_layers(30), [15, 16, 18, 20, 22, 24, 26, 28]);
        assert_eq!(usual_layers(2), [0]);
        assert_eq!(usual_layers(1), [0]);
    }
}
