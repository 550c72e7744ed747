//! Damaged files: each answer is the one of the whole index, or an error that names a file of it.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::{
    BuildOptions, Cooccur, CorpusError, Documents, LocalIndex, LocalQuestion, NgramCounts,
    WordCounts, build,
};
use rotescope_testing::repository;
use rotescope_vocab::{Encode, Vocabulary};

/// No question takes a thousandth of it.
const HANG: Duration = Duration::from_secs(60);
/// Documents of the bundled corpus that are indexed: each kind of file has a page at least, most have several.
const DOCUMENTS: usize = 1500;

/// An index of real text, and what it answers while it is whole.
struct Whole {
    _dir: tempfile::TempDir,
    index: PathBuf,
    questions: Vec<Question>,
    answers: Vec<String>,
    /// Relative to the index, with what they hold.
    files: Vec<(PathBuf, Vec<u8>)>,
}

type Question = Box<dyn Fn(&LocalIndex) -> Result<String, CorpusError> + Send + Sync>;

fn question<T: std::fmt::Debug>(
    ask: impl Fn(&LocalIndex) -> Result<T, CorpusError> + Send + Sync + 'static,
) -> Question {
    Box::new(move |index| ask(index).map(|answer| format!("{answer:?}")))
}

impl Whole {
    /// `checked`: with checksums, or as versions before them made it.
    fn new(checked: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let corpus = repository("indexes/pocket/corpus.jsonl.zst");
        let all = zstd::decode_all(fs::File::open(corpus).unwrap()).unwrap();
        let lines: Vec<&[u8]> = all.split(|&b| b == b'\n').take(DOCUMENTS).collect();
        let part = dir.path().join("part.jsonl");
        fs::write(&part, lines.join(&b'\n')).unwrap();
        let encoder = Vocabulary::from_json(&repository("models/pocket/tokenizer.json")).unwrap();
        let index = dir.path().join("index");
        let options = BuildOptions::new(vec![part], index.clone(), "pocket".into());
        build(&options, &encoder, &mut ()).unwrap();
        if !checked {
            without_checksums(&index);
        }
        let whole = LocalIndex::open(&index).unwrap();
        assert_eq!(whole.is_checked(), checked);
        let questions = questions(&whole, &encoder);
        let answers = questions.iter().map(|q| q(&whole).unwrap()).collect();
        drop(whole);
        let mut files = Vec::new();
        for folder in ["", "ngrams", "documents"] {
            for entry in fs::read_dir(index.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let name = path.strip_prefix(&index).unwrap().to_path_buf();
                    files.push((name, fs::read(&path).unwrap()));
                }
            }
        }
        files.sort();
        assert!(files.len() > 14, "{}", files.len());
        Self {
            _dir: dir,
            index,
            questions,
            answers,
            files,
        }
    }

    /// Damages a file, asks everything, and mends it.
    fn with(&self, file: usize, damaged: &[u8]) -> Outcome {
        let (name, sound) = &self.files[file];
        let path = self.index.join(name);
        fs::write(&path, damaged).unwrap();
        let outcome = ask(&self.index, &self.questions, &self.answers);
        fs::write(&path, sound).unwrap();
        outcome
    }
}

/// What came of one damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// All answers are those of the whole index.
    Same,
    /// Some question, or opening, ended in an error that names a file of the index.
    Refused,
    /// An error names no file of the index.
    Nameless,
    Wrong,
    Panicked,
}

fn ask(folder: &Path, questions: &[Question], answers: &[String]) -> Outcome {
    let named = |error: &CorpusError| error.to_string().contains(folder.to_str().unwrap());
    let all = || {
        let refused = |error: CorpusError| match named(&error) {
            true => Outcome::Refused,
            false => Outcome::Nameless,
        };
        let index = match LocalIndex::open(folder) {
            Ok(index) => index,
            Err(error) => return refused(error),
        };
        let mut worst = Outcome::Same;
        for (question, answer) in questions.iter().zip(answers) {
            match question(&index) {
                Ok(found) if found == *answer => {}
                Ok(_) => return Outcome::Wrong,
                Err(error) => worst = refused(error),
            }
            if worst == Outcome::Nameless {
                return worst;
            }
        }
        worst
    };
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        scope.spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(all)).unwrap_or(Outcome::Panicked);
            let _ = sender.send(outcome);
        });
        match receiver.recv_timeout(HANG) {
            Ok(outcome) => outcome,
            Err(_) => {
                eprintln!("an answer takes more than {HANG:?}");
                // Whoever hangs is not waited for.
                std::process::exit(101);
            }
        }
    })
}

