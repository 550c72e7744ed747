#!/bin/sh
# Builds llama.cpp's own tools, llama-bench, llama-batched-bench and llama-perplexity, with the flags that rotescope builds llama.cpp with, from the sources inside
# llama-cpp-python (PyPI, by name and version, SHA-256 checked), and prints the folder where they are. They are kept in
# $XDG_CACHE_HOME/rotescope/llama-cpp-python-VERSION (~/.cache if not set). 10 minutes on two cores.
set -eu

version=0.3.36
sum=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
cache="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope"
place="$cache/llama-cpp-python-$version"
if [ ! -x "$place/llama-perplexity" ]; then
	mkdir -p "$cache"
	work="$(mktemp -d "$cache/.fetch-XXXXXX")"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT TERM
	echo "fetching llama-cpp-python $version" >&2
	"${PYTHON:-python3}" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest "$work" "llama-cpp-python==$version" >&2 || {
		echo "peers.sh: pip could not fetch llama-cpp-python $version; is there a network?" >&2
		exit 1
	}
	[ "$(sha256sum "$work"/llama_cpp_python-*.tar.gz | cut -d ' ' -f 1)" = "$sum" ] || {
		echo "peers.sh: llama-cpp-python $version has another SHA-256 than $sum; nothing was kept" >&2
		exit 1
	}
	tar -xzf "$work"/llama_cpp_python-*.tar.gz -C "$work"
	# As .cargo/config.toml has it, and for its reason.
	export CFLAGS=-U__AMX_INT8__ CXXFLAGS=-U__AMX_INT8__
	echo "building llama-bench, llama-batched-bench and llama-perplexity" >&2
	cmake -S "$work"/llama_cpp_python-*/vendor/llama.cpp -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DGGML_OPENMP=OFF \
		-DBUILD_SHARED_LIBS=OFF -DLLAMA_CURL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF >&2
	cmake --build "$work/build" --parallel "$(nproc)" --target llama-bench llama-batched-bench llama-perplexity >&2
	mkdir -p "$place"
	mv "$work"/build/bin/llama-bench "$work"/build/bin/llama-batched-bench "$work"/build/bin/llama-perplexity "$place/"
fi
echo "$place"
