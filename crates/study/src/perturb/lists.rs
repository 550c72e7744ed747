//! Word lists that replacements come from, for any text.

/// What a word names, and so which words can stand in its place.
#[derive(Debug)]
pub struct Category {
    /// The words, common ones first, with white space between.
    pub words: &'static str,
    /// From this place on they are rare.
    pub rare_from: usize,
}

impl Category {
    pub fn all(&self) -> Vec<&'static str> {
        self.words.split_whitespace().collect()
    }

    /// The rare end of the list.
    pub fn rare(&self) -> Vec<&'static str> {
        self.words.split_whitespace().skip(self.rare_from).collect()
    }
}

/// First names.
pub static NAMES: Category = Category {
    words: "Tom Anna Ben Lucy Sam Mia Jack Emma Leo Rosa Max Nora Paul Ivy Omar Zoe Carl Lena Hugo Clara Finn Ruth Ada Theo Maya \
Noah Ella Ivan Sara Kai Dora Felix Gina Ravi Tara Otto Vera Yuki Amir Beth Dean Faye Glen Hana Igor June Kofi Lars Mona Nils Olga Pia Quinn Reza \
Seth Tina Umar Wade Xena Yann Zara Abel Bree Cleo Dale Enid Ford Gwen Hal Inez Joel Kurt Lola Milo Nell Orin Prue Rhys Stan Thea Alma Boris Cora \
Dirk Edna Fritz Greta Heidi Ines Jonas Klara Liam Marta Nadia Oscar Petra Ralf Silas Tess Ursula Viola Walt Yara Zeno",
    rare_from: 80,
};

/// Words that mean the same in the problems that these tools meet; both ways.
pub const SYNONYMS: &[(&str, &str)] = &[
    ("buys", "purchases"),
    ("gives", "hands"),
    ("finds", "discovers"),
    ("gets", "receives"),
    ("sells", "vends"),
    ("friend", "pal"),
    ("equal", "even"),
    ("equally", "evenly"),
    ("big", "large"),
    ("small", "little"),
    ("begins", "starts"),
    ("compute", "calculate"),
    ("total", "sum"),
    ("dollars", "bucks"),
    ("children", "kids"),
    ("picture", "image"),
    ("shop", "store"),
    ("each", "every"),
    ("quickly", "fast"),
    ("home", "house"),
    ("value", "result"),
    ("happy", "glad"),
    ("car", "automobile"),
    ("trip", "journey"),
    ("job", "work"),
];

/// Clauses with a number that change nothing: `{x}` is the number, `{o}` the things or a word like "items".
pub const NOOPS: &[&str] = &[
    "{x} of the {o} are a bit smaller than the others.",
    "A neighbor saw {x} {o} last week.",
    "The shop around the corner is {x} years old.",
    "{x} of the {o} are of another color.",
];
