//! `audit extract` from the outside, on the bundled model, whose corpus has each passage a known number of times.

use std::collections::BTreeMap;
use std::path::Path;

use rotescope_stats::spearman;
use rotescope_trace::audit::extract::{ExtractLine, ExtractWindow};
use serde_json::{Value, json};

use crate::support::{root, rotescope, small_index, text};

const MODEL: &str = "models/pocket/pocket-q8_0.gguf";

/// Passages of the corpus with their copies, some of each number; and passages that it does not have.
pub fn passages(each: usize) -> Vec<(u64, String)> {
    let corpus = std::fs::File::open(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap();
    let corpus = String::from_utf8(zstd::decode_all(corpus).unwrap()).unwrap();
    let mut known: BTreeMap<u64, BTreeMap<String, String>> = BTreeMap::new();
    for line in corpus
        .lines()
        .filter(|l| l.contains("\"family\":\"prose\""))
    {
        let row: Value = serde_json::from_str(line).unwrap();
        let (copies, name) = (&row["meta"]["copies"], &row["meta"]["passage"]);
        let text = row["text"].as_str().unwrap().to_string();
        known
            .entry(copies.as_u64().unwrap())
            .or_default()
            .insert(name.to_string(), text);
    }
    let of_level = |(copies, texts): (u64, BTreeMap<String, String>)| {
        texts.into_values().take(each).map(move |t| (copies, t))
    };
    let seen = known.into_iter().flat_map(of_level);
    let prompts = std::fs::read_to_string(root().join("prompts/recite.jsonl")).unwrap();
    let rows = prompts
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap());
    let said = |row: &Value, field: &str| row[field].as_str().unwrap().to_string();
    let unseen = rows
        .filter(|r| r["meta"]["copies"] == 0)
        .map(|r| (0, said(&r, "question") + &said(&r, "answer")));
    unseen.chain(seen).collect()
}

pub fn write(path: &Path, texts: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> = texts
        .into_iter()
        .map(|t| json!({"text": t}).to_string())
        .collect();
    std::fs::write(path, lines.join("\n")).unwrap();
    path.display().to_string()
}

fn lines(path: &str) -> Vec<ExtractLine> {
    let content = std::fs::read_to_string(path).unwrap();
    let line = |l: &str| serde_json::from_str(l).unwrap();
    content.lines().map(line).collect()
}

pub fn windows(path: &str) -> Vec<ExtractWindow> {
    lines(path).into_iter().filter_map(|l| l.window).collect()
}

fn extract(args: &[&str]) -> (Option<i32>, String, String) {
    let all: Vec<&str> = ["audit", "extract", "--model", MODEL, "--threads", "1"]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    let run = rotescope(&all);
    (run.status.code(), text(&run.stdout), text(&run.stderr))
}

pub fn extracted(args: &[&str]) -> String {
    let (code, stdout, stderr) = extract(args);
    assert_eq!(code, Some(0), "{args:?}\n{stdout}\n{stderr}");
    stdout
}

/// The passage that a window is of: its line in the file.
fn line_of(w: &ExtractWindow) -> usize {
    let line = w.document.rsplit(':').next().unwrap();
    line.parse::<usize>().unwrap() - 1
}

#[test]
fn planted_copies_are_found_and_kept_and_held_out_passages_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let all = passages(6);
    let file = write(&path("passages.jsonl"), all.iter().map(|p| p.1.clone()));
    let out = path("out.jsonl").display().to_string();
    let said = extracted(&[&file, "--index", small_index(), "-o", &out]);
    let windows = windows(&out);
    let copies: Vec<u64> = windows.iter().map(|w| all[line_of(w)].0).collect();

    let matched: Vec<f64> = windows.iter().map(|w| w.matched).collect();
    let drawn = |w: &ExtractWindow| w.log_p_z.unwrap_or(f64::NEG_INFINITY);
    let drawn: Vec<f64> = windows.iter().map(drawn).collect();
    for (name, values) in [("M", &matched), ("p_z", &drawn)] {
        let rho = spearman(&copies, values).unwrap();
        eprintln!("Spearman's rho of copies with {name}: {rho:.3}");
        assert!(rho >= 0.8, "{name}: {rho}\n{said}");
    }
    let of = |from: u64, to: u64| {
        let some = windows.iter().zip(&copies);
        some.filter(move |(_, c)| (from..to).contains(*c))
            .map(|(w, _)| w)
    };
    let share = |some: &mut dyn Iterator<Item = &ExtractWindow>, is: fn(&ExtractWindow) -> bool| {
        let (n, yes) = some.fold((0, 0), |(n, y), w| (n + 1, y + usize::from(is(w))));
        assert!(n >= 20, "{n} windows");
        yes as f64 / n as f64
    };
    // Documents were read from their beginning in training, and nowhere else is a prefix what the model knows.
    let first = |w: &&ExtractWindow| w.start == 0;
    let held_out = share(&mut of(0, 1), ExtractWindow::is_memorized);
    let claimed = share(&mut of(50, 1000).filter(first), |w| w.claim);
    let kept = share(
        &mut of(50, 1000).filter(|w| w.claim),
        ExtractWindow::is_memorized,
    );
    eprintln!(
        "held out: {held_out:.3}; 50 copies and more: {claimed:.3} claimed, {kept:.3} of the claims kept"
    );
    assert!(held_out <= 0.01, "{held_out}");
    assert!(claimed >= 0.95 && kept >= 0.95, "{claimed} {kept}");
}

