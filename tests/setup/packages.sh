# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced: installs Debian packages that are not there yet, as root or with sudo.

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# need_packages NAME...: returns 1 when one of them cannot be had.
need_packages() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    echo "installing:$missing" >&2
    # An index that cannot be had is none of these packages' business until they cannot be installed. Where the
    # newer versions of two architectures differ, as while a mirror is at it, the release's own are alike.
    # Package names hold no blanks: splitting them is meant.
    # shellcheck disable=SC2086
    install_packages $missing 2>/dev/null ||
        { as_root apt-get update -qq >/dev/null 2>&1; install_packages $missing 2>/dev/null; } ||
        install_packages -t "$(release)" $missing 2>/dev/null || install_older $missing
}

release() {
    # shellcheck disable=SC1091
    (. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
}

# install_older NAME...: the release's own versions even in place of newer ones that are there already. That is done
# to a machine only where all the tests must run.
install_older() {
    [ "${MAPIHTTP_REQUIRE:-}" = all ] || return 1
    pins=$(mktemp) || return 1
    printf 'Package: *\nPin: release n=%s\nPin-Priority: 1001\n' "$(release)" >"$pins"
    chmod 644 "$pins"
    install_packages --allow-downgrades -o Dir::Etc::Preferences="$pins" "$@"
    set -- $?
    rm -f "$pins"
    return "$1"
}

# What building takes.
need_build_packages() {
    need_packages gcc make cmake pkg-config libc6-dev libjansson-dev libcmocka-dev
}

# What building for Windows takes.
need_mingw() {
    need_packages gcc-mingw-w64-x86-64 gcc-mingw-w64-i686
}

# What running 64-bit and 32-bit Windows programs takes.
need_wine() {
    if ! dpkg --print-foreign-architectures | grep -qx i386; then
        as_root dpkg --add-architecture i386 || return 1
    fi
    need_packages wine wine64 wine32:i386
}
