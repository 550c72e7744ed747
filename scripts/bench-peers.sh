#!/bin/sh
# Measures the index beside infini-gram, tokengrams and tantivy (PyPI, by name and version, kept in $XDG_CACHE_HOME/rotescope), on the same token ids and with
# the same questions, and prints tables. Ends with an error where a count differs. Linux on x86_64, Python 3.11.
#   scripts/bench-peers.sh [MILLIONS]    million tokens of the bundled corpus, over and over with changes; 10 unless said otherwise
set -eu

here="$(dirname "$0")"
python="$("$here/remote.sh")"
peers="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope/index-peers-1"
# tokengrams' engine alone: its package imports much that is of no use here.
PYTHONPATH="$peers/tokengrams:$peers"
export PYTHONPATH
"$python" -c "import tokengrams, tantivy" 2>/dev/null || {
	echo "fetching tokengrams and tantivy" >&2
	"$python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --upgrade --target "$peers" "tokengrams==0.3.3" "tantivy==0.27.0" >&2
}
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$here/.."
cargo build --release --workspace --example grow >&2
grow=target/release/examples/grow
"$grow" bundled "${1:-10}" 1 "$work/corpus.jsonl"
"$grow" build "$work/corpus.jsonl" "$work/index" 2048
"$grow" peers "$work/index" "$work/peers"
"$python" scripts/bench-peers.py "$work/peers" "$grow" "$work/index"
