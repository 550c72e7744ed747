#!/bin/sh
# Scores every bundled prompt and writes the tables of the model card: models/pocket/results.md.
set -eu
cd "$(dirname "$0")/.."
work=training/work
rotescope="${CARGO_TARGET_DIR:-target}/release/rotescope"
cargo build --release
rm -rf "$work/traces"
mkdir -p "$work/traces"
for f in prompts/*.jsonl; do
	"$rotescope" score "$f" --no-index --jobs 2 -q -o "$work/traces/$(basename "$f")"
done
{
	echo "# What the pocket model can do"
	echo
	echo "Made by \`training/card.sh\`: every prompt of \`prompts/\` through llama.cpp, greedy, Q8_0."
	echo
	"$rotescope" evaluate "$work"/traces/*.jsonl
	if [ -f "$work/pocket-f32.gguf" ]; then
		printf '\n### Parity of llama.cpp and PyTorch in float32\n\n'
		cargo run --release --quiet --example parity -- "$work/pocket-f32.gguf" "$work/parity.jsonl"
	fi
} >models/pocket/results.md.new
mv models/pocket/results.md.new models/pocket/results.md
