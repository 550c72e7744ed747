//! Where an index is: `infinigram:URL#INDEX`, `opensearch:URL/INDEX`, `olmotrace:URL#INDEX`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::error::RemoteError;

/// What answers at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// infini-gram's web API.
    InfiniGram,
    /// OpenSearch, or Elasticsearch, with an index that rotescope loaded.
    OpenSearch,
    /// OLMoTrace's service, which finds the verbatim spans of a text and answers nothing else.
    OlmoTrace,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::InfiniGram, Kind::OpenSearch, Kind::OlmoTrace];

    /// What the names of its indexes begin with.
    pub fn name(self) -> &'static str {
        match self {
            Kind::InfiniGram => "infinigram",
            Kind::OpenSearch => "opensearch",
            Kind::OlmoTrace => "olmotrace",
        }
    }

    /// The kind that a name begins with, and what is behind the colon.
    fn of(name: &str) -> Option<(Kind, &str)> {
        let (kind, rest) = name.split_once(':')?;
        Some((Kind::ALL.into_iter().find(|k| k.name() == kind)?, rest))
    }
}

/// The address of an index behind a network.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    pub kind: Kind,
    /// Of the server, without the index: `https://api.infini-gram.io/`.
    pub url: String,
    /// Name of the index: `v4_pileval_llama`.
    pub index: String,
}

impl Address {
    /// Whether this is the name of such an index, well-formed or not.
    pub fn is_one(name: &str) -> bool {
        Kind::of(name).is_some()
    }

    /// Scheme, host and port, without a slash at the end.
    pub fn origin(&self) -> &str {
        let host = self.url.find("://").map_or(0, |at| at + 3);
        let path = self.url[host..].find('/');
        path.map_or(&self.url, |at| &self.url[..host + at])
    }

    /// Whether the connection stays on this machine.
    pub fn is_local(&self) -> bool {
        let host = host(&self.url);
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let loopback = name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        loopback || name.eq_ignore_ascii_case("localhost")
    }

    /// Refuses a connection that others can read: https only, if the host is another machine.
    ///
    /// # Errors
    /// [`RemoteError::Unencrypted`], which names the way out.
    pub fn check_encrypted(&self, insecure: bool) -> Result<(), RemoteError> {
        if self.url.starts_with("https://") || self.is_local() || insecure {
            return Ok(());
        }
        Err(RemoteError::Unencrypted)
    }
}

impl FromStr for Address {
    type Err = RemoteError;

    fn from_str(name: &str) -> Result<Address, RemoteError> {
        let wrong = |why: &'static str| RemoteError::Address { why };
        let (kind, rest) = Kind::of(name).ok_or(wrong(
            "it begins neither with infinigram: nor with opensearch: or olmotrace:",
        ))?;
        let (url, index) = match kind {
            Kind::InfiniGram | Kind::OlmoTrace => rest
                .split_once('#')
                .ok_or(wrong("behind a # the name of the index is missing"))?,
            Kind::OpenSearch => {
                let path = rest.trim_end_matches('/');
                let host = path.find("://").map_or(0, |at| at + 3);
                let slash = path[host..].rfind('/').map(|at| host + at);
                let slash = slash.ok_or(wrong("behind a / the name of the index is missing"))?;
                (&path[..=slash], &path[slash + 1..])
            }
        };
        let scheme_ends = url.find("://").ok_or(wrong("the URL has no https://"))?;
        let scheme = url[..scheme_ends].to_ascii_lowercase();
        if scheme != "https" && scheme != "http" {
            return Err(wrong("the URL begins neither with https:// nor http://"));
        }
        let rest = &url[scheme_ends + 3..];
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        // They would stand in the shell's history, in the settings and in the traces.
        if authority.contains('@') {
            return Err(RemoteError::CredentialsInUrl);
        }
        if authority.is_empty() || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(wrong("the URL names no host"));
        }
        if rest.contains(['?', '#']) || kind == Kind::OpenSearch && index.contains(['?', '#']) {
            return Err(wrong("the URL has a query, which the API does not take"));
        }
        if !is_index(kind, index) {
            return Err(wrong("the name of the index is not one"));
        }
        let slash = if rest.contains('/') { "" } else { "/" };
        Ok(Address {
            kind,
            url: format!("{scheme}://{rest}{slash}"),
            index: index.to_string(),
        })
    }
}

