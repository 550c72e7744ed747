//! Credentials for indexes behind a network: from the file of keys, or the environment. They go nowhere but into the header of a request.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::folders;
use rotescope_remote::{Address, Credentials, Kind};

/// What the file says of a server, by its scheme, host and port: `["https://search.example.org:9200"]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    user: Option<String>,
    password: Option<String>,
    key: Option<String>,
}

/// The credentials for a server, if there are any. What the file says of this very server goes before what the environment says of all.
///
/// # Errors
/// A file that others can read, or that is not understood.
pub fn credentials(address: &Address) -> Result<Option<Credentials>> {
    let asked = std::env::var_os("ROTESCOPE_KEYS").map(PathBuf::from);
    let usual = || Some(folders::config()?.join("keys.toml"));
    let of_file = match asked.clone().or_else(usual) {
        Some(path) if asked.is_some() || path.is_file() => of_file(&path, address)?,
        _ => None,
    };
    if of_file.is_some() {
        return Ok(of_file);
    }
    let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    of(
        address.kind,
        match address.kind {
            Kind::InfiniGram | Kind::OlmoTrace => Entry {
                user: None,
                password: None,
                key: variable("ROTESCOPE_INFINIGRAM_KEY"),
            },
            Kind::OpenSearch => Entry {
                user: variable("ROTESCOPE_OPENSEARCH_USER"),
                password: variable("ROTESCOPE_OPENSEARCH_PASSWORD"),
                key: variable("ROTESCOPE_OPENSEARCH_KEY"),
            },
        },
    )
    .context("ROTESCOPE_OPENSEARCH_USER, ROTESCOPE_OPENSEARCH_PASSWORD")
}

fn of_file(path: &Path, address: &Address) -> Result<Option<Credentials>> {
    let name = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(name)?;
    private(path)?;
    // Its errors would show the line.
    let all: Result<BTreeMap<String, Entry>, _> = toml::from_str(&text);
    let Ok(mut all) = all else {
        bail!(
            "{}: not a file of keys: a table for each server, [\"https://HOST:PORT\"], with key, or with user and password",
            path.display()
        );
    };
    match all.remove(address.origin()) {
        Some(entry) => of(address.kind, entry).with_context(name),
        None => Ok(None),
    }
}

fn of(kind: Kind, entry: Entry) -> Result<Option<Credentials>> {
    Ok(match (entry.key, entry.user, entry.password) {
        (Some(key), None, None) => Some(match kind {
            Kind::InfiniGram | Kind::OlmoTrace => Credentials::bearer(&key),
            Kind::OpenSearch => Credentials::api_key(&key),
        }),
        (None, Some(user), Some(password)) => Some(Credentials::user(&user, &password)),
        (None, None, None) => None,
        _ => bail!("give a key, or a user and a password"),
    })
}

/// Refuses a file that others than its owner can read.
#[cfg(unix)]
fn private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)
        .with_context(|| path.display().to_string())?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        bail!("{}: others may read it; chmod 600 it", path.display());
    }
    Ok(())
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, mode: u32, name: &str) -> Result<Option<Credentials>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        of_file(&path, &name.parse().unwrap()).map_err(|e| format!("{e:#}"))
    }

    const FILE: &str = "[\"https://a.example.org:9200\"]\nuser = \"u\"\npassword = \"secret\"\n[\"https://b.example.org\"]\nkey = \"hidden\"\n";

    #[test]
    fn each_server_gets_its_own_and_no_other() {
        let of = |name: &str| read(FILE, 0o600, name).unwrap();
        let user = Some(Credentials::user("u", "secret"));
        assert_eq!(of("opensearch:https://a.example.org:9200/x"), user);
        assert_eq!(of("opensearch:https://a.example.org:9201/x"), None);
        assert_eq!(of("opensearch:http://a.example.org:9200/x"), None);
        assert_eq!(
            of("opensearch:https://b.example.org/p/x"),
            Some(Credentials::api_key("hidden"))
        );
        assert_eq!(
            of("infinigram:https://b.example.org#x"),
            Some(Credentials::bearer("hidden"))
        );
    }

    #[test]
    fn a_file_that_is_wrong_is_refused_and_not_shown() {
        let name = "opensearch:https://a.example.org:9200/x";
        let said = read(FILE, 0o644, name).unwrap_err();
        assert!(said.contains("chmod 600"), "{said}");
        for text in [
            "key = secret",
            "[\"https://a.example.org:9200\"]\nkey = \"secret\"\nuser = \"secret\"",
            "[\"https://a.example.org:9200\"]\nuser = \"secret\"",
            "[\"https://a.example.org:9200\"]\nkeys = \"secret\"",
        ] {
            let said = read(text, 0o600, name).unwrap_err();
            assert!(
                said.contains("keys.toml") && !said.contains("secret"),
                "{said}"
            );
        }
    }
}
