#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures mapihttp.exe under Wine beside Wine's own reg.exe, all in one run: one profile, many profiles, the registry
# calls of each, and how large the programs are. Takes about a minute. Prints tables; docs/performance.md holds what one
# run printed.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh
. tests/setup/wine.sh
need_build_packages
need_mingw
need_wine
need_packages python3 python3-pytest python3-jsonschema
for preset in linux windows windows32; do
    cmake --preset $preset >/dev/null
    cmake --build --preset $preset >/dev/null
done
wine_start >/dev/null 2>&1 || { echo 'Wine does not start' >&2; exit 1; }
MAPIHTTP_PROGRAM=$PWD/build/windows/mapihttp.exe MAPIHTTP_PREFIX="$(wine_still) wine" PYTHONPATH=tests PYTHONDONTWRITEBYTECODE=1
export MAPIHTTP_PROGRAM MAPIHTTP_PREFIX PYTHONPATH PYTHONDONTWRITEBYTECODE
/usr/bin/python3 tests/bench/windows.py "$@"
