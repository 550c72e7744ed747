#!/bin/sh
# Measures rotescope on its own bundle and writes docs/results.md: what memorization scores, flags and causes are worth there.
#
#   scripts/results.sh            every third prompt of each file (planted and clean twins stay together)
#   STRIDE=12 scripts/results.sh  every twelfth, for a try
#
# Long lists make chains of hundreds of tokens, whose cost grows with the square of their length: of counting-longtail only a fourth of the
# share of the others is taken, and its chains end after 400 tokens.
#
# Greedy decoding and fixed seeds: the same bundle and STRIDE give the same tables. Traces go to $WORK (default: target/results), and a
# run that was stopped goes on there. With FLAG=FILE the step flag fitted to these traces is written to FILE.
set -eu
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}"
rotescope="${ROTESCOPE:-$target/release/rotescope}"
stride="${STRIDE:-3}"
work="${WORK:-$target/results}"
[ -x "$rotescope" ] || cargo build --release
mkdir -p "$work/prompts" "$work/traces"
for f in prompts/*.jsonl; do
	name="$(basename "$f" .jsonl)"
	limit=1024
	case "$name" in
	recite) continue ;; # passages are recited, not reasoned
	planted-*) awk -v s="$stride" 'int((NR - 1) / 2) % s == 0' "$f" ;;
	counting-longtail)
		limit=400
		awk -v s="$((4 * stride))" 'NR % s == 1' "$f"
		;;
	*) awk -v s="$stride" 'NR % s == 1 % s' "$f" ;;
	esac >"$work/prompts/$name.jsonl"
	"$rotescope" score "$work/prompts/$name.jsonl" --sources all --max-tokens "$limit" --jobs 2 --threads 1 -q \
		-o "$work/traces/$name.jsonl"
done
set -- "$work"/traces/*.jsonl
# The splits of the bundle: its columns, the steps that were not seen in training, and the paper's base and long-tail inputs.
set -- "$@" --splits seen,base,longtail --slice base,longtail,planted,clean --contrast base:longtail
if [ -n "${FLAG:-}" ]; then set -- "$@" --fit "$FLAG"; fi
new="docs/results.md.new"
{
	echo "# What rotescope measures on its own bundle"
	echo
	echo "Made by \`STRIDE=$stride scripts/results.sh\`: one prompt of $stride of every file in \`prompts/\` but \`recite\`, through the bundled model and corpus,"
	echo "greedy, all sources, every token. What each table means is in [evaluate.md](evaluate.md). Do not edit; run the script."
	echo
	"$rotescope" evaluate "$@" --json "$work/results.json" --csv "$work/csv"
} >"$new"
mv "$new" docs/results.md
