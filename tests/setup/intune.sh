# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced after packages.sh: what reads the PowerShell scripts. No PowerShell itself can be had from a registry.

# need_intune: build/venv-powershell
need_intune() {
    need_packages python3-venv || return 1
    build/venv-powershell/bin/python -c 'import tree_sitter, tree_sitter_powershell' 2>/dev/null && return 0
    rm -rf build/venv-powershell
    mkdir -p build
    /usr/bin/python3 -m venv build/venv-powershell >build/venv-powershell.log 2>&1 &&
        build/venv-powershell/bin/python -m pip install -q 'tree-sitter>=0.25,<0.27' \
            'tree-sitter-powershell>=0.26,<0.27' >>build/venv-powershell.log 2>&1
}
