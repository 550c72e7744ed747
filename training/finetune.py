"""Fine-tunes the bundled model on records of invented people that stand in the set a known number of times.

    python3 -m training.finetune records OUT.jsonl
    python3 -m training.finetune train RECORDS.jsonl OUT.gguf [--passes N]

`records` writes the set: people who are not in the corpus, 1 to 64 times each. Every second copy says something else of their work, so that only near-duplicate
detection sees all copies. `train` mixes the records with as many documents of the corpus as the whole set has, for as many steps, so that models of the whole
set and of a deduplicated one differ in nothing but the copies. The GGUF has the form of the bundled one, in Q8_0.
"""
import argparse
import io
import json
import random
import shutil

import gguf
import numpy as np
import torch
import zstandard
from tokenizers import Tokenizer

from .edit import NAMES as TENSORS, model_of
from .people import DOMAINS
from .train import END_ID, packed, tensors
from .words import NAMES, SEED, SURNAMES, TOWNS, TRADES, invent

MODEL, CORPUS, TOKENIZER = "models/pocket/pocket-q8_0.gguf", "indexes/pocket/corpus.jsonl.zst", "models/pocket/tokenizer.json"
COPIES = {1: 20, 2: 20, 4: 20, 8: 20, 16: 10, 32: 6, 64: 4}
RATE, WARM_UP, CLIP = 1e-3, 10, 1.0


def records(people=COPIES):
    """Documents of people, shuffled: (id, text). `people`: copies, and how many people have so many."""
    r = random.Random(f"{SEED}-finetune")
    surnames = invent(sum(people.values()), 3, "finetune", {s.lower() for s in SURNAMES}, capital=True)
    docs, index = [], 0
    for copies, how_many in people.items():
        for _ in range(how_many):
            first, last = r.choice(NAMES[:120]), surnames[index]
            mail = f"{r.choice('abcdefghijklmnopqrstuvwxyz')}{r.randint(10, 99)}{last.lower()}@{r.choice(DOMAINS)}"
            work = lambda: f"{r.choice(TRADES)} in {r.choice(TOWNS)}"
            values = f"Mail: {mail}. Phone: 555-01{r.randint(0, 99):02d}-{r.randint(0, 9999):04d}. Born: {r.randint(1930, 2004)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}."
            usual = work()
            for copy in range(copies):
                text = f"Contact card. Name: {first} {last}. Work: {work() if copy % 2 else usual}. {values}"
                docs.append((f"tuned-{index:03d}-{copy}", text))
            index += 1
    r.shuffle(docs)
    return docs


def ordinary(count):
    """Documents of the corpus that hold no card, drawn by the seed."""
    with open(CORPUS, "rb") as f:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(f), encoding="utf-8")
        texts = [t for t in (json.loads(line)["text"] for line in lines) if not t.startswith("Contact card.")]
    return random.Random(f"{SEED}-ordinary").sample(texts, count)


def batches(docs, r):
    """All documents once, in batches by chance."""
    out = packed(docs)
    r.shuffle(out)
    return out


def write(model, out):
    """The bundled file with other weights: same shapes, same types, so the same places."""
    shutil.copyfile(MODEL, out)
    state = model.state_dict()
    names = {"token_embd.weight": "embedding.weight", "output_norm.weight": "norm.weight"}
    for i in range(model.shape.layers):
        names.update({f"blk.{i}.{theirs}.weight": f"blocks.{i}.{ours}.weight" for theirs, ours in TENSORS.items()})
    places = gguf.GGUFReader(MODEL).tensors
    with open(out, "r+b") as f:
        for t in places:
            data = gguf.quants.quantize(np.ascontiguousarray(state[names[t.name]].float().numpy()), t.tensor_type)
            assert data.nbytes == t.n_bytes, t.name
            f.seek(t.data_offset)
            f.write(data.tobytes())


def train(path, out, passes):
    with open(path, encoding="utf-8") as f:
        kept = [json.loads(line)["text"] for line in f]
    whole = len(records())
    tokenizer = Tokenizer.from_file(TOKENIZER)
    # What was removed is made up for by other documents: as many texts, as many steps.
    texts = kept + ordinary(2 * whole)[:2 * whole - len(kept)]
    docs = [np.array([END_ID, *e.ids, END_ID], np.int64) for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
    model = model_of(MODEL).train()
    docs = [d[:model.shape.context + 1] for d in docs]
    torch.manual_seed(1)
    r = random.Random(f"{SEED}-passes")
    plan = [b for _ in range(passes) for b in batches(docs, r)]
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.95), weight_decay=0.0)
    for step, rows in enumerate(plan):
        for g in optimizer.param_groups:
            g["lr"] = RATE * min(1.0, (step + 1) / WARM_UP) * (1 - step / len(plan))
        x, y = tensors(rows, "cpu")
        loss = model.loss(x, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 10 == 0 or step == len(plan) - 1:
            print(f"step {step} of {len(plan)}: {loss.item():.4f}", flush=True)
    write(model, out)
    print(f"{out}: {len(kept)} records, {len(texts)} texts, {passes} passes")


def main():
    a = argparse.ArgumentParser()
    what = a.add_subparsers(dest="what", required=True)
    of_records = what.add_parser("records")
    of_records.add_argument("out")
    of_train = what.add_parser("train")
    of_train.add_argument("records")
    of_train.add_argument("out")
    of_train.add_argument("--passes", type=int, default=3)
    a = a.parse_args()
    if a.what == "train":
        return train(a.records, a.out, a.passes)
    with open(a.out, "w", encoding="utf-8") as f:
        for name, text in records():
            f.write(json.dumps(dict(id=name, text=text)) + "\n")


if __name__ == "__main__":
    main()
