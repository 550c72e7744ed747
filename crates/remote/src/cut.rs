//! Text of one tokenizer's tokens, cut by another.

use rotescope_vocab::{Encode, VocabError};

/// The two tokenizers.
#[derive(Clone, Copy)]
pub struct Cutter<'a> {
    /// Whose ids come out.
    pub index: &'a dyn Encode,
    /// Whose ids go in.
    pub model: &'a dyn Encode,
}

/// What stands before a token, as text and as ids of the index.
pub struct Context {
    text: String,
    /// Bytes behind the text that are the beginning of a character.
    begun: Vec<u8>,
    pub ids: Vec<u32>,
    /// Where in the text each id begins.
    starts: Vec<usize>,
}

/// A context and one more token of the model, cut as one text.
pub struct Joined {
    pub ids: Vec<u32>,
    starts: Vec<usize>,
    /// How many ids of the context stand unchanged at the beginning.
    pub kept: usize,
}

impl Context {
    /// Bytes of its text, up to its last whole character.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    pub fn start_of(&self, id: usize) -> usize {
        self.starts.get(id).copied().unwrap_or(self.text.len())
    }

    /// Bytes from a byte on, with those of a character that is only begun.
    pub fn bytes_from(&self, byte: usize) -> usize {
        self.text.len() + self.begun.len() - byte.min(self.text.len())
    }

    /// The ids from a byte on.
    pub fn from(&self, byte: usize) -> &[u32] {
        &self.ids[self.starts.partition_point(|&s| s < byte)..]
    }
}

impl Joined {
    /// The one id behind the context, where all ids of the context stay and one comes to them. `None`: the token changes what is before it, or
    /// is several.
    pub fn single(&self, context: &Context) -> Option<u32> {
        let all_stay = self.kept == context.ids.len() && self.ids.len() == self.kept + 1;
        all_stay.then(|| self.ids[self.kept])
    }

    pub fn start_of(&self, id: usize) -> usize {
        self.starts[id]
    }

    /// The first id that reaches beyond a byte.
    pub fn first_own(&self, byte: usize) -> usize {
        let begins_behind = self.starts.partition_point(|&s| s < byte);
        let reaches = |i: usize| self.starts.get(i + 1).is_none_or(|&end| end > byte);
        match begins_behind {
            0 => 0,
            // The one before it may begin before the byte and end behind.
            i if i == self.starts.len() || self.starts[i] > byte => i - usize::from(reaches(i - 1)),
            i => i,
        }
    }

    /// The ids from a byte on, with the one that the byte is within.
    pub fn from(&self, byte: usize) -> &[u32] {
        let at = self.starts.partition_point(|&s| s < byte);
        let begins_there = self.starts.get(at) == Some(&byte);
        &self.ids[if begins_there {
            at
        } else {
            at.saturating_sub(1)
        }..]
    }
}

impl Cutter<'_> {
    /// Cuts what stands before a token. `is_cut`: there is more before it, so that it may begin within a word.
    pub fn context(&self, tokens: &[u32], is_cut: bool) -> Result<Context, VocabError> {
        let bytes = self.bytes(tokens);
        let mut text = readable(&bytes);
        // Behind the first space a word begins anew.
        if is_cut && let Some(space) = text.0.find(char::is_whitespace) {
            text.0 = &text.0[space..];
        }
        let (ids, starts) = self.cut(text.0)?;
        Ok(Context {
            text: text.0.to_string(),
            begun: text.1.to_vec(),
            ids,
            starts,
        })
    }

    /// Cuts a context and a token behind it. `None`: together they do not end with a whole character, or the token has no text.
    pub fn join(&self, context: &Context, token: u32) -> Result<Option<Joined>, VocabError> {
        let added = [&context.begun[..], &self.model.token_bytes(token)].concat();
        let Ok(added) = std::str::from_utf8(&added) else {
            return Ok(None);
        };
        if added.is_empty() {
            return Ok(None);
        }
        let (ids, starts) = self.cut(&format!("{}{added}", context.text))?;
        let same = ids.iter().zip(&context.ids).take_while(|(a, b)| a == b);
        let kept = same.count();
        Ok((kept < ids.len()).then_some(Joined { ids, starts, kept }))
    }

    /// Cuts an n-gram alone, without the space that some tokenizers put before a text. `None`: it is no text.
    pub fn alone(&self, tokens: &[u32]) -> Result<Option<Vec<u32>>, VocabError> {
        let bytes = self.bytes(tokens);
        let Ok(text) = std::str::from_utf8(&bytes) else {
            return Ok(None);
        };
        let (ids, _) = self.cut(text)?;
        if self.length(&ids) <= text.len() {
            return Ok(Some(ids));
        }
        // The space is put before a line break, which makes a token of its own with nothing.
        let (behind, starts) = self.cut(&format!("\n{text}"))?;
        Ok(Some(match starts.iter().position(|&s| s == 1) {
            Some(at) => behind[at..].to_vec(),
            None => ids,
        }))
    }

    /// How many whole tokens of the model the last bytes of their text are.
    pub fn whole_tokens(&self, tokens: &[u32], bytes: usize) -> usize {
        let mut left = bytes;
        let fits = |&&id: &&u32| {
            let len = self.model.token_bytes(id).len();
            let fits = len <= left;
            left = left.saturating_sub(len);
            fits
        };
        tokens.iter().rev().take_while(fits).count()
    }

    fn bytes(&self, tokens: &[u32]) -> Vec<u8> {
        tokens
            .iter()
            .flat_map(|&id| self.model.token_bytes(id))
            .collect()
    }

    fn length(&self, ids: &[u32]) -> usize {
        ids.iter().map(|&id| self.index.token_bytes(id).len()).sum()
    }

    /// Ids of a text, and where in it each begins. What a tokenizer puts before the text begins where the text does.
    fn cut(&self, text: &str) -> Result<(Vec<u32>, Vec<usize>), VocabError> {
        let ids = self.index.encode_batch(&[text])?.pop().unwrap_or_default();
        let put_before = self.length(&ids).saturating_sub(text.len());
        let mut at = 0usize;
        let starts = ids.iter().map(|&id| {
            let start = at.saturating_sub(put_before);
            at += self.index.token_bytes(id).len();
            start
        });
        let starts = starts.collect();
        Ok((ids, starts))
    }
}

/// The text at the end of some bytes: what is behind the last byte that is none, and behind it the beginning of a character.
fn readable(bytes: &[u8]) -> (&str, &[u8]) {
    let mut from = 0;
    loop {
        match std::str::from_utf8(&bytes[from..]) {
            Ok(text) => return (text, &[]),
            Err(e) => {
                let valid = from + e.valid_up_to();
                match e.error_len() {
                    Some(len) => from = valid + len,
                    None => {
                        let text = std::str::from_utf8(&bytes[from..valid]).unwrap_or_default();
                        return (text, &bytes[valid..]);
                    }
                }
            }
        }
    }
}
