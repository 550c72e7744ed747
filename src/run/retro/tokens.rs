//! Tokens of a trace, by what the corpus alone would have said.

use std::sync::Arc;

use rotescope_corpus::Corpus;
use rotescope_model::Engine;
use rotescope_retro::{Bars, Infinigram, Place, Retriever, RetroError, gap};
use rotescope_trace::{Known, Retrieved, Token};

/// The retriever. The end of a document is the end that the model knows.
pub fn infinigram(corpus: &Arc<dyn Corpus>, engine: &Engine) -> Infinigram {
    Infinigram::new(corpus.clone(), engine.info().eos)
}

/// Tokens as text.
pub fn spelled(engine: &Engine, ids: &[u32]) -> String {
    let bytes = ids.iter().flat_map(|id| engine.token_bytes(*id));
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

/// What a retriever says of a token behind all tokens before it, of prompt and output; `None` of a token without a probability.
///
/// # Errors
/// What the retriever looks into cannot be read.
pub fn retrieved(
    retriever: &dyn Retriever,
    context: &[u32],
    token: &Token,
) -> Result<Option<Retrieved>, RetroError> {
    let Some(p) = token.probability() else {
        return Ok(None);
    };
    let found = retriever.retrieve(&[Place::behind(context)])?;
    Ok(found.first().map(|found| {
        let share = found.probability(token.id);
        let gap = gap(p.ln(), share).filter(|gap| gap.is_finite());
        Retrieved {
            p: share as f32,
            n: found.length,
            count: found.count,
            sparse: found.is_sparse(),
            gap: gap.map(|gap| gap as f32),
            known: Known::of(Bars::default().known(p.ln(), share)),
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::MemoryCorpus;

    #[test]
    fn a_token_is_known_by_its_share_behind_the_longest_suffix() {
        let corpus = vec![vec![1, 2, 3], vec![1, 2, 3], vec![1, 2, 4], vec![5, 2, 4]];
        let corpus = Arc::new(MemoryCorpus::of_tokens("toy", corpus));
        let infinigram = Infinigram::new(corpus, Some(9));
        let of = |context: &[u32], id, p: f32| {
            let token = Token {
                id,
                p,
                rank: 1,
                ..Token::default()
            };
            retrieved(&infinigram, context, &token).unwrap()
        };
        // Behind 1 2 stands 3 twice, 4 once.
        let found = of(&[7, 1, 2], 3, 0.25).unwrap();
        let want = Retrieved {
            p: 2.0 / 3.0,
            n: 2,
            count: 3,
            sparse: false,
            gap: Some((0.375f64).ln() as f32),
            known: Known::Corpus,
        };
        assert!((found.gap.unwrap() - want.gap.unwrap()).abs() < 1e-6);
        assert_eq!(
            Retrieved {
                gap: want.gap,
                ..found
            },
            want
        );
        // Behind 5 2 never 3; the gap has no bound.
        let found = of(&[5, 2], 3, 0.75).unwrap();
        assert_eq!((found.p, found.sparse, found.gap), (0.0, true, None));
        assert_eq!(found.known, Known::Weights);
        // 3 ends documents; 9 is the end.
        assert_eq!(of(&[2, 3], 9, 0.75).unwrap().known, Known::Both);
        // The model thinks it impossible: no number.
        assert_eq!(of(&[2, 3], 9, 0.0).unwrap().gap, None);
        let without = Token {
            id: 3,
            ..Token::default()
        };
        assert_eq!(retrieved(&infinigram, &[1, 2], &without).unwrap(), None);
    }
}
