# SPDX-License-Identifier: MIT
"""How every build lets itself be protected, as tools say that know nothing of this project: checksec, and readelf,
objdump and nm of binutils."""

import json
import re
import shutil
import subprocess

import pytest
from support.tool import BUILD

ELF = {"program": "mapihttp", "static program": "mapihttp-static", "shared library": "libmapihttp.so"}
# Of these the C library's code is a part, which Debian builds otherwise; names of functions are gone.
ALONE = "static program"
# What checksec must say of each. Of a stripped program without a dynamic linker it cannot see which functions are
# called; test_the_static_program_... looks for these itself.
CHECKSEC = {"relro": "full", "nx": "yes", "rpath": "no", "runpath": "no"}
VISIBLE = {"canary": "yes", "fortify_source": "yes"}


def tool(*command):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=120,
                          encoding="utf-8", errors="replace")
    assert done.returncode == 0, done.stderr
    return done.stdout


def checksec(path):
    return json.loads(tool("checksec", f"--file={path.resolve()}", "--format=json"))[str(path.resolve())]


def segments(path):
    """The program headers: (type, flags)."""
    lines = tool("readelf", "--program-headers", "--wide", path).splitlines()
    found = [re.match(r"\s+(\w+)\s+(?:0x\w+\s+){5}(.{3}) ", line) for line in lines]
    return [(one[1], one[2].replace(" ", "")) for one in found if one]


def frames(path):
    """The sizes by which stack pointers are moved down at once (a negative one moves up)."""
    code = tool("objdump", "--disassemble", path)
    found = [int(size, 16) for size in re.findall(r"sub\s+\$0x([0-9a-f]+),%rsp", code)]
    return [size for size in found if size < 1 << 63]


def built(name):
    path = BUILD / name
    if not path.exists():
        pytest.skip(f"{name} is not built: what it is made of is not installed")
    return path


@pytest.fixture(name="elf", params=ELF)
def elf_file(request):
    return built(ELF[request.param])


@pytest.fixture(name="archive")
def static_library():
    return built("libmapihttp.a")


def test_what_checksec_says(elf):
    wanted = {**CHECKSEC, "pie": "dso" if elf.name.endswith(".so") else "yes"}
    wanted |= VISIBLE if elf.name != ELF[ALONE] else {}
    said = checksec(elf)
    assert {name: said[name] for name in wanted} == wanted


def test_no_segment_can_be_written_and_executed(elf):
    found = segments(elf)
    assert any(flags == "RE" for _, flags in found) and ("GNU_STACK", "RW") in found
    assert not [one for one in found if "W" in one[1] and "E" in one[1]]


def test_nothing_is_found_by_a_path_of_its_own(elf):
    dynamic = tool("readelf", "--dynamic", "--wide", elf)
    assert "(BIND_NOW)" in dynamic or " NOW" in dynamic
    assert not re.search(r"RPATH|RUNPATH|TEXTREL", dynamic)


@pytest.mark.parametrize("name", ["program", "shared library"])
def test_no_frame_skips_the_guard_page(name):
    """-fstack-clash-protection touches every page; without it large frames are taken at once."""
    assert max(frames(built(ELF[name]))) <= 4096


def test_the_static_library_is_hardened_too(archive):
    asked = set(tool("nm", "--undefined-only", archive).split())
    assert "__stack_chk_fail" in asked and {name for name in asked if name.endswith("_chk")}
    assert max(frames(archive)) <= 4096
    stack = re.findall(r"\.note\.GNU-stack +PROGBITS +(?:[0-9a-f]+ +){4}([A-Z]*) ", tool(
        "readelf", "--sections", "--wide", archive))
    assert stack and not [flags for flags in stack if "X" in flags]


def test_the_static_program_has_what_checksec_cannot_see():
    """It is position independent without a dynamic linker; the canary is compared, and fortified calls are there."""
    path = built(ELF[ALONE])
    assert "INTERP" not in [kind for kind, _ in segments(path)]
    assert "PIE" in tool("readelf", "--dynamic", path)
    assert tool("objdump", "--disassemble", path).count("%fs:0x28") > 100
    text = path.read_bytes()
    assert b"stack smashing detected" in text and b"buffer overflow detected" in text


@pytest.mark.parametrize("name", [ELF["program"], ELF["shared library"], "libmapihttp.a"])
def test_control_flow_protection_is_compiled_in(name):
    """Functions begin with endbr64. Whether the file as a whole is marked is for the C library's start files."""
    assert tool("objdump", "--disassemble", built(name)).count("endbr64") > 100


def test_every_target_is_compiled_with_the_flags():
    """The level of _FORTIFY_SOURCE is in no file that is built: what make is told is looked at."""
    told = sorted((BUILD / "plugin" / "CMakeFiles").glob("*/flags.make"))
    if not told:
        pytest.skip("this build was made by something else than make")
    known = re.search(r"^MAPIHTTP_FORTIFY_3:INTERNAL=(.*)$", (BUILD / "CMakeCache.txt").read_text("utf-8"), re.MULTILINE)
    assert known, "whether the C library knows level 3 was not asked"
    for path in told:
        flags = re.search(r"^C_FLAGS = (.*)$", path.read_text("utf-8"), re.MULTILINE)
        assert flags, path
        level = f"-D_FORTIFY_SOURCE={3 if known[1] else 2}"
        assert {level, "-fcf-protection=full", "-fstack-clash-protection", "-fstack-protector-strong"} <= set(
            flags[1].split()), path
