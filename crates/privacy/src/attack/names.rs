//! Names of persons that stand before values, other people in their place, and values that a name gives away.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex, RegexBuilder};

use crate::kind::Kind;

/// Bytes before a value in which its person is looked for.
pub const BEFORE: usize = 1024;
/// Letters of a word that is part of a name wherever it stands; shorter ones must stand alone.
const TELLING: usize = 4;
/// Words with a capital that are of no name.
const NO_NAMES: [&str; 58] = [
    "address",
    "all",
    "and",
    "apache",
    "author",
    "authors",
    "born",
    "by",
    "call",
    "card",
    "city",
    "college",
    "contact",
    "copyright",
    "corp",
    "corporation",
    "date",
    "debian",
    "email",
    "fax",
    "files",
    "foundation",
    "free",
    "from",
    "general",
    "gmbh",
    "gnu",
    "group",
    "inc",
    "institute",
    "lab",
    "laboratory",
    "lesser",
    "library",
    "license",
    "licence",
    "limited",
    "ltd",
    "mail",
    "maintainer",
    "name",
    "original",
    "phone",
    "project",
    "public",
    "rights",
    "sent",
    "software",
    "source",
    "street",
    "subject",
    "systems",
    "team",
    "tel",
    "the",
    "to",
    "university",
    "upstream",
];

/// Words with capitals, with initials between them; one more than a name has, for the first may be of something else.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let word = r"\p{Lu}[\p{L}\p{M}’'-]*\p{Ll}";
    pattern(&format!(r"{word}(?:(?: \p{{Lu}}\.)? {word}){{1,3}}"))
});

fn pattern(text: &str) -> Regex {
    // The patterns of this file are known to be right; a test makes each.
    Regex::new(text).unwrap_or_else(|e| panic!("{e}"))
}

/// The name of a person, by its words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Person {
    pub first: String,
    /// Between the two others, with spaces; perhaps nothing.
    pub middle: String,
    pub last: String,
}

impl Person {
    /// A name of two or three words.
    pub fn new(name: &str) -> Option<Person> {
        let words: Vec<&str> = name.split_whitespace().collect();
        let (first, rest) = words.split_first()?;
        let (last, middle) = rest.split_last()?;
        (words.len() <= 3).then(|| Person {
            first: (*first).into(),
            middle: middle.join(" "),
            last: (*last).into(),
        })
    }

    /// The person whose name stands nearest before a value, on its line or those before it: behind `Name:` if there is such a one, else any two or three words
    /// with capitals that are not known to be of something else. A guess: it may be somebody else's.
    pub fn before(text: &str) -> Option<Person> {
        let mut from = text.len().saturating_sub(BEFORE);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let text = &text[from..];
        let named = |span: Range<usize>| {
            let before = text[..span.start].trim_end().to_lowercase();
            ["name:", "name is", "author:", "from:"]
                .iter()
                .any(|w| before.ends_with(w))
        };
        let all = NAME
            .find_iter(text)
            .filter_map(|m| Some((of_words(m.as_str())?, named(m.range()))));
        let all: Vec<(Person, bool)> = all.collect();
        let best = all.iter().rev().find(|(_, named)| *named);
        best.or(all.last()).map(|(person, _)| person.clone())
    }

    pub fn name(&self) -> String {
        let words = [&self.first, &self.middle, &self.last];
        let words = words.into_iter().filter(|w| !w.is_empty());
        words.cloned().collect::<Vec<_>>().join(" ")
    }

    /// A text in which another person's first and last names stand for this one's, also within addresses; in capitals where those are, or in small letters.
    ///
    /// An initial that stands for a name within an address is not seen.
    pub fn replaced(&self, by: &Person, text: &str) -> String {
        let words = [(&self.first, &by.first), (&self.last, &by.last)];
        let forms = words.map(|(word, _)| match word.chars().count() < TELLING {
            true => format!(r"\b{}\b", regex::escape(word)),
            false => regex::escape(word),
        });
        let both = format!("({})|({})", forms[0], forms[1]);
        let Ok(pattern) = RegexBuilder::new(&both).case_insensitive(true).build() else {
            return text.into();
        };
        let other = |c: &Captures<'_>| {
            let at = usize::from(c.get(1).is_none());
            let found = c.get(0).map_or("", |m| m.as_str());
            as_cased(words[at].1, found)
        };
        pattern.replace_all(text, other).into_owned()
    }
}

/// The words of a run that can be a name: without words before them that are of something else.
fn of_words(run: &str) -> Option<Person> {
    let is_other = |w: &&str| NO_NAMES.contains(&w.to_lowercase().as_str());
    let words: Vec<&str> = run.split(' ').skip_while(is_other).collect();
    if words.iter().any(is_other) {
        return None;
    }
    Person::new(&words.join(" "))
}

/// A word in the case in which another one is written.
fn as_cased(word: &str, like: &str) -> String {
    let letters = || like.chars().filter(|c| c.is_alphabetic());
    if letters().all(char::is_lowercase) {
        return word.to_lowercase();
    }
    match letters().all(char::is_uppercase) && letters().count() > 1 {
        true => word.to_uppercase(),
        false => word.into(),
    }
}

