//! One question over HTTP, one answer or a named error. Nothing is retried here.

use std::io;
use std::time::Duration;

use rotescope_text::sanitize;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{self, Response, header};

use crate::address::Address;
use crate::credentials::Credentials;
use crate::error::RemoteError;

/// The largest answer that is read. The largest of infini-gram's API, 1,000 continuations or a document of 10,000 tokens, has some 100 kB; 20
/// documents of OpenSearch some MB, if they are books.
const LARGEST: u64 = 64 << 20;
/// Of what another program says, so much is shown.
const SHOWN: usize = 120;

/// A connection to an API; it may be used by several threads at a time.
pub struct Client {
    agent: Agent,
    url: String,
    host: String,
    timeout: Duration,
    credentials: Option<Credentials>,
}

/// A request to a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub method: Method,
    /// Behind the URL of the server.
    pub path: &'a str,
    pub body: Body<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Body<'a> {
    None,
    Json(&'a Value),
    /// A JSON value a line.
    Lines(&'a str),
}

impl Client {
    /// `timeout`: of a whole question, from connecting to the last byte. Proxies are those of the usual variables (`HTTPS_PROXY`, `ALL_PROXY`,
    /// `NO_PROXY`), none to this machine.
    pub fn new(
        address: &Address,
        timeout: Duration,
        connections: usize,
        credentials: Option<Credentials>,
    ) -> Client {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections_per_host(connections)
            .user_agent(concat!("rotescope/", env!("CARGO_PKG_VERSION")));
        if address.is_local() {
            config = config.proxy(None);
        }
        let rest = address.url.split_once("://").map_or("", |(_, r)| r);
        Client {
            agent: config.build().into(),
            url: address.url.clone(),
            host: rest.split('/').next().unwrap_or_default().to_string(),
            timeout,
            credentials,
        }
    }

    /// Asks once.
    ///
    /// # Errors
    /// By the kind of what went wrong; see [`RemoteError::is_passing`].
    pub fn ask(&self, question: &Value) -> Result<Value, RemoteError> {
        self.send(Request {
            method: Method::Post,
            path: "",
            body: Body::Json(question),
        })
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// By the kind of what went wrong; see [`RemoteError::is_passing`].
    pub(crate) fn send(&self, request: Request) -> Result<Value, RemoteError> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
        };
        let (kind, body) = match request.body {
            Body::None => (None, Vec::new()),
            Body::Json(value) => (Some("application/json"), value.to_string().into_bytes()),
            Body::Lines(lines) => (Some("application/x-ndjson"), lines.as_bytes().to_vec()),
        };
        let mut built = http::Request::builder()
            .method(method)
            .uri(format!("{}{}", self.url, request.path));
        if let Some(kind) = kind {
            built = built.header(header::CONTENT_TYPE, kind);
        }
        if let Some(credentials) = &self.credentials {
            built = built.header(header::AUTHORIZATION, credentials.header());
        }
        let malformed = |e: http::Error| RemoteError::Connection {
            host: self.host.clone(),
            why: e.to_string(),
        };
        let sent = match kind {
            Some(_) => self.agent.run(built.body(body).map_err(malformed)?),
            None => self.agent.run(built.body(()).map_err(malformed)?),
        };
        let mut response = sent.map_err(|e| self.failed(e))?;
        let body = response
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_to_vec();
        let body = body.map_err(|e| self.failed(e))?;
        answer(&response, &body)
    }

    fn failed(&self, error: ureq::Error) -> RemoteError {
        let host = self.host.clone();
        match error {
            ureq::Error::Timeout(_) => RemoteError::Stalled {
                host,
                within: self.timeout,
            },
            ureq::Error::Tls(why) => RemoteError::Tls {
                host,
                why: why.into(),
            },
            ureq::Error::Rustls(e) => RemoteError::Tls {
                host,
                why: e.to_string(),
            },
            ureq::Error::BodyExceedsLimit(limit) => RemoteError::TooLarge { limit },
            ureq::Error::Io(e) if e.kind() == io::ErrorKind::TimedOut => RemoteError::Stalled {
                host,
                within: self.timeout,
            },
            // A body that ends before its length.
            ureq::Error::Io(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                RemoteError::Truncated { why: e.to_string() }
            }
            // rustls' errors come as those of the connection.
            ureq::Error::Io(e) if e.kind() == io::ErrorKind::InvalidData => RemoteError::Tls {
                host,
                why: e.to_string(),
            },
            e => RemoteError::Connection {
                host,
                why: e.to_string(),
            },
        }
    }
}

