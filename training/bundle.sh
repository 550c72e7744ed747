#!/bin/sh
# Rebuilds the pocket bundle from its seed. A killed run continues where it stopped (remove training/work to begin anew).
set -eu
cd "$(dirname "$0")/.."
work=training/work
venv=training/work/venv
mkdir -p "$work"
if [ ! -x "$venv/bin/python" ]; then
	"${PYTHON:-python3}" -m venv "$venv"
	"$venv/bin/pip" install -q -r training/requirements.txt
fi
py="$venv/bin/python"

[ -f "$work/corpus.jsonl" ] || $py -m training.corpus "$work"
[ -f "$work/tokenizer.json" ] || $py -m training.tokenizer "$work"
$py -m training.train "$work"
$py -m training.export "$work" "$work/pocket-f32.gguf" f32
$py -m training.export "$work" "$work/pocket-q8_0.gguf" q8_0
$py -m training.parity "$work"

$py -m training.install "$work"
training/card.sh
