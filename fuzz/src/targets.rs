//! What is given inputs: each reads one, and says whether it was understood.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rotescope::cli::settings as config;
use rotescope::themes::THEMES;
use rotescope_import::label_file::LabelFile;
use rotescope_import::records::{self, Options};
use rotescope_import::{Fields, prompts as prompt_files};
use rotescope_judge::{equations as equations_of, output_text};
use rotescope_model::chat::{Chat, TemplateTokens, Variables, render};
use rotescope_privacy::gate::{Gate, Protected};
use rotescope_privacy::{Detectors, masked};
use rotescope_report::table::Table;
use rotescope_report::theme::Depth;
use rotescope_report::{Format, Measure, Report, ReportOptions};
use rotescope_study::compare::compare;
use rotescope_study::evaluate::{EvaluateOptions, Evaluation};
use rotescope_text::sanitize::{self, is_unsafe};
use rotescope_text::think::{self, ReasoningMarks};
use rotescope_text::{SplitBy, expected_answer, final_answer, same_answer, split_steps, words};
use rotescope_trace::Trace;
use rotescope_trace::record::{Entry, Record};
use rotescope_trace::{jsonl, packed};
use rotescope_vocab::Gguf;

use crate::{Target, seeds};

fn file(folder: &Path, name: &str, input: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, input).expect("a temporary file");
    path
}

/// Traces, and all that is made of them.
pub fn traces() -> Target {
    Target {
        name: "traces",
        seeds: seeds::records,
        run: |input, _| {
            let records: Vec<Record> = jsonl::read(input).filter_map(|(_, r)| r.ok()).collect();
            let traces = records.iter().filter_map(|r| match r {
                Record::Trace(t) => Some(t.as_ref()),
                Record::Failed(_) => None,
            });
            let traces: Vec<&Trace> = traces.collect();
            reported(&records);
            evaluated(&traces);
            if let [a, .., b] = traces[..] {
                compare(a, b);
            }
            !records.is_empty()
        },
    }
}

/// Reports in all formats show nothing that steers a terminal, or that a browser runs.
fn reported(records: &[Record]) {
    static OPTIONS: OnceLock<ReportOptions> = OnceLock::new();
    let options = OPTIONS.get_or_init(|| ReportOptions {
        measure: Measure::Stim,
        theme: THEMES.load("light", None).expect("a built-in theme"),
        dark: None,
        depth: Depth::None,
        width: 80,
    });
    let made = |records: &[Record], format: Format| {
        let mut out = Vec::new();
        let mut report = Report::begin(&mut out, format, options.clone()).expect("memory");
        for record in records {
            // What cannot be drawn is said.
            let _ = report.add(&Entry::from(record.clone()));
        }
        let _ = report.finish();
        String::from_utf8(out).expect("reports are UTF-8")
    };
    for format in [
        Format::Html,
        Format::Svg,
        Format::Csv(Table::Tokens),
        Format::Ansi,
    ] {
        let (shown, empty) = (made(records, format), made(&[], format));
        let scripts = |text: &str| text.to_lowercase().matches("<script").count();
        match format {
            Format::Ansi => {
                let bad = shown
                    .chars()
                    .find(|c| is_unsafe(*c) && !matches!(c, '\n' | '\u{200d}'));
                assert_eq!(bad, None, "{shown:?}");
            }
            Format::Csv(_) => {
                let formula = |line: &str| line.starts_with(['=', '@', '+']);
                assert!(!shown.split("\r\n").any(formula), "{shown}");
            }
            _ => assert!(
                scripts(&shown) <= scripts(&empty) + records.len(),
                "{shown}"
            ),
        }
    }
}

fn evaluated(traces: &[&Trace]) {
    let mut all = Evaluation::new(EvaluateOptions::default());
    let fits = |t: &&Trace| all.add(&mut (*t).clone()).is_ok();
    if traces.iter().all(fits)
        && let Ok(report) = all.report()
    {
        let shown = report.markdown();
        let bad = shown
            .chars()
            .find(|c| is_unsafe(*c) && !matches!(c, '\n' | '\u{200d}'));
        assert_eq!(bad, None, "{shown:?}");
    }
}

/// Compressed files.
pub fn packed() -> Target {
    Target {
        name: "packed",
        seeds: seeds::packed,
        run: |input, folder| {
            let path = file(folder, "a.jsonl.zst", input);
            let Ok(opened) = packed::unpack::open(&path) else {
                return false;
            };
            // No more than readers take: what a few bytes unpack to may be without end.
            let lines = jsonl::lines(opened.take(1 << 24));
            let read = lines.take(1000).take_while(Result::is_ok).count();
            read > 0
        },
    }
}

