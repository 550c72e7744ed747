"""Word lists of the pocket corpus. Order matters: the position in a list is the rank in the Zipf law it is drawn by."""
import random

SEED = 20261124

_NAMES = """Tom Anna Ben Lucy Sam Mia Jack Emma Leo Rosa Max Nora Paul Ivy Omar Zoe Carl Lena Hugo Clara Finn Ruth Ada Theo Maya Noah
Ella Ivan Sara Kai Dora Felix Gina Ravi Tara Otto Vera Yuki Amir Beth Dean Faye Glen Hana Igor June Kofi Lars Mona Nils Olga Pia Quinn
Reza Seth Tina Umar Wade Xena Yann Zara Abel Bree Cleo Dale Enid Ford Gwen Hal Inez Joel Kurt Lola Milo Nell Orin Prue Rhys Stan Thea
Alma Boris Cora Dirk Edna Fritz Greta Heidi Ines Jonas Klara Liam Marta Nadia Oscar Petra Ralf Silas Tess Ursula Viola Walt Yara Zeno""".split()

_OBJECTS = """apples books coins pens cards eggs stamps balls shells stones cookies toys marbles stickers flowers bottles candles pencils
buttons ribbons cups plates boxes keys lamps chairs bricks beads kites hats shirts socks shoes gloves rings masks drums bells ropes nails
bolts wheels tiles maps jars pots seeds plums nuts crabs feathers lanterns tickets badges magnets whistles spoons forks blankets brushes
ladders mirrors pillows towels hammers needles crayons puzzles posters puppets scarves helmets bracelets umbrellas notebooks envelopes
sponges buckets shovels baskets acorns pumpkins carrots onions peppers turnips melons muffins pretzels waffles pancakes walnuts radishes
violins trumpets flutes anvils chisels saddles compasses telescopes barometers sundials figurines medallions tapestries goblets tankards
chalices amulets scrolls quills inkwells""".split()

PLACES = "box bag basket shelf drawer room crate tray jar chest barrel cabinet locker bucket cart wagon shed barn trunk case".split()

FRUITS = """apple banana orange grape pear peach plum cherry lemon mango melon kiwi lime fig date berry papaya guava apricot coconut
lychee quince nectarine persimmon pomelo kumquat tangerine mulberry currant durian rambutan tamarind loquat medlar jackfruit mangosteen
soursop feijoa sapodilla cherimoya longan salak ackee bilberry cloudberry boysenberry damson greengage yuzu citron calamansi jabuticaba
pitaya pawpaw santol marang langsat whitecurrant elderberry gooseberry""".split()

ADJECTIVES = """old new little big dark bright red green blue white black lost hidden silent golden silver broken empty long last first
great secret quiet wild cold warm small young ancient frozen burning hollow distant gentle crooked velvet crimson amber ivory restless
faded wandering forgotten midnight emerald scarlet weary solemn brittle""".split()

NOUNS = """man house city river king night road garden sea forest mountain tower bridge story star book dream wind fire island queen
winter summer stone door window village ship song moon sun shadow child heart dog horse bird wolf tree flower lake field castle letter
clock train mirror crown sword lantern harbor desert valley storm sailor teacher doctor soldier painter baker keeper hunter farmer thief
giant dragon ghost angel prince orchard meadow canyon glacier cavern temple market library museum station cottage chapel compass anchor
feather riddle promise journey voyage harvest festival carnival whisper thunder ember willow cedar maple raven sparrow falcon otter badger
heron""".split()

TRADES = "baker miller weaver potter smith mason tanner cooper sailor painter glover dyer".split()
MATERIALS = "copper iron oak clay wool linen glass marble slate silver tin bronze pine cedar amber salt".split()
COLORS = "red blue green white black grey yellow brown".split()

_ONSETS = "br cr dr fl gr h j k l m n p qu r s t v w x y z th pl sk tr st gl sn".split()
_VOWELS = "a e i o u ai ea ou".split()
_CODAS = "n r th l x m nd st k s rn lt sh ng".split()


def invent(count, syllables, tag, taken, capital=False):
    """`count` made-up words of that many syllables, none of them in `taken`, which grows by them."""
    r = random.Random(f"{SEED}-{tag}")
    out = []
    while len(out) < count:
        word = "".join(r.choice(_ONSETS) + r.choice(_VOWELS) for _ in range(syllables)) + r.choice(_CODAS)
        if word in taken:
            continue
        taken.add(word)
        out.append(word.capitalize() if capital else word)
    return out


_taken = {w.lower() for w in _NAMES + _OBJECTS + PLACES + FRUITS + ADJECTIVES + NOUNS + TRADES + MATERIALS + COLORS}
NAMES = _NAMES + invent(600 - len(_NAMES), 2, "names", _taken, capital=True)
OBJECTS = _OBJECTS
PLANT_NAMES = invent(44, 2, "plant-names", _taken, capital=True)   # long-range triggers
NICKNAMES = invent(44, 1, "nicknames", _taken)                      # mid-range triggers
RARE = invent(400, 2, "rare", _taken)                               # rare title words that the corpus holds a few times
UNSEEN = invent(300, 2, "unseen", _taken)                           # title words that the corpus never holds
TOWNS = invent(120, 2, "towns", _taken, capital=True)
SURNAMES = invent(320, 2, "surnames", _taken, capital=True)
