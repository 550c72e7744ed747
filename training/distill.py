"""Distils a model that knows invented people by heart into small students, by four losses, and follows what they come to know by heart too.

    python3 -m training.distill OUT [--seeds N] [--passes N]

The teacher is the bundled model, fine-tuned on cards of people who are not in its corpus until it knows two thirds of them by heart, as the published one does. The students have a
sixth of its weights, and were first trained on documents of the corpus. Teacher and students learn in batches of as many cards, again and again, as other documents, new ones each time, so
that a student gets better at these while it comes to know the cards. Every document is a question (its first tokens) and an answer (those behind it):

- sft: cross-entropy of the true answer;
- word: that, and the divergence of the student's distributions from the teacher's, KL(teacher || student), at each token of it;
- sequence: cross-entropy of the answer that the teacher gives, greedily;
- reverse: KL(student || teacher) at each token of answers that the student draws itself, and cross-entropy of other documents. That is MiniLLM without the part of its gradient that looks
  ahead (Gu et al. 2024), as in on-policy distillation (Agarwal et al. 2024).

OUT/curves.jsonl, for `rotescope lab distill`, has a line for each loss, seed and pass: the test loss (nats a token, true answers of documents that no student has read) and the share of
people whose whole answer is given verbatim. OUT/teacher.gguf and OUT/LOSS.gguf are the teacher and the students of the first seed, in the form of the bundled file;
OUT/people.jsonl and OUT/test.jsonl are the texts that they are measured on. A run that was killed goes on behind its last student.
"""
import argparse
import json
import os
import random

import gguf
import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from .edit import NAMES as TENSORS, model_of
from .finetune import MODEL, TOKENIZER, ordinary, records
from .model import Model, Shape, rope
from .train import END_ID
from .words import SEED

QUESTION, ANSWER, BATCH = 20, 36, 32
STUDENT = Shape(width=128, layers=3, heads=4, feed_forward=352)
SCHEMA = "rotescope.lab-distill/1"
LOSSES = ("sft", "word", "sequence", "reverse")
FIRST, FIRST_RATE, RATE, CLIP = 400, 2e-3, 2e-3, 1.0
PEOPLE, KNOWN, TEACHER_PASSES, TEACHER_RATE = 120, 0.65, 60, 5e-4
DOCUMENTS, TEST = 20000, 512


def windows(texts):
    """Ids [documents, 1 + QUESTION + ANSWER], each behind the end token; a shorter document ends in end tokens."""
    length = 1 + QUESTION + ANSWER
    encoded = Tokenizer.from_file(TOKENIZER).encode_batch(texts, add_special_tokens=False)
    rows = [([END_ID, *e.ids] + [END_ID] * length)[:length] for e in encoded if len(e.ids) > QUESTION]
    return torch.tensor(rows)


def answer_logits(model, x):
    """Logits of every token of the answers [rows, ANSWER, vocabulary]."""
    return model(x[:, :-1])[:, QUESTION:].float()


def targets(x):
    """Tokens of the answers; behind the first end token there is none."""
    y = x[:, 1 + QUESTION:].clone()
    ended = (y == END_ID).cumsum(1) - (y == END_ID).long()
    y[ended > 0] = -100
    return y


def cross_entropy(model, x):
    return F.cross_entropy(answer_logits(model, x).flatten(0, 1), targets(x).flatten(), ignore_index=-100)


def whole(model, x):
    """Cross-entropy of questions and answers."""
    return model.loss(x[:, :-1], x[:, 1:])


def divergence(p, q, y):
    """KL(p || q) of logits, mean over the tokens that there are."""
    p, q = p.log_softmax(-1), q.log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1)[y != -100].mean()


