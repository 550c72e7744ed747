//! A [`Trace`] and its parts: what was asked, and what came out, token by token and step by step.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::options::{AttributionOptions, FileRef, Judging, RunOptions, Sampler};
use super::prompt::{Prompt, RenderedPrompt};
use super::retrieved::Retrieved;
use super::source::Source;
use super::span::Span;
use super::step::Step;

/// Name and version of the format; the number changes when a reader of the older one would misread the newer.
pub const SCHEMA: &str = "rotescope.trace/1";

/// One prompt, what the model answered, and how much of it is rote.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of rotescope that made this line.
    pub rotescope: String,
    pub prompt: RenderedPrompt,
    pub model: ModelRef,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexRef>,
    pub sampler: Sampler,
    pub attribution: AttributionOptions,
    /// Other options that decided what was generated; older traces do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunOptions>,
    /// By what steps were flagged and judged beside computation; older traces do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judging: Option<Judging>,
    /// Where a completion that another tool wrote came from; absent for our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Import>,
    /// Everything as generated, tokens' bytes read as UTF-8 (what is no UTF-8 is shown as U+FFFD; the tokens hold the bytes).
    pub output: String,
    pub tokens: Vec<Token>,
    pub steps: Vec<Step>,
    /// Where `<think>`-style reasoning lies in the output, without its marks, if there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Span>,
    /// Where more of it lies, in order, if there are several blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_reasoning: Vec<Span>,
    pub answer: Answer,
    /// Why generation ended: `end` (end-of-text token), `stop` (a stop string), `loop` (it only repeated itself), `length` (token limit), `context`
    /// (context full), `cancelled`.
    pub finish: String,
    pub timing: Timing,
    /// Fields that this version does not know; kept when the line is written again.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Trace {
    /// Where the output's reasoning lies, block by block.
    pub fn reasoning_blocks(&self) -> impl Iterator<Item = Span> {
        self.reasoning
            .into_iter()
            .chain(self.further_reasoning.iter().copied())
    }

    /// The prompt as a file gives it, with its answer: to run it again.
    pub fn asked(&self) -> Prompt {
        Prompt {
            answer: self.answer.expected.clone(),
            ..self.prompt.prompt.clone()
        }
    }
}

/// Where a completion that another tool wrote came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Import {
    /// Of the file, such as `lm-eval samples`.
    pub format: String,
    /// Its name, without its folder.
    pub file: String,
    /// Line or item, from 1.
    pub line: usize,
    /// Who wrote it, as the file says; empty where it does not. [`Trace::model`] is who read it, where a model has.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub writer: String,
    /// Which probabilities it has, for people: `none`, or `of the chosen token and the top 5`.
    pub probabilities: String,
}

/// Which model wrote the completion.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelRef {
    pub file: String,
    /// Hex SHA-256 of the file.
    pub sha256: String,
    pub architecture: String,
    pub quantization: String,
    pub parameters: u64,
    /// Fingerprint of the tokenizer, see `rotescope_vocab::Encode::fingerprint`.
    pub tokenizer: String,
    /// The LoRA adapter that changed it; not there where none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<FileRef>,
}

impl ModelRef {
    /// What tells it from others: the hash of its file, and of its adapter where it has one.
    pub fn identity(&self) -> String {
        match &self.adapter {
            Some(adapter) => format!("{}+{}", self.sha256, adapter.sha256),
            None => self.sha256.clone(),
        }
    }

    /// Whether both are the same model, with the same adapter if any.
    pub fn is(&self, other: &ModelRef) -> bool {
        self.sha256 == other.sha256
            && self.adapter.as_ref().map(|a| &a.sha256) == other.adapter.as_ref().map(|a| &a.sha256)
    }

    /// Its file, for people, with its adapter's.
    pub fn shown(&self) -> String {
        match &self.adapter {
            Some(adapter) => format!("{} with {}", self.file, adapter.file),
            None => self.file.clone(),
        }
    }
}

