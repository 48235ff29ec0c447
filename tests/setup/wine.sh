# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced: one Windows, made by Wine in build/wine/prefix, for all that runs there.

# The variables that name it are set for whoever is started afterwards; its server stays
# until the script ends. What else that script does at its end is the function that $at_exit names.
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
    # shellcheck disable=SC2154
    trap 'wine_stop; ${at_exit:-:}' EXIT
    trap 'exit 1' HUP INT TERM
    # The server that made it writes everything down as it ends by itself; then comes the one that stays.
    # Words are to be split, here and wherever they are used.
    # shellcheck disable=SC2046
    $(wine_still) wineboot -i && wineserver -w && wineserver -p
}

# What stands before whatever starts Wine, so that addresses are not left to chance; nothing where that is not to be
# had. Debian's loader lies at 0x7d000000, and its heap anywhere up to 1 GiB behind it. Where that covers 0x7ffe0000, as
# once in some thousands of starts, Wine cannot put there what every Windows program looks for, and gives up. Whom the
# program starts inherits it.
wine_still() {
    if setarch -R true 2>/dev/null; then echo 'setarch -R'; fi
}

# wine_for PRESET: the words that run its programs. The loader of their own kind does it in half the time of the other.
wine_for() {
    case $1 in
    windows) loader=/usr/lib/wine/wine64 ;;
    *) loader=/usr/lib/wine/wine ;;
    esac
    [ -x "$loader" ] || loader=wine
    echo "$(wine_still) $loader"
}

# Ends what runs in this Windows, and no other.
wine_stop() {
    if [ -n "${WINEPREFIX:-}" ] && [ -d "$WINEPREFIX" ]; then
        wineserver -k
        wineserver -w
    fi
}