/// Prompt files, whatever their names promise.
pub fn prompts() -> Target {
    Target {
        name: "prompts",
        seeds: seeds::prompts,
        run: |input, _| {
            let fields = Fields::default();
            let endings = [
                None,
                Some("jsonl"),
                Some("json"),
                Some("csv"),
                Some("tsv"),
                Some("txt"),
            ];
            let read =
                |ending| prompt_files::read(Box::new(Cursor::new(input.to_vec())), ending, &fields);
            endings.map(read).iter().any(Result::is_ok)
        },
    }
}

/// Generations of other tools, in every format that is known.
pub fn generations() -> Target {
    Target {
        name: "generations",
        seeds: seeds::generations,
        run: |input, folder| {
            let options = Options::default();
            let mut any = false;
            for name in ["a.jsonl", "a.json", "a.eval", "a.csv", "a"] {
                let path = [file(folder, name, input)];
                for read in records::read(&path, &options).take(50) {
                    if let Ok(Record::Trace(trace)) = read.map(|r| r.entry.record) {
                        trace.validate().expect("what is read is valid");
                        any = true;
                    }
                }
            }
            any
        },
    }
}

/// Labels by people.
pub fn labels() -> Target {
    Target {
        name: "labels",
        seeds: seeds::generations,
        run: |input, folder| {
            let path = file(folder, "labels.jsonl", input);
            LabelFile::read(&path, &Fields::default()).is_ok()
        },
    }
}

pub fn themes() -> Target {
    Target {
        name: "themes",
        seeds: seeds::themes,
        run: |input, folder| {
            let path = file(folder, "own.toml", input);
            THEMES.load(path.to_str().expect("UTF-8"), None).is_ok()
        },
    }
}

pub fn settings() -> Target {
    Target {
        name: "settings",
        seeds: seeds::settings,
        run: |input, folder| {
            let path = file(folder, "config.toml", input);
            let places = config::Places {
                asked: Some(path),
                ..config::Places::default()
            };
            let program = <rotescope::cli::Cli as clap::CommandFactory>::command();
            let (is_fine, said) = match config::read(&places, &program) {
                Ok(settings) => (settings.problems.is_empty(), settings.problems),
                Err(e) => (false, vec![e.to_string()]),
            };
            for said in said {
                assert!(said.contains("config.toml"), "{said}");
                assert!(said.len() < 2000, "an error of {} bytes", said.len());
            }
            is_fine
        },
    }
}

/// Headers of models, as they are looked at before llama.cpp sees the file.
pub fn gguf() -> Target {
    Target {
        name: "gguf",
        seeds: seeds::ggufs,
        run: |input, folder| {
            let path = file(folder, "m.gguf", input);
            let Ok(read) = Gguf::open(&path) else {
                return false;
            };
            let _ = (
                read.expected_len(),
                read.check_weights(),
                read.quantization(),
            );
            let _ = (read.parameter_count(), read.name(), read.chat_template());
            true
        },
    }
}

/// Tokenizers rebuilt from such headers give back the text that they cut.
pub fn vocabularies() -> Target {
    Target {
        name: "vocabularies",
        seeds: || vec![rotescope_testing::gguf::vocabulary()],
        run: |input, folder| {
            let path = file(folder, "v.gguf", input);
            let Ok(encoder) = rotescope_vocab::load(Some(&path), None) else {
                return false;
            };
            let texts = ["abc ab <|end|>", "Tom has 12 pens.\n\n她 😀"];
            if let Ok(ids) = encoder.encode_batch(&texts) {
                let size = encoder.size();
                assert!(ids.iter().flatten().all(|id| (*id as usize) < size));
                ids.iter()
                    .flatten()
                    .for_each(|id| drop(encoder.token_bytes(*id)));
            }
            true
        },
    }
}

/// Chat templates: programs of strangers.
pub fn templates() -> Target {
    Target {
        name: "templates",
        seeds: seeds::templates,
        run: |input, _| {
            let template = String::from_utf8_lossy(input);
            let variables = Variables::default();
            let chat = Chat {
                system: Some("Be brief."),
                user: "What is 2 + 2?",
                question: 0..14,
                today: rotescope_model::Date::today(),
                variables: &variables,
            };
            render(
                &template,
                TemplateTokens {
                    bos: "<s>",
                    eos: "</s>",
                },
                &chat,
            )
            .is_ok()
        },
    }
}

