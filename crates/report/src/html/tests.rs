//! The page as a browser reads it: what it holds, what it may do, what is seen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;
use crate::tests::{THEMES, record, write};
use crate::theme::{Depth, Rgb, Role, luminance};
use crate::{Format, Measure};

fn page(lines: &[String]) -> String {
    write(Format::Html, Depth::None, lines).unwrap()
}

fn one() -> String {
    page(&[record("a", &[("Two", 0.3), (" no", -1.0), (" yes", 1.0)])])
}

/// What stands between two texts, as often as they do.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    let parts = text.split(from).skip(1);
    parts.map(|p| p.split(to).next().unwrap()).collect()
}

/// The packed data of every trace.
fn blocks(html: &str) -> Vec<Value> {
    let packed = between(html, "<script type=\"text/plain\">", "</script>");
    let unpack = |text: &str| {
        let bytes = STANDARD.decode(text).unwrap();
        serde_json::from_reader(DeflateDecoder::new(bytes.as_slice())).unwrap()
    };
    packed.into_iter().map(unpack).collect()
}

#[test]
fn only_the_styles_and_scripts_of_the_page_are_let_in() {
    let html = one();
    let policies = between(&html, "Content-Security-Policy\" content=\"", "\">");
    let [policy] = policies.as_slice() else {
        panic!("{policies:?}")
    };
    assert!(!policy.contains("unsafe") && policy.contains("default-src 'none'"));
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let texts = between(&html, &format!("<{element}>"), &format!("</{element}>"));
        let [text] = texts.as_slice() else {
            panic!("{} elements {element}", texts.len())
        };
        let hash = STANDARD.encode(Sha256::digest(text));
        assert!(policy.contains(&format!("{directive} 'sha256-{hash}'")));
    }
    // What the policy would refuse is not there to begin with.
    assert!(!html.contains(" style=\"") && !html.contains(" onclick"));
    for word in ["http://", "https://", " src=", "@import", "url("] {
        let html = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!html.contains(word), "{word}");
    }
    assert!(
        between(&html, "href=\"", "\"")
            .iter()
            .all(|a| a.starts_with('#'))
    );
}

#[test]
fn hostile_texts_stay_texts() {
    let hostile = "</script><img src=x onerror=alert(1)>'\"&<!--]]>\u{202e}\u{0}";
    let line = record(hostile, &[(hostile, 0.9), (hostile, 0.1)]);
    let mut trace: Value = serde_json::from_str(&line).unwrap();
    for field in ["question", "task", "split"] {
        trace["prompt"][field] = hostile.into();
    }
    trace["answer"]["extracted"] = hostile.into();
    trace["model"]["file"] = hostile.into();
    trace["steps"][0]["flag"]["reasons"] = vec![hostile].into();
    let failed =
        serde_json::json!({"schema": rotescope_trace::SCHEMA, "id": hostile, "error": hostile});
    let html = page(&[trace.to_string(), failed.to_string()]);
    let plain = page(&[record("a", &[("b", 0.9), ("c", 0.1)])]);
    assert!(
        !html.contains("<img") && !html.contains("<!--") && !html.contains(['\u{202e}', '\u{0}'])
    );
    for tag in ["<script", "</script", "<style", "<meta"] {
        assert_eq!(
            html.matches(tag).count(),
            plain.matches(tag).count(),
            "{tag}"
        );
    }
    assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;&#39;&quot;&amp;"));
    // Every attribute ends where it should: no quotation mark of theirs is one.
    let first = between(&html, "<details class=\"trace\" ", ">")[0];
    assert_eq!(first.matches('"').count(), 12, "{first}");
}

#[test]
fn texts_are_read_without_a_script() {
    let html = one();
    let say = between(&html, "<span class=\"say\">", "</span>")[0];
    assert_eq!(
        say,
        "<b class=\"local2 wrong\">Two</b> no <b class=\"local5\">yes</b>"
    );
    for part in ["Why?", "0.75 likely wrong", "5 expected", "expected 5"] {
        assert!(html.contains(part), "{part}");
    }
    // The summary stands above the traces, and what needs a script is hidden until it runs.
    let at = |text: &str| html.find(text).unwrap();
    assert!(at("Right answers by task and split") < at("<details class=\"trace\""));
    assert!(html.contains("0 of 1</span>") && html.contains("<form class=\"filters\" hidden>"));
}

