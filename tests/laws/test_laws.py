# SPDX-License-Identifier: MIT
"""The laws of the house: who may include what, what a file must and must not have in it, what the libraries
export, and that what is said twice is said alike. Each law names all its breakers."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.tool import BUILD, PROJECT

PLUGIN = PROJECT / "plugin"
LIBC = {f"{name}.h" for name in (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg "
    "stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar "
    "wctype").split()}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
CONDITION = re.compile(r"^\s*#\s*(?:el)?if(?:n?def)?\b.*", re.MULTILINE)
SYSTEM = re.compile(r"WIN32|WIN64|WINVER|_MSC_VER|__MINGW|__CYGWIN|linux|unix|__APPLE__|BSD|__ANDROID__"
                    r"|_POSIX|__GLIBC__", re.IGNORECASE)
WINDOWS_HEADERS = re.compile(r"^(?:windows|winreg|winbase|winnt|winternl|ntsecapi|sddl|userenv|wtsapi32"
                             r"|tlhelp32|lm\w*|aclapi|shlobj\w*|psapi|bcrypt)\.h$", re.IGNORECASE)
# Put together here, so that this file does not break the laws it states.
MACHINE_PATHS = ["/wo" + "rk/", "/tmp/bash" + "_jobs", "deb.debian" + ".org", "pypi" + ".org"]
UNFINISHED = ["TO" + "DO", "FIX" + "ME"]
SPDX = "SPDX-License-" + "Identifier:"
COMMENTED = {".c", ".h", ".py", ".sh", ".cmake", ".ps1", ".psm1", ".psd1", ".rb", ".yml", ".yaml"}


def tracked():
    """Every file of the project as git knows it; without git, every file outside build folders."""
    if shutil.which("git"):
        done = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False)
        paths = [PROJECT / name for name in done.stdout.decode().split("\0") if name]
        if paths:
            return [path for path in paths if path.is_file()]
    left_out = {"build", ".git", "__pycache__", ".pytest_cache"}
    return [path for path in PROJECT.rglob("*")
            if path.is_file() and not left_out & set(path.relative_to(PROJECT).parts)]


def texts():
    """Every tracked file that is text, with its text."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8", errors="replace")


def called(path):
    return path.relative_to(PROJECT).as_posix()


def sources(*folders):
    return sorted(path for folder in folders for path in folder.rglob("*.[ch]"))


def includes(path):
    return [name for _, name in INCLUDE.findall(path.read_text(encoding="utf-8"))]


def breakers(paths, wrong):
    """[(file, include)] of all includes in `paths` for which `wrong(file's path below plugin, include)`."""
    return [(called(path), name) for path in paths for name in includes(path) if wrong(called(path), name)]


EVERYWHERE = sources(PLUGIN, PROJECT / "include")


def within(name, *places):
    return any(name == place or name.startswith(f"{place}/") for place in places)


def test_core_knows_core_the_public_headers_and_libc():
    assert not breakers(sources(PLUGIN / "core"),
                        lambda _, name: not (name.startswith(("core/", "mapihttp/")) or name in LIBC))


def test_the_public_headers_know_themselves_and_libc():
    assert not breakers(sources(PROJECT / "include"),
                        lambda _, name: not (name.startswith("mapihttp/") or name in LIBC))


def test_core_has_no_condition_on_a_system():
    conditions = [(called(path), line) for path in sources(PLUGIN / "core")
                  for line in CONDITION.findall(path.read_text(encoding="utf-8")) if SYSTEM.search(line)]
    assert not conditions


def test_only_contract_and_dialect_know_jansson():
    assert not breakers(EVERYWHERE, lambda path, name: name == "jansson.h" and not within(
        path, "plugin/contract", "plugin/dialect"))


def test_only_live_outlook_and_os_windows_know_windows():
    assert not breakers(EVERYWHERE, lambda path, name: WINDOWS_HEADERS.match(name) and not within(
        path, "plugin/registry/live", "plugin/outlook", "plugin/os/windows"))


def test_nobody_includes_the_journeys_helpers():
    allowed = ("plugin/run.c", "plugin/main.c", "plugin/library.c", "plugin/dialect", "plugin/converge.c",
               "plugin/converge.h")
    assert not breakers(sources(PLUGIN), lambda path, name: name == "run.h" and not within(path, *allowed))


def test_only_the_journey_includes_its_steps():
    assert not breakers(sources(PLUGIN), lambda path, name: name == "converge.h" and not within(
        path, "plugin/run.c", "plugin/converge.c"))


def test_a_systems_own_headers_stay_in_its_folder():
    assert not breakers(EVERYWHERE, lambda path, name: any(
        name.startswith(f"os/{system}/") and not within(path, f"plugin/os/{system}", "plugin/registry/live", "plugin/outlook")
        for system in ("posix", "windows")))


WINDOWS_FOLDERS = ("plugin/os/windows", "plugin/registry/live", "plugin/outlook", "tests/wine")


def headers():
    return [path for path in sources(PLUGIN, PROJECT / "include", PROJECT / "tests") if path.suffix == ".h"]


