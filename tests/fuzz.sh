#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the fuzzers, one on each processor, and prints what they did and found. Exits with 1 when they found anything.
#
#   sh tests/fuzz.sh MINUTES [TARGET ...]     MINUTES for each of them (0.5 is allowed); all, or these: fuzz_hive ...
#
# Inputs of former findings (tests/fuzz/regressions) come first. What a run found is in build/fuzz/findings; its corpus
# is in build/fuzz/corpus, where the next run goes on from. docs/reliability.md tells what each of them holds to.
set -eu
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { sed -n '5s/^# *//p' "$0" >&2; exit 2; }
. tests/setup/packages.sh
. tests/setup/fuzz.sh
{ need_build_packages && need_packages python3 && need_fuzz; } || { echo 'clang cannot be had' >&2; exit 2; }
mkdir -p build
{ cmake --preset fuzz && cmake --build --preset fuzz; } >build/fuzz.log 2>&1 || { tail -n 60 build/fuzz.log; exit 2; }
exec /usr/bin/python3 tests/fuzz/run.py "$@"
