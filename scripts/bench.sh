#!/bin/sh
# Runs all benches, and says beside each figure what it was before: target/bench/before.txt, which KEEP=1 writes anew from this run. Times of another machine say nothing
# here, so no figures are kept in the repository; scripts/instructions.sh has those that are the same everywhere.
set -eu
cd "$(dirname "$0")/.."
place="${CARGO_TARGET_DIR:-target}/bench"
mkdir -p "$place"
"${CARGO:-cargo}" bench --workspace --bench index --bench encoding --bench scoring --bench tui >"$place/now.txt.part"
mv "$place/now.txt.part" "$place/now.txt"
touch "$place/before.txt"

# What comes before a colon or a gap names a figure, the first number behind it is compared.
awk '
	function number(text) { return match(text, /[0-9]+([.][0-9]+)?/) ? substr(text, RSTART, RLENGTH) : "" }
	/^running|^test result/ || !match($0, /: |   */) { next }
	{ name = substr($0, 1, RSTART - 1); figure = number(substr($0, RSTART + RLENGTH)) }
	FILENAME == ARGV[1] { before[name] = figure; next }
	figure == "" { next }
	name in before && before[name] > 0 { printf "%s (before %s, %+.0f %%)\n", $0, before[name], 100 * (figure / before[name] - 1); next }
	{ print }
' "$place/before.txt" "$place/now.txt"
[ -z "${KEEP:-}" ] || cp "$place/now.txt" "$place/before.txt"
