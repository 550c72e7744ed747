#!/usr/bin/env python3
"""Measures what models of real size cost, with random weights, and prints a table.

    scripts/results-size.py TOKENIZER.gguf [--shapes 1B 7B] [--rounds 3] [--peers FOLDER]

Makes the models (scripts/random-model.py) and an index of the bundled corpus with their tokenizer in a temporary folder, and keeps neither. Needs target/release/rotescope, numpy and
gguf (PyPI). --peers: the folder that scripts/peers.sh prints, for llama-bench beside. All that a row compares runs in turns, once a round; medians are shown.
"""

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROTESCOPE = ROOT / "target" / "release" / "rotescope"
PROMPTS = ROOT / "examples" / "word-problems.jsonl"
TOKENS = 32


def memory(process):
    """Megabytes of a process: its own, and those of files that are mapped."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0, 0.0
    kilobytes = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith("Rss")}
    return int(kilobytes.get("RssAnon", 0)) / 1e3, int(kilobytes.get("RssFile", 0)) / 1e3


def score(model, tokens, *options):
    """A run of one prompt: its trace, seconds, megabytes of its own and of files at most."""
    command = [ROTESCOPE, "score", PROMPTS, "--model", model, "--limit", 1, "--raw", "--quiet", "--max-tokens", tokens, *options]
    began = time.monotonic()
    run = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True)
    own = files = 0.0
    while run.poll() is None:
        now = memory(run.pid)
        own, files = max(own, now[0]), max(files, now[1])
        if select.select([run.stdout], [], [], 0.05)[0]:
            break
    line = run.stdout.read()
    if run.wait() != 0:
        sys.exit(f"{command} failed")
    return json.loads(line), time.monotonic() - began, own, files


def rate(trace):
    return len(trace["tokens"]) / trace["timing"]["generate"]


def app(model, index, folder):
    """Seconds from the start of the app to its first frame, and from `q` to its end while it generates."""
    state = Path(folder) / "state"
    (state / "rotescope").mkdir(parents=True, exist_ok=True)
    (state / "rotescope" / "toured").touch()
    began = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.environ.update(TERM="xterm-256color", XDG_STATE_HOME=str(state), XDG_CONFIG_HOME=str(state), ROTESCOPE_HOME=str(ROOT))
        os.execv(ROTESCOPE, [str(ROTESCOPE), "--model", str(model), "--index", str(index), "--prompts", str(PROMPTS)])
    seen = b""

    def wait_for(text, patience):
        nonlocal seen
        until = time.monotonic() + patience
        while text not in seen:
            if time.monotonic() > until:
                sys.exit(f"the app never showed {text}")
            if select.select([terminal], [], [], 0.01)[0]:
                seen += os.read(terminal, 1 << 16)

    wait_for(b"prompts", 30)
    first = time.monotonic() - began
    wait_for(b"tokens", 120)
    os.write(terminal, b"\r")
    wait_for(b"live", 60)
    time.sleep(2)
    left = time.monotonic()
    os.write(terminal, b"q")
    ended = 0
    while ended == 0 and time.monotonic() - left < 60:
        if select.select([terminal], [], [], 0.005)[0]:
            try:
                os.read(terminal, 1 << 16)
            except OSError:
                pass
        ended, _ = os.waitpid(process, os.WNOHANG)
    took = time.monotonic() - left
    if ended == 0:
        os.kill(process, signal.SIGKILL)
    return first, took


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("tokenizer")
    args.add_argument("--shapes", nargs="+", default=["1B", "7B"])
    args.add_argument("--rounds", type=int, default=3)
    args.add_argument("--peers", type=Path)
    args = args.parse_args()
    print("| shape | file, GB | first token, s | tokens/s without an index | with local scores | llama-bench | own memory, MB | mapped, MB | app: first frame, s | app: quits in, s |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for shape in args.shapes:
        with tempfile.TemporaryDirectory() as folder:
            model, index = Path(folder) / f"{shape}.gguf", Path(folder) / "index"
            subprocess.run([sys.executable, ROOT / "scripts" / "random-model.py", shape, args.tokenizer, model], check=True, stdout=subprocess.DEVNULL)
            corpus = ROOT / "indexes" / "pocket" / "corpus.jsonl.zst"
            build = [ROTESCOPE, "index", "build", corpus, "--out", index, "--model", model, "--quiet"]
            subprocess.run([str(c) for c in build], check=True)
            rounds = {"first": [], "plain": [], "local": [], "bench": [], "own": [], "files": [], "frame": [], "quit": []}
            for _ in range(args.rounds):
                _, first, *_ = score(model, 1, "--no-index")
                plain, *_ = score(model, TOKENS, "--no-index")
                local, _, own, files = score(model, TOKENS, "--index", index, "--sources", "local")
                frame, left = app(model, index, folder)
                values = dict(first=first, plain=rate(plain), local=rate(local), own=own, files=files, frame=frame, quit=left)
                if args.peers:
                    command = [args.peers / "llama-bench", "-m", model, "-p", "0", "-n", str(TOKENS), "-t", "2", "-r", "1", "-o", "json"]
                    rows = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                    values["bench"] = rows[0]["avg_ts"]
                for name, value in values.items():
                    rounds[name].append(value)
            m = {name: statistics.median(values) if values else None for name, values in rounds.items()}
            bench = "–" if m["bench"] is None else f"{m['bench']:.2f}"
            print(
                f"| {shape} | {model.stat().st_size / 1e9:.2f} | {m['first']:.1f} | {m['plain']:.2f} | {m['local']:.2f} | {bench} | {m['own']:.0f} | {m['files']:.0f} | {m['frame']:.2f} | {m['quit']:.2f} |",
                flush=True,
            )


main()
