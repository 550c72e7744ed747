#!/bin/sh
# Makes sure that what builds llama.cpp is there: a C++ compiler, cmake, libclang. Installs it on Debian and Ubuntu as root or by sudo;
# elsewhere prints the command.
set -eu

missing=""
command -v c++ >/dev/null 2>&1 || missing="$missing a C++ compiler,"
command -v cmake >/dev/null 2>&1 || missing="$missing cmake,"
libclang() {
	[ -n "${LIBCLANG_PATH:-}" ] && return 0
	ldconfig -p 2>/dev/null | grep -q 'libclang\(-[0-9.]*\)\?\.so' && return 0
	# libclang-cpp is another library, the one that bindgen cannot use.
	for f in /usr/lib/llvm*/lib/libclang.so* /usr/lib/llvm*/lib/libclang-[0-9]*.so* /usr/lib*/libclang.so* \
		/usr/lib*/libclang-[0-9]*.so* /usr/lib/*-linux-gnu/libclang.so* /usr/lib/*-linux-gnu/libclang-[0-9]*.so* \
		/Library/Developer/CommandLineTools/usr/lib/libclang.dylib /opt/homebrew/opt/llvm/lib/libclang.dylib; do
		[ -e "$f" ] && return 0
	done
	return 1
}
libclang || missing="$missing libclang,"
command -v cargo >/dev/null 2>&1 || {
	echo "rotescope needs Rust 1.90 or newer: https://rustup.rs" >&2
	exit 1
}
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null 2>&1; then
	if [ "$(id -u)" = 0 ]; then sudo=""; elif command -v sudo >/dev/null 2>&1; then sudo="sudo"; else sudo="none"; fi
	if [ "$sudo" != none ]; then
		echo "installing:${missing%,}" >&2
		$sudo apt-get update -qq
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends build-essential cmake libclang-dev >/dev/null
		exit 0
	fi
fi
cat >&2 <<TXT
missing:${missing%,}. Install with
  Debian, Ubuntu:  sudo apt-get install build-essential cmake libclang-dev
  Fedora:          sudo dnf install gcc-c++ cmake clang-devel
  Arch:            sudo pacman -S base-devel cmake clang
  macOS:           xcode-select --install && brew install cmake llvm
and run make again.
TXT
exit 1
