//! An index behind a network: infini-gram's own engine on this machine, over the documents of a small index.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::support::{root, small_index, text, traces};
use rotescope_corpus::{About, Documents, LocalIndex};
use rotescope_testing::infinigram::{END, Server, write_index};
use rotescope_text::number::grouped;
use rotescope_trace::{Local, Token, Trace};
use rotescope_vocab::{Encode, Gguf, Vocabulary};
use serde_json::json;
use tempfile::TempDir;

/// A server of the documents of the small index, and folders of a user who asks it.
struct Served {
    server: Server,
    folder: TempDir,
}

impl Served {
    fn new() -> Served {
        let folder = tempfile::tempdir().unwrap();
        let local = LocalIndex::open(small_index()).unwrap();
        let all: Vec<u64> = (0..local.info().documents.unwrap()).collect();
        let documents = local.document_tokens(&all).unwrap();
        let gguf = Gguf::open(&rotescope_testing::pocket()).unwrap();
        let vocabulary = Vocabulary::from_gguf(&gguf).unwrap();
        let index = folder.path().join("served/small");
        let bytes = |id| vocabulary.token_bytes(id);
        write_index(&index, documents, vocabulary.size(), bytes);
        let server = Server::start(&folder.path().join("served"));
        let settings = format!(
            "[indexes.small]\nindex = {:?}\ntokenizer = \"model\"\nend = {END}\n",
            server.name("small")
        );
        std::fs::write(folder.path().join("config.toml"), settings).unwrap();
        Served { server, folder }
    }

    fn command(&self, args: &[&str], cache: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rotescope"));
        command
            .args(args)
            .env("ROTESCOPE_HOME", root())
            .env("ROTESCOPE_CONFIG", self.folder.path().join("config.toml"))
            .env("XDG_CACHE_HOME", self.folder.path().join(cache))
            .current_dir(root());
        command
    }

    fn run(&self, args: &[&str], cache: &str) -> Output {
        self.command(args, cache).output().unwrap()
    }

    /// Scores prompts over an index; what the program says of it.
    fn score(&self, index: &str, out: &str, cache: &str, more: &[&str]) -> (Vec<Trace>, String) {
        let out = self.folder.path().join(out);
        let mut args = vec![
            "score",
            "prompts/applied-seen.jsonl",
            "--index",
            index,
            "--sources",
            "local",
        ];
        args.extend(["--limit", "20", "-o", out.to_str().unwrap()]);
        args.extend(more);
        let run = self.run(&args, cache);
        assert!(run.status.success(), "{}", text(&run.stderr));
        (traces(&out), text(&run.stderr))
    }
}

