#!/bin/sh
# Builds the book of docs/ with mdBook into target/book, and prints its first page. mdBook comes from crates.io by name and version, and is kept in
# $XDG_CACHE_HOME/rotescope/mdbook-VERSION (~/.cache if not set), 12 MB. Python 3 makes the links of pages that lie outside docs/ (scripts/book.py).
set -eu

version="0.5.4"
here="$(cd "$(dirname "$0")/.." && pwd)"
place="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope/mdbook-$version"
if [ ! -x "$place/bin/mdbook" ]; then
	echo "fetching and building mdbook $version" >&2
	mkdir -p "$place"
	# In its folder: the checkout's settings of cargo are for rotescope.
	(cd "$place" && "${CARGO:-cargo}" install mdbook --locked --version "$version" --no-default-features --features search --root "$place") || {
		echo "book.sh: cargo could not install mdbook; is there a network?" >&2
		exit 1
	}
fi
"$place/bin/mdbook" build "$here/docs" >&2
if grep -rnE '<(script|link|img|iframe)[^>]* (src|href)="(https?:)?//' --include='*.html' "$here/target/book" >&2; then
	echo "book.sh: these pages ask the network for something" >&2
	exit 1
fi
echo "$here/target/book/index.html"
