# SPDX-License-Identifier: MIT
"""A minion without a master, made once for all tests, with our modules and the program under test. Under Wine the
minion is still one of Linux: what it starts is a script that hands its arguments to the emulator."""

import os
import shlex
import subprocess

import pytest
from salt_minion import VENV, Minion
from support import hives, tool


# Wine does not start a program now and then, once in thousands of times: then it is started again.
WINE_SCRIPT = """#!/bin/sh
request=$(cat)
for attempt in 1 2 3; do
    answer=$(printf '%s' "$request" | PROGRAM "$@")
    code=$?
    case $answer in '{'*) break ;; esac
done
printf '%s\\n' "$answer"
exit $code
"""


def start_wine():
    """Salt reads what it starts until all who hold its output have ended. So Wine's server and services, which do not
    end, must be there before."""
    os.environ.setdefault("WINEDEBUG", "-all")
    for command in (["wineserver", "-p"], tool.command("version")):
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       start_new_session=True, timeout=tool.TIMEOUT, check=False)


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """What the minion is told to start."""
    if not (VENV / "salt-call").is_file():
        pytest.skip("there is no Salt in build/venv-salt; tests/setup/salt.sh makes it")
    if not tool.PREFIX:
        return tool.PROGRAM
    start_wine()
    script = tmp_path_factory.mktemp("program") / "mapihttp"
    script.write_text(WINE_SCRIPT.replace("PROGRAM", shlex.join(tool.command())), encoding="utf-8")
    script.chmod(0o755)
    return script


@pytest.fixture(scope="session")
def minion(program, tmp_path_factory):
    """The minion that most tests share."""
    shared = Minion(tmp_path_factory.mktemp("minion"), mapihttp={"binary": str(program)})
    shared.call("saltutil.sync_all")
    yield shared
    shared.close()


@pytest.fixture
def new_minion(program, tmp_path):
    """Makes a minion with a configuration of its own."""
    made = []

    def make(**options):
        made.append(Minion(tmp_path / f"minion{len(made)}", **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def store(tmp_path):
    """A store with three profiles: ann is turned off, bob is not, chau has nothing there."""
    return hives.store(tmp_path / "profiles", {
        "ann": hives.user(hives.dword(1)), "bob": hives.user(hives.dword(0)), "chau": hives.user()})
