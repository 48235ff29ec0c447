# SPDX-License-Identifier: MIT
"""The program under test, and the schemas that everything it takes and gives is held against."""

import json
import os
import shlex
import subprocess
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jsonschema import Draft202012Validator

PROJECT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MAPIHTTP_BUILD", PROJECT / "build" / "linux")).resolve()
# What stands before the program: nothing, or an emulator.
PREFIX = shlex.split(os.environ.get("MAPIHTTP_PREFIX", ""))
PROGRAM = Path(os.environ.get("MAPIHTTP_PROGRAM", BUILD / "mapihttp"))
WINDOWS = PROGRAM.suffix == ".exe"
TIMEOUT = 120
# What Wine says when it could not even start a program.
NOT_STARTED = b"Application could not be started, or no application associated with the specified file."


@lru_cache(maxsize=None)
def validator(which):
    schema = json.loads((PROJECT / "docs" / f"{which}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


@dataclass
class Outcome:
    """What came of one run. `result` is the decoded JSON, None where stdout is not JSON."""

    code: int
    out: bytes
    err: bytes
    result: dict | None

    def profile(self, name):
        """The one profile whose id, path or hive ends with `name`."""
        found = [p for p in self.result["profiles"]
                 if any((p[k] or "").endswith(name) for k in ("id", "hive", "path"))]
        assert len(found) == 1, (name, [p["id"] for p in self.result["profiles"]])
        return found[0]

    @property
    def kinds(self):
        """The error kinds of the profiles, sorted."""
        return sorted(p["error"]["kind"] for p in self.result["profiles"] if p["error"])


def command(*arguments, program=None):
    return [*PREFIX, str(program or PROGRAM), *map(str, arguments)]


def with_slashes(result):
    """Makes the paths below one that a test has named, with slashes, as Linux joins them: Windows' own separator
    is the backslash."""
    for profile in result.get("profiles", []):
        for member in ("id", "hive", "path"):
            if "/" in (profile[member] or ""):
                profile[member] = profile[member].replace("\\", "/")


def started_in_vain(done):
    """Under Wine a program now and then (once in thousands of times) does not come to say anything at all. Ours
    always does: its result, or what is wrong with the call. It is where chance has put the loader's heap: on the
    address of a page that Windows programs expect (tests/setup/wine.sh leaves that to chance only where it must)."""
    nothing = not done.stdout and not done.stderr
    return done.stdout.startswith(NOT_STARTED) or (WINDOWS and bool(PREFIX) and nothing)


def run(*arguments, stdin=b"", cwd=None, env=None, wrapper=(), check_result=True, program=None):
    """Runs the program (or another build of it). stdin: bytes, or a request as a dict. A JSON result is held against its schema."""
    if isinstance(stdin, dict):
        stdin = json.dumps(stdin).encode()
    if "strace" in map(str, wrapper):  # which the leak sanitizer does not run under
        env = {**(os.environ if env is None else env), "ASAN_OPTIONS": "detect_leaks=0"}
    for _ in range(3):
        done = subprocess.run([*map(str, wrapper), *command(*arguments, program=program)], input=stdin, capture_output=True,
                              cwd=cwd, env=env, timeout=TIMEOUT, check=False)
        if not started_in_vain(done):
            break
        warnings.warn(f"Wine did not start {arguments}: code {done.returncode}; run again", stacklevel=2)
    result = None
    if check_result and done.stdout.startswith(b"{"):
        assert done.stdout.isascii() and done.stdout.count(b"\n") == 1 and done.stdout.endswith(b"\n")
        result = json.loads(done.stdout)
        if "counts" in result:
            problems = [e.message for e in validator("result").iter_errors(result)]
            assert not problems, problems
        if WINDOWS:
            with_slashes(result)
    return Outcome(done.returncode, done.stdout, done.stderr, result)


def call(verb, request, legal=True, **options):
    """Runs a verb with a request as JSON on stdin; one that is `legal` must satisfy the request's schema."""
    if legal:
        problems = [e.message for e in validator("request").iter_errors(request)]
        assert not problems, problems
    return run(verb, stdin=request, **options)
