# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced after packages.sh: the analysers, and what tells them how each source file is compiled.

# need_analysis: returns 1 when they cannot be had.
need_analysis() {
    need_packages clang clang-tidy cppcheck shellcheck python3-pyflakes libhivex-dev git && need_mingw || return 1
    # Nothing is compiled but the schemas, which the sources include.
    for build in analysis fuzz windows; do
        # shellcheck disable=SC2154 # where run.sh keeps what its parts print
        { cmake --preset "$build" && cmake --build --preset "$build" --target mapihttp_generated; } \
            >"$results/analysis-$build.log" 2>&1 || { tail -n 20 "$results/analysis-$build.log"; return 1; }
    done
}
