//! What stands behind a number: percent signs, units of measure, currencies, things that are counted.

use super::measures::{Measure, canonical, measure};

/// What is counted or measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Unit {
    /// The known unit, with nothing around it that makes it another one (`km`, not `km per hour`).
    pub measure: Option<Measure>,
    /// The words, as they stand.
    pub words: Vec<String>,
}

impl Unit {
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn of_measure(name: &str) -> Self {
        Self {
            measure: measure(name),
            words: vec![name.to_owned()],
        }
    }

    /// May both stand for the same thing? One that is not said may.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        if self.is_empty() || other.is_empty() {
            return true;
        }
        match (self.measure, other.measure) {
            (Some(a), Some(b)) => a.comparable(b),
            // A rate is no sum.
            _ if self.is_rate() != other.is_rate() => false,
            _ => self.within(other) || other.within(self),
        }
    }

    fn is_rate(&self) -> bool {
        self.words.iter().any(|w| w == "per" || w.contains('/'))
    }

    fn within(&self, other: &Self) -> bool {
        let same = |a: &str, b: &str| {
            singular(a) == singular(b)
                || measure(a).is_some_and(|m| measure(b).is_some_and(|n| m == n))
        };
        self.words
            .iter()
            .all(|w| other.words.iter().any(|o| same(w, o)))
    }
}

fn singular(word: &str) -> &str {
    const IRREGULAR: [(&str, &str); 6] = [
        ("people", "person"),
        ("persons", "person"),
        ("children", "child"),
        ("men", "man"),
        ("women", "woman"),
        ("leaves", "leaf"),
    ];
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return one;
    }
    let es = ["ses", "xes", "ches", "shes", "zes"];
    if es.iter().any(|e| word.ends_with(e)) {
        return &word[..word.len() - 2];
    }
    word.strip_suffix("ies")
        .or_else(|| word.strip_suffix('s'))
        .or_else(|| word.strip_suffix('y'))
        .unwrap_or(word)
}

/// Words that begin what is said about a count and is no part of its unit.
#[rustfmt::skip]
const BEHIND: &[&str] = &[
    "in", "for", "of", "at", "from", "by", "with", "after", "on", "each", "every", "total", "altogether",
    "left", "remaining", "during", "over", "between", "because", "since", "so", "as", "when", "if", "which",
    "that", "who", "overall", "combined", "together", "now", "today", "more", "fewer", "less", "to", "than",
];

/// Does this word end the name of a unit?
pub(super) fn ends_unit(word: &str) -> bool {
    BEHIND.contains(&word)
}

/// What stands behind a number.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Behind {
    pub percent: bool,
    pub unit: Unit,
}

