#!/bin/sh
# Fetches infini-gram's engine from PyPI by name and version, checks its SHA-256, puts it into a virtual environment, and prints the environment's
# Python: what `make test-remote` runs a server with. It is kept in $XDG_CACHE_HOME/rotescope/infini-gram-VERSION (~/.cache if not set).
# Linux on x86_64, with Python 3.11.
set -eu

version=2.6.0
case "$("${PYTHON:-python3}" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')" in
cp311) sum=73bc2a4c6090e18c8b73f3b4d06f339620bba54443146c27dabb6dea52132559 ;;
*)
	echo "remote.sh: Python 3.11 is needed; name one with PYTHON=..." >&2
	exit 2
	;;
esac

cache="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope"
place="$cache/infini-gram-$version"
if [ ! -x "$place/bin/python" ] || ! "$place/bin/python" -c 'import infini_gram.engine, numpy, tqdm' 2>/dev/null; then
	echo "fetching infini-gram $version" >&2
	mkdir -p "$cache"
	work="$(mktemp -d "$cache/.fetch-XXXXXX")"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT TERM
	"${PYTHON:-python3}" -m venv --clear "$place" >&2
	"$place/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$work" "infini-gram==$version" >&2 || {
		echo "remote.sh: pip could not fetch infini-gram $version; is there a network?" >&2
		exit 1
	}
	[ "$(sha256sum "$work"/infini_gram-*.whl | cut -d ' ' -f 1)" = "$sum" ] || {
		echo "remote.sh: infini-gram $version has another SHA-256 than $sum; nothing was kept" >&2
		exit 1
	}
	"$place/bin/python" -m pip install --quiet --disable-pip-version-check "$work"/infini_gram-*.whl "numpy==2.4.6" "tqdm==4.70.1" >&2
fi
echo "$place/bin/python"
