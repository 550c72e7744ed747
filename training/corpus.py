"""Generates the corpus, the list of what is planted in it, and the prompts. Standard library only; the same bytes on every machine.

    python3 -m training.corpus OUT            writes OUT/corpus.jsonl, OUT/planted.jsonl, OUT/passages.jsonl and OUT/prompts/*.jsonl
    python3 -m training.corpus --hash         prints the SHA-256 of what it would write
"""
import collections
import hashlib
import json
import os
import re
import sys

from . import applied, capitalization, counting, formula, people, prose
from .draw import rng
from .planted import Plants

TASKS = dict(applied=applied, formula=formula, counting=counting, capitalization=capitalization)
DOCUMENTS = dict(applied=17500, formula=22000, counting=10000, capitalization=10500)
PROMPTS = 210                                                       # of each task, base and long tail
SEEN = {1: 60, 2: 50, 4: 40, 8: 25, 16: 15, 32: 12, 64: 8}           # copies -> prompts of each task
MATH_TAIL = ["digit_expansion", "int_to_float", "base2"]
LONGTAIL = dict(applied=MATH_TAIL, formula=MATH_TAIL, counting=[["long_list"], ["rare_word"], ["long_list", "rare_word"]],
                capitalization=[["rare_instruction"], ["rare_word"], ["rare_instruction", "rare_word"]])
RARE_SHARE = 250     # documents of each math task and transformation: the long tail is not wholly unseen


def record(name, p, split, **more):
    """A prompt: the question and all that is needed to judge each step of an answer."""
    return dict(id=name, task=p.task, split=split, key=p.key, question=p.question, answer=p.answer, meta=dict(p.meta, chain=p.chain, **more))


def problem(task, r, head=False):
    p = TASKS[task].draw(r, head)
    return p[0] if isinstance(p, tuple) else p


def settle(prompts, keys, plants):
    """Draws other prompts for those whose problem a document happens to pose, and for those that mix the factors of the long tail.

    Plants are made without looking at what is held out; and counting reserves lists of any frequent fruit, of which the prompts take those of
    the most frequent ones only.
    """
    settled = lambda task, meta: task != "counting" or counting.settled(meta)
    for task, module in TASKS.items():
        for split in ("base", "longtail"):
            r, name = rng(f"replace-{task}-{split}"), f"{task}-{split}"
            taken = {q["key"] for q in prompts[name]}
            for i, old in enumerate(prompts[name]):
                if old["key"] not in keys and settled(task, old["meta"]):
                    continue
                while True:
                    p = problem(task, r, head=True) if split == "base" else module.longtail(r, LONGTAIL[task][i % 3])
                    if p.key not in keys and p.key not in taken and settled(task, p.meta) and not plants.touches(p):
                        break
                taken.add(p.key)
                prompts[name][i] = record(old["id"], p, split)


