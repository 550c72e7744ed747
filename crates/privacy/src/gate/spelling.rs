//! Ways to write a value: those that the gate refuses, and its known holes, by which one can measure both.

/// A way to write a value.
#[derive(Debug, Clone, Copy)]
pub struct Spelling {
    pub name: &'static str,
    /// Whether the gate is to refuse it. What it cannot is said too.
    pub refused: bool,
    write: fn(&str) -> String,
}

impl Spelling {
    /// All, the refused ones first.
    pub const ALL: [Spelling; 19] = [
        refused("verbatim", str::to_string),
        refused("capitals", str::to_uppercase),
        refused("without separators", bare),
        refused("other separators", other),
        refused("spaces between", |v| between(v, " ")),
        refused("over a line break", broken),
        refused("full width", wide),
        refused("look-alike letters", alike),
        refused("look-alike capitals", capitals),
        refused("look-alike digits", digits),
        refused("invisible characters between", |v| between(v, "\u{200b}")),
        refused("at and dot in words", spelled),
        refused("an escaped @", escaped),
        hole("backwards", |v| v.chars().rev().collect()),
        hole("digits in words", in_words),
        hole("every character escaped", percent),
        hole("letters moved by 13", moved),
        hole("a word in the middle", |v| halves(v, " and then ")),
        hole("without its first letter or digit", beheaded),
    ];

    /// The value, written so. It may be the value itself, where nothing in it can be written otherwise.
    pub fn write(&self, value: &str) -> String {
        (self.write)(value)
    }
}

const fn refused(name: &'static str, write: fn(&str) -> String) -> Spelling {
    Spelling {
        name,
        refused: true,
        write,
    }
}

const fn hole(name: &'static str, write: fn(&str) -> String) -> Spelling {
    Spelling {
        name,
        refused: false,
        write,
    }
}

fn bare(value: &str) -> String {
    value.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn other(value: &str) -> String {
    let change = |c: char| match c {
        '-' | ' ' | '/' => '.',
        '.' | '_' => '-',
        c => c,
    };
    value.chars().map(change).collect()
}

fn between(value: &str, what: &str) -> String {
    let all: Vec<String> = value.chars().map(String::from).collect();
    all.join(what)
}

fn halves(value: &str, what: &str) -> String {
    let all: Vec<char> = value.chars().collect();
    let (left, right) = all.split_at(all.len() / 2);
    left.iter()
        .copied()
        .chain(what.chars())
        .chain(right.iter().copied())
        .collect()
}

fn beheaded(value: &str) -> String {
    let mut all = value.chars();
    all.find(|c| c.is_alphanumeric());
    all.collect()
}

fn broken(value: &str) -> String {
    halves(value, "\n")
}

fn wide(value: &str) -> String {
    let change = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        c => c,
    };
    value.chars().map(change).collect()
}

/// Latin letters as Cyrillic ones.
fn alike(value: &str) -> String {
    let change = |c: char| match c {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'o' => 'о',
        'p' => 'р',
        'x' => 'х',
        'y' => 'у',
        c => c,
    };
    value.chars().map(change).collect()
}

/// Capitals, Latin ones as Greek ones.
fn capitals(value: &str) -> String {
    let change = |c: char| match c {
        'A' => 'Α',
        'B' => 'Β',
        'E' => 'Ε',
        'H' => 'Η',
        'I' => 'Ι',
        'K' => 'Κ',
        'M' => 'Μ',
        'N' => 'Ν',
        'O' => 'Ο',
        'P' => 'Ρ',
        'T' => 'Τ',
        'X' => 'Χ',
        'Y' => 'Υ',
        'Z' => 'Ζ',
        c => c,
    };
    value.to_uppercase().chars().map(change).collect()
}

fn digits(value: &str) -> String {
    let change = |c: char| match c {
        '0' => 'O',
        'o' => '0',
        '1' => 'l',
        'l' | 'i' => '1',
        c => c,
    };
    value.chars().map(change).collect()
}

fn spelled(value: &str) -> String {
    match value.split_once('@') {
        Some((local, domain)) => format!("{local} [at] {}", domain.replace('.', " [dot] ")),
        None => value.into(),
    }
}

fn escaped(value: &str) -> String {
    value.replace('@', "%40")
}

fn in_words(value: &str) -> String {
    const NAMES: [&str; 10] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let word = |c: char| match c.to_digit(10) {
        Some(d) => format!("{} ", NAMES[d as usize]),
        None => c.to_string(),
    };
    value.chars().map(word).collect()
}

fn percent(value: &str) -> String {
    value.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn moved(value: &str) -> String {
    let turn = |c: char, first: u8| char::from(first + (c as u8 - first + 13) % 26);
    let change = |c: char| match c {
        'a'..='z' => turn(c, b'a'),
        'A'..='Z' => turn(c, b'A'),
        c => c,
    };
    value.chars().map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{Gate, Protected};

    #[test]
    fn what_is_to_be_refused_is_and_the_holes_are_holes() {
        let values = ["jane.doe7@example.org", "+1 212-555-0142", "1987-03-25"];
        let gate = Gate::new(&Protected::new(values, 1.0), [b"a"]).unwrap();
        for spelling in Spelling::ALL {
            for value in values {
                let written = spelling.write(value);
                // Letters moved, words for digits: some values have none.
                let same = written == value;
                assert_eq!(
                    gate.hits(&written) > 0,
                    spelling.refused || same,
                    "{}: {written}",
                    spelling.name
                );
            }
        }
    }
}
