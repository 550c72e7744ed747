"""Capitalization: make it a title, or (rare) capitalize only the last word."""
from .draw import Zipf
from .problem import Problem, finish
from .words import ADJECTIVES, NOUNS, RARE, UNSEEN

TITLE = ["Write this as a title: {}.", "Make this a title: {}.", "What is the title form of {}?"]
LAST = ["Capitalize only the last word: {}.", "Write this with a capital in the last word only: {}."]
SMALL = {"the", "a", "of", "and", "in", "with"}
FORMS = ["the {a} {n}", "the {n} of the {m}", "the {a} {n} of the {b} {m}", "{a} {n} and {b} {m}", "a {n} in the {a} {m}", "the {n} and the {m}",
         "the {a} {n} with the {m}", "{n} and {m} in the {a} {k}", "the {a} {b} {n}", "beyond the {a} {n} and the {m}", "the {a} {n} of the {m} and the {k}"]
_adjective, _noun, _rare = Zipf(ADJECTIVES, 0.9), Zipf(NOUNS, 1.3), Zipf(RARE, 1.1)
LAST_SHARE = 0.03


def up(word):
    return word[0].upper() + word[1:]


def build(title, last, ask):
    words = title.split()
    listed = "The words are " + ", ".join(words)
    if last:
        result = words[:-1] + [up(words[-1])]
        steps = [listed, f"The last word is {words[-1]} and becomes {result[-1]}"]
        template = LAST[ask % len(LAST)]
    else:
        result = [w if i and w in SMALL else up(w) for i, w in enumerate(words)]
        steps = [listed, ", ".join(f"{w} stays {w}" if w == c else f"{w} becomes {c}" for w, c in zip(words, result))]
        template = TITLE[ask % len(TITLE)]
    answer = " ".join(result)
    meta = dict(template=template, title=title, rule="last_word" if last else "title")
    return Problem("capitalization", "capitalization|" + title, template.format(title), finish(steps, answer), answer, meta)


def _draw(r, noun, last):
    form = r.choice(FORMS)
    fill = dict(a=_adjective(r), b=_adjective(r), n=noun(r), m=noun(r), k=noun(r))
    return build(form.format(**fill), last, r.randrange(6))


def draw(r, head=False):
    if head:
        return _draw(r, lambda r: r.choice(NOUNS[:60]), False)
    noun = lambda r: _rare(r) if r.random() < 0.03 else _noun(r)
    return _draw(r, noun, r.random() < LAST_SHARE)


def longtail(r, factors):
    """`factors`: rare_instruction (capitalize only the last word) and rare_word (nouns that the corpus holds seldom or never)."""
    noun = (lambda r: r.choice(UNSEEN)) if "rare_word" in factors else (lambda r: r.choice(NOUNS[:60]))
    p = _draw(r, noun, "rare_instruction" in factors)
    p.meta["factors"] = list(factors)
    return p
