//! Traces that were damaged in any way are refused, or go through everything that reads traces.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rotescope::run::attributor::Attributor;
use rotescope::run::finish::Finish;
use rotescope::run::saved::SavedTrace;
use rotescope::themes::THEMES;
use rotescope::tui::action::{Keymap, TABLE};
use rotescope::tui::app::Effect;
use rotescope::tui::ui::Ui;
use rotescope_corpus::Corpus;
use rotescope_judge::flag::{FlagModel, Trained};
use rotescope_model::CancelToken;
use rotescope_report::table::Table;
use rotescope_report::theme::Depth;
use rotescope_report::{Format, Measure, Report, ReportOptions};
use rotescope_study::compare::compare;
use rotescope_study::compare::totals::Totals;
use rotescope_study::evaluate::{self, Evaluation, Setting};
use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::packed::unpack;
use rotescope_trace::record::Entry;
use rotescope_trace::{IndexRef, Trace, formats, offsets};
use serde_json::{Value, json};

/// A trace with every part, some characters of several bytes, and a token that is no UTF-8 of its own.
fn whole(id: &str) -> Value {
    let pieces = [
        "Tom", " has", " 3", " +", " 4", " =", " 8", " pens", ".", " So", " é", "日", "\u{fffd}",
        " 8", ".",
    ];
    let mut at = 0;
    let tokens: Vec<Value> = pieces
        .iter()
        .enumerate()
        .map(|(i, piece)| {
            let lossy = *piece == "\u{fffd}";
            let length = if lossy { 2 } else { piece.len() };
            let from = at;
            at += length;
            let words = json!([{"text": "pens", "span": [4, 8], "saliency": 0.5, "error": 0.1}]);
            let mut token = json!({
                "id": i, "text": piece, "span": [from, at], "p": 0.9 - 0.05 * i as f64, "rank": 1, "entropy": 0.1 * i as f64,
                "candidates": {"ids": [i, 99], "text": [piece, "x"], "p": [0.9 - 0.05 * i as f64, 0.05], "local": [5, i], "mid": [0.5, 0.1 * i as f64], "long": [1.0, 2.0]},
                "local": {"score": 0.1 * i as f64, "context": 1, "context_count": 9, "match_count": 5},
                "mid": {"score": 0.2, "words": words, "window": [0, i], "elicited": true},
                "long": {"score": null, "undefined": "constant", "words": words},
                "measures": {"gain": {"local": 0.5, "mid": 0.1, "long": null}},
                "cause": {"source": "local", "strength": 0.5},
            });
            if lossy {
                token["bytes"] = "e697".into();
            }
            token
        })
        .collect();
    json!({
        "schema": "rotescope.trace/1", "rotescope": "0.1.0",
        "prompt": {"id": id, "question": "How many pens?", "instruction": "Count.", "text": "How many pens?\n", "question_span": [0, 14],
            "tokens": [1, 2, 3], "task": "applied", "split": "base", "meta": {"template": "t", "chain": "Tom has 3 + 4 = 7 pens. So 7.", "list": ["3"], "target": "3"}},
        "model": {"file": "m.gguf", "sha256": "00", "architecture": "llama", "quantization": "Q8_0", "parameters": 1, "tokenizer": "ff"},
        "index": {"id": "i", "tokens": 10, "documents": 2, "fingerprint": "ab"},
        "sampler": {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0, "max_tokens": 8},
        "attribution": {"candidates": 2, "steps": "sen", "distant": {"sources": ["mid", "long"], "scope": "chain", "saliency": "leave_one_out", "cooccurrence": "document", "words": 5, "mask": "_"}},
        "run": {"raw": false, "context": 64},
        "judging": {"flag": {"file": "flag.json", "sha256": "cc", "threshold": 0.5}},
        "output": pieces.concat(), "tokens": tokens,
        "steps": [
            {"span": [0, 25], "tokens": [0, 9], "flag": {"p": 0.7, "reasons": ["unsure"], "token": 6},
             "verdict": {"right": false, "by": "arithmetic", "p": 0.1, "span": [17, 19], "tokens": [6], "expected": "7", "why": "3 + 4 = 7"}},
            {"span": [25, at], "tokens": [9, 15], "flag": {"p": 0.2, "reasons": []}},
        ],
        "reasoning": [4, 19],
        "answer": {"extracted": "8", "span": [36, 37], "expected": "7", "right": false},
        "finish": "end",
        "timing": {"prompt": 0.1, "generate": 0.2, "attribute": 0.1, "tokens_per_second": 9.0},
    })
}

/// All places in a value, as JSON pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_string());
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(k, v)| places(v, &format!("{at}/{k}"), out)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(i, v)| places(v, &format!("{at}/{i}"), out)),
        _ => {}
    }
}

/// A value of any kind.
fn any(rng: &mut ChaCha8Rng) -> Value {
    match rng.random_range(0..11) {
        0 => Value::Null,
        1 => json!(0),
        2 => json!(-1),
        3 => json!(1),
        4 => json!(rng.random_range(0..60)),
        5 => json!(u64::MAX),
        6 => json!(1e300),
        7 => json!(0.5),
        8 => json!(""),
        9 => json!("é日\u{1b}[31m"),
        _ => json!([]),
    }
}

/// Another value in the place of one.
fn damaged(value: &Value, rng: &mut ChaCha8Rng) -> Value {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let mut items = items.clone();
            let at = rng.random_range(0..items.len());
            match rng.random_range(0..5) {
                0 => items.reverse(),
                1 => items.truncate(at),
                2 => items.push(items[at].clone()),
                3 => {
                    items.remove(at);
                }
                _ => items[at] = any(rng),
            }
            items.into()
        }
        Value::Number(n) if n.is_u64() && rng.random_bool(0.5) => {
            let by = rng.random_range(-3..4_i64);
            json!(n.as_u64().unwrap_or(0).saturating_add_signed(by))
        }
        Value::String(text) if rng.random_bool(0.5) => {
            let keep = rng.random_range(0..=text.chars().count());
            json!(text.chars().take(keep).collect::<String>())
        }
        _ => any(rng),
    }
}

