#!/bin/sh
# Fits the flag for any model and writes docs/results-models.md.
#
#   scripts/results-models.sh DIR READER...
#
# DIR holds the labelled files, which are no part of this repository: processbench-gsm8k.jsonl, processbench-math.jsonl and
# bigbench-mistake-multistep_arithmetic.jsonl (JSON lines: `id`, `question`, `steps`, `first_wrong` from 0, -1 or null for none). A READER is a model (GGUF) that
# reads the first of them, with one thread, or the traces of what one read before (`rotescope attribute`), or NAME.calibrated.md, what `rotescope calibrate` printed for a
# model. A reader is judged beside PRM, a causal model (GGUF), as a process reward model is asked, if there is one.
#
# FLAG=models/flag.json puts the flag there (its hash then belongs into src/pocket/files.rs); without it nothing but the page is written. It is fitted to
# the words of all three files, and to what the readers read.
set -eu
[ $# -ge 2 ] || { echo "usage: scripts/results-models.sh DIR READER..." >&2; exit 2; }
at() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
data="$(cd "$1" && pwd)"
shift
for reader in "$@"; do
	shift
	set -- "$@" "$(at "$reader")"
done
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}"
rotescope="${ROTESCOPE:-$target/release/rotescope}"
[ -x "$rotescope" ] || cargo build --release
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
new="docs/results-models.md.new"

calibrated=""
for reader in "$@"; do
	shift
	case "$reader" in
	*.gguf)
		name="$work/$(basename "$reader" .gguf)"
		# No feature looks at a corpus; an index of anything will do.
		"$rotescope" index build --model "$reader" --out "$name.index" README.md
		"$rotescope" attribute "$data/processbench-gsm8k.jsonl" --model "$reader" --index "$name.index" --sources local --step-classifier none --threads 1 \
			${PRM:+--prm "$PRM" --prm-good " Yes" --prm-bad " No" --prm-separator "\nIs this step correct?"} -o "$name.jsonl"
		reader="$name.jsonl"
		;;
	*.calibrated.md)
		calibrated="$calibrated $reader"
		continue
		;;
	esac
	set -- "$@" "$reader"
done
flag="${FLAG:-$work/flag.json}"
words="$data/processbench-gsm8k.jsonl $data/processbench-math.jsonl $data/bigbench-mistake-multistep_arithmetic.jsonl"
evaluated() { "$rotescope" evaluate "$@" --labels --ranked | tail -n +2; }

{
	echo "# A flag for any model"
	echo
	echo "Made by \`scripts/results-models.sh DIR MODEL\` from labelled files that are no part of this repository (every second row of ProcessBench and of"
	echo "BIG-Bench-Mistake's arithmetic), and from what two small models that did not write them, the readers, think of the chains of the first, token by token. A flag for"
	echo "any model ranks steps; what the tables mean is in [evaluate.md](evaluate.md#a-flag-for-any-model). Do not edit; run the script."
	echo
	for traces in "$@"; do
		echo "## Read by $(basename "$traces" .jsonl)"
		echo
		echo "$(wc -l <"$traces" | tr -d ' ') of the $(wc -l <"$data/processbench-gsm8k.jsonl" | tr -d ' ') chains of processbench-gsm8k were read."
		evaluated "$traces"
		echo
	done
	echo "## All readers"
	echo
	echo "Each chain once for each reader; folds are of problems, so that none is in two folds."
	echo
	evaluated "$@" | awk '/^### / { wanted = /any model/ } wanted'
	echo
	for said in $calibrated; do
		echo "## $(basename "$said" .calibrated.md) calibrated"
		echo
		echo "What \`rotescope calibrate --rollouts 6 --sources local --index DIR --prompts E --shots 5 --shots-from E --stop Question: --max-tokens 80\` printed (E: examples/word-problems-easy.jsonl,"
		echo "DIR: an index of GSM8K's training text): the model's own chains, cross-validated by prompt. Its corpus is not at hand, so that scores of memorization are of another one."
		echo
		cat "$said"
		echo
	done
	echo "## By words alone"
	# shellcheck disable=SC2086
	evaluated $words
	echo
	echo "## The flag that is shipped"
	echo
	# shellcheck disable=SC2086
	"$rotescope" evaluate "$@" $words --labels --ranked --fit "$flag" --force --resamples 0 2>&1 >/dev/null | grep "^flag fitted" | sed "s|: [^:]*$|.|"
} >"$new"
mv "$new" docs/results-models.md