/// Which corpus the counts come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IndexRef {
    pub id: String,
    pub tokens: u64,
    /// Not there where the corpus does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<u64>,
    pub fingerprint: String,
    /// What its counts rest on, in words, such as `documents, approximate, from 3 shards`; not there where they are exact and of occurrences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<String>,
    /// The corpora whose counts were summed, where there are several; what stands above is said of their sum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<IndexRef>,
}

/// One generated token.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    pub id: u32,
    /// Its text, lossy where the bytes are no UTF-8 of their own.
    pub text: String,
    /// The bytes in hex, only where `text` is lossy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    pub span: Span,
    /// Probability by the model's full softmax, before any sampling transform.
    pub p: f32,
    /// 1 is the most probable; 0 where the token comes without probabilities, which then are 0 too.
    pub rank: u32,
    /// Of the next-token distribution, in bits.
    pub entropy: f32,
    pub candidates: Candidates,
    /// Tokens that would have been chosen here and that the gate refused; they are no candidates.
    #[serde(default, skip_serializing_if = "is_none")]
    pub refused: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<Local>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mid: Option<NonLocal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long: Option<NonLocal>,
    /// Measures beside the published scores, by name, each the same for all sources (see `rotescope_stim`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measures: BTreeMap<String, PerSource>,
    /// Which source the default measure names as the cause of the token; absent when it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What the corpus alone would have said; absent where it is behind a network, where the model was not loaded, and in older traces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieved: Option<Retrieved>,
    /// Sources that were asked for and are not worked out, for the budget was spent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Source>,
    /// Why the token has no score: `stop_word`, `punctuation`, `whitespace`, `special`; absent when it is scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

impl Token {
    /// Stands for the id of a token or candidate that its file names by text alone.
    pub const NO_ID: u32 = u32::MAX;

    /// Its probability; `None` where it came without one.
    pub fn probability(&self) -> Option<f64> {
        (self.rank > 0 || self.p > 0.0).then_some(f64::from(self.p))
    }

    /// The entropy of its distribution, in bits; `None` where it came without. Only what is certain has none.
    pub fn entropy(&self) -> Option<f64> {
        let said = self.entropy > 0.0 || self.p > 0.999;
        said.then_some(f64::from(self.entropy))
    }

    /// What was found of a source; `None` where it was not scored.
    pub fn evidence(&self, source: Source) -> Option<Evidence<'_>> {
        match source {
            Source::Local => self.local.as_ref().map(Evidence::Local),
            Source::Mid => self.mid.as_ref().map(Evidence::NonLocal),
            Source::Long => self.long.as_ref().map(Evidence::NonLocal),
        }
    }

    /// The evidence of a source that is not local.
    pub fn non_local(&self, source: Source) -> Option<&NonLocal> {
        match self.evidence(source)? {
            Evidence::NonLocal(found) => Some(found),
            Evidence::Local(_) => None,
        }
    }

    /// Keeps what was found of a source, with the candidates' counts by it.
    ///
    /// # Panics
    /// For local memorization, which has another kind of evidence.
    pub fn set_non_local(&mut self, source: Source, found: NonLocal, counts: Vec<Option<f64>>) {
        let (at, column) = match source {
            Source::Mid => (&mut self.mid, &mut self.candidates.mid),
            Source::Long => (&mut self.long, &mut self.candidates.long),
            Source::Local => panic!("{source} is local"),
        };
        (*at, *column) = (Some(found), counts);
    }

    /// Takes back what [`Token::set_non_local`] kept.
    pub fn clear_non_local(&mut self) {
        (self.mid, self.long) = (None, None);
        self.candidates.mid.clear();
        self.candidates.long.clear();
    }

    /// The published score of a source, where it is defined.
    pub fn score(&self, source: Source) -> Option<f64> {
        match self.evidence(source)? {
            Evidence::Local(found) => found.score,
            Evidence::NonLocal(found) => found.score,
        }
    }

    /// Why a source has no score, where it was asked for; `pending` where it is not worked out.
    pub fn undefined(&self, source: Source) -> Option<&str> {
        match self.evidence(source) {
            Some(Evidence::Local(found)) => found.undefined.as_deref(),
            Some(Evidence::NonLocal(found)) => found.undefined.as_deref(),
            None => self.pending.contains(&source).then_some("pending"),
        }
    }

    /// `STIM_max` and the dominant source: the largest published score that is defined (ties: local, then mid, then long).
    pub fn stim_max(&self) -> Option<(Source, f64)> {
        PerSource::of(|s| self.score(s)).max()
    }

    /// The bytes of the token.
    pub fn raw(&self) -> Vec<u8> {
        match &self.bytes {
            None => self.text.as_bytes().to_vec(),
            Some(hex) => (0..hex.len() / 2)
                .filter_map(|i| u8::from_str_radix(hex.get(2 * i..2 * i + 2)?, 16).ok())
                .collect(),
        }
    }
}