/// What an answer says.
fn answer(response: &Response<ureq::Body>, body: &[u8]) -> Result<Value, RemoteError> {
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).and_then(|v| v.to_str().ok());
    if response.status().is_redirection() {
        let to = header(header::LOCATION).unwrap_or("it does not say where");
        return Err(RemoteError::Moved { to: shown(to) });
    }
    match status {
        401 | 403 | 407 => return Err(RemoteError::NoAccess { status }),
        429 | 503 => {
            let after = header(header::RETRY_AFTER).and_then(|s| s.trim().parse().ok());
            return Err(RemoteError::Busy {
                status,
                after: after.map(Duration::from_secs),
            });
        }
        _ => {}
    }
    let read: Result<Value, _> = serde_json::from_slice(body);
    let said = read.as_ref().ok().and_then(message);
    match (status, read, said) {
        (200, _, Some(message)) if is_passing(&message) => {
            Err(RemoteError::Server { status, message })
        }
        (200 | 400, _, Some(message)) => Err(RemoteError::Refused { message }),
        (200, Ok(answer @ Value::Object(_)), None) => Ok(answer),
        (200, Ok(_), None) => Err(RemoteError::Malformed {
            why: "it is no JSON object".into(),
        }),
        (200, Err(_), _) if !looks_like_json(body) => Err(RemoteError::NotTheApi {
            status,
            begins: begins(body),
        }),
        (200, Err(e), _) => Err(RemoteError::Truncated { why: e.to_string() }),
        (500.., _, Some(message)) => Err(RemoteError::Server { status, message }),
        (500.., _, None) => Err(RemoteError::Server {
            status,
            message: begins(body),
        }),
        (_, _, said) => Err(RemoteError::Refused {
            message: format!("status {status}: {}", said.unwrap_or_else(|| begins(body))),
        }),
    }
}

/// The error within an answer: `error`, or `detail` and `title` of a problem document.
pub(crate) fn message(answer: &Value) -> Option<String> {
    let text = |name: &str| answer.get(name)?.as_str();
    let error = answer.get("error");
    // Elasticsearch and OpenSearch: the first cause says more than what stands around it.
    let of = |e: &Value| {
        Some(format!(
            "{}: {}",
            e["type"].as_str()?,
            e["reason"].as_str()?
        ))
    };
    let cause = error.and_then(|e| of(&e["root_cause"][0]).or_else(|| of(e)));
    let found = text("error")
        .or_else(|| text("detail"))
        .or_else(|| text("title"));
    // An error that is no text is one all the same.
    let other = || {
        answer
            .get("error")
            .filter(|e| !e.is_null())
            .map(ToString::to_string)
    };
    let found = found.map(shown).or_else(|| cause.map(|c| shown(&c)));
    found.or_else(|| other().map(|o| shown(&o)))
}

/// Whether an error that came as an answer is one of a moment.
fn is_passing(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["try again", "timeout", "timed out", "overload", "too many"]
        .iter()
        .any(|sign| message.contains(sign))
}

fn looks_like_json(body: &[u8]) -> bool {
    let first = body.iter().find(|b| !b.is_ascii_whitespace());
    first.is_none_or(|&b| b == b'{' || b == b'[')
}

fn begins(body: &[u8]) -> String {
    shown(&String::from_utf8_lossy(&body[..body.len().min(4 * SHOWN)]))
}

/// The beginning of what another program says, harmless for a terminal.
fn shown(text: &str) -> String {
    let cut: String = text.trim().chars().take(SHOWN).collect();
    sanitize::line(&cut).into_owned()
}
