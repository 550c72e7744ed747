//! Answers of indexes behind a network, from a server that says what it is given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use rotescope_corpus::{Cooccur, Corpus, LocalQuestion};
use rotescope_remote::{Cache, Limits, OpenSearch, Options, Tokenizer, open};

use crate::{Target, seeds};

/// A server on this machine.
struct Server {
    port: u16,
    /// What it answers next; the last answer for ever.
    answers: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let answers: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let told = answers.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut told = told.lock().expect("no answer panics");
                let answer = match told.len() {
                    0 => Vec::new(),
                    1 => told[0].clone(),
                    _ => told.remove(0),
                };
                drop(told);
                let _ = reply(stream, &answer);
            }
        });
        Server { port, answers }
    }

    fn says(&self, answers: Vec<Vec<u8>>) {
        *self.answers.lock().expect("no answer panics") = answers;
    }
}

fn reply(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; length])?;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        answer.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(answer)
}

/// One attempt, and nothing remembered.
fn options() -> Options {
    Options {
        limits: Limits {
            attempts: 1,
            timeout: Duration::from_secs(5),
            ..Limits::local()
        },
        credentials: None,
        insecure: false,
        cache: Arc::new(Cache::in_memory()),
    }
}

/// Asks all that can be asked; whether anything was answered.
fn asked(corpus: &dyn Corpus) -> bool {
    let (ids, words) = ([5, 6, 7], ["two".to_string(), "pens".to_string()]);
    let question = LocalQuestion {
        context: &ids[..2],
        token: 7,
        candidates: &[6, 7],
    };
    let pair = (words[0].clone(), words[1].clone());
    let found = [
        corpus.counts(&[&ids, &ids[..1]]).is_ok(),
        corpus.continuations(&[&ids]).is_ok(),
        corpus.longest_suffixes(&[&ids]).is_ok(),
        corpus.local_counts(&[question]).is_ok(),
        corpus.occurrences(&[&ids], 3, 0).is_ok(),
        corpus.documents(&[0, 7]).is_ok(),
        corpus.document_counts(&[&ids]).is_ok(),
        corpus.word_counts(&words).is_ok(),
        corpus.word_document_counts(&words).is_ok(),
        corpus.cooccurs(&[pair], Cooccur::Document).is_ok(),
        corpus
            .cooccurs_tokens(&[(&ids, &ids[..1])], Cooccur::Window(100))
            .is_ok(),
        corpus.documents_with(&words, &[&ids]).is_ok(),
    ];
    found.iter().any(|f| *f)
}

/// Answers of an infini-gram API: each question is answered with the input.
pub fn infinigram() -> Target {
    Target {
        name: "infinigram",
        seeds: seeds::infinigram_answers,
        run: |input, _: &Path| {
            static SERVER: OnceLock<Server> = OnceLock::new();
            let server = SERVER.get_or_init(Server::start);
            server.says(vec![input.to_vec()]);
            let name = format!("infinigram:http://127.0.0.1:{}#x", server.port);
            let tokenizer = Tokenizer {
                encode: tokenizer(),
                name: "pocket".into(),
                end: None,
            };
            let address = name.parse().expect("an address");
            open(address, options(), tokenizer, None).is_ok_and(|opened| asked(&*opened.corpus))
        },
    }
}

fn tokenizer() -> Arc<dyn rotescope_vocab::Encode> {
    static TOKENIZER: OnceLock<Arc<dyn rotescope_vocab::Encode>> = OnceLock::new();
    let load = || {
        let model = rotescope_testing::repository("models/pocket/pocket-q8_0.gguf");
        rotescope_vocab::load(Some(&model), None)
            .expect("the bundled tokenizer")
            .into()
    };
    TOKENIZER.get_or_init(load).clone()
}

/// Answers of an OpenSearch cluster: the input is what it says of the index, and then what it finds.
pub fn opensearch() -> Target {
    Target {
        name: "opensearch",
        seeds: seeds::opensearch_answers,
        run: |input, _: &Path| {
            static SERVER: OnceLock<Server> = OnceLock::new();
            let server = SERVER.get_or_init(Server::start);
            let address = || {
                format!("opensearch:http://127.0.0.1:{}/mine", server.port)
                    .parse()
                    .expect("an address")
            };
            let [description, total, _] = &seeds::opensearch_answers()[..] else {
                panic!("three answers")
            };
            server.says(vec![input.to_vec(), total.clone(), input.to_vec()]);
            let described = OpenSearch::open(address(), options()).is_ok_and(|c| asked(&c));
            server.says(vec![description.clone(), total.clone(), input.to_vec()]);
            let found = OpenSearch::open(address(), options()).is_ok_and(|c| asked(&c));
            described || found
        },
    }
}