/// The candidates of one position as columns of equal length, most probable first; the chosen token is among them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Candidates {
    pub ids: Vec<u32>,
    pub text: Vec<String>,
    pub p: Vec<f32>,
    /// How often each follows the longest matched context in the corpus (see [`Local`]); empty when not scored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub local: Vec<u64>,
    /// How often each occurs together with the salient words of the output, mean over the words; null where a candidate is left out of the
    /// ranks; empty when not scored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mid: Vec<Option<f64>>,
    /// The same with the salient words of the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub long: Vec<Option<f64>>,
}

impl Candidates {
    /// The counts by a source, one for each candidate; empty where it was not scored.
    pub fn counts(&self, source: Source) -> CandidateCounts<'_> {
        match source {
            Source::Local => CandidateCounts::Occurrences(&self.local),
            Source::Mid => CandidateCounts::Means(&self.mid),
            Source::Long => CandidateCounts::Means(&self.long),
        }
    }
}

/// Counts of candidates.
#[derive(Debug, Clone, Copy)]
pub enum CandidateCounts<'a> {
    Occurrences(&'a [u64]),
    /// Means over salient words; nothing for a candidate that is left out of the ranks.
    Means(&'a [Option<f64>]),
}

impl CandidateCounts<'_> {
    pub fn len(self) -> usize {
        match self {
            CandidateCounts::Occurrences(n) => n.len(),
            CandidateCounts::Means(n) => n.len(),
        }
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The count of a candidate.
    pub fn get(self, candidate: usize) -> Option<f64> {
        match self {
            CandidateCounts::Occurrences(n) => n.get(candidate).map(|&n| n as f64),
            CandidateCounts::Means(n) => n.get(candidate).copied().flatten(),
        }
    }

    /// All of them; 0 for a candidate that is left out.
    pub fn to_vec(self) -> Vec<f64> {
        match self {
            CandidateCounts::Occurrences(n) => n.iter().map(|&n| n as f64).collect(),
            CandidateCounts::Means(n) => n.iter().map(|n| n.unwrap_or(0.0)).collect(),
        }
    }
}

/// What was found of one source for one token.
#[derive(Debug, Clone, Copy)]
pub enum Evidence<'a> {
    Local(&'a Local),
    NonLocal(&'a NonLocal),
}

/// Mid-range or long-range memorization of one token, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NonLocal {
    /// Spearman's rank correlation of the candidates' probabilities and their mean co-occurrence with `words`; null when undefined.
    pub score: Option<f64>,
    /// Why the score is null: `no_words` (nothing in the context can be salient), `constant` (all counts or all probabilities are equal),
    /// `no_candidates` (the token came without its alternatives).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
    /// The salient words, most salient first.
    pub words: Vec<SalientWord>,
    /// Mid-range only: the tokens of the output that the words come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Span>,
    /// Mid-range only: whether the model, given only the window, produces the token greedily. If no window of the output makes it, the window is
    /// the whole output before the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elicited: Option<bool>,
}

/// A word of the context and how much it matters for a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SalientWord {
    pub text: String,
    /// In bytes: of the output (mid-range) or of the prompt text (long-range).
    pub span: Span,
    /// By how much the word raises the log-probability of the token, in nats: that of its most salient token.
    pub saliency: f64,
    /// Standard error of `saliency`, where it comes from sampling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
}

