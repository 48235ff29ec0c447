# SPDX-License-Identifier: MIT
"""That nothing of os/posix reaches the C library but through the seam (seam.txt), however it is compiled."""

import re
import shutil
import subprocess

import pytest

from support import tool

SEAM = set((tool.PROJECT / "tests/faults/seam.txt").read_text(encoding="ascii").split())
OBJECTS = sorted(tool.BUILD.glob("plugin/**/*.c.o"))
# What these call is no file's: the terminal and a named argument, threads.
ELSEWHERE = {"console.c.o", "threads.c.o"}
# Calls of the C library that reach no file, also as _FORTIFY_SOURCE calls them (__NAME_chk). Anything else must be in
# the seam, by its very name.
HARMLESS = {
    "__errno_location", "__stack_chk_fail", "abort", "bsearch", "calloc", "free", "getpid", "malloc", "memchr", "memcmp", "memcpy", "memmove", "memset",
    "qsort", "realloc", "snprintf", "strchr", "strcmp", "strcspn", "strerrordesc_np", "strlen", "strncmp", "strncpy",
    "strpbrk", "strrchr", "strspn", "strstr", "strtoul", "vsnprintf",
}


def nm(*arguments):
    if not shutil.which("nm"):
        pytest.skip("nm is not installed")
    done = subprocess.run(["nm", *arguments], capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines() if line.strip()]


def undefined(path):
    """What the object needs of others, without what the project itself has."""
    return {words[-1] for words in nm("-u", path) if not words[-1].startswith("mh_")}


def is_harmless(name):
    return re.sub(r"^__(\w+)_chk$", r"\1", name) in HARMLESS


def ours(folder):
    return [path for path in OBJECTS if folder in str(path) and path.name not in ELSEWHERE]


def test_the_objects_are_found():
    """Or else there would be nothing to see."""
    assert {path.name for path in ours("os/posix")} >= {"below.c.o", "claim.c.o", "dir.c.o", "file.c.o", "make.c.o",
                                                       "replace.c.o", "rights.c.o"}


@pytest.mark.parametrize("folder", ["os/posix", "os/", "registry/hive", "registry/offline"])
def test_files_are_reached_through_the_seam_alone(folder):
    """Each call of the C library is in the seam, or is known to reach no file."""
    astray = {path.name: [name for name in sorted(undefined(path) - SEAM) if not is_harmless(name)]
              for path in ours(folder)}
    assert {name: calls for name, calls in astray.items() if calls} == {}


def test_only_os_needs_the_seam():
    """The engine and the registries over files ask os/posix, and nobody else."""
    for path in ours("registry/hive") + ours("registry/offline"):
        assert undefined(path) & SEAM == set(), path


def test_every_call_of_the_program_is_linked_to_the_seam():
    """In the test's program all that is left of the C library's own calls is what the seam itself makes."""
    defined = {words[-1] for words in nm(tool.BUILD / "tests" / "faults") if len(words) == 3}
    assert {f"__wrap_{name}" for name in SEAM} <= defined
    source = (tool.PROJECT / "tests/faults/seam.c").read_text(encoding="utf-8")
    assert set(re.findall(r"^SEAM_CALL\([^,]+, (\w+),", source, re.MULTILINE)) == SEAM
