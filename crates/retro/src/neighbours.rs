//! The places of a corpus whose hidden states are nearest to one, and what stands there (kNN-LM: Khandelwal et al., 2020, arXiv 1911.00172).

use std::sync::{Mutex, PoisonError};

use instant_distance::{Builder, HnswMap, Search};
use serde::{Deserialize, Serialize};

use crate::error::RetroError;
use crate::key::Key;
use crate::retriever::{Place, Retrieved, Retriever, Without};

/// Neighbours that a search looks through: no more can be asked for.
pub const MOST: usize = 100;

/// Keys whose nearest other one says how far apart keys are.
const SAMPLE: usize = 500;

/// What belongs to a hidden state of the corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The token that stands behind it; `None` is the end of the document.
    pub next: Option<u32>,
    pub document: u64,
    /// Tokens of the document before that token.
    pub position: u32,
}

/// Hidden states by what is near: a graph of small worlds (HNSW: Malkov and Yashunin, 2016), whose answers may lack a neighbour.
#[derive(Serialize, Deserialize)]
pub struct Store {
    width: usize,
    /// Mean squared distance of a key to the nearest other one.
    spread: f32,
    map: HnswMap<Key, Entry>,
}

impl Store {
    /// Builds the graph, which takes some milliseconds a key; on one thread, so that equal keys give equal bytes. Keys are as wide as each other.
    ///
    /// # Errors
    /// No keys, or no thread for it.
    pub fn new(keys: Vec<Key>, entries: Vec<Entry>) -> Result<Store, RetroError> {
        let width = keys.first().ok_or(RetroError::NoKeys)?.width();
        let threads = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let threads = threads.map_err(|e| RetroError::Thread(e.to_string()))?;
        let graph = Builder::default()
            .seed(0)
            .ef_construction(MOST)
            .ef_search(MOST);
        let map = threads.install(|| graph.build(keys, entries));
        let mut store = Store {
            width,
            spread: 0.0,
            map,
        };
        store.spread = store.measured();
        Ok(store)
    }

    /// 1 where all keys that were looked at have an equal one.
    fn measured(&self) -> f32 {
        let step = self.len().div_ceil(SAMPLE).max(1);
        let (mut sum, mut count) = (0.0, 0.0);
        let mut search = Search::default();
        for (_, key) in self.map.iter().step_by(step) {
            // The first is the key itself.
            if let Some(other) = self.map.search(key, &mut search).nth(1) {
                sum += other.distance;
                count += 1.0;
            }
        }
        if sum > 0.0 { sum / count } else { 1.0 }
    }

    /// As [`Store::from_bytes`] reads it.
    ///
    /// # Errors
    /// None but of memory.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RetroError> {
        postcard::to_stdvec(self).map_err(|e| RetroError::Bytes(e.to_string()))
    }

    /// Bytes that came through a file whole: others may be read as another store, or one that panics when it is asked.
    ///
    /// # Errors
    /// Bytes of something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Store, RetroError> {
        postcard::from_bytes(bytes).map_err(|e| RetroError::Bytes(e.to_string()))
    }

    pub fn len(&self) -> usize {
        self.map.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.map.values.is_empty()
    }

    /// Numbers of a key.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Squared distances of the nearest keys, the nearest first, and what belongs to them; 100 at most.
    fn nearest(&self, key: &Key, search: &mut Search) -> Vec<(f32, Entry)> {
        let found = self.map.search(key, search).take(MOST);
        found.map(|f| (f.distance, *f.value)).collect()
    }
}

/// How many neighbours count, and how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeighbourOptions {
    /// 100 at most.
    pub neighbours: usize,
    /// In the mean squared distance of a key of the store to the nearest other one: the farther the better the higher it is.
    pub temperature: f64,
}

impl Default for NeighbourOptions {
    fn default() -> Self {
        NeighbourOptions {
            neighbours: 32,
            temperature: 1.0,
        }
    }
}

/// `p(w)` proportional to the sum of `exp(-d / T)` over the nearest keys behind which `w` stands, `d` their squared distances.
pub struct Neighbours {
    store: Store,
    end: Option<u32>,
    options: NeighbourOptions,
    search: Mutex<Search>,
}

