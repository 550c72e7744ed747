//! A cluster of OpenSearch on this machine: see `opensearch/Node.java`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A running cluster; it ends with it, or with the program.
pub struct Cluster {
    nodes: Vec<Node>,
    folder: PathBuf,
}

struct Node {
    child: Child,
    /// For other nodes.
    transport: u16,
    http: u16,
}

impl Cluster {
    /// Starts a cluster of so many nodes that keeps its data in a folder, with the class path that `ROTESCOPE_OPENSEARCH` names.
    ///
    /// # Panics
    /// If the variable is not set, or the cluster does not start: a test that needs it fails without it. Such tests are ignored unless asked
    /// for, with `make test-remote`.
    pub fn start(nodes: usize, folder: &Path) -> Cluster {
        // All held until all are known, so that none is given out twice.
        let held: Vec<TcpListener> = (0..nodes)
            .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
            .collect();
        let port = |l: &TcpListener| l.local_addr().expect("an address").port();
        let ports: Vec<u16> = held.iter().map(port).collect();
        drop(held);
        let started: Vec<Child> = (0..nodes).map(|n| run(folder, n, &ports)).collect();
        let nodes = started.into_iter().zip(&ports).map(|(mut child, &port)| {
            let http = http_port(&mut child);
            Node {
                child,
                transport: port,
                http,
            }
        });
        let cluster = Cluster {
            nodes: nodes.collect(),
            folder: folder.to_path_buf(),
        };
        cluster.wait_for(cluster.nodes.len());
        cluster
    }

    /// The name of an index, asked through a node.
    pub fn name(&self, node: usize, index: &str) -> String {
        format!(
            "opensearch:http://127.0.0.1:{}/{index}",
            self.nodes[node].http
        )
    }

    /// Kills a node.
    ///
    /// # Panics
    /// If it cannot be.
    pub fn kill(&mut self, node: usize) {
        let child = &mut self.nodes[node].child;
        child.kill().expect("to kill a node");
        child.wait().expect("its end");
    }

    /// Starts a node again that was killed, and waits until all shards are where they belong.
    ///
    /// # Panics
    /// If it does not start.
    pub fn revive(&mut self, node: usize) {
        let ports: Vec<u16> = self.nodes.iter().map(|n| n.transport).collect();
        self.nodes[node].child = run(&self.folder, node, &ports);
        self.nodes[node].http = http_port(&mut self.nodes[node].child);
        self.wait_for(self.nodes.len());
    }

    /// Waits until the cluster has so many nodes and all shards.
    fn wait_for(&self, nodes: usize) {
        let path =
            format!("_cluster/health?wait_for_nodes={nodes}&wait_for_status=green&timeout=60s");
        let health = self.ask(0, "GET", &path, "");
        assert_eq!(health["timed_out"], false, "{health}");
    }

    /// What a node answers.
    ///
    /// # Panics
    /// If it does not.
    pub fn ask(&self, node: usize, method: &str, path: &str, body: &str) -> Value {
        let mut stream =
            TcpStream::connect(("127.0.0.1", self.nodes[node].http)).expect("the node");
        let length = body.len();
        let request = format!(
            "{method} /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("to be heard");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            let _ = node.child.kill();
            let _ = node.child.wait();
        }
    }
}

fn run(folder: &Path, number: usize, ports: &[u16]) -> Child {
    let classes = std::env::var_os("ROTESCOPE_OPENSEARCH")
        .expect("ROTESCOPE_OPENSEARCH: run make test-remote");
    let name = |n: usize| format!("node{n}");
    let names: Vec<String> = (0..ports.len()).map(name).collect();
    let all: Vec<String> = ports.iter().map(u16::to_string).collect();
    let home = folder.join(name(number));
    std::fs::create_dir_all(&home).expect("a folder");
    let said = std::fs::File::create(home.join("stderr")).expect("a file");
    Command::new("java")
        .args([
            "-Xms512m",
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
        ])
        .arg("-cp")
        .arg(classes)
        .arg("Node")
        .arg(name(number))
        .arg(&home)
        .arg(ports[number].to_string())
        .args([names.join(","), all.join(",")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(said)
        .spawn()
        .expect("java")
}

fn http_port(child: &mut Child) -> u16 {
    let began = Instant::now();
    let out = child.stdout.take().expect("its output");
    for line in BufReader::new(out).lines() {
        let line = line.expect("its output");
        if let Ok(port) = line.trim().parse() {
            return port;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "{line}");
    }
    panic!("the node ended before it began; see the file stderr in its folder")
}
