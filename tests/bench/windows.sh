#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures mapihttp.exe under Wine beside Wine's own reg.exe: one profile, many profiles, the registry calls of each, and
# how large the programs are. Takes about two minutes. A part of tests/bench/run.sh, whose tables these are too.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh
. tests/setup/wine.sh
need_build_packages
need_mingw || { echo 'mingw-w64 cannot be had' >&2; exit 1; }
need_wine || { echo 'Wine cannot be had' >&2; exit 1; }
need_packages python3 python3-pytest python3-jsonschema
build() {
    cmake --preset "$1" >/dev/null
    shift
    cmake --build "$@" >/dev/null
}
build linux --preset linux --target mapihttp mkhive
build windows --preset windows --target mapihttp machine
build windows32 --preset windows32 --target mapihttp
wine_start >/dev/null 2>&1 || { echo 'Wine does not start' >&2; exit 1; }
MAPIHTTP_PROGRAM=$PWD/build/windows/mapihttp.exe MAPIHTTP_PREFIX="$(wine_still) wine" PYTHONPATH=tests PYTHONDONTWRITEBYTECODE=1
export MAPIHTTP_PROGRAM MAPIHTTP_PREFIX PYTHONPATH PYTHONDONTWRITEBYTECODE
/usr/bin/python3 tests/bench/windows.py "$@"
