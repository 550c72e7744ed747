//! Where a falling curve meets a level.

/// The place, from 1, behind which no value is above `level`; between places by a straight line. 1 where none is, as many as there are where the last one is.
pub(crate) fn crossing(values: &[f64], level: f64) -> f64 {
    match values.iter().rposition(|v| *v > level) {
        None => 1.0,
        Some(last) => match values.get(last + 1) {
            Some(next) => last as f64 + 1.0 + (values[last] - level) / (values[last] - next),
            None => values.len() as f64,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_lie_between_places() {
        assert_eq!(crossing(&[4.0, 2.0, 0.0], 1.0), 2.5);
        assert_eq!(crossing(&[4.0, 2.0, 0.0], 5.0), 1.0);
        assert_eq!(crossing(&[4.0, 2.0, 1.0], 0.5), 3.0);
        // The last crossing counts: beyond it nothing is worse.
        assert_eq!(crossing(&[3.0, 1.0, 3.0, 1.0], 2.0), 3.5);
    }
}
