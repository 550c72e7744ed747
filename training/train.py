"""Trains the model, in the order of the corpus, each document once a pass.

    python3 -m training.train WORK [--passes N] [--layers N --width N --heads N --feed-forward N]

Documents are not packed together: a row is one document between two end tokens, so nothing is learned across documents and every token
is a target. Windows of the corpus are sorted by length into batches of about the same number of tokens. Muon on the matrices, AdamW on
embeddings and norms; bfloat16 products, float32 weights. Checkpoints each few minutes; a killed run continues from the last one.
WORK/loss.jsonl is the log.
"""
import argparse
import json
import os
import random
import time

import numpy as np
import torch

from .model import Model, Shape

BATCH_TOKENS = 6144
WINDOW = 1536          # documents sorted together
END_ID = 0
SAVE_SECONDS = 180
MUON_RATE, ADAM_RATE, WARM_UP, WEIGHT_DECAY, CLIP = 2.5e-3, 2e-3, 60, 0.05, 1.0


def packed(docs):
    """Batches of about the same number of tokens: lists of documents of like length."""
    out, row = [], []
    for d in sorted(docs, key=len):
        if row and (len(row) + 1) * (len(d) - 1) > BATCH_TOKENS:
            out.append(row)
            row = []
        row.append(d)
    return out + [row]


def batches(work, passes, context):
    """Every batch of the run: lists of documents (arrays of ids with the end token at both ends). The same on every machine."""
    data = np.load(f"{work}/ids.npz")
    ids, ends = data["ids"].astype(np.int64), np.cumsum(data["lengths"])
    docs = [np.concatenate(([END_ID], ids[e - n:e], [END_ID]))[:context + 1] for e, n in zip(ends, data["lengths"])]
    out = []
    for p in range(passes):
        r = random.Random(p)
        for w in range(0, len(docs), WINDOW):
            window = packed(docs[w:w + WINDOW])
            r.shuffle(window)
            out += window
    return out


def tensors(rows, device):
    """Inputs and targets of one batch, padded to a multiple of 8; padding is no target."""
    length = -(-(max(map(len, rows)) - 1) // 8) * 8
    x, y = np.zeros((len(rows), length), np.int64), np.full((len(rows), length), -100, np.int64)
    for i, d in enumerate(rows):
        x[i, :len(d) - 1], y[i, :len(d) - 1] = d[:-1], d[1:]
    return torch.from_numpy(x).to(device), torch.from_numpy(y).to(device)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("work")
    a.add_argument("--passes", type=int, default=2)
    a.add_argument("--steps", type=int, help="stop early, for trials; the schedule is that of the whole run")
    for name in ("width", "layers", "heads", "feed_forward"):
        a.add_argument("--" + name.replace("_", "-"), type=int, default=getattr(Shape, name))
    a = a.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(1)
    torch.set_flush_denormal(True)
    shape = Shape(width=a.width, layers=a.layers, heads=a.heads, feed_forward=a.feed_forward)
    model = Model(shape).to(device)
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and "embedding" not in n]
    others = [p for n, p in model.named_parameters() if p.dim() != 2 or "embedding" in n]
    optimizers = [torch.optim.Muon(matrices, lr=MUON_RATE, weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw"),
                  torch.optim.AdamW(others, lr=ADAM_RATE, betas=(0.9, 0.95), weight_decay=0.0)]
    rates = [MUON_RATE, ADAM_RATE]
    plan, start, tokens, spent = batches(a.work, a.passes, shape.context), 0, 0, 0.0
    checkpoint, log_path = f"{a.work}/checkpoint.pt", f"{a.work}/loss.jsonl"
    if os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=device)
        model.load_state_dict(state["model"])
        for o, s in zip(optimizers, state["optimizers"]):
            o.load_state_dict(s)
        start, tokens, spent = state["step"], state["tokens"], state["seconds"]
        print(f"continues at step {start}")
        with open(log_path, encoding="utf-8") as log:
            kept = [line for line in log if json.loads(line)["step"] < start]
        with open(log_path, "w", encoding="utf-8") as log:
            log.writelines(kept)

    def save(step):
        torch.save(dict(model=model.state_dict(), optimizers=[o.state_dict() for o in optimizers], step=step, tokens=tokens,
                        seconds=spent + time.time() - began, shape=shape.dict()), checkpoint + ".new")
        os.replace(checkpoint + ".new", checkpoint)

    compiled = torch.compile(model.loss, dynamic=True)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(plan)} steps on {device}", flush=True)
    began = saved = time.time()
    running = None
    end = min(len(plan), a.steps or len(plan))
    with open(log_path, "a" if start else "w", encoding="utf-8") as log:
        for step in range(start, end):
            x, y = tensors(plan[step], device)
            done = step / len(plan)
            factor = min(1.0, (step + 1) / WARM_UP) * (1.0 if done < 0.2 else (1 - done) / 0.8 * 0.98 + 0.02)
            for o, rate in zip(optimizers, rates):
                for g in o.param_groups:
                    g["lr"] = rate * factor
            with torch.autocast(device, torch.bfloat16):
                loss = compiled(x, y)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            for o in optimizers:
                o.step()
                o.zero_grad(set_to_none=True)
            tokens += int((y >= 0).sum())
            value = loss.item()
            running = value if running is None else 0.97 * running + 0.03 * value
            if step % 20 == 0 or step == end - 1:
                line = json.dumps(dict(step=step, tokens=tokens, seconds=round(spent + time.time() - began, 1), loss=round(value, 4), mean=round(running, 4)))
                print(line, flush=True)
                log.write(line + "\n")
                log.flush()
            if time.time() - saved > SAVE_SECONDS:
                save(step + 1)
                saved = time.time()
    save(end)


if __name__ == "__main__":
    main()