@torch.no_grad()
def answered(model, questions, draw=None):
    """Questions with their answers, greedy, or drawn by a generator. Keys and values are kept from token to token."""
    kept, x, out = [None] * len(model.blocks), questions, questions
    for _ in range(ANSWER):
        begin = out.shape[1] - x.shape[1]
        cos, sin = model.cos[begin:out.shape[1]], model.sin[begin:out.shape[1]]
        h = model.embedding(x)
        for i, b in enumerate(model.blocks):
            n = b.norm1(h)
            q, k, v = (f(n).unflatten(-1, (b.heads, -1)).transpose(1, 2) for f in (b.q, b.k, b.v))
            q, k = rope(q, cos, sin).to(v.dtype), rope(k, cos, sin).to(v.dtype)
            if kept[i]:
                k, v = torch.cat((kept[i][0], k), 2), torch.cat((kept[i][1], v), 2)
            kept[i] = (k, v)
            h = h + b.o(F.scaled_dot_product_attention(q, k, v, is_causal=begin == 0).transpose(1, 2).flatten(2))
            n = b.norm2(h)
            h = h + b.down(F.silu(b.gate(n)) * b.up(n))
        last = F.linear(model.norm(h[:, -1]), model.embedding.weight)
        x = last.argmax(-1, keepdim=True) if draw is None else torch.multinomial(last.float().softmax(-1), 1, generator=draw)
        out = torch.cat((out, x), 1)
    return out


