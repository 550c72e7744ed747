//! One row of logits: probabilities, rank, entropy, best candidates.
//!
//! With a vocabulary of 150,000 this runs once per generated token, so each quantity takes one pass, written so
//! that the compiler uses vector instructions. Sums are in `f64`.

/// A possible next token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    pub id: u32,
    /// Probability under the full softmax, before any sampling transform.
    pub probability: f64,
}

/// The model's distribution over the next token: the softmax of one row of logits.
///
/// With `m = max x` and `Z = sum exp(x_i - m)`: `log P_i = x_i - m - ln Z`, and the entropy is
/// `ln Z - (sum exp(x_i - m) (x_i - m)) / Z` nats. The variance of `log P` is that of `x_i - m`, from its first two moments.
#[derive(Clone, Copy, Debug)]
pub struct Softmax<'a> {
    logits: &'a [f32],
    best: u32,
    max: f64,
    log_z: f64,
    entropy: f64,
    deviation: f64,
}

/// Lanes of the accumulators: wide enough for AVX-512 in `f32`, a multiple of every narrower vector.
const LANES: usize = 16;

/// Below this distance from the maximum, `exp` counts as `exp(-700)`, about 1e-304: `-inf` stays harmless.
const FLOOR: f64 = -700.0;

impl<'a> Softmax<'a> {
    /// Works out the distribution. `None` if a logit is NaN or infinite above, or none is finite.
    pub fn new(logits: &'a [f32]) -> Option<Self> {
        let best = argmax(logits)?;
        let max = f64::from(logits[best as usize]);
        let mut z = [0.0f64; LANES];
        let mut weighted = [0.0f64; LANES];
        let mut squares = [0.0f64; LANES];
        let mut chunks = logits.chunks_exact(LANES);
        for chunk in &mut chunks {
            for lane in 0..LANES {
                let x = (f64::from(chunk[lane]) - max).max(FLOOR);
                let e = exp(x);
                z[lane] += e;
                weighted[lane] += e * x;
                squares[lane] += e * x * x;
            }
        }
        for (lane, &logit) in chunks.remainder().iter().enumerate() {
            let x = (f64::from(logit) - max).max(FLOOR);
            let e = exp(x);
            z[lane] += e;
            weighted[lane] += e * x;
            squares[lane] += e * x * x;
        }
        let z: f64 = z.iter().sum();
        let mean = weighted.iter().sum::<f64>() / z;
        let square = squares.iter().sum::<f64>() / z;
        Some(Self {
            logits,
            best,
            max,
            log_z: z.ln(),
            entropy: (z.ln() - mean).max(0.0),
            deviation: (square - mean * mean).max(0.0).sqrt(),
        })
    }

    /// Number of tokens.
    pub fn size(&self) -> usize {
        self.logits.len()
    }

    /// The most probable token; the lowest id among equals.
    pub fn best(&self) -> u32 {
        self.best
    }

    /// Natural logarithm of the probability; `-inf` for an id outside the vocabulary.
    pub fn log_probability(&self, id: u32) -> f64 {
        match self.logits.get(id as usize) {
            Some(&x) => f64::from(x) - self.max - self.log_z,
            None => f64::NEG_INFINITY,
        }
    }

    pub fn probability(&self, id: u32) -> f64 {
        self.log_probability(id).exp()
    }

    /// Entropy in bits, at least 0.
    pub fn entropy_bits(&self) -> f64 {
        self.entropy / std::f64::consts::LN_2
    }

    /// Standard deviation of the log-probability over the distribution, in nats.
    pub fn deviation(&self) -> f64 {
        self.deviation
    }

    /// Place of `id` when tokens are ordered by probability, ties by id; 1 is the most probable.
    pub fn rank(&self, id: u32) -> u32 {
        if id == self.best {
            return 1;
        }
        let Some(&x) = self.logits.get(id as usize) else {
            return self.logits.len() as u32 + 1;
        };
        let (before, after) = self.logits.split_at(id as usize);
        let above = |row: &[f32]| row.iter().map(|&y| u32::from(y > x)).sum::<u32>();
        let equal = before.iter().map(|&y| u32::from(y == x)).sum::<u32>();
        1 + above(before) + equal + above(after)
    }

