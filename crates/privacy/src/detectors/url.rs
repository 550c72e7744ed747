//! Names of persons in addresses of pages that give each user a page.

use std::ops::Range;

use regex::Regex;

use super::around::pattern;
use crate::detector::Detector;
use crate::kind::Kind;

pub struct Url {
    sites: Vec<Regex>,
}

/// First parts of paths of these sites that are no user.
const PAGES: [&str; 44] = [
    "features",
    "login",
    "signup",
    "join",
    "about",
    "home",
    "search",
    "explore",
    "settings",
    "orgs",
    "topics",
    "sponsors",
    "marketplace",
    "pricing",
    "notifications",
    "pulls",
    "issues",
    "new",
    "sharer.php",
    "sharer",
    "share",
    "intent",
    "hashtag",
    "i",
    "p",
    "reel",
    "watch",
    "pages",
    "groups",
    "events",
    "joinchat",
    "help",
    "privacy",
    "terms",
    "tos",
    "company",
    "legal",
    "security",
    "apps",
    "collections",
    "trending",
    "users",
    "dialog",
    "plugins",
];

impl Url {
    pub fn new() -> Self {
        let end = r"(?:[/?#\s),.;'>\]\u{22}]|$)";
        let handle = r"([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)";
        let sites = [
            format!(
                r"(?i)\b(?:www\.|m\.)?(?:(?:github|gitlab|twitter|x|facebook|instagram)\.com|(?:bitbucket|codeberg|salsa\.debian)\.org|keybase\.io|t\.me)/{handle}{end}"
            ),
            format!(r"(?i)\blinkedin\.com/in/{handle}{end}"),
            format!(r"(?i)\breddit\.com/u(?:ser)?/{handle}{end}"),
            format!(r"(?i)\bbsky\.app/profile/{handle}{end}"),
            format!(r"(?i)\borcid\.org/(\d{{4}}-\d{{4}}-\d{{4}}-\d{{3}}[\dX]){end}"),
            format!(r"(?i)\bstack(?:overflow|exchange)\.com/users/(\d{{1,10}}){end}"),
            format!(r"(?i)\b[a-z0-9-]{{1,40}}(?:\.[a-z0-9-]{{1,40}}){{1,4}}/@{handle}{end}"),
            format!(
                r"(?i)\b(?:https?://|www\.)[a-z0-9-]{{1,40}}(?:\.[a-z0-9-]{{1,40}}){{1,4}}/~{handle}{end}"
            ),
        ];
        Url {
            sites: sites.iter().map(|s| pattern(s)).collect(),
        }
    }
}

impl Detector for Url {
    fn kind(&self) -> Kind {
        Kind::Url
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        // All these have a slash.
        if !line.contains('/') {
            return Vec::new();
        }
        let mut out: Vec<Range<usize>> = Vec::new();
        for site in &self.sites {
            for found in site.captures_iter(line) {
                if let Some(handle) = found.get(1)
                    && !PAGES.contains(&handle.as_str().to_lowercase().as_str())
                {
                    out.push(handle.range());
                }
            }
        }
        out.sort_by_key(|r| r.start);
        out.dedup_by(|b, a| b.start < a.end);
        out
    }
}
