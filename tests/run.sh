#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the tests need, builds everything, runs every test, and ends with "N passed, N failed, N skipped".
#
#   sh tests/run.sh [SUITE ...]      all suites, or these: unit asan blackbox laws analysis coverage oracle files
#                                    faults process differential load security render examples dsc bolt intune windows
#                                    windows32 ansible salt admx samba fuzz bench
#
# MAPIHTTP_REQUIRE=all   a suite that cannot run is a failure (without it: skipped, and said so)
# MAPIHTTP_CORPUS=DIR    an optional corpus of real hives; its tests are skipped where there is none
# MAPIHTTP_POL=DIR, MAPIHTTP_GPO_BACKUP=DIR, MAPIHTTP_ADMX_SCHEMA=DIR
#                        likewise: real policy files (*.pol), folders of real backups of Group Policy Objects, and
#                        Microsoft's schema of ADMX files
# MAPIHTTP_FUZZ_SECONDS  how long each fuzzer runs (default 10)
# MAPIHTTP_DIFFERENTIAL  how many random hives are changed beside libhivex (default 1000)
# MAPIHTTP_LOAD          how many profiles the store of `load` has (default 10000)
# MAPIHTTP_RACES         how many rounds each of its races goes (default 25)
set -u
cd "$(dirname "$0")/.." || exit 2
. tests/setup/packages.sh
. tests/setup/wine.sh
. tests/setup/bolt.sh
. tests/setup/intune.sh
. tests/setup/ansible.sh
. tests/setup/salt.sh
. tests/setup/samba.sh
. tests/setup/render.sh
. tests/setup/fuzz.sh
. tests/setup/analysis.sh
. tests/setup/bench.sh

results=build/results
mkdir -p build && rm -rf "$results" && mkdir -p "$results"
# Nothing of one run decides another's outcome: Python leaves no caches, the locale is always the same.
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
# The folder as a full path; nothing where it is none.
folder() { if [ -d "$1" ]; then (cd "$1" && pwd); fi; }
MAPIHTTP_CORPUS=$(folder "${MAPIHTTP_CORPUS:-../shared/hives}")
MAPIHTTP_POL=$(folder "${MAPIHTTP_POL:-../shared/pol}")
MAPIHTTP_GPO_BACKUP=$(folder "${MAPIHTTP_GPO_BACKUP:-../shared/gpo-backup}")
MAPIHTTP_ADMX_SCHEMA=$(folder "${MAPIHTTP_ADMX_SCHEMA:-../shared/admx-schema}")
export MAPIHTTP_CORPUS MAPIHTTP_POL MAPIHTTP_GPO_BACKUP MAPIHTTP_ADMX_SCHEMA
suites='unit asan blackbox laws analysis coverage oracle files faults process differential load security render examples dsc bolt intune windows windows32 ansible salt admx samba fuzz bench'
wanted=${*:-$suites}
python=/usr/bin/python3
for suite in $wanted; do
    case " $suites " in
    *" $suite "*) ;;
    *) echo "there is no suite '$suite'" >&2; exit 2 ;;
    esac
done

# Where tests make thousands of small files that nobody looks at later: in memory, where there is such a place. It goes
# when all is over, with what tests that were killed have left there.
memory=${TMPDIR:-/tmp}
if [ -d /dev/shm ] && [ -w /dev/shm ]; then memory=/dev/shm; fi
MAPIHTTP_MEMORY=$(mktemp -d "$memory/mapihttp-run-XXXXXX") || exit 2
export MAPIHTTP_MEMORY
remove_memory() { rm -rf "$MAPIHTTP_MEMORY"; }
at_exit=remove_memory
trap remove_memory EXIT
trap 'exit 1' HUP INT TERM