/// What the index said of each token.
fn scores(traces: &[Trace]) -> serde_json::Value {
    let one = |t: &Token| {
        // Of contexts from the border of a word on, an index behind a network is not asked.
        let published = t.local.clone().map(|local| Local {
            aligned: None,
            ..local
        });
        json!([t.id, published, t.candidates.local])
    };
    let of = |t: &Trace| t.tokens.iter().map(one).collect::<Vec<_>>();
    traces.iter().map(of).collect()
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn local_scores_are_those_of_the_exact_index_and_a_second_run_asks_nothing() {
    let served = Served::new();
    let (ours, _) = served.score(small_index(), "local.jsonl", "none", &[]);
    assert_eq!(ours.len(), 20);
    served.server.control(&json!({}));
    let began = Instant::now();
    let (theirs, said) = served.score("small", "remote.jsonl", "cache", &[]);
    let took = began.elapsed();
    assert_eq!(scores(&theirs), scores(&ours));
    let scored = theirs
        .iter()
        .flat_map(|t| &t.tokens)
        .filter(|t| t.local.is_some())
        .count();
    let queries = served.server.all_asked();
    eprintln!(
        "20 chains, {scored} scored tokens, {queries} queries, {took:?}; {}",
        served.server.asked()
    );
    assert!(
        said.contains(" for local scores of 20 completions"),
        "{said}"
    );
    assert!(
        said.contains(&format!("{} queries asked", grouped(queries))),
        "{said}"
    );
    assert!(queries < 3 * scored as u64, "{queries}");
    let index = theirs[0].index.as_ref().unwrap();
    assert_eq!(index.id, "small");
    let counts = index.counts.as_deref();
    assert_eq!(
        counts,
        Some("occurrences, exact; together: occurrences, approximate, from 500000 samples")
    );

    // Again, and without a network: nothing is asked, and nothing is missing.
    served.server.control(&json!({}));
    for more in [&[][..], &["--offline"]] {
        let name = format!("again-{}.jsonl", more.len());
        let (again, _) = served.score("small", &name, "cache", more);
        assert_eq!(scores(&again), scores(&ours));
    }
    assert_eq!(served.server.all_asked(), 0);
    let info = text(&served.run(&["cache", "info"], "cache").stdout);
    assert!(info.contains(" answers, "), "{info}");
    assert!(served.run(&["cache", "clear"], "cache").status.success());
    let out = served.folder.path().join("offline.jsonl");
    let missing = [
        "score",
        "prompts/applied-seen.jsonl",
        "--index",
        "small",
        "--offline",
        "-o",
        out.to_str().unwrap(),
    ];
    let run = served.run(&missing, "cache");
    assert_eq!(run.status.code(), Some(2));
    assert!(
        text(&run.stderr).contains("the cache holds no answer"),
        "{}",
        text(&run.stderr)
    );
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn a_slow_server_is_asked_many_questions_at_a_time() {
    let served = Served::new();
    served.server.control(&json!({"delay": 0.2}));
    let began = Instant::now();
    let out = served.folder.path().join("slow.jsonl");
    let args = [
        "score",
        "prompts/applied-seen.jsonl",
        "--index",
        "small",
        "--sources",
        "local",
        "--limit",
        "1",
    ];
    let run = served.run(
        &[
            &args[..],
            &["--max-tokens", "120", "-o", out.to_str().unwrap()],
        ]
        .concat(),
        "cache",
    );
    let took = began.elapsed();
    assert!(run.status.success(), "{}", text(&run.stderr));
    let traces = traces(&out);
    let (tokens, queries) = (traces[0].tokens.len(), served.server.all_asked());
    let per_token = took.as_secs_f64() / tokens as f64;
    eprintln!("{tokens} tokens, {queries} queries with 200 ms of delay each: {took:?}");
    assert!(per_token * 120.0 < 15.0, "{per_token} s a token");
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn a_server_that_loses_answers_and_dies_costs_no_record() {
    let mut served = Served::new();
    let (ours, _) = served.score(small_index(), "local.jsonl", "none", &[]);
    served
        .server
        .control(&json!({"drop": 0.2, "seed": 1, "delay": 0.005}));
    let out = served.folder.path().join("broken.jsonl");
    let args = [
        "score",
        "prompts/applied-seen.jsonl",
        "--index",
        "small",
        "--sources",
        "local",
        "--limit",
        "20",
    ];
    let run = served
        .command(
            &[&args[..], &["-o", out.to_str().unwrap()]].concat(),
            "cache",
        )
        .spawn();
    let mut run = run.unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let running = run.try_wait().unwrap().is_none();
    served.server.die_and_come_back(Duration::from_secs(1));
    assert!(running, "the server was to die in the middle");
    assert!(run.wait().unwrap().success());
    assert_eq!(scores(&traces(&out)), scores(&ours));
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn the_index_is_asked_from_the_command_line() {
    let served = Served::new();
    let asked = |args: &[&str]| {
        let run = served.run(args, "cache");
        assert!(run.status.success(), "{args:?}: {}", text(&run.stderr));
        text(&run.stdout)
    };
    let info = asked(&["index", "info", "small"]);
    assert!(
        info.contains("#small") && info.contains("occurrences, exact"),
        "{info}"
    );
    for question in [" the answer is", " = 7", "zebra"] {
        let remote = asked(&["index", "count", "small", question]);
        let local = asked(&["index", "count", small_index(), question]);
        assert_eq!(remote, local, "{question}");
    }
    let remote = asked(&["index", "next", "small", " The answer"]);
    let local = asked(&["index", "next", small_index(), " The answer"]);
    assert_eq!(
        remote.lines().skip(1).collect::<Vec<_>>(),
        local.lines().skip(1).collect::<Vec<_>>()
    );
    let docs = asked(&["index", "docs", "small", " answer is", "--limit", "3"]);
    assert_eq!(docs.matches("corpus.jsonl").count(), 3, "{docs}");

    let wrong = served.run(
        &[
            "index",
            "count",
            "small",
            "--ids",
            "1",
            "--max-queries",
            "1",
        ],
        "empty",
    );
    assert!(
        text(&wrong.stderr).contains("--max-queries"),
        "{}",
        text(&wrong.stderr)
    );
    let nobody = format!("infinigram:http://127.0.0.1:{}#nobody", served.server.port);
    let wrong = served.run(&["index", "info", &nobody], "cache");
    assert!(
        text(&wrong.stderr).contains("Invalid index"),
        "{}",
        text(&wrong.stderr)
    );
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn mid_and_long_come_for_flagged_steps() {
    let served = Served::new();
    let out = served.folder.path().join("all.jsonl");
    let args = [
        "score",
        "prompts/applied-seen.jsonl",
        "--index",
        "small",
        "--limit",
        "2",
        "--scope",
        "step:1",
    ];
    let run = served.run(
        &[&args[..], &["-o", out.to_str().unwrap()]].concat(),
        "cache",
    );
    assert!(run.status.success(), "{}", text(&run.stderr));
    let traces = traces(&out);
    let options = traces[0].attribution.non_local.as_ref().unwrap();
    assert_eq!(options.cooccurrence, "window:1000");
    let long = traces[0].tokens.iter().filter(|t| t.long.is_some()).count();
    eprintln!(
        "{long} tokens with long-range scores; {}",
        served.server.asked()
    );
    assert!(long > 0);
    assert!(traces[0].tokens.iter().all(|t| t.measures.is_empty()));
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn spans_of_olmotraces_service_are_those_of_the_exact_index() {
    let served = Served::new();
    let text = "The answer is 7. Tom has 3 pens and finds 4 more, zebra. So 3 + 4 = 7.";
    let essay = served.folder.path().join("essay.txt");
    std::fs::write(&essay, text).unwrap();
    let gguf = Gguf::open(&rotescope_testing::pocket()).unwrap();
    let ids = Vocabulary::from_gguf(&gguf)
        .unwrap()
        .encode_batch(&[text])
        .unwrap();
    served.server.control(&json!({"encoded": {text: ids[0]}}));
    let service = format!("olmotrace:http://127.0.0.1:{}#small", served.server.port);
    let records = |index: &str, more: &[&str]| -> serde_json::Value {
        let out = tempfile::tempdir().unwrap();
        let out = out.path().join("spans.jsonl");
        let fixed = [
            "audit",
            "spans",
            essay.to_str().unwrap(),
            "--index",
            index,
            "-o",
            out.to_str().unwrap(),
        ];
        let run = served.run(&[&fixed[..], more].concat(), "cache");
        assert!(run.status.success(), "{}", text_of(&run));
        let written = std::fs::read_to_string(out).unwrap();
        // Behind the line of the run.
        let line: serde_json::Value =
            serde_json::from_str(written.lines().nth(1).unwrap()).unwrap();
        line["record"].clone()
    };
    // All maximal spans, whatever they are made of.
    let all = ["--partial", "--density", "1", "--max-frequency", "1000000"];
    let (theirs, ours) = (records(&service, &all), records(small_index(), &all));
    assert_eq!(theirs["tokens"], ours["tokens"]);
    let spans = |of: &serde_json::Value| -> Vec<serde_json::Value> {
        let one =
            |s: &serde_json::Value| json!([s["tokens"], s["bytes"], s["text"], s["occurrences"]]);
        of["spans"].as_array().unwrap().iter().map(one).collect()
    };
    assert!(spans(&ours).len() > 5, "{ours}");
    assert_eq!(spans(&theirs), spans(&ours));
    // The engine takes a token's share of all tokens and ends of documents.
    let both = theirs["spans"].as_array().unwrap().iter();
    for (theirs, ours) in both.zip(ours["spans"].as_array().unwrap()) {
        let logprob = |s: &serde_json::Value| s["unigram_logprob"].as_f64().unwrap();
        let tokens = ours["tokens"][1].as_f64().unwrap() - ours["tokens"][0].as_f64().unwrap();
        let apart = (logprob(theirs) - logprob(ours)).abs();
        assert!(apart < 0.02 * tokens, "{theirs} {ours}");
    }

    // Of whole words, the rarest; their documents hold them. Again, nothing is asked.
    let kept = records(&service, &[]);
    let found = spans(&kept);
    assert!(!found.is_empty() && found.len() <= 2, "{kept}");
    let documents = kept["documents"].as_array().unwrap();
    assert!(!documents.is_empty());
    assert!(
        documents
            .iter()
            .all(|d| d["source"] == "corpus.jsonl" && d["bm25"].as_f64().unwrap() > 0.0)
    );
    served.server.control(&json!({}));
    assert_eq!(records(&service, &["--offline"]), kept);
    assert_eq!(served.server.all_asked(), 0);

    // What it cannot do is said; what is lost is asked again.
    let wrong = served.run(&["index", "count", &service, "7"], "cache");
    assert!(
        text_of(&wrong).contains("rotescope audit spans"),
        "{}",
        text_of(&wrong)
    );
    served
        .server
        .control(&json!({"next": ["503", "truncated", "close"]}));
    assert_eq!(spans(&records(&service, &["--documents", "1"])), found);
    let two = [
        "audit",
        "spans",
        essay.to_str().unwrap(),
        "--index",
        &service,
        "--index",
        small_index(),
    ];
    assert!(text_of(&served.run(&two, "cache")).contains("give it alone"));
}

fn text_of(run: &Output) -> String {
    text(&run.stderr)
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn a_folder_and_an_index_behind_a_network_are_counted_together() {
    let served = Served::new();
    let (alone, _) = served.score(small_index(), "alone.jsonl", "none", &[]);
    let more = ["--index", small_index()];
    let (summed, said) = served.score("small", "both.jsonl", "cache", &more);
    assert!(said.contains("queries asked"), "{said}");
    assert_eq!(summed[0].index.as_ref().unwrap().parts.len(), 2);
    // Both hold the same documents, so that everything is there twice.
    let mut scored = 0;
    let tokens =
        |traces: &[Trace]| -> Vec<Token> { traces.iter().flat_map(|t| t.tokens.clone()).collect() };
    for (one, sum) in tokens(&alone).iter().zip(tokens(&summed)) {
        let twice = one.local.clone().map(|local| Local {
            context_count: 2 * local.context_count,
            match_count: 2 * local.match_count,
            aligned: None,
            ..local
        });
        let sum_of = sum.local.clone().map(|local| Local {
            aligned: None,
            ..local
        });
        assert_eq!(json!(sum_of), json!(twice));
        let doubled: Vec<u64> = one.candidates.local.iter().map(|n| 2 * n).collect();
        assert_eq!(sum.candidates.local, doubled);
        scored += usize::from(one.local.is_some());
    }
    assert!(scored > 500, "{scored}");
}
