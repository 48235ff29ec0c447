# SPDX-License-Identifier: MIT
"""The analysers: what each is given of a source file, and what it found. All of them see the file as it is compiled,
without what optimises and hardens: what they are to judge is what is written."""

import json
import os
import re
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from support.tool import PROJECT

HERE = Path(__file__).resolve().parent
MINGW = "x86_64-w64-mingw32"
# The folders of the build of which each system's sources are taken; fuzzers are in a build of their own.
BUILDS = {"linux": ("analysis", "fuzz"), "windows": ("windows",)}


# In place of cmocka.h, for who only reads: what cmocka knows of its assertions and does not say.
SHADOW = PROJECT / "build" / "analysis" / "include"


def make_shadow():
    SHADOW.mkdir(parents=True, exist_ok=True)
    (SHADOW / "cmocka.h").write_text(f'#include_next <cmocka.h>\n#include "{HERE / "cmocka_asserts.h"}"\n')


class Source(NamedTuple):
    file: Path
    flags: tuple  # -I, -isystem and -D
    system: str


class Finding(NamedTuple):
    file: str  # from the project's folder
    line: int
    check: str
    text: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.text} [{self.check}]"


def words_of(command, folder):
    """The words of a command, those from files that it names (@FILE) in their place."""
    for word in shlex.split(command):
        if word.startswith("@"):
            yield from words_of(Path(folder, word[1:]).read_text(), folder)
        else:
            yield word


def flags_of(words):
    """What decides how the source reads: where headers are found, and what is defined."""
    kept = []
    for word in words:
        if word in ("-I", "-isystem", "-D"):
            kept += [word, next(words)]
        elif word.startswith(("-I", "-D", "-U")) and not word.endswith(("NDEBUG", "FORTIFY_SOURCE", "FORTIFY_SOURCE=2")):
            kept.append(word)
    return tuple(kept)


def compiled(build):
    path = PROJECT / "build" / build / "compile_commands.json"
    for entry in json.loads(path.read_text()):
        file = Path(entry["directory"], entry["file"]).resolve()
        if file.suffix == ".c" and PROJECT / "build" not in file.parents:
            yield file, flags_of(words_of(entry["command"], entry["directory"]))


def sources():
    """Each source file once, as the first of the builds compiles it. Windows' are those that no other system has."""
    found = {}
    for system, builds in BUILDS.items():
        for build in builds:
            for file, flags in compiled(build):
                found.setdefault(file, Source(file, flags, system))
    return list(found.values())


def read(pattern, output):
    """Findings, each once, however many files include the header that it is in."""
    found = set()
    for match in re.finditer(pattern, output, re.MULTILINE):
        file = Path(match["file"]).resolve()
        name = file.relative_to(PROJECT).as_posix() if PROJECT in file.parents else file.as_posix()
        found.add(Finding(name, int(match["line"]), match["check"], match["text"]))
    return found


def run(command):
    """In the C locale, for quotation marks are ' there everywhere."""
    done = subprocess.run([str(word) for word in command], cwd=PROJECT, capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    return done.returncode, done.stdout + done.stderr


DIAGNOSTIC = r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+: (?:warning|error): (?P<text>.*) \[(?P<check>%s)\]$"
BROKEN = r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+: (?:fatal )?(?P<check>error): (?P<text>.*)$"


class ClangTidy:
    command = "clang-tidy"

    def look(self, source):
        # That clang 14 does not know one attribute of mingw-w64's is no matter of the sources.
        target = [f"--target={MINGW}", "-Wno-ignored-attributes"] if source.system == "windows" else []
        code, output = run(["clang-tidy", "--quiet", source.file, "--", "-std=c11", "-Wall", "-Wextra", *target,
                            f"-I{SHADOW}", *source.flags])
        found = read(DIAGNOSTIC % r"[\w.,-]+", output)
        found = {finding._replace(check=finding.check.removesuffix(",-warnings-as-errors")) for finding in found}
        return found, code == 0 or bool(found), output


def with_functions(output):
    """Each of gcc's findings with the function that it is in."""
    function = ""
    for line in output.splitlines():
        if named := re.search(r": In function '(\w+)'", line):
            function = named[1]
        yield re.sub(r"(?: \[CWE-\d+\])? \[(?=-Wanalyzer)", f" in {function} [", line)


class Gcc:
    command = "gcc"

    def look(self, source):
        compiler = f"{MINGW}-gcc" if source.system == "windows" else "gcc"
        code, output = run([compiler, "-std=c11", "-O0", "-fanalyzer", f"-I{SHADOW}", *source.flags, "-S",
                            "-o", os.devnull, source.file])
        return read(DIAGNOSTIC % r"-Wanalyzer[\w-]+", "\n".join(with_functions(output))), code == 0, output


class Cppcheck:
    command = "cppcheck"
    template = "{file}:{line}:{column}: warning: {message} [{id}]"

    def look(self, source):
        system = ["--platform=win64", "--library=windows"] if source.system == "windows" else ["--library=posix"]
        defines = [flag for flag in source.flags if flag.startswith(("-D", "-U"))]
        includes = [flag for flag in source.flags if flag.startswith("-I")]
        code, output = run(["cppcheck", "-q", "--std=c11", "--enable=warning,style,performance,portability",
                            "--inconclusive", "--inline-suppr", f"--suppressions-list={HERE / 'cppcheck.txt'}",
                            f"--template={self.template}", "--error-exitcode=3", *system, *defines,
                            f"-I{SHADOW}", *includes,
                            source.file])
        found = read(DIAGNOSTIC % r"\w+", output)
        return found, code == 0 or bool(found), output


TOOLS = {"clang-tidy": ClangTidy(), "cppcheck": Cppcheck(), "gcc -fanalyzer": Gcc()}


def available(tool, system):
    names = [TOOLS[tool].command] + ([f"{MINGW}-gcc"] if system == "windows" else [])
    return all(shutil.which(name) for name in names)


def look_at_all(tool, chosen):
    """All findings, and what a tool said that did not come to look."""
    found, unread = set(), []
    make_shadow()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, (findings, done, output) in zip(chosen, pool.map(TOOLS[tool].look, chosen)):
            found |= findings
            if not done:
                unread.append(f"{source.file}: {output[-2000:]}")
    return found, unread


def accepted():
    """gcc's analyser takes no remark in the source: what it is wrong about is named in accepted.tsv, each finding by its
    file, its check, and its text with the function that it is in: {(file, check, text): reason}."""
    rows = [line.split("\t") for line in (HERE / "accepted.tsv").read_text().splitlines()]
    return {(file, check, text): reason for file, check, text, reason in rows}