    /// The `k` most probable tokens, best first, ties by id; fewer when the vocabulary is smaller.
    pub fn top(&self, k: usize) -> Vec<Candidate> {
        let mut ids = top_ids(self.logits, k);
        ids.drain(..)
            .map(|id| Candidate {
                id,
                probability: self.probability(id),
            })
            .collect()
    }

    /// [`Softmax::top`], and `chosen` at the end if it is not among them.
    pub fn top_with(&self, k: usize, chosen: u32) -> Vec<Candidate> {
        let mut top = self.top(k);
        if k > 0 && !top.iter().any(|c| c.id == chosen) {
            top.push(Candidate {
                id: chosen,
                probability: self.probability(chosen),
            });
        }
        top
    }
}

/// The id of the largest logit, the lowest among equals. `None` if any is NaN or `+inf`, or none is finite.
pub fn argmax(logits: &[f32]) -> Option<u32> {
    let mut max = [f32::NEG_INFINITY; LANES];
    let mut nan = [false; LANES];
    let mut chunks = logits.chunks_exact(LANES);
    for chunk in &mut chunks {
        for lane in 0..LANES {
            let x = chunk[lane];
            max[lane] = if x > max[lane] { x } else { max[lane] };
            nan[lane] |= x.is_nan();
        }
    }
    for (lane, &x) in chunks.remainder().iter().enumerate() {
        max[lane] = if x > max[lane] { x } else { max[lane] };
        nan[lane] |= x.is_nan();
    }
    let max = max.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if nan.contains(&true) || !max.is_finite() {
        return None;
    }
    logits.iter().position(|&x| x == max).map(|i| i as u32)
}

/// Ids of the `k` largest logits, largest first, ties by id.
fn top_ids(logits: &[f32], k: usize) -> Vec<u32> {
    let by_rank = |a: &u32, b: &u32| {
        logits[*b as usize]
            .total_cmp(&logits[*a as usize])
            .then(a.cmp(b))
    };
    let k = k.min(logits.len());
    if k == 0 {
        return Vec::new();
    }
    // Many wanted: select, then sort the part. Few: keep a pool and drop its worse half whenever it is full, so
    // that nearly every logit costs one comparison with the bar.
    let mut pool: Vec<u32>;
    if k > 256 {
        pool = (0..logits.len() as u32).collect();
        if k < pool.len() {
            pool.select_nth_unstable_by(k - 1, by_rank);
        }
    } else {
        pool = Vec::with_capacity(2 * k);
        let mut bar = f32::NEG_INFINITY;
        let mut full = false;
        for (id, &x) in logits.iter().enumerate() {
            // Later ids lose ties, so an equal logit never passes a full pool's bar.
            if x > bar || !full {
                pool.push(id as u32);
                if pool.len() == 2 * k {
                    pool.select_nth_unstable_by(k - 1, by_rank);
                    pool.truncate(k);
                    bar = logits[pool[k - 1] as usize];
                    full = true;
                }
            }
        }
    }
    pool.sort_unstable_by(by_rank);
    pool.truncate(k);
    pool
}

