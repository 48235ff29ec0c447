#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures what observing costs, beside libhivex and beside the least it can cost, all in one run. Takes about two
# minutes and 3 GB of disk in build/bench. Prints tables; docs/performance.md holds what one run printed.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh
need_build_packages
need_packages libhivex-dev strace python3 time
cmake --preset linux -B build/bench/linux -DMAPIHTTP_BENCH=ON >/dev/null
cmake --build build/bench/linux -j 4 >/dev/null
exec /usr/bin/python3 tests/bench/run.py "$@"
