"""Writes what PyTorch computes in float32 for a few prompts, for `rotescope bundle parity` to compare llama.cpp with.

    python3 -m training.parity WORK           writes WORK/parity.jsonl: token ids, and the logits of the last eight positions
"""
import json
import sys

import torch
from tokenizers import Tokenizer

from .export import load
from .model import Model
from .problem import PROMPT
from .tokenizer import END

POSITIONS = 8
FILES = ["applied-base", "applied-longtail", "formula-base", "counting-base", "capitalization-longtail", "planted-long"]
PER_FILE = 10


def main():
    work = sys.argv[1]
    shape, weights, _ = load(work)
    model = Model(shape)
    model.load_state_dict(weights)
    tok = Tokenizer.from_file(f"{work}/tokenizer.json")
    with open(f"{work}/parity.jsonl", "w", encoding="utf-8") as out, torch.no_grad():
        for name in FILES:
            with open(f"{work}/prompts/{name}.jsonl", encoding="utf-8") as f:
                for line in list(f)[:PER_FILE]:
                    p = json.loads(line)
                    ids = tok.encode(END + PROMPT.format(p["question"]) + " " + p["meta"]["chain"]).ids[:shape.context]
                    logits = model(torch.tensor([ids]))[0, -POSITIONS:]
                    out.write(json.dumps(dict(id=p["id"], ids=ids, logits=[[round(v, 6) for v in row] for row in logits.tolist()])) + "\n")


if __name__ == "__main__":
    main()
