#!/bin/sh
# Fetches what others read records with (jsonschema, pandas, polars, DuckDB, pyarrow) from PyPI by name and version, puts it into a virtual environment, and
# prints the environment's Python: what `make test-readers` runs. It is kept in $XDG_CACHE_HOME/rotescope/readers-1 (~/.cache if not set), 610 MB.
# Python 3.11 or newer. Sees to it that jq is there.
set -eu

# The number in the folder's name changes with these.
wanted="jsonschema==4.26.0 pandas==3.1.1 polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1 numpy==2.4.6"
python="${PYTHON:-python3}"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
	echo "readers.sh: Python 3.11 or newer is needed; name one with PYTHON=..." >&2
	exit 2
}

command -v jq >/dev/null 2>&1 || {
	echo "installing jq" >&2
	if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi
	$sudo apt-get install -y -qq --no-install-recommends jq >/dev/null || {
		echo "readers.sh: install jq (https://jqlang.org)" >&2
		exit 1
	}
}

cache="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope"
place="$cache/readers-1"
if [ ! -x "$place/bin/python" ] || ! "$place/bin/python" -c 'import jsonschema, pandas, polars, duckdb, pyarrow' 2>/dev/null; then
	echo "fetching $wanted" >&2
	mkdir -p "$cache"
	"$python" -m venv --clear "$place" >&2
	# shellcheck disable=SC2086
	"$place/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: $wanted >&2 || {
		echo "readers.sh: pip could not fetch them; is there a network?" >&2
		exit 1
	}
fi
echo "$place/bin/python"
