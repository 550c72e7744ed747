//! Currencies in front of numbers.

use super::numeral::{Marks, numeral};
use crate::number::Rational;

/// Currency signs; those in front of a number may follow letters, as in `US$`.
pub(super) const SIGNS: &str = "$€£¥₹₩₽¢";

/// Signs and a currency in front of a number: is it negative, which currency, what follows.
pub(super) fn front(text: &str) -> (bool, Option<&str>, &str) {
    let (mut negative, mut currency) = (false, None);
    let mut rest = text.trim_start();
    for _ in 0..4 {
        // A minus sign belongs to the number unless a currency stands between.
        let signed = rest.strip_prefix('-').map(str::trim_start);
        if let Some(r) = signed.filter(|r| sign(r).is_some()) {
            (negative, rest) = (!negative, r);
        } else if let Some((name, r)) = sign(rest).filter(|_| currency.is_none()) {
            (currency, rest) = (Some(name), r.trim_start());
        } else {
            break;
        }
    }
    (negative, currency, rest)
}

/// The currency that a text begins with: `$`, `US$`, `EUR`.
fn sign(text: &str) -> Option<(&str, &str)> {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let after = &text[letters..];
    if let Some(c) = after
        .chars()
        .next()
        .filter(|c| SIGNS.contains(*c) && letters <= 3)
    {
        let (name, rest) = after.split_at(c.len_utf8());
        return Some((name, rest));
    }
    let code = &text[..text.bytes().take_while(u8::is_ascii_alphabetic).count()];
    let rest = text[code.len()..].trim_start_matches(['.', ' ']);
    (matches!(
        code,
        "USD" | "EUR" | "GBP" | "JPY" | "CNY" | "RMB" | "INR" | "Rs" | "CHF"
    ) && numeral(rest, Marks::LIST).is_some())
    .then_some((code, rest))
}

/// The factor that a letter behind a sum stands for, and what follows it: `$5k`, `$2.5M`.
pub(super) fn abbreviated(text: &str) -> Option<(Rational, &str)> {
    let factor = match text.chars().next()? {
        'k' | 'K' => 1000,
        'M' => 1_000_000,
        'B' => 1_000_000_000,
        _ => return None,
    };
    let after = &text[1..];
    (!after.starts_with(char::is_alphabetic)).then(|| (Rational::whole(factor), after))
}
