# SPDX-License-Identifier: MIT
"""No analyser finds anything in the program's sources or the tests', for either system; and each of them finds what is
wrong in a file made for it, so that finding nothing means something."""

import os
import re
import subprocess
import sys

import pytest
from analysers import TOOLS, Source, accepted, available, look_at_all, sources
from support.tool import PROJECT

# For each tool a defect of its kind, and what it calls it.
NOTHING = """int first(void) { int *none = 0; return *none; }
"""
BEYOND = """void fill(char *text);
char last(void) { char text[4]; fill(text); return text[4]; }
"""
TWICE = """#include <stdlib.h>
void twice(void) { char *text = malloc(1); free(text); free(text); }
"""
PLANTED = {
    "clang-tidy": (NOTHING, "clang-analyzer-core.NullDereference"),
    "cppcheck": (BEYOND, "arrayIndexOutOfBounds"),
    "gcc -fanalyzer": (TWICE, "-Wanalyzer-double-free"),
}
# The header shows that the system's own are found.
SYSTEMS = {"linux": "#include <unistd.h>\n", "windows": "#include <windows.h>\n"}
REMARK = re.compile(r"NOLINT\w*(?P<lint>.*)|cppcheck-suppress\w*(?P<check>.*)")
REASON = re.compile(r"\([\w.,-]+\): \S|\s+\w+ (?:; |// )\S")

needed = pytest.mark.parametrize("tool", TOOLS)
each_system = pytest.mark.parametrize("system", SYSTEMS)


def named(finding):
    """As accepted.tsv names it."""
    return finding.file, finding.check, finding.text


def must_have(tool, system):
    if not available(tool, system):
        pytest.skip(f"{tool} for {system} cannot be had")


@each_system
@needed
def test_it_finds_what_is_wrong(tool, system, tmp_path):
    must_have(tool, system)
    code, check = PLANTED[tool]
    planted = tmp_path / "planted.c"
    planted.write_text(SYSTEMS[system] + code)
    found, unread = look_at_all(tool, [Source(planted, (), system)])
    assert not unread
    assert check in {finding.check for finding in found}


@each_system
@needed
def test_it_finds_nothing(tool, system):
    must_have(tool, system)
    chosen = [source for source in sources() if source.system == system]
    assert len(chosen) > 20
    found, unread = look_at_all(tool, chosen)
    assert not unread, "\n".join(unread)
    known = accepted() if tool.startswith("gcc") else {}
    left = [str(finding) for finding in sorted(found) if named(finding) not in known]
    assert not left, "\n".join(left)


def test_what_is_accepted_is_still_found():
    """What a newer gcc no longer says is to be taken out of the list."""
    tool = "gcc -fanalyzer"
    must_have(tool, "linux")
    files = {file for file, _, _ in accepted()}
    chosen = [source for source in sources() if source.file.relative_to(PROJECT).as_posix() in files]
    found, _ = look_at_all(tool, chosen)
    assert set(accepted()) <= {named(finding) for finding in found}


def test_every_c_file_is_read():
    """Also of what a build takes in only when it is asked to. A file that none compiles is to be named here, with why."""
    left_out = {}
    read = {source.file.relative_to(PROJECT).as_posix() for source in sources()}
    assert {name for name in listed(".c") if name.startswith(("plugin/", "tests/"))} - read == set(left_out)


def test_every_remark_to_an_analyser_names_its_check_and_its_reason():
    for source in sources():
        for number, line in enumerate(source.file.read_text().splitlines(), 1):
            if match := REMARK.search(line):
                assert REASON.match(match["lint"] or match["check"] or ""), f"{source.file}:{number}"


# What Salt puts into its modules before they run.
SALTS_OWN = ["__salt__", "__opts__", "__context__"]


def listed(*suffixes):
    done = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True)
    return [name for name in done.stdout.decode().split("\0") if name.endswith(suffixes)]


def complaints(command, files):
    done = subprocess.run([*command, *files], cwd=PROJECT, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYFLAKES_BUILTINS": ",".join(SALTS_OWN)})
    return (done.stdout + done.stderr).splitlines()


SCRIPTS = {
    "shellcheck": (["shellcheck", "-f", "gcc"], ".sh", "#!/bin/sh\nrm -r $1\n", "SC2086"),
    "pyflakes": ([sys.executable, "-m", "pyflakes"], ".py", "import os\n", "imported but unused"),
}


@pytest.mark.parametrize("tool", SCRIPTS)
def test_it_finds_what_is_wrong_in_a_script(tool, tmp_path):
    command, suffix, code, told = SCRIPTS[tool]
    planted = tmp_path / f"planted{suffix}"
    planted.write_text(code)
    assert any(told in line for line in complaints(command, [planted]))


@pytest.mark.parametrize("tool", SCRIPTS)
def test_it_finds_nothing_in_the_scripts(tool):
    command, suffix, _, _ = SCRIPTS[tool]
    files = listed(suffix)
    assert files
    left = complaints(command, files)
    assert not left, "\n".join(left)