fn questions(index: &LocalIndex, encoder: &dyn Encode) -> Vec<Question> {
    let mut all: Vec<Question> = Vec::new();
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let tokens = |ordinal: u64| index.document_tokens(&[ordinal]).unwrap().remove(0);
    for _ in 0..12 {
        let document = rng.random_range(0..DOCUMENTS as u64);
        let ids = tokens(document);
        let at = rng.random_range(0..ids.len() - 6);
        let ngram = ids[at..at + rng.random_range(1..6)].to_vec();
        let [n, m, d, w] = std::array::from_fn(|_| ngram.clone());
        all.push(question(move |i| i.count(&n)));
        all.push(question(move |i| i.next(&m)));
        all.push(question(move |i| i.occurrences_of(&d, 5, 0)));
        all.push(question(move |i| i.document_counts(&[&ngram])));
        let (context, token) = (ids[..at + 5].to_vec(), ids[at + 5]);
        all.push(question(move |i| {
            i.local_counts(&[LocalQuestion {
                context: &context,
                token,
                candidates: &[token, 17, 300],
            }])
        }));
        let (a, b) = (vec![ids[at]], vec![ids[at + 1], ids[at + 2]]);
        all.push(question(move |i| {
            let pair: (&[u32], &[u32]) = (&a, &b);
            let near = i.cooccurs_tokens(&[pair], Cooccur::Window(20))?;
            let within = i.cooccurs_tokens(&[pair], Cooccur::Document)?;
            Ok((near, within, i.cnf_counts(&[pair], 30)?))
        }));
        all.push(question(move |i| i.document(document)));
        let text = index.document(document).unwrap().text;
        let words: Vec<String> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| w.len() > 2)
            .take(3)
            .map(str::to_lowercase)
            .collect();
        let pairs: Vec<_> = words
            .windows(2)
            .map(|w| (w[0].clone(), w[1].clone()))
            .collect();
        all.push(question(move |i| {
            let counts = (i.word_counts(&words)?, i.word_document_counts(&words)?);
            let near = i.cooccurs(&pairs, Cooccur::Window(15))?;
            let with = i.documents_with(&words, &[&w])?;
            Ok((counts, near, i.cooccurs(&pairs, Cooccur::Document)?, with))
        }));
    }
    let the = encoder.encode_batch(&[" the"]).unwrap().remove(0);
    all.push(question(move |i| i.next(&[])));
    all.push(question(move |i| {
        Ok((i.count(&the)?, i.next(&the)?, i.document_counts(&[&the])?))
    }));
    all.push(question(|i| {
        let info = rotescope_corpus::About::info(i);
        Ok((info.documents, info.tokens, info.words, info.bytes))
    }));
    all
}

/// Makes an index one of a version before checksums.
fn without_checksums(index: &Path) {
    fs::remove_file(index.join("checksums")).unwrap();
    let path = index.join("manifest.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert!(
        manifest
            .as_object_mut()
            .unwrap()
            .remove("checksums")
            .is_some()
    );
    fs::write(&path, manifest.to_string()).unwrap();
}

/// Anything: some bits, a run of zeros or of noise, a cut, more behind the end.
fn random(sound: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    if bytes.is_empty() {
        return vec![7];
    }
    let at = rng.random_range(0..bytes.len());
    let end = bytes.len().min(at + rng.random_range(1..600));
    match rng.random_range(0..8) {
        0..=3 => {
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(0..bytes.len());
                bytes[at] ^= 1 << rng.random_range(0..8);
            }
        }
        4 => bytes[at..end].fill(0),
        5 => bytes[at..end].iter_mut().for_each(|b| *b = rng.random()),
        6 => bytes.truncate(at),
        _ => bytes.extend_from_slice(&sound[..end - at]),
    }
    bytes
}

/// Where it hurts: heads and footers, borders of pages, single numbers a little or much too large, pages exchanged.
fn targeted(sound: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    const PAGE: usize = 16 << 10;
    let mut bytes = sound.to_vec();
    if bytes.len() < 4 {
        return Vec::new();
    }
    let number = rng.random_range(0..bytes.len() / 4) * 4;
    match rng.random_range(0..8) {
        0 => bytes[rng.random_range(0..4)] ^= 1,
        1 => {
            let back = rng.random_range(1..=bytes.len().min(64));
            let at = bytes.len() - back;
            bytes[at] ^= 1 << rng.random_range(0..8);
        }
        2 => {
            let borders: Vec<usize> = (0..=bytes.len() / PAGE).map(|p| p * PAGE).collect();
            let border = *borders.choose(rng).unwrap();
            let at = border
                .saturating_sub(rng.random_range(0..2))
                .min(bytes.len() - 1);
            bytes[at] ^= 0x80;
        }
        3 => bytes[number] ^= 1,
        4 => bytes[number..number + 4].fill(0xff),
        5 => bytes[number..number + 4].fill(0),
        6 => {
            // All there, and in another order: sums of bytes would not tell.
            let half = bytes.len() / 8 * 4;
            let (a, b) = bytes.split_at_mut(half);
            b[..half].swap_with_slice(a);
        }
        _ => bytes.truncate(bytes.len() - rng.random_range(1..=4)),
    }
    bytes
}

