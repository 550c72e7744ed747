#!/bin/sh
# Measures what rotescope says of text that others wrote and people labelled, and writes docs/results-text.md.
#
#   scripts/results-text.sh DIR
#
# DIR holds the labelled files, which are no part of this repository, as JSON lines: gsm8k-solutions.jsonl (`question`, `expected`, `solutions` with `text`
# and `right`), processbench-*.jsonl and bigbench-mistake-*.jsonl (`id`, `question`, `steps`, `first_wrong` from 0, -1 or null for none). No model and no
# index are needed. The same files give the same page.
#
# scripts/slips.tsv lists the chains whose labelled first wrong step is an arithmetic slip, read by hand; ids only.
set -eu
[ $# -eq 1 ] || { echo "usage: scripts/results-text.sh DIR" >&2; exit 2; }
data="$(cd "$1" && pwd)"
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}"
rotescope="${ROTESCOPE:-$target/release/rotescope}"
[ -x "$rotescope" ] || cargo build --release
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
new="docs/results-text.md.new"

# One number of a summary in JSON.
of() { sed -n "s/^ *\"$1\": \([0-9]*\).*/\1/p" "$work/sums.json"; }
# K of N with a percentage.
share() { awk -v k="$1" -v n="$2" 'BEGIN { if (n > 0) printf "%d of %d (%.1f %%)", k, n, 100 * k / n; else printf "0 of 0" }'; }
name() { basename "$1" .jsonl; }
# What evaluate prints of people's labels, without its first line.
evaluated() { "$rotescope" evaluate "$@" | tail -n +2; }

{
	echo "# What rotescope says of text that others wrote"
	echo
	echo "Made by \`scripts/results-text.sh DIR\` from labelled files that are no part of this repository: every second row of ProcessBench (GSM8K and MATH), of"
	echo "BIG-Bench-Mistake, and of GSM8K's example solutions. Verdicts are by computation alone, without a model. Beside every figure stands what one gets who looks at"
	echo "nothing. What the tables mean is in [evaluate.md](evaluate.md#labels-by-people). Do not edit; run the script."
	echo
	echo "## Final answers"
	echo
	echo "Is the final answer right, as the file says?"
	echo
	echo "| file | answers | alike | always \"wrong\" | no answer found |"
	echo "|------|--------:|------:|---------------:|----------------:|"
	for f in "$data"/gsm8k-solutions.jsonl "$data"/processbench-*.jsonl; do
		"$rotescope" judge "$f" --json 2>"$work/log" >"$work/sums.json"
		n="$(of labelled)"
		[ "$n" -gt 0 ] || continue
		echo "| $(name "$f") | $n | $(share "$(of agreed)" "$n") | $(share "$((n - $(of labelled_right)))" "$n") | $(of unanswered) |"
	done
	echo
	echo "## Equations"
	echo
	echo "A closed numeric equation has numbers and an operator on one side, a number on the other, and no variable; it is looked for apart from what judges. Right"
	echo "steps are those before the first wrong one. Who calls every equation right judges all, calls no right step wrong, and names no wrong one."
	echo
	echo "| file | steps with a closed equation | judged | right steps called wrong | first wrong steps | called wrong |"
	echo "|------|-----------------------------:|-------:|-------------------------:|------------------:|-------------:|"
	cargo build --release --quiet -p rotescope-judge --example equations
	for f in "$data"/processbench-*.jsonl "$data"/bigbench-mistake-*.jsonl; do
		"$target/release/examples/equations" "$f" >"$work/sums.txt"
		count() { sed -n "s/.*$1 \([0-9]*\).*/\1/p" "$work/sums.txt" | head -1; }
		closed="$(count 'closed numeric equation')"
		judged="$(sed -n 's/.*closed numeric equation.*judged \([0-9]*\).*/\1/p' "$work/sums.txt")"
		echo "| $(name "$f") | $closed | $(share "$judged" "$closed") | $(count 'before the first labelled error') | $(count 'of these wrong') | $(sed -n 's/.*: named [0-9]*, called wrong \([0-9]*\).*/\1/p' "$work/sums.txt") |"
	done
	echo
	echo "## First wrong step: ProcessBench"
	evaluated "$data"/processbench-gsm8k.jsonl "$data"/processbench-math.jsonl --labels
	echo
	echo "## First wrong step: BIG-Bench-Mistake"
	evaluated "$data"/bigbench-mistake-*.jsonl --labels
	echo
	echo "## Arithmetic slips"
	echo
	echo "Chains whose labelled first wrong step is an arithmetic slip, by [scripts/slips.tsv](../scripts/slips.tsv): every labelled first wrong step of both ProcessBench files was"
	echo "read by hand, and those of the first 60 flawed chains of multistep_arithmetic (one of which is labelled wrong and right). *equation*: operation and false result stand in the step as numbers with a sign of"
	echo "equality between; *function*: the same with a remainder, a rounding function, a logarithm or \"is not\"; *implied*: the operation or its result is not written out"
	echo "(an equation is solved, a list or a matrix is filled, a sign lost where a value is put in)."
	echo
	echo "| file | kind | slips | named by verdicts | always the last step |"
	echo "|------|------|------:|------------------:|---------------------:|"
	named() { awk -F , -v who="$1" -v n="$n" '$1 == who { printf "%.0f", $2 * n }' "$work/csv/first-error.csv"; }
	tail -n +2 scripts/slips.tsv | cut -f 1,4 | sort -u | while read -r file kind; do
		awk -v f="$file" -v k="$kind" 'NR == 1 || ($1 == f && $4 == k)' scripts/slips.tsv | cut -f 2,3 >"$work/labels.tsv"
		n="$(($(wc -l <"$work/labels.tsv") - 1))"
		"$rotescope" evaluate "$data/$file.jsonl" --labels "$work/labels.tsv" --resamples 0 --force --csv "$work/csv" >"$work/log" 2>&1
		echo "$file $kind $n $(named verdicts) $(named 'always the last step')"
	done >"$work/slips.txt"
	of_slips() { awk -v f="$1" -v k="$2" '(f == "all" || $1 == f) && (k == "all" || $2 == k) { n += $3; v += $4; l += $5 } END { print n, v, l }' "$work/slips.txt"; }
	{ cut -d ' ' -f 1,2 "$work/slips.txt"; echo all equation; echo all all; } | while read -r file kind; do
		of_slips "$file" "$kind" | { read -r n v l; echo "| $file | $kind | $n | $(share "$v" "$n") | $(share "$l" "$n") |"; }
	done
} >"$new"
mv "$new" docs/results-text.md
