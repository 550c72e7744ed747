"""Formulas: an expression of whole numbers, worked out one operation at a time."""
from fractions import Fraction

from .draw import Zipf
from .numbers import FACTORS, apply, binary, decimal, transform
from .problem import BASE2, Problem, finish

ASK = ["What is {}?", "Compute {}.", "Calculate {}.", "Find the value of {}."]
_value = Zipf(range(1, 1000), 1.2)


def build(values, ops, paren, ask, write=decimal, false=None):
    """The problem; None when a number cannot be written or a result is negative. `paren`: the place of the operation done first."""
    false = false or {}
    if any(write(v) is None for v in values):
        return None
    parts = [write(v) for v in values]
    shown = list(parts)
    if paren is not None:
        shown[paren], shown[paren + 1] = "(" + shown[paren], shown[paren + 1] + ")"
    expression = " ".join(s for pair in zip(shown, ops + [""]) for s in pair if s)
    vals, rest, steps, equations, facts, first = list(values), list(ops), [], [], [], paren
    while rest:
        i = first if first is not None else rest.index("*") if "*" in rest else 0
        first = None
        a, op, b = vals[i], rest[i], vals[i + 1]
        facts.append((a, op, b))
        c = false.get((a, op, b)) if a.denominator == b.denominator == 1 else None
        c = apply(a, op, b) if c is None else Fraction(c)
        if c < 0 or c > 9999 or write(c) is None:
            return None
        vals[i:i + 2], rest[i:i + 1] = [c], []
        equation = f"{write(a)} {op} {write(b)} = {write(c)}"
        equations.append(equation)
        left = " ".join(s for pair in zip([write(v) for v in vals], rest + [""]) for s in pair if s)
        steps.append(equation + (f", which leaves {left}" if rest else ""))
    answer = write(vals[0])
    template = (BASE2 if write is binary else "") + ASK[ask]
    meta = dict(template=template, expression=expression, operands=parts, ops=list(ops), equations=equations)
    key = f"formula|{'base2|' if write is binary else ''}{expression}"
    p = Problem("formula", key, template.format(expression), finish(steps, answer), answer, meta)
    p.facts = facts
    return p


def parts(r, head):
    """Values, operators and the bracket of an expression of the training distribution, or of its frequent part."""
    k = r.choices([1, 2, 3], [25, 50, 25])[0] if head else r.choices([1, 2, 3, 4, 5], [22, 42, 22, 9, 5])[0]
    values = [r.randint(1, 12) if head else _value(r) for _ in range(k + 1)]
    ops = r.choices("+-*", [4, 3, 3], k=k)
    while head and ops.count("*") > 1:
        ops = r.choices("+-*", [4, 3, 3], k=k)
    for i, op in enumerate(ops):
        if op == "*" and values[i] * values[i + 1] > 999:
            values[i + 1] = r.randint(2, 9)
    paren = r.randrange(k) if k > 1 and r.random() < 0.25 else None
    if paren is not None and ops[paren] == "*":
        paren = None
    return [Fraction(v) for v in values], ops, paren, r.randrange(len(ASK))


def draw(r, head=False):
    while True:
        p = build(*parts(r, head))
        if p:
            return p


def longtail(r, how):
    """A frequent formula under one of the three transformations of STIM."""
    while True:
        values, ops, paren, ask = parts(r, head=True)
        values, write = transform(r, values, how)
        p = build(values, ops, paren, ask, write)
        if p and all(len(e) < 60 for e in p.meta["equations"]):
            p.meta["factors"] = FACTORS[how]
            p.meta["transformation"] = how
            return p