type Damager = fn(&[u8], &mut ChaCha8Rng) -> Vec<u8>;

/// So many damages, file after file. What came of them, in the order of [`Outcome`].
fn damages(whole: &Whole, damager: Damager, times: usize, seed: u64) -> [usize; 5] {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut outcomes = [0; 5];
    for n in 0..times {
        let file = n % whole.files.len();
        let (name, sound) = &whole.files[file];
        let damaged = damager(sound, &mut rng);
        if damaged == *sound {
            continue;
        }
        let outcome = whole.with(file, &damaged);
        if !matches!(outcome, Outcome::Same | Outcome::Refused) {
            eprintln!("seed {seed}, damage {n} of {}: {outcome:?}", name.display());
        }
        outcomes[outcome as usize] += 1;
    }
    outcomes
}

/// Of an index with checksums: nothing is wrong, and most damage is met.
fn never_wrong(damager: Damager, times: usize, seed: u64) {
    let whole = Whole::new(true);
    let [same, refused, nameless, wrong, panicked] = damages(&whole, damager, times, seed);
    eprintln!(
        "{times} damages: {refused} refused with the file's name, {same} not in the way of any answer, {wrong} wrong answers, {panicked} panics, {nameless} errors without a name"
    );
    assert_eq!([nameless, wrong, panicked], [0; 3]);
    assert!(refused > times / 2, "{refused}");
    // Mended, it answers as before.
    let again = ask(&whole.index, &whole.questions, &whole.answers);
    assert_eq!(again, Outcome::Same);
}

#[test]
fn a_damaged_index_answers_right_or_not_at_all() {
    never_wrong(random, 60, 1);
    never_wrong(targeted, 60, 2);
}

#[test]
fn an_index_of_an_older_version_answers_and_does_not_panic_when_damaged() {
    let whole = Whole::new(false);
    let [_, _, nameless, wrong, panicked] = damages(&whole, targeted, 80, 3);
    assert_eq!([nameless, panicked], [0; 2]);
    // The questions see damage: it is the checksums that keep them from wrong answers.
    assert!(wrong > 0);
}

/// tantivy makes room for whatever number of columns it reads there, and for a text of any length.
#[test]
fn columns_and_texts_of_an_older_version_are_read_only_while_they_are_whole() {
    let whole = Whole::new(false);
    let mut tried = 0;
    for (file, (name, sound)) in whole.files.iter().enumerate() {
        let texts = name.extension().is_some_and(|e| e == "store");
        if !texts && name.extension().is_none_or(|e| e != "fast") {
            continue;
        }
        // Behind what they hold: its checksum as JSON, its length, a constant.
        let footer = sound.len() - 8;
        let length: [u8; 4] = sound[footer..][..4].try_into().unwrap();
        let held = footer - u32::from_le_bytes(length) as usize;
        let step = if texts { held / 50 } else { 5 };
        for at in (0..held).step_by(step) {
            let mut damaged = sound.clone();
            damaged[at] ^= 0xff;
            let outcome = whole.with(file, &damaged);
            assert_eq!(outcome, Outcome::Refused, "{}: byte {at}", name.display());
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn damage_is_found_where_it_is_read_and_nowhere_else() {
    let whole = Whole::new(true);
    let at = |name: &str| {
        let found = whole.files.iter().position(|(n, _)| n.ends_with(name));
        found.unwrap()
    };
    let heads = at("ngrams/shard-000.heads");
    let mut damaged = whole.files[heads].1.clone();
    damaged[0] ^= 1;
    fs::write(whole.index.join(&whole.files[heads].0), &damaged).unwrap();
    let index = LocalIndex::open(&whole.index).unwrap();
    let error = index.count(&[3]).unwrap_err().to_string();
    for part in ["shard-000.heads", "bytes 0 to", "index build --force"] {
        assert!(error.contains(part), "{error}");
    }
    // Again, and not only the first time.
    index.count(&[3]).unwrap_err();
    // What needs no number of that page has its answer.
    index.document(7).unwrap();
    index.word_count("the").unwrap();
}

mod long {
    use super::*;

    #[test]
    #[ignore = "long: make test-long"]
    fn two_thousand_random_damages() {
        never_wrong(random, 2000, 11);
    }

    #[test]
    #[ignore = "long: make test-long"]
    fn a_thousand_targeted_damages() {
        never_wrong(targeted, 1000, 12);
    }

    #[test]
    #[ignore = "long: make test-long"]
    fn two_thousand_damages_of_an_index_without_checksums() {
        let whole = Whole::new(false);
        for (damager, seed) in [(targeted as Damager, 13), (random, 14)] {
            let [same, refused, nameless, wrong, panicked] = damages(&whole, damager, 1000, seed);
            eprintln!("{refused} refused, {same} the same, {wrong} wrong, {panicked} panics");
            assert_eq!([nameless, panicked], [0; 2]);
        }
    }
}