/// Whether who knows the name can guess the value: the letters of an address before the `@`, or of a user, are words of the name or their initials, at least
/// one of them whole. Digits beside them are guessed too; of an address' domain nothing is said. Values of other kinds tell nothing of a name.
pub fn is_guessable(kind: Kind, value: &str, person: &Person) -> bool {
    let local = match kind {
        Kind::Email => value.split(['@', '[', ' ']).next().unwrap_or(""),
        Kind::Url => value,
        _ => return false,
    };
    let plain = |s: &str| -> Vec<char> {
        let letters = s.chars().filter(|c| c.is_alphabetic());
        letters.flat_map(char::to_lowercase).collect()
    };
    let (local, name) = (plain(local), person.name());
    let words: Vec<Vec<char>> = name
        .split(' ')
        .map(plain)
        .filter(|w| !w.is_empty())
        .collect();
    !local.is_empty() && made_of(&local, &words, false)
}

/// Whether letters are some of the words, each at most once and whole or as its initial, in any order.
fn made_of(letters: &[char], words: &[Vec<char>], whole: bool) -> bool {
    if letters.is_empty() {
        return whole;
    }
    (0..words.len()).any(|i| {
        let mut left = words.to_vec();
        let word = left.remove(i);
        let rest = letters.strip_prefix(word.as_slice());
        let is = rest.is_some_and(|rest| made_of(rest, &left, true));
        is || letters
            .strip_prefix(&word[..1])
            .is_some_and(|rest| made_of(rest, &left, whole))
    })
}

/// Which of some names stand in texts, in whatever case.
pub struct Names {
    /// `None` where there are more names than there is room for; then all are taken to occur.
    automaton: Option<AhoCorasick>,
    seen: Vec<bool>,
}

impl Names {
    pub fn new(names: &[String]) -> Names {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(names)
            .ok();
        Names {
            seen: vec![automaton.is_none(); names.len()],
            automaton,
        }
    }

    /// Reads a text.
    pub fn read(&mut self, text: &str) {
        for found in self
            .automaton
            .iter()
            .flat_map(|a| a.find_overlapping_iter(text))
        {
            self.seen[found.pattern().as_usize()] = true;
        }
    }

    /// Whether each occurs in what was read.
    pub fn seen(&self) -> &[bool] {
        &self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Person {
        Person::new(name).unwrap()
    }

    #[test]
    fn the_nearest_name_is_found_or_that_which_is_called_so() {
        for (before, name) in [
            (
                "Contact card. Name: Ada Taxus. Work: glover in Teagleam. Mail: ",
                Some("Ada Taxus"),
            ),
            (
                "Name: Ada Taxus. Seen with Yann Yalail, who said: call ",
                Some("Ada Taxus"),
            ),
            ("Copyright 1999 Jörg Müller <", Some("Jörg Müller")),
            ("Copyright Jane Q. Doe <", Some("Jane Q. Doe")),
            (
                "Upstream Author: Sean O’Brien-Smith, ",
                Some("Sean O’Brien-Smith"),
            ),
            (
                "GNU General Public License, Free Software Foundation, ",
                None,
            ),
            ("write to the list at ", None),
            ("Jane\nDoe: ", None),
        ] {
            let found = Person::before(before).map(|p| p.name());
            assert_eq!(found.as_deref(), name, "{before}");
        }
        let far = format!("Jane Doe{}", " é".repeat(BEFORE));
        assert_eq!(Person::before(&far), None);
    }

    #[test]
    fn other_people_stand_in_texts_and_addresses() {
        let (ada, yann) = (person("Ada Taxus"), person("Yann Yalail"));
        assert_eq!(
            ada.replaced(
                &yann,
                "Name: Ada Taxus. TAXUS, ada.taxus@x.org, ataxus7; Adamant"
            ),
            "Name: Yann Yalail. YALAIL, yann.yalail@x.org, ayalail7; Adamant"
        );
        let (doe, roe) = (person("Jane Q. Doe"), person("Richard Roe"));
        assert_eq!(
            doe.replaced(&roe, "Jane Q. Doe does"),
            "Richard Q. Roe does"
        );
    }

    #[test]
    fn names_that_occur_are_seen() {
        let mut names = Names::new(&["Ada Taxus", "Da Tax", "Yann Yalail"].map(String::from));
        names.read("no one");
        assert_eq!(names.seen(), [false; 3]);
        names.read("ADA TAXUS");
        assert_eq!(names.seen(), [true, true, false]);
    }

    #[test]
    fn guessable_is_what_words_and_initials_of_the_name_make() {
        let jane = person("Jane Q. Doe");
        for (value, is) in [
            ("jane.doe@x.org", true),
            ("JDoe7@x.org", true),
            ("doe_jane@x.org", true),
            ("jqdoe@x.org", true),
            ("jane [at] x [dot] org", true),
            ("jd@x.org", false),
            ("janedoeland@x.org", false),
            ("kitten@doe.org", false),
            ("1234@x.org", false),
        ] {
            assert_eq!(is_guessable(Kind::Email, value, &jane), is, "{value}");
        }
        assert!(is_guessable(Kind::Url, "jane-doe", &jane));
        assert!(!is_guessable(Kind::Phone, "555-0100", &jane));
    }
}
