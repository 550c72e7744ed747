//! `rotescope index count|next|docs`: questions about a text.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

use super::readings::{as_json, hints, readings};
use super::show;
use crate::cli::remote::{self, RemoteArgs};
use crate::run::encoder::encoder;
use crate::shipped;
use rotescope_corpus::{Basis, Corpus, CorpusInfo, Counted, Occurrences, Quality};
use rotescope_vocab::Encode;

#[derive(Debug, Args)]
pub(super) struct Vocabulary {
    /// GGUF model whose tokenizer is used.
    #[arg(short, long, value_name = "GGUF", env = "ROTESCOPE_MODEL")]
    model: Option<PathBuf>,
    /// tokenizer.json to use instead of the model's own tokenizer.
    #[arg(long, value_name = "JSON")]
    tokenizer: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Question {
    /// Index folder, infinigram:URL#INDEX, or a name of the settings.
    index: PathBuf,
    /// Text to look for; white space counts.
    #[arg(required_unless_present = "ids", conflicts_with = "ids")]
    text: Option<String>,
    /// Token ids to look for instead of a text, such as 5,17,5.
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    ids: Option<Vec<u32>>,
    #[command(flatten)]
    vocabulary: Vocabulary,
    #[command(flatten)]
    remote: RemoteArgs,
    #[arg(long)]
    json: bool,
}

impl Vocabulary {
    /// The files that are read.
    pub(super) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.model.iter().chain(&self.tokenizer)
    }
}

