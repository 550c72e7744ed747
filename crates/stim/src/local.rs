//! Local memorization: does the model rank its candidates by how often they follow the text right before them in the corpus?

use rotescope_corpus::{CorpusError, LocalQuestion, NgramCounts, values};
use rotescope_stats::spearman;
use rotescope_trace::{Aligned, Local};

/// Scores tokens, one question each; the corpus gets them in one call.
///
/// `w` is the longest run of tokens right before the token (a suffix of the context, which may reach back into the prompt) such that `w`
/// followed by the token occurs in the corpus at least once. `f(x_i) = count([w ; x_i])` for every candidate `x_i`, with the same `w`, and
/// the score is Spearman's `rho(P(x_i), f(x_i))` with average ranks for ties.
///
/// `probabilities`: those of each question's candidates, in their order. Returns for each question the score with its evidence, and the
/// counts of its candidates (all zero when the token does not occur in the corpus at all).
pub fn score(
    corpus: &dyn NgramCounts,
    questions: &[LocalQuestion],
    probabilities: &[&[f32]],
) -> Result<Vec<(Local, Vec<u64>)>, CorpusError> {
    let counted = corpus.local_counts(questions)?;
    Ok(values(counted)
        .into_iter()
        .zip(probabilities)
        .map(|(found, p)| {
            let longest = found.longest;
            let unseen = longest.joint_count == 0;
            let score = if unseen {
                None
            } else {
                spearman(p, &found.candidates)
            };
            let undefined = match score {
                _ if unseen => Some("unseen"),
                None if p.is_empty() => Some("no_candidates"),
                None => Some("constant"),
                Some(_) => None,
            };
            let counts = if unseen {
                vec![0; p.len()]
            } else {
                found.candidates
            };
            let local = Local {
                score,
                undefined: undefined.map(Into::into),
                context: longest.len,
                context_count: longest.context_count,
                match_count: longest.joint_count,
                aligned: None,
            };
            (local, counts)
        })
        .collect())
}

/// What the longest context says that begins at the border of a word or number; nothing where the longest of all does, or nothing matches.
///
/// A context that begins within a word or number is a false friend: behind "63 - 1" its documents hold "763 - 1". `borders`: for each token of the
/// question's context whether [a word or number can run into it](begins_apart). All occurrences of a context that begins so begin at a border of their own, so
/// that they are counted as those of any other.
pub fn aligned(
    corpus: &dyn NgramCounts,
    question: &LocalQuestion,
    probabilities: &[f32],
    local: &Local,
    borders: &[bool],
) -> Result<Option<Aligned>, CorpusError> {
    let context = question.context;
    let first = context.len() - local.context;
    let from = (first..context.len())
        .find(|&i| borders.get(i) == Some(&true))
        .unwrap_or(context.len());
    if from == first || local.match_count == 0 {
        return Ok(None);
    }
    let context = &context[from..];
    let ids: Vec<u32> = [&[question.token], question.candidates].concat();
    let counts = values(corpus.candidate_counts(&[(context, &ids)])?);
    let of_context = values(corpus.counts(&[context])?);
    let (Some([own, candidates @ ..]), [context_count]) =
        (counts.first().map(Vec::as_slice), of_context.as_slice())
    else {
        return Ok(None);
    };
    Ok(Some(Aligned {
        score: spearman(probabilities, candidates),
        context: context.len(),
        context_count: *context_count,
        match_count: *own,
    }))
}

/// Whether no word or number runs from the bytes before a token into it, wherever the token stands: it begins with a space or a sign. (An apostrophe may stand in a
/// word, a point or comma in a number: behind a letter or digit they do not part.) A special token has no bytes, and parts.
pub fn begins_apart(before: &[u8], token: &[u8]) -> bool {
    let Some(first) = token.utf8_chunks().next() else {
        return true;
    };
    let behind = before.last().copied().unwrap_or(b' ');
    match first.valid().chars().next() {
        // The rest of a character.
        None => false,
        Some('.' | ',') => !behind.is_ascii_digit(),
        Some('\'' | '’') => behind.is_ascii() && !behind.is_ascii_alphanumeric(),
        Some(c) => !rotescope_text::words::is_part(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::MemoryCorpus;

    #[test]
    fn a_token_is_apart_that_continues_nothing() {
        let apart = |before: &str, token: &str| begins_apart(before.as_bytes(), token.as_bytes());
        for (before, token) in [
            ("63", " -"),
            ("has", " 16"),
            ("x", "\n"),
            ("7", "**"),
            ("(", "("),
            ("end", "."),
            ("", ""),
            ("a", " b"),
            ("x", "="),
            (" ", "'"),
        ] {
            assert!(apart(before, token), "{before:?} {token:?}");
        }
        for (before, token) in [
            ("6", "3"),
            (" blu", "e"),
            ("3", ".14"),
            ("1", ",000"),
            ("Tom", "'s"),
            (" ", "63"),
            ("nai", "\u{308}ve"),
            ("O", "’Hara"),
            ("é", "'s"),
        ] {
            assert!(!apart(before, token), "{before:?} {token:?}");
        }
        assert!(
            !begins_apart(b"\xc3", b"\xa9t\xc3\xa9"),
            "the rest of a character"
        );
    }

    #[test]
    fn a_context_within_a_number_gives_way_to_one_at_its_border() {
        // 0 is a space, 1 to 9 are digits: "863 2" and " 3 2"; asked is " 63 2".
        let corpus = MemoryCorpus::of_tokens(
            "digits",
            vec![vec![8, 6, 3, 0, 2], vec![0, 3, 0, 2], vec![9, 0, 5]],
        );
        let context = [0, 6, 3, 0];
        let question = LocalQuestion {
            context: &context,
            token: 2,
            candidates: &[2, 5],
        };
        let p = [0.9, 0.1];
        let (local, _) = score(&corpus, &[question], &[&p]).unwrap().remove(0);
        assert_eq!((local.context, local.match_count), (3, 1), "63 of 863");
        let found = |borders: &[bool]| aligned(&corpus, &question, &p, &local, borders).unwrap();
        // The space right before the token.
        let want = Aligned {
            score: Some(1.0),
            context: 1,
            context_count: 4,
            match_count: 2,
        };
        assert_eq!(found(&[true, false, false, true]), Some(want));
        assert_eq!(
            found(&[true, true, false, true]),
            None,
            "begins at a border itself"
        );
        let nothing = found(&[false; 4]).unwrap();
        assert_eq!((nothing.context, nothing.match_count), (0, 2));
    }
}
