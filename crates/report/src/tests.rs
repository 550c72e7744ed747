//! Exact documents of tiny traces, and text that tries to break out of them.

use serde_json::json;

use super::text::cells;
use super::*;
use crate::theme::{Depth, Style, Theme};
use rotescope_trace::jsonl;

/// A trace of the tokens given, each with a local score; one step.
pub(crate) fn record(id: &str, tokens: &[(&str, f64)]) -> String {
    let mut at = 0;
    let list: Vec<_> = tokens
        .iter()
        .map(|(text, score)| {
            let from = at;
            at += text.len();
            json!({"id": 7, "text": text, "span": [from, at], "p": 0.5, "rank": 1, "entropy": 1.5,
                "candidates": {"ids": [7, 8], "text": [text, "x"], "p": [0.5, 0.25], "local": [3, 1]},
                "local": {"score": score, "context": 1, "context_count": 4, "match_count": 3}})
        })
        .collect();
    let output: String = tokens.iter().map(|t| t.0).collect();
    json!({
        "schema": rotescope_trace::SCHEMA, "rotescope": "0", "output": output, "tokens": list,
        "prompt": {"id": id, "question": "Why?", "text": "Why?", "question_span": [0, 4], "tokens": [1]},
        "model": {"file": "m.gguf", "sha256": "", "architecture": "", "quantization": "", "parameters": 1, "tokenizer": ""},
        "sampler": {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0, "max_tokens": 9},
        "attribution": {"candidates": 2, "steps": "sen"},
        "steps": [{"span": [0, at], "tokens": [0, tokens.len()], "flag": {"p": 0.75, "reasons": ["rare words"]},
            "verdict": {"right": false, "by": "arithmetic", "tokens": [0], "expected": "5"}}],
        "answer": {"extracted": "4", "expected": "5", "right": false}, "finish": "end",
        "timing": {"prompt": 0.0, "generate": 1.0, "attribute": 0.0, "tokens_per_second": 2.0}, "kept": 1
    })
    .to_string()
}

/// The themes of the program.
pub(crate) const THEMES: crate::theme::Themes = crate::theme::Themes::new(&[
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("dusk", include_str!("../../../themes/dusk.toml")),
    ("paper", include_str!("../../../themes/paper.toml")),
    ("contrast", include_str!("../../../themes/contrast.toml")),
    (
        "colorblind-dark",
        include_str!("../../../themes/colorblind-dark.toml"),
    ),
    (
        "colorblind-light",
        include_str!("../../../themes/colorblind-light.toml"),
    ),
]);

/// The theme that the program takes by default.
fn dark() -> Theme {
    THEMES.load("dark", None).unwrap()
}

pub(crate) fn options(depth: Depth) -> ReportOptions {
    ReportOptions {
        measure: Measure::Stim,
        theme: dark(),
        dark: None,
        depth,
        width: 60,
    }
}

pub(crate) fn write(format: Format, depth: Depth, lines: &[String]) -> Result<String, ReportError> {
    let read = |line: &String| Entry {
        record: jsonl::parse(line).unwrap(),
        text: Some(line.clone()),
    };
    write_entries(format, depth, lines.iter().map(read))
}