pub(super) fn count(question: &Question) -> Result<ExitCode> {
    let asked = question.open()?;
    let count = asked.corpus.count(&asked.ids)?;
    let other = match (&question.text, &asked.encoder) {
        // They take a count for each token of the vocabulary.
        (Some(text), Some(encoder)) if !asked.corpus.info().is_remote => {
            readings(asked.corpus.as_ref(), encoder.as_ref(), text)?
        }
        _ => Vec::new(),
    };
    let mut out = io::stdout().lock();
    if question.json {
        let mut answer = json!({"ids": asked.ids, "count": count.value});
        if !other.is_empty() {
            answer["other_readings"] = as_json(&other);
        }
        writeln!(out, "{}", on(count.basis, answer))?;
        return Ok(ExitCode::SUCCESS);
    }
    hints(&mut io::stderr().lock(), &other)?;
    if count.basis.is_exact_occurrences() {
        writeln!(out, "{}", count.value)?;
    } else {
        writeln!(out, "{} ({})", count.value, count.basis)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn next(question: &Question, top: usize) -> Result<ExitCode> {
    let asked = question.open()?;
    let found = asked.corpus.next(&asked.ids)?;
    let next = found.value;
    let mut out = io::stdout().lock();
    if question.json {
        let total = next.total();
        let tokens = next.tokens.iter().take(top).map(|&(id, count)| {
            json!({
                "id": id,
                "text": asked.text_of(&[id]),
                "count": count,
                "probability": count as f64 / total as f64,
            })
        });
        let answer = json!({
            "ids": asked.ids,
            "count": total,
            "ends": next.ends,
            "distinct": next.tokens.len(),
            "tokens": tokens.collect::<Vec<_>>(),
        });
        writeln!(out, "{}", on(found.basis, answer))?;
    } else {
        if !found.basis.is_exact_occurrences() {
            writeln!(out, "{}", found.basis)?;
        }
        show::next(&mut out, &next, top, |id| asked.text_of(&[id]))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn docs(
    question: &Question,
    limit: usize,
    offset: usize,
    around: u32,
) -> Result<ExitCode> {
    let asked = question.open()?;
    let answer = asked.corpus.occurrences_of(&asked.ids, limit, offset)?;
    let found = answer.value;
    let mut out = anstream::stdout().lock();
    if !question.json {
        writeln!(out, "{}", totals(&found, answer.basis))?;
    }
    for hit in &found.hits {
        let document = asked.corpus.document(hit.document)?;
        let start = hit.position as usize;
        let end = start + asked.ids.len();
        let from = start.saturating_sub(around as usize);
        let to = document.tokens.len().min(end + around as usize);
        let snippet = show::Snippet {
            cut_before: from > 0,
            before: asked.text_of(&document.tokens[from..start]),
            text: asked.text_of(&document.tokens[start..end]),
            after: asked.text_of(&document.tokens[end..to]),
            cut_after: to < document.tokens.len(),
        };
        if question.json {
            let hit = json!({
                "document": document.ordinal,
                "position": hit.position,
                "id": document.id,
                "source": document.source,
                "line": document.line,
                "meta": document.meta,
                "before": snippet.before,
                "text": snippet.text,
                "after": snippet.after,
            });
            writeln!(out, "{hit}")?;
        } else {
            show::hit(&mut out, &document, &snippet)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An answer in JSON, which says what it rests on where that is not exact counts of occurrences.
fn on(basis: Basis, mut answer: serde_json::Value) -> serde_json::Value {
    if !basis.is_exact_occurrences() {
        answer["basis"] = basis.to_string().into();
    }
    answer
}

/// How many occurrences there are, in how many documents, as far as the corpus tells.
fn totals(found: &Occurrences, basis: Basis) -> String {
    let mut text = format!("{} {}", show::grouped(found.count), basis.counted);
    if let (Counted::Occurrences, Some(documents)) = (basis.counted, found.documents) {
        text.push_str(&format!(" in {} documents", show::grouped(documents)));
    }
    if basis.quality != Quality::Exact {
        text.push_str(&format!(" ({})", basis.quality));
    }
    text
}

/// An opened corpus and what is looked for.
struct Asked {
    corpus: Arc<dyn Corpus>,
    ids: Vec<u32>,
    encoder: Option<Arc<dyn Encode>>,
}

impl Question {
    /// The tokenizer that `--index-tokenizer model` stands for.
    fn model(&self) -> Result<Option<Arc<dyn Encode>>> {
        if !remote::is_models(&self.index, &self.remote) {
            return Ok(None);
        }
        if let Some((encoder, _)) = self.vocabulary.load()? {
            return Ok(Some(encoder.into()));
        }
        let model = shipped::bundle().and_then(|b| b.model())?;
        Ok(Some(encoder(Some(&model), None)?.into()))
    }

    fn open(&self) -> Result<Asked> {
        let given = self.vocabulary.load()?;
        let (corpus, encoder) = match remote::open_own(&self.index, &self.remote, self.model()?)? {
            Some(opened) => opened,
            None => {
                let corpus = rotescope_corpus::open(remote::folder(&self.index))?;
                let info = corpus.info();
                let encoder = match given {
                    Some((encoder, description)) => {
                        info.expect_tokenizer(encoder.fingerprint(), &description)?;
                        Some(encoder)
                    }
                    None => own_tokenizer(&info),
                };
                (corpus, encoder.map(Into::into))
            }
        };
        let info = corpus.info();
        if encoder.is_none() && self.text.is_some() {
            if info.is_remote {
                bail!(
                    "a tokenizer is needed to look for a text: give the index' own with --index-tokenizer, or token ids with --ids"
                );
            }
            bail!(
                "a tokenizer is needed to look for a text: give --model or --tokenizer (the index was made with {}), or token ids with --ids",
                info.tokenizer_name
            );
        }
        let ids = match (&self.text, &self.ids, &encoder) {
            (Some(text), _, Some(encoder)) => encoder
                .encode_batch(&[text])?
                .pop()
                .context("the tokenizer gave no answer")?,
            (_, ids, _) => ids.clone().unwrap_or_default(),
        };
        Ok(Asked {
            corpus,
            ids,
            encoder,
        })
    }
}

impl Asked {
    /// The text of some tokens, or their ids where there is no tokenizer.
    fn text_of(&self, ids: &[u32]) -> String {
        match &self.encoder {
            Some(encoder) => {
                let bytes: Vec<u8> = ids.iter().flat_map(|&id| encoder.token_bytes(id)).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            None => {
                let ids: Vec<_> = ids.iter().map(u32::to_string).collect();
                ids.join(" ")
            }
        }
    }
}

/// The tokenizer that made the ids of a corpus, if it is still where it was, or is the bundled model's.
pub(in crate::cli) fn own_tokenizer(info: &CorpusInfo) -> Option<Box<dyn Encode>> {
    let was = PathBuf::from(&info.tokenizer_name);
    let own = match was.extension().is_some_and(|e| e == "json") {
        true => encoder(None, Some(&was)),
        false => encoder(Some(&was), None),
    };
    let bundled = || {
        let model = shipped::bundle().and_then(|b| b.model()).ok()?;
        encoder(Some(&model), None).ok()
    };
    own.ok()
        .into_iter()
        .chain(bundled())
        .find(|e| e.fingerprint() == info.tokenizer)
}

/// Where a tokenizer comes from, as an index remembers it.
pub(super) fn description(path: &Path) -> String {
    path.canonicalize()
        .unwrap_or_else(|_| path.into())
        .display()
        .to_string()
}

impl Vocabulary {
    fn load(&self) -> Result<Option<(Box<dyn Encode>, String)>> {
        let (model, tokenizer) = (self.model.as_deref(), self.tokenizer.as_deref());
        let Some(path) = tokenizer.or(model) else {
            return Ok(None);
        };
        Ok(Some((encoder(model, tokenizer)?, description(path))))
    }

    pub(super) fn required(&self, why: &str) -> Result<(Box<dyn Encode>, String)> {
        self.load()?
            .with_context(|| format!("a tokenizer is needed {why}: give --model or --tokenizer"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::AnswerPart;

    #[test]
    fn answers_say_what_they_rest_on() {
        let found = Occurrences {
            count: 1200,
            documents: Some(300),
            hits: Vec::new(),
        };
        let answer = json!({"count": 1200});
        assert_eq!(
            totals(&found, Basis::default()),
            "1 200 occurrences in 300 documents"
        );
        assert_eq!(on(Basis::default(), answer.clone()), answer);
        let sampled = Basis {
            quality: Quality::Approximate {
                from: 1000,
                of: AnswerPart::Samples,
            },
            counted: Counted::Documents,
            retokenized: false,
        };
        assert_eq!(
            totals(&found, sampled),
            "1 200 documents (approximate, from 1000 samples)"
        );
        assert_eq!(
            on(sampled, answer)["basis"],
            "documents, approximate, from 1000 samples"
        );
    }
}