/// `exp(x)` for `-700 <= x <= 0`, to about one unit in the last place, without branches or calls.
///
/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`, `exp(x) = 2^n exp(r)`; `exp(r)` by its Taylor series to degree 13
/// (remainder below 5e-18); `n` is rounded by adding `1.5 * 2^52`, whose low bits then hold it.
#[inline(always)]
fn exp(x: f64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0;
    // ln 2 in two parts, the first with zeros at its end so that `n * HI` is exact.
    const HI: f64 = 6.931_471_803_691_238e-1;
    const LO: f64 = 1.908_214_929_270_587_7e-10;
    let t = x * std::f64::consts::LOG2_E + ROUND;
    let n = t - ROUND;
    let r = (x - n * HI) - n * LO;
    let mut p = 1.0 / 6_227_020_800.0;
    for c in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        p = p * r + c;
    }
    p * f64::from_bits(t.to_bits().wrapping_add(1023) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by the definition, one token at a time.
    fn plain(logits: &[f32]) -> Vec<f64> {
        let max = logits.iter().fold(f32::NEG_INFINITY, |m, &x| m.max(x));
        let e: Vec<f64> = logits
            .iter()
            .map(|&x| (f64::from(x) - f64::from(max)).exp())
            .collect();
        let z: f64 = e.iter().sum();
        e.iter().map(|e| e / z).collect()
    }

    #[test]
    fn exp_is_exact_to_a_few_ulps() {
        for i in 0..=700_000 {
            let x = -f64::from(i) / 1000.0;
            let (ours, theirs) = (exp(x), x.exp());
            assert!(
                (ours - theirs).abs() <= 4e-16 * theirs,
                "{x}: {ours} {theirs}"
            );
        }
        assert_eq!(exp(0.0), 1.0);
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(logits in prop::collection::vec(-30.0f32..30.0, 1..200), k in 0usize..40) {
            let p = plain(&logits);
            let s = Softmax::new(&logits).unwrap();
            let mut order: Vec<u32> = (0..logits.len() as u32).collect();
            order.sort_by(|a, b| logits[*b as usize].total_cmp(&logits[*a as usize]).then(a.cmp(b)));
            prop_assert_eq!(s.best(), order[0]);
            for (place, &id) in order.iter().enumerate() {
                prop_assert_eq!(s.rank(id) as usize, place + 1);
                prop_assert!((s.probability(id) - p[id as usize]).abs() < 1e-13);
            }
            let entropy: f64 = p.iter().filter(|p| **p > 0.0).map(|p| -p * p.log2()).sum();
            prop_assert!((s.entropy_bits() - entropy).abs() < 1e-10);
            let top: Vec<u32> = s.top(k).iter().map(|c| c.id).collect();
            prop_assert_eq!(&top[..], &order[..k.min(order.len())]);
        }

        #[test]
        fn ties_go_by_id(values in prop::collection::vec(0u8..4, 1..300), k in 1usize..300) {
            let logits: Vec<f32> = values.iter().map(|&v| f32::from(v)).collect();
            let mut order: Vec<u32> = (0..logits.len() as u32).collect();
            order.sort_by(|a, b| values[*b as usize].cmp(&values[*a as usize]).then(a.cmp(b)));
            order.truncate(k);
            prop_assert_eq!(top_ids(&logits, k), order);
        }
    }

    #[test]
    fn masked_tokens_have_no_weight_and_broken_rows_are_refused() {
        let s = [1.0, f32::NEG_INFINITY, 1.0];
        let s = Softmax::new(&s).unwrap();
        assert_eq!(s.probability(1), 0.0);
        assert!((s.probability(0) - 0.5).abs() < 1e-15);
        assert!((s.entropy_bits() - 1.0).abs() < 1e-12);
        assert!(Softmax::new(&[1.0, f32::NAN]).is_none());
        assert!(Softmax::new(&[1.0, f32::INFINITY]).is_none());
        assert!(Softmax::new(&[f32::NEG_INFINITY; 20]).is_none());
        assert!(Softmax::new(&[]).is_none());
    }

    #[test]
    fn the_chosen_token_is_always_a_candidate() {
        let logits = [3.0, 2.0, 1.0, 0.0];
        let s = Softmax::new(&logits).unwrap();
        let ids = |c: Vec<Candidate>| c.iter().map(|c| c.id).collect::<Vec<_>>();
        assert_eq!(ids(s.top_with(2, 3)), [0, 1, 3]);
        assert_eq!(ids(s.top_with(2, 1)), [0, 1]);
        assert!(s.top_with(0, 1).is_empty());
    }
}
