"""Puts what was made into its place in the repository.

    python3 -m training.install WORK

The corpus is compressed as small as it gets; models/pocket gets the model, its loss curve and the hashes of everything (manifest.json).
"""
import hashlib
import json
import os
import shutil
import sys

import zstandard

from .train import BATCH_TOKENS


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def main():
    work = sys.argv[1]
    os.makedirs("indexes/pocket", exist_ok=True)
    os.makedirs("models/pocket", exist_ok=True)
    os.makedirs("prompts", exist_ok=True)
    with open(f"{work}/corpus.jsonl", "rb") as f:
        data = f.read()
    options = zstandard.ZstdCompressionParameters.from_level(22, window_log=27, enable_ldm=True)
    compressed = zstandard.ZstdCompressor(compression_params=options).compress(data)
    with open("indexes/pocket/corpus.jsonl.zst", "wb") as f:
        f.write(compressed)
    shutil.copyfile(f"{work}/planted.jsonl", "indexes/pocket/planted.jsonl")
    for name in sorted(os.listdir(f"{work}/prompts")):
        shutil.copyfile(f"{work}/prompts/{name}", f"prompts/{name}")
    shutil.copyfile(f"{work}/pocket-q8_0.gguf", "models/pocket/pocket-q8_0.gguf")
    shutil.copyfile(f"{work}/tokenizer.json", "models/pocket/tokenizer.json")
    shutil.copyfile(f"{work}/loss.jsonl", "models/pocket/loss.jsonl")
    files = {"corpus.jsonl": sha256(f"{work}/corpus.jsonl"), "planted.jsonl": sha256(f"{work}/planted.jsonl"),
             "tokenizer.json": sha256(f"{work}/tokenizer.json"), "pocket-q8_0.gguf": sha256(f"{work}/pocket-q8_0.gguf"),
             "pocket-f32.gguf": sha256(f"{work}/pocket-f32.gguf")}
    files.update({f"prompts/{n}": sha256(f"{work}/prompts/{n}") for n in sorted(os.listdir(f"{work}/prompts"))})
    with open("models/pocket/manifest.json", "w", encoding="utf-8") as f:
        json.dump(dict(sha256=files, batch_tokens=BATCH_TOKENS), f, indent=1)
        f.write("\n")
    print(f"corpus {len(data)} -> {len(compressed)} bytes")


if __name__ == "__main__":
    main()
