#!/bin/sh
# SPDX-License-Identifier: MIT
# Downloads Debian source packages, whatever /etc/apt says of sources, which stays as it is.
#
#   sh plugin/cmake/fetch.sh FOLDER PACKAGE...
#
# It works on a private copy of the machine's own list of Debian's archives, with deb-src for deb, and keeps
# private what apt gathers: so neither deb-src lines nor root are needed. apt checks the signatures.
set -eu
[ $# -ge 2 ] || { echo 'usage: fetch.sh FOLDER PACKAGE...' >&2; exit 2; }
command -v apt-get >/dev/null || { echo 'there is no apt-get here' >&2; exit 1; }
mkdir -p "$1"
cd "$1"
shift

private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$private/parts" "$private/lists/partial" "$private/cache/archives/partial"

# Entries of others than Debian are left out: they have not these packages, and may not answer.
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$list" ] || continue
    grep -i debian "$list" | grep -v cdrom: | sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p'
done >"$private/parts/debian.list"
for list in /etc/apt/sources.list.d/*.sources; do
    [ -f "$list" ] || continue
    awk 'BEGIN { RS = ""; ORS = "\n\n" } tolower($0) ~ /debian/' "$list" | sed 's/^Types:.*/Types: deb-src/'
done >"$private/parts/debian.sources"

private_apt() {
    apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$private/parts" \
        -o Dir::State::Lists="$private/lists" -o Dir::Cache="$private/cache" -o APT::Sandbox::User=root "$@"
}

# An archive that does not answer is no failure if the others have the packages.
private_apt update || true
private_apt source --download-only "$@"
