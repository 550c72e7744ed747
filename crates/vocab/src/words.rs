//! What one thread needs to encode: a cache of pieces met before, and buffers.

use std::sync::Mutex;

use rustc_hash::FxHashMap;

use super::split::Buffers;

/// Pieces longer than this are not kept.
const LONGEST: usize = 48;
const MOST: usize = 1 << 16;

/// The ids of pieces met before.
#[derive(Default)]
pub(super) struct Words {
    // A fast hash: whoever could choose words that collide would only slow down the reading of their own text.
    known: FxHashMap<Box<[u8]>, (u32, u32)>,
    ids: Vec<u32>,
}

impl Words {
    /// Appends the ids of `word` to `out`, from `encode` if they are not known yet.
    pub(super) fn encode<E>(
        &mut self,
        word: &[u8],
        out: &mut Vec<u32>,
        encode: impl FnOnce(&mut Vec<u32>) -> Result<(), E>,
    ) -> Result<(), E> {
        if word.len() > LONGEST {
            return encode(out);
        }
        if let Some(&(start, end)) = self.known.get(word) {
            out.extend_from_slice(&self.ids[start as usize..end as usize]);
            return Ok(());
        }
        let before = out.len();
        encode(out)?;
        if self.known.len() >= MOST {
            self.known.clear();
            self.ids.clear();
        }
        let start = self.ids.len() as u32;
        self.ids.extend_from_slice(&out[before..]);
        self.known
            .insert(word.into(), (start, self.ids.len() as u32));
        Ok(())
    }
}

/// The working memory of one thread.
#[derive(Default)]
pub(super) struct Desk {
    pub words: Words,
    pub split: Buffers,
    pub merge: super::bpe::Buffers,
    pub text: String,
}

/// Desks that no thread sits at; they keep what they have learnt from call to call.
#[derive(Default)]
pub(super) struct Desks(Mutex<Vec<Desk>>);

impl Desks {
    pub(super) fn take(&self) -> Seat<'_> {
        let desk = match self.0.lock() {
            Ok(mut free) => free.pop(),
            Err(_) => None,
        };
        Seat {
            desks: self,
            desk: desk.unwrap_or_default(),
        }
    }
}

/// A desk in use; it goes back when this is dropped.
pub(super) struct Seat<'a> {
    desks: &'a Desks,
    pub desk: Desk,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if let Ok(mut free) = self.desks.0.lock() {
            free.push(std::mem::take(&mut self.desk));
        }
    }
}
