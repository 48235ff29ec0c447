# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced: installs Debian packages that are not there yet, as root or with sudo.

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# need_packages NAME...: returns 1 when one of them cannot be had.
need_packages() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    echo "installing:$missing" >&2
    # Package names hold no blanks: splitting them is meant.
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
        { as_root apt-get update -qq >/dev/null &&
          as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
}

# What building takes.
need_build_packages() {
    need_packages gcc make cmake pkg-config libc6-dev libjansson-dev libcmocka-dev
}
