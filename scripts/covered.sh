#!/bin/sh
# The compiler for `make fuzz` (RUSTC_WORKSPACE_WRAPPER): the workspace's own crates tell libFuzzer which branches they take and what they compare, and
# check their arithmetic. Other crates, llama.cpp among them, are those that are built already.
case " $* " in
# Of the program only themes and settings are read here; all of it takes ten minutes to compile so.
*" --crate-name rotescope "*) more="-Copt-level=1" ;;
*) more="-Cllvm-args=-sanitizer-coverage-trace-compares" ;;
esac
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
	-Cllvm-args=-sanitizer-coverage-pc-table -Cdebug-assertions -Coverflow-checks "$more"
