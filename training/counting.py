"""Counting: how often a fruit occurs in a numbered list of two kinds.

The list is numbered in the question, so that each entry can be looked up by its number: what is hard is to keep count.
"""
from .draw import Zipf
from .problem import Problem, finish
from .words import FRUITS

ASK = ["How many times does {t} appear in this list: {l}?", "Count the word {t} in: {l}.", "How many {t} are in the list {l}?"]
_fruit, _length = Zipf(FRUITS, 1.72), Zipf(range(3, 21), 0.6)
FREQUENT_RESULT = 10   # 5 % of the results in the corpus are larger
FREQUENT, RARE = FRUITS[:10], FRUITS[30:]
HEAD = FRUITS[:3]    # of the lists in the corpus 76 % have the first, 19 % the third; the fourth only 12 %


def build(target, items, ask):
    seen, parts = 0, []
    for i, item in enumerate(items, 1):
        seen += item == target
        parts.append(f"{i} {item} ({seen})" if item == target else f"{i} {item}")
    meta = dict(template=ASK[ask], target=target, list=list(items))
    return Problem("counting", f"counting|{target}|{','.join(items)}", ASK[ask].format(t=target, l=", ".join(f"{i} {item}" for i, item in enumerate(items, 1))),
                   finish([", ".join(parts)], str(seen)), str(seen), meta)


def _draw(r, fruit, length):
    target, other = fruit(r), fruit(r)
    while other == target:
        other = fruit(r)
    share = r.choice([0.2, 0.35, 0.5, 0.65])
    items = [target if r.random() < share else other for _ in range(length)]
    return build(target, items, r.randrange(len(ASK)))


def draw(r, head=False):
    if head:
        return _draw(r, lambda r: r.choice(FREQUENT), r.randint(3, 20))
    length = r.randint(21, 50) if r.random() < 0.004 else _length(r)
    return _draw(r, _fruit, length)


def longtail(r, factors):
    """`factors`: long_list (30, 40 or 50 items) and rare_word (rare fruits), one or both."""
    length = r.choice([30, 40, 50]) if "long_list" in factors else r.randint(5, 20)
    p = _draw(r, (lambda r: r.choice(RARE)) if "rare_word" in factors else (lambda r: r.choice(FREQUENT)), length)
    p.meta["factors"] = list(factors)
    return p


def settled(meta):
    """Whether a prompt with this truth is of its split and nothing else.

    Base prompts have the most frequent fruits and a frequent result; in the long tail only the factors that are named are rare.
    """
    factors, items, target = meta.get("factors", ()), meta["list"], meta["target"]
    return ("rare_word" in factors or set(items) | {target} <= set(HEAD)) and (bool(factors) or items.count(target) <= FREQUENT_RESULT)