impl Neighbours {
    /// `end`: the token that stands for the end of a document; without one, ends are no neighbours.
    pub fn new(store: Store, end: Option<u32>, options: NeighbourOptions) -> Neighbours {
        Neighbours {
            store,
            end,
            options,
            search: Mutex::default(),
        }
    }

    fn at(&self, hidden: &[f32], without: Option<&Without>) -> Result<Retrieved, RetroError> {
        if hidden.len() != self.store.width {
            return Err(RetroError::Width {
                state: hidden.len(),
                store: self.store.width,
            });
        }
        let mut search = self.search.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.store.nearest(&Key::new(hidden), &mut search);
        let known = |e: &Entry| !without.is_some_and(|w| w.has(e.document));
        let known = found.into_iter().filter(|(_, e)| known(e));
        let tokens = known.filter_map(|(d, e)| Some((d, e.next.or(self.end)?)));
        let near: Vec<(f32, u32)> = tokens.take(self.options.neighbours).collect();
        let Some(&(first, _)) = near.first() else {
            return Ok(Retrieved::default());
        };
        let unit = self.options.temperature * f64::from(self.store.spread);
        let mut shares: Vec<(u32, f64)> = Vec::new();
        for (d, id) in &near {
            let share = (-f64::from(d - first) / unit).exp();
            match shares.iter_mut().find(|s| s.0 == *id) {
                Some(known) => known.1 += share,
                None => shares.push((*id, share)),
            }
        }
        let sum: f64 = shares.iter().map(|s| s.1).sum();
        shares.iter_mut().for_each(|s| s.1 /= sum);
        // So far away that it is no number above 0.
        shares.retain(|s| s.1 > 0.0);
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(Retrieved {
            tokens: shares,
            length: 0,
            count: near.len() as u64,
        })
    }
}

