//! Kinds of personal data.

use serde::{Deserialize, Serialize};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An e-mail address, also one that is spelled against robots.
    Email,
    /// The name of a person in the address of a page.
    Url,
    Iban,
    Card,
    /// A national number of a person.
    Id,
    Ip,
    /// A key or password of a program.
    Key,
    Birth,
    Phone,
    /// A street with its number, or a P.O. box.
    Address,
}

impl Kind {
    /// All, the surest first: where two overlap, the earlier one holds.
    pub const ALL: [Kind; 10] = [
        Kind::Email,
        Kind::Url,
        Kind::Iban,
        Kind::Card,
        Kind::Id,
        Kind::Ip,
        Kind::Key,
        Kind::Birth,
        Kind::Phone,
        Kind::Address,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Email => "email",
            Kind::Url => "url",
            Kind::Iban => "iban",
            Kind::Card => "card",
            Kind::Id => "id",
            Kind::Ip => "ip",
            Kind::Key => "key",
            Kind::Birth => "birth",
            Kind::Phone => "phone",
            Kind::Address => "address",
        }
    }

    pub fn of_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.name() == name)
    }

    /// What stands for a value of it that is not shown.
    pub fn placeholder(self) -> &'static str {
        match self {
            Kind::Email => "[EMAIL]",
            Kind::Url => "[HANDLE]",
            Kind::Iban => "[IBAN]",
            Kind::Card => "[CARD]",
            Kind::Id => "[ID]",
            Kind::Ip => "[IP]",
            Kind::Key => "[KEY]",
            Kind::Birth => "[BIRTH]",
            Kind::Phone => "[PHONE]",
            Kind::Address => "[ADDRESS]",
        }
    }
}