fn write_entries(
    format: Format,
    depth: Depth,
    entries: impl Iterator<Item = Entry>,
) -> Result<String, ReportError> {
    let mut out = Vec::new();
    let mut report = Report::begin(&mut out, format, options(depth))?;
    for entry in entries {
        report.add(&entry)?;
    }
    report.finish()?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn text_without_color_says_it_all() {
    let got = write(
        Format::Ansi,
        Depth::None,
        &[record("a", &[("Two", 0.3), (" 日本", 1.0), (" no", -1.0)])],
    )
    .unwrap();
    let want = "\
a  m.gguf · no index · 2 tokens/s

Why?

  1⚑ Two 日本 no
     ▂▂▂ ▇▇▇▇
     ⚑ 0.75 likely wrong, probability: rare words
     ✗ wrong (arithmetic): 5 expected

answer 4, wrong: 5 expected
l  local  ▁ 0.2  ▂ 0.4  ▃ 0.6  ▅ 0.8  ▇ 1.0
m  mid    ▁ 0.2  ▂ 0.4  ▃ 0.6  ▅ 0.8  ▇ 1.0
q  long   ▁ 0.2  ▂ 0.4  ▃ 0.6  ▅ 0.8  ▇ 1.0
          rank correlation of the candidates' probabilities
          with their counts in the corpus

";
    assert!(got.starts_with(want), "{got}");
    assert!(
        got.contains("\"日本\"  local 1.00  p 0.50   \"Two\" × 4,"),
        "{got}"
    );
}

#[test]
fn lines_are_no_wider_than_asked() {
    let long = "supercalifragilistic日本語".repeat(6);
    let got = write(
        Format::Ansi,
        Depth::None,
        &[record("a", &[(&long, 0.5), (" end", 0.1)])],
    )
    .unwrap();
    let chain: Vec<&str> = got
        .lines()
        .skip(4)
        .take_while(|l| !l.contains("likely wrong"))
        .collect();
    assert!(chain.iter().all(|l| cells(l) <= 60), "{chain:#?}");
    let text: String = chain
        .iter()
        .flat_map(|l| l.chars())
        .filter(|c| c.is_alphabetic())
        .collect();
    assert_eq!(
        text.matches("日本語").count() + text.matches("super").count(),
        12,
        "{text}"
    );
}

#[test]
fn escapes_of_models_do_not_act() {
    let evil = record(
        "<script>alert(1)</script>",
        &[
            ("\x1b[31m", 0.9),
            ("</script><script>x()", 0.9),
            ("\" onload='y", 0.1),
            ("\u{202e}", 0.2),
        ],
    );
    let html = write(Format::Html, Depth::None, std::slice::from_ref(&evil)).unwrap();
    let empty = write(Format::Html, Depth::None, &[record("a", &[("b", 0.1)])]).unwrap();
    for tag in ["<script", "</script"] {
        assert_eq!(
            html.matches(tag).count(),
            empty.matches(tag).count(),
            "{tag}"
        );
    }
    assert!(html.contains("&quot; onload=&#39;y") && !html.contains("\" onload"));
    for (format, depth) in [
        (Format::Html, Depth::None),
        (Format::Svg, Depth::None),
        (Format::Ansi, Depth::None),
        (Format::Csv(Table::Tokens), Depth::None),
    ] {
        let text = write(format, depth, std::slice::from_ref(&evil)).unwrap();
        assert!(!text.contains('\x1b'), "{format:?}");
    }
    let colored = write(Format::Ansi, Depth::TrueColor, std::slice::from_ref(&evil)).unwrap();
    assert!(colored.contains("␛[31m") && !colored.contains("\x1b[31m"));
    let svg = write(Format::Svg, Depth::None, &[evil]).unwrap();
    assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;"));
}

#[test]
fn tables_have_a_row_for_each_token() {
    let trace = asked(&record("=a,b", &[("say \"x\"\n", 0.25)]));
    let csv = write(Format::Csv(Table::Tokens), Depth::None, &[trace]).unwrap();
    let rows: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(rows[0], csv::names(Table::Tokens));
    assert_eq!(
        rows[1],
        "\"'=a,b\",,,false,1,0.75,false,0,7,\"\"\"say \\\"\"x\\\"\"\\n\"\"\",0,8,0.5,1,1.5,,true,0.25,,1,4,3,,,,,,,,0.25,local,,,0.25,0.25,3,12,false,0.5,weights"
    );
    assert_eq!(rows.len(), 3);
}

/// The same with what the corpus alone says.
fn asked(record: &str) -> String {
    let found =
        json!({"p": 0.25, "n": 3, "count": 12, "sparse": false, "gap": 0.5, "known": "weights"});
    record.replace("\"rank\":1", &format!("\"rank\":1,\"retrieved\":{found}"))
}

#[test]
fn who_knows_a_token_stands_in_words_beside_it() {
    let trace = asked(&record("a", &[("so", 0.9)]));
    let text = write(Format::Ansi, Depth::None, std::slice::from_ref(&trace)).unwrap();
    let said = "known to the weights alone: p 0.50, in the corpus 0.25, gap +0.50 nats; the last 3 tokens seen 12 ×";
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert!(lines.join(" ").contains(said), "{text}");
    let plain = write(Format::Ansi, Depth::None, &[record("a", &[("so", 0.9)])]).unwrap();
    assert!(!plain.contains("known to"));
}

#[test]
fn json_lines_pass_as_they_are() {
    let lines = [
        record("a", &[("b", 0.1)]),
        json!({"schema": rotescope_trace::SCHEMA, "id": "c", "error": "too long"}).to_string(),
    ];
    let got = write(Format::Jsonl, Depth::None, &lines).unwrap();
    assert_eq!(got, format!("{}\n{}\n", lines[0], lines[1]));
}

#[test]
fn pictures_hold_one_trace() {
    let line = record("a", &[("b", 0.1)]);
    assert!(matches!(
        write(Format::Svg, Depth::None, &[line.clone(), line]),
        Err(ReportError::SeveralInSvg)
    ));
    assert!(matches!(
        write(Format::Svg, Depth::None, &[]),
        Err(ReportError::NoneInSvg)
    ));
}

#[test]
fn screens_become_pictures_exactly() {
    let theme = dark();
    let bold = Style {
        bold: true,
        reverse: true,
        ..Style::default()
    };
    let line = vec![
        StyledCell {
            text: "ab ".into(),
            style: Style::default(),
        },
        StyledCell {
            text: "<日".into(),
            style: bold,
        },
    ];
    let svg = svg::screen(&[line], &theme, "t");
    let body: Vec<&str> = svg.lines().skip(3).collect();
    assert_eq!(
        body,
        [
            "<text x=\"12.0\" y=\"26.0\" textLength=\"16.8\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">ab</text>",
            "<rect x=\"37.2\" y=\"12.0\" width=\"25.2\" height=\"19\" fill=\"#d8dce4\"/>",
            "<text x=\"37.2\" y=\"26.0\" textLength=\"25.2\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" fill=\"#16181d\" font-weight=\"bold\">&lt;日</text>",
            "</svg>"
        ]
    );
}

/// Such traces are refused where files are read; one that was made otherwise must not end the program.
#[test]
fn spans_out_of_range_do_no_harm() {
    let line = record("a", &[("b", 0.1)]).replace("\"tokens\":[0,1]", "\"tokens\":[0,9]");
    assert!(jsonl::parse(&line).is_err());
    for format in [
        Format::Html,
        Format::Svg,
        Format::Csv(Table::Tokens),
        Format::Ansi,
    ] {
        let entry = Entry {
            record: Record::Trace(serde_json::from_str(&line).unwrap()),
            text: None,
        };
        write_entries(format, Depth::Ansi16, std::iter::once(entry)).unwrap();
    }
}

/// A record whose tokens cut characters.
fn cut() -> String {
    let line = record(
        "cut",
        &[
            ("Nice", 0.5),
            ("__", 0.5),
            ("_", 0.5),
            ("_", 0.5),
            (" so", 0.5),
        ],
    );
    let mut trace: serde_json::Value = serde_json::from_str(&line).unwrap();
    trace["output"] = json!("Nice😀 so");
    for (i, bytes) in [(1, "f09f"), (2, "98"), (3, "80")] {
        trace["tokens"][i]["text"] = json!("\u{fffd}");
        trace["tokens"][i]["bytes"] = json!(bytes);
    }
    trace.to_string()
}

#[test]
fn characters_that_tokens_cut_are_whole_in_every_document() {
    for format in [
        Format::Html,
        Format::Svg,
        Format::Csv(Table::Tokens),
        Format::Ansi,
    ] {
        let document = write(format, Depth::None, &[cut()]).unwrap();
        assert!(document.contains('😀'), "{format:?}\n{document}");
        assert!(!document.contains('\u{fffd}'), "{format:?}\n{document}");
    }
}
