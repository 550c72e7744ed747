//! Files of traces that are too large to be held: one pass says where each trace lies and what a list shows of it; a trace is read when it is
//! wanted.
//!
//! Of a line the pass parses the beginning (the prompt) and the end (steps and answer). The tokens between, nearly all of the line, are not
//! looked at, so a damaged one is noticed when it is read.

mod stretches;

pub use stretches::scan_large;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::jsonl::{self, Failed, LineError, Record};
use super::packed::{Part, Unpacked, read_at};
use super::{Answer, SCHEMA, Step, Trace};

/// Where a line lies in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinePlace {
    /// From 1.
    pub line: usize,
    /// Bytes of the content before it.
    pub at: u64,
    /// Of a compressed file: a part that begins before it, or with it.
    pub part: Option<Part>,
    /// Its length in bytes, with its line break.
    pub bytes: usize,
}

/// What a list shows of a trace.
#[derive(Debug, Clone)]
pub struct Head {
    pub prompt: HeadPrompt,
    pub steps: Vec<Step>,
    pub answer: Answer,
}

/// What a list shows of a prompt.
#[derive(Debug, Clone, Deserialize)]
pub struct HeadPrompt {
    pub id: String,
    pub question: String,
    #[serde(default)]
    pub task: Option<String>,
    #[serde(default)]
    pub split: Option<String>,
    #[serde(default)]
    pub pair: Option<String>,
}

/// What a line holds.
#[derive(Debug, Clone)]
pub enum ScannedLine {
    Trace(Box<Head>),
    Failed(Failed),
}

/// Why a trace could not be read where it lay.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}, line {line}: {source}", path.display())]
    Line {
        path: PathBuf,
        line: usize,
        source: LineError,
    },
    #[error("{}, line {line}: the file has changed since it was opened; open it again", path.display())]
    Changed { path: PathBuf, line: usize },
}

/// A line that is not blank: where it lies, and what it holds or why that cannot be read.
pub type Scanned = (LinePlace, Result<ScannedLine, LineError>);

/// All lines of a file that are not blank. The first error of the reader is the last item.
pub fn scan<R: BufRead>(reader: BufReader<Unpacked<R>>) -> impl Iterator<Item = Scanned> {
    let parts = reader.get_ref().parts();
    let mut lines = jsonl::Lines::new(reader);
    std::iter::from_fn(move || match lines.next()? {
        Ok(()) => {
            let line = lines.line();
            Some(scanned(line, parts.of(line.offset)))
        }
        Err((line, e)) => Some(unreadable(line, e)),
    })
}

fn scanned(line: &jsonl::Line, part: Option<Part>) -> Scanned {
    let place = LinePlace {
        line: line.number,
        at: line.offset,
        part,
        bytes: line.bytes.len(),
    };
    // Not the prompt alone: who lists a line can read it.
    let known = line.text().and_then(|t| head(t.trim().as_bytes()));
    (place, known)
}

fn unreadable(line: usize, e: io::Error) -> Scanned {
    let nowhere = LinePlace {
        line,
        at: 0,
        part: None,
        bytes: 0,
    };
    (nowhere, Err(e.into()))
}

/// Reads the trace of a prompt at a place that [`scan`] gave.
///
/// # Errors
/// When the file cannot be read, the line is damaged, or another one lies there by now.
pub fn read(path: &Path, place: LinePlace, id: &str) -> Result<Trace, ReadError> {
    let io = |source: io::Error| match source.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => ReadError::Changed {
            path: path.into(),
            line: place.line,
        },
        _ => ReadError::Io {
            path: path.into(),
            source,
        },
    };
    let file = File::open(path).map_err(io)?;
    // With the line break before, where there is one: a line that begins elsewhere by now is another.
    let begin = place.part.map_or(0, |p| p.plain);
    let before = usize::from(place.at > begin);
    let mut buffer = vec![0; before + place.bytes];
    read_at(file, place.part, place.at - before as u64, &mut buffer).map_err(io)?;
    let changed = ReadError::Changed {
        path: path.into(),
        line: place.line,
    };
    let (break_before, text) = buffer.split_at(before);
    let whole = text.split_last().is_some_and(|(_, t)| !t.contains(&b'\n'));
    if !whole || break_before.iter().any(|b| *b != b'\n') {
        return Err(changed);
    }
    let bad = |source| ReadError::Line {
        path: path.into(),
        line: place.line,
        source,
    };
    let line = jsonl::Line {
        number: place.line,
        offset: place.at,
        bytes: text.to_vec(),
    };
    match line.record().map_err(bad)? {
        Record::Trace(t) if t.prompt.id == id => Ok(*t),
        _ => Err(changed),
    }
}

