//! Links between the pages lead somewhere, and every page is in the book.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use rotescope_testing::repository;

/// Pages outside `docs`.
const OUTSIDE: [&str; 7] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "models/pocket/README.md",
    "training/README.md",
];

/// Every page by its path in the repository.
fn pages() -> BTreeMap<PathBuf, String> {
    let entries = std::fs::read_dir(repository("docs")).unwrap();
    let names = entries.map(|e| Path::new("docs").join(e.unwrap().file_name()));
    let docs = names.filter(|p| p.extension().is_some_and(|e| e == "md"));
    let read = |p: PathBuf| {
        let text = std::fs::read_to_string(repository(p.to_str().unwrap()));
        (p, text.unwrap())
    };
    OUTSIDE
        .map(PathBuf::from)
        .into_iter()
        .chain(docs)
        .map(read)
        .collect()
}

/// The lines of a page that are no code, with their numbers.
fn prose(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    page.lines().enumerate().filter_map(move |(i, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fence && !fenced).then_some((i + 1, line))
    })
}

/// A line without what stands in backticks.
fn spoken(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The anchors of a page's headings, as GitHub and mdBook both make them: small letters, digits, `-` and `_`, blanks as `-`; the second of a name
/// has `-1` behind it.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, line) in prose(page) {
        let text = line.trim_start_matches('#');
        if text.len() == line.len() || !text.starts_with(' ') {
            continue;
        }
        // Of a link, its text counts.
        let parts = text.trim().split("](");
        let shown: String = parts
            .enumerate()
            .map(|(i, p)| {
                if i == 0 {
                    p
                } else {
                    p.split_once(')').map_or(p, |(_, rest)| rest)
                }
            })
            .collect();
        let shown = shown.to_lowercase();
        let kept = shown.chars().filter_map(|c| match c {
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            c if c.is_whitespace() => Some('-'),
            _ => None,
        });
        let name: String = kept.collect();
        let numbered = (1..).map(|n| format!("{name}-{n}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        found.insert(names.find(|n| !found.contains(n)).unwrap());
    }
    found
}

/// Targets of links and pictures, with the numbers of their lines.
fn targets(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(page) {
        let line = spoken(line);
        let links = line.split("](").skip(1).filter_map(|l| l.split_once(')'));
        found.extend(links.map(|(to, _)| (number, to.to_string())));
    }
    found
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            out.pop();
        } else {
            out.push(part);
        }
    }
    out
}

/// Why a link leads nowhere.
fn broken(file: &Path, to: &str, pages: &BTreeMap<PathBuf, String>) -> Option<String> {
    if to.starts_with("https://") {
        return None;
    }
    let (path, anchor) = to.split_once('#').unwrap_or((to, ""));
    let target = match path {
        "" => file.to_path_buf(),
        _ => plain(&file.parent().unwrap().join(path)),
    };
    if !repository(target.to_str().unwrap()).exists() {
        return Some(format!("there is no {}", target.display()));
    }
    let known = pages.get(&target).map(|p| anchors(p)).unwrap_or_default();
    let lost = !anchor.is_empty() && !known.contains(anchor);
    lost.then(|| format!("{} has no #{anchor}", target.display()))
}

#[test]
fn links_lead_to_files_and_headings() {
    let pages = pages();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (file, page) in &pages {
        for (number, to) in targets(page) {
            seen += 1;
            let why = broken(file, &to, &pages);
            wrong.extend(why.map(|w| format!("{}:{number}: {to}: {w}", file.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 200, "{seen} links: are the pages read?");
}

#[test]
fn links_that_lead_nowhere_are_found() {
    let page = "# A `b`, c\n## A b c\n```\n# no\n[x](no)\n```\n`[x](no)` [x](#a-b-c-1), [y](../README.md#start) ![z](z.svg)\n";
    let file = PathBuf::from("docs/a.md");
    let all = BTreeMap::from([
        (PathBuf::from("README.md"), "# Begin\n".to_string()),
        (file.clone(), page.to_string()),
    ]);
    assert_eq!(anchors(page), ["a-b-c", "a-b-c-1"].map(String::from).into());
    let found: Vec<_> = targets(page)
        .iter()
        .map(|(n, to)| (*n, to.clone(), broken(&file, to, &all)))
        .collect();
    // Only the page itself is not on the disk.
    assert_eq!(
        found[0],
        (7, "#a-b-c-1".into(), Some("there is no docs/a.md".into()))
    );
    assert_eq!(found[1].2.as_deref(), Some("README.md has no #start"));
    assert_eq!(found[2].2.as_deref(), Some("there is no docs/z.svg"));
    assert_eq!(found.len(), 3);
}

#[test]
fn every_page_is_once_in_the_book() {
    let pages = pages();
    let summary = Path::new("docs/SUMMARY.md");
    let mut named: Vec<PathBuf> = targets(&pages[summary])
        .iter()
        .map(|(_, to)| plain(&Path::new("docs").join(to)))
        .collect();
    named.sort();
    let all: Vec<PathBuf> = pages.into_keys().filter(|p| p != summary).collect();
    assert_eq!(named, all);
}
