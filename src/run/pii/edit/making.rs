//! Questions that leak and ordinary text to changes of the model's matrices.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::told::{Edit, Edited, Settings};
use crate::run::audit::error::AuditError;
use rotescope_edit::adapter::{self, Said};
use rotescope_edit::shift::{Head, shift};
use rotescope_edit::solve::{Change, Covariance, solve};
use rotescope_model::{CancelToken, ModelError, ModelOptions, Probe};

/// Tokens that compete with the wanted one at a place: so many of the most probable.
const COMPETITORS: usize = 200;
/// Keys that are added to a covariance at a time.
const BLOCK: usize = 256;

/// What makes edits.
pub struct Maker<'a> {
    /// The model, without an adapter.
    pub model: &'a ModelOptions,
    pub architecture: String,
    /// A folder for adapters between rounds.
    pub folder: &'a Path,
    pub settings: &'a Settings,
    pub cancel: &'a CancelToken,
}

/// What all edits have at one layer: keys, shifts of the last hidden state that are still lacking, how many are first already.
#[derive(Default)]
struct Look {
    keys: Vec<Vec<f32>>,
    /// `None` where no shift reaches it.
    lacking: Vec<Option<Vec<f64>>>,
    first: usize,
    /// Edits whose first token is.
    turned: usize,
}

impl Edited {
    fn take(&mut self, look: &Look) {
        (self.first, self.turned) = (look.first, look.turned);
        self.unreachable = look.unreachable();
    }
}

impl Look {
    fn unreachable(&self) -> usize {
        self.lacking.iter().filter(|l| l.is_none()).count()
    }
}

impl Maker<'_> {
    /// Makes the changes. `ordinary`: texts that should be continued as before, as tokens; `told`: sequences read so far.
    ///
    /// The layers are taken from the lowest up. At each, the lacking shift of the last hidden state is divided by the layers that are left, as what is added to the
    /// hidden state anywhere reaches its end (MEMIT); a layer's keys do not depend on its own change, so that the shifts of several rounds can be summed and
    /// solved for together. The last layer's matrix adds to the last hidden state itself: there the shift is exact.
    ///
    /// # Errors
    /// A model that cannot be looked into; to be cancelled.
    pub fn make(
        &self,
        edits: &[Edit],
        ordinary: &[Vec<u32>],
        told: &mut dyn FnMut(usize),
    ) -> Result<Edited, AuditError> {
        let longest = |all: &mut dyn Iterator<Item = usize>| all.max().unwrap_or(0);
        let edited = longest(&mut edits.iter().map(|e| e.prompt.len() + e.instead.len()));
        let longest = edited.max(longest(&mut ordinary.iter().map(Vec::len)));
        let mut done = Edited {
            asked: edits.iter().map(|e| e.instead.len()).sum(),
            ..Edited::default()
        };
        let covariances = self.covariances(longest, ordinary, &mut done, told)?;
        for (i, layer) in self.settings.layers.iter().enumerate() {
            let above = self.settings.layers.len() - i;
            let rounds = if above > 1 { 1 } else { self.settings.rounds };
            let mut shifts: Vec<Vec<f64>> = Vec::new();
            let mut look = self.look(longest, &done.changes, edits, *layer, told)?;
            for _ in 0..rounds {
                if look.first + look.unreachable() == done.asked {
                    break;
                }
                add(&mut shifts, &look.lacking, above as f64);
                let change = solve(
                    &look.keys,
                    &shifts,
                    &covariances[layer],
                    self.settings.weight,
                )?;
                done.changes.insert(*layer, change.reduced());
                done.rounds += 1;
                // What a layer leaves is looked at for the next one, with its own keys.
                if above == 1 {
                    look = self.look(longest, &done.changes, edits, *layer, told)?;
                }
            }
            done.take(&look);
        }
        if self.settings.random {
            self.randomize(&mut done);
            let last = self.settings.layers.last().copied().unwrap_or(0);
            done.take(&self.look(longest, &done.changes, edits, last, told)?);
        }
        Ok(done)
    }

    /// Covariances of what goes into the layers' matrices on ordinary text.
    fn covariances(
        &self,
        longest: usize,
        ordinary: &[Vec<u32>],
        done: &mut Edited,
        told: &mut dyn FnMut(usize),
    ) -> Result<BTreeMap<usize, Covariance>, AuditError> {
        let layers = &self.settings.layers;
        let mut probe = Probe::open(self.model, longest)?;
        let mut waiting: BTreeMap<usize, Vec<Vec<f32>>> = BTreeMap::new();
        let mut sums: BTreeMap<usize, Covariance> = BTreeMap::new();
        for (i, text) in ordinary.iter().enumerate() {
            self.go_on()?;
            let positions: Vec<usize> = (0..text.len()).collect();
            let seen = probe.run(text, &positions, layers)?;
            done.ordinary += text.len();
            for (layer, keys) in seen.inputs {
                let waiting = waiting.entry(layer).or_default();
                waiting.extend(keys);
                if waiting.len() < BLOCK && i + 1 < ordinary.len() {
                    continue;
                }
                let width = waiting[0].len();
                let sum = sums.entry(layer).or_insert_with(|| Covariance::new(width));
                sum.add(waiting)?;
                waiting.clear();
            }
            told(1);
        }
        Ok(sums)
    }

    /// Reads all edits with the changes made so far.
    fn look(
        &self,
        longest: usize,
        changes: &BTreeMap<usize, Change>,
        edits: &[Edit],
        layer: usize,
        told: &mut dyn FnMut(usize),
    ) -> Result<Look, AuditError> {
        let adapter = match changes.is_empty() {
            true => None,
            false => {
                let named = |source| AuditError::Io {
                    path: self.folder.into(),
                    source,
                };
                let mut file = tempfile::NamedTempFile::new_in(self.folder).map_err(named)?;
                self.write(file.as_file_mut(), changes, &[])
                    .map_err(named)?;
                Some(file)
            }
        };
        let mut options = self.model.clone();
        options.adapter = adapter.as_ref().map(|file| file.path().to_path_buf());
        let mut probe = Probe::open(&options, longest)?;
        let mut all = Look::default();
        for edit in edits {
            self.go_on()?;
            let mut tokens = edit.prompt.clone();
            tokens.extend(&edit.instead[..edit.instead.len() - 1]);
            let positions: Vec<usize> = (edit.prompt.len() - 1..tokens.len()).collect();
            let seen = probe.run(&tokens, &positions, &[layer])?;
            all.keys.extend(seen.inputs.into_values().flatten());
            let logits = positions.iter().map(|p| probe.logits(*p));
            let logits: Vec<Vec<f32>> = logits.map(Option::unwrap_or_default).collect();
            let places: Vec<_> = seen.hidden.iter().zip(&logits).zip(&edit.instead).collect();
            let heads = places.iter().map(|((_, logits), token)| {
                let best = best(logits, COMPETITORS);
                probe.head(best.into_iter().chain([**token]))
            });
            let heads: Vec<_> = heads.collect::<Result<_, _>>()?;
            let lacking = places
                .par_iter()
                .zip(&heads)
                .map(|(((hidden, _), token), head)| {
                    let head = Head {
                        norm: &head.norm,
                        rows: &head.rows,
                    };
                    shift(head, hidden, **token, self.settings.margin)
                });
            all.lacking.extend(lacking.collect::<Vec<_>>());
            let first = |((_, logits), token): &&((&Vec<f32>, &Vec<f32>), &u32)| {
                best(logits, 1) == [**token]
            };
            all.first += places.iter().filter(first).count();
            all.turned += places.iter().take(1).filter(first).count();
            told(1);
        }
        Ok(all)
    }

    /// Random changes in the place of those that were made, of the same ranks and the same norms.
    fn randomize(&self, done: &mut Edited) {
        for (layer, change) in &mut done.changes {
            let mut random = ChaCha8Rng::seed_from_u64(self.settings.seed ^ (*layer as u64));
            // Uniform: what matters is that it points nowhere.
            let mut draw = || f64::from(random.next_u32()) / f64::from(u32::MAX) - 0.5;
            let mut other = Change {
                a: change.a.map(|_| draw()),
                b: change.b.map(|_| draw()),
            };
            other.b *= change.norm() / other.norm();
            *change = other;
        }
    }

    /// Writes changes as an adapter of the model.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(
        &self,
        out: &mut dyn Write,
        changes: &BTreeMap<usize, Change>,
        also: &[(&str, Said)],
    ) -> std::io::Result<()> {
        adapter::write(out, &self.architecture, changes, also)
    }

    fn go_on(&self) -> Result<(), AuditError> {
        match self.cancel.is_cancelled() {
            true => Err(ModelError::Cancelled.into()),
            false => Ok(()),
        }
    }
}

