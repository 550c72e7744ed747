//! What inputs are made of: small true files of every kind.

use std::io::BufRead;

use rotescope_testing::{gguf, pairs, repository, traces};
use rotescope_trace::Trace;
use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::packed::{self, Packing};

/// The first bytes of a file of this repository, up to the end of a line.
fn head(file: &str, bytes: usize) -> Vec<u8> {
    let mut content = std::fs::read(repository(file)).expect(file);
    let end = content.len().min(bytes);
    let end = content[..end]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(end, |i| i + 1);
    content.truncate(end);
    content
}

fn lines(all: impl IntoIterator<Item = Trace>) -> Vec<u8> {
    let mut out = Vec::new();
    for trace in all {
        jsonl::append(&mut out, &Record::Trace(Box::new(trace))).expect("memory");
    }
    out
}

pub fn records() -> Vec<Vec<u8>> {
    let sums = traces::many_sums();
    let failed = b"{\"schema\":\"rotescope.trace/1\",\"id\":\"a\",\"error\":\"b\"}\n".to_vec();
    vec![
        lines([pairs::original()]),
        lines([pairs::changed("3 + 4 = 7. The answer is 7.")]),
        lines(sums.into_iter().take(2)),
        failed,
    ]
}

pub fn prompts() -> Vec<Vec<u8>> {
    vec![
        head("prompts/applied-base.jsonl", 900),
        head("prompts/planted-mid.jsonl", 900),
        b"id,question,answer\n1,\"What is 2 + 2?\",4\n2,\"a \"\"b\"\"\",5\n".to_vec(),
        b"id\tprompt\tlabel\n1\tWhat?\t4\n".to_vec(),
        b"What is 2 + 2?\nWhat is 3 + 3?\n".to_vec(),
        br#"[{"question": "q", "answer": "a #### 4", "choices": ["a", "b"]}, {"problem": "p", "solution": "\\boxed{3}"}]"#.to_vec(),
        br#"{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "locale": "comma", "verify": ["arithmetic"]}"#.to_vec(),
    ]
}

pub fn generations() -> Vec<Vec<u8>> {
    let mut all = vec![
        head("tests/program/lm-eval-completions.jsonl", 4000),
        head("tests/program/lm-eval-chat.jsonl", 4000),
        head("tests/program/lm-eval-choice.jsonl", 4000),
        std::fs::read(repository("tests/program/inspect.eval")).expect("inspect.eval"),
        br#"{"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"2 + 2 = 4"},"finish_reason":"stop","logprobs":{"content":[{"token":"2","bytes":[50],"logprob":-0.1,"top_logprobs":[{"token":"2","bytes":[50],"logprob":-0.1}]}]}}]}"#.to_vec(),
        br#"{"prompt": "q", "completion": "<think>1 + 1 = 2</think>The answer is \\boxed{2}.", "gold": "2", "correct": true, "labels": [1, -1]}"#.to_vec(),
        br#"{"problem": "q", "steps": ["1 + 1 = 2", "2 + 2 = 5"], "label": 1, "final_answer_correct": false}"#.to_vec(),
    ];
    all.extend(records());
    all
}

/// The beginning of the bundled corpus.
pub fn documents() -> Vec<u8> {
    let file = std::fs::File::open(repository("indexes/pocket/corpus.jsonl.zst"));
    let content = packed::unpack::content(file.expect("the bundled corpus"));
    let lines = content.lines().take(24).collect::<Result<Vec<_>, _>>();
    lines.expect("the bundled corpus").join("\n").into_bytes()
}

pub fn packed() -> Vec<Vec<u8>> {
    let plain = documents();
    [Packing::Gzip, Packing::Zstd]
        .iter()
        .map(|p| packed::pack::part(*p, &plain[..2000]).expect("memory"))
        .chain([plain[..500].to_vec()])
        .collect()
}

/// Pairs, one answer a line.
pub fn answers() -> Vec<Vec<u8>> {
    [
        "12\n12.0",
        "\\frac{3}{4}\n0.75",
        "x = 5\n5",
        "50%\n1/2",
        "1,234 apples\n1234",
        "\\sqrt{8}\n2\\sqrt{2}",
        "(1, 2)\n(1,2)",
        "{1, 2}\n{2, 1}",
        "[0, \\infty)\nx >= 0",
        "x^2 + 2x + 1\n(x+1)^2",
        "10^{3}\n1e3",
        "(B)\nB. blue",
        "three\n3",
        "12:30 pm\n12:30",
        "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}\n[[1,2],[3,4]]",
        "3\\pi/2\n1.5\\pi",
    ]
    .map(|t| t.as_bytes().to_vec())
    .to_vec()
}

/// A listed value, and text with values.
pub fn values() -> Vec<Vec<u8>> {
    [
        "ann.lee@example.org\nWrite to ann.lee@example.org, ann dot lee at example dot org or call +1 (212) 555-0147.",
        "GB29 NWBK 6016 1331 9268 19\nIBAN GB29NWBK60161331926819, card 4111 1111 1111 1111, 192.168.0.1, 2001:db8::1",
        "123-45-6789\nSSN 123-45-6789, born 1987-02-03, key AKIAIOSFODNN7EXAMPLE, 10115 Berlin",
        // Found here: digits of other scripts in a national number.
        "PESEL 44051401359\nPESEL ٤٤٠٥١٤٠١٣٥٩, cpf 52998224725, 529.982.247-25, NI ab123456c, BSN 111222333, SIN 046 454 286, IdNr 86095742719",
        "219-09-9999\n811218-9876, 1 80 12 45 123 456 76, 12345678Z, X1234567L, RSSMRA85T10A562S, ٢١٩-٠٩-٩٩٩٩",
    ]
    .map(|t| t.as_bytes().to_vec())
    .to_vec()
}

