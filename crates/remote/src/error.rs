//! What can go wrong on the way to a corpus behind a network, each by its name.

use std::path::PathBuf;
use std::time::Duration;

/// Where credentials are given.
const CREDENTIALS: &str = "ROTESCOPE_INFINIGRAM_KEY for infini-gram's API, ROTESCOPE_OPENSEARCH_KEY or ROTESCOPE_OPENSEARCH_USER and ROTESCOPE_OPENSEARCH_PASSWORD for OpenSearch, or keys.toml beside the settings (see docs/remote.md)";

/// Why a question was not answered. No message holds a credential: those are only in the header of a request.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RemoteError {
    #[error(
        "not the name of an index behind a network: {why}; it has the form infinigram:URL#INDEX, opensearch:URL/INDEX or olmotrace:URL#INDEX"
    )]
    Address { why: &'static str },
    #[error(
        "the URL holds a user name or password; give them in the environment or the file of keys instead: {CREDENTIALS}"
    )]
    CredentialsInUrl,
    #[error(
        "the URL is not https, so that others could read and change what is asked and answered; --insecure takes it as it is"
    )]
    Unencrypted,
    /// No connection, or it broke before an answer came.
    #[error("no connection to {host}: {why}")]
    Connection { host: String, why: String },
    #[error("{host} did not answer within {} s", within.as_secs_f64())]
    Stalled { host: String, within: Duration },
    #[error("the certificate or encryption of {host} was not accepted: {why}")]
    Tls { host: String, why: String },
    /// The server refuses the question, with status 400 or with 200 and `error`.
    #[error("the server refuses the question: {message}")]
    Refused { message: String },
    #[error("the server refuses access (status {status}); {CREDENTIALS}")]
    NoAccess { status: u16 },
    #[error("the server is too busy (status {status})")]
    Busy {
        status: u16,
        /// How long to wait, where it says.
        after: Option<Duration>,
    },
    #[error("the server failed (status {status}): {message}")]
    Server { status: u16, message: String },
    #[error(
        "the answer comes from something else than the API, such as a proxy or a login page (status {status}): {begins:?}"
    )]
    NotTheApi { status: u16, begins: String },
    #[error("no index {index} there; `rotescope index push` makes one")]
    NoIndex { index: String },
    /// An index that cannot be asked, and why.
    #[error("{why}")]
    NotOurs { why: String },
    #[error("the server sends elsewhere ({to}); give the URL that answers")]
    Moved { to: String },
    #[error("the answer is cut short or no JSON: {why}")]
    Truncated { why: String },
    #[error("the answer is not one to this question: {why}")]
    Malformed { why: String },
    /// Only a part of the index was looked at.
    #[error("only a part of the index was looked at ({why})")]
    Partial { why: String },
    #[error("the answer is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// The last of several attempts, all of which failed.
    #[error("{last} ({attempts} attempts)")]
    GaveUp {
        attempts: usize,
        last: Box<RemoteError>,
    },
    #[error(
        "{most} queries were asked, and --max-queries allows no more; what is answered is kept, so that the same command goes on from there"
    )]
    Exhausted { most: u64 },
    #[error("offline, and the cache holds no answer to {what}; ask it once without --offline")]
    Offline { what: String },
    #[error("{}: the cache of answers cannot be used: {why}; `rotescope cache clear` empties it", path.display())]
    Cache { path: PathBuf, why: String },
    #[error("{}: the cache of answers is in use by another program for {} s now; try again when that is over, or give another place with the environment variable XDG_CACHE_HOME", path.display(), waited.as_secs())]
    CacheInUse { path: PathBuf, waited: Duration },
}

impl RemoteError {
    /// Whether the same question may be answered when it is asked again.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Connection { .. }
            | Self::Stalled { .. }
            | Self::Busy { .. }
            | Self::Server { .. }
            | Self::NotTheApi { .. }
            | Self::Truncated { .. }
            | Self::Malformed { .. }
            | Self::Partial { .. } => true,
            Self::Address { .. }
            | Self::CredentialsInUrl
            | Self::Unencrypted
            | Self::Tls { .. }
            | Self::Refused { .. }
            | Self::NoAccess { .. }
            | Self::NoIndex { .. }
            | Self::NotOurs { .. }
            | Self::Moved { .. }
            | Self::TooLarge { .. }
            | Self::GaveUp { .. }
            | Self::Exhausted { .. }
            | Self::Offline { .. }
            | Self::Cache { .. }
            | Self::CacheInUse { .. } => false,
        }
    }
}