#[test]
fn tokens_are_packed_with_all_that_stands_behind_them() {
    let html = one();
    let [data] = blocks(&html).try_into().unwrap();
    assert_eq!(data["steps"], serde_json::json!([[0, 3]]));
    let first = &data["tokens"][0];
    assert_eq!(
        (&first["text"], &first["wrong"]),
        (&"Two".into(), &true.into())
    );
    assert_eq!(first["class"], "local2");
    assert_eq!(first["sources"]["local"][0], 0.3);
    let chosen = serde_json::json!(["Two", 0.5, 3, null, null]);
    assert_eq!(first["candidates"][0], chosen);
}

#[test]
fn traces_and_steps_have_addresses_of_their_own() {
    let line = |id: &str| record(id, &[("b", 0.5)]);
    let html = page(&[line("a"), line("a"), line("a~2"), line("b c")]);
    let ids = between(&html, " id=\"", "\"");
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    for id in ["a", "a,1", "a~2", "a~2,1", "a~2~2", "b c"] {
        assert!(ids.contains(&id), "{id}");
    }
}

/// WCAG 2.2, 1.4.3.
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

#[test]
fn every_text_can_be_read_in_every_theme() {
    let mut seen = 0;
    for name in THEMES.names() {
        let theme = THEMES.load(name, None).unwrap();
        let roles = [
            Role::Text,
            Role::Dim,
            Role::Accent,
            Role::Error,
            Role::Ok,
            Role::Flag,
        ];
        let roles = roles.map(|r| (r.name().to_string(), theme.style(r)));
        let sources = Source::ALL
            .into_iter()
            .flat_map(|s| (1..=5).map(move |n| (s, n)));
        let sources = sources.map(|(s, n)| (class(s, n), theme.source(s, n)));
        for (what, style) in roles.into_iter().chain(sources) {
            let found = contrast(style.fg.unwrap(), theme.background());
            assert!(found >= 4.5, "{name}: {what} has {found:.2}");
            seen += 1;
        }
    }
    assert_eq!(seen, 7 * (6 + 15));
}

/// Strength and source are told without color too.
#[test]
fn sources_and_strengths_differ_in_gray() {
    let css = style(&ReportOptions {
        measure: Measure::Stim,
        theme: THEMES.load("light", None).unwrap(),
        dark: None,
        depth: Depth::None,
        width: 80,
    });
    let rules: Vec<&str> = (1..=5)
        .map(|n| between(&css, &format!(".local{n} {{ color: var(--local{n});"), "}")[0])
        .collect();
    let mut unique = rules.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), 5, "{rules:?}");
    for kind in ["dashed", "dotted"] {
        assert!(CSS.contains(&format!("text-decoration-style: {kind}")));
    }
}

#[test]
fn two_hundred_traces_are_small() {
    let words = [" eggs", " are", " there", " now", " 12", " +", " 30", " ="];
    let tokens: Vec<(&str, f64)> = (0..75)
        .map(|i| (words[i * 7 % 8], i as f64 / 75.0))
        .collect();
    let lines: Vec<String> = (0..200)
        .map(|i| record(&format!("t{i}"), &tokens))
        .collect();
    let html = page(&lines);
    assert_eq!(blocks(&html).len(), 200);
    assert!(html.len() < 2_000_000, "{}", html.len());
}

