//! Numbers that a story takes for granted: 7 days of a week, 100 of a percentage, the 2 of "twice".

use rotescope_text::Rational;

use super::expression::Place;
use super::mention::Stated;

/// Words of a question, words that have to stand in it besides, if any, and the numbers that they bring along.
const CUES: &[(&str, &str, &[i64])] = &[
    (WEEK, DAY, &[7]),
    (
        "weekday weekdays workday workdays workweek weeknight weeknights school monday friday",
        "",
        &[5],
    ),
    ("weekend weekends", "", &[2, 5]),
    ("saturday sunday saturdays sundays", "", &[2, 5, 6]),
    (DAY, HOUR, &[24]),
    (HOUR, MINUTE, &[60]),
    (MINUTE, "second seconds", &[60]),
    (MONTH, DAY, &[28, 29, 30, 31]),
    (MONTH, WEEK, &[4]),
    (YEAR, MONTH, &[12]),
    (YEAR, WEEK, &[52]),
    (YEAR, DAY, &[365, 366]),
    (YEAR, "quarter quarters quarterly season seasons", &[4]),
    ("decade decades", "", &[10]),
    ("century centuries", "", &[100]),
    ("dozen dozens", "", &[12]),
    ("percent percentage percents", "", &[100]),
    ("cent cents penny pennies", "", &[100]),
    ("quarter quarters quarterly", "", &[4, 25, 3]),
    ("dime dimes", "", &[10, 100]),
    ("nickel nickels", "", &[5, 100]),
    ("foot feet", "inch inches", &[12]),
    ("yard yards", "foot feet inch inches", &[3, 36]),
    ("pound pounds", "ounce ounces", &[16]),
    ("pound pounds ton tons", "ton tons", &[2000]),
    (
        "gallon gallons quart quarts pint pints cup cups",
        "gallon gallons quart quarts pint pints",
        &[4, 8, 16, 2],
    ),
    (
        "kilometer kilometers kilometre kilometres km kilogram kilograms kg kgs liter liters litre litres gb",
        "",
        &[1000],
    ),
    ("centimeter centimeters cm", "", &[100, 10]),
    ("mile miles", "foot feet", &[5280]),
    (
        "twice double doubled doubles doubling pair pairs couple both half halves halved halfway other another twin twins either neither round shoes socks back",
        "",
        &[2],
    ),
    ("triple tripled triples thrice triplets thirds", "", &[3]),
    ("quadruple quadrupled quadruplets fourths", "", &[4]),
    (
        "dogs cats cars cows horses",
        "legs feet wheels paws tires",
        &[4],
    ),
    ("quintuple fifths hand hands fingers", "", &[5]),
    ("spiders spider octopus", "", &[8]),
    ("rectangle rectangular perimeter", "", &[2, 4]),
    ("square squares", "", &[4, 2]),
    ("triangle triangles triangular", "", &[3, 2]),
    ("average mean", "", &[2]),
];

const DAY: &str = "day days daily everyday monday tuesday wednesday thursday friday saturday sunday night nights nightly morning mornings evening evenings";
const WEEK: &str = "week weeks weekly fortnight biweekly";
const HOUR: &str = "hour hours hourly hr hrs mph";
const MINUTE: &str = "minute minutes min mins";
const MONTH: &str = "month months monthly january february march april may june july august september october november december";
const YEAR: &str = "year years yearly annual annually";

/// Numbers that are neither stated as quantities nor results.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Constants {
    /// Wherever they stand: fractions, dates, the whole that is 1 or 100 %.
    pub anywhere: Vec<Rational>,
    /// Where they multiply or divide: 7 days of a week, the 2 of "twice".
    pub factors: Vec<Rational>,
    /// Where they divide: the 4 of "a quarter".
    pub divisors: Vec<Rational>,
}

impl Constants {
    /// Whether a number that stands so may be one of them.
    pub fn has(&self, value: Rational, place: Place) -> bool {
        self.anywhere.contains(&value)
            || place != Place::Term && self.factors.contains(&value)
            || place == Place::Divisor && self.divisors.contains(&value)
    }

    /// Whether a number is one of them anywhere.
    pub fn know(&self, value: Rational) -> bool {
        self.has(value, Place::Divisor)
    }
}

/// The numbers that this question brings along without stating them.
pub fn implied(question: &str, stated: &Stated) -> Constants {
    let mut out = Constants::default();
    let has = |list: &str| list.split(' ').any(|w| stated.words.contains(w));
    for (cues, besides, values) in CUES {
        if has(cues) && (besides.is_empty() || has(besides)) {
            out.factors
                .extend(values.iter().map(|v| Rational::whole(*v)));
        }
    }
    let shares = |list: &[(i128, i128)]| -> Vec<Rational> {
        list.iter()
            .filter_map(|(a, b)| Rational::new(*a, *b))
            .collect()
    };
    out.anywhere.push(Rational::whole(1));
    if question.contains(['%', '¢']) || stated.words.contains("percent") {
        out.anywhere.extend(shares(&[(100, 1), (1, 100)]));
    }
    if stated.words.contains("half") {
        out.anywhere.extend(shares(&[(1, 2), (3, 2), (1, 100)]));
        out.factors.push(Rational::whole(50));
    }
    if stated.words.contains("hundred") {
        out.anywhere.push(Rational::whole(100));
    }
    if has("quarter quarters") {
        out.anywhere.extend(shares(&[(1, 4), (3, 4)]));
    }
    for (coins, cents) in [
        ("dime dimes", 10),
        ("nickel nickels", 5),
        ("penny pennies", 1),
    ] {
        if has(coins) {
            out.anywhere.extend(shares(&[(cents, 100)]));
        }
    }
    // The rest of a fraction: 1/4 when 3/4 are gone.
    for (above, below) in &stated.fractions {
        out.factors.extend(below.checked_sub(*above));
        out.factors.push(*above);
        out.divisors.push(*below);
    }
    out.anywhere.extend(&stated.fixed);
    out
}
