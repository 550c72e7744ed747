//! Axes: from numbers to pixels, and where ticks stand.

/// From numbers to pixels.
pub(super) struct Scale {
    pub from: [f64; 2],
    pub to: [f64; 2],
}

impl Scale {
    pub fn of(&self, value: f64) -> f64 {
        let along = (value - self.from[0]) / (self.from[1] - self.from[0]);
        self.to[0] + along * (self.to[1] - self.to[0])
    }

    pub fn holds(&self, value: f64) -> bool {
        let slack = 1e-9 * (self.from[1] - self.from[0]);
        value >= self.from[0] - slack && value <= self.from[1] + slack
    }
}

/// From the least to the largest finite value, with room above and below; around a single one; 0 to 1 where there is none.
pub(super) fn span(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let finite = values.filter(|v| v.is_finite());
    let [low, high] = finite.fold([f64::INFINITY, f64::NEG_INFINITY], |[l, h], v| {
        [l.min(v), h.max(v)]
    });
    if low > high {
        return [0.0, 1.0];
    }
    let room = match high - low {
        0.0 => high.abs().max(1.0) * 0.5,
        wide => wide * 0.03,
    };
    [low - room, high + room]
}

/// Round numbers between two ends: a few, 1, 2 or 5 of a power of ten apart.
pub fn ticks([low, high]: [f64; 2]) -> Vec<f64> {
    let rough = (high - low) / 6.0;
    if !(rough.is_finite() && rough > 0.0) {
        return Vec::new();
    }
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0]
        .map(|s| s * power)
        .into_iter()
        .find(|s| *s >= rough);
    let step = step.unwrap_or(10.0 * power);
    let first = (low / step).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// A tick in few digits.
pub fn number(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    match rounded == 0.0 {
        true => "0".into(),
        false => format!("{rounded}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let ends = [
            ([0.0, 1.0], vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
            ([-3.0, 40.0], vec![0.0, 10.0, 20.0, 30.0, 40.0]),
        ];
        for (ends, want) in ends {
            let said: Vec<String> = ticks(ends).into_iter().map(number).collect();
            let want: Vec<String> = want.into_iter().map(number).collect();
            assert_eq!(said, want);
        }
        assert!(ticks([1.0, 1.0]).is_empty() && ticks([0.0, f64::INFINITY]).is_empty());
        for high in [1e-5, 0.3, 7.0, 1234.0] {
            assert!((3..=8).contains(&ticks([0.0, high]).len()), "{high}");
        }
    }
}
