//! The bundled model, its corpus and its prompts, as files of this program.

use crate::bundle::contents::{Contents, Demo, File, Prompts};

macro_rules! file {
    ($path:literal, $sha256:literal) => {
        File {
            path: $path,
            bytes: include_bytes!(concat!("../../", $path)),
            sha256: $sha256,
        }
    };
}

/// Prompts that the app lists.
macro_rules! listed {
    ($name:literal, $sha256:literal) => {
        Prompts {
            listed: true,
            ..unlisted!($name, $sha256)
        }
    };
}

macro_rules! unlisted {
    ($name:literal, $sha256:literal) => {
        Prompts {
            name: $name,
            file: File {
                path: concat!("prompts/", $name, ".jsonl"),
                bytes: include_bytes!(concat!("../../prompts/", $name, ".jsonl")),
                sha256: $sha256,
            },
            listed: false,
        }
    };
}

/// The pocket bundle.
pub static CONTENTS: Contents = Contents {
    name: "pocket",
    model: MODEL,
    flag: FLAG,
    default_flag: DEFAULT_FLAG,
    corpus: CORPUS,
    index: "indexes/built/pocket",
    prompts: PROMPTS,
    demo: Demo {
        prompts: "applied-base",
        id: "applied-base-002",
    },
    forms: &[&super::problem::FORM],
};

const MODEL: File = file!(
    "models/pocket/pocket-q8_0.gguf",
    "5f9cb641811bdc012398240a200a0ae0deebb60f9af881a5a38dfc0d7c936537"
);
const FLAG: File = file!(
    "models/pocket/flag.json",
    "2f2d0892683ab02f2232b82a693fd31562f539794da28399700111223862f929"
);
const DEFAULT_FLAG: File = file!(
    "models/flag.json",
    "71c2e7a2cbc1e495950855fd0c4cc64f7e00f068a1b7df34745e0ee45849747e"
);
const CORPUS: File = file!(
    "indexes/pocket/corpus.jsonl.zst",
    "a014f88bc4d6362fa0da17fc4bf300662165fa8aa04f71b6e6e22cdcf1371d4c"
);

/// Those that show most come first.
const PROMPTS: &[Prompts] = &[
    listed!(
        "applied-base",
        "c87071d79714cc0b9f642e47bc5a204a0b682b63fee8cdbfc653fd79d71b2866"
    ),
    listed!(
        "applied-longtail",
        "1a029ab37f02b92a666e5ce5e70fc6014a0459286dcf86830a2a69d29d465406"
    ),
    listed!(
        "planted-local",
        "45c1716b6bfc2a4f9fa616284b7873a6de604b4c4eafdefbd536fdfdac63ea40"
    ),
    listed!(
        "planted-mid",
        "b9f79d624c575fbf4640462bf1199e10cfc79b563eaca9b5ab56c67c6b603279"
    ),
    listed!(
        "planted-long",
        "0114d6ad1d7888e2a162c9ecbbfa97f50f7c554442cb2ee6c62cb35f6fdddc6b"
    ),
    listed!(
        "formula-base",
        "7b61e65b7afa7f33b9b5080377e4db5a14da9e34dd7a672a985eda3763c38075"
    ),
    listed!(
        "formula-longtail",
        "c45e869a495e051669d755eeb11d9b922284bac4090dd6ec748affc462dfed0c"
    ),
    listed!(
        "counting-base",
        "457713d231650f3933336c04ded89b42488887c1c091b62ffe750b8a675bd1f3"
    ),
    listed!(
        "counting-longtail",
        "0c17bee89478378df90d4be5cf2865128af2199377bb2e483e1944ad60568b2e"
    ),
    listed!(
        "capitalization-base",
        "7032479529dda7f90db07e1a43739a43824ed97db769f920999717557c748018"
    ),
    listed!(
        "capitalization-longtail",
        "7b8cc50703ca9f49065b9847172e99888b765b81c3bfc53ef8e331e475df2dca"
    ),
    unlisted!(
        "applied-seen",
        "6286e963f06876549e710b3bcffc2edae7f742ff2f79cd17a3eb0f6f5404d690"
    ),
    unlisted!(
        "formula-seen",
        "6239d5e7dd89e527ffdab14ebdd53a3d6862bb2e240d1675469ff2791bd86eee"
    ),
    unlisted!(
        "counting-seen",
        "514a0ae062cf67473333d1e883f238b7cb8da8f30e591243e11511150c652d94"
    ),
    unlisted!(
        "capitalization-seen",
        "0f12675f74d8c818f07d2142e731881f5f829122c3ea9f2862216f5f6e7e4141"
    ),
    unlisted!(
        "recite",
        "f1d5b53e0433cb27439acf83bac3bc315686e1b8b6fa3eb6807f3740c802ea16"
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_vocab::hash::hex;
    use sha2::{Digest, Sha256};

    #[test]
    fn hashes_are_those_of_the_files() {
        let own = [
            &CONTENTS.model,
            &CONTENTS.flag,
            &CONTENTS.default_flag,
            &CONTENTS.corpus,
        ];
        let mut changed = String::new();
        for file in own.into_iter().chain(PROMPTS.iter().map(|p| &p.file)) {
            let hash = hex(&Sha256::digest(file.bytes));
            if hash != file.sha256 {
                changed += &format!("{} now has {hash}\n", file.path);
            }
        }
        assert_eq!(changed, "", "put the new hashes into this file");
    }

    #[test]
    fn every_prompt_file_is_part_of_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/prompts");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        let mut known: Vec<String> = PROMPTS
            .iter()
            .map(|p| format!("{}.jsonl", p.name))
            .collect();
        there.sort();
        known.sort();
        assert_eq!(there, known);
    }
}