def compile_alone(compiler, flags, paths):
    folders = [PLUGIN, PROJECT / "include", PROJECT / "tests", BUILD / "plugin" / "generated"]
    command = [compiler, "-std=c11", "-fsyntax-only", "-Wall", "-Wextra", "-x", "c", *flags]
    done = subprocess.run([*command, *(f"-I{folder}" for folder in folders), *paths], capture_output=True,
                          text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_header_compiles_alone():
    flags = subprocess.run(["pkg-config", "--cflags", "jansson", "cmocka"], capture_output=True, text=True,
                           check=True).stdout.split()
    compile_alone("gcc", flags, [path for path in headers() if not within(called(path), *WINDOWS_FOLDERS)])


def test_every_header_of_windows_compiles_alone():
    compiler = "x86_64-w64-mingw32-gcc"
    if not shutil.which(compiler):
        pytest.skip(f"there is no {compiler}")
    compile_alone(compiler, ["-D_WIN32_WINNT=0x0601", "-DUNICODE"],
                  [path for path in headers() if within(called(path), *WINDOWS_FOLDERS)])


def test_every_header_has_a_guard():
    bare = [called(path) for path in headers()
            if not re.search(r"^#ifndef (\w+)\n#define \1\n", path.read_text(encoding="utf-8"), re.MULTILINE)]
    assert not bare


def test_cmake_lists_its_sources():
    assert not [called(path) for path, text in texts()
                if (path.name == "CMakeLists.txt" or ".cmake" in path.name) and re.search(r"\bGLOB(_RECURSE)?\b", text)]


def listed(path):
    """How a list names a source; a platform's folder may be a variable there."""
    name = re.escape(path.relative_to(PLUGIN).as_posix())
    return r"(?<![\w/])" + re.sub(r"^os/(posix|windows)/", r"os/(?:\1|\${\\w+})/", name) + r"(?!\w)"


def test_cmake_lists_every_source():
    """What no list names is never compiled."""
    lists = (PLUGIN / "CMakeLists.txt").read_text(encoding="utf-8")
    tracked_names = {called(path) for path in tracked()}
    missing = [called(path) for path in sources(PLUGIN)
               if path.suffix == ".c" and called(path) in tracked_names
               and not re.search(listed(path), lists)]
    assert not missing


def test_every_file_names_its_licence():
    assert not [called(path) for path, text in texts()
                if (path.suffix in COMMENTED or path.name == "CMakeLists.txt")
                and SPDX not in "\n".join(text.splitlines()[:3])]


@pytest.mark.parametrize("word", UNFINISHED)
def test_nothing_is_left_unfinished(word):
    assert not [called(path) for path, text in texts() if re.search(rf"\b{word}\b", text)]


@pytest.mark.parametrize("path_", MACHINE_PATHS)
def test_nothing_names_a_machine(path_):
    assert not [called(path) for path, text in texts() if path_ in text]


SYMBOLS = {"mapihttp_call", "mapihttp_free", "mapihttp_version"}


@pytest.mark.parametrize(("library", "options"), [("libmapihttp.so", ["-D"]), ("libmapihttp.a", ["-g"])])
def test_a_library_exports_these_symbols_and_no_others(library, options):
    done = subprocess.run(["nm", *options, "--defined-only", BUILD / library], capture_output=True, text=True,
                          check=True)
    assert {line.split()[2] for line in done.stdout.splitlines() if len(line.split()) == 3} == SYMBOLS


def test_the_public_header_declares_what_is_exported():
    text = (PROJECT / "include/mapihttp/mapihttp.h").read_text(encoding="utf-8")
    assert set(re.findall(r"^MAPIHTTP_API[^;(]*?(\w+)\(", text, re.MULTILINE)) == SYMBOLS


def statuses():
    """[(kind, when)] of the one list in status.h."""
    text = (PROJECT / "include/mapihttp/status.h").read_text(encoding="utf-8")
    return re.findall(r'X\(\w+, "(\w+)", "([^"]*)"\)', text)


def test_the_documented_error_kinds_are_those_of_the_program():
    text = (PROJECT / "docs/contract.md").read_text(encoding="utf-8")
    table = re.search(r"^\| kind \| when \|\n\|[-|: ]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table, "docs/contract.md has no table | kind | when |"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]
    assert [(kind.strip("`"), when) for kind, when in rows] == statuses()


def test_the_schemas_error_kinds_are_those_of_the_program():
    schema = json.loads((PROJECT / "docs/result.schema.json").read_text(encoding="utf-8"))
    assert schema["$defs"]["kind"]["enum"] == [kind for kind, _ in statuses()]


LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def anchors(path):
    """What links into a page can name: its headings, as GitHub spells them."""
    text = CODE.sub(lambda code: code[0] if code[0].count("`") == 2 else "", path.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+\s+(.*?)\s*#*$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(path):
    for link in (one or two for one, two in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8")))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            yield called(path), link


def test_links_within_the_documentation_lead_somewhere():
    pages = [path for path in tracked() if path.suffix == ".md"]
    assert not [link for page in pages for link in broken_links(page)]


def test_links_stay_within_the_project():
    pages = [path for path in tracked() if path.suffix == ".md"]
    outside = [(called(page), link) for page in pages
               for link, _ in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
               if link and not re.match(r"[a-z]+:|#", link)
               and not (page.parent / link.partition("#")[0]).resolve().is_relative_to(Path(PROJECT))]
    assert not outside