/// Completions: reasoning, steps, words, answers.
pub fn completions() -> Target {
    Target {
        name: "completions",
        seeds: seeds::texts,
        run: |input, _| {
            let text = String::from_utf8_lossy(input);
            let marks = ReasoningMarks::default();
            think::split("<think>\n", input, &marks);
            let parts = think::split("", input, &marks);
            for by in [SplitBy::Line, SplitBy::Sentence] {
                let steps = split_steps(&text, by);
                let mut end = 0;
                for step in steps {
                    assert!(step.start >= end && text.get(step.clone()).is_some());
                    end = step.end;
                }
            }
            let found = final_answer(&text).map(|f| f.text.to_string());
            if let Some(found) = &found {
                assert!(same_answer(found, found), "{found:?}");
            }
            same_answer(expected_answer(&text), "5");
            drop(words(&text));
            let _ = (parts, output_text(&Trace::default()));
            found.is_some()
        },
    }
}

/// Arithmetic in steps.
pub fn equations() -> Target {
    Target {
        name: "equations",
        seeds: seeds::texts,
        run: |input, _| {
            let text = String::from_utf8_lossy(input);
            [2, 8, 10, 16]
                .map(|base| equations_of(&text, base).len())
                .iter()
                .any(|n| *n > 0)
        },
    }
}

/// Two answers, one a line: a thing equals itself, and is equal both ways or none.
pub fn answers() -> Target {
    Target {
        name: "answers",
        seeds: seeds::answers,
        run: |input, _| {
            let text = String::from_utf8_lossy(input);
            let Some((a, b)) = text.split_once('\n') else {
                return false;
            };
            let same = same_answer(a, b);
            assert_eq!(same, same_answer(b, a), "{a:?} and {b:?}");
            same
        },
    }
}

/// Text as it is shown: nothing in it steers a terminal, and what is printable stays.
pub fn display() -> Target {
    Target {
        name: "display",
        seeds: seeds::texts,
        run: |input, _| {
            let text = String::from_utf8_lossy(input);
            let harmless = |shown: &str, but: &[char]| {
                let bad = shown.chars().find(|c| is_unsafe(*c) && !but.contains(c));
                assert_eq!(bad, None, "{shown:?}");
            };
            harmless(&sanitize::line(&text), &['\u{200d}']);
            harmless(&sanitize::block(&text), &['\n', '\u{200d}']);
            harmless(&sanitize::token(input), &['\u{200d}']);
            assert_eq!(sanitize::same_offsets(input).len(), input.len());
            let tokens: Vec<&[u8]> = input.chunks(3).collect();
            let whole = rotescope_text::whole_texts(&tokens);
            assert_eq!(whole.len(), tokens.len());
            !text.chars().any(is_unsafe)
        },
    }
}

/// Personal data: what is found lies in the text, in order, and what is masked is gone. The first line is listed for a gate, before which the rest is said.
pub fn values() -> Target {
    Target {
        name: "values",
        seeds: seeds::values,
        run: |input, _| {
            static ALL: OnceLock<Detectors> = OnceLock::new();
            let text = String::from_utf8_lossy(input);
            let found = ALL.get_or_init(Detectors::default).find(&text);
            let mut end = 0;
            for value in &found {
                assert!(value.span.start >= end && text.get(value.span.clone()).is_some());
                end = value.span.end;
            }
            masked(&text, &found);
            gated(&text);
            !found.is_empty()
        },
    }
}

fn gated(text: &str) {
    let Some((listed, said)) = text.split_once('\n') else {
        return;
    };
    let protected = Protected::new([listed], 1.0);
    let pieces: Vec<Vec<u8>> = said.as_bytes().chunks(2).map(<[u8]>::to_vec).collect();
    let Ok(gate) = Gate::new(&protected, &pieces) else {
        return;
    };
    let (mut stream, mut passed) = (gate.stream(), Vec::new());
    for (token, piece) in pieces.iter().enumerate() {
        if !gate.refuses(&stream, token as u32) {
            gate.push(&mut stream, token as u32);
            passed.extend_from_slice(piece);
        }
    }
    assert_eq!(
        gate.hits(&String::from_utf8_lossy(&passed)),
        0,
        "{passed:?}"
    );
}