/// One number for each source; null where it is undefined or was not asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PerSource([Option<f64>; Source::COUNT]);

impl PerSource {
    pub fn of(value: impl FnMut(Source) -> Option<f64>) -> PerSource {
        PerSource(Source::ALL.map(value))
    }

    pub fn get(&self, source: Source) -> Option<f64> {
        self.0[source as usize]
    }

    /// The largest number and its source (ties: local, then mid, then long).
    pub fn max(&self) -> Option<(Source, f64)> {
        let defined = Source::ALL
            .into_iter()
            .filter_map(|s| Some((s, self.get(s)?)));
        defined.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

impl Serialize for PerSource {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(Source::ALL.map(|s| (s, self.get(s))))
    }
}

impl JsonSchema for PerSource {
    fn schema_name() -> Cow<'static, str> {
        "PerSource".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = Source::ALL.map(Source::name);
        let number = |name: &str| (name.to_string(), json!({"type": ["number", "null"]}));
        json_schema!({
            "description": "One number for each source; null where it is undefined or was not asked for.",
            "type": "object",
            "properties": Map::from_iter(names.map(number)),
            "required": names,
        })
    }
}

impl<'de> Deserialize<'de> for PerSource {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = PerSource;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number or null for each source, by its name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PerSource, A::Error> {
                let mut all = PerSource::default();
                while let Some(name) = map.next_key::<Cow<str>>()? {
                    match Source::named(&name) {
                        Some(source) => all.0[source as usize] = map.next_value()?,
                        // Of a version to come.
                        None => _ = map.next_value::<IgnoredAny>()?,
                    }
                }
                Ok(all)
            }
        }

        from.deserialize_map(Members)
    }
}

/// The source that the default measure names as the cause of a token.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    pub source: Source,
    /// How strongly, from 0 to 1.
    pub strength: f64,
}

/// Local memorization of one token, with its evidence.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Local {
    /// Spearman's rank correlation of the candidates' probabilities and their counts after `context`; null when undefined.
    pub score: Option<f64>,
    /// Why the score is null: `unseen` (the token does not occur in the corpus), `constant` (all counts or all probabilities are equal),
    /// `no_candidates` (the token came without its alternatives).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
    /// Length in tokens of the longest run right before the token that is followed by it somewhere in the corpus.
    pub context: usize,
    /// How often that run occurs.
    pub context_count: u64,
    /// How often the run occurs followed by this token.
    pub match_count: u64,
    /// The same for the longest such run that begins at the border of a word or number, where this one begins within; absent where it does not, or
    /// where the borders are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aligned: Option<Aligned>,
}

impl Local {
    /// The run that begins at the border of a word or number, and its score: this one, if it does.
    pub fn aligned(&self) -> Aligned {
        self.aligned.clone().unwrap_or(Aligned {
            score: self.score,
            context: self.context,
            context_count: self.context_count,
            match_count: self.match_count,
        })
    }
}

/// What a context says that begins at the border of a word or number: the fields are those of [`Local`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Aligned {
    pub score: Option<f64>,
    pub context: usize,
    pub context_count: u64,
    pub match_count: u64,
}

/// The final answer, as read from the output.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    pub extracted: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Null when no answer is expected.
    pub right: Option<bool>,
}

/// Wall-clock times in seconds. The only part of a trace that differs between two runs of the same thing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// Reading the prompt.
    pub prompt: f64,
    /// Generating all tokens.
    pub generate: f64,
    /// Looking up counts, which runs beside generation, and mid-range and long-range memorization.
    pub attribute: f64,
    /// Tokens that the model read for mid-range and long-range memorization.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attribute_tokens: u64,
    /// Generated tokens per second.
    pub tokens_per_second: f64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(n: &u64) -> bool {
    *n == 0
}
