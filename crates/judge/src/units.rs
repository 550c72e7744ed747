//! Units: words behind numbers, and what they may hide.

/// Short ones, which might else be taken for variables.
#[rustfmt::skip]
const SHORT: [&str; 55] = [
    "am", "bps", "btu", "cl", "cm", "cms", "dl", "dm", "ft", "ft²", "gal", "gb", "gms", "hr", "hrs", "kb",
    "kg", "kgs", "km", "kms", "kph", "kw", "kwh", "lb", "lbs", "lts", "mb", "mg", "mi", "min", "mins", "ml",
    "mls", "mm", "mph", "mth", "oz", "pcs", "pm", "pt", "pts", "qt", "qts", "sec", "secs", "sq", "tb", "tbs",
    "tsp", "wk", "wks", "yd", "yds", "yr", "yrs",
];

/// Each says how much it is of something else, so that a number in front of it can stand for another one.
#[rustfmt::skip]
const MULTIPLES: [&str; 29] = [
    "am", "pm", "billion", "billions", "cent", "cents", "couple", "couples", "dime", "dimes", "dozen", "dozens", "fold", "gross",
    "hundred", "hundreds", "k", "million", "millions", "nickel", "nickels", "pair", "pairs", "percent", "score",
    "thousand", "thousands", "times", "trillion",
];

/// Of measures, which are converted into each other without a word.
#[rustfmt::skip]
const MEASURES: [&str; 75] = [
    "am", "century", "centimeter", "cl", "cm", "cup", "day", "decade", "degree", "dl", "dm", "dollar", "fl", "foot",
    "feet", "ft", "gal", "gallon", "gb", "gram", "g", "h", "hour", "hr", "inch", "inche", "kb", "kg", "kilogram",
    "kilometer", "kilometre", "km", "kph", "lb", "liter", "litre", "mb", "meter", "metre", "mg", "mi", "mile",
    "milliliter", "millimeter", "min", "minute", "ml", "mm", "month", "mph", "ounce", "oz", "pennie", "penny", "pint",
    "pm", "pound", "pt", "quart", "quarter", "radian", "sec", "second", "tablespoon", "tb", "tbsp", "teaspoon", "ton",
    "tonne", "tsp", "week", "yard", "yd", "year", "yr",
];

/// Between measures; the small ones, which other mistakes have too, count only where a measure stands on the other side.
const FACTORS: [u32; 18] = [
    7, 12, 24, 30, 31, 36, 48, 52, 60, 100, 144, 180, 360, 365, 1000, 1440, 3600, 5280,
];
const SMALL: [u32; 10] = [2, 3, 4, 5, 8, 10, 16, 20, 25, 28];

pub(super) fn is_short_unit(word: &str) -> bool {
    SHORT.contains(&word)
}

pub(super) fn is_multiple(word: &str) -> bool {
    MULTIPLES.contains(&word)
}

pub(super) fn is_measure(word: &str) -> bool {
    MEASURES.contains(&singular(word))
}

/// Is one value the other by a factor between two measures? `named`: both are named.
pub(super) fn converts(a: f64, b: f64, named: bool) -> bool {
    let ratio = (a / b).abs().max((b / a).abs());
    let near = |f: &u32| (ratio - f64::from(*f)).abs() <= f64::from(*f) * 0.005;
    FACTORS.iter().any(near) || (named && SMALL.iter().any(near))
}

/// What a number in front of the word is multiplied by: `3 million`.
pub(super) fn scale(word: &str) -> Option<i64> {
    Some(match word {
        "dozen" => 12,
        "hundred" => 100,
        "thousand" => 1_000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        "trillion" => 1_000_000_000_000,
        _ => return None,
    })
}

pub(super) fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// May the word be part of a unit: `bolts of blue fiber`, `days a week`? Other small words are talk.
pub(super) fn in_unit(word: &str) -> bool {
    const JOIN: [&str; 26] = [
        "of", "per", "a", "an", "the", "each", "for", "in", "on", "from", "at", "to", "her", "his",
        "their", "other", "more", "every", "own", "with", "by", "few", "off", "during", "before",
        "after",
    ];
    #[rustfmt::skip]
    const TALK: [&str; 37] = [
        "equals", "equal", "gives", "give", "makes", "make", "gets", "get", "thus", "hence", "therefore",
        "since", "plus", "minus", "times", "divided", "multiplied", "costs", "cost", "left", "step", "also",
        "next", "finally", "leaves", "leaving", "mod", "choose", "remainder", "r", "squared", "cubed",
        "doubled", "tripled", "halved", "factorial", "percent",
    ];
    // Single letters are words only where they are marked as such.
    let letter = word.chars().count() == 1;
    letter || JOIN.contains(&word) || !(TALK.contains(&word) || rotescope_text::is_stop_word(word))
}