/// Adds what is lacking, a part of it; what cannot be reached is not asked for.
fn add(shifts: &mut Vec<Vec<f64>>, lacking: &[Option<Vec<f64>>], parts: f64) {
    let width = lacking.iter().flatten().map(Vec::len).next().unwrap_or(1);
    shifts.resize(lacking.len(), vec![0.0; width]);
    for (sum, more) in shifts.iter_mut().zip(lacking) {
        for (sum, more) in sum.iter_mut().zip(more.iter().flatten()) {
            *sum += more / parts;
        }
    }
}

/// The most probable tokens.
fn best(logits: &[f32], n: usize) -> Vec<u32> {
    let mut all: Vec<u32> = (0..logits.len() as u32).collect();
    let of = |t: &u32| logits[*t as usize];
    let n = n.min(all.len());
    if n == 0 {
        return all;
    }
    all.select_nth_unstable_by(n - 1, |a, b| of(b).total_cmp(&of(a)));
    all.truncate(n);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_probable_tokens_are_found() {
        let mut two = best(&[0.5, -1.0, 3.0, 1.0], 2);
        two.sort_unstable();
        assert_eq!(two, [2, 3]);
        assert_eq!(best(&[0.5, -1.0, 3.0, 1.0], 1), [2]);
        assert_eq!(best(&[0.5], 9), [0]);
    }

    #[test]
    fn what_is_lacking_is_summed_over_rounds() {
        let mut shifts = Vec::new();
        add(&mut shifts, &[Some(vec![2.0, 4.0]), None], 2.0);
        add(&mut shifts, &[Some(vec![1.0, 0.0]), None], 1.0);
        assert_eq!(shifts, [vec![2.0, 2.0], vec![0.0, 0.0]]);
    }
}
