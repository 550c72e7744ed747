//! Mistakes whose cause in the corpus is known.
//!
//! A prompt has a *known cause* where somebody knows what in the corpus makes a model go wrong on it, for example because he put it there. Its
//! `meta.planted` says so:
//!
//! | key | what it is |
//! |---|---|
//! | `id` | names the cause; prompts that share it are one group |
//! | `kind` | the source that is to blame: `local`, `mid` or `long` |
//! | `trigger` | what brings it: a text right before the wrong one (`local`), an earlier word of the output (`mid`), a word of the question (`long`) |
//! | `wrong` | the wrong text that it brings |
//! | `chain` | the whole completion that it brings, beside the right one in `meta.chain` |
//!
//! The *twin* of such a prompt is one without the trigger, whose `pair` is the prompt's id; the two are one group (see
//! [`Groups`](rotescope_judge::groups::Groups)). The prompts of `prompts/planted-*.jsonl` are an example:
//! their causes were planted into the bundled corpus.

use serde_json::Value;

use rotescope_trace::source::Reads;
use rotescope_trace::{Source, Trace};

/// What `meta.planted` of a prompt says.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownCause {
    pub kind: Source,
    pub trigger: String,
    /// The wrong continuation.
    pub wrong: String,
    /// The whole completion with it.
    pub chain: Option<String>,
}

impl KnownCause {
    /// Of a trace's prompt, if it has one.
    pub fn of(t: &Trace) -> Option<KnownCause> {
        let p = t.prompt.meta.get("planted")?;
        let text = |key: &str| p.get(key).and_then(Value::as_str).map(str::to_string);
        let kind = text("kind");
        Some(KnownCause {
            kind: Source::named(kind.as_deref()?)?,
            trigger: text("trigger")?,
            wrong: text("wrong")?,
            chain: text("chain"),
        })
    }

    /// Byte offset in the output of the wrong continuation, where the model wrote it: right after the trigger (local), as a word somewhere
    /// after it (mid), as the final answer (long).
    pub fn site(&self, t: &Trace) -> Option<usize> {
        let out = &t.output;
        match self.kind.about().reads {
            Reads::Before => {
                let lead = format!("{} ", self.trigger);
                out.match_indices(&lead)
                    .filter(|(i, _)| !out[..*i].ends_with(|c: char| c.is_ascii_digit() || c == '.'))
                    .map(|(i, _)| i + lead.len())
                    .find(|&at| whole(&out[at..], &self.wrong))
            }
            Reads::Output => {
                let from = out.find(&self.trigger)? + self.trigger.len();
                out[from..]
                    .match_indices(&self.wrong)
                    .map(|(i, _)| from + i)
                    .find(|&at| whole(&out[at..], &self.wrong))
            }
            Reads::Question => {
                let answer = t.answer.extracted.as_ref().filter(|a| **a == self.wrong)?;
                t.answer
                    .span
                    .map(|s| s[0])
                    .or_else(|| out.rfind(answer.as_str()))
            }
        }
    }
}

/// Whether `text` begins with `word` and the word ends there.
fn whole(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
}

/// The token that holds a byte of the output.
pub fn token_at(t: &Trace, byte: usize) -> Option<usize> {
    t.tokens
        .iter()
        .position(|x| x.span[0] <= byte && byte < x.span[1])
}
