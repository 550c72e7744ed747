#!/bin/sh
# What SmolLM2-135M recites of texts that the world knows, and what its quantizations keep; writes the figures at the end of docs/audit.md.
#
#   scripts/results-audit.sh [MODEL]
#
# MODEL (GGUF) is fetched by scripts/models.sh if not given. The texts: the licences of /usr/share/common-licenses; chapters of the King James Bible, the
# constitution and the declaration of independence of the United States, the beginning of The Devil's Dictionary, and some RFCs where the machine's
# sources have them (Debian keeps them in non-free), out of the packages bible-kjv, bible-kjv-text, miscfiles, dict-devil and doc-rfc-std, which
# `apt-get download` fetches and nothing installs; and, as a control, passages about invented people that are made up when the script runs.
#
# THREADS (1): the same packing and the same threads give the same numbers. STRIDE (32): tokens from window to window. SAMPLE (400): windows whose prefix
# is changed, and that students are asked. PROMPTS (24): that students answer. KEEP: a folder that keeps the
# records, so that a run that was killed goes on.
set -eu
cd "$(dirname "$0")/.."
model="${1:-$(PYTHON="${PYTHON:-python3}" scripts/models.sh smollm2)}"
target="${CARGO_TARGET_DIR:-target}"
rotescope="${ROTESCOPE:-$target/release/rotescope}"
[ -x "$rotescope" ] || cargo build --release
work="${KEEP:-$(mktemp -d)}"
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
page=docs/audit.md
mark='<!-- What follows is made by scripts/results-audit.sh. Do not edit it; run the script. -->'
threads="${THREADS:-1}"
stride="${STRIDE:-32}"

mkdir -p "$work/texts" "$work/packages"
for licence in /usr/share/common-licenses/*; do
	[ -L "$licence" ] || cp "$licence" "$work/texts/$(basename "$licence").txt"
done
if (cd "$work/packages" && apt-get download bible-kjv bible-kjv-text miscfiles dict-devil >/dev/null 2>&1); then
	(cd "$work/packages" && apt-get download doc-rfc-std >/dev/null 2>&1) || echo "no RFCs: they are in Debian's non-free part" >&2
	for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$work/packages"; done
	bible() { "$work/packages/usr/bin/bible" -l80 -p "$work/packages/usr/lib" -d bible.data "$@" </dev/null; }
	bible Gen1:1-Gen3:24 >"$work/texts/Genesis-1-3.txt"
	bible Psa23 >"$work/texts/Psalm-23.txt"
	bible Mat5:1-Mat6:34 >"$work/texts/Matthew-5-6.txt"
	bible 1Chr1:1-1Chr2:55 >"$work/texts/Chronicles-1-2.txt"
	for state in us-constitution us-declaration; do
		gzip -dc "$work/packages/usr/share/state/$state.gz" >"$work/texts/$state.txt"
	done
	gzip -dc "$work/packages/usr/share/dictd/devil.dict.dz" | sed -n '/^ABASEMENT/,$p' | head -n 300 >"$work/texts/Devils-Dictionary.txt"
	for rfc in 791 793 1149 2119; do
		found="$(find "$work/packages" -name "rfc$rfc.txt*" | head -n 1)"
		[ -z "$found" ] || gzip -dcf "$found" >"$work/texts/rfc$rfc.txt"
	done
else
	echo "no package can be fetched: the licences and the control only" >&2
fi
[ -s "$work/control.txt" ] || "${PYTHON:-python3}" - >"$work/control.txt" <<PYTHON
import random, time
from training.prose import passage
r = random.Random(time.time())
print("\n\n".join(passage(r) for _ in range(40)))
PYTHON

# Counts are of these texts, not of what the model was trained on; the index is there for unrelated prefixes.
[ -d "$work/index" ] || "$rotescope" index build --model "$model" --out "$work/index" --paragraphs "$work/texts" "$work/control.txt" >/dev/null 2>&1
all="$work/texts"
run() {
	what="$1"
	shift
	echo "$(date +%T) audit $what" >&2
	"$rotescope" audit "$what" "$@" --model "$model" --threads "$threads"
}
named() { sed "s|$work/texts/||g; s|$work/||g"; }

{
	echo "## What $(basename "$model") recites"
	echo
	echo "The licences of every Debian machine, a few chapters of the King James Bible, two documents of the United States, the beginning of The Devil's Dictionary; as a control"
	echo "40 passages about invented people that were made up on the day. The model's own corpus is not at hand: counts of copies are of these texts, and say nothing of training."
	echo "Windows every $stride tokens; ${SAMPLE:-400} windows with changed prefixes and for students; ${PROMPTS:-24} prompts (\`STRIDE\`, \`SAMPLE\`, \`PROMPTS\`)."
	echo
	run extract "$all" --index "$work/index" --stride "$stride" -o "$work/extract.jsonl" | named
	echo
	echo "### The control"
	echo
	run extract "$work/control.txt" --index "$work/index" --stride "$stride" | named
	echo
	echo "### 50 tokens after 50"
	echo
	run extract "$all" --index "$work/index" --window 50/50 --stride "$stride" --no-near | named | sed -n '1,10p'
	echo
	echo "## How its recitation bears changes of the prefix"
	echo
	run redundancy "$all" --index "$work/index" --sample "${SAMPLE:-400}" -o "$work/redundancy.jsonl" | named
	echo
	echo "## What its quantizations keep"
	echo
	echo "Each level is made of $(basename "$model") itself, which has few bits already: the upper levels are no better than it."
	echo
	run students "$all" --no-index --sample "${SAMPLE:-400}" --held-out "$work/control.txt" --ladder Q8_0,Q6_K,Q4_K_M,Q3_K_M,Q2_K --no-rouge \
		--prompts bundle:applied-base --limit "${PROMPTS:-24}" --answer-tokens 128 -o "$work/students.jsonl" | named
} >"$work/results.md"
"$rotescope" report "$work/extract.jsonl" --id "$work/texts/GPL-3.txt" -o docs/heat.svg --width 100 --force
# The picture names the text, not the folder of this run; the shorter name is not stretched over the longer one's place.
sed -E "/>${work//\//\\/}\/texts\//s/ textLength=\"[0-9.]+\" lengthAdjust=\"[A-Za-z]+\"//" docs/heat.svg | named >"$work/heat.svg" && cp "$work/heat.svg" docs/heat.svg
{
	awk -v mark="$mark" '$0 == mark { exit } { print }' "$page"
	echo "$mark"
	echo
	cat "$work/results.md"
} >"$page.new"
mv "$page.new" "$page"