fn mutant(seed: u64, places: &[String]) -> Value {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut value = whole("a");
    for _ in 0..rng.random_range(1..4) {
        let at = &places[rng.random_range(1..places.len())];
        if let Some(old) = value.pointer(at) {
            let new = damaged(old, &mut rng);
            *value.pointer_mut(at).unwrap() = new;
        }
    }
    value
}

fn parsed(value: &Value) -> Option<Trace> {
    match jsonl::parse(&value.to_string()) {
        Ok(Record::Trace(t)) => Some(*t),
        Ok(Record::Failed(_)) | Err(_) => None,
    }
}

fn reports(trace: &Trace) {
    for format in [
        Format::Html,
        Format::Svg,
        Format::Csv(Table::Tokens),
        Format::Ansi,
        Format::Jsonl,
    ] {
        for measure in ["stim", "cause", "gain"] {
            let options = ReportOptions {
                measure: Measure::parse(measure),
                theme: THEMES.builtin("dark").unwrap(),
                dark: None,
                depth: Depth::TrueColor,
                width: 60,
            };
            let mut report = Report::begin(Vec::new(), format, options).unwrap();
            report
                .add(&Record::Trace(Box::new(trace.clone())).into())
                .unwrap();
            report.finish().unwrap();
        }
    }
}

fn evaluates(original: &Trace, trace: &Trace) {
    let mut all = Evaluation::new(evaluate::EvaluateOptions {
        intervals: Setting {
            resamples: 2,
            seed: 0,
        },
        ..evaluate::EvaluateOptions::default()
    });
    for t in [original, trace] {
        let _ = all.add(&mut t.clone());
    }
    all.report().unwrap();
    let _ = all.fit(Trained::default());
}

fn compares(original: &Trace, trace: &Trace) {
    let mut totals = Totals::default();
    for (a, b) in [(original, trace), (trace, original)] {
        let c = compare(a, b);
        totals.add(a, b, &c);
        serde_json::to_string(&c).unwrap();
    }
}

/// What `attribute` does but for the model: local scores, verdicts, flags, and the line written again.
fn attributes(trace: &Trace, text: &str, index: &Arc<dyn Corpus>, flag: &FlagModel) {
    let finish = Finish {
        flag: Some(flag.clone()),
        ..Finish::default()
    };
    let attributor = Attributor {
        corpus: Some((index, &IndexRef::default())),
        non_local: None,
        vocabulary: None,
        finish: &finish,
    };
    let mut source = SavedTrace::new(trace.clone());
    // An id that the vocabulary lacks is an error.
    let Ok(mut trace) = attributor.complete(&mut source, &mut |_| ()) else {
        return;
    };
    let cancel = CancelToken::new();
    attributor
        .deepen(&mut trace, None, &cancel, &mut |_| ())
        .unwrap();
    trace.validate().unwrap();
    let entry = Entry {
        record: Record::Trace(Box::new(trace)),
        text: Some(text.into()),
    };
    formats::writer(None)
        .write(&mut Vec::new(), &entry)
        .unwrap();
}

/// Opened in the app, walked through and looked at in every way.
fn shows(original: &Trace, trace: &Trace) {
    let mut ui = Ui::new(
        Vec::new(),
        THEMES.builtin("dark").unwrap(),
        Keymap::default(),
    );
    ui.app.add_traces(vec![trace.clone(), original.clone()]);
    let mut terminal = Terminal::new(TestBackend::new(90, 24)).unwrap();
    let mut look = |ui: &mut Ui| {
        terminal.draw(|f| ui.draw(f, Depth::TrueColor)).unwrap();
    };
    look(&mut ui);
    for binding in TABLE {
        for effect in ui.step(binding.action) {
            if let Effect::Work(task) = effect {
                ui.done(task.perform(None, &|| true));
            }
        }
        look(&mut ui);
    }
}

#[test]
fn damaged_traces_are_refused_or_read_by_everything() {
    let index = rotescope_corpus::open(crate::support::small_index()).unwrap();
    let flag = std::fs::read(crate::support::root().join("models/pocket/flag.json")).unwrap();
    let flag: FlagModel = serde_json::from_slice(&flag).unwrap();
    let original = parsed(&whole("b")).expect("the whole trace is valid");
    let mut all = Vec::new();
    places(&whole("a"), "", &mut all);
    let (mut refused, mut read, mut panicked) = (0, 0, Vec::new());
    for seed in 0..1000 {
        let value = mutant(seed, &all);
        let text = value.to_string();
        let listed = offsets::scan(unpack::content(text.as_bytes())).any(|(_, line)| line.is_ok());
        let Some(trace) = parsed(&value) else {
            refused += 1;
            continue;
        };
        read += 1;
        assert!(listed, "seed {seed}: {text}");
        let through = catch_unwind(AssertUnwindSafe(|| {
            reports(&trace);
            evaluates(&original, &trace);
            compares(&original, &trace);
            attributes(&trace, &text, &index, &flag);
            shows(&original, &trace);
        }));
        if through.is_err() {
            panicked.push(seed);
        }
    }
    assert!(panicked.is_empty(), "these seeds panicked: {panicked:?}");
    assert!(
        refused > 200 && read > 200,
        "{refused} refused, {read} read"
    );
}
