#!/bin/sh
# Fetches OpenSearch from Maven Central, once, as libraries for a small launcher (crates/testing/opensearch), and prints the class path. Needs
# Java 17 or newer with its compiler, and Maven. The files (65 MB) are kept in $XDG_CACHE_HOME/rotescope/opensearch-VERSION; their SHA-256 is
# checked each time.
set -eu
here="$(cd "$(dirname "$0")/.." && pwd)/crates/testing/opensearch"
place="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope/opensearch-2.19.6"

for tool in java javac mvn sha256sum; do
	command -v "$tool" >/dev/null || {
		echo "opensearch.sh: $tool is missing; install Java 17 with its compiler, and Maven" >&2
		exit 1
	}
done

right() {
	[ -d "$place/jars" ] && (cd "$place/jars" && sha256sum --quiet --check "$here/sums") >/dev/null 2>&1
}

mkdir -p "$place"
if ! right; then
	echo "opensearch.sh: fetching OpenSearch 2.19.6" >&2
	rm -rf "$place/jars"
	mvn --quiet --batch-mode --file "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$place/jars" >&2 || {
		echo "opensearch.sh: Maven could not fetch OpenSearch 2.19.6; is there a network?" >&2
		exit 1
	}
	right || {
		echo "opensearch.sh: files of OpenSearch 2.19.6 have another SHA-256 than crates/testing/opensearch/sums says; nothing was kept" >&2
		rm -rf "$place/jars"
		exit 1
	}
fi
[ "$(find "$place/jars" -name '*.jar' | wc -l)" = "$(wc -l <"$here/sums")" ] || {
	echo "opensearch.sh: $place/jars holds files that are not in crates/testing/opensearch/sums; remove them" >&2
	exit 1
}
if [ ! "$place/classes/Node.class" -nt "$here/Node.java" ]; then
	javac -d "$place/classes" -cp "$place/jars/*" "$here/Node.java" >&2
fi
echo "$place/classes:$place/jars/*"
