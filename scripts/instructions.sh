#!/bin/sh
# Counts the instructions that each question to an index and each reading of a text takes, and holds them against benches/instructions.tsv: unlike times, they say the same
# on a busy machine. Needs valgrind; builds for processors of level 3, since valgrind knows no AVX-512, into target/instructions. BLESS=1: writes what is counted there.
# Fails where something takes over 5 % more.
set -eu
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "scripts/instructions.sh needs valgrind: apt-get install valgrind" >&2; exit 2; }

export CARGO_TARGET_DIR="$PWD/target/instructions" RAYON_NUM_THREADS=1
RUSTFLAGS="-C target-cpu=x86-64-v3" "${CARGO:-cargo}" build --release --locked --package rotescope-corpus --package rotescope-judge --example asked --example read
programs="$CARGO_TARGET_DIR/release/examples"
kept=benches/instructions.tsv
found="$CARGO_TARGET_DIR/instructions.tsv"

# All instructions of a run, its beginning included.
all() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# What each of 2 N more takes, where N were done before.
counted() {
	times="$1"
	what="$2"
	shift 2
	few="$(all "$@" "$what" "$times")"
	many="$(all "$@" "$what" "$((3 * times))")"
	printf '%s\t%s\n' "$what" "$(((many - few) / (2 * times)))"
}

index="$CARGO_TARGET_DIR/index"
# As it is made now.
rm -rf "$index"
{
	"$programs/asked" "$index" | while read -r what; do
		case "$what" in
		"5 words"*) counted 10 "$what" "$programs/asked" "$index" ;;
		*) counted 100 "$what" "$programs/asked" "$index" ;;
		esac
	done
	"$programs/read" | while read -r what; do counted 300 "$what" "$programs/read"; done
} >"$found"
[ -z "${BLESS:-}" ] || cp "$found" "$kept"

awk -F '\t' '
	NR == FNR { before[$1] = $2; next }
	{
		change = before[$1] ? 100 * ($2 / before[$1] - 1) : 0
		printf "%-36s %10d instructions, %+.1f %%\n", $1, $2, change
		if (change > 5 || !($1 in before)) bad = 1
	}
	END { exit bad }
' "$kept" "$found" || { echo "more instructions than $kept says; if that is meant: BLESS=1 scripts/instructions.sh" >&2; exit 1; }
