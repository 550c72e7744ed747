//! Where an index is: `infinigram:URL#INDEX`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::error::RemoteError;

/// The kind that the names of such corpora begin with.
pub const KIND: &str = "infinigram";

/// The address of an index behind infini-gram's web API.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// Of the API, without the index: `https://api.infini-gram.io/`.
    pub url: String,
    /// Name of the index: `v4_pileval_llama`.
    pub index: String,
}

impl Address {
    /// Whether this is the name of such an index, well-formed or not.
    pub fn is_one(name: &str) -> bool {
        name.strip_prefix(KIND).is_some_and(|r| r.starts_with(':'))
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
        let rest = name
            .strip_prefix(KIND)
            .and_then(|r| r.strip_prefix(':'))
            .ok_or(wrong("it does not begin with infinigram:"))?;
        let (url, index) = rest
            .split_once('#')
            .ok_or(wrong("behind a # the name of the index is missing"))?;
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
        if rest.contains('?') {
            return Err(wrong("the URL has a query, which the API does not take"));
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if index.is_empty() || !index.chars().all(is_plain) {
            return Err(wrong("the name of the index is not one"));
        }
        let slash = if rest.contains('/') { "" } else { "/" };
        Ok(Address {
            url: format!("{scheme}://{rest}{slash}"),
            index: index.to_string(),
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{KIND}:{}#{}", self.url, self.index)
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
        ] {
            let address: Address = name.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(shown.parse::<Address>().unwrap(), address);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        for (name, why) in [
            ("folder", "does not begin with infinigram:"),
            ("infinigram:https://x", "behind a #"),
            ("infinigram:https://x#", "not one"),
            ("infinigram:https://x#a b", "not one"),
            ("infinigram:x#a", "no https://"),
            ("infinigram:ftp://x#a", "neither"),
            ("infinigram:https://#a", "no host"),
            ("infinigram:https://x y#a", "no host"),
            ("infinigram:https://x\u{7}#a", "no host"),
            ("infinigram:https://x/?k=1#a", "query"),
        ] {
            let error = name.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(why), "{name}: {error}");
        }
        let error = "infinigram:https://me:secret@x#a".parse::<Address>();
        let error = error.unwrap_err().to_string();
        assert!(error.contains("environment") && !error.contains("secret"));
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