/// What a list shows of a line, and whether it is one of ours.
fn head(bytes: &[u8]) -> Result<ScannedLine, LineError> {
    let mut begin = Begin::default();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    if let Err(e) = json.deserialize_map(&mut begin)
        && !begin.enough
    {
        return Err(LineError::Json(e));
    }
    let schema = begin.schema.ok_or(LineError::NotATrace)?;
    if schema != SCHEMA {
        // Says whether it is newer or foreign.
        return match jsonl::parse(&String::from_utf8_lossy(bytes)) {
            Err(e) => Err(e),
            Ok(_) => Err(LineError::NotATrace),
        };
    }
    match (begin.prompt, begin.id, begin.error) {
        (Some(prompt), ..) => {
            let End { steps, answer } = end(bytes)?;
            Ok(ScannedLine::Trace(Box::new(Head {
                prompt,
                steps,
                answer,
            })))
        }
        (None, Some(id), Some(error)) => Ok(ScannedLine::Failed(Failed::new(&id, error))),
        _ => Err(LineError::NotATrace),
    }
}

/// The beginning of a line, up to what the model wrote.
#[derive(Default)]
struct Begin {
    schema: Option<String>,
    prompt: Option<HeadPrompt>,
    id: Option<String>,
    error: Option<String>,
    /// Whether reading ended because all is known, not at an error.
    enough: bool,
}

