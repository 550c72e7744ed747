#!/bin/sh
# Gives every reader of others' files inputs that libFuzzer makes: scripts/fuzz.sh SECONDS [SEED [NAME...]], so many seconds each. Needs nothing but stable Rust and
# a C++ compiler. What is found is kept in target/fuzz/NAME, so that the next run goes on from there; an input that fails is kept, named, and the way to repeat it said.
set -eu
cd "$(dirname "$0")/.."

seconds="${1:-60}"
seed="${2:-1}"
[ $# -lt 2 ] || shift
shift || true
folder="$PWD/target/fuzz"
mkdir -p "$folder"
RUSTC_WORKSPACE_WRAPPER="$PWD/scripts/covered.sh" "${CARGO:-cargo}" build --release -p rotescope-fuzz --features guided --bin guided
program="$PWD/${CARGO_TARGET_DIR:-target}/release/guided"
case "${CARGO_TARGET_DIR:-}" in /*) program="$CARGO_TARGET_DIR/release/guided" ;; esac

failed=""
for name in ${*:-$("$program")}; do
	mkdir -p "$folder/$name"
	log="$folder/$name.log"
	if ROTESCOPE_FUZZ="$name" "$program" -max_total_time="$seconds" -seed="$seed" -timeout=10 -rss_limit_mb=4096 -artifact_prefix="$folder/$name-" \
		-print_final_stats=1 "$folder/$name" >"$log" 2>&1; then
		runs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
		reached="$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)"
		echo "$name: $runs inputs in $seconds s, $reached branches reached, none failed"
	else
		failed="$failed $name"
		grep -E "panicked|^thread|ERROR|SUMMARY|Test unit written" "$log" | head -n 5 >&2
		echo "$name: failed; see $log, and repeat with ROTESCOPE_FUZZ=$name $program FILE" >&2
	fi
done
[ -z "$failed" ] || exit 1
