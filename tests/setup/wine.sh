# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced: one Windows, made by Wine in build/wine/prefix, for all that runs there.

# The variables that name it are set for whoever is started afterwards; its server stays
# until the script ends.
wine_start() {
    WINEPREFIX=$PWD/build/wine/prefix
    # It says nothing of itself, and asks for no .NET and no browser.
    export WINEPREFIX WINEDEBUG=-all WINEARCH=win64 WINEDLLOVERRIDES=mscoree,mshtml=
    unset DISPLAY WAYLAND_DISPLAY
    if [ -d "$WINEPREFIX" ]; then
        wine_stop
        rm -rf "$WINEPREFIX"
    fi
    mkdir -p build/wine
    trap wine_stop EXIT
    trap 'exit 1' HUP INT TERM
    # The server that made it writes everything down as it ends by itself; then comes the one that stays.
    wineboot -i && wineserver -w && wineserver -p
}

# wine_for PRESET: what runs its programs. The one for their own kind does it in half the time of the other.
wine_for() {
    case $1 in
    windows) loader=/usr/lib/wine/wine64 ;;
    *) loader=/usr/lib/wine/wine ;;
    esac
    if [ -x "$loader" ]; then echo "$loader"; else echo wine; fi
}

# Ends what runs in this Windows, and no other.
wine_stop() {
    if [ -n "${WINEPREFIX:-}" ] && [ -d "$WINEPREFIX" ]; then
        wineserver -k
        wineserver -w
    fi
}
