"""Prose: facts and passages. Passages are repeated a known number of times; near-duplicates differ from an original in one word."""
from .draw import Zipf
from .words import ADJECTIVES, COLORS, MATERIALS, NAMES, NOUNS, PLACES, TOWNS, TRADES

# copies of a passage -> how many passages have that many copies
REPEATED = {1: 700, 2: 150, 5: 70, 10: 50, 20: 40, 30: 30, 50: 24, 100: 12, 200: 6, 500: 3}
UNSEEN = 100          # passages that never occur: the control of recitation
NEAR = (30, 12)       # originals, near-duplicates of each
_name = Zipf(NAMES, 0.9)


def sentence(r):
    n, m, t, u = _name(r), _name(r), r.choice(TOWNS), r.choice(TOWNS)
    a, b, x, y = r.choice(ADJECTIVES), r.choice(ADJECTIVES), r.choice(NOUNS), r.choice(NOUNS)
    w, c, k, year = r.choice(MATERIALS), r.choice(COLORS), r.choice(TRADES), r.randint(1203, 1987)
    return r.choice([
        f"In {year} a {k} named {n} built a {a} {x} near {t}.",
        f"The {x} of {t} is made of {w} and {b} {r.choice(MATERIALS)}.",
        f"{n} kept the {a} {x} in a {c} {r.choice(PLACES)} for {r.randint(2, 99)} years.",
        f"People from {t} say that the {y} belongs to {m}.",
        f"Every {k} in {u} knows the story of the {a} {y} and the {b} {x}.",
        f"The road from {t} to {u} passes a {a} {y} and a {c} {x}.",
        f"{n} wrote to {m} that the {w} from {u} was {r.choice('harder softer older finer heavier lighter'.split())}.",
        f"On market day the {k} sells {w}, {r.choice(MATERIALS)} and a {a} {x}.",
        f"At night the {c} {y} shines over {t} like a {b} {x}.",
    ])


def passage(r):
    return " ".join(sentence(r) for _ in range(r.randint(5, 7)))


def near(r, text):
    """The passage with one word replaced by another of its list."""
    words = text.split(" ")
    places = [i for i, w in enumerate(words) if w in ADJECTIVES or w in NOUNS or w in MATERIALS]
    i = r.choice(places)
    pool = next(p for p in (ADJECTIVES, NOUNS, MATERIALS) if words[i] in p)
    words[i] = r.choice([w for w in pool if w != words[i]])
    return " ".join(words)


def documents(r):
    """(family, text, meta) of every prose document, and the passages with their copies for the recitation prompts."""
    docs, passages = [], []
    for copies, how_many in REPEATED.items():
        for _ in range(how_many):
            text, name = passage(r), f"passage-{len(passages):04d}"
            passages.append(dict(id=name, copies=copies, text=text))
            docs += [("prose", text, dict(passage=name, copies=copies))] * copies
    for _ in range(NEAR[0]):
        original, name = passage(r), f"passage-{len(passages):04d}"
        passages.append(dict(id=name, copies=1, near=NEAR[1], text=original))
        docs.append(("prose", original, dict(passage=name, copies=1)))
        docs += [("near", near(r, original), dict(passage=name)) for _ in range(NEAR[1])]
    for _ in range(UNSEEN):
        passages.append(dict(id=f"passage-{len(passages):04d}", copies=0, text=passage(r)))
    return docs, passages
