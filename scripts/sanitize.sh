#!/bin/sh
# Runs a crate's tests with AddressSanitizer, C code that it builds with it too: scripts/sanitize.sh [NAME...] (corpus, which maps files). Needs Linux, stable Rust, whose
# toolchain brings the sanitizer, and GCC. Builds everything anew, into target/sanitize.
set -eu
cd "$(dirname "$0")/.."

# `-Z sanitizer` is not stable yet.
export RUSTC_BOOTSTRAP=1
host="$(rustc -vV | sed -n 's/^host: //p')"
kind="$(echo "$host" | tr '-' '_')"
export "CFLAGS_$kind=-U__AMX_INT8__ -fsanitize=address" "CXXFLAGS_$kind=-U__AMX_INT8__ -fsanitize=address"
export RUSTFLAGS="-C target-cpu=native -Z sanitizer=address"
# What is kept to the end of the process is no leak that matters. Tests ask for more memory than there is.
export ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1:detect_stack_use_after_return=1:strict_string_checks=1"

packages=""
for name in ${*:-corpus}; do packages="$packages --package rotescope-$name"; done
# shellcheck disable=SC2086 # words
CARGO_TARGET_DIR="$PWD/target/sanitize" "${CARGO:-cargo}" test --release --locked --target "$host" $packages --lib --tests --no-fail-fast