/// Reads what stands behind a number, in plain characters, up to the end. `None` if that goes on with the number or
/// with another one.
pub(super) fn behind(text: &str) -> Option<Behind> {
    let mut found = Behind::default();
    let mut rest = text.trim_start();
    // \frac{ m }{ s }.
    let fraction = rest
        .strip_prefix("\\frac{")
        .and_then(|r| r.strip_suffix('}'))
        .and_then(|r| r.split_once("}{"));
    if let Some((above, below)) = fraction {
        let inside = behind(&format!(" {}/{}", above.trim(), below.trim()));
        return inside.filter(|b| !above.contains('\\') && !b.percent);
    }
    if let Some(r) = rest.strip_prefix('%') {
        found.percent = true;
        rest = r.trim_start();
    }
    // A base: 1010_2.
    if let Some(base) = rest.strip_prefix('_') {
        let base = base.trim_matches(['{', '}', ' ', '.']);
        return base.bytes().all(|b| b.is_ascii_digit()).then(|| Behind {
            unit: Unit {
                measure: None,
                words: vec![format!("base {base}")],
            },
            ..found
        });
    }
    // A stop ends what is said about the number: "5. Then ..".
    let goes_on = |t: &str| t.contains(char::is_alphanumeric);
    if rest.starts_with(['.', ',', ';', ':', '!', '?']) && goes_on(rest) {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    let glued = text.starts_with(char::is_alphabetic);
    for (i, piece) in rest.split_whitespace().enumerate() {
        let word = piece.trim_end_matches(['.', ',', '!', ';', ')', ']']);
        let word = word.trim_start_matches(['-', '(']);
        let stopped = piece.ends_with(['.', ',', ';', '!', '?', ':'])
            && measure(word).is_none()
            && word != "sq";
        if stopped
            && goes_on(&rest[piece.as_ptr() as usize - rest.as_ptr() as usize + piece.len()..])
        {
            return None;
        }
        let lower = word.to_lowercase();
        // "5 ft, 6 more": another statement. "2 in" is inches only at the end.
        if i == 0 && matches!(&*lower, "percent" | "pct") {
            found.percent = true;
        } else if i < 2 && lower == "cent" && words.last().is_some_and(|w| w == "per") {
            words.clear();
            found.percent = true;
        } else if ends_unit(&lower) && !(i == 0 && lower == "in" && rest.trim_end().len() <= 3) {
            // Arithmetic in words is no unit: 5 more than 3.
            if matches!(&*lower, "more" | "fewer" | "less" | "to" | "than")
                && rest.contains(|c: char| c.is_ascii_digit())
            {
                return None;
            }
            // "3 of 5", "5 by 7": a part, not a count.
            let next = rest.split_whitespace().nth(i + 1).unwrap_or("");
            if matches!(&*lower, "of" | "by" | "over")
                && next.starts_with(|c: char| c.is_ascii_digit())
            {
                return None;
            }
            if rest.contains(['=', '<', '>', '\\']) {
                return None;
            }
            break;
        } else if word.is_empty() {
        } else if is_unit_word(word) {
            words.push(word.to_owned());
        } else {
            return None;
        }
        if words.len() > 8 {
            return None;
        }
    }
    found.unit = named(words);
    // "3rd" and "5x" are no numbers: what touches the digits is a unit of its own.
    let known = || {
        found.unit.words.first().is_some_and(|w| {
            measure(w.trim_end_matches(|c: char| "^²³23{}".contains(c))).is_some()
                || matches!(&**w, "am" | "pm")
                || !w.is_ascii()
        })
    };
    (!glued || known()).then_some(found)
}

fn is_unit_word(word: &str) -> bool {
    if matches!(word, "plus" | "minus" | "times" | "divided" | "and" | "or") {
        return false;
    }
    // A power of a unit: cm^2.
    let (base, power) = word.split_once('^').unwrap_or((word, ""));
    let power = power.trim_matches(['{', '}']);
    let letter = |c: char| c.is_alphabetic() || "'-/°\"$€£¥₹₩₽¢℃℉".contains(c);
    (base.chars().all(letter)
        || base.contains('/') && base.chars().all(|c| letter(c) || c.is_ascii_digit()))
        && power.bytes().all(|b| b.is_ascii_digit())
}

/// A unit of these words: `square cm` and `cm^2` are one, `° C` is one word.
fn named(words: Vec<String>) -> Unit {
    if let Some(rate) = rate(&words) {
        return Unit {
            measure: None,
            words: vec![rate],
        };
    }
    let mut names: Vec<String> = Vec::new();
    let mut power = None;
    for word in words {
        match &*word.to_lowercase() {
            "square" | "sq" | "squared" => power = Some("^2"),
            "cubic" | "cu" | "cubed" => power = Some("^3"),
            "^2" | "^{2}" => power = Some("^2"),
            "^3" | "^{3}" => power = Some("^3"),
            "c" | "celsius" if names.last().is_some_and(|n| is_degree(n)) => {
                names = vec!["°c".into()];
            }
            "f" | "fahrenheit" if names.last().is_some_and(|n| is_degree(n)) => {
                names = vec!["°f".into()];
            }
            lower => {
                let (base, up) = lower.split_once('^').unwrap_or((lower, ""));
                match up.trim_matches(['{', '}']) {
                    "2" => power = Some("^2"),
                    "3" => power = Some("^3"),
                    _ => {}
                }
                let name = if measure(base).is_some() { base } else { &word };
                names.push(name.to_owned());
            }
        }
    }
    if let Some(power) = power {
        // Powers are compared by name: those of one unit only.
        let name = names.pop().unwrap_or_default();
        let kind = measure(&name)
            .and_then(canonical)
            .unwrap_or(singular(&name).to_owned());
        return Unit {
            measure: None,
            words: vec![kind + power],
        };
    }
    Unit {
        measure: match &*names {
            [one] => measure(one),
            // US dollars, fluid ounces and the like are named by the last word.
            [.., last]
                if names
                    .iter()
                    .all(|n| measure(n).is_some() || matches!(&**n, "us" | "US" | "U.S")) =>
            {
                measure(last)
            }
            _ => None,
        },
        words: names,
    }
}

/// A rate of known units, by their first names: `km/h`.
fn rate(words: &[String]) -> Option<String> {
    let all = words
        .join(" ")
        .replace(" per ", "/")
        .replace(" an ", "/")
        .replace(" a ", "/");
    let all = match &*all {
        "mph" => "miles/hour",
        "kph" | "kmh" => "km/h",
        other => other,
    };
    let (above, below) = all.split_once('/')?;
    let name = |n: &str| measure(n.trim()).and_then(canonical);
    Some(format!("{}/{}", name(above)?, name(below)?))
}

fn is_degree(name: &str) -> bool {
    matches!(name, "°" | "degree" | "degrees")
}