impl Retriever for Neighbours {
    fn retrieve(&self, places: &[Place<'_>]) -> Result<Vec<Retrieved>, RetroError> {
        let one = |p: &Place<'_>| self.at(p.hidden.ok_or(RetroError::NoHidden)?, p.without);
        places.iter().map(one).collect()
    }

    fn reads_hidden(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use instant_distance::Point;
    use proptest::prelude::*;
    use rotescope_corpus::MemoryCorpus;

    fn entry(next: Option<u32>, document: u64) -> Entry {
        Entry {
            next,
            document,
            position: 1,
        }
    }

    fn of(states: &[(&[f32], Entry)]) -> Store {
        let keys = states.iter().map(|s| Key::new(s.0)).collect();
        Store::new(keys, states.iter().map(|s| s.1).collect()).unwrap()
    }

    fn at(neighbours: &Neighbours, hidden: &[f32]) -> Retrieved {
        let place = Place {
            hidden: Some(hidden),
            ..Place::default()
        };
        neighbours.retrieve(&[place]).unwrap().remove(0)
    }

    #[test]
    fn shares_are_those_by_hand() {
        let states: [(&[f32], Entry); 4] = [
            (&[0.0, 0.0], entry(Some(7), 0)),
            (&[0.0, 2.0], entry(Some(8), 1)),
            (&[2.0, 0.0], entry(Some(7), 2)),
            (&[0.0, 40.0], entry(None, 3)),
        ];
        let with = |neighbours, end| {
            let options = NeighbourOptions {
                neighbours,
                ..NeighbourOptions::default()
            };
            Neighbours::new(of(&states), end, options)
        };
        // Nearest others: 4, 4, 4, 1444.
        let spread: f32 = (3.0 * 4.0 + 38.0 * 38.0) / 4.0;
        assert_eq!(of(&states).spread, spread);
        // Squared distances to 0 1 are 1, 1, 5.
        let found = at(&with(3, None), &[0.0, 1.0]);
        let far = (-4.0 / f64::from(spread)).exp();
        assert!((found.probability(7) - (1.0 + far) / (2.0 + far)).abs() < 1e-9);
        assert!((found.probability(8) - 1.0 / (2.0 + far)).abs() < 1e-9);
        assert_eq!((found.length, found.count), (0, 3));
        assert!(at(&with(1, None), &[0.0, 3.0]).is_sparse());
        // An end of a document is a token if there is one for it.
        assert_eq!(at(&with(1, Some(9)), &[0.0, 39.0]).tokens, [(9, 1.0)]);
        assert_eq!(at(&with(1, None), &[0.0, 39.0]).tokens, [(8, 1.0)]);
        // Documents that are left out are no neighbours.
        let corpus = MemoryCorpus::of_tokens("toy", vec![vec![1]; 4]);
        let without = Without::new(&corpus, vec![0, 2]).unwrap();
        let place = Place {
            hidden: Some(&[0.0, 0.0]),
            without: Some(&without),
            ..Place::default()
        };
        let found = with(1, None).retrieve(&[place]).unwrap().remove(0);
        assert_eq!(found.tokens, [(8, 1.0)]);
        // What is no state of this model is refused.
        let wrong = [None, Some(&[1.0][..])].map(|hidden| {
            let place = Place {
                hidden,
                ..Place::default()
            };
            with(1, None).retrieve(&[place]).unwrap_err()
        });
        assert!(matches!(
            wrong,
            [RetroError::NoHidden, RetroError::Width { .. }]
        ));
        assert!(matches!(
            Store::new(Vec::new(), Vec::new()),
            Err(RetroError::NoKeys)
        ));
    }

    /// States as models have them: clouds in few dimensions of many.
    fn clouds(count: usize) -> Vec<Key> {
        let mut x = 1u64;
        let mut random = || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (x >> 40) as f32 / (1u64 << 24) as f32 - 0.5
        };
        let bases: Vec<f32> = (0..16 * 64).map(|_| random()).collect();
        let centers: Vec<f32> = (0..50 * 16).map(|_| random() * 8.0).collect();
        let one = |i: usize| {
            let center = &centers[i % 50 * 16..][..16];
            let place: Vec<f32> = center.iter().map(|c| c + random()).collect();
            let at = |j: usize| -> f32 { (0..16).map(|b| place[b] * bases[b * 64 + j]).sum() };
            let state: Vec<f32> = (0..64).map(at).collect();
            Key::new(&state)
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn nearly_all_neighbours_are_found_and_equal_keys_give_equal_bytes() {
        let mut keys = clouds(5_100);
        let asked = keys.split_off(5_000);
        let entries: Vec<Entry> = (0..5_000).map(|i| entry(Some(i), 0)).collect();
        let store = Store::new(keys.clone(), entries.clone()).unwrap();
        let mut search = Search::default();
        let (mut found, mut all) = (0, 0);
        for key in &asked {
            let mut exact: Vec<(f32, u32)> =
                keys.iter().map(|k| key.distance(k)).zip(0..).collect();
            exact.sort_by(|a, b| a.0.total_cmp(&b.0));
            let near = store.nearest(key, &mut search);
            assert!(near.is_sorted_by(|a, b| a.0 <= b.0));
            for (_, i) in &exact[..16] {
                found += u32::from(near[..16].iter().any(|n| n.1.next == Some(*i)));
                all += 1;
            }
        }
        let recall = f64::from(found) / f64::from(all);
        eprintln!("recall at 16 of 5 000 keys: {recall:.4}");
        assert!(recall > 0.98, "{recall}");
        let bytes = store.to_bytes().unwrap();
        let again = Store::new(keys, entries).unwrap();
        assert_eq!(again.to_bytes().unwrap(), bytes);
        let read = Store::from_bytes(&bytes).unwrap();
        assert_eq!(
            read.nearest(&asked[0], &mut search),
            store.nearest(&asked[0], &mut search)
        );
        assert_eq!((read.len(), read.width()), (5_000, 64));
    }

    proptest! {
        #[test]
        fn shares_sum_to_one(
            states in prop::collection::vec((prop::array::uniform3(-9.0f32..9.0), 0u32..4), 1..40),
            asked in prop::array::uniform3(-99.0f32..99.0),
            neighbours in 1usize..50,
            temperature in 0.001f64..100.0,
        ) {
            let all: Vec<(&[f32], Entry)> = states.iter().map(|(s, id)| (&s[..], entry(Some(*id), 0))).collect();
            let found = at(&Neighbours::new(of(&all), None, NeighbourOptions { neighbours, temperature }), &asked);
            let sum: f64 = found.tokens.iter().map(|t| t.1).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9, "{}", sum);
            prop_assert!(found.tokens.iter().all(|t| t.1 > 0.0) && found.tokens.is_sorted_by(|a, b| a.1 >= b.1));
            prop_assert_eq!(found.count, states.len().min(neighbours) as u64);
        }
    }
}
