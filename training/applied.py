"""Applied math: stories of one quantity that changes from one to eight times.

The wording of the chain follows from the wording of the question, so a greedy model has one right way to go on.
"""
from fractions import Fraction

from .draw import Zipf
from .numbers import FACTORS, apply, binary, decimal, transform
from .problem import BASE2, Problem, finish
from .words import NAMES, OBJECTS, PLACES

# (how the question tells it, how the chain says it); x: operands, t: before, r: after, m: the product of a box event
GAIN = [
    ("{n} buys {x} more {o}.", "After buying more, {S} {t} + {x} = {r} {o}"),
    ("A friend gives {n} {x} more {o}.", "With the gift, {S} {t} + {x} = {r} {o}"),
    ("Then {n} finds {x} {o}.", "After finding more, {S} {t} + {x} = {r} {o}"),
    ("{n} wins {x} {o} in a game.", "After winning, {S} {t} + {x} = {r} {o}"),
    ("On the way home {n} picks up {x} {o}.", "On the way home the number grows to {t} + {x} = {r} {o}"),
]
TALLY = ("{n} adds {x} more {o} to the tally.", "The tally rises to {t} + {x} = {r} {o}")
LOSE = [
    ("{n} gives {x} {o} to a friend.", "After giving some away, {S} {t} - {x} = {r} {o}"),
    ("{n} loses {x} {o}.", "After the loss, {S} {t} - {x} = {r} {o}"),
    ("Then {n} sells {x} of the {o}.", "After the sale, {S} {t} - {x} = {r} {o}"),
    ("{x} of the {o} break.", "Without the broken ones, {S} {t} - {x} = {r} {o}"),
]
TIMES = [
    ("The next day {n} has {x} times as many {o}.", "The next day {S} {t} * {x} = {r} {o}"),
    ("A lucky trade gives {n} {x} times as many {o}.", "After the trade, {S} {t} * {x} = {r} {o}"),
]
SHARE = [
    ("{n} splits the {o} into {x} equal piles and keeps one pile.", "One pile holds {t} / {x} = {r} {o}"),
    ("{n} shares the {o} equally among {x} friends and counts what one friend gets.", "One friend gets {t} / {x} = {r} {o}"),
]
BOX = [
    ("{n} also gets {y} {p}s with {x} {o} in each {p}.", "The {p}s hold {y} * {x} = {m} {o}", "Together {S} {t} + {m} = {r} {o}"),
]
START = [("{n} has {x} {o}.", "At first {S} {x} {o}"), ("{n} starts the day with {x} {o}.", "The day starts with {x} {o}")]
# the last sentence of the question decides how the chain speaks of the quantity
ASK = [("How many {o} does {n} have now?", "{n} has"), ("How many {o} are there now?", "there are")]
IMPERSONAL = 1

_name, _object, _place = Zipf(NAMES, 1.12), Zipf(OBJECTS, 1.47), Zipf(PLACES, 0.6)
_number, _factor = Zipf(range(1, 1000), 1.3), Zipf(range(2, 13), 1.3)
_count = Zipf(range(1, 9), 0.55)
KINDS = ["gain", "lose", "times", "share", "box"]
WEIGHTS = [40, 32, 9, 6, 7]
VARIANTS = {"gain": GAIN + [TALLY], "lose": LOSE, "times": TIMES, "share": SHARE, "box": BOX}
TALLY_VARIANT = len(GAIN)


def shape(r, count=None, ask=None, name=None):
    """The wording of a story: everything but its numbers. Long stories seldom multiply."""
    ops, left = [], count or _count(r)
    while left > 0:
        kind = r.choices(KINDS, WEIGHTS)[0]
        if kind == "box" and left < 2 or kind in ("times", "share") and any(k in ("times", "share") for k, _ in ops):
            continue
        ops.append((kind, r.randrange(len(VARIANTS[kind]))))
        left -= 2 if kind == "box" else 1
    return dict(n=name or _name(r), o=_object(r), p=_place(r), start=r.randrange(len(START)),
                ask=r.randrange(len(ASK)) if ask is None else ask, ops=ops)


