//! What the threads are asked, and what they say.

use crate::run::pipeline::Prefix;
use rotescope_corpus::VerbatimSpan;
use rotescope_trace::{IndexRef, ModelRef, Prompt, Span, Step, StepRegion, Token, Trace};

/// A prompt to run, or to resume.
#[derive(Debug, Clone)]
pub struct Job {
    /// Chosen by the caller; every answer to the job carries it.
    pub id: u64,
    pub prompt: Prompt,
    /// What the output begins with; nothing for a new run.
    pub from: Prefix,
}

/// What the threads say.
#[derive(Debug)]
pub enum Update {
    /// What is being prepared, for people.
    Loading(String),
    Ready(Ready),
    /// Tokens of the prompt read, of all.
    Reading {
        job: u64,
        done: usize,
        total: usize,
    },
    /// A generated token with its local score, or without where that comes behind it.
    Token {
        job: u64,
        token: Box<Token>,
    },
    /// A token has got its local score behind the others; so many still wait.
    Local {
        job: u64,
        index: usize,
        token: Box<Token>,
        waiting: usize,
    },
    /// Steps of the growing completion that are over, with flag and verdict as far as they are known by now.
    Steps {
        job: u64,
        steps: Vec<Step>,
    },
    /// The completion is there; mid-range and long-range scores are still to come.
    Generated {
        job: u64,
        trace: Box<Trace>,
    },
    /// A token of the completion has all its scores; `done` of `total` have.
    Attributed {
        job: u64,
        index: usize,
        token: Box<Token>,
        done: usize,
        total: usize,
    },
    /// The job is over: what was asked for is in the trace, or as much of it as was done when it was cancelled.
    Finished {
        job: u64,
        trace: Box<Trace>,
    },
    Failed {
        job: u64,
        error: String,
    },
    /// Nothing can be done at all.
    Broken(String),
    Found(FoundDocuments),
    /// A prompt changed by an operator that asks the corpus, or why it cannot be changed.
    Changed(Result<Box<Prompt>, String>),
    /// The longest verbatim spans of an output: longest first, rarest first among equals.
    Verbatim {
        job: u64,
        spans: Vec<VerbatimSpan>,
    },
    /// What of each step of an output a document has.
    Regions {
        job: u64,
        steps: Vec<Option<StepRegion>>,
    },
}

/// What was loaded.
#[derive(Debug, Clone)]
pub struct Ready {
    pub model: ModelRef,
    pub index: Option<IndexRef>,
    /// Whether the index is behind a network, where every question counts.
    pub remote: bool,
    /// What is to be said of it.
    pub note: Option<String>,
}

impl Ready {
    /// Whether this is the model that wrote a trace: only then can its completion be gone on with.
    pub fn wrote(&self, trace: &Trace) -> bool {
        self.model.is(&trace.model)
    }

    /// Whether a trace's token ids are those of the model and the index.
    pub fn reads(&self, trace: &Trace) -> bool {
        self.model.tokenizer == trace.model.tokenizer
    }
}

/// What documents are asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// Token ids of the index.
    Tokens(Vec<u32>),
    /// Text that another tokenizer cut; it is cut anew by the model's.
    Text(String),
}

impl Default for Passage {
    fn default() -> Self {
        Passage::Tokens(Vec::new())
    }
}

/// Documents that hold an n-gram.
#[derive(Debug, Clone, Default)]
pub struct FoundDocuments {
    pub asked: Passage,
    /// The token ids that were looked up.
    pub ngram: Vec<u32>,
    pub occurrences: u64,
    /// Where the corpus tells.
    pub documents: Option<u64>,
    /// Of how many occurrences an even sample was looked at, where all were too many.
    pub sampled: Option<u64>,
    /// Distinct documents; repeats of a text are counted, not listed.
    pub hits: Vec<Hit>,
    /// Why nothing was found, if the lookup failed.
    pub error: Option<String>,
}

/// One document with the place of the match.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The document's own id, or its number.
    pub id: String,
    /// File and line it came from.
    pub source: String,
    pub text: String,
    /// Bytes of `text` that match.
    pub matched: Span,
    /// Whether the match begins and ends at the border of a word or number.
    pub aligned: bool,
    /// How many of the documents looked at have the same text.
    pub copies: usize,
}