say() { printf '\n== %s\n' "$1"; }
record() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$results/suites.tsv"; }
is_wanted() { case " $wanted " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

# A suite that cannot run: a failure where everything is required, else skipped by name.
cannot_run() {
    if [ "${MAPIHTTP_REQUIRE:-}" = all ]; then record failed "$1" "$2"; else record skipped "$1" "$2"; fi
    echo "$1: NOT RUN: $2"
}

build() {
    say "Building: $1"
    if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"$results/build-$1.log" 2>&1; then
        tail -n 60 "$results/build-$1.log"
        record failed "build $1" "see above"
        return 1
    fi
}

# run_units PRESET [EMULATOR...]: the programs that tests/CMakeLists.txt lists, each of which must be there.
run_units() {
    say "Unit tests: $1"
    preset=$1
    shift
    [ -s "build/$preset/tests/unit.txt" ] || record failed "unit $preset" 'no program is listed'
    while read -r program; do run_unit "$preset" "$program" "$@"; done <"build/$preset/tests/unit.txt"
}

# run_unit PRESET PROGRAM [EMULATOR...]: one program of cmocka.
run_unit() {
    name=$1.$(basename "$2")
    program=$2
    shift 2
    CMOCKA_MESSAGE_OUTPUT=TAP "$@" "$program" >"$results/$name.out" 2>"$results/$name.err" </dev/null
    code=$?
    tr -d '\r' <"$results/$name.out" >"$results/$name.tap"
    echo "exit $code" >>"$results/$name.tap"
    grep '^not ok' "$results/$name.tap" | grep -qv '# SKIP' || [ $code != 0 ] && { cat "$results/$name.tap" "$results/$name.err"; }
    echo "$name: $(grep -c '^ok' "$results/$name.tap") passed"
}

# run_python SUITE PRESET FOLDER...
run_python() {
    suite=$1 preset=$2
    shift 2
    say "$suite ($preset)"
    folders=
    for folder in "$@"; do folders="$folders tests/$folder"; done
    # shellcheck disable=SC2086
    MAPIHTTP_BUILD=build/$preset "$python" -m pytest -q -rs -p no:cacheprovider \
        --junitxml="$results/$suite.$preset.xml" $folders
    # 0 all passed, 1 some failed: these are in the XML. Anything else is a suite that did not run.
    [ $? -le 1 ] || record failed "$suite" "pytest did not run"
}

# need_module MODULE REQUIREMENT: a Python module that Debian does not pack, in an environment of its own.
need_module() {
    need_packages python3-venv || return 1
    [ -x build/venv/bin/python ] ||
        "$python" -m venv --system-site-packages build/venv >"$results/venv.log" 2>&1 || return 1
    python=$PWD/build/venv/bin/python
    "$python" -c "import $1" 2>/dev/null || "$python" -m pip install -q "$2" >>"$results/venv.log" 2>&1
}

# keeps_attributes FOLDER: whether files there can have attributes (tmpfs has them since Linux 6.6).
keeps_attributes() {
    probe=$(mktemp -p "$1" 2>/dev/null) || return 1
    setfattr -n user.probe -v 1 "$probe" 2>/dev/null
    kept=$?
    rm -f "$probe"
    return $kept
}

# Where `faults` makes and removes a file or ten in each of a hundred thousand cases: in memory, where that keeps all
# that a hive may have.
faults_folder() {
    for folder in /dev/shm "${TMPDIR:-/tmp}"; do
        if keeps_attributes "$folder"; then echo "$folder" && return; fi
    done
    echo "$PWD/build/linux/tests"
}

# Every fault of the device and every power cut (faults/faults_main.c), then the hives that came of it, read by others.
run_faults() {
    say 'Faults of the device, power cuts'
    images=build/linux/tests/images
    rm -rf "$images" && mkdir -p "$images"
    TMPDIR=$MAPIHTTP_MEMORY build/linux/tests/faults "$images" >"$results/faults.tap" 2>"$results/faults.err"
    TMPDIR=$(faults_folder) build/linux/tests/faults "$images" >"$results/faults.tap" 2>"$results/faults.err"
    echo "exit $?" >>"$results/faults.tap"
    grep -e '^not ok' -e '^# LOSS' -e '^# BREACH' "$results/faults.tap"
    grep '^# left out' "$results/faults.tap" | while read -r _ why; do cannot_run faults "$why"; done
    cat "$results/faults.err"
    grep ' cases: ' "$results/faults.tap"
    run_python faults linux faults
}

# What makes hives and looks at them is Linux's own; only the program under test is the Windows one.
run_windows() {
    # The 32-bit one is held against the 64-bit one.
    if ! is_wanted windows; then build windows || return; fi
    build "$1" || return
    MAPIHTTP_PROGRAM=$PWD/build/$1/mapihttp.exe MAPIHTTP_PREFIX=$(wine_for "$1")
    export MAPIHTTP_PROGRAM MAPIHTTP_PREFIX
    # shellcheck disable=SC2086
    run_units "$1" $MAPIHTTP_PREFIX
    run_python "$1-file" linux pe
    # What the two kinds share is not put to both: only how they read, write and call Windows may differ.
    if [ "$1" = windows ]; then
        run_python "$1-blackbox" linux blackbox
        if need_salt; then run_python "$1-salt" linux salt; else cannot_run "$1-salt" 'Salt cannot be had'; fi
        run_python "$1-bolt" linux bolt/test_bolt_dialect.py
        if need_render; then
            run_python "$1-render" linux render
        else
            cannot_run "$1-render" 'Samba or registrypol cannot be had'
        fi
        run_python "$1-security" linux security/test_escapes.py
        run_python "$1-intune" linux intune/test_intune_dialect.py intune/test_win32app.py
        if need_packages python3-yaml; then
            run_python "$1-dsc" linux dsc
        else
            cannot_run "$1-dsc" 'python3-yaml cannot be had'
        fi
    else
        run_python "$1-blackbox" linux blackbox/test_cases.py blackbox/test_root.py blackbox/test_store.py
    fi
    run_python "$1-machine" linux wine
    run_python "$1-examples" linux examples/test_windows.py
    unset MAPIHTTP_PROGRAM MAPIHTTP_PREFIX
}

# As tests/fuzz.sh does, but briefly.
run_fuzzers() {
    say "Fuzzers, ${MAPIHTTP_FUZZ_SECONDS:-10} s each"
    minutes=$(awk "BEGIN { print ${MAPIHTTP_FUZZ_SECONDS:-10} / 60 }")
    /usr/bin/python3 tests/fuzz/run.py "$minutes" --tsv "$results/suites.tsv"
    # 0 nothing found, 1 something: that is in the file. Anything else did not run.
    [ $? -le 1 ] || record failed fuzz 'the fuzzers did not run'
}

# The programs that need libhivex are built into the usual build, and no others.
run_differential() {
    say 'differential'
    if ! { cmake --preset linux -DMAPIHTTP_DIFFERENTIAL=ON && cmake --build --preset linux --target differential hivedump; } \
        >"$results/build-differential.log" 2>&1; then
        tail -n 60 "$results/build-differential.log"
        record failed differential 'it cannot be built'
        return
    fi
    run_unit linux build/linux/tests/differential
    grep '^# [0-9l]' "$results/linux.differential.tap"
    run_python differential linux differential
}

# What runs is counted wherever a program of this build ends by itself; a run adds to what is there, so it begins at none.
run_coverage() {
    build coverage || return
    find build/coverage -name '*.gcda' -delete
    run_units coverage
    run_python coverage-blackbox coverage blackbox/test_cases.py blackbox/test_root.py blackbox/test_store.py \
        blackbox/test_dialects.py blackbox/test_managed.py blackbox/test_result.py blackbox/test_terminal.py \
        blackbox/test_selectors.py blackbox/test_errors.py
    run_python coverage linux coverage
    if [ -f build/coverage/summary.txt ]; then cat build/coverage/summary.txt; fi
}

need_build_packages || { echo 'the packages that the build needs cannot be had' >&2; exit 2; }
need_packages python3 python3-pytest python3-jsonschema jq || { echo 'Python cannot be had' >&2; exit 2; }

build linux || exit 1
oracle=yes files=yes
if is_wanted oracle || is_wanted files; then
    need_packages libhivex-bin python3-hivex || { cannot_run oracle 'libhivex cannot be had'; oracle=no; }
    need_packages strace attr acl e2fsprogs util-linux ||
        { cannot_run files 'strace, attr or acl cannot be had'; files=no; }
    need_module regipy 'regipy>=5,<7' || { cannot_run oracle 'regipy cannot be had'; oracle=no; }
fi

if is_wanted unit; then run_units linux; fi
if is_wanted blackbox; then
    if need_packages strace util-linux; then
        run_python blackbox linux blackbox
    else
        cannot_run blackbox 'strace or setpriv cannot be had'
    fi
fi
if is_wanted laws; then
    need_mingw || echo 'laws: the headers of Windows are left out' >&2
    if need_packages binutils; then run_python laws linux laws; else cannot_run laws 'nm cannot be had'; fi
fi
if is_wanted oracle && [ "$oracle" = yes ]; then run_python oracle linux oracle; fi
if is_wanted files && [ "$files" = yes ]; then run_python files linux files; fi
if is_wanted security; then
    if need_packages strace attr util-linux binutils checksec; then
        run_python security linux security
    else
        cannot_run security 'strace, attr, setpriv, binutils or checksec cannot be had'
    fi
fi
if is_wanted process; then
    if need_packages strace libhivex-bin python3-hivex util-linux && need_module regipy 'regipy>=5,<7'; then
        run_python process linux process
    else
        cannot_run process 'strace, libhivex or regipy cannot be had'
    fi
fi
if is_wanted faults; then
    if ! { need_packages attr binutils libhivex-bin python3-hivex && need_module regipy 'regipy>=5,<7'; }; then
        cannot_run faults 'setfattr, nm, libhivex or regipy cannot be had'
    else
        run_faults
    fi
fi
if is_wanted bench; then
    if need_bench; then run_python bench linux bench; else cannot_run bench 'libhivex, valgrind or matplotlib cannot be had'; fi
fi
if is_wanted render; then
    if need_render; then run_python render linux render; else cannot_run render 'Samba or registrypol cannot be had'; fi
fi
if is_wanted examples; then run_python examples linux examples; fi
if is_wanted dsc; then
    if need_packages python3-yaml; then run_python dsc linux dsc; else cannot_run dsc 'python3-yaml cannot be had'; fi
fi
if is_wanted bolt; then
    if need_bolt; then run_python bolt linux bolt; else cannot_run bolt 'Puppet cannot be had'; fi
fi
if is_wanted intune; then
    if need_intune; then run_python intune linux intune; else cannot_run intune 'a reader of PowerShell cannot be had'; fi
fi
if is_wanted asan; then
    if ! need_packages libasan8 libubsan1; then
        cannot_run asan 'the sanitizers cannot be had'
    elif build asan; then
        run_units asan
        run_python blackbox asan blackbox
    fi
fi
wine=no
for preset in windows windows32; do
    is_wanted "$preset" || continue
    if ! need_mingw; then
        cannot_run "$preset" 'mingw-w64 cannot be had'
    elif ! need_wine; then
        cannot_run "$preset" 'Wine cannot be had'
    elif ! { need_packages libxml2-utils && need_module pefile 'pefile>=2023,<2025'; }; then
        cannot_run "$preset" 'xmllint or pefile cannot be had'
    elif [ "$wine" = no ] && ! wine_start >"$results/wine.log" 2>&1; then
        cat "$results/wine.log"
        cannot_run "$preset" 'Wine does not start'
    else
        wine=yes
        run_windows "$preset"
    fi
done
if is_wanted ansible; then
    if ! need_ansible; then
        cannot_run ansible 'ansible-core or ansible-lint cannot be had'
    else
        # Without the windows suite, its program is built here.
        is_wanted windows || { need_mingw && need_wine && build windows; }
        run_python ansible linux ansible
    fi
fi
if is_wanted salt; then
    if need_salt && need_packages jq; then run_python salt linux salt; else cannot_run salt 'Salt cannot be had'; fi
fi
if is_wanted admx; then
    if ! need_packages python3-lxml libxml2-utils; then
        cannot_run admx 'lxml or xmllint cannot be had'
    else
        need_salt || cannot_run admx-salt 'Salt cannot be had'
        run_python admx linux admx
    fi
fi
if is_wanted samba; then
    if need_samba; then run_python samba linux samba; else cannot_run samba 'Samba cannot be had'; fi
fi
if is_wanted fuzz; then
    if ! need_fuzz; then
        cannot_run fuzz 'clang cannot be had'
    elif build fuzz; then
        run_fuzzers
    fi
fi
if is_wanted differential; then
    if ! { need_packages libhivex-dev python3-hivex && need_module regipy 'regipy>=5,<7'; }; then
        cannot_run differential 'libhivex or regipy cannot be had'
    else
        run_differential
    fi
fi
if is_wanted load; then
    if need_packages python3-hivex time util-linux; then
        run_python load linux load
    else
        cannot_run load 'python3-hivex, time or setpriv cannot be had'
    fi
fi
if is_wanted analysis; then
    if need_analysis; then run_python analysis linux analysis; else cannot_run analysis 'the analysers cannot be had'; fi
fi
if is_wanted coverage; then
    if need_packages gcovr strace util-linux; then run_coverage; else cannot_run coverage 'gcovr or strace cannot be had'; fi
fi

say 'All together'
"$python" tests/setup/tally.py "$results"
