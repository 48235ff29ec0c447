# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced after packages.sh: Salt, in an environment of its own.

# need_salt: returns 1 when it cannot be had.
need_salt() {
    salt_python=build/venv-salt/bin/python
    "$salt_python" -c 'import salt.version' 2>/dev/null && return 0
    echo 'installing: Salt' >&2
    need_packages python3-venv && mkdir -p build || return 1
    rm -rf build/venv-salt
    { /usr/bin/python3 -m venv build/venv-salt && "$salt_python" -m pip install -q 'salt>=3007,<3008'; } \
        >build/venv-salt.log 2>&1 && "$salt_python" -c 'import salt.version' 2>/dev/null && return 0
    tail -n 20 build/venv-salt.log >&2
    rm -rf build/venv-salt
    return 1
}