def numbers(r, sh, head):
    """Operands for a shape, or None when they do not work out: every total a whole number from 1 to the limit."""
    limit = 100 if head else 999
    small = (lambda: r.randint(2, 20)) if head else (lambda: _number(r))
    x = [max(2, small())]
    total = x[0]
    for kind, _ in sh["ops"]:
        if kind == "gain":
            v = (small(),)
            total += v[0]
        elif kind == "lose":
            v = (small(),)
            total -= v[0]
        elif kind == "times":
            v = (_factor(r),)
            total *= v[0]
        elif kind == "share":
            v = (_factor(r),)
            if total % v[0]:
                return None
            total //= v[0]
        else:
            v = (_factor(r), min(small(), 12 if head else 99))
            total += v[0] * v[1]
        if not 1 <= total <= limit:
            return None
        x.extend(v)
    return [Fraction(v) for v in x]


def build(sh, x, write=decimal, false=None, nickname=None, final=None, noun=None):
    """The problem of a shape and its operands; None when a number cannot be written or a total is not positive.

    write: how numbers are written. The planted variants are made by the rest: `false` maps (a, op, b) to a wrong result, `nickname` maps
    a total on the tally to the word that follows it, `final` replaces the final number, `noun` the last noun after an equation.
    """
    false = false or {}
    subject = ASK[sh["ask"]][1].format(n=sh["n"])
    facts, steps, template, equations, names = [], [], [], [], dict(n=sh["n"], o=sh["o"], p=sh["p"])
    operands = [write(v) for v in x]
    if None in operands:
        return None

    def compute(a, op, b):
        value = false.get((a, op, b), None) if a.denominator == b.denominator == 1 else None
        value = apply(a, op, b) if value is None else Fraction(value)
        facts.append((a, op, b))
        return value

    q, a = START[sh["start"]]
    total, i = x[0], 1
    template.append(q.replace("{x}", "{x0}"))
    steps.append(a.format(S=subject, x=operands[0], o=sh["o"]))
    for index, (kind, variant) in enumerate(sh["ops"]):
        said = VARIANTS[kind][variant]
        say = dict(names, S=subject, t=write(total))
        if kind == "box":
            many, each = x[i], x[i + 1]
            product = compute(many, "*", each)
            after = compute(total, "+", product)
            say.update(y=operands[i], x=operands[i + 1], m=write(product), r=write(after))
            template.append(said[0].replace("{y}", "{x%d}" % i).replace("{x}", "{x%d}" % (i + 1)))
            equations += [f"{say['y']} * {say['x']} = {say['m']}", f"{say['t']} + {say['m']} = {say['r']}"]
            i += 2
        else:
            op = {"gain": "+", "lose": "-", "times": "*", "share": "/"}[kind]
            after = compute(total, op, x[i])
            say.update(x=operands[i], r=write(after))
            template.append(said[0].replace("{x}", "{x%d}" % i))
            equations.append(f"{say['t']} {op} {say['x']} = {say['r']}")
            i += 1
        if after <= 0 or None in say.values():
            return None
        if noun and index == len(sh["ops"]) - 1:
            say["o"] = noun
        for sentence in said[1:]:
            steps.append(sentence.format(**say))
        if nickname and (kind, variant) == ("gain", TALLY_VARIANT) and after in nickname:
            steps[-1] += f", one {nickname[after]}"
        total = after
    template.append(ASK[sh["ask"]][0])
    template = (BASE2 if write is binary else "") + " ".join(template)
    question = template.format(**names, **{f"x{k}": v for k, v in enumerate(operands)})
    answer = write(total) if final is None else str(final)
    meta = dict(template=template, names=names, operands=operands, ops=[k for k, _ in sh["ops"]], equations=equations)
    key = f"applied|{'base2|' if write is binary else ''}" + ";".join(equations)
    p = Problem("applied", key, question, finish(steps, answer), answer, meta)
    p.facts = facts
    return p


def draw(r, head=False):
    """A problem of the training distribution; `head`: of its frequent part (small numbers, up to four changes)."""
    while True:
        sh = shape(r, min(_count(r), 4) if head else None)
        x = numbers(r, sh, head)
        if x:
            return build(sh, x), sh, x


def longtail(r, how):
    """A frequent problem under one of the three transformations of STIM, its answer recomputed."""
    while True:
        _, sh, x = draw(r, head=True)
        if how == "digit_expansion" and any(k == "share" for k, _ in sh["ops"]):
            continue
        x, write = transform(r, x, how)
        p = build(sh, x, write)
        if p and all(len(e) < 60 for e in p.meta["equations"]):
            p.meta["factors"] = FACTORS[how]
            p.meta["transformation"] = how
            return p
