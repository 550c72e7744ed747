//! Texts that are made to take long, or to break what finds values.

use std::time::{Duration, Instant};

use rotescope_privacy::Detectors;

#[test]
fn a_text_of_anything_takes_little_time() {
    let detectors = Detectors::default();
    let pieces = [
        "@",
        "a@",
        "a.",
        " at ",
        "a at b dot ",
        "1",
        "1 ",
        "1-",
        "(1",
        "+1",
        "1.1.1.1.",
        "::",
        "a:",
        "GB82 ",
        "DE89 3704 ",
        "born ",
        "born 1 ",
        "token=",
        "eyJ",
        "sk-",
        "github.com/",
        "/@",
        "~",
        "1 Aa ",
        "Aa, ",
        "1 Main St, Aa",
        "Via Aa ",
        "12 rue ",
        "é",
        "１",
        "🙂",
        "\u{300}",
        "((((",
        "4111 ",
        "-",
        "[at]",
        "[dot]",
    ];
    for piece in pieces {
        let text = piece.repeat((1 << 18) / piece.len());
        let began = Instant::now();
        let found = detectors.find(&text);
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{piece:?}: {:?}",
            began.elapsed()
        );
        assert!(
            found.windows(2).all(|w| w[0].span.end <= w[1].span.start),
            "{piece:?}"
        );
        assert!(
            found.iter().all(|f| text.get(f.span.clone()).is_some()),
            "{piece:?}"
        );
    }
}
