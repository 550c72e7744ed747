#!/usr/bin/env python3
"""Measures rotescope beside llama.cpp's own tools in one run, and writes docs/results-speed.md.

    scripts/results-speed.py MODEL.gguf [--before ROTESCOPE] [--rounds 3] [--text FILE]

Needs target/release/rotescope, and what scripts/peers.sh builds; with a text, whose perplexity is asked for, `cargo build --release --workspace --examples` too. --before names an older build of rotescope, which generates beside this one under load. All that a row
compares runs in turns, once a round; medians of the rounds are shown. Nothing else should run meanwhile, apart from the busy programs that the script starts itself.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = ROOT / "examples" / "word-problems.jsonl"
TOKENS = 64
# Windows of 512 tokens whose perplexity is compared.
WINDOWS = 20
ALONE = ["--parallel", 1, "--step-classifier", "none"]


def output(command):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr[-2000:]}")
    return done.stdout


def bench(peers, model, threads, depth):
    """Tokens a second that llama-bench generates behind as many as `depth`."""
    what = ["-p", 0, "-n", TOKENS // 2, "-d", depth]
    rows = json.loads(output([peers / "llama-bench", "-m", model, *what, "-t", threads, "-r", 1, "-o", "json"]))
    return rows[0]["avg_ts"]


def batched(peers, model, sequences, depth, attention):
    """Tokens a second that llama-batched-bench generates with so many sequences behind as many as `depth`."""
    command = [peers / "llama-batched-bench", "-m", model, "-c", 512 * sequences, "-npp", depth, "-ntg", TOKENS, "-npl", sequences, "-t", 2, "-fa", attention]
    rows = output([*command, "--output-format", "jsonl"]).splitlines()
    return json.loads([row for row in rows if row.startswith("{")][-1])["speed_tg"]


def score(program, model, prompts, tokens, *options):
    """Tokens a second that rotescope generates, all that it says of a token included."""
    # A chat's answer may end at once; a text goes on.
    command = [program, "score", PROMPTS, "--model", model, "--no-index", "--quiet", "--raw", "--limit", prompts, "--max-tokens", tokens]
    traces = [json.loads(line) for line in output([*command, *options]).splitlines()]
    tokens = sum(len(t["tokens"]) for t in traces)
    return tokens / sum(t["timing"]["generate"] for t in traces)


def before(program, model, prompts):
    """Tokens that prompts have, on average."""
    command = [program, "score", PROMPTS, "--model", model, "--no-index", "--quiet", "--raw", "--limit", prompts, "--max-tokens", 1]
    read = [len(json.loads(line)["prompt"]["tokens"]) for line in output(command).splitlines()]
    return round(sum(read) / len(read))


def perplexities(peers, model, text):
    """Of llama-perplexity without and with flash attention, and of rotescope; and the tokens that count."""

    def theirs(attention):
        command = [peers / "llama-perplexity", "-m", model, "-f", text, "--chunks", WINDOWS, "-c", 512, "-t", 2, "-fa", attention]
        done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        found = re.search(r"Final estimate: PPL = ([0-9.]+)", done.stdout)
        return found[1] if found else sys.exit(f"llama-perplexity: {done.stdout[-2000:]}")

    ours, counted, _ = output([ROOT / "target" / "release" / "examples" / "perplexity", model, text, WINDOWS]).split()
    return [counted, theirs("off"), theirs("on"), ours]


class Busy:
    """Programs that keep so many cores busy."""

    def __init__(self, count):
        self.count = count

    def __enter__(self):
        self.all = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(self.count)]

    def __exit__(self, *_):
        for one in self.all:
            one.kill()
            one.wait()


def rounds(columns, count):
    """The median of each column's figure, asked for in turns."""
    seen = [[] for _ in columns]
    for _ in range(count):
        for figures, column in zip(seen, columns):
            figures.append(column())
    return [statistics.median(figures) for figures in seen]


