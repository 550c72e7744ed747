#!/bin/sh
# Makes the wheel of the Python package (python/), installs it into a new virtual environment, alone at first, and runs its tests there: what `make test-python` runs.
# The tests hold it against the program, which ROTESCOPE_BIN names (target/release/rotescope if not given). What builds and tests it comes from PyPI by name and
# version, and is kept in $XDG_CACHE_HOME/rotescope/python-1 (~/.cache if not set), 250 MB. Python 3.11 or newer (the package itself: 3.10).
set -eu
cd "$(dirname "$0")/.."

# The number in the folder's name changes with these.
maker="maturin==1.16.0 ruff==0.17.6"
wanted="pytest==9.2.0 mypy==2.4.1 pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1 numpy==2.4.6"
python="${PYTHON:-python3}"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
	echo "python.sh: Python 3.11 or newer is needed; name one with PYTHON=..." >&2
	exit 2
}

cache="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope"
place="$cache/python-1"
if [ ! -f "$place/whole" ]; then
	echo "fetching $maker $wanted" >&2
	mkdir -p "$cache"
	"$python" -m venv --clear "$place" >&2
	# shellcheck disable=SC2086
	"$place/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: $maker >&2 &&
		"$place/bin/python" -m pip download --quiet --disable-pip-version-check --only-binary :all: --dest "$place/wheels" $wanted >&2 || {
		echo "python.sh: pip could not fetch them; is there a network?" >&2
		exit 1
	}
	touch "$place/whole"
fi

cd python
export CARGO_TARGET_DIR="$PWD/target"
"$place/bin/ruff" check --quiet .
"$place/bin/ruff" format --quiet --check .
rm -rf target/wheels target/fresh
"$place/bin/maturin" build --release --quiet --locked --interpreter "$place/bin/python" --out target/wheels
"$python" -m venv target/fresh
fresh="$PWD/target/fresh/bin/python"
"$fresh" -m pip install --quiet --disable-pip-version-check --no-index target/wheels/*.whl
# It needs nothing else.
(cd / && "$fresh" -c 'import rotescope; assert rotescope.judge.same_answer("1/2", "50%"), rotescope')
# shellcheck disable=SC2086
"$fresh" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$place/wheels" $wanted
"$fresh" -m pytest "$@"
