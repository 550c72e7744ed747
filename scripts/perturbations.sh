#!/bin/sh
# Measures the pocket bundle under perturbations and writes docs/perturb-results.md and docs/perturb-rarer.svg.
# Usage: scripts/perturbations.sh [PROMPTS_PER_FILE] ; 60 if not given.
set -eu
cd "$(dirname "$0")/.."
limit=${1:-60}
cargo build --release --bin rotescope --example perturbation_results
target=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compare TASK OPERATOR NAME: pairs that an operator cannot change are left out, which is no failure of the run.
compare() {
    "$target/rotescope" compare "prompts/$1-base.jsonl" --operator "$2" --limit "$limit" --no-index --threads 1 --json \
        > "$work/$3.jsonl" || [ $? -eq 1 ]
}

for task in applied formula; do
    for op in digit-expansion int-to-float base2 numbers noop reverse shuffle drop typos; do
        compare $task $op "op-$task-$op"
    done
done
compare applied names op-applied-names
compare applied rare-entity op-applied-rare_entity
compare applied sentence-order op-applied-sentence_order
for op in lengthen-list rare-entity typos shuffle; do compare counting $op "op-counting-$op"; done
for op in last-word-capitalization names rare-entity typos; do compare capitalization $op "op-capitalization-$op"; done

# The corpus-aware operator looks its counts up in the bundled index.
for task in applied formula counting; do
    head -n "$limit" "prompts/$task-base.jsonl" > "$work/base"
    for factor in 1 10 100 1000; do
        # A factor that no prompt can reach is left out.
        "$target/rotescope" perturb "$work/base" --operator "rarer:$factor" -o "$work/new" 2> "$work/messages" || [ $? -eq 1 ] || { cat "$work/messages"; continue; }
        tail -n 1 "$work/messages"
        cat "$work/base" "$work/new" > "$work/both"
        rm "$work/new"
        "$target/rotescope" score "$work/both" --no-index --jobs 2 --threads 1 -q -o "$work/traces"
        "$target/rotescope" compare "$work/traces" --json > "$work/rarer-$task-$factor.jsonl" || [ $? -eq 1 ]
        rm "$work/traces" "$work/both"
    done
done

for kind in local mid long; do
    "$target/rotescope" score "prompts/planted-$kind.jsonl" --sources local --jobs 2 --threads 1 -q -o "$work/traces"
    "$target/rotescope" compare "$work/traces" --json > "$work/planted-$kind.jsonl" || [ $? -eq 1 ]
    rm "$work/traces"
done

"$target/examples/perturbation_results" "$work" prompts docs/perturb-results.md docs/perturb-rarer.svg
echo "docs/perturb-results.md and docs/perturb-rarer.svg are written"
