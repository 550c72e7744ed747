//! Token ids of a text that stands within another one.

use rotescope_model::Engine;

/// The ids by which a model's tokenizer writes a text that stands within another one; `None` where it has none that read exactly so. Some
/// tokenizers put a space before what they take for the beginning of a text: then the tokens behind a line break are taken.
pub fn ids_within(engine: &Engine, text: &str) -> Option<Vec<u32>> {
    let bytes =
        |ids: &[u32]| -> Vec<u8> { ids.iter().flat_map(|&id| engine.token_bytes(id)).collect() };
    let ids = engine.tokenize(text, false, false);
    if bytes(&ids) == text.as_bytes() {
        return Some(ids);
    }
    let ids = engine.tokenize(&format!("\n{text}"), false, false);
    let from = (0..ids.len()).find(|&i| bytes(&ids[i..]) == text.as_bytes())?;
    Some(ids[from..].to_vec())
}
