# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced after packages.sh: who else reads what `render` prints.

# need_render: Samba's own readers, xmllint, and build/venv-render
need_render() {
    need_packages python3-samba python3-venv libxml2-utils strace util-linux || return 1
    build/venv-render/bin/python -c 'import registrypol' 2>/dev/null && return 0
    rm -rf build/venv-render
    mkdir -p build
    /usr/bin/python3 -m venv build/venv-render >build/venv-render.log 2>&1 &&
        build/venv-render/bin/python -m pip install -q 'registrypol>=1.0,<2' >>build/venv-render.log 2>&1
}
