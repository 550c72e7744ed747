#!/bin/sh
# Fits the flag for any model and writes docs/results-models.md.
#
#   scripts/results-models.sh DIR MODEL [TRACES]
#
# DIR holds the labelled files, which are no part of this repository: processbench-gsm8k.jsonl, processbench-math.jsonl and
# bigbench-mistake-multistep_arithmetic.jsonl (JSON lines: `id`, `question`, `steps`, `first_wrong` from 0, -1 or null for none). MODEL (GGUF) reads the first
# of them, with one thread; TRACES, if given, are what it read before (`rotescope attribute`), whole or in part. What the model did not read goes in as words.
#
# FLAG=models/flag.json puts the flag there (its hash then belongs into src/pocket/files.rs); without it nothing but the page is written. It is fitted to
# the words of all three files; READER=1 adds what the model read, which takes traces of all chains: a part of them has another share of wrong steps.
set -eu
[ $# -ge 2 ] || { echo "usage: scripts/results-models.sh DIR MODEL [TRACES]" >&2; exit 2; }
data="$(cd "$1" && pwd)"
model="$(cd "$(dirname "$2")" && pwd)/$(basename "$2")"
traces="${3:+$(cd "$(dirname "$3")" && pwd)/$(basename "$3")}"
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}"
rotescope="${ROTESCOPE:-$target/release/rotescope}"
[ -x "$rotescope" ] || cargo build --release
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
new="docs/results-models.md.new"

if [ -z "$traces" ]; then
	# No feature looks at a corpus; an index of anything will do.
	"$rotescope" index build --model "$model" --out "$work/index" README.md
	traces="$work/processbench-gsm8k.read.jsonl"
	"$rotescope" attribute "$data/processbench-gsm8k.jsonl" --model "$model" --index "$work/index" --sources local --step-classifier none --threads 1 -o "$traces"
fi
flag="${FLAG:-$work/flag.json}"
words="$data/processbench-gsm8k.jsonl $data/processbench-math.jsonl $data/bigbench-mistake-multistep_arithmetic.jsonl"
evaluated() { "$rotescope" evaluate "$@" --labels --ranked | tail -n +2; }

{
	echo "# A flag for any model"
	echo
	echo "Made by \`scripts/results-models.sh DIR MODEL\` from labelled files that are no part of this repository (every second row of ProcessBench and of"
	echo "BIG-Bench-Mistake's arithmetic), and from what $(basename "$model") thinks of the chains of the first as it reads them token by token. A flag for any model"
	echo "ranks steps; what the tables mean is in [evaluate.md](evaluate.md#a-flag-for-any-model). Do not edit; run the script."
	echo
	echo "## With a reader's probabilities"
	echo
	echo "$(wc -l <"$traces" | tr -d ' ') of the $(wc -l <"$data/processbench-gsm8k.jsonl" | tr -d ' ') chains of processbench-gsm8k were read."
	evaluated "$traces"
	echo
	echo "## By words alone"
	# shellcheck disable=SC2086
	evaluated $words
	echo
	echo "## The flag that is shipped"
	echo
	# shellcheck disable=SC2086
	"$rotescope" evaluate ${READER:+"$traces"} $words --labels --ranked --fit "$flag" --force --resamples 0 2>&1 >/dev/null | grep "^flag fitted" | sed "s|: [^:]*$|.|"
} >"$new"
mv "$new" docs/results-models.md
