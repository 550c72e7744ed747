use super::*;
use crate::table::Table;
use crate::theme::{Depth, Themes};
use rotescope_trace::audit::AuditRun;
use rotescope_trace::audit::extract::{ExtractGuard, ExtractLine, ExtractWindow};

/// Of the tokens `0 1 2 ...`, two of prefix and three to recite; `p`: of each.
fn window(document: &str, start: usize, p: f64, memorized: bool) -> ExtractLine {
    let text = |i: usize| format!(" {i}");
    ExtractLine {
        window: Some(ExtractWindow {
            document: document.into(),
            start,
            split: [2, 3],
            prefix: (start..start + 2).map(text).collect(),
            text: (start + 2..start + 5).map(text).collect(),
            drawn: vec![Some(p.ln()), None, Some(0.0)],
            log_p: vec![Some(p.ln()); 3],
            claim: memorized,
            ..ExtractWindow::default()
        }),
        ..ExtractLine::new()
    }
}

fn documents(lines: Vec<ExtractLine>) -> Vec<HeatDocument> {
    let mut builder = HeatBuilder::default();
    let mut all: Vec<HeatDocument> = Vec::new();
    for line in lines {
        all.extend(builder.add(line.window.unwrap()));
    }
    all.extend(builder.finish());
    all
}

fn options() -> ReportOptions {
    const FILES: [(&str, &str); 1] = [("light", include_str!("../../../../themes/light.toml"))];
    ReportOptions {
        measure: crate::Measure::default(),
        theme: Themes::new(&FILES).load("light", None).unwrap(),
        dark: None,
        depth: Depth::None,
        width: 40,
    }
}

fn report(format: Format, lines: Vec<ExtractLine>) -> Result<String, ReportError> {
    let mut bytes = Vec::new();
    let mut report = HeatReport::begin(&mut bytes, format, options())?;
    report.add(ExtractLine {
        run: Some(AuditRun::default()),
        ..ExtractLine::new()
    })?;
    for line in lines {
        report.add(line)?;
    }
    report.finish()?;
    Ok(String::from_utf8(bytes).unwrap())
}

#[test]
fn windows_in_a_row_are_one_text_and_each_token_has_its_likeliest_window() {
    // 0..5, 1..6 overlaps, 6..11 joins none: token 7 is missing.
    let lines = vec![
        window("a", 0, 0.2, true),
        window("a", 1, 0.4, true),
        window("a", 6, 0.95, false),
        window("b", 0, 0.5, true),
    ];
    let all = documents(lines);
    assert_eq!(all.len(), 2);
    let a = &all[0];
    let text: String = a.tokens.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(text, " 0 1 2 3 4 5\n…\n 6 7 8 9 10");
    let p: Vec<Option<f64>> = a
        .tokens
        .iter()
        .map(|t| t.p.map(|p| (p * 100.0).round() / 100.0))
        .collect();
    // Token 3: no draw in the first, .4 in the second.
    assert_eq!(
        p,
        [
            None,
            Some(0.2),
            Some(0.4),
            Some(1.0),
            Some(1.0),
            None,
            Some(0.95),
            Some(0.0),
            Some(1.0)
        ]
    );
    let windows: Vec<usize> = a.tokens.iter().filter_map(|t| t.window).collect();
    assert_eq!(windows, [0, 0, 1, 0, 1, 2, 2, 2, 2]);
    assert_eq!(a.runs, [[1, 5]]);
    assert_eq!(all[1].runs, [[1, 4]]);
    // The same document again, from its beginning.
    assert_eq!(
        documents(vec![window("a", 3, 0.1, false), window("a", 0, 0.1, false)]).len(),
        2
    );
}

#[test]
fn what_is_common_is_no_run() {
    let mut common = window("a", 0, 0.5, true);
    common.window.as_mut().unwrap().guard = Some(ExtractGuard {
        common: true,
        ..ExtractGuard::default()
    });
    assert_eq!(documents(vec![common])[0].runs, [[0; 2]; 0]);
}

#[test]
fn pages_hold_the_text_the_runs_and_the_evidence_and_nothing_runs_in_them() {
    let mut evil = window("</script><script>alert(1)</script>", 0, 0.5, true);
    evil.window.as_mut().unwrap().text[1] = "<img src=x onerror=alert(1)>\u{1b}[31m".into();
    let page = report(Format::Html, vec![window("a", 0, 0.95, true), evil]).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("2 documents, 2 windows"), "{page}");
    assert!(
        page.contains(
            "<span class=\"t local4 run first\" data-w=\"0\" title=\"p 0.950\"> 2</span>"
        ),
        "{page}"
    );
    assert!(!page.contains("<img") && !page.contains("<script>alert") && !page.contains('\u{1b}'));
    assert_eq!(
        page.matches("<script type=\"application/json\">").count(),
        2
    );
    assert!(page.contains("default-src 'none'"));

    let text = report(Format::Ansi, vec![window("a", 0, 0.95, true)]).unwrap();
    assert!(text.contains(" 0 1 2 3 4\n"), "{text}");
    assert!(
        text.contains("3 tokens read in 1 windows of 2/3; 1 runs can be extracted, 3 tokens"),
        "{text}"
    );
    let svg = report(Format::Svg, vec![window("a", 0, 0.95, true)]).unwrap();
    assert!(
        svg.starts_with("<svg ") && svg.contains("<title>a</title>"),
        "{svg}"
    );
    assert!(matches!(
        report(
            Format::Svg,
            vec![window("a", 0, 0.5, true), window("b", 0, 0.5, true)]
        ),
        Err(ReportError::SeveralInSvg)
    ));
    assert!(matches!(
        report(Format::Svg, vec![]),
        Err(ReportError::NoneInSvg)
    ));
    assert!(matches!(
        report(Format::Csv(Table::Tokens), vec![]),
        Err(ReportError::NoHeatMap)
    ));
}

#[test]
fn long_words_and_texts_are_broken_in_linear_time() {
    let mut lines = vec![window("a", 0, 0.5, false)];
    lines[0].window.as_mut().unwrap().text[0] = "x".repeat(100_000);
    let text = report(Format::Ansi, lines).unwrap();
    assert!(text.lines().all(|l| l.chars().count() <= 100), "cut");
    assert!(
        text.lines()
            .filter(|l| l.starts_with("xxx"))
            .all(|l| l.len() <= 40)
    );
    let many: Vec<ExtractLine> = (0..20_000).map(|i| window("a", i * 3, 0.5, true)).collect();
    let all = documents(many);
    assert_eq!((all[0].tokens.len(), all[0].runs.len()), (60_001, 1));
}
