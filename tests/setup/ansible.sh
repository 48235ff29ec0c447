# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced after packages.sh.

# need_ansible: Debian's ansible-core, and in build/venv-ansible the newest that this Python takes, with ansible-lint and
# what `ansible-test sanity` compiles and validates with. Returns 1 when they cannot be had.
need_ansible() {
    need_packages python3 python3-venv ansible-core binutils || return 1
    ansible_wanted='ansible-core>=2.19,<2.22 ansible-lint>=25.9,<27 voluptuous>=0.15,<1 antsibull-docs-parser>=1,<2'
    ansible_venv=$PWD/build/venv-ansible
    [ "$(cat "$ansible_venv/wanted" 2>/dev/null)" = "$ansible_wanted" ] && return 0
    rm -rf "$ansible_venv"
    # Requirements hold no blanks: splitting them is meant.
    # shellcheck disable=SC2086
    /usr/bin/python3 -m venv "$ansible_venv" >&2 &&
        "$ansible_venv/bin/pip" install -q --disable-pip-version-check $ansible_wanted >&2 &&
        echo "$ansible_wanted" >"$ansible_venv/wanted"
}
