//! Units of measure and currencies: their names, signs and factors.

use crate::number::Rational;

/// A unit that has a name or a sign of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measure {
    kind: &'static str,
    /// How many of the kind's first unit it is.
    factor: Rational,
}

impl Measure {
    /// A value in this unit, in the kind's first one.
    pub(super) fn scale(self, value: Rational) -> Option<Rational> {
        value.checked_mul(self.factor)
    }

    pub(super) fn is_money(self) -> bool {
        MONEY.contains(&self.kind)
    }

    pub(super) fn factor(self) -> Rational {
        self.factor
    }

    /// Can values in both be compared? "Pounds" may be weight or money.
    pub(super) fn comparable(self, other: Self) -> bool {
        let pound = |m: Self| m.kind == "£" || m.kind == "mass" && m.factor == POUND.value();
        self.kind == other.kind || pound(self) && pound(other)
    }

    /// The factor between two units; 1 between a pound and a pound.
    pub(super) fn ratio(self, other: Self) -> Option<Rational> {
        if self.kind == other.kind {
            self.factor.checked_div(other.factor)
        } else {
            Some(Rational::whole(1))
        }
    }
}

const MONEY: [&str; 8] = ["$", "€", "£", "¥", "₹", "CHF", "₩", "₽"];

/// A factor as written in the table below.
#[derive(Clone, Copy)]
struct Factor(i64, i64);

impl Factor {
    fn value(self) -> Rational {
        Rational::new(self.0.into(), self.1.into()).unwrap_or(Rational::ZERO)
    }
}

const POUND: Factor = Factor(45_359_237, 100_000);

const fn per(num: i64, den: i64) -> Factor {
    Factor(num, den)
}

/// Kind, factor, names in lower case. Names of up to two letters count in exactly this case.
#[rustfmt::skip]
const MEASURES: &[(&str, Factor, &[&str])] = &[
    ("$", per(1, 1), &["$", "dollar", "dollars", "usd", "us$", "bucks", "dólares", "美元", "ドル"]),
    ("$", per(1, 100), &["cent", "cents", "¢", "pennies"]),
    ("€", per(1, 1), &["€", "euro", "euros", "eur", "欧元"]),
    ("£", per(1, 1), &["£", "gbp", "quid"]),
    ("¥", per(1, 1), &["¥", "yen", "jpy", "円", "yuan", "cny", "rmb", "元"]),
    ("₹", per(1, 1), &["₹", "rupee", "rupees", "rs", "inr"]),
    ("CHF", per(1, 1), &["chf", "francs", "franken"]),
    ("₩", per(1, 1), &["₩", "won", "krw", "원"]),
    ("₽", per(1, 1), &["₽", "rubles", "roubles", "rub"]),
    ("length", per(1, 1), &["m", "meter", "meters", "metre", "metres"]),
    ("length", per(1, 100), &["cm", "centimeter", "centimeters", "centimetre", "centimetres"]),
    ("length", per(1, 1000), &["mm", "millimeter", "millimeters", "millimetre", "millimetres"]),
    ("length", per(1000, 1), &["km", "kms", "kilometer", "kilometers", "kilometre", "kilometres"]),
    ("length", per(3048, 10_000), &["ft", "foot", "feet"]),
    ("length", per(254, 10_000), &["in", "inch", "inches"]),
    ("length", per(9144, 10_000), &["yd", "yds", "yard", "yards"]),
    ("length", per(1_609_344, 1000), &["mi", "mile", "miles"]),
    ("mass", per(1, 1), &["g", "gram", "grams", "gramme", "grammes"]),
    ("mass", per(1, 1000), &["mg", "milligram", "milligrams"]),
    ("mass", per(1000, 1), &["kg", "kgs", "kilogram", "kilograms", "kilos"]),
    ("mass", POUND, &["lb", "lbs", "pound", "pounds"]),
    ("mass", per(45_359_237, 1_600_000), &["oz", "ounce", "ounces"]),
    ("mass", per(1_000_000, 1), &["tonne", "tonnes"]),
    ("volume", per(1, 1), &["l", "L", "liter", "liters", "litre", "litres"]),
    ("volume", per(1, 1000), &["ml", "mL", "milliliter", "milliliters", "millilitre", "millilitres"]),
    ("gallon", per(1, 1), &["gal", "gallon", "gallons"]),
    ("gallon", per(1, 4), &["qt", "quart", "quarts"]),
    ("gallon", per(1, 8), &["pint", "pints"]),
    ("gallon", per(1, 16), &["cup", "cups"]),
    ("time", per(1, 1), &["s", "sec", "secs", "second", "seconds"]),
    ("time", per(60, 1), &["min", "mins", "minute", "minutes", "minuten", "分"]),
    ("time", per(3600, 1), &["h", "hr", "hrs", "hour", "hours", "stunden", "heures", "horas"]),
    ("time", per(86_400, 1), &["day", "days", "tage"]),
    ("time", per(604_800, 1), &["week", "weeks"]),
    ("year", per(1, 1), &["year", "years", "yr", "yrs"]),
    ("year", per(1, 12), &["month", "months"]),
    ("angle", per(1, 1), &["°", "degree", "degrees", "deg"]),
    ("celsius", per(1, 1), &["°c", "℃", "celsius"]),
    ("fahrenheit", per(1, 1), &["°f", "℉", "fahrenheit"]),
    ("radian", per(1, 1), &["rad", "radian", "radians"]),
    ("dozen", per(1, 1), &["dozen", "dozens"]),
];

/// The unit of this name or sign.
pub(super) fn measure(name: &str) -> Option<Measure> {
    let short = name.len() <= 2 && name.is_ascii();
    let lower = name.to_lowercase();
    let wanted = if short { name } else { &lower };
    MEASURES
        .iter()
        .find(|(_, _, names)| names.contains(&wanted))
        .map(|(kind, factor, _)| Measure {
            kind,
            factor: factor.value(),
        })
}

/// The first name of a unit.
pub(super) fn canonical(m: Measure) -> Option<String> {
    MEASURES
        .iter()
        .find(|(kind, factor, _)| *kind == m.kind && factor.value() == m.factor)
        .map(|(_, _, names)| names[0].to_owned())
}