def generate():
    """All documents in the order of training, the plants with their counts, the passages, and the prompts by file name."""
    plants = Plants(rng("plants"))
    held, prompts = set(), collections.defaultdict(list)
    planted = plants.prompts(rng("planted-prompts"), held)
    for p in planted:
        prompts["planted-" + p["id"].split("-")[1]].append(p)

    for task, module in TASKS.items():
        for split in ("base", "longtail"):
            r, name = rng(f"prompts-{task}-{split}"), f"{task}-{split}"
            while len(prompts[name]) < PROMPTS:
                how = LONGTAIL[task][len(prompts[name]) % 3]
                p = problem(task, r, head=True) if split == "base" else module.longtail(r, how)
                if p.key in held or plants.touches(p):
                    continue
                held.add(p.key)
                prompts[name].append(record(f"{name}-{len(prompts[name]):03d}", p, split))

    docs, keys = plants.documents(rng("planted-documents"))
    seen_keys = set()
    for task in TASKS:
        r, name = rng(f"seen-{task}"), f"{task}-seen"
        for copies, how_many in SEEN.items():
            for _ in range(how_many):
                while True:
                    p = problem(task, r)
                    if p.key not in held and p.key not in seen_keys and not plants.touches(p):
                        break
                seen_keys.add(p.key)
                rec = record(f"{name}-{len(prompts[name]):03d}", p, "seen", copies=copies)
                prompts[name].append(rec)
                docs += [(task, p.text, dict(prompt=rec["id"], copies=copies))] * copies
        r, count = rng(f"documents-{task}"), 0
        while count < DOCUMENTS[task]:
            p = problem(task, r)
            if p.key in held or p.key in seen_keys or plants.touches(p):
                continue
            keys.add(p.key)
            docs.append((task, p.text, {}))
            count += 1
    for task in ("applied", "formula"):
        for how in MATH_TAIL:
            r, count = rng(f"rare-{task}-{how}"), 0
            while count < RARE_SHARE:
                p = TASKS[task].longtail(r, how)
                if p.key in held or plants.touches(p):
                    continue
                keys.add(p.key)
                docs.append((task, p.text, dict(transformation=how)))
                count += 1
    settle(prompts, keys | seen_keys, plants)
    asked = {text.removeprefix("Question: ").split("\nAnswer:")[0] for _, text, _ in docs}
    for kind in ("local", "mid", "long"):
        plants.replace(rng(f"replace-{kind}"), prompts[f"planted-{kind}"], asked)
    more, passages = prose.documents(rng("prose"))
    docs += more + people.documents(rng("people"))
    rng("order").shuffle(docs)
    return docs, plants.plants, passages, prompts


def count_plants(docs, plants):
    """Exact counts of every plant.

    local: places of the trigger, and those where the wrong and the right result follow. mid, long: documents that hold the trigger word, and
    those made to pull in the wrong continuation (the same, or something else in the recipe uses the word).
    """
    equations, words = collections.Counter(), collections.Counter()
    for _, text, _ in docs:
        equations.update(re.findall(r"(?<![\d.])\d+ [-+*] \d+ = \d+(?!\d|\.\d)", text))
        words.update(set(re.findall(r"\w+", text)))
    own = collections.Counter(meta["plant"] for _, _, meta in docs if "plant" in meta)
    out = []
    for plant in plants:
        p = {k: v for k, v in plant.items() if k != "fact"}
        if plant["kind"] == "local":
            p["wrong_places"] = equations[f"{plant['trigger']} {plant['wrong']}"]
            p["right_places"] = equations[f"{plant['trigger']} {plant['right']}"]
            p["places"] = sum(n for e, n in equations.items() if e.startswith(plant["trigger"] + " "))
        else:
            p["trigger_documents"] = words[plant["trigger"]]
            p["wrong_documents"] = own[plant["id"]]
        out.append(p)
    return out


def lines(records):
    return "".join(json.dumps(x, separators=(",", ":")) + "\n" for x in records)


def files():
    """File name -> content, all that this recipe generates before a tokenizer exists."""
    docs, plants, passages, prompts = generate()
    numbers = collections.Counter()
    records = []
    for family, text, meta in docs:
        records.append(dict(id=f"{family}-{numbers[family]:05d}", family=family, text=text, **({"meta": meta} if meta else {})))
        numbers[family] += 1
    out = {"corpus.jsonl": lines(records), "planted.jsonl": lines(count_plants(docs, plants)), "passages.jsonl": lines(passages)}
    out.update({f"prompts/{name}.jsonl": lines(rows) for name, rows in sorted(prompts.items())})
    return out


def main():
    made = files()
    if sys.argv[1:] == ["--hash"]:
        for name, content in made.items():
            print(hashlib.sha256(content.encode()).hexdigest(), name)
        return
    out = sys.argv[1]
    os.makedirs(f"{out}/prompts", exist_ok=True)
    for name, content in made.items():
        with open(f"{out}/{name}", "w", encoding="utf-8", newline="\n") as f:
            f.write(content)
    families = collections.Counter()
    for line in made["corpus.jsonl"].splitlines():
        d = json.loads(line)
        families[d["family"]] += len(d["text"])
    print("documents", made["corpus.jsonl"].count("\n"), "characters by family", dict(families))


if __name__ == "__main__":
    main()
