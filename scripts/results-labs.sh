#!/bin/sh
# Measures the labs and writes the figures at the end of docs/labs.md, and its pictures.
#
#   scripts/results-labs.sh
#
# Needs no model and no index. The same program gives the same figures on machines with the same mathematical library. SEEDS (5): data sets of each world.
# KEEP: a folder that keeps the records, so that a run that was killed goes on.
set -eu
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}"
rotescope="${ROTESCOPE:-$target/release/rotescope}"
[ -x "$rotescope" ] || cargo build --release
work="${KEEP:-$(mktemp -d)}"
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
page=docs/labs.md
mark='<!-- What follows is made by scripts/results-labs.sh. Do not edit it; run the script. -->'
seeds="${SEEDS:-5}"

lab() {
	what="$1"
	shift
	echo "$(date +%T) lab $what $*" >&2
	"$rotescope" lab "$what" "$@" --seeds "$seeds"
}
shown() { printf '```sh\nrotescope lab %s\n```\n\n' "$*"; }
# Of what is read, the table below a heading that begins so; with `rows`, without its first two lines.
below() { awk -v heading="### $1" -v skip="${2:+2}" 'index($0, heading) == 1 { on = 1; next } /^###/ { on = 0 } on && /^\|/ && n++ >= skip'; }

{
	echo "## Gaussian clouds: where memorizing takes over"
	echo
	echo "M*/N of five worlds, weight 1 for each amount of noise, $seeds data sets of each. Measured before, by another program, of one data set each: .792, .799, .797, .801, .803. What one"
	echo "says who measures nothing: the closed form, whose constant C lies anywhere between 1 and 2."
	echo
	shown edge --samples N --dimension d --components K --seeds "$seeds"
	rows=""
	for world in "30 3 50" "30 12 100" "50 12 200" "60 6 100" "60 12 200"; do
		set -- $world
		lab edge --dimension "$1" --components "$2" --samples "$3" -o "$work/edge.jsonl" >"$work/one.md"
		below "Where memorizing" $rows <"$work/one.md"
		rows=rows
	done
	echo
	start="$(date +%s%N)"
	for world in "30 3 50" "30 12 100" "50 12 200" "60 6 100" "60 12 200"; do
		set -- $world
		"$rotescope" lab edge --dimension "$1" --components "$2" --samples "$3" --seeds 1 >"$work/timed.md"
	done
	echo "$start $(date +%s%N) $(nproc)" | awk '{ printf "The five worlds with one data set each take %.1f s on %d cores.\n", ($2 - $1) / 1e9, $3 }'
	echo
	echo "### It grows with N"
	echo
	shown edge --samples 50,100,150,200 --dimension 30,60 --components 3,12
	lab edge --samples 50,100,150,200 --dimension 30,60 --components 3,12 -o "$work/edge.jsonl" >"$work/one.md"
	below "Where memorizing" <"$work/one.md"
	echo
	grep "linear in N" "$work/one.md" | sed 's/^/- /'
	echo
	echo "### It is no constant: points a cloud"
	echo
	shown edge --samples 100 --components 1,2,6,25,50,100
	lab edge --samples 100 --components 1,2,6,25,50,100 -o "$work/edge.jsonl" >"$work/one.md"
	below "Where memorizing" <"$work/one.md"
	echo
	echo "### It is no constant: how wide a cloud is"
	echo
	echo "The centres stay where they are, so that clouds of sigma 2 overlap."
	echo
	shown edge --sigma S
	echo "| sigma | M*/N | 95 % interval | closed form, C = 1 | C = 2 | always 4/5 |"
	echo "|--:|--:|--:|--:|--:|--:|"
	for sigma in 0.25 0.5 1 2; do
		lab edge --sigma "$sigma" -o "$work/edge.jsonl" | below "Where memorizing" rows |
			awk -F '|' -v s="$sigma" '{ print "| " s " |" $5 "|" $6 "|" $7 "|" $8 "| .800 |" }'
	done
	echo
	echo "## Trained models"
	echo
	echo "Denoisers of M clouds, begun at the first M points and trained on all N: which share of 200 points that they make are copies. Measured before, of one data set each: 0, .13, .46, .88 at"
	echo "M/N = .6, .7, .8, .9. Who measures nothing says: none below M*, all from there on (*a step at M\\**); the untrained beginning copies always."
	for world in "30 3 50" "50 6 100"; do
		set -- $world
		echo
		shown edge --train --dimension "$1" --components "$2" --samples "$3" --sizes .2,.4,.5,.6,.65,.7,.75,.8,.85,.9,.95,1
		lab edge --train --dimension "$1" --components "$2" --samples "$3" --sizes .2,.4,.5,.6,.65,.7,.75,.8,.85,.9,.95,1 -o "$work/edge.jsonl" \
			--figure docs/lab-edge.svg >"$work/one.md"
		below "Copies among" <"$work/one.md"
		grep "^d = .*copies at" "$work/one.md" | awk '{ print ""; print }'
	done
	echo
	echo "### Other widths"
	echo
	echo "Does the place where models begin to copy move with M\\*, when the clouds are narrower or wider?"
	echo
	shown edge --train --dimension 30 --components 3 --samples 50 --sizes .4,.5,.6,.7,.8,.9,1 --sigma S
	echo "| sigma | M*/N | half are copies at M/N | a tenth | nine tenths | always 4/5 |"
	echo "|--:|--:|--:|--:|--:|--:|"
	for sigma in 0.5 1 2; do
		lab edge --train --dimension 30 --components 3 --samples 50 --sizes .4,.5,.6,.7,.8,.9,1 --sigma "$sigma" -o "$work/edge.jsonl" |
			sed -n "s/^d = .*M\/N = \(.*\), half at \(.*\), nine tenths at \(.*\); M\*\/N is \(.*\)\.\$/| $sigma | \4 | \2 | \1 | \3 | .800 |/p"
	done
	echo
	echo "![Losses of the three denoisers, their crossover, and what trained models copy](lab-edge.svg)"
	echo
	echo "## Texts"
	echo
	shown text --samples 60,120,240 --templates 2,6,20,60 --noise .1,.2,.4
	lab text --samples 60,120,240 --templates 2,6,20,60 --noise .1,.2,.4 -o "$work/text.jsonl" --figure docs/lab-text.svg >"$work/one.md"
	sed -n '/^### /,$p' "$work/one.md"
	echo
	echo "![Losses of a masked symbol, and the crossover by texts a template](lab-text.svg)"
	echo
	echo "### Length and symbols"
	echo
	shown text --length 16,32,64 --symbols 4,32,256
	lab text --length 16,32,64 --symbols 4,32,256 -o "$work/text.jsonl" | below "Where memorizing"
} >"$work/results.md"
{
	awk -v mark="$mark" '$0 == mark { exit } { print }' "$page"
	echo "$mark"
	echo
	cat "$work/results.md"
} >"$page.new"
mv "$page.new" "$page"