#[test]
fn a_killed_run_goes_on_to_the_same_records_and_other_settings_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let texts = passages(3).into_iter().rev().take(14).map(|p| p.1);
    let file = write(&path("p.jsonl"), texts.chain(["Too short.".to_string()]));
    let out = path("out.jsonl").display().to_string();
    let args = [
        file.as_str(),
        "--index",
        small_index(),
        "--stride",
        "16",
        "-o",
        &out,
    ];
    let said = extracted(&args);
    let whole = std::fs::read(&out).unwrap();
    let all = lines(&out);
    assert!(all[0].run.is_some(), "the first line says what was asked");
    let short: Vec<_> = all.iter().filter_map(|l| l.skipped.as_ref()).collect();
    assert_eq!(short.len(), 1);
    assert!(short[0].why.contains("64 tokens"), "{short:?}");
    assert!(windows(&out).len() > 40);
    // Cut off within a line.
    std::fs::write(&out, &whole[..whole.len() * 2 / 3]).unwrap();
    let again = extracted(&args);
    assert_eq!(again, said);
    let sorted = |bytes: &[u8]| {
        let mut lines: Vec<String> = text(bytes).lines().map(String::from).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&std::fs::read(&out).unwrap()), sorted(&whole));
    // Nothing is left to do.
    assert_eq!(extracted(&args), said);

    let mut other = args.to_vec();
    other.extend(["--top-k", "0"]);
    let (code, _, stderr) = extract(&other);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("top-k was 40, now 0"), "{stderr}");

    // The heat map of it.
    let page = path("heat.html").display().to_string();
    let run = rotescope(&["report", &out, "-o", &page]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let page = std::fs::read_to_string(page).unwrap();
    assert!(
        page.contains("class=\"t local5 run first\""),
        "a run that can be extracted"
    );
    let svg = path("heat.svg").display().to_string();
    let run = rotescope(&["report", &out, "-o", &svg]);
    assert_eq!(run.status.code(), Some(2), "several documents");
    let name = windows(&out)[0].document.clone();
    let run = rotescope(&["report", &out, "-o", &svg, "--id", &name]);
    assert!(run.status.success(), "{}", text(&run.stderr));
}

#[test]
fn what_cannot_be_asked_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let short = path("short.txt");
    std::fs::write(&short, "Three small words.").unwrap();
    let short = short.display().to_string();
    let (code, stdout, stderr) = extract(&[&short, "--no-index"]);
    assert_eq!(code, Some(2), "{stdout}{stderr}");
    assert!(stdout.contains("shorter than a window"), "{stdout}");
    assert!(stderr.contains("no index: nothing is counted"), "{stderr}");

    // A corpus without the text, whose documents are too short for unrelated prefixes.
    let corpus = write(&path("corpus.jsonl"), (0..40).map(|i| format!("Note {i}.")));
    let index = path("index").display().to_string();
    let built = rotescope(&["index", "build", &corpus, "--model", MODEL, "--out", &index]);
    assert!(built.status.success(), "{}", text(&built.stderr));
    let file = write(
        &path("p.jsonl"),
        passages(1).into_iter().rev().take(2).map(|p| p.1),
    );
    let (code, stdout, stderr) = extract(&[&file, "--index", &index]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("no unrelated prefix"), "{stderr}");
    assert!(
        stdout.contains("All of the windows do not stand in this corpus"),
        "{stdout}"
    );
    assert!(
        stdout.contains("claims were not held against unrelated prefixes"),
        "{stdout}"
    );
    let (code, _, stderr) = extract(&["--sample", "5", "--index", &index]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("64 tokens of a window"), "{stderr}");

    let long = path("long.txt");
    std::fs::write(&long, "On market day the smith sells tin. ".repeat(200)).unwrap();
    let long = long.display().to_string();
    for (args, want) in [
        (vec!["--index", index.as_str()], "which text?"),
        (vec![file.as_str(), "--window", "32"], "such as 32/32"),
        (
            vec![file.as_str(), "--window", "0/5"],
            "no number of tokens",
        ),
        (vec![file.as_str(), "--p", "2"], "--p is a share"),
        (vec![file.as_str(), "--top-p", "0"], "top-p 0"),
        (
            vec![long.as_str(), "--no-index", "--window", "700/200"],
            "exceeds the 768 that the context holds",
        ),
        (vec!["none.txt", "--no-index"], "none.txt"),
    ] {
        let (code, stdout, stderr) = extract(&args);
        assert_eq!(code, Some(2), "{args:?}: {stdout}");
        assert!(
            format!("{stdout}{stderr}").contains(want),
            "{args:?}: {stdout}{stderr}"
        );
    }
}

