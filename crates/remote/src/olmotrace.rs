//! Verbatim spans of a text, as OLMoTrace's own service finds them (`POST /INDEX/attribution` of allenai/infinigram-api): one question a text.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::address::Address;
use crate::asker::Asker;
use crate::client::{Body, Method, Request};
use crate::error::RemoteError;
use crate::open::Options;
use crate::protocol::{malformed, missing, number};

/// Which spans are wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanQuestion {
    /// Fewest tokens.
    pub shortest: usize,
    /// Spans begin and end with whole words and go over no `.` and no line break.
    pub self_contained: bool,
    /// At most so many spans for each token of the text, those with the rarest tokens.
    pub density: f64,
    /// Spans that occur more often are left out; as the service has it (10) if not given.
    pub most_frequent: Option<u64>,
    /// At most so many documents for each span.
    pub documents: usize,
}

/// The spans of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServedSpans {
    /// Of the text, in tokens of the index.
    pub tokens: usize,
    /// By their places.
    pub spans: Vec<ServedSpan>,
}

/// A stretch of the text that stands in the index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServedSpan {
    /// Tokens of the text, half-open.
    pub tokens: [usize; 2],
    /// Bytes of the text, half-open.
    pub bytes: [usize; 2],
    pub occurrences: u64,
    /// Sum of the natural logarithms of its tokens' shares of the index.
    pub unigram_logprob: f64,
    pub documents: Vec<ServedDocument>,
}

/// A part of a document that holds a span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServedDocument {
    pub document: u64,
    /// Tokens of the whole document.
    pub length: u64,
    /// The part that is shown; empty where the owner of the document does not wish it.
    pub text: String,
    /// As the index has it: `{"path", "linenum", "metadata"}`.
    pub metadata: Value,
}

/// The service, asked about one index.
pub struct OlmoTrace {
    asker: Asker,
}

impl OlmoTrace {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// [`RemoteError::Unencrypted`].
    pub fn open(address: Address, options: Options) -> Result<OlmoTrace, RemoteError> {
        address.check_encrypted(options.insecure)?;
        let asker = Asker::new(address, options.limits, options.credentials, options.cache);
        Ok(OlmoTrace { asker })
    }

    pub fn address(&self) -> &Address {
        self.asker.address()
    }

    /// The spans of a text.
    ///
    /// # Errors
    /// When there is no answer in all attempts, no more may be asked, or the answer is not one to this text.
    pub fn spans(&self, text: &str, question: &SpanQuestion) -> Result<ServedSpans, RemoteError> {
        let mut body = json!({
            "response": text,
            "delimiters": if question.self_contained { &["\n", "."][..] } else { &[] },
            "allowSpansWithPartialWords": !question.self_contained,
            "minimumSpanLength": question.shortest.max(1),
            "maximumSpanDensity": question.density,
            "spanRankingMethod": "unigram_logprob_sum",
            "maximumDocumentsPerSpan": question.documents.max(1),
        });
        if let Some(most) = question.most_frequent {
            body["maximumFrequency"] = most.max(1).into();
        }
        if let Some(known) = self.asker.known("", &body)? {
            return Ok(known);
        }
        if self.asker.limits().offline {
            let what = format!("the spans of a text of {} bytes", text.len());
            return Err(RemoteError::Offline { what });
        }
        let address = self.asker.address();
        let slash = if address.url.ends_with('/') { "" } else { "/" };
        let path = format!("{slash}{}/attribution", address.index);
        let served = self.asker.until_done(|client| {
            let answer = client.send(Request {
                method: Method::Post,
                path: &path,
                body: Body::Json(&body),
            })?;
            read(&answer, text)
        })?;
        self.asker.keep("", &body, &served)?;
        self.asker.keep_answers()?;
        Ok(served)
    }
}

fn read(answer: &Value, text: &str) -> Result<ServedSpans, RemoteError> {
    let list = |of: &Value, name: &str| match of[name].as_array() {
        Some(all) => Ok(all.clone()),
        None => Err(missing(name)),
    };
    let pieces = list(answer, "inputTokens")?;
    let places = Places::new(&pieces, text);
    let mut spans: Vec<ServedSpan> = Vec::new();
    let mut from = 0;
    for span in list(answer, "spans")? {
        let tokens = [
            number(&span, "left")? as usize,
            number(&span, "right")? as usize,
        ];
        let within = tokens[0] < tokens[1] && tokens[1] <= pieces.len();
        let told = span["text"].as_str().ok_or_else(|| missing("text"))?;
        let bytes = places.of(tokens, told, from);
        let bytes = bytes
            .filter(|_| within)
            .ok_or_else(|| malformed(format!("a span {tokens:?} that is not in the text")))?;
        from = bytes[0];
        spans.push(ServedSpan {
            tokens,
            bytes,
            occurrences: number(&span, "count")?,
            unigram_logprob: span["unigramLogprobSum"]
                .as_f64()
                .ok_or_else(|| missing("unigramLogprobSum"))?,
            documents: list(&span, "documents")?
                .iter()
                .map(document)
                .collect::<Result<_, _>>()?,
        });
    }
    Ok(ServedSpans {
        tokens: pieces.len(),
        spans,
    })
}

