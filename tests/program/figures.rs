//! `rotescope figure`, and the pages of `report` and `compare`, from the outside.

use rotescope_testing::pairs::{changed, original};
use rotescope_testing::traces::many_sums;
use rotescope_trace::Trace;

use crate::support::{rotescope, text};

/// A folder with files of traces; its paths as text.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_string()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, traces: &[Trace]) -> String {
        let lines = traces
            .iter()
            .map(|t| serde_json::to_string(t).unwrap() + "\n");
        std::fs::write(self.path(name), lines.collect::<String>()).unwrap();
        self.path(name)
    }
}

fn run(args: &[&str]) -> String {
    let out = rotescope(args);
    assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
    text(&out.stdout)
}

#[test]
fn figures_are_listed_drawn_and_said_to_lack_something() {
    let listed = run(&["figure"]);
    let names: Vec<&str> = listed
        .lines()
        .filter(|l| !l.starts_with(' '))
        .filter_map(|l| l.split(' ').next())
        .collect();
    for name in [
        "stim-max",
        "sources",
        "precision",
        "roc",
        "reliability",
        "score-count",
        "perturbation",
    ] {
        assert!(names.contains(&name), "{listed}");
    }
    let folder = Folder::new();
    let traces = folder.write("t.jsonl", &many_sums());
    // A trace that stands twice counts once.
    let twice = folder.write("twice.jsonl", &[many_sums(), many_sums()].concat());
    for name in ["sources", "stim-max", "roc"] {
        assert_eq!(
            run(&["figure", name, &traces]),
            run(&["figure", name, &twice])
        );
    }
    for name in &names {
        let out = rotescope(&[
            "figure",
            name,
            &traces,
            "-o",
            &folder.path("x.svg"),
            "--resamples",
            "20",
        ]);
        if *name == "perturbation" {
            assert_eq!(out.status.code(), Some(2));
            let said = text(&out.stderr);
            assert!(
                said.contains("it needs answers to prompts changed by an operator"),
                "{said}"
            );
            continue;
        }
        if out.status.success() {
            let svg = folder.read("x.svg");
            assert!(
                svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
                "{name}"
            );
            assert!(!svg.contains("NaN") && !svg.contains("var("), "{name}");
        } else {
            assert!(
                text(&out.stderr).contains("it needs "),
                "{name}: {}",
                text(&out.stderr)
            );
        }
    }
    let precision = run(&["figure", "precision", &traces, "--resamples", "20"]);
    assert!(precision.contains("random (exact)") && precision.contains("P@k"));
    // The same traces give the same picture.
    assert_eq!(
        precision,
        run(&["figure", "precision", &traces, "--resamples", "20"])
    );
    let unknown = rotescope(&["figure", "pie", &traces]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("there are: stim-max, sources"));
}

#[test]
fn a_report_begins_with_summary_and_figures() {
    let folder = Folder::new();
    let traces = folder.write("t.jsonl", &many_sums());
    run(&["report", &traces, "-o", &folder.path("x.html")]);
    let page = folder.read("x.html");
    let at = |part: &str| page.find(part).unwrap_or_else(|| panic!("no {part}"));
    assert!(at("rotescope-summary\">") < at("rotescope-figures\">"));
    assert!(at("rotescope-figures\">") < at("<details class=\"trace\""));
    assert_eq!(
        page.matches("<details class=\"trace\"").count(),
        many_sums().len()
    );
    assert!(page.contains("Wrong steps found against false alarms"));
    assert!(page.contains("it needs answers to prompts changed by an operator"));
    run(&[
        "report",
        &traces,
        "--no-figures",
        "-o",
        &folder.path("y.html"),
    ]);
    assert!(!folder.read("y.html").contains("rotescope-figures\">"));
}

#[test]
fn comparisons_are_pages_too() {
    let folder = Folder::new();
    let a = folder.write("a.jsonl", &[original()]);
    let b = folder.write(
        "b.jsonl",
        &[changed(
            " At first Mia has 473 apples. After finding more, Mia has 473 + 10 = 484 apples. So the answer is 484.",
        )],
    );
    run(&["compare", &a, &b, "-o", &folder.path("x.html")]);
    let page = folder.read("x.html");
    assert_eq!(page.matches("<details class=\"trace pair\"").count(), 1);
    assert!(page.contains("mean fragility") && page.contains("class=\"mapped\""));
    assert!(page.ends_with("</html>\n"));
    // As JSON lines otherwise, as before.
    run(&["compare", &a, &b, "-o", &folder.path("x.jsonl")]);
    assert!(folder.read("x.jsonl").starts_with("{\"a\":"));
}

/// Many traces are a page and a folder of parts, of which nothing else may be replaced.
#[test]
fn a_page_of_many_traces_has_parts_beside_it() {
    let folder = Folder::new();
    let sums = many_sums();
    let some = &sums[..5];
    let traces = folder.write("t.jsonl", some);
    let out = folder.path("x.html");
    let files = || {
        let mut names: Vec<String> = std::fs::read_dir(folder.path("x-parts"))
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    run(&["report", &traces, "-o", &out, "--part", "2"]);
    assert_eq!(files(), ["1.html", "2.html", "3.html"]);
    let page = folder.read("x.html");
    for (n, trace) in some.iter().enumerate() {
        let part = n / 2 + 1;
        let link = format!("href=\"x-parts/{part}.html#{}\"", trace.prompt.id);
        assert!(page.contains(&link), "{link}");
        let row = format!("<details class=\"trace\" id=\"{}\"", trace.prompt.id);
        assert!(
            folder.read(&format!("x-parts/{part}.html")).contains(&row),
            "{row}"
        );
    }
    // Fewer parts take the place of more; all in one page leaves the folder alone.
    run(&["report", &traces, "-o", &out, "--part", "3"]);
    assert_eq!(files(), ["1.html", "2.html"]);
    run(&["report", &traces, "-o", &out, "--part", "0"]);
    assert!(folder.read("x.html").contains("<details class=\"trace\""));
    // Of a pipe or a packed page there are none.
    let shown = run(&["report", &traces, "--format", "html", "--part", "2"]);
    assert!(shown.contains("<details class=\"trace\""));
    // What is not of a report stays.
    std::fs::write(folder.path("x-parts/notes.txt"), "mine").unwrap();
    let refused = rotescope(&["report", &traces, "-o", &out, "--part", "2"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("notes.txt"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(folder.read("x-parts/notes.txt"), "mine");
    let left = std::fs::read_dir(folder.0.path())
        .unwrap()
        .map(|f| f.unwrap().file_name());
    let left: Vec<_> = left
        .filter(|n| n.to_str().unwrap().starts_with(".rotescope"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