impl<'de> Visitor<'de> for &mut Begin {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a trace")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "schema" => self.schema = Some(map.next_value()?),
                "prompt" => self.prompt = Some(map.next_value()?),
                "id" => self.id = Some(map.next_value()?),
                "error" => self.error = Some(map.next_value()?),
                "output" | "tokens" if self.schema.is_some() && self.prompt.is_some() => {
                    self.enough = true;
                    return Err(A::Error::custom("enough is known"));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// What stands behind the tokens.
#[derive(Deserialize)]
struct End {
    steps: Vec<Step>,
    answer: Answer,
}

/// Steps and answer of a line. In JSON the bytes `"steps":[` behind a comma stand only where a field begins; should it be one of something
/// inside, or the fields stand in another order, what follows is no whole object, and the line is parsed from its beginning.
fn end(bytes: &[u8]) -> Result<End, LineError> {
    const FIELD: &[u8] = br#","steps":["#;
    if let Some(at) = memchr::memmem::rfind(bytes, FIELD) {
        let mut rest = bytes[at..].to_vec();
        rest[0] = b'{';
        if let Ok(end) = serde_json::from_slice(&rest) {
            return Ok(end);
        }
    }
    serde_json::from_slice(bytes).map_err(LineError::Json)
}

#[cfg(test)]
mod tests {
    use super::super::packed::unpack;
    use super::*;
    use crate::{Flag, Prompt, Token};
    use std::io::Write;

    fn trace(id: &str) -> Trace {
        Trace {
            schema: SCHEMA.into(),
            prompt: Prompt {
                id: id.into(),
                question: format!("{id}?"),
                task: Some("add".into()),
                meta: serde_json::json!({"steps": [1], "answer": "no"}),
                ..Prompt::default()
            }
            .into(),
            tokens: vec![Token::default(); 3],
            output: "four".into(),
            steps: vec![Step {
                span: [0, 4],
                tokens: [0, 3],
                flag: Some(Flag {
                    p: 0.75,
                    reasons: vec![r#"says ],"steps":["#.into()],
                    ..Flag::default()
                }),
                verdict: None,
                region: None,
            }],
            answer: Answer {
                right: Some(false),
                ..Answer::default()
            },
            ..Trace::default()
        }
    }

    fn file(lines: &[String]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all((lines.join("\n") + "\n").as_bytes())
            .unwrap();
        file
    }

    fn json(t: &Trace) -> String {
        serde_json::to_string(t).unwrap()
    }

    fn head(line: &str) -> Head {
        match super::head(line.as_bytes()).unwrap() {
            ScannedLine::Trace(head) => *head,
            ScannedLine::Failed(f) => panic!("{f:?}"),
        }
    }

    #[test]
    fn a_head_says_what_the_whole_trace_says() {
        let mut nested = trace("nested");
        // Behind the real ones, and inside of something.
        nested.extra.insert(
            "note".into(),
            serde_json::json!({"a": 1, "steps": [], "answer": {}}),
        );
        // The fields in the order of the alphabet: the tokens stand before the question.
        let sorted: std::collections::BTreeMap<String, serde_json::Value> =
            serde_json::from_str(&json(&trace("sorted"))).unwrap();
        let sorted = serde_json::to_string(&sorted).unwrap();
        for (id, line) in [
            ("plain", json(&trace("plain"))),
            ("nested", json(&nested)),
            ("sorted", sorted),
        ] {
            let head = head(&line);
            assert_eq!(
                (head.prompt.id.as_str(), head.prompt.task.as_deref()),
                (id, Some("add"))
            );
            assert_eq!(head.prompt.question, format!("{id}?"));
            assert_eq!(head.answer.right, Some(false));
            assert_eq!(head.steps.len(), 1);
            assert_eq!(head.steps[0].flag.as_ref().unwrap().p, 0.75);
        }
    }

    #[test]
    fn the_tokens_are_not_parsed_but_when_the_trace_is_read() {
        let damaged = json(&trace("b")).replacen("\"entropy\":0.0", "\"entropy\":oh", 1);
        let file = file(&[json(&trace("a")), damaged, json(&trace("c"))]);
        let content = std::fs::read(file.path()).unwrap();
        let found: Vec<(LinePlace, ScannedLine)> = scan(unpack::content(&content[..]))
            .map(|(p, l)| (p, l.unwrap()))
            .collect();
        assert_eq!(found.len(), 3);
        let read = |i: usize, id: &str| super::read(file.path(), found[i].0, id);
        assert_eq!(read(0, "a").unwrap().tokens.len(), 3);
        assert_eq!(read(2, "c").unwrap().prompt.id, "c");
        let error = read(1, "b").unwrap_err().to_string();
        let place = format!("{}, line 2: not JSON", file.path().display());
        assert!(error.starts_with(&place), "{error}");
    }

    #[test]
    fn what_is_no_trace_is_said_with_its_line_and_passed_over() {
        let failed = serde_json::to_string(&Failed::new("f", "too long".into())).unwrap();
        let cut = json(&trace("cut"));
        let lines = [
            json(&trace("a")),
            String::new(),
            failed,
            cut[..cut.len() / 2].into(),
            r#"{"a":1}"#.into(),
            r#"{"schema":"rotescope.trace/2","prompt":{"id":"n","question":"q"}}"#.into(),
            json(&trace("z")),
        ];
        let text = lines.join("\n");
        let found: Vec<(usize, String)> = scan(unpack::content(text.as_bytes()))
            .map(|(place, line)| {
                let says = match line {
                    Ok(ScannedLine::Trace(h)) => h.prompt.id,
                    Ok(ScannedLine::Failed(f)) => f.error,
                    Err(LineError::Json(_)) => "json".into(),
                    Err(LineError::Newer(_)) => "newer".into(),
                    Err(e) => e.to_string(),
                };
                (place.line, says)
            })
            .collect();
        let no = LineError::NotATrace.to_string();
        let wanted = [
            (1, "a"),
            (3, "too long"),
            (4, "json"),
            (5, no.as_str()),
            (6, "newer"),
            (7, "z"),
        ];
        assert_eq!(found, wanted.map(|(line, says)| (line, says.to_string())));
    }

    #[test]
    fn a_file_that_changed_is_told_from_a_damaged_one() {
        let file = file(&[json(&trace("a")), json(&trace("b"))]);
        let content = std::fs::read(file.path()).unwrap();
        let (place, _) = scan(unpack::content(&content[..])).nth(1).unwrap();
        let says = |content: &[u8]| {
            std::fs::write(file.path(), content).unwrap();
            match read(file.path(), place, "b") {
                Ok(_) => "read".to_string(),
                Err(e) => e.to_string(),
            }
        };
        let changed = format!(
            "{}, line 2: the file has changed since it was opened; open it again",
            file.path().display()
        );
        assert_eq!(says(&content), "read");
        // Grown at its end, the file still has the trace where it was.
        assert_eq!(says(&[&content[..], b"{}\n"].concat()), "read");
        assert_eq!(says(&content[..content.len() - 9]), changed);
        assert_eq!(says(&[b" ", &content[..]].concat()), changed);
        let other = json(&trace("a")) + "\n" + &json(&trace("x")) + "\n";
        assert_eq!(says(other.as_bytes()), changed);
        std::fs::remove_file(file.path()).unwrap();
        let gone = read(file.path(), place, "b").unwrap_err();
        assert!(matches!(gone, ReadError::Io { .. }), "{gone}");
    }
}
