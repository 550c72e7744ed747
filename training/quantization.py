"""Writes what Q8_0 changes: the greedy answers of two runs of all prompts, in Q8_0 and in float32, side by side (Markdown).

    python3 -m training.quantization WORK        reads WORK/traces/*.jsonl (Q8_0) and WORK/traces-f32/*.jsonl
"""
import collections
import json
import os
import sys


def answers(path):
    """Prompt id -> (split, answer, whether it is right)."""
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return {t["prompt"]["id"]: (t["prompt"]["split"], t["answer"]["extracted"], t["answer"]["right"]) for t in rows}


def main():
    work = sys.argv[1]
    total = collections.defaultdict(lambda: [0, 0, 0])
    for name in sorted(os.listdir(f"{work}/traces-f32")):
        small, full = answers(f"{work}/traces/{name}"), answers(f"{work}/traces-f32/{name}")
        for prompt, (split, answer, right) in small.items():
            _, other, other_right = full[prompt]
            for key in (split, "all"):
                total[key] = [a + b for a, b in zip(total[key], (1, answer != other, right != other_right))]
    print("| split | prompts | other answer | right turned wrong or wrong right |\n|---|---:|---:|---:|")
    for split in sorted(total, key=lambda s: (s == "all", s)):
        n, other, turned = total[split]
        print(f"| {split} | {n} | {other} ({100 * other / n:.1f} %) | {turned} ({100 * turned / n:.1f} %) |")


if __name__ == "__main__":
    main()
