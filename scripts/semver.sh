#!/bin/sh
# What changed in the public API of the crates since BASE (a tag or a commit) that breaks who uses them: cargo-semver-checks, which comes from crates.io by name and version and is
# kept in $XDG_CACHE_HOME/rotescope/cargo-semver-checks-VERSION (~/.cache if not set). The crates that build without llama.cpp are checked; CRATES="text vocab": these alone.
set -eu
cd "$(dirname "$0")/.."

base="${1:?semver.sh BASE: a tag such as v0.1.0, or a commit}"
version=0.51.0
place="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope/cargo-semver-checks-$version"
if [ ! -x "$place/bin/cargo-semver-checks" ]; then
	echo "fetching and building cargo-semver-checks $version" >&2
	mkdir -p "$place"
	# In its folder: the checkout's settings of cargo are for rotescope.
	(cd "$place" && "${CARGO:-cargo}" install cargo-semver-checks --locked --version "$version" --root "$place") >&2 || {
		echo "semver.sh: cargo could not install cargo-semver-checks; is there a network?" >&2
		exit 1
	}
fi
packages=""
for crate in ${CRATES:-text stats vocab trace corpus judge import study lab report}; do
	packages="$packages --package rotescope-$crate"
done
# shellcheck disable=SC2086 # words
exec "$place/bin/cargo-semver-checks" semver-checks --baseline-rev "$base" $packages
