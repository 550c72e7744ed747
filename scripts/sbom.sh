#!/bin/sh
# Prints an inventory of what is built into the program (CycloneDX 1.5, JSON), made by cargo-cyclonedx, which comes from crates.io by name and version and is kept in
# $XDG_CACHE_HOME/rotescope/cargo-cyclonedx-VERSION (~/.cache if not set).
set -eu
cd "$(dirname "$0")/.."

version=0.5.9
place="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope/cargo-cyclonedx-$version"
if [ ! -x "$place/bin/cargo-cyclonedx" ]; then
	echo "fetching and building cargo-cyclonedx $version" >&2
	mkdir -p "$place"
	# In its folder: the checkout's settings of cargo are for rotescope.
	(cd "$place" && "${CARGO:-cargo}" install cargo-cyclonedx --locked --version "$version" --root "$place") >&2 || {
		echo "sbom.sh: cargo could not install cargo-cyclonedx; is there a network?" >&2
		exit 1
	}
fi
# It writes beside each manifest; that is done in a copy.
copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT
git archive HEAD | tar -x -C "$copy"
(cd "$copy" && "$place/bin/cargo-cyclonedx" cyclonedx --format json --spec-version 1.5 --target x86_64-unknown-linux-gnu --quiet) >&2
# The copy is nobody's folder.
sed "s|file://$copy|file:///rotescope|g" "$copy/rotescope.cdx.json"
