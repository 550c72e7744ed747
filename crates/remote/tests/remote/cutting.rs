//! Text of one tokenizer's tokens, cut by another.

use std::sync::Arc;

use rotescope_remote::Cutter;
use rotescope_testing::pocket;
use rotescope_vocab::{Encode, Gguf, Vocabulary};

use crate::support::Bytes;

fn pocket_vocabulary() -> Arc<dyn Encode> {
    Arc::new(Vocabulary::from_gguf(&Gguf::open(&pocket()).unwrap()).unwrap())
}

/// Whatever a candidate does to what is before it, is known: checks each candidate behind each beginning of a text, and says how many changed
/// ids before them, and how many were looked at.
pub fn check(
    index: &dyn Encode,
    model: &dyn Encode,
    text: &str,
    candidates: &[u32],
) -> (usize, usize) {
    let cutter = Cutter { index, model };
    let tokens = model.encode_batch(&[text]).unwrap().remove(0);
    let bytes = |ids: &[u32], of: &dyn Encode| -> Vec<u8> {
        ids.iter().flat_map(|&id| of.token_bytes(id)).collect()
    };
    let (mut changed, mut all) = (0, 0);
    for i in 0..tokens.len() {
        let context = cutter.context(&tokens[..i], false).unwrap();
        let before = bytes(&tokens[..i], model);
        for &candidate in candidates.iter().chain([&tokens[i]]) {
            let whole = [&before[..], &model.token_bytes(candidate)].concat();
            let joined = cutter.join(&context, candidate).unwrap();
            let Ok(whole) = std::str::from_utf8(&whole) else {
                continue;
            };
            let Some(joined) = joined else {
                assert!(model.token_bytes(candidate).is_empty(), "{candidate}");
                continue;
            };
            all += 1;
            let ids = index.encode_batch(&[whole]).unwrap().remove(0);
            assert_eq!(joined.ids, ids, "{whole:?}");
            let stay = ids.starts_with(&context.ids);
            changed += usize::from(!stay);
            match joined.single(&context) {
                Some(id) => assert_eq!(ids, [&context.ids[..], &[id]].concat()),
                None => assert!(!stay || ids.len() != context.ids.len() + 1),
            }
            // From the end of the context on there is all of the candidate.
            let own = bytes(joined.from(context.bytes()), index);
            assert!(
                own.ends_with(&whole.as_bytes()[context.bytes()..]),
                "{whole:?}"
            );
            // And from the beginning on all of both.
            assert_eq!(joined.from(0).len(), ids.len());
        }
        // Of whole tokens there are as many as fit.
        for back in 0..=i {
            let len = bytes(&tokens[i - back..i], model).len();
            let fit = cutter.whole_tokens(&tokens[..i], len);
            assert!(fit >= back);
        }
    }
    (changed, all)
}

const TEXTS: [&str; 6] = [
    "Tom has 3 pens and buys 4 more. He has 3 + 4 = 7 pens.",
    "naïve café 東京 🙂👍🏽 e\u{301}",
    "  two  spaces\n\n\tand tabs ",
    "12345 67.89 -0.5 1,000",
    "ab\u{0}c <s> </s> <unk> [INST]",
    "",
];

#[test]
fn bytes_change_nothing_before_them() {
    let pocket = pocket_vocabulary();
    let some: Vec<u32> = (0..pocket.size() as u32).step_by(37).collect();
    for text in TEXTS {
        let (changed, _) = check(&Bytes, pocket.as_ref(), text, &some);
        assert_eq!(changed, 0, "{text:?}");
    }
}

#[test]
fn what_changes_before_a_token_is_noticed() {
    let pocket = pocket_vocabulary();
    let every: Vec<u32> = (0..256).collect();
    let (mut changed, mut all) = (0, 0);
    for text in TEXTS {
        let one = check(pocket.as_ref(), &Bytes, text, &every);
        (changed, all) = (changed + one.0, all + one.1);
    }
    // Letters of a word become one token with those before them.
    assert!(changed > all / 10, "{changed} of {all}");
}

#[test]
fn an_ngram_alone_is_what_it_is_within_a_text() {
    let pocket = pocket_vocabulary();
    let cutter = Cutter {
        index: &Bytes,
        model: pocket.as_ref(),
    };
    for text in TEXTS {
        let tokens = pocket.encode_batch(&[text]).unwrap().remove(0);
        let alone = cutter.alone(&tokens).unwrap().unwrap();
        let bytes: Vec<u8> = tokens
            .iter()
            .flat_map(|&id| pocket.token_bytes(id))
            .collect();
        assert_eq!(
            alone,
            bytes.iter().map(|&b| u32::from(b)).collect::<Vec<_>>()
        );
    }
    // Part of a character is no text.
    let cutter = Cutter {
        index: pocket.as_ref(),
        model: &Bytes,
    };
    assert_eq!(cutter.alone(&[0xe6]).unwrap(), None);
    let context = cutter.context(&[97, 0xe6, 0x9d], false).unwrap();
    assert_eq!(context.bytes(), 1);
    assert!(cutter.join(&context, 97).unwrap().is_none());
    let whole = cutter.join(&context, 0xb1).unwrap().unwrap();
    assert_eq!(whole.ids, pocket.encode_batch(&["a東"]).unwrap()[0]);
}

#[test]
fn hostile_text_is_cut_at_once() {
    let pocket = pocket_vocabulary();
    let cutter = Cutter {
        index: pocket.as_ref(),
        model: &Bytes,
    };
    // As many tokens as are looked at before a token.
    for unit in ["(", "9", "\\frac{", "\u{ff}"] {
        let tokens: Vec<u32> = unit.bytes().cycle().take(499).map(u32::from).collect();
        let began = std::time::Instant::now();
        let context = cutter.context(&tokens, true).unwrap();
        cutter.join(&context, 65).unwrap();
        assert!(began.elapsed().as_secs() < 5, "{unit:?}");
    }
}

/// Thirty-two times the text takes some forty times the time (pieces are merged with a heap), whatever the text; where it grew with the square it
/// would be a thousand. What is between is left to other work on the machine.
#[test]
fn time_does_not_grow_with_the_square_of_the_text() {
    let pocket = pocket_vocabulary();
    for (index, model) in [
        (pocket.as_ref(), &Bytes as &dyn Encode),
        (&Bytes as &dyn Encode, pocket.as_ref()),
    ] {
        let cutter = Cutter { index, model };
        for unit in [
            "(", "9", "\\frac{", "\u{ff}", " ", "\n", " \n", "a", "ab ", "é", "東", "'s", "<s>",
        ] {
            let time = |n: usize| {
                let tokens: Vec<u32> = unit.bytes().cycle().take(n).map(u32::from).collect();
                let began = std::time::Instant::now();
                let context = cutter.context(&tokens, true).unwrap();
                cutter.join(&context, 65).unwrap();
                cutter.alone(&tokens).unwrap();
                cutter.whole_tokens(&tokens, n);
                began.elapsed().as_secs_f64()
            };
            let few = (0..3).map(|_| time(5_000)).fold(f64::MAX, f64::min);
            let many = time(160_000);
            eprintln!("{unit:?}: {few:.5} s, {many:.5} s, {:.0} times", many / few);
            assert!(
                many < 400.0 * few.max(0.0002),
                "{unit:?}: {few} s, {many} s"
            );
        }
    }
}
