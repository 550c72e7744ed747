//! How numbers are written in the answers to a prompt.

use rotescope_text::Locale;
use rotescope_trace::Prompt;

/// The prompt's own `locale`; where it has none, or one that [`check`] refuses, point.
pub fn of(prompt: &Prompt) -> Locale {
    let own = prompt.locale.as_deref();
    own.and_then(|l| l.parse().ok()).unwrap_or_default()
}

/// Whether the locale of a prompt, if it has one, is known.
///
/// # Errors
/// It is not; the message names those that are.
pub fn check(prompt: &Prompt) -> Result<(), String> {
    let own = prompt.locale.as_deref();
    own.map_or(Ok(()), |l| l.parse::<Locale>().map(drop))
}
