//! Hidden states in 16 bits a number.

use std::fmt;

use instant_distance::Point;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Numbers that are summed side by side.
const LANES: usize = 16;

/// A hidden state, each number as the upper half of its 32 bits (bfloat16): a three-hundredth at most is lost of it, and none is too large.
#[derive(Debug, Clone, PartialEq)]
pub struct Key(Box<[u16]>);

impl Key {
    pub fn new(hidden: &[f32]) -> Key {
        // To the nearest, and of two the even one. What is no number stays none.
        let short = |x: &f32| {
            let bits = x.to_bits();
            let half = 0x7fff + (bits >> 16 & 1);
            match x.is_nan() {
                true => 0x7fc0,
                false => ((bits + half) >> 16) as u16,
            }
        };
        Key(hidden.iter().map(short).collect())
    }

    /// Numbers of it.
    pub fn width(&self) -> usize {
        self.0.len()
    }
}

fn long(x: u16) -> f32 {
    f32::from_bits(u32::from(x) << 16)
}

impl Point for Key {
    /// The squared distance.
    fn distance(&self, other: &Self) -> f32 {
        let mut sums = [0.0; LANES];
        let (a, rest) = self.0.as_chunks::<LANES>();
        let (b, others) = other.0.as_chunks::<LANES>();
        for (a, b) in a.iter().zip(b) {
            for i in 0..LANES {
                let apart = long(a[i]) - long(b[i]);
                sums[i] += apart * apart;
            }
        }
        let rest = rest.iter().zip(others);
        let rest: f32 = rest.map(|(a, b)| (long(*a) - long(*b)).powi(2)).sum();
        sums.iter().sum::<f32>() + rest
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|x| x.to_le_bytes()).collect();
        to.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Key, D::Error> {
        from.deserialize_bytes(Bytes)
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pairs of bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Key, E> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        match rest.is_empty() {
            true => Ok(Key(pairs.iter().map(|b| u16::from_le_bytes(*b)).collect())),
            false => Err(E::invalid_length(bytes.len(), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn distances_are_those_of_the_states_but_for_rounding(
            states in prop::collection::vec((-1e4f32..1e4, -1e4f32..1e4), 1..70),
        ) {
            let (a, b): (Vec<f32>, Vec<f32>) = states.iter().copied().unzip();
            let exact: f64 = states.iter().map(|(x, y)| f64::from(x - y).powi(2)).sum();
            let size: f64 = states.iter().map(|(x, y)| f64::from(x * x + y * y)).sum();
            let got = f64::from(Key::new(&a).distance(&Key::new(&b)));
            prop_assert!((got.sqrt() - exact.sqrt()).abs() <= size.sqrt() / 128.0, "{} {}", got, exact);
            prop_assert_eq!(Key::new(&a).distance(&Key::new(&a)), 0.0);
        }
    }
}
