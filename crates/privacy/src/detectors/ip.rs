//! Internet addresses, as the standard library reads them; versions that look like them are none.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use regex::Regex;

use super::around::{before, has_word, pattern};
use crate::detector::Detector;
use crate::kind::Kind;

pub struct Ip {
    four: Regex,
    six: Regex,
}

const OTHERS: [&str; 18] = [
    "version", "versions", "v", "ver", "ver.", "release", "released", "section", "sec.", "chapter",
    "rev", "revision", "build", "firefox/", "chrome/", "upgrade", "upstream", "§",
];
const WORDS: [&str; 22] = [
    "ip",
    "host",
    "from",
    "address",
    "client",
    "server",
    "addr",
    "login",
    "port",
    "peer",
    "dns",
    "ping",
    "nameserver",
    "nameservers",
    "resolver",
    "gateway",
    "subnet",
    "network",
    "netmask",
    "ssh",
    "ips",
    "ipv4",
];

impl Ip {
    pub fn new() -> Self {
        Ip {
            four: pattern(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"),
            six: pattern(r"(?i)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}"),
        }
    }
}

impl Detector for Ip {
    fn kind(&self) -> Kind {
        Kind::Ip
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for found in self.four.find_iter(line) {
            let parsed = found.as_str().parse::<Ipv4Addr>();
            if parsed.is_ok_and(|ip| is_four(line, &found.range(), ip)) {
                out.push(found.range());
            }
        }
        for found in self.six.find_iter(line) {
            if found
                .as_str()
                .parse::<Ipv6Addr>()
                .is_ok_and(|ip| is_six(line, &found.range(), ip))
            {
                out.push(found.range());
            }
        }
        out.sort_by_key(|r| r.start);
        out.dedup_by(|b, a| b.start < a.end);
        out
    }
}

fn is_four(line: &str, at: &Range<usize>, ip: Ipv4Addr) -> bool {
    let left = before(line, at.start);
    let [first, .., last] = ip.octets();
    if ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_broadcast()
        || ip.is_multicast()
        || first == 0
        || first > 239
    {
        return false;
    }
    let tail = left.chars().next_back();
    let right = &line[at.end..];
    let mut rest = right.chars();
    let (next, second) = (rest.next(), rest.next());
    let longer = next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '~' | '+'))
        || next == Some('.') && second.is_some_and(char::is_alphanumeric);
    if longer
        || tail.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | '+'))
    {
        return false;
    }
    if has_word(&left, &OTHERS, 12) || tail == Some('/') && !left.ends_with("://") {
        return false;
    }
    // Small numbers are those of versions, unless something says that it is an address.
    let small = first < 10 || ip.octets().iter().all(|o| *o < 20) || first < 20 && last == 0;
    !small || has_word(&left, &WORDS, 24) || left.ends_with("://") || next == Some('/')
}

fn is_six(line: &str, at: &Range<usize>, ip: Ipv6Addr) -> bool {
    let text = &line[at.clone()];
    let border =
        |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, ':' | '.' | '_')));
    let right = line[at.end..].chars();
    let ends = border(right.clone().next())
        || right.clone().next() == Some('.') && border(right.clone().nth(1));
    // "dead::beef" and "a::b" are words: an address has a digit, and more than two groups or a well-known beginning.
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let groups = text.split(':').filter(|g| !g.is_empty()).count();
    let known = (ip.segments()[0] & 0xe000) == 0x2000
        || (ip.segments()[0] & 0xfe00) == 0xfc00
        || (ip.segments()[0] & 0xffc0) == 0xfe80;
    !ip.is_loopback()
        && !ip.is_unspecified()
        && border(line[..at.start].chars().next_back())
        && ends
        && digits >= 2
        && known
        && groups >= 2
}
