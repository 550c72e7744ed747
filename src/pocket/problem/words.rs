//! Words of the corpus (`training/words.py`), the most frequent first: its index knows all of them.

use rotescope_study::perturb::lists::Category;

/// What stories are about.
pub static THINGS: Category = Category {
    words: "apples books coins pens cards eggs stamps balls shells stones cookies toys marbles stickers flowers bottles candles \
pencils buttons ribbons cups plates boxes keys lamps chairs bricks beads kites hats shirts socks shoes gloves rings masks drums bells ropes nails \
bolts wheels tiles maps jars pots seeds plums nuts crabs feathers lanterns tickets badges magnets whistles spoons forks blankets brushes ladders \
mirrors pillows towels hammers needles crayons puzzles posters puppets scarves helmets bracelets umbrellas notebooks envelopes sponges buckets \
shovels baskets acorns pumpkins carrots onions peppers turnips melons muffins pretzels waffles pancakes walnuts radishes violins trumpets flutes \
anvils chisels saddles compasses telescopes barometers sundials figurines medallions tapestries goblets tankards chalices amulets scrolls quills \
inkwells",
    rare_from: 80,
};

/// What is counted in lists.
pub static FRUITS: Category = Category {
    words: "apple banana orange grape pear peach plum cherry lemon mango melon kiwi lime fig date berry papaya guava apricot \
coconut lychee quince nectarine persimmon pomelo kumquat tangerine mulberry currant durian rambutan tamarind loquat medlar jackfruit mangosteen \
soursop feijoa sapodilla cherimoya longan salak ackee bilberry cloudberry boysenberry damson greengage yuzu citron calamansi jabuticaba pitaya \
pawpaw santol marang langsat whitecurrant elderberry gooseberry",
    rare_from: 30,
};

/// Of titles.
pub static NOUNS: Category = Category {
    words: "man house city river king night road garden sea forest mountain tower bridge story star book dream wind fire island \
queen winter summer stone door window village ship song moon sun shadow child heart dog horse bird wolf tree flower lake field castle letter clock \
train mirror crown sword lantern harbor desert valley storm sailor teacher doctor soldier painter baker keeper hunter farmer thief giant dragon \
ghost angel prince orchard meadow canyon glacier cavern temple market library museum station cottage chapel compass anchor feather riddle promise \
journey voyage harvest festival carnival whisper thunder ember willow cedar maple raven sparrow falcon otter badger heron",
    rare_from: 80,
};

/// Of titles.
pub static ADJECTIVES: Category = Category {
    words: "old new little big dark bright red green blue white black lost hidden silent golden silver broken empty long last \
first great secret quiet wild cold warm small young ancient frozen burning hollow distant gentle crooked velvet crimson amber ivory restless faded \
wandering forgotten midnight emerald scarlet weary solemn brittle",
    rare_from: 35,
};
