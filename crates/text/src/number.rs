//! Exact numbers: fractions of `i128` that never round, read from text and written back.

use std::cmp::Ordering;

/// An exact fraction in lowest terms with a positive denominator.
///
/// Operations return `None` where `i128` overflows or a divisor is zero; nothing is ever rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rational {
    num: i128,
    den: i128,
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Rational {
    /// 0.
    pub const ZERO: Self = Self { num: 0, den: 1 };

    /// `num / den` in lowest terms; `None` if `den` is 0 or the result does not fit.
    pub fn new(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let g = gcd(num.unsigned_abs(), den.unsigned_abs());
        let n = i128::try_from(num.unsigned_abs() / g).ok()?;
        let d = i128::try_from(den.unsigned_abs() / g).ok()?;
        Some(Self {
            num: if (num < 0) == (den < 0) { n } else { -n },
            den: d,
        })
    }

    /// A whole number.
    pub fn whole(n: i64) -> Self {
        Self {
            num: n.into(),
            den: 1,
        }
    }

    /// Is it a whole number?
    pub fn is_whole(self) -> bool {
        self.den == 1
    }

    /// The numerator, negative for negative numbers.
    pub fn numerator(self) -> i128 {
        self.num
    }

    /// The denominator, at least 1.
    pub fn denominator(self) -> i128 {
        self.den
    }

    /// Sum.
    pub fn checked_add(self, o: Self) -> Option<Self> {
        let g = i128::try_from(gcd(self.den.unsigned_abs(), o.den.unsigned_abs())).ok()?;
        let num = self
            .num
            .checked_mul(o.den / g)?
            .checked_add(o.num.checked_mul(self.den / g)?)?;
        Self::new(num, self.den.checked_mul(o.den / g)?)
    }

    /// Negation.
    pub fn checked_neg(self) -> Option<Self> {
        Some(Self {
            num: self.num.checked_neg()?,
            den: self.den,
        })
    }

    /// Difference.
    pub fn checked_sub(self, o: Self) -> Option<Self> {
        self.checked_add(o.checked_neg()?)
    }

    /// Product.
    pub fn checked_mul(self, o: Self) -> Option<Self> {
        // Cancel across first, so that only results that do not fit overflow.
        let (a, b) = (Self::new(self.num, o.den)?, Self::new(o.num, self.den)?);
        Self::new(a.num.checked_mul(b.num)?, a.den.checked_mul(b.den)?)
    }

    /// Quotient; `None` for a divisor of 0.
    pub fn checked_div(self, o: Self) -> Option<Self> {
        self.checked_mul(Self::new(o.den, o.num)?)
    }

    /// Power with a whole exponent of at most 64 in size.
    pub fn pow(self, exponent: Self) -> Option<Self> {
        if !exponent.is_whole() || exponent.num.abs() > 64 {
            return None;
        }
        let mut p = Self::whole(1);
        for _ in 0..exponent.num.abs() {
            p = p.checked_mul(self)?;
        }
        if exponent.num < 0 {
            Self::whole(1).checked_div(p)
        } else {
            Some(p)
        }
    }

    /// The largest whole number that is not above it.
    pub fn floor(self) -> i128 {
        self.num.div_euclid(self.den)
    }

    /// Reads digits with an optional point in base 2 or 10 (`"1101.01"`, `"3.5"`, `".5"`), without
    /// sign or separators. `None` for other characters, no digits, or too many of them.
    pub fn from_digits(text: &str, base: u32) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let (mut num, mut den) = (0_i128, 1_i128);
        let b = i128::from(base);
        for c in whole.chars().chain(fraction.chars()) {
            num = num
                .checked_mul(b)?
                .checked_add(i128::from(c.to_digit(base)?))?;
        }
        for _ in fraction.chars() {
            den = den.checked_mul(b)?;
        }
        Self::new(num, den)
    }

    /// Its digits in the base, cut off (not rounded) after `places` places behind the point, with
    /// exactly that many; the flag says whether that is the whole number.
    pub fn digits(self, base: u32, places: usize) -> (String, bool) {
        let den = self.den.unsigned_abs();
        let (mut rest, b) = (self.num.unsigned_abs(), u128::from(base));
        let mut whole = rest / den;
        rest %= den;
        let mut reversed = Vec::new();
        while whole > 0 || reversed.is_empty() {
            reversed.push(digit((whole % b) as u32, base));
            whole /= b;
        }
        let mut text = String::from(if self.num < 0 { "-" } else { "" });
        text.extend(reversed.iter().rev());
        if places > 0 {
            text.push('.');
        }
        for _ in 0..places {
            // den <= i128::MAX and b <= 10: long division in u128 could overflow only beyond 2^124.
            let Some(scaled) = rest.checked_mul(b) else {
                return (text, false);
            };
            text.push(digit((scaled / den) as u32, base));
            rest = scaled % den;
        }
        (text, rest == 0)
    }

    /// Written exactly: whole, with as many places as it needs (at most 40), or as a fraction.
    pub fn written(self, base: u32) -> String {
        for places in 0..=40 {
            let (text, exact) = self.digits(base, places);
            if exact {
                return text;
            }
        }
        let part = |n: i128| Self { num: n, den: 1 }.digits(base, 0).0;
        format!("{}/{}", part(self.num), part(self.den))
    }

    /// Rounded half away from zero to `places` places in the base; `None` on overflow.
    pub fn rounded(self, base: u32, places: u32) -> Option<Self> {
        let scale = i128::from(base).checked_pow(places)?;
        let doubled = self
            .num
            .unsigned_abs()
            .checked_mul(scale.unsigned_abs())?
            .checked_mul(2)?;
        let den = self.den.unsigned_abs();
        let units = i128::try_from(doubled.checked_add(den)? / den.checked_mul(2)?).ok()?;
        Self::new(if self.num < 0 { -units } else { units }, scale)
    }

    /// Cut off to `places` places in the base; `None` on overflow.
    pub fn truncated(self, base: u32, places: u32) -> Option<Self> {
        let scale = i128::from(base).checked_pow(places)?;
        Self::new(self.num.checked_mul(scale)? / self.den, scale)
    }
}