pub fn ggufs() -> Vec<Vec<u8>> {
    let model =
        std::fs::read(repository("models/pocket/pocket-q8_0.gguf")).expect("the bundled model");
    vec![gguf::vocabulary(), model[..200_000].to_vec()]
}

pub fn texts() -> Vec<Vec<u8>> {
    [
        "Step 1: Tom has 12 pens and buys 7 more, so 12 + 7 = 19.\nStep 2: 19 / 2 = 9.5 > 9.\nThe answer is \\boxed{9.5}.",
        "<think>\nFirst, 3/4 of 1,000 is 750. Wait, 25% × 3 = .75.\n</think>\n\n**Answer:** $750$",
        "1. We have x^2 - 4 = 0, hence x = ±2.\n\n2. $$\\frac{1}{2} + \\frac{1}{3} = \\frac{5}{6}$$\n#### 5/6",
        "她有3个苹果，又买了4个。3+4=7。答案是7。",
        "(A) 12:30 pm (B) €1.234,56 — the answer is (B)",
        "0x1F + 0b11 = 34 (base 8), 10 mod 3 = 1, sqrt(16) = 4, 5! = 120",
        // Found here: a wide space before a number, a clause behind a long dash, both taken for one byte.
        "又买4　35}71/0。",
        "so x — the answer is 1+11 = 0, hence 2.",
    ]
    .map(|t| t.as_bytes().to_vec())
    .to_vec()
}

pub fn themes() -> Vec<Vec<u8>> {
    ["dark", "light"]
        .map(|name| std::fs::read(repository(&format!("themes/{name}.toml"))).expect(name))
        .to_vec()
}

pub fn settings() -> Vec<Vec<u8>> {
    vec![
        std::fs::read(repository("docs/config.toml")).expect("config.toml"),
        b"model = \"m\"\ncolor = \"auto\"\n[indexes]\na = \"b\"\n".to_vec(),
    ]
}

pub fn templates() -> Vec<Vec<u8>> {
    let folder = repository("crates/model/tests/model/templates");
    let files = std::fs::read_dir(folder).expect("templates");
    let mut files: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
    files.sort();
    files
        .iter()
        .map(|f| std::fs::read(f).expect("a template"))
        .chain([b"{%}{%- set a %}".to_vec()]) // found here
        .collect()
}

/// Each answers all questions of its kind.
pub fn infinigram_answers() -> Vec<Vec<u8>> {
    [
        r#"{"count": 5, "approx": false, "prompt_cnt": 5, "suffix_len": 2, "result_by_token_id": {"7": {"cont_cnt": 3, "prob": 0.6}, "9": {"cont_cnt": 2, "prob": 0.4}}, "cnt": 5, "segment_by_shard": [[10, 13], [4, 6]]}"#,
        r#"{"count": 1, "approx": true, "cnt": 1, "segment_by_shard": [[0, 1]], "doc_ix": 7, "doc_len": 12, "disp_len": 12, "spans": [["Tom has ", null], ["two pens", 0], [" here", null]], "metadata": "{\"path\": \"a.jsonl\", \"linenum\": 3, \"metadata\": {}}", "token_ids": [5, 6, 7], "blocked": false}"#,
        r#"{"error": "[C++] Timeout. Please try again later."}"#,
    ]
    .map(|t| t.as_bytes().to_vec())
    .to_vec()
}

/// What a cluster says of an index, how much there is, and what it finds.
pub fn opensearch_answers() -> Vec<Vec<u8>> {
    [
        r#"{"mine": {"mappings": {"_meta": {"rotescope": {"format": 1, "fingerprint": "f", "tokenizer": "t", "tokenizer_name": "t.gguf", "documents": 2, "tokens": 5, "words": 3, "bytes": 9, "occurrences": true}}}, "settings": {"index": {"uuid": "u", "number_of_shards": "2"}}}}"#,
        r#"{"took": 1, "responses": [{"timed_out": false, "_shards": {"total": 2, "successful": 2, "skipped": 0, "failed": 0}, "hits": {"total": {"value": 2, "relation": "eq"}, "hits": []}, "aggregations": {"occurrences": {"value": 5.0}, "tokens": {"value": 5.0}}, "status": 200}]}"#,
        r#"{"took": 1, "responses": [{"timed_out": false, "_shards": {"total": 2, "successful": 2, "skipped": 0, "failed": 0}, "hits": {"total": {"value": 1, "relation": "eq"}, "hits": [{"_id": "0", "_score": 2.0, "_source": {"ordinal": 0, "text": "Tom has two pens", "ids": [5, 6, 7], "tokens": "5 6 7"}}]}, "aggregations": {"occurrences": {"value": 4.0}, "tokens": {"value": 4.0}}, "status": 200}]}"#,
    ]
    .map(|t| t.as_bytes().to_vec())
    .to_vec()
}
