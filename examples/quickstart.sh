#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds mapihttp and shows it at work on a sample Windows volume of real hive files, made here in build/sample.
set -eu
cd "$(dirname "$0")/.."
. tests/setup/packages.sh

say() { printf '\n== %s\n' "$1"; }
show() { printf '$ %s\n' "$*"; "$@" || printf '(exit code %s)\n' "$?"; }

say 'Installing what the build needs, and building'
need_build_packages
need_packages jq
mkdir -p build
cmake --preset linux >build/quickstart.log 2>&1 ||
    { cat build/quickstart.log; exit 1; }
cmake --build --preset linux >>build/quickstart.log 2>&1 || { tail -n 40 build/quickstart.log; exit 1; }
mapihttp=build/linux/mapihttp

say 'A sample Windows volume: four people, the Default profile, a service account'
sample=build/sample
rm -rf "$sample"
sh examples/sample.sh "$sample"
find "$sample" -type f | sort

say 'Who is turned off? (check writes nothing; exit code 1 means drift)'
show "$mapihttp" check state=enabled users=all,default "root=$sample" -o table

say 'Converge everybody'
show "$mapihttp" apply state=enabled users=all,default "root=$sample" -o table >build/sample.table
cat build/sample.table

say 'Again: nothing is left to do'
show "$mapihttp" apply state=enabled users=all,default "root=$sample" -o table

say 'What a tool sees: one line of JSON, with a request that takes it all back'
"$mapihttp" apply state=disabled users=ann "root=$sample" >build/sample.json
jq -c '{changed, msg, undo}' build/sample.json
jq -c .undo build/sample.json | "$mapihttp" apply | jq -c '{changed, msg}'
