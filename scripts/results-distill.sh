#!/bin/sh
# Trains students of a model that recites by four losses, and writes the figures at the end of docs/distill.md, and docs/distill.svg.
#
#   scripts/results-distill.sh
#
# PYTHON: one with PyTorch, tokenizers, gguf and zstandard (training/requirements.txt). SEEDS (3), PASSES (60). Two seeds take 40 minutes of processor time.
# KEEP: a folder that keeps students and curves, so that a run that was killed goes on.
set -eu
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}"
rotescope="${ROTESCOPE:-$target/release/rotescope}"
[ -x "$rotescope" ] || cargo build --release
work="${KEEP:-$(mktemp -d)}"
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
page=docs/distill.md
mark='<!-- What follows is made by scripts/results-distill.sh. Do not edit it; run the script. -->'

"${PYTHON:-python3}" -m training.distill "$work" --seeds "${SEEDS:-3}" --passes "${PASSES:-60}" >&2
students="$work/sft.gguf,$work/word.gguf,$work/sequence.gguf,$work/reverse.gguf"
{
	awk -v mark="$mark" '$0 == mark { exit } { print }' "$page"
	echo "$mark"
	echo
	echo "## Figures"
	echo
	"$rotescope" lab distill "$work/curves.jsonl" --figure docs/distill.svg --force
	echo
	echo "![Students of a model that recites](distill.svg)"
	echo
	echo "### The students of the first seed, as \`audit students\` reads them"
	echo
	"$rotescope" audit students "$work/people.jsonl" --teacher "$work/teacher.gguf" --students "$students" --held-out "$work/test.jsonl" --window 20/36 --no-index -q --threads 1 |
		sed 's/^### /#### /'
} >"$page.new"
mv "$page.new" "$page"
