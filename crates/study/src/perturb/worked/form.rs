//! How a number is written, so that another takes its form.

use rotescope_text::Rational;

use crate::perturb::numbers::with_commas;

/// The form of digits: `1,250`, `3.50`, `.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberForm {
    commas: bool,
    /// Places behind the point.
    places: usize,
    /// A number below 1 begins with its point.
    bare: bool,
}

/// More places than this are no number of a story.
const PLACES: usize = 8;

impl NumberForm {
    pub fn of(digits: &str) -> NumberForm {
        NumberForm {
            commas: digits.contains(','),
            places: digits.split_once('.').map_or(0, |(_, p)| p.len()),
            bare: digits.starts_with('.'),
        }
    }

    /// The value in this form; of money with two places or none.
    pub fn write_sum(self, value: Rational, money: bool) -> Option<String> {
        let cents = money && !value.is_whole() && self.places < 2;
        NumberForm {
            places: if cents { 2 } else { self.places },
            ..self
        }
        .write(value)
    }

    /// The value in this form, with more places only where it needs them. `None` where it has no end.
    pub fn write(self, value: Rational) -> Option<String> {
        let text = (self.places..=self.places.max(PLACES))
            .map(|p| value.digits(10, p))
            .find_map(|(text, exact)| exact.then_some(text))?;
        let text = if self.commas {
            with_commas(&text)
        } else {
            text
        };
        match text.strip_prefix('0') {
            Some(rest) if self.bare && rest.starts_with('.') => Some(rest.into()),
            _ => Some(text),
        }
    }
}

/// Places behind the point that a value needs; `None` if it has no end within some.
pub fn places(value: Rational) -> Option<usize> {
    (0..=PLACES).find(|p| value.digits(10, *p).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_form() {
        let value = |n, d| Rational::new(n, d).unwrap();
        let write = |form, n, d| NumberForm::of(form).write(value(n, d));
        assert_eq!(write("3.50", 17, 4).as_deref(), Some("4.25"));
        assert_eq!(write("3.50", 4, 1).as_deref(), Some("4.00"));
        assert_eq!(write("1,250", 80_000, 1).as_deref(), Some("80,000"));
        assert_eq!(write("12", 1, 4).as_deref(), Some("0.25"));
        assert_eq!(write(".5", 3, 4).as_deref(), Some(".75"));
        assert_eq!(write("5", 1, 3), None);
        assert_eq!(places(value(1, 8)), Some(3));
    }
}
