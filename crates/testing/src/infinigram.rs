//! infini-gram's own engine behind a small server of its API's protocol, on this machine: see `infinigram/server.py`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::repository;

/// What the server gives for the end of a document.
pub const END: u32 = 65534;

/// A running server; it ends with it.
pub struct Server {
    child: Child,
    indexes: PathBuf,
    pub port: u16,
}

impl Server {
    /// Starts a server of all indexes in a folder, with the Python that `ROTESCOPE_INFINIGRAM` names.
    ///
    /// # Panics
    /// If the variable is not set, or the server does not start: a test that needs it fails without it. Such tests are ignored unless asked for,
    /// with `make test-remote`.
    pub fn start(indexes: &Path) -> Server {
        let (child, port) = run(indexes, 0);
        Server {
            child,
            indexes: indexes.to_path_buf(),
            port,
        }
    }

    /// Ends it, and starts it again after a while, at the same port.
    ///
    /// # Panics
    /// As [`Server::start`].
    pub fn die_and_come_back(&mut self, after: Duration) {
        self.end();
        std::thread::sleep(after);
        self.child = run(&self.indexes, self.port).0;
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The name of one of its indexes.
    pub fn name(&self, index: &str) -> String {
        format!("infinigram:http://127.0.0.1:{}#{index}", self.port)
    }

    /// Says what goes wrong from now on, and begins to count anew.
    pub fn control(&self, what: &Value) {
        self.talk("POST", &what.to_string());
    }

    /// How often each kind of question came since the last [`Server::control`].
    pub fn asked(&self) -> Value {
        self.talk("GET", "")
    }

    /// How many questions came since the last [`Server::control`].
    ///
    /// # Panics
    /// If the server does not answer.
    pub fn all_asked(&self) -> u64 {
        let asked = self.asked();
        let kinds = asked.as_object().expect("questions by kind");
        kinds.values().filter_map(Value::as_u64).sum()
    }

    fn talk(&self, method: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server");
        let length = body.len();
        let request = format!(
            "{method} /control HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("to be heard");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    }
}

/// The running server, and its port.
fn run(indexes: &Path, port: u16) -> (Child, u16) {
    let python = std::env::var_os("ROTESCOPE_INFINIGRAM")
        .expect("ROTESCOPE_INFINIGRAM: run make test-remote");
    let mut child = Command::new(python)
        .arg(repository("crates/testing/infinigram/server.py"))
        .arg(indexes)
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the Python of ROTESCOPE_INFINIGRAM");
    let mut line = String::new();
    let out = child.stdout.take().expect("its output");
    BufReader::new(out).read_line(&mut line).expect("its port");
    let port = line.trim().parse().expect("the server says its port");
    (child, port)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Writes documents, given as token ids below 65,534, as an index that the server completes. `bytes`: those of each of so many tokens.
///
/// # Panics
/// If it cannot be written, or an id is too large.
pub fn write_index(
    folder: &Path,
    documents: impl IntoIterator<Item = Vec<u32>>,
    size: usize,
    bytes: impl Fn(u32) -> Vec<u8>,
) {
    std::fs::create_dir_all(folder).expect("a folder");
    let create = |name: &str| {
        let file = std::fs::File::create(folder.join(name)).expect("a file");
        std::io::BufWriter::new(file)
    };
    let (mut tokens, mut offsets) = (create("tokenized.0"), create("offset.0"));
    let (mut metadata, mut places) = (create("metadata.0"), create("metaoff.0"));
    let (mut at, mut place) = (0u64, 0u64);
    let put = |file: &mut dyn Write, bytes: &[u8]| file.write_all(bytes).expect("space");
    for (n, document) in documents.into_iter().enumerate() {
        put(&mut offsets, &at.to_le_bytes());
        put(&mut places, &place.to_le_bytes());
        let line = format!(
            "{{\"path\": \"corpus.jsonl\", \"linenum\": {n}, \"metadata\": {{\"id\": \"d{n}\"}}}}\n"
        );
        put(&mut metadata, line.as_bytes());
        place += line.len() as u64;
        put(&mut tokens, &u16::MAX.to_le_bytes());
        for &id in &document {
            let id = u16::try_from(id).expect("an id below 65,534");
            assert!(u32::from(id) < END);
            put(&mut tokens, &id.to_le_bytes());
        }
        at += 2 * (document.len() as u64 + 1);
    }
    let mut names = create("tokens");
    for id in 0..size as u32 {
        let hex: String = bytes(id).iter().map(|b| format!("{b:02x}")).collect();
        put(&mut names, format!("{hex}\n").as_bytes());
    }
}
