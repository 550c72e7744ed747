//! What `audit spans` and `audit regions` write: a line for each text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::line::{AuditRecord, RecordLine};
use crate::region::{RegionClass, RegionStretch};
use crate::span::Span;

/// A text: a whole file, or one of the completions in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextRef {
    pub file: String,
    /// Its place in the file, from 0.
    pub number: usize,
    /// Of the prompt; the file's name of a whole file.
    pub id: String,
}

impl TextRef {
    /// Its name within a run.
    pub fn key(&self) -> String {
        format!("{}\n{}\n{}", self.file, self.number, self.id)
    }
}

/// The verbatim spans of a text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextSpans {
    #[serde(flatten)]
    pub text: TextRef,
    pub tokens: usize,
    /// Maximal spans, in order.
    pub spans: Vec<TextSpan>,
    /// Documents behind those that are kept, the most relevant first.
    pub documents: Vec<SpanDocument>,
}

/// A stretch of a text that stands in the corpus token for token, and in no longer one that does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextSpan {
    pub tokens: Span,
    /// Of the text.
    pub bytes: Span,
    /// In the corpus.
    pub occurrences: u64,
    /// Natural logarithm of the product of its tokens' shares of the corpus: the lower, the more telling.
    pub unigram_logprob: f64,
    /// Whether documents were asked for it.
    pub kept: bool,
    pub text: String,
}

/// A document that holds at least one of the spans.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpanDocument {
    /// Its number in the index.
    pub document: u64,
    pub id: Option<String>,
    pub source: String,
    pub line: u64,
    /// Of the document for the words of the text, over the whole corpus.
    pub bm25: f64,
    /// Other documents with the same text that hold the same spans.
    pub copies: usize,
    /// Indices of the spans, and the tokens of the document before each, where they are known.
    pub spans: Vec<(usize, Option<u32>)>,
}

impl AuditRecord for TextSpans {
    const SCHEMA: &'static str = "rotescope.spans/1";

    fn key(&self) -> String {
        self.text.key()
    }
}

/// Foreground and background of an answer, and what of them its sources have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnswerRegions {
    #[serde(flatten)]
    pub text: TextRef,
    /// Of the run before a change, for the mitigation score.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub before: bool,
    /// Whether its final answer is right, where that is known.
    pub right: Option<bool>,
    pub class: RegionClass,
    pub coverage: RegionShares,
    /// In bytes of the answer.
    pub foreground: Vec<Span>,
    /// What the best source has, in order.
    pub covered: Vec<RegionStretch>,
    /// The best first.
    pub sources: Vec<SourceRegions>,
}

/// Shares of an answer that a source has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RegionShares {
    pub foreground: f64,
    pub background: f64,
    /// Both are the share of the whole, for there is too little of one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

/// A document, and what of the answer it has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SourceRegions {
    pub document: u64,
    pub id: Option<String>,
    pub coverage: RegionShares,
    pub class: RegionClass,
    /// Nearly the same documents of one answer have one number.
    pub cluster: usize,
}

impl AuditRecord for AnswerRegions {
    const SCHEMA: &'static str = "rotescope.regions/1";

    fn key(&self) -> String {
        format!("{}\n{}", self.before, self.text.key())
    }
}

pub type SpansLine = RecordLine<TextSpans>;
pub type RegionsLine = RecordLine<AnswerRegions>;

#[cfg(test)]
mod tests {
    use super::super::{AuditLine, AuditRun};
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let answer = AnswerRegions {
            text: TextRef {
                file: "t.jsonl".into(),
                number: 3,
                id: "a".into(),
            },
            class: RegionClass::Bm,
            sources: vec![SourceRegions::default()],
            ..AnswerRegions::default()
        };
        let line = RegionsLine::of(answer.clone());
        let written = serde_json::to_string(&line).unwrap();
        assert!(
            written.starts_with(
                r#"{"schema":"rotescope.regions/1","record":{"file":"t.jsonl","number":3,"id":"a","right":null,"class":"BM""#
            ),
            "{written}"
        );
        assert_eq!(serde_json::from_str::<RegionsLine>(&written).unwrap(), line);
        let before = AnswerRegions {
            before: true,
            ..answer
        };
        assert_ne!(RegionsLine::of(before).key(), line.key());
        let first = SpansLine::of_run(AuditRun::default());
        let written = serde_json::to_string(&first).unwrap();
        let read: SpansLine = serde_json::from_str(&written).unwrap();
        assert!(read.run().is_some() && read.key().is_none());
    }
}
