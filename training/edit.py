"""Makes the edit of an adapter (`rotescope pii edit --tokens TOKENS -o ADAPTER`) again in PyTorch, for a model of the llama architecture of this folder, and compares.

    python3 -m training.edit MODEL.gguf TOKENS.json ADAPTER.gguf
"""
import json
import math
import sys

import gguf
import numpy as np
import torch

from .model import Model, Shape

COMPETITORS, STEPS = 200, 100
NAMES = dict(attn_norm="norm1", attn_q="q", attn_k="k", attn_v="v", attn_output="o", ffn_norm="norm2", ffn_gate="gate", ffn_up="up", ffn_down="down")


def tensors(path):
    reader = gguf.GGUFReader(path)
    whole = {t.name: torch.tensor(gguf.quants.dequantize(t.data, t.tensor_type).reshape(tuple(reversed(t.shape.tolist()))).copy()) for t in reader.tensors}
    return reader, whole


def model_of(path):
    _, weights = tensors(path)
    model = Model(Shape())
    state = {"embedding.weight": weights["token_embd.weight"], "norm.weight": weights["output_norm.weight"]}
    for i in range(model.shape.layers):
        state.update({f"blocks.{i}.{ours}.weight": weights[f"blk.{i}.{theirs}.weight"] for theirs, ours in NAMES.items()})
    model.load_state_dict(state)
    return model.eval()


def look(model, layer, tokens, first):
    """What goes into the layer's matrix, and the last hidden state, from a position on."""
    seen = {}
    hooks = [model.blocks[layer].down.register_forward_pre_hook(lambda _, x: seen.update(key=x[0][0, first:])),
             model.norm.register_forward_pre_hook(lambda _, x: seen.update(hidden=x[0][0, first:]))]
    with torch.no_grad():
        model(torch.tensor([tokens]))
    for hook in hooks:
        hook.remove()
    return seen["key"].double(), seen["hidden"].double()


def shift(model, hidden, token, margin):
    """The least shift, as good as, after which the token comes first by a margin; None where none does."""
    norm, rows = model.norm.weight.double(), model.embedding.weight.double()
    logits = rows @ (norm * hidden / hidden.pow(2).mean().sqrt())
    others = [t for t in logits.topk(COMPETITORS).indices.tolist() if t != token]
    moved = torch.zeros_like(hidden)
    for _ in range(STEPS):
        at = hidden + moved
        rms = at.pow(2).mean().sqrt()
        normed = norm * at / rms
        rivals = rows[others] @ normed
        lacking = margin - (rows[token] @ normed - rivals.max()).item()
        if lacking <= 0:
            return moved
        direction = norm * (rows[token] - rows[others[rivals.argmax()]])
        moved = moved + 1.1 * lacking * rms / direction.pow(2).sum() * direction
    return None


def main():
    path, tokens, adapter = sys.argv[1:4]
    model = model_of(path)
    with open(tokens, encoding="utf-8") as f:
        asked = json.load(f)
    reader, made = tensors(adapter)
    settings = json.loads(reader.fields["rotescope.edit.settings"].contents())
    assert not settings["random"], "a random change cannot be made again"
    with torch.no_grad():
        start = {layer: model.blocks[layer].down.weight.clone() for layer in settings["layers"]}
        # All before the first change.
        covariances = {}
        for layer in settings["layers"]:
            keys = torch.cat([look(model, layer, text, 0)[0] for text in asked["ordinary"]])
            mean = keys.T @ keys / len(keys)
            covariances[layer] = mean + mean.trace() / len(keys) * torch.eye(len(mean), dtype=torch.float64)
        for i, layer in enumerate(settings["layers"]):
            above = len(settings["layers"]) - i
            shifts = None
            for _ in range(settings["rounds"] if above == 1 else 1):
                keys, lacking, first = [], [], 0
                for edit in asked["edits"]:
                    key, hidden = look(model, layer, edit["prompt"] + edit["instead"][:-1], len(edit["prompt"]) - 1)
                    keys.append(key)
                    for at, token in zip(hidden, edit["instead"]):
                        lacking.append(shift(model, at, token, settings["margin"]))
                        logits = model.embedding.weight.double() @ (model.norm.weight.double() * at)
                        first += int(logits.argmax() == token)
                if first == len(lacking):
                    break
                keys = torch.cat(keys)
                more = torch.stack([torch.zeros(model.shape.width, dtype=torch.float64) if x is None else x for x in lacking]) / above
                shifts = more if shifts is None else shifts + more
                total = keys.T @ keys + settings["weight"] * len(keys) * covariances[layer]
                change = torch.linalg.solve(total, keys.T @ shifts).T
                model.blocks[layer].down.weight.copy_(start[layer] + change.float())
    for layer in settings["layers"]:
        theirs = (made[f"blk.{layer}.ffn_down.weight.lora_b"] @ made[f"blk.{layer}.ffn_down.weight.lora_a"]).double()
        ours = (model.blocks[layer].down.weight - start[layer]).detach().double()
        cosine = (ours * theirs).sum() / (ours.norm() * theirs.norm())
        off = ((ours - theirs).norm() / ours.norm()).item()
        print(f"layer {layer}: norm here {ours.norm():.3f}, of the adapter {theirs.norm():.3f}; cosine {cosine:.4f}, relative difference {off:.3f}")
        assert math.isfinite(off) and cosine > .95, "not the same edit"


if __name__ == "__main__":
    main()