#[test]
fn pairs_stand_side_by_side() {
    let trace = |id: &str, tokens: &[(&str, f64)]| {
        let mut t = rotescope_trace::jsonl::parse(&record(id, tokens)).unwrap();
        match &mut t {
            rotescope_trace::jsonl::Record::Trace(t) => std::mem::take(t),
            rotescope_trace::jsonl::Record::Failed(_) => panic!("a trace was written"),
        }
    };
    let a = trace("<a>", &[("Two", 0.3), (" yes", 0.9)]);
    let b = trace("<b>", &[("Two", 0.3), (" <no>", 0.9)]);
    let pair = Pair {
        a: &a,
        b: &b,
        steps: vec![PairedStep {
            a: Some(0),
            b: Some(0),
            relation: "changed".into(),
            differs: true,
        }],
        relations: [vec!["", "changed"], vec!["", "copied"]],
        mapping: vec![("3".into(), "<4>".into())],
        verdict: "It <copies>.".into(),
        fragility: 0.25,
    };
    let o = ReportOptions {
        measure: Measure::Stim,
        theme: THEMES.load("dark", None).unwrap(),
        dark: None,
        depth: Depth::None,
        width: 80,
    };
    let mut page = Page::new().unwrap();
    page.pair(&pair, &o).unwrap();
    let mut out = Vec::new();
    page.finish(&mut out, &[], &o).unwrap();
    let html = String::from_utf8(out).unwrap();
    let says = between(&html, "<div class=\"say\">", "</div>");
    assert_eq!(
        says,
        [
            "<b class=\"local2\">Two</b> <b class=\"local5 changed\">yes</b>",
            "<b class=\"local2\">Two</b> <b class=\"local5 copied\">&lt;no&gt;</b>"
        ]
    );
    for part in [
        "It &lt;copies&gt;.",
        "3 → &lt;4&gt;",
        ">0.25</span>",
        "1 of 1 steps differ",
        "mean fragility",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

/// The page and its parts, of so many rows each.
fn in_parts(lines: &[String], each: usize) -> (String, Vec<String>) {
    let mut page = Page::new().unwrap();
    let options = crate::tests::options(Depth::None);
    for line in lines {
        match rotescope_trace::jsonl::parse(line).unwrap() {
            rotescope_trace::record::Record::Trace(t) => {
                page.trace(&t, &BTreeMap::new(), &options).unwrap();
            }
            rotescope_trace::record::Record::Failed(f) => page.failed(&f).unwrap(),
        }
    }
    let parts = Parts {
        each,
        page: "a b.html",
        folder: "a b-parts",
    };
    let (mut whole, mut all) = (Vec::new(), Vec::new());
    page.finish_in_parts(&mut whole, &[], &options, parts, &mut |number, content| {
        all.push(String::from_utf8(content.to_vec()).unwrap());
        assert_eq!(number, all.len());
        Ok(())
    })
    .unwrap();
    (String::from_utf8(whole).unwrap(), all)
}

#[test]
fn a_page_in_parts_leads_to_each_row_once() {
    let line = |id: &str| record(id, &[("b", 0.5)]);
    let failed = serde_json::json!({"schema": rotescope_trace::SCHEMA, "id": "f", "error": "e"});
    let ids = ["a", "b c", "a", "d#1", "e"];
    let mut lines: Vec<String> = ids.map(line).to_vec();
    lines.insert(3, failed.to_string());
    let (page, parts) = in_parts(&lines, 2);
    assert_eq!(parts.len(), 3);
    let links = between(&page, "<a class=\"trace listed\"", "</a>");
    let to: Vec<&str> = links
        .iter()
        .map(|l| between(l, "href=\"", "\"")[0])
        .collect();
    let folder = "a%20b-parts";
    let wanted = [
        "1.html#a",
        "1.html#b%20c",
        "2.html#a~2",
        "3.html#d%231",
        "3.html#e",
    ];
    assert_eq!(to, wanted.map(|w| format!("{folder}/{w}")));
    // What failed has no row to open.
    assert!(page.contains("<div class=\"trace failed\" id=\"f\""));
    for (part, ids) in parts.iter().zip([["a", "b c"], ["a~2", "f"], ["d#1", "e"]]) {
        for id in ids {
            assert_eq!(part.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
        }
        assert_eq!(part.matches(" data-verdict=\"").count(), 2);
        assert!(part.contains("href=\"../a%20b.html\""));
    }
    assert!(
        !parts[0].contains("rel=\"prev\"") && parts[0].contains("href=\"2.html\" rel=\"next\"")
    );
    assert!(
        parts[2].contains("href=\"2.html\" rel=\"prev\"") && !parts[2].contains("rel=\"next\"")
    );
    // The rows are those of the page without parts, and its lines have none of their tokens.
    let whole = self::page(&lines);
    let rows =
        |html: &str| between(html, "<div class=\"list\">\n", "</div>\n</section>")[0].to_string();
    assert_eq!(
        parts.iter().map(|p| rows(p)).collect::<String>(),
        rows(&whole)
    );
    assert!(blocks(&page).is_empty() && blocks(&whole).len() == 5);
}
