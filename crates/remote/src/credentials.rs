//! What a server is shown with each question, and nobody else.

use std::fmt;

/// Credentials for a server. They are shown by nothing but the header of a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(String);

impl Credentials {
    /// A key, as infini-gram's API takes it.
    pub fn bearer(key: &str) -> Credentials {
        Credentials(format!("Bearer {key}"))
    }

    /// A key of Elasticsearch or OpenSearch, as they give it out: in base 64.
    pub fn api_key(key: &str) -> Credentials {
        Credentials(format!("ApiKey {key}"))
    }

    pub fn user(name: &str, password: &str) -> Credentials {
        let both = format!("{name}:{password}");
        Credentials(format!("Basic {}", base64(both.as_bytes())))
    }

    pub(crate) fn header(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let of = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = of(0) << 16 | of(1) << 8 | of(2);
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= three.len() { digit as char } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_that_of_the_standard() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("\u{fb}\u{ff}", "w7vDvw=="),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn they_are_shown_in_the_header_only() {
        let user = Credentials::user("Aladdin", "open sesame");
        assert_eq!(user.header(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(Credentials::api_key("aa").header(), "ApiKey aa");
        for shown in [
            format!("{user:?}"),
            format!("{:?}", Credentials::bearer("bb")),
        ] {
            assert_eq!(shown, "Credentials(hidden)");
        }
    }
}
