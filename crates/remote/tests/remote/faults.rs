//! Each way in which an answer can be wrong, from a server that says what it is told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rotescope_remote::{Cache, Credentials, Limits, Options, open};

use crate::support::{Bytes, open_bytes, options, quick, tokenizer};

/// Answers as they are on the wire, one a connection; the last goes on for ever.
pub struct Told {
    name: String,
    pub port: u16,
    pub heard: Arc<Mutex<Vec<String>>>,
}

pub fn json(body: &str) -> String {
    reply(200, "application/json", "", body)
}

pub fn reply(status: u16, kind: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{more}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

const FIVE: &str = r#"{"count": 5, "approx": false}"#;

impl Told {
    pub fn new(answers: Vec<String>) -> Told {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let hears = heard.clone();
        thread::spawn(move || {
            let mut answers = answers.into_iter().peekable();
            for stream in listener.incoming() {
                let answer = answers.next().unwrap_or_else(|| json(FIVE));
                let mut stream = stream.unwrap();
                hears.lock().unwrap().push(read(&stream));
                if answer == "stall" {
                    thread::spawn(move || {
                        thread::sleep(Duration::from_secs(5));
                        drop(stream);
                    });
                    continue;
                }
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Told {
            name: format!("infinigram:http://127.0.0.1:{port}#x"),
            port,
            heard,
        }
    }
}

fn read(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
        request.push_str(&line);
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    request + &String::from_utf8_lossy(&body)
}

/// What comes of answers, and how often was asked.
fn opened(answers: Vec<String>, limits: Limits) -> (Result<u64, String>, usize) {
    let told = Told::new(answers);
    let opened = open_bytes(&told.name, limits, Arc::new(Cache::in_memory()));
    let asked = told.heard.lock().unwrap().len();
    let total = opened.map(|o| o.corpus.info().tokens);
    (total.map_err(|e| e.to_string()), asked)
}

#[test]
fn what_passes_is_asked_again() {
    for fault in [
        json(r#"{"error": "[C++] Timeout. Please try again later."}"#),
        reply(500, "application/json", "", r#"{"error": "Internal"}"#),
        reply(502, "text/html", "", "<html>Bad gateway</html>"),
        reply(
            503,
            "application/problem+json",
            "Retry-After: 0\r\n",
            r#"{"title": "busy"}"#,
        ),
        reply(429, "text/plain", "", "slow down"),
        json(r#"{"count": 12, "appr"#),
        reply(200, "text/html", "", "<html><title>Sign in</title></html>"),
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"count\"".into(),
        "nothing of HTTP\r\n\r\n".into(),
        String::new(),
        json(r#"{"count": -1, "approx": false}"#),
        json(r#"{"count": "5", "approx": false}"#),
        json(r#"{"approx": false}"#),
        json("[5]"),
        json("null"),
        "stall".into(),
    ] {
        let began = Instant::now();
        let limits = Limits {
            timeout: Duration::from_millis(500),
            ..quick()
        };
        let (total, asked) = opened(vec![fault.clone(), fault.clone(), json(FIVE)], limits);
        assert_eq!((total, asked), (Ok(5), 3), "{fault}");
        assert!(began.elapsed() < Duration::from_secs(3), "{fault}");
    }
}

#[test]
fn what_stays_is_named_at_once() {
    for (fault, named) in [
        (
            json(r#"{"error": "query_ids must be a list"}"#),
            "refuses the question: query_ids must be a list",
        ),
        (
            reply(
                400,
                "application/json",
                "",
                r#"{"error": "[Flask] Invalid index: x"}"#,
            ),
            "Invalid index: x",
        ),
        (
            reply(404, "text/html", "", "<html>gone</html>"),
            "status 404",
        ),
        (reply(401, "text/plain", "", ""), "ROTESCOPE_INFINIGRAM_KEY"),
        (reply(403, "text/plain", "", ""), "status 403"),
        (
            reply(
                302,
                "text/plain",
                "Location: https://elsewhere.example/\r\n",
                "",
            ),
            "https://elsewhere.example/",
        ),
    ] {
        let (total, asked) = opened(vec![fault.clone()], quick());
        let error = total.unwrap_err();
        assert!(error.starts_with("infinigram:http://127.0.0.1:"), "{error}");
        assert!(error.contains(named), "{fault}: {error}");
        assert_eq!(asked, 1, "{fault}");
    }
}

#[test]
fn after_some_attempts_it_gives_up_and_says_why() {
    let html = reply(
        200,
        "text/html",
        "",
        "<html>\u{1b}[31mSign in\u{202e}</html>",
    );
    for (fault, named) in [
        (html, "a proxy or a login page"),
        (json(r#"{"count": 1"#), "cut short"),
        (reply(503, "text/plain", "", ""), "too busy (status 503)"),
        ("stall".into(), "did not answer within 0.1 s"),
    ] {
        let limits = Limits {
            attempts: 3,
            timeout: Duration::from_millis(100),
            ..quick()
        };
        let (total, asked) = opened(vec![fault; 9], limits);
        let error = total.unwrap_err();
        assert!(
            error.contains(named) && error.ends_with("(3 attempts)"),
            "{error}"
        );
        assert!(!error.contains('\u{1b}') && !error.contains('\u{202e}'));
        assert_eq!(asked, 3);
    }
}

#[test]
fn nobody_there_is_named() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let name = format!("infinigram:http://127.0.0.1:{port}#x");
    let limits = Limits {
        attempts: 2,
        ..quick()
    };
    let error = open_bytes(&name, limits, Arc::new(Cache::in_memory()))
        .err()
        .unwrap();
    let error = error.to_string();
    assert!(error.contains("no connection to 127.0.0.1:"), "{error}");
}

#[test]
fn a_distribution_that_does_not_add_up_is_no_answer() {
    let short =
        r#"{"prompt_cnt": 5, "approx": false, "result_by_token_id": {"1": {"cont_cnt": 4}}}"#;
    let whole = r#"{"prompt_cnt": 5, "approx": false, "result_by_token_id": {"1": {"cont_cnt": 4}, "2": {"cont_cnt": 1}}}"#;
    let told = Told::new(vec![json(FIVE), json(short), json(whole)]);
    let opened = open_bytes(&told.name, quick(), Arc::new(Cache::in_memory())).unwrap();
    let next = opened.corpus.next(&[3]).unwrap();
    assert_eq!(next.value.tokens, [(1, 4), (2, 1)]);
    assert_eq!(told.heard.lock().unwrap().len(), 3);
}

#[test]
fn questions_are_ids_only_and_a_key_is_only_in_their_header() {
    let told = Told::new(Vec::new());
    let address: rotescope_remote::Address = told.name.parse().unwrap();
    let options = Options {
        credentials: Some(Credentials::bearer("secret-key")),
        ..options(quick(), Arc::new(Cache::in_memory()))
    };
    let opened = open(address, options, tokenizer(Arc::new(Bytes), None), None).unwrap();
    opened.corpus.count(&[1, 2]).unwrap();
    let heard = told.heard.lock().unwrap().join("\n");
    assert!(
        heard.contains(r#"{"query_type":"count","query_ids":[1,2],"index":"x"}"#),
        "{heard}"
    );
    assert!(!heard.contains(r#""query""#));
    assert!(
        heard
            .to_ascii_lowercase()
            .contains("authorization: bearer secret-key")
    );
    let info = format!("{:?}", opened.corpus.info());
    assert!(!info.contains("secret-key"));

    let told = Told::new(vec![reply(400, "text/plain", "", "no")]);
    let options = Options {
        credentials: Some(Credentials::bearer("secret-key")),
        ..self::options(quick(), Arc::new(Cache::in_memory()))
    };
    let error = open(
        told.name.parse().unwrap(),
        options,
        tokenizer(Arc::new(Bytes), None),
        None,
    );
    assert!(!format!("{:?}", error.err().unwrap()).contains("secret-key"));
}

#[test]
fn a_second_run_asks_nothing_and_offline_says_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let cache = || Arc::new(Cache::new(dir.path().join("answers.redb"), 1 << 20));
    let told = Told::new(Vec::new());
    let first = open_bytes(&told.name, quick(), cache()).unwrap();
    assert_eq!(first.corpus.count(&[1, 2]).unwrap().value, 5);
    assert_eq!(first.corpus.count(&[1, 2]).unwrap().value, 5);
    assert_eq!(
        (first.asker.tally().asked, first.asker.tally().known),
        (2, 1)
    );
    drop(first);

    let second = open_bytes(&told.name, quick(), cache()).unwrap();
    assert_eq!(second.corpus.count(&[1, 2]).unwrap().value, 5);
    assert_eq!(second.asker.tally().asked, 0);
    drop(second);

    let limits = Limits {
        offline: true,
        ..quick()
    };
    let offline = open_bytes(&told.name, limits, cache()).unwrap();
    assert_eq!(offline.corpus.count(&[1, 2]).unwrap().value, 5);
    let error = offline.corpus.count(&[1, 3]).unwrap_err().to_string();
    assert!(
        error.contains("offline") && error.contains("count [1,3]"),
        "{error}"
    );
    assert_eq!(told.heard.lock().unwrap().len(), 2);
}

#[test]
fn no_more_is_asked_than_allowed() {
    let told = Told::new(Vec::new());
    let limits = Limits {
        max_queries: Some(3),
        ..quick()
    };
    let opened = open_bytes(&told.name, limits, Arc::new(Cache::in_memory())).unwrap();
    let ngrams: Vec<[u32; 1]> = (0..10).map(|n| [n]).collect();
    let ngrams: Vec<&[u32]> = ngrams.iter().map(|n| &n[..]).collect();
    let error = opened.corpus.counts(&ngrams).unwrap_err().to_string();
    assert!(error.contains("--max-queries"), "{error}");
    assert_eq!(told.heard.lock().unwrap().len(), 3);
}

#[test]
fn so_many_a_second_and_the_same_question_once() {
    let told = Told::new(Vec::new());
    let limits = Limits {
        per_second: Some(50.0),
        ..quick()
    };
    let opened = open_bytes(&told.name, limits, Arc::new(Cache::in_memory())).unwrap();
    let began = Instant::now();
    let ngrams: Vec<[u32; 1]> = (0..60).map(|n| [n % 10]).collect();
    let ngrams: Vec<&[u32]> = ngrams.iter().map(|n| &n[..]).collect();
    assert_eq!(opened.corpus.counts(&ngrams).unwrap().len(), 60);
    let took = began.elapsed();
    assert!(
        took > Duration::from_millis(180) && took < Duration::from_secs(3),
        "{took:?}"
    );
    assert_eq!(told.heard.lock().unwrap().len(), 11);
}
