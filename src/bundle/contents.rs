//! What a bundle is made of, whatever model it is.

use rotescope_study::perturb::Form;

/// A model that comes with the program, its whole corpus, and prompts for it. The paths of its files are those of a checkout.
#[derive(Debug)]
pub struct Contents {
    /// Names the folder that its files are unpacked to.
    pub name: &'static str,
    /// GGUF.
    pub model: File,
    /// The step flag that was fitted to the model's completions.
    pub flag: File,
    /// The step flag for all other models.
    pub default_flag: File,
    /// All that the model was trained on.
    pub corpus: File,
    /// The folder that the index of the corpus is built in.
    pub index: &'static str,
    /// Those that show most come first.
    pub prompts: &'static [Prompts],
    pub demo: Demo,
    /// How the prompts carry their problems.
    pub forms: &'static [&'static Form],
}

/// A file that is part of the program.
#[derive(Debug)]
pub struct File {
    /// Below the folder of the bundle.
    pub path: &'static str,
    pub bytes: &'static [u8],
    /// In hexadecimal digits.
    pub sha256: &'static str,
}

/// A file of prompts.
#[derive(Debug)]
pub struct Prompts {
    /// What users call it, behind `bundle:`.
    pub name: &'static str,
    pub file: File,
    /// Whether the app lists its prompts when no others are given.
    pub listed: bool,
}

/// The prompt that is run where there is no terminal for the app.
#[derive(Debug)]
pub struct Demo {
    /// The name of its file.
    pub prompts: &'static str,
    pub id: &'static str,
}
