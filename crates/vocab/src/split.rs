//! Cutting a text into the pieces inside which tokens are merged.

use super::pattern::Pattern;
use super::pre::{self, Pre};
use super::{scan, unicode};

#[derive(Debug)]
enum Step {
    Gpt2,
    Llama3,
    Qwen2,
    Qwen35,
    KimiK2,
    DigitGroups,
    Lines,
    Pattern(Pattern),
}

impl Step {
    fn new(expression: &str) -> Step {
        match expression {
            pre::GPT2 => Step::Gpt2,
            pre::LLAMA3 => Step::Llama3,
            pre::QWEN2 => Step::Qwen2,
            pre::QWEN35 => Step::Qwen35,
            pre::KIMI_K2 => Step::KimiK2,
            pre::DIGIT_GROUPS | pre::DIGIT_GROUPS_2 => Step::DigitGroups,
            pre::LINES => Step::Lines,
            _ => Step::Pattern(Pattern::new(expression)),
        }
    }

    fn cut(&self, c: &[u32], f: &[u8], units: &mut Vec<u32>, out: &mut Vec<u32>) {
        match self {
            Step::Gpt2 => scan::gpt2(c, f, out),
            Step::Llama3 => scan::llama3(c, f, out),
            Step::Qwen2 => scan::qwen2(c, f, out),
            Step::Qwen35 => scan::qwen35(c, f, out),
            Step::KimiK2 => scan::kimi_k2(c, f, out),
            Step::DigitGroups => scan::digit_groups(f, out),
            Step::Lines => scan::lines(c, out),
            Step::Pattern(p) => p.split(c, f, units, out),
        }
    }
}

/// The steps of one pre-tokenizer, ready to run.
#[derive(Debug)]
pub(super) struct Splitter {
    steps: Vec<Step>,
}

/// Buffers that one thread uses again and again.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    points: Vec<u32>,
    flags: Vec<u8>,
    units: Vec<u32>,
    /// Lengths of pieces, in code points.
    lengths: Vec<u32>,
    next: Vec<u32>,
}

impl Splitter {
    pub(super) fn new(pre: &Pre) -> Splitter {
        Splitter {
            steps: pre.steps.iter().map(|s| Step::new(s)).collect(),
        }
    }

    /// Calls `piece` with each piece of `text`, in order; together they are the text.
    pub(super) fn split<'t>(&self, text: &'t str, b: &mut Buffers, mut piece: impl FnMut(&'t str)) {
        if text.is_empty() {
            return;
        }
        let table = unicode::flags();
        b.points.clear();
        b.points.extend(text.chars().map(u32::from));
        b.flags.clear();
        b.flags
            .extend(b.points.iter().map(|&cp| table[cp as usize]));
        b.lengths.clear();
        b.lengths.push(b.points.len() as u32);
        for step in &self.steps {
            b.next.clear();
            let mut at = 0;
            for &n in &b.lengths {
                let end = at + n as usize;
                let (c, f) = (&b.points[at..end], &b.flags[at..end]);
                step.cut(c, f, &mut b.units, &mut b.next);
                at = end;
            }
            std::mem::swap(&mut b.lengths, &mut b.next);
        }
        let (mut at, mut byte) = (0, 0);
        for &n in &b.lengths {
            let end = at + n as usize;
            let bytes: usize = b.points[at..end].iter().map(|&cp| utf8_len(cp)).sum();
            piece(&text[byte..byte + bytes]);
            (at, byte) = (end, byte + bytes);
        }
    }
}

fn utf8_len(cp: u32) -> usize {
    match cp {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x10000 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(name: &str, text: &str) -> Vec<String> {
        let mut out = Vec::new();
        Splitter::new(pre::find(name).unwrap())
            .split(text, &mut Buffers::default(), |p| out.push(p.to_owned()));
        out
    }

    #[test]
    fn every_name_compiles_and_keeps_the_text() {
        let text = "It's 12345.67 \u{3000}naïve  \n\n\t語彙 don'T +=x <sentinel:9> IMGIMGABZ ½ e\u{301}\r\n ";
        for name in pre::pre_tokenizers() {
            assert_eq!(split(name, text).concat(), text, "{name}");
            assert!(split(name, "").is_empty());
        }
    }

    #[test]
    fn pieces_as_known() {
        assert_eq!(split("gpt-2", "I've  2 x"), ["I", "'ve", " ", " 2", " x"]);
        assert_eq!(
            split("qwen2", "a 123'S\n\n b"),
            ["a", " ", "1", "2", "3", "'S", "\n\n", " b"]
        );
        assert_eq!(
            split("llama-bpe", "1234 !?\n x"),
            ["123", "4", " !?\n", " x"]
        );
        assert_eq!(split("superbpe", "1234567"), ["1", "234", "567"]);
        assert_eq!(split("afmoe", "12345")[..2], ["12", "345"]);
        assert_eq!(split("deepseek-llm", "ab 12\n"), ["ab", " ", "12", "\n"]);
        assert_eq!(split("starcoder", "x 12"), ["x", " ", "1", "2"]);
    }
}