def table(titles, rows):
    yield "| " + " | ".join(titles) + " |"
    yield "|---|" + "--:|" * (len(titles) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("model", type=Path)
    asked.add_argument("--before", type=Path, help="an older rotescope")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--text", type=Path, help="a text whose perplexity is asked for")
    asked = asked.parse_args()
    peers = Path(output([ROOT / "scripts" / "peers.sh"]).strip())
    rotescope = Path(os.environ.get("ROTESCOPE", ROOT / "target" / "release" / "rotescope"))
    model = asked.model

    def row(name, columns):
        figures = rounds(columns, asked.rounds)
        print(name, [round(f, 1) for f in figures], file=sys.stderr)
        return [name, *(f"{f:.1f}" for f in figures)]

    loads = []
    depth = before(rotescope, model, 2)
    fixed = {
        "llama-bench, 2 threads": lambda: bench(peers, model, 2, depth),
        "llama-bench, 1 thread": lambda: bench(peers, model, 1, depth),
        "rotescope, `--threads 2`": lambda: score(rotescope, model, 2, TOKENS // 2, *ALONE, "--threads", 2),
        "rotescope, `--threads 1`": lambda: score(rotescope, model, 2, TOKENS // 2, *ALONE, "--threads", 1),
        "rotescope": lambda: score(rotescope, model, 2, TOKENS // 2, *ALONE),
    }
    if asked.before:
        fixed["rotescope before"] = lambda: score(asked.before, model, 2, TOKENS // 2)
    for count in range(3):
        with Busy(count):
            loads.append(row(str(count), list(fixed.values())))
    batches = []
    for count in (1, 2, 4, 8):
        side_by_side = ["--parallel", count, "--context", 512, "--step-classifier", "none"]
        columns = [lambda: batched(peers, model, count, depth, "on"), lambda: batched(peers, model, count, depth, "off")]
        batches.append(row(str(count), [*columns, lambda: score(rotescope, model, 2 * count, TOKENS, *side_by_side)]))
    perplexity = []
    if asked.text:
        perplexity = [
            "## Perplexity",
            "",
            f"Of {asked.text.name}, {WINDOWS} windows of 512 tokens, of which those behind the middle count: llama-perplexity, and the example `perplexity` with the log-probabilities that rotescope works with.",
            "",
            *table(["model", "tokens", "llama-perplexity", "with flash attention", "rotescope"], [[model.name, *perplexities(peers, model, asked.text)]]),
        ]

    lines = [
        "# Speed beside llama.cpp's own tools",
        "",
        f"Made by `scripts/results-speed.py MODEL` with {model.name} on {os.cpu_count()} cores ({platform.machine()}), {output([rotescope, '--version']).splitlines()[0]}. Tokens a second, medians of "
        f"{asked.rounds} rounds in which all columns of a row took turns. Do not edit; run the script.",
        "",
        "## Other programs keep cores busy",
        "",
        f"Generating, one completion at a time. The first column counts programs that do nothing but compute. llama-bench only generates ({TOKENS // 2} tokens behind {depth}, as many as the prompts have), with flash attention; rotescope, without it, works out probabilities, rank,",
        "entropy and 20 candidates of every token too (as many of each of 2 prompts).",
        "",
        *table(["busy", *fixed], loads),
        "## Completions side by side",
        "",
        f"Generating, 2 threads. llama-batched-bench: {TOKENS} tokens behind {depth}, of which no probabilities are worked out; rotescope: `--parallel N --context 512`, 2 N prompts that are texts to go on with.",
        "",
        *table(["N", "llama-batched-bench", "without flash attention", "rotescope"], batches),
        *perplexity,
    ]
    with tempfile.NamedTemporaryFile("w", dir=ROOT / "docs", delete=False) as new:
        new.write("\n".join(lines))
    os.replace(new.name, ROOT / "docs" / "results-speed.md")


if __name__ == "__main__":
    main()
