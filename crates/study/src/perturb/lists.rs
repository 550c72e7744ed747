//! Word lists that replacements come from, most frequent first where the pocket corpus decides. The names, things, fruits and nouns are those of
//! the pocket corpus (`training/words.py`), so that its index knows them.

pub const NAMES: &str = "Tom Anna Ben Lucy Sam Mia Jack Emma Leo Rosa Max Nora Paul Ivy Omar Zoe Carl Lena Hugo Clara Finn Ruth Ada Theo Maya \
Noah Ella Ivan Sara Kai Dora Felix Gina Ravi Tara Otto Vera Yuki Amir Beth Dean Faye Glen Hana Igor June Kofi Lars Mona Nils Olga Pia Quinn Reza \
Seth Tina Umar Wade Xena Yann Zara Abel Bree Cleo Dale Enid Ford Gwen Hal Inez Joel Kurt Lola Milo Nell Orin Prue Rhys Stan Thea Alma Boris Cora \
Dirk Edna Fritz Greta Heidi Ines Jonas Klara Liam Marta Nadia Oscar Petra Ralf Silas Tess Ursula Viola Walt Yara Zeno";

pub const THINGS: &str = "apples books coins pens cards eggs stamps balls shells stones cookies toys marbles stickers flowers bottles candles \
pencils buttons ribbons cups plates boxes keys lamps chairs bricks beads kites hats shirts socks shoes gloves rings masks drums bells ropes nails \
bolts wheels tiles maps jars pots seeds plums nuts crabs feathers lanterns tickets badges magnets whistles spoons forks blankets brushes ladders \
mirrors pillows towels hammers needles crayons puzzles posters puppets scarves helmets bracelets umbrellas notebooks envelopes sponges buckets \
shovels baskets acorns pumpkins carrots onions peppers turnips melons muffins pretzels waffles pancakes walnuts radishes violins trumpets flutes \
anvils chisels saddles compasses telescopes barometers sundials figurines medallions tapestries goblets tankards chalices amulets scrolls quills \
inkwells";

pub const FRUITS: &str = "apple banana orange grape pear peach plum cherry lemon mango melon kiwi lime fig date berry papaya guava apricot \
coconut lychee quince nectarine persimmon pomelo kumquat tangerine mulberry currant durian rambutan tamarind loquat medlar jackfruit mangosteen \
soursop feijoa sapodilla cherimoya longan salak ackee bilberry cloudberry boysenberry damson greengage yuzu citron calamansi jabuticaba pitaya \
pawpaw santol marang langsat whitecurrant elderberry gooseberry";

pub const NOUNS: &str = "man house city river king night road garden sea forest mountain tower bridge story star book dream wind fire island \
queen winter summer stone door window village ship song moon sun shadow child heart dog horse bird wolf tree flower lake field castle letter clock \
train mirror crown sword lantern harbor desert valley storm sailor teacher doctor soldier painter baker keeper hunter farmer thief giant dragon \
ghost angel prince orchard meadow canyon glacier cavern temple market library museum station cottage chapel compass anchor feather riddle promise \
journey voyage harvest festival carnival whisper thunder ember willow cedar maple raven sparrow falcon otter badger heron";

pub const ADJECTIVES: &str = "old new little big dark bright red green blue white black lost hidden silent golden silver broken empty long last \
first great secret quiet wild cold warm small young ancient frozen burning hollow distant gentle crooked velvet crimson amber ivory restless faded \
wandering forgotten midnight emerald scarlet weary solemn brittle";

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

/// The words of a list.
pub fn words(list: &'static str) -> Vec<&'static str> {
    list.split_whitespace().collect()
}