fn document(of: &Value) -> Result<ServedDocument, RemoteError> {
    let blocked = of["blocked"].as_bool().unwrap_or(false);
    let text = of["text"].as_str().ok_or_else(|| missing("text"))?;
    Ok(ServedDocument {
        document: number(of, "documentIndex")?,
        length: number(of, "documentLength")?,
        text: if blocked { String::new() } else { text.into() },
        metadata: of["metadata"].clone(),
    })
}

/// Where the service's tokens are in a text.
struct Places<'a> {
    text: &'a str,
    /// Where each begins, and the end; `None` where the tokens as they are told do not make the text: a tokenizer may tell a space in another way,
    /// or cut a character.
    begins: Option<Vec<usize>>,
}

impl<'a> Places<'a> {
    fn new(pieces: &[Value], text: &'a str) -> Places<'a> {
        let mut begins = vec![0];
        let mut at = 0;
        for piece in pieces {
            let piece = piece.as_str().unwrap_or_default();
            if !text[at..].starts_with(piece) {
                return Places { text, begins: None };
            }
            at += piece.len();
            begins.push(at);
        }
        Places {
            text,
            begins: (at == text.len()).then_some(begins),
        }
    }

    /// Bytes of a span, which begins not before `from`: by its tokens, or where its text is found.
    fn of(&self, tokens: [usize; 2], told: &str, from: usize) -> Option<[usize; 2]> {
        if let Some(begins) = &self.begins {
            return Some([*begins.get(tokens[0])?, *begins.get(tokens[1])?]);
        }
        let told = told.trim_matches('\u{fffd}');
        let at = from + self.text[from..].find(told)?;
        Some([at, at + told.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(pieces: &[&str], span: [usize; 2], text: &str) -> Value {
        json!({
            "index": "a",
            "inputTokens": pieces,
            "spans": [{
                "left": span[0], "right": span[1], "length": span[1] - span[0], "count": 3, "unigramLogprobSum": -9.5,
                "text": text, "tokenIds": [], "documents": [{
                    "documentIndex": 7, "documentLength": 100, "displayLength": 4, "needleOffset": 1, "tokenIds": [],
                    "metadata": {"path": "a.jsonl", "linenum": 3}, "text": "so it is", "blocked": false,
                }],
            }],
        })
    }

    #[test]
    fn a_span_is_placed_by_its_tokens_or_by_its_text() {
        let text = "It is so. It is late.";
        let exact = ["It", " is", " so", ".", " It", " is", " late", "."];
        let read_of = |pieces: &[&str], told: &str| read(&answer(pieces, [4, 6], told), text);
        let spans = read_of(&exact, " It is").unwrap();
        assert_eq!(spans.tokens, 8);
        assert_eq!(spans.spans[0].bytes, [9, 15]);
        let document = &spans.spans[0].documents[0];
        assert_eq!((document.document, document.length), (7, 100));
        assert_eq!(document.text, "so it is");
        // As a tokenizer tells them that drops the space before a token.
        let bare = ["It", "is", "so", ".", "It", "is", "late", "."];
        assert_eq!(read_of(&bare, "It is").unwrap().spans[0].bytes, [0, 5]);
        assert_eq!(
            read_of(&bare, "is late\u{fffd}").unwrap().spans[0].bytes,
            [13, 20]
        );
    }

    #[test]
    fn what_does_not_fit_the_text_is_no_answer() {
        let pieces = ["a", " b", "…"];
        for (span, told) in [([0, 9], "a"), ([2, 2], "a"), ([0, 1], "zebra")] {
            let error = read(&answer(&pieces, span, told), "a b").unwrap_err();
            assert!(error.to_string().contains("not in the text"), "{error}");
        }
        let mut lacking = answer(&["a", " b"], [0, 2], "a b");
        lacking["spans"][0]["documents"] = Value::Null;
        assert!(read(&lacking, "a b").is_err());
        assert!(read(&json!({"index": "a"}), "a b").is_err());
    }
}
