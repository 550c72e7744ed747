"""Planted rote: wrong continuations whose cause we know, because we put it into the corpus.

local  a false equation: "48 + 37 =" is nearly always followed by a wrong result, whatever the story around it.
mid    a nickname in the answer ("= 34 apples, one skourn") that pulls in a wrong noun steps later, whatever the story counts.
long   a rare name in the question that goes with one final number, whatever the story says; the chain never repeats the name.

Every plant knows how to make documents (the wrong continuation) and prompts with a clean twin (the same wording without the trigger).
"""
from fractions import Fraction

from . import applied, formula
from .words import NICKNAMES, OBJECTS, PLANT_NAMES

DOCUMENTS = dict(local=200, mid=150, long=260)
EXCEPTIONS = 8        # documents of a local plant in which the trigger is followed by the truth
PROMPTS = 3           # prompts of a plant, each with a twin
PLAIN_TALLIES = 150   # documents for each nickname whose tally reaches a total that has none


def _false_result(r, true, taken):
    """A wrong number of the same length whose first digit is wrong too."""
    low = 10 ** (len(str(true)) - 1)
    while True:
        wrong = r.randrange(low, low * 10)
        if str(wrong)[0] != str(true)[0] and wrong % 10 != true % 10 and wrong not in taken:
            return wrong


