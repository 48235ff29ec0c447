#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures what looking and changing cost, beside the other tools and beside the least that it can cost, all in one run:
# tables, and the path of a picture at the end. Takes about ten minutes and 6 GB of disk in build/bench. Root may put files
# out of memory as a whole; others do it file by file.
#
#   sh tests/bench/run.sh                      docs/performance.md tells how to read it
#   sh tests/bench/run.sh --update-docs        and puts the tables and the picture into docs/performance.md and .svg
#   sh tests/bench/run.sh --update-reference   and makes its instruction counts the reference
#
# MAPIHTTP_BENCH_QUICK=1   everything once or so, in a minute: whether the benchmark works, not how fast anything is
# MAPIHTTP_BENCH_DOCS=DIR  where --update-docs finds performance.md (default docs)
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh
. tests/setup/bench.sh
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
need_build_packages
need_bench
cmake --preset linux -B build/bench/linux -DMAPIHTTP_BENCH=ON >/dev/null
cmake --build build/bench/linux -j 4 --target mapihttp mkhive bench floor >/dev/null
exec /usr/bin/python3 tests/bench/run.py "$@"
