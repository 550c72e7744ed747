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
if [ -f "$work/pocket-f32.gguf" ]; then
	rm -rf "$work/traces-f32"
	mkdir -p "$work/traces-f32"
	for f in prompts/*.jsonl; do
		case "$f" in */recite.jsonl) continue ;; esac # no questions, no answers
		"$rotescope" score "$f" --model "$work/pocket-f32.gguf" --no-index --jobs 2 -q -o "$work/traces-f32/$(basename "$f")"
	done
fi
{
	echo "# What the pocket model can do"
	echo
	echo "Made by \`training/card.sh\`: every prompt of \`prompts/\` through llama.cpp, greedy, Q8_0."
	echo
	"$rotescope" evaluate "$work"/traces/*.jsonl --splits seen,base,longtail --slice base,longtail,planted,clean --contrast base:longtail
	if [ -f "$work/pocket-f32.gguf" ]; then
		printf '\n### Answers in Q8_0 against float32\n\n'
		"${PYTHON:-python3}" -m training.quantization "$work"
		printf '\n### Parity of llama.cpp and PyTorch in float32\n\n'
		cargo run --release --quiet -p rotescope-model --example parity -- "$work/pocket-f32.gguf" "$work/parity.jsonl"
	fi
} >models/pocket/results.md.new
mv models/pocket/results.md.new models/pocket/results.md
