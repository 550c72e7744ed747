//! The longest match, by few questions.

/// The greatest `len` up to `most` for which `holds(len)` (true up to some length and false after;
/// 0 is not asked for). Gallops up, since matches are short beside contexts.
pub(crate) fn longest<E>(
    most: usize,
    mut holds: impl FnMut(usize) -> Result<bool, E>,
) -> Result<usize, E> {
    let (mut good, mut bad) = (0, most + 1);
    let mut probe = 1;
    while probe < bad {
        if holds(probe)? {
            good = probe;
            probe = (probe * 2).min(most);
            if good == most {
                return Ok(most);
            }
        } else {
            bad = probe;
        }
    }
    while bad - good > 1 {
        let mid = good + (bad - good) / 2;
        if holds(mid)? {
            good = mid;
        } else {
            bad = mid;
        }
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn longest_finds_the_last_true(most in 0usize..200, limit in 0usize..220) {
            let found = longest(most, |len| Ok::<_, ()>(len <= limit));
            prop_assert_eq!(found, Ok(most.min(limit)));
        }
    }

    #[test]
    fn a_question_that_fails_ends_it() {
        assert_eq!(
            longest(9, |len| if len < 4 { Ok(true) } else { Err(len) }),
            Err(4)
        );
    }
}
