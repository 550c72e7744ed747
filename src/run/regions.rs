//! Steps held against the documents of a corpus: whether one has their numbers and names, their template, both, or neither.

use super::audit::regions::class;
use rotescope_audit::regions::{RegionOptions, Regions, regions};
use rotescope_corpus::{Corpus, CorpusError};
use rotescope_trace::{RegionSettings, RegionStretch, Span, StepRegion, Trace};
use rotescope_vocab::Encode;

/// Holds steps against documents.
pub struct StepRegions {
    /// The corpus' tokenizer.
    pub encoder: Box<dyn Encode>,
    pub options: RegionOptions,
}

impl StepRegions {
    /// What the traces say of it.
    pub fn settings(&self) -> RegionSettings {
        RegionSettings {
            tau: self.options.tau,
        }
    }

    /// The regions of all steps of a trace.
    ///
    /// # Errors
    /// When the corpus cannot be read, or does not give its documents.
    pub fn apply(&self, trace: &mut Trace, corpus: &dyn Corpus) -> Result<(), CorpusError> {
        let encode = |text: &str| -> Vec<u32> {
            let ids = self.encoder.encode_batch(&[text]).ok();
            ids.and_then(|mut ids| ids.pop()).unwrap_or_default()
        };
        for step in &mut trace.steps {
            step.region = of_step(corpus, &trace.output, step.span, &encode, &self.options)?;
        }
        trace.attribution.regions = Some(self.settings());
        Ok(())
    }
}

/// The regions of one step; nothing of a step without words. `encode`: text to the corpus' tokens.
///
/// # Errors
/// When the corpus cannot be read, or does not give its documents.
pub fn of_step(
    corpus: &dyn Corpus,
    output: &str,
    step: Span,
    encode: &dyn Fn(&str) -> Vec<u32>,
    options: &RegionOptions,
) -> Result<Option<StepRegion>, CorpusError> {
    let text = output.get(step[0]..step[1]).unwrap_or_default();
    if !text.chars().any(char::is_alphanumeric) {
        return Ok(None);
    }
    let found = regions(corpus, text, encode, options)?;
    Ok(Some(record(&found, step[0])))
}

/// As a trace has it; `from`: where the step begins in the output.
fn record(found: &Regions, from: usize) -> StepRegion {
    let rounded = |x: f64| (x * 1e4).round() / 1e4;
    let best = found.sources.first();
    let stretch = |s: &rotescope_audit::regions::Stretch| RegionStretch {
        span: s.bytes.map(|at| from + at),
        foreground: s.foreground,
    };
    StepRegion {
        class: class(found.class),
        foreground: rounded(found.coverage.foreground),
        background: rounded(found.coverage.background),
        document: best.map(|s| s.document),
        id: best.and_then(|s| s.id.clone()),
        covered: found.covered.iter().map(stretch).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::MemoryCorpus;
    use rotescope_trace::{RegionClass, Step};
    use rotescope_vocab::VocabError;

    /// A token for each byte.
    struct Bytes;

    impl Encode for Bytes {
        fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
            let one = |t: &&str| t.bytes().map(u32::from).collect();
            Ok(texts.iter().map(one).collect())
        }

        fn token_bytes(&self, id: u32) -> Vec<u8> {
            u8::try_from(id).into_iter().collect()
        }

        fn size(&self) -> usize {
            256
        }

        fn fingerprint(&self) -> &'static str {
            "bytes"
        }
    }

    #[test]
    fn each_step_has_its_class_and_stretches_of_the_output() {
        let known = "In the beginning there are 412 red apples in the box of Ann. So the answer is 88 apples in all.";
        let corpus = MemoryCorpus::of_texts("c", &[known, "Nothing is here."], &Bytes).unwrap();
        let output = "Well. In the beginning there are 735 red apples in the box of Ann.\n…\nQuite something else, with 17 ships.";
        let ends = [
            5,
            output.find('\n').unwrap(),
            output.find("Quite").unwrap(),
            output.len(),
        ];
        let mut from = 0;
        let step = |to: usize| {
            let step = Step {
                span: [from, to],
                tokens: [0, 0],
                flag: None,
                verdict: None,
                region: None,
            };
            from = to;
            step
        };
        let mut trace = Trace {
            output: output.into(),
            steps: ends.map(step).to_vec(),
            ..Trace::default()
        };
        let regions = StepRegions {
            encoder: Box::new(Bytes),
            options: RegionOptions::default(),
        };
        regions.apply(&mut trace, &corpus).unwrap();
        let of: Vec<Option<RegionClass>> = trace
            .steps
            .iter()
            .map(|s| s.region.as_ref().map(|r| r.class))
            .collect();
        assert_eq!(
            of[1..],
            [Some(RegionClass::Bm), None, Some(RegionClass::Nm)]
        );
        let template = trace.steps[1].region.as_ref().unwrap();
        assert_eq!(template.document, Some(0));
        let said: Vec<&str> = template
            .covered
            .iter()
            .filter(|s| !s.foreground)
            .map(|s| &output[s.span[0]..s.span[1]])
            .collect();
        assert!(said.contains(&"red apples in the box of"), "{said:?}");
        assert_eq!(trace.attribution.regions, Some(RegionSettings { tau: 0.8 }));
    }
}
