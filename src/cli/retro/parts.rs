//! What both commands read of their options.

use rotescope_retro::Weights;

/// `W`, or `SPARSE/SEVERAL`.
pub fn weights(text: &str) -> Result<Weights, String> {
    let number = |t: &str| {
        let parsed = t.trim().parse::<f64>();
        parsed.map_err(|_| format!("{t:?} is no number; give one from 0 to 1, or two as .8/.2"))
    };
    let (sparse, dense) = text.split_once('/').unwrap_or((text, text));
    Weights::new(number(sparse)?, number(dense)?).map_err(|e| e.to_string())
}