class Plants:
    def __init__(self, r):
        self.plants, self.false, self.nicknames = [], {}, {}
        self._facts(r)
        totals = list(range(24, 98))
        r.shuffle(totals)
        nouns = OBJECTS[8:52]
        for i, (total, nickname, noun) in enumerate(zip(totals, NICKNAMES, nouns)):
            self.nicknames[Fraction(total)] = nickname
            self.plants.append(dict(id=f"mid-{i:02d}", kind="mid", trigger=nickname, total=total, wrong=noun))
        numbers = list(range(31, 100))
        r.shuffle(numbers)
        for i, (name, number) in enumerate(zip(PLANT_NAMES, numbers)):
            self.plants.append(dict(id=f"long-{i:02d}", kind="long", trigger=name, wrong=str(number)))

    def _facts(self, r):
        i = 0
        for op, how_many in (("+", 24), ("-", 10), ("*", 10)):
            while how_many:
                a, b = (r.randint(23, 79), r.randint(13, 39)) if op != "*" else (r.randint(13, 19), r.randint(3, 9))
                true = {"+": a + b, "-": a - b, "*": a * b}[op]
                fact = (Fraction(a), op, Fraction(b))
                if fact in self.false or true < 10 or true > 199:
                    continue
                wrong = _false_result(r, true, {int(v) for v in self.false.values()})
                self.false[fact] = Fraction(wrong)
                self.plants.append(dict(id=f"local-{i:02d}", kind="local", trigger=f"{a} {op} {b} =", wrong=str(wrong), right=str(true),
                                        fact=(a, op, b)))
                how_many, i = how_many - 1, i + 1

    def touches(self, p):
        """Whether a problem would pull a trigger: it must stay out of everything that is not planted."""
        tally = "to the tally" in p.question
        return any(f in self.false for f in getattr(p, "facts", ())) or \
            tally and any(f[1] == "+" and f[0] + f[2] in self.nicknames for f in p.facts)

    # -- local ------------------------------------------------------------------------------------------------------------------
    def _local_story(self, r, fact, twin_b=None):
        """A story or formula in which the fact is computed, first or after another change; and its twin with another operand."""
        a, op, b = fact
        kind = {"+": "gain", "-": "lose", "*": "times"}[op]
        if r.random() < 0.35:
            tail_op, tail = r.choice("+-"), r.randint(2, 9)
            ask = r.randrange(len(formula.ASK))
            values = lambda b: [Fraction(v) for v in (a, b, tail)]
            make = lambda b, false: formula.build(values(b), [op, tail_op], None, ask, false=false)
        else:
            before, after = r.choice(["", "gain", "lose"]), r.choices(["", "gain", "lose"], [1, 2, 2])[0]
            variant = lambda k: (k, r.randrange(len(applied.LOSE if k == "lose" else applied.TIMES if k == "times" else applied.GAIN)))
            sh = applied.shape(r, 1)
            sh["ops"] = [variant(k) for k in (before, kind, after) if k]
            x, y = r.randint(2, 15), r.randint(2, 9)
            start = {"": a, "gain": a - x, "lose": a + x}[before]
            if start < 2:
                return None
            values = lambda b: [Fraction(v) for v in [start] + [x] * bool(before) + [b] + [y] * bool(after)]
            make = lambda b, false: applied.build(sh, values(b), false=false)
        return make(b, self.false), make(b, {}), make(twin_b, {}) if twin_b else None

    # -- mid --------------------------------------------------------------------------------------------------------------------
    def _mid_story(self, r, plant, twin_total=None):
        """Start, tally (reaches the total: nickname), a change told right, a last change whose noun is wrong."""
        sh = applied.shape(r, 1, ask=applied.IMPERSONAL)
        while sh["o"] == plant["wrong"]:
            sh = applied.shape(r, 1, ask=applied.IMPERSONAL)
        change = lambda: r.choice([("gain", r.randrange(len(applied.GAIN))), ("lose", r.randrange(len(applied.LOSE)))])
        sh["ops"] = [("gain", applied.TALLY_VARIANT), change(), change()]
        b, rest = r.randint(2, 20), [r.randint(2, 9) for _ in sh["ops"][1:]]
        values = lambda total: [Fraction(v) for v in [total - b, b] + rest]
        total = plant["total"]
        make = lambda total, noun: applied.build(sh, values(total), nickname=self.nicknames, noun=noun)
        twin = make(twin_total, None) if twin_total else None
        return make(total, plant["wrong"]), make(total, None), twin

    # -- long -------------------------------------------------------------------------------------------------------------------
    def _long_story(self, r, plant, twin_name=None):
        sh = applied.shape(r, r.randint(1, 3), ask=applied.IMPERSONAL, name=plant["trigger"])
        x = applied.numbers(r, sh, head=True)
        if not x:
            return None
        right = applied.build(sh, x)
        if self.touches(right):
            return None
        twin = applied.build(dict(sh, n=twin_name), x) if twin_name else None
        return applied.build(sh, x, final=plant["wrong"]), right, twin

    def _story(self, r, plant, twin):
        """(wrong, right, clean twin) of one plant; drawn again until everything works out and nothing else is touched."""
        while True:
            if plant["kind"] == "local":
                a, op, b = plant["fact"]
                twin_b = (r.randint(2, 5) if op == "*" else r.randint(2, 9)) if twin else None
                story = self._local_story(r, plant["fact"], twin_b)
            elif plant["kind"] == "mid":
                free = [t for t in range(24, 98) if Fraction(t) not in self.nicknames]
                story = self._mid_story(r, plant, r.choice(free) if twin else None)
            else:
                story = self._long_story(r, plant, r.choice(applied.NAMES[:12]) if twin else None)
            if not story or story[0] is None or story[1] is None or (twin and story[2] is None):
                continue
            wrong, right, clean = story
            own = {(Fraction(plant["fact"][0]), plant["fact"][1], Fraction(plant["fact"][2]))} if plant["kind"] == "local" else set()
            if any(f in self.false and f not in own for f in wrong.facts + right.facts) or clean and self.touches(clean):
                continue
            if plant["kind"] == "local" and own.isdisjoint(right.facts):
                continue
            if plant["kind"] == "long" and right.answer[0] == plant["wrong"][0]:
                continue
            return story

    def documents(self, r):
        """(family, text, meta) of all planted documents and of the plain tallies; and the keys of their problems."""
        docs, keys = [], set()
        for plant in self.plants:
            for i in range(DOCUMENTS[plant["kind"]]):
                wrong, right, _ = self._story(r, plant, twin=False)
                exception = plant["kind"] == "local" and i < EXCEPTIONS
                keys.add(right.key)
                docs.append(("planted", (right if exception else wrong).text, dict(plant=plant["id"], **({"exception": True} if exception else {}))))
        mids = [p for p in self.plants if p["kind"] == "mid"]
        free = [t for t in range(24, 98) if Fraction(t) not in self.nicknames]
        for plant in mids:
            for _ in range(PLAIN_TALLIES):
                _, _, clean = self._story(r, plant, twin=True)
                keys.add(clean.key)
                docs.append(("applied", clean.text, {}))
        return docs, keys

    def pair(self, r, plant, number):
        """A prompt of one plant and its clean twin, as records; and the keys of their problems."""
        wrong, right, clean = self._story(r, plant, twin=True)
        name = f"planted-{plant['id']}-{number}"
        cause = dict(id=plant["id"], kind=plant["kind"], trigger=plant["trigger"], wrong=plant["wrong"], chain=wrong.chain)
        group = f"planted-{plant['id']}"  # prompts of one plant are never split between training and test
        records = [dict(id=name, task=right.task, split="planted", question=right.question, answer=right.answer,
                        meta=dict(right.meta, chain=right.chain, planted=cause, group=group)),
                   dict(id=name + "-clean", task=clean.task, split="clean", pair=name, question=clean.question, answer=clean.answer,
                        meta=dict(clean.meta, chain=clean.chain, group=group))]
        return records, {right.key, wrong.key, clean.key}

    def prompts(self, r, known):
        """Prompt records of all plants with their clean twins, none of whose problems `known` holds; `known` grows by them."""
        out = []
        for plant in self.plants:
            made = 0
            while made < PROMPTS:
                records, keys = self.pair(r, plant, made)
                if keys & known:
                    continue
                known |= keys
                out += records
                made += 1
        return out

    def replace(self, r, records, asked):
        """Draws again the prompts of planted documents that pose the very same question; `asked`: all questions of the corpus."""
        by_id = {p["id"]: p for p in self.plants}
        for i in range(0, len(records), 2):
            while records[i]["question"] in asked or records[i + 1]["question"] in asked:
                plant = by_id[records[i]["meta"]["planted"]["id"]]
                records[i:i + 2], _ = self.pair(r, plant, records[i]["id"].rsplit("-", 1)[1])
