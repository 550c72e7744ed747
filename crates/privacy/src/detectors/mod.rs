//! One file a kind.

mod address;
mod around;
mod birth;
mod card;
mod email;
mod iban;
mod id;
mod ip;
mod key;
mod numbers;
mod phone;
mod url;

use crate::detector::{Country, Detector};
use crate::kind::Kind;

/// The detector of a kind.
pub(crate) fn of(kind: Kind, countries: &[Country]) -> Box<dyn Detector> {
    match kind {
        Kind::Email => Box::new(email::Email::new()),
        Kind::Url => Box::new(url::Url::new()),
        Kind::Iban => Box::new(iban::Iban::new()),
        Kind::Card => Box::new(card::Card),
        Kind::Id => Box::new(id::Id::new(countries)),
        Kind::Ip => Box::new(ip::Ip::new()),
        Kind::Key => Box::new(key::Key::new()),
        Kind::Birth => Box::new(birth::Birth::new()),
        Kind::Phone => Box::new(phone::Phone),
        Kind::Address => Box::new(address::Address::new()),
    }
}
