#!/bin/sh
# Scores every bundled prompt and writes the tables: models/pocket/results.md.
set -eu
cd "$(dirname "$0")/.."
mkdir -p training/work/traces
for f in prompts/*.jsonl; do
	target/release/rotescope score "$f" --no-index -o "training/work/traces/$(basename "$f")"
done
target/release/rotescope evaluate training/work/traces/*.jsonl > models/pocket/results.md
