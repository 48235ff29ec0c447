# SPDX-License-Identifier: MIT
"""Runs the cases in cases/*.json: what is given, and what must come of it. They are data, so that the same
cases hold the program on every system.

A file is {"defaults": CASE, "cases": [CASE, ...]}; a case has what the defaults have where it says nothing.

  name     what it shows
  only     "linux" or "windows", where it does not hold everywhere
  setup    {"hives": {path: VALUE}, "stores": {folder: {profile: VALUE}}, "volumes": {folder: {person: VALUE,
           "Default": VALUE}}, "files": {path: text}}; VALUE is null (not there) or a builder's value (below)
  args     the command line; an item may be {"hex": bytes}
  stdin    text, a request (an object), {"hex": bytes}, {"pad": N, "request": object} (padded with blanks to
           N bytes), {"nest": N} (users is a list in a list ..., N deep). Paths are relative: the program
           runs where the setup is
  env      further variables
  exit     the exit code
  result   what the result on stdout must contain: every member given is there and equal; lists have as many
           items as given; {"regex": ...} stands for a text that matches
  text     a regular expression for the whole stdout, where it is no result
  stderr   a regular expression for the whole stderr; not given, it must be empty where the exit code is
           not 2
  writes   true where a file changes; everywhere else no file may
  schema   whether the request, an object on stdin, satisfies the published schema; not given, it must unless
           the result is refused as invalid
"""

import json
import os
import re
from pathlib import Path

import pytest
from support import hives, tool

HERE = "windows" if tool.WINDOWS else "linux"


def load():
    """Every case that holds here, as a pytest parameter."""
    for path in sorted((Path(__file__).parent / "cases").glob("*.json")):
        book = json.loads(path.read_text(encoding="utf-8"))
        for case in book["cases"]:
            merged = {**book.get("defaults", {}), **case}
            if merged.get("only", HERE) == HERE:
                yield pytest.param(merged, id=f"{path.stem}: {case['name']}")


CASES = list(load())


def spec(value):
    """The user's hive that holds the value."""
    return hives.user() if value is None else hives.user({"name": hives.NAME, **value})


def prepare(setup, top):
    for path, value in setup.get("hives", {}).items():
        hives.make(top / path, spec(value))
    for folder, profiles in setup.get("stores", {}).items():
        (top / folder).mkdir(parents=True)
        hives.store(top / folder, {name: spec(value) for name, value in profiles.items()})
    for folder, people in setup.get("volumes", {}).items():
        specs = {name: spec(value) for name, value in people.items()}
        hives.volume(top / folder, {n: s for n, s in specs.items() if n != "Default"},
                     default=specs.get("Default"))
    for path, text in setup.get("files", {}).items():
        (top / path).write_text(text, encoding="utf-8")


def argument(item):
    return os.fsdecode(bytes.fromhex(item["hex"])) if isinstance(item, dict) else item


def is_request(stdin):
    """A case's stdin is a request as it stands, none of the spellings for other bytes."""
    return isinstance(stdin, dict) and not {"hex", "pad", "nest"} & set(stdin)


def given(stdin):
    """The bytes of a case's stdin."""
    if isinstance(stdin, str):
        return stdin.encode()
    if set(stdin) == {"hex"}:
        return bytes.fromhex(stdin["hex"])
    if set(stdin) == {"nest"}:
        return b'{"users":' + b"[" * stdin["nest"] + b"]" * stdin["nest"] + b"}"
    if "pad" in stdin:
        return json.dumps(stdin["request"]).encode().ljust(stdin["pad"])
    return json.dumps(stdin).encode()


def differences(wanted, seen, where="result"):
    """Where `seen` is not what is wanted; texts, so that all of them can be shown."""
    if isinstance(wanted, dict) and set(wanted) == {"regex"}:
        fits = isinstance(seen, str) and re.search(wanted["regex"], seen)
        return [] if fits else [f"{where}: {seen!r} does not match {wanted['regex']!r}"]
    if isinstance(wanted, dict) and isinstance(seen, dict):
        lost = [f"{where}: there is no {name}" for name in wanted if name not in seen]
        return lost + [text for name in wanted if name in seen
                       for text in differences(wanted[name], seen[name], f"{where}.{name}")]
    if isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        return [text for i, item in enumerate(wanted)
                for text in differences(item, seen[i], f"{where}[{i}]")]
    same = type(wanted) is type(seen) and wanted == seen
    return [] if same else [f"{where}: {seen!r} is not {wanted!r}"]


def go(case, top):
    """Prepares, runs; returns the outcome and whether any file changed."""
    prepare(case.get("setup", {}), top)
    before = hives.snapshot(top)
    done = tool.run(*map(argument, case["args"]), stdin=given(case.get("stdin", "")), cwd=top,
                    env={**os.environ, **case.get("env", {})}, check_result="result" in case)
    return done, hives.snapshot(top) != before


@pytest.mark.parametrize("case", CASES)
def test_case(case, tmp_path):
    done, wrote = go(case, tmp_path)
    assert done.code == case["exit"], done.out
    if "result" in case:
        assert not differences(case["result"], done.result)
    if "text" in case:
        assert re.fullmatch(case["text"], done.out.decode(), re.DOTALL)
    if "stderr" in case:
        assert re.fullmatch(case["stderr"], done.err.decode().replace("\r\n", "\n"), re.DOTALL)
    elif done.code != 2:
        assert done.err == b""
    assert wrote == case.get("writes", False), "files changed" if wrote else "no file changed"


REQUESTS = [case for case in CASES if is_request(case.values[0].get("stdin"))]


@pytest.mark.parametrize("case", REQUESTS)
def test_the_published_schema_says_of_the_request_what_the_program_says(case):
    error = case.get("result", {}).get("error", {})
    legal = case.get("schema", error.get("kind") != "invalid")
    assert tool.validator("request").is_valid(case["stdin"]) == legal
