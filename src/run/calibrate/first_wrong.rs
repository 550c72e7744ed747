//! The first wrong step of a chain whose answer is wrong: the one from which on the model reaches the right answer no more.
//!
//! As in Math-Shepherd (Wang et al., 2024) a prefix of the chain is good if some of K completions that are sampled from it reach the known answer. Where
//! their share falls from above 0 to 0, the step in between is wrong. As in OmegaPRM (Luo et al., 2024) the place is found by halving: once
//! lost, an answer is rarely found again.

/// The first wrong step, from 0; `None` where not even the question alone leads to the answer: then nothing can be said of the steps.
///
/// `reaches(k)`: whether the answer is still reached from the first `k` steps. All `steps` of them are known to have missed it.
///
/// # Errors
/// Those of `reaches`.
pub fn first_wrong<E>(
    steps: usize,
    reaches: &mut dyn FnMut(usize) -> Result<bool, E>,
) -> Result<Option<usize>, E> {
    if steps == 0 || !reaches(0)? {
        return Ok(None);
    }
    let (mut good, mut lost) = (0, steps);
    while lost - good > 1 {
        let middle = usize::midpoint(good, lost);
        if reaches(middle)? {
            good = middle;
        } else {
            lost = middle;
        }
    }
    Ok(Some(good))
}

/// How often at most `reaches` is asked.
pub fn questions(steps: usize) -> usize {
    1 + steps.next_power_of_two().trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(steps: usize, wrong: usize) -> (Option<usize>, usize) {
        let mut asked = 0;
        let found = first_wrong(steps, &mut |k| {
            asked += 1;
            Ok::<_, ()>(k <= wrong)
        });
        (found.unwrap(), asked)
    }

    #[test]
    fn every_place_is_found_in_few_questions() {
        for steps in 1..40 {
            for wrong in 0..steps {
                let (found, asked) = search(steps, wrong);
                assert_eq!(found, Some(wrong), "of {steps}");
                assert!(asked <= questions(steps), "{asked} for {steps}");
            }
        }
    }

    #[test]
    fn too_hard_a_question_says_nothing() {
        let mut asked = 0;
        let found = first_wrong(9, &mut |_| {
            asked += 1;
            Ok::<_, ()>(false)
        });
        assert_eq!((found, asked), (Ok(None), 1));
        assert_eq!(first_wrong(0, &mut |_| Ok::<_, ()>(true)), Ok(None));
        assert_eq!(first_wrong(3, &mut |_| Err("stopped")), Err("stopped"));
    }
}