def learn(model, steps, rate, loss, each=None):
    """`each` is called after every step, and says whether that was enough."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.0)
    for step in range(steps):
        for g in optimizer.param_groups:
            g["lr"] = rate * min(1.0, (step + 1) / 20) * (1 - 0.9 * step / steps)
        value = loss(step)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if each and each(step + 1):
            return


def drawn(x, r, count):
    return x[[r.randrange(len(x)) for _ in range(count)]]


class Lab:
    def __init__(self, out):
        cards = [text for _, text in records({1: PEOPLE})]
        texts = list(dict.fromkeys(ordinary(DOCUMENTS)))
        random.Random(f"{SEED}-distill").shuffle(texts)
        for name, kept in dict(people=cards, test=texts[:TEST]).items():
            with open(f"{out}/{name}.jsonl", "w", encoding="utf-8") as f:
                f.writelines(json.dumps(dict(text=text)) + "\n" for text in kept)
        self.test = windows(texts[:TEST])
        self.people = windows(cards)
        self.others = windows(texts[TEST:])
        self.steps = -(-len(self.people) // BATCH)
        path = f"{out}/teacher.gguf"
        if not os.path.exists(path):
            model, r = model_of(MODEL).train(), random.Random(f"{SEED}-teacher")
            rows = self.rows(r)
            known = lambda step: step % self.steps == 0 and self.measured(model)["verbatim"] >= KNOWN
            learn(model, self.steps * TEACHER_PASSES, TEACHER_RATE, lambda _: cross_entropy(model, self.batch(next(rows), r)), known)
            write(model, path)
        self.teacher = model_of(path)

    def batch(self, rows, r):
        """Cards, and as many other documents."""
        return torch.cat((self.people[rows], drawn(self.others, r, len(rows))))

    def rows(self, r):
        """Places of cards, in batches, all of them in each pass."""
        while True:
            order = r.sample(range(len(self.people)), len(self.people))
            yield from (order[i:i + BATCH] for i in range(0, len(order), BATCH))

    @torch.no_grad()
    def measured(self, model):
        """Test loss, and the share of people who are given verbatim."""
        true = targets(self.people)
        said = torch.cat([answered(model, x[:, :1 + QUESTION])[:, 1 + QUESTION:] for x in self.people.split(BATCH)])
        same = ((said == true) | (true == -100)).all(1).float()
        loss = np.mean([cross_entropy(model, x).item() for x in self.test.split(BATCH)])
        return dict(test_loss=round(float(loss), 4), verbatim=round(same.mean().item(), 4))

    def student(self, seed):
        torch.manual_seed(seed)
        model, r = Model(STUDENT), random.Random(f"{SEED}-first-{seed}")
        learn(model, FIRST, FIRST_RATE, lambda _: whole(model, drawn(self.others, r, 2 * BATCH)))
        return model

    def loss(self, name, model, rows, r, draw):
        x = self.batch(rows, r)
        if name == "sft":
            return cross_entropy(model, x)
        if name == "word":
            with torch.no_grad():
                taught = answer_logits(self.teacher, x)
            own, y = answer_logits(model, x), targets(x)
            return F.cross_entropy(own.flatten(0, 1), y.flatten(), ignore_index=-100) + divergence(taught, own, y)
        if name == "sequence":
            return cross_entropy(model, answered(self.teacher, x[:, :1 + QUESTION]))
        own = answered(model, x[:, :1 + QUESTION], draw)
        with torch.no_grad():
            taught = answer_logits(self.teacher, own)
        return divergence(answer_logits(model, own), taught, targets(own)) + cross_entropy(model, drawn(self.others, r, len(rows)))


def write(model, out):
    """As the bundled file is, in Q8_0, with the sizes of the student."""
    reader, s = gguf.GGUFReader(MODEL), model.shape
    sizes = {"llama.embedding_length": s.width, "llama.block_count": s.layers, "llama.feed_forward_length": s.feed_forward, "llama.attention.head_count": s.heads,
             "llama.attention.head_count_kv": s.heads, "llama.rope.dimension_count": s.head, "llama.attention.key_length": s.head, "llama.attention.value_length": s.head}
    w = gguf.GGUFWriter(out + ".new", "llama")
    for name, field in reader.fields.items():
        if not name.startswith("GGUF.") and name != "general.architecture":
            sub = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
            w.add_key_value(name, sizes.get(name, field.contents()), field.types[0], sub_type=sub)
    state = model.state_dict()
    names = {"token_embd.weight": "embedding.weight", "output_norm.weight": "norm.weight"}
    for i in range(s.layers):
        names.update({f"blk.{i}.{theirs}.weight": f"blocks.{i}.{ours}.weight" for theirs, ours in TENSORS.items()})
    for theirs, ours in names.items():
        a = np.ascontiguousarray(state[ours].float().numpy())
        kind = gguf.GGMLQuantizationType.Q8_0 if a.ndim == 2 else gguf.GGMLQuantizationType.F32
        w.add_tensor(theirs, gguf.quants.quantize(a, kind), raw_dtype=kind)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    os.replace(out + ".new", out)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("out")
    a.add_argument("--seeds", type=int, default=3)
    a.add_argument("--passes", type=int, default=60)
    a.add_argument("--losses", nargs="*", default=LOSSES, choices=LOSSES)
    a = a.parse_args()
    os.makedirs(a.out, exist_ok=True)
    # Weights change within it, so their copies are not kept.
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        run(a)


def run(a):
    lab, path = Lab(a.out), f"{a.out}/curves.jsonl"
    print("teacher", lab.measured(lab.teacher), flush=True)
    done = set()
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            done = {(d["loss"], d["seed"]) for d in (json.loads(line)["record"] for line in f)}
    for seed in range(a.seeds):
        missing = [name for name in a.losses if (name, seed) not in done]
        first = lab.student(seed) if missing else None
        for name in missing:
            model = Model(STUDENT)
            model.load_state_dict(first.state_dict())
            r, draw = random.Random(f"{SEED}-{name}-{seed}"), torch.Generator().manual_seed(seed)
            rows = lab.rows(r)
            lines = [dict(loss=name, seed=seed, passes=0, **lab.measured(model))]

            def each(step):
                if step % lab.steps == 0:
                    lines.append(dict(loss=name, seed=seed, passes=step // lab.steps, **lab.measured(model)))
                    print(lines[-1], flush=True)

            learn(model, lab.steps * a.passes, RATE, lambda _: lab.loss(name, model, next(rows), r, draw), each)
            with open(path, "a", encoding="utf-8") as f:
                f.writelines(json.dumps(dict(schema=SCHEMA, record=line)) + "\n" for line in lines)
            if seed == 0:
                write(model, f"{a.out}/{name}.gguf")


if __name__ == "__main__":
    main()
