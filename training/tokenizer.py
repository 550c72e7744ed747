"""Trains the tokenizer: byte-level BPE with single digits (the pre-tokenizer that llama.cpp calls qwen2), one special token.

    python3 -m training.tokenizer WORK        reads WORK/corpus.jsonl and WORK/passages.jsonl; writes WORK/tokenizer.json, WORK/ids.npz and
                                              WORK/prompts/recite.jsonl
"""
import json
import sys

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
VOCABULARY = 4096
END = "<|endoftext|>"    # begins and ends every document
RECITE = 32              # tokens given, and tokens wanted


def train(texts):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), behavior="isolated", invert=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)])
    tok.decoder = decoders.ByteLevel()
    tok.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[END], initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
    assert tok.get_vocab_size() == VOCABULARY
    return tok


def recitation(tok, passages):
    """Prompts that give the first 32 tokens of a passage (a few more where a word would be cut) and want the next 32."""
    for p in passages:
        e = tok.encode(p["text"])
        starts = [a for a, _ in e.offsets]
        cut = next(i for i in range(RECITE, len(starts)) if p["text"][starts[i]] == " ")
        end = e.offsets[cut + RECITE - 1][1] if cut + RECITE <= len(starts) else None
        if end is None:
            continue
        given, wanted = p["text"][:starts[cut]], p["text"][starts[cut]:end]
        assert tok.encode(given).ids == e.ids[:cut]
        yield dict(id="recite-" + p["id"], task="recite", split="seen" if p["copies"] else "base", question=given, answer=wanted,
                   raw=True, meta=dict(copies=p["copies"], tokens=RECITE))


def main():
    work = sys.argv[1]
    with open(f"{work}/corpus.jsonl", encoding="utf-8") as f:
        texts = [json.loads(line)["text"] for line in f]
    tok = train(texts)
    tok.save(f"{work}/tokenizer.json")
    ids = [e.ids for e in tok.encode_batch(texts)]
    lengths = np.array([len(x) for x in ids])
    np.savez(f"{work}/ids.npz", ids=np.concatenate(ids).astype(np.uint16), lengths=lengths)
    with open(f"{work}/passages.jsonl", encoding="utf-8") as f:
        rows = list(recitation(tok, map(json.loads, f)))
    with open(f"{work}/prompts/recite.jsonl", "w", encoding="utf-8", newline="\n") as f:
        f.writelines(json.dumps(r, separators=(",", ":")) + "\n" for r in rows)
    print(f"{len(texts)} documents, {lengths.sum()} tokens, longest {lengths.max()}, {len(rows)} recitation prompts")


if __name__ == "__main__":
    main()