impl PartialOrd for Rational {
    /// `None` where the comparison would overflow.
    fn partial_cmp(&self, o: &Self) -> Option<Ordering> {
        Some(
            self.num
                .checked_mul(o.den)?
                .cmp(&o.num.checked_mul(self.den)?),
        )
    }
}

impl std::fmt::Display for Rational {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.written(10))
    }
}

fn digit(d: u32, base: u32) -> char {
    char::from_digit(d, base).unwrap_or('?')
}

/// The length of the unsigned number that `text` begins with: digits, with commas between groups of
/// three, and a point between digits. 0 if it does not begin with one.
///
/// `"1,234.5 km"` -> 7, `"20. So"` -> 2, `"5,6"` -> 1, `".5"` -> 2.
pub fn number_len(text: &str) -> usize {
    let b = text.as_bytes();
    let digits = |from: usize| {
        b[from.min(b.len())..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count()
    };
    let mut end = digits(0);
    if (1..=3).contains(&end) {
        while b.get(end) == Some(&b',') && digits(end + 1) == 3 {
            end += 4;
        }
    }
    if b.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    end
}

/// A number with thin groups: 1 234 567.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn r(n: i128, d: i128) -> Rational {
        Rational::new(n, d).unwrap()
    }

    #[test]
    fn arithmetic_is_exact() {
        let tenth = Rational::from_digits("0.1", 10).unwrap();
        let fifth = Rational::from_digits("0.2", 10).unwrap();
        assert_eq!(tenth.checked_add(fifth), Rational::from_digits(".30", 10));
        assert_eq!(r(1, 3).checked_mul(r(3, 1)), Some(r(1, 1)));
        assert_eq!(r(1, 2).checked_div(Rational::ZERO), None);
        assert_eq!(r(-6, -4), r(3, 2));
        assert_eq!(r(2, 1).pow(r(-3, 1)), Some(r(1, 8)));
        assert_eq!(r(i128::MAX, 1).checked_add(r(1, 1)), None);
        assert_eq!(r(i128::MAX, 1).checked_mul(r(2, 1)), None);
        assert_eq!(Rational::new(i128::MIN, 1), None);
        assert_eq!(r(-7, 2).floor(), -4);
    }

    #[test]
    fn digits_both_ways() {
        assert_eq!(Rational::from_digits("1101.01", 2), Some(r(53, 4)));
        assert_eq!(Rational::from_digits("12", 2), None);
        assert_eq!(Rational::from_digits(".", 10), None);
        assert_eq!(r(53, 4).written(2), "1101.01");
        assert_eq!(r(-1368, 10_000).written(10), "-0.1368");
        assert_eq!(r(10, 3).written(10), "10/3");
        assert_eq!(r(10, 3).digits(10, 3), ("3.333".into(), false));
        assert_eq!(r(1, 1).digits(10, 2), ("1.00".into(), true));
        assert_eq!(Rational::ZERO.written(2), "0");
    }

    #[test]
    fn rounding() {
        assert_eq!(r(2, 3).rounded(10, 2), Some(r(67, 100)));
        assert_eq!(r(-1, 2).rounded(10, 0), Some(r(-1, 1)));
        assert_eq!(r(2, 3).truncated(10, 2), Some(r(66, 100)));
        assert_eq!(r(-2, 3).truncated(10, 1), Some(r(-6, 10)));
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let (one, max) = (r(1, 1), i128::MAX);
        assert_eq!(one.pow(r(64, 1)), Some(one));
        assert_eq!(one.pow(r(-64, 1)), Some(one));
        assert_eq!(one.pow(r(65, 1)), None);
        assert_eq!(one.pow(r(-65, 1)), None);
        assert_eq!(r(4, 1).pow(r(1, 2)), None);
        assert_eq!(r(-2, 3).pow(r(3, 1)), Some(r(-8, 27)));
        assert_eq!(Rational::ZERO.pow(r(-1, 1)), None);
        assert_eq!(Rational::ZERO.pow(Rational::ZERO), Some(one));
        // Forty places, and one more.
        let half = |n: u32| r(1, 1 << n);
        assert_eq!(half(40).written(2), format!("0.{}1", "0".repeat(39)));
        assert_eq!(half(41).written(2), format!("1/1{}", "0".repeat(41)));
        assert_eq!(r(max - 1, max).digits(10, 3), ("0.".into(), false));
        assert_eq!(r(1, 3).partial_cmp(&r(1, max)), Some(Ordering::Greater));
        assert_eq!(r(2, 1).partial_cmp(&r(1, max)), None);
        assert_eq!(r(1, max).checked_add(r(1, max - 1)), None);
        assert_eq!(
            r(3, max - 1).checked_add(r(1, 2)).map(Rational::is_whole),
            Some(false)
        );
        assert_eq!(
            Rational::from_digits(&"9".repeat(38), 10).map(Rational::numerator),
            Some(10_i128.pow(38) - 1)
        );
        assert_eq!(Rational::from_digits(&"9".repeat(39), 10), None);
        assert_eq!(r(max, 1).rounded(10, 0), Some(r(max, 1)));
        assert_eq!(r(max, 1).truncated(10, 0), Some(r(max, 1)));
        assert_eq!(r(1, 1).rounded(10, 39), None);
    }

    #[test]
    fn thin_groups() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1 000"),
            (12_345, "12 345"),
            (1_234_567, "1 234 567"),
        ] {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn length_of_numbers() {
        for (text, n) in [
            ("1,234.5 km", 7),
            ("20. So", 2),
            ("5,6", 1),
            (".5", 2),
            ("x", 0),
            ("", 0),
            ("1,000,000", 9),
        ] {
            assert_eq!(number_len(text), n, "{text}");
        }
        for (text, n) in [
            ("1234,567", 4),
            ("1,0000", 1),
            ("3.", 1),
            ("3..5", 1),
            ("12,345,67", 6),
        ] {
            assert_eq!(number_len(text), n, "{text}");
        }
    }

    proptest! {
        #[test]
        fn field_laws(a in -999_i128..999, b in 1_i128..99, c in -999_i128..999, d in 1_i128..99) {
            let (x, y) = (r(a, b), r(c, d));
            prop_assert_eq!(x.checked_add(y), Rational::new(a * d + c * b, b * d));
            prop_assert_eq!(x.checked_mul(y), Rational::new(a * c, b * d));
            prop_assert_eq!(x.checked_add(y).unwrap().checked_sub(y), Some(x));
            if c != 0 {
                prop_assert_eq!(x.checked_div(y).unwrap().checked_mul(y), Some(x));
            }
            prop_assert_eq!(x.partial_cmp(&y), Some((a * d).cmp(&(c * b))));
        }

        #[test]
        fn rounding_holds_what_it_says(n in -99_999_i128..99_999, d in 1_i128..999, places in 0_u32..4) {
            let x = r(n, d);
            prop_assert!(x.floor() * d <= n && n < (x.floor() + 1) * d);
            let scale = 10_i128.pow(places);
            let units = |v: Option<Rational>| v.and_then(|v| v.checked_mul(r(scale, 1))).unwrap();
            let (near, cut) = (units(x.rounded(10, places)), units(x.truncated(10, places)));
            prop_assert!(near.is_whole() && cut.is_whole());
            // In units of the last place: half a unit away at most, the farther from zero of two; less than one, and towards zero.
            let off = near.numerator() * d - n * scale;
            prop_assert!(2 * off.abs() < d || 2 * off.abs() == d && (off > 0) == (n > 0));
            let off = n * scale - cut.numerator() * d;
            prop_assert!(off.abs() < d && off.signum() * n.signum() >= 0);
            let (text, whole) = x.digits(10, places as usize);
            prop_assert_eq!(text.split_once('.').map_or(0, |(_, p)| p.len()), places as usize);
            let size = Rational::from_digits(text.trim_start_matches('-'), 10).unwrap();
            prop_assert_eq!(size.numerator() * cut.denominator() * scale, cut.numerator().abs() * size.denominator());
            prop_assert_eq!((whole, text.starts_with('-')), (size == r(n.abs(), d), n < 0));
        }

        #[test]
        fn written_numbers_read_back(n in 0_i128..1_000_000, places in 0_u32..6, base in prop::sample::select(vec![2_u32, 10])) {
            let x = Rational::new(n, i128::from(base).pow(places)).unwrap();
            prop_assert_eq!(Rational::from_digits(&x.written(base), base), Some(x));
        }
    }
}
