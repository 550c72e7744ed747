//! Local memorization: does the model rank its candidates by how often they follow the text right before them in the corpus?

use rotescope_corpus::{CorpusError, LocalQuestion, NgramCounts, values};
use rotescope_stats::spearman;
use rotescope_trace::Local;

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
            };
            (local, counts)
        })
        .collect())
}