/// Whether a name can be that of an index: of one, so no pattern.
fn is_index(kind: Kind, name: &str) -> bool {
    let others = match kind {
        Kind::InfiniGram => "-_./",
        Kind::OpenSearch | Kind::OlmoTrace => "-_.",
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    let begins = |c: char| kind == Kind::InfiniGram || c.is_ascii_alphanumeric();
    name.starts_with(begins) && name.chars().all(is_plain)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let sign = match self.kind {
            Kind::InfiniGram | Kind::OlmoTrace => "#",
            Kind::OpenSearch => "",
        };
        write!(f, "{}:{}{sign}{}", self.kind.name(), self.url, self.index)
    }
}

/// The host of a URL, without its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, r)| r);
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.find(']') {
        Some(end) => &authority[..=end],
        None => authority.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        for (name, shown) in [
            (
                "infinigram:https://api.infini-gram.io#v4_pileval_llama",
                "infinigram:https://api.infini-gram.io/#v4_pileval_llama",
            ),
            (
                "infinigram:HTTP://127.0.0.1:80/api#a/b.c",
                "infinigram:http://127.0.0.1:80/api#a/b.c",
            ),
            (
                "opensearch:https://search.example.org:9200/dolma",
                "opensearch:https://search.example.org:9200/dolma",
            ),
            (
                "opensearch:HTTP://[::1]:9200/behind/a.proxy/dolma-1_7/",
                "opensearch:http://[::1]:9200/behind/a.proxy/dolma-1_7",
            ),
            (
                "olmotrace:https://spans.example.org/api#olmo-2-0325-32b",
                "olmotrace:https://spans.example.org/api#olmo-2-0325-32b",
            ),
        ] {
            let address: Address = name.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(shown.parse::<Address>().unwrap(), address);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        for (name, why) in [
            ("folder", "begins neither with infinigram:"),
            ("quickwit:https://x/a", "begins neither"),
            ("opensearch:https://x", "behind a /"),
            ("opensearch:https://x/", "behind a /"),
            ("opensearch:x/a", "no https://"),
            ("opensearch:ftp://x/a", "neither with https"),
            ("opensearch:https:///a", "no host"),
            ("opensearch:https://x/a,b", "not one"),
            ("opensearch:https://x/a*", "not one"),
            ("opensearch:https://x/_all", "not one"),
            ("opensearch:https://x/a?k=1", "query"),
            ("opensearch:https://x/a#b", "query"),
            ("infinigram:https://x", "behind a #"),
            ("infinigram:https://x#", "not one"),
            ("infinigram:https://x#a b", "not one"),
            ("infinigram:x#a", "no https://"),
            ("infinigram:ftp://x#a", "neither"),
            ("infinigram:https://#a", "no host"),
            ("infinigram:https://x y#a", "no host"),
            ("infinigram:https://x\u{7}#a", "no host"),
            ("infinigram:https://x/?k=1#a", "query"),
            ("olmotrace:https://x/a", "behind a #"),
            ("olmotrace:https://x#a/b", "not one"),
        ] {
            let error = name.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(why), "{name}: {error}");
        }
        for name in [
            "infinigram:https://me:secret@x#a",
            "opensearch:https://me:secret@x/a",
        ] {
            let error = name.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("environment") && !error.contains("secret"));
        }
    }

    #[test]
    fn the_origin_has_no_path() {
        for (name, origin) in [
            ("infinigram:https://api.x.io#a", "https://api.x.io"),
            ("opensearch:http://[::1]:9200/p/a", "http://[::1]:9200"),
        ] {
            assert_eq!(name.parse::<Address>().unwrap().origin(), origin);
        }
    }

    #[test]
    fn only_connections_on_this_machine_go_unencrypted() {
        for (url, local) in [
            ("http://localhost:8000/", true),
            ("http://LOCALHOST/", true),
            ("http://127.0.0.1/", true),
            ("http://127.1.2.3:9/x", true),
            ("http://[::1]:80/", true),
            ("http://localhost.example.org/", false),
            ("http://127.0.0.1.example.org/", false),
            ("http://10.0.0.1/", false),
            ("http://[2001:db8::1]/", false),
            ("http://0.0.0.0/", false),
        ] {
            let address = Address {
                kind: Kind::InfiniGram,
                url: url.into(),
                index: "a".into(),
            };
            assert_eq!(address.is_local(), local, "{url}");
            assert_eq!(address.check_encrypted(false).is_ok(), local, "{url}");
            assert!(address.check_encrypted(true).is_ok());
        }
        let safe: Address = "infinigram:https://10.0.0.1#a".parse().unwrap();
        assert!(safe.check_encrypted(false).is_ok());
    }
}
