# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced after packages.sh: what tests/bench/run.sh needs. Returns 1 when it cannot be had; of the tools that are
# measured side by side each may be missing, and the tables say so.
need_bench() {
    need_packages libhivex-dev strace time util-linux valgrind python3 python3-matplotlib || return 1
    for tool in libhivex-bin libwin-hivex-perl chntpw python3-venv; do
        need_packages "$tool" || echo "bench: $tool cannot be had" >&2
    done
    [ -x build/venv/bin/python ] || /usr/bin/python3 -m venv --system-site-packages build/venv >&2 || true
    build/venv/bin/python -c 'import regipy' 2>/dev/null || build/venv/bin/python -m pip install -q 'regipy>=5,<7' >&2 ||
        echo 'bench: regipy cannot be had' >&2
}
