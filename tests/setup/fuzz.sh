# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced, after packages.sh: what the fuzzers are made with.
need_fuzz() {
    need_packages clang libclang-rt-14-dev
}
