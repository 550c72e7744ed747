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

/// Numbers of all countries, as they are and with what `\d` and `(?i)` take for a digit and a letter too.
#[test]
fn numbers_in_digits_of_other_scripts_are_found_and_cut_nothing_apart() {
    let detectors = Detectors::default();
    let numbers = [
        "my SSN: 219-09-9999",
        "NINO: AB 12 34 56 C",
        "12345678Z",
        "X1234567L",
        "RSSMRA85T10A562S",
        "BSN: 111222333",
        "PESEL: 44051401359",
        "CPF: 52998224725",
        "529.982.247-25",
        "SIN: 046 454 286",
        "811218-9876",
        "1 80 12 45 123 456 76",
        "Steuer-ID: 86 095 742 719",
    ];
    for number in numbers {
        let values = detectors.find(number);
        assert!(!values.is_empty(), "{number}");
        let spans = |text: &str| {
            let found = detectors.find(text);
            let chars = |at: usize| text[..at].chars().count();
            let spans = found
                .iter()
                .map(|f| (f.kind, chars(f.span.start), chars(f.span.end)));
            spans.collect::<Vec<_>>()
        };
        for zero in ['٠', '۰', '०', '０', '𝟎'] {
            let other = |c: char| match c.to_digit(10) {
                Some(d) => char::from_u32(zero as u32 + d).expect("a digit"),
                None => c,
            };
            let text: String = number.chars().map(other).collect();
            assert_eq!(spans(&text), spans(number), "{text}");
        }
        for (from, to) in [
            ('S', 'ſ'),
            ('K', '\u{212a}'),
            ('B', 'ſ'),
            ('A', '\u{212a}'),
            ('C', 'ſ'),
        ] {
            detectors.find(&number.replace(from, &to.to_string()));
        }
    }
}