#[test]
fn one_pass_and_the_free_running_model_agree_up_to_the_first_other_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let file = write(
        &path("p.jsonl"),
        passages(2).into_iter().skip(95).map(|p| p.1),
    );
    let out = path("out.jsonl").display().to_string();
    extracted(&[&file, "--no-index", "--free-running", "-o", &out]);
    let known = windows(&out);
    assert!(known.iter().any(|w| w.recited == 32) && known.iter().any(|w| w.recited < 32));
    for w in &known {
        let [least, most] = w.free_running;
        assert_eq!(least, most, "{w:?}");
        assert!(
            least >= w.recited as f64 / 32.0 - 1e-4 && least <= 31.0 / 32.0 || w.recited == 32,
            "{w:?}"
        );
        assert!(w.guard.is_none() && w.counts.is_none(), "no index");
    }
    // Greedy draws: p_z is one where the text is recited, and else nothing.
    let greedy = path("greedy.jsonl").display().to_string();
    extracted(&[&file, "--no-index", "--temperature", "0", "-o", &greedy]);
    for w in windows(&greedy) {
        assert_eq!(w.log_p_z, (w.recited == 32).then_some(0.0), "{w:?}");
        assert_eq!(w.draws, (w.recited == 32).then_some(1.0));
    }
}

#[test]
fn an_unchanged_prefix_drops_nothing_and_a_teacher_is_its_own_student() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let file = write(
        &path("p.jsonl"),
        passages(2).into_iter().skip(90).map(|p| p.1),
    );
    let out = path("r.jsonl").display().to_string();
    let args = [
        "audit",
        "redundancy",
        &file,
        "--model",
        MODEL,
        "--threads",
        "1",
        "--index",
        small_index(),
        "--replace",
        "3",
        "-o",
        &out,
    ];
    let run = rotescope(&args);
    let said = text(&run.stdout);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(said.contains("| identity | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 to 0.000 | 0.000 | 0.000 to 0.000 | 0.000 | 0.000 |"), "{said}");
    let rows = std::fs::read_to_string(&out).unwrap();
    let rows: Vec<Value> = rows
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let windows: Vec<&Value> = rows
        .iter()
        .map(|r| &r["window"])
        .filter(|w| w.is_object())
        .collect();
    let replaced = windows.iter().filter(|w| w["replaced"].is_array());
    assert_eq!(replaced.count(), 3);
    for w in &windows {
        let identity = &w["changes"][0];
        assert_eq!(
            (&identity["operator"], &identity["log_p"]),
            (&json!("identity"), &w["clean"]["log_p"])
        );
        // An adjacent swap of 32 tokens.
        assert_eq!(
            (&w["changes"][1]["abs_dist"], &w["changes"][1]["rel_dist"]),
            (&json!(1.0), &json!(1.0))
        );
    }
    // What a reversed prefix leaves of memorized text is less than it was.
    let fall = |w: &&&Value| w["clean"]["matched"].as_f64() > w["changes"][6]["matched"].as_f64();
    let memorized: Vec<&&Value> = windows
        .iter()
        .filter(|w| w["clean"]["recited"] == 32)
        .collect();
    assert!(memorized.len() > 10);
    assert!(memorized.iter().filter(|w| fall(w)).count() * 10 >= memorized.len() * 9);

    let own = path("own.gguf");
    std::fs::copy(root().join(MODEL), &own).unwrap();
    let own = own.display().to_string();
    let ladder = path("ladder").display().to_string();
    let args = [
        "audit",
        "students",
        &file,
        "--teacher",
        MODEL,
        "--students",
        &own,
        "--ladder",
        "Q8_0,Q2_K",
        "--ladder-dir",
        &ladder,
        "--no-index",
        "--threads",
        "1",
        "--window",
        "32/32",
    ];
    let run = rotescope(&args);
    let said = text(&run.stdout);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let row = |name: &str, table: usize| {
        let begins = format!("| {name} |");
        let rows = said.lines().filter(|l| l.starts_with(&begins));
        rows.map(|l| {
            l.split('|')
                .map(|c| c.trim().to_string())
                .collect::<Vec<_>>()
        })
        .nth(table)
        .unwrap_or_else(|| panic!("{name} in\n{said}"))
    };
    assert_eq!(row("own.gguf", 1)[2..4], ["1.000", "0.000"], "{said}");
    let inherited = |name: &str| row(name, 1)[2].parse::<f64>().unwrap();
    let drawn = |name: &str| row(name, 0)[6].parse::<f64>().unwrap();
    assert!(inherited("Q8_0") >= 0.9, "{said}");
    assert!(drawn("Q2_K") < drawn("Q8_0"), "{said}");
    assert!(std::path::Path::new(&ladder).read_dir().unwrap().count() == 2);
}
